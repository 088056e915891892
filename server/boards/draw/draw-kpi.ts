import type { KpiModel } from '../charts/kpi-model.ts'
import type { Theme } from '../charts/theme.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import { textWidth } from '../fonts/text-width.ts'
import type { Place } from './box.ts'
import { alignedX, textElement } from './svg.ts'

const valueFont = { size: 30, weight: 600 }
const labelFont = { size: 13, weight: 500 }
const supportFont = { size: 13, weight: 500 }
const smallest = 17

/** Height of what is in the card; compact and inline ones have one line of numbers. */
export const kpiHeight = ({ variant, label, support, fonts }: KpiModel): number =>
  (variant === 'inline' ? 40 : variant === 'compact' ? 46 : (label ? 22 : 0) + 38 + (support ? 24 : 0)) +
  Math.max(0, (fonts.value.size ?? valueFont.size) - valueFont.size)

export interface DrawnKpi {
  readonly svg: string
  /** Texts that had to be cut. */
  readonly cut: readonly string[]
}

/** Paints a KPI at the top of its place, where neighbours have their titles. */
export function drawKpi(model: KpiModel, place: Place, theme: Theme): DrawnKpi {
  const pen = new Pen(model, theme)
  if (model.variant === 'inline' && inlineWidth(model) <= place.width) drawInline(pen, place)
  else if (model.variant === 'compact') drawCompact(pen, place)
  else drawStacked(pen, place)
  return { svg: pen.parts.join(''), cut: pen.cut }
}

class Pen {
  readonly model: KpiModel
  readonly theme: Theme
  readonly parts: string[] = []
  readonly cut: string[] = []

  constructor(model: KpiModel, theme: Theme) {
    this.model = model
    this.theme = theme
  }

  write(
    text: string,
    x: number,
    y: number,
    room: number,
    style: { size: number; weight: number; color: string; align?: 'left' | 'center' | 'right' },
  ): void {
    const shown = ellipsize(text, room, style)
    if (shown !== text) this.cut.push(text)
    this.parts.push(textElement(shown, x, y, style))
  }

  value(x: number, y: number, room: number, size: number, align: 'left' | 'center' | 'right'): void {
    const { value, look, fonts } = this.model
    const style = { ...valueFont, ...fonts.value, size, color: look.color ?? this.theme.ink, align }
    const weighted = look.weight === undefined ? style : { ...style, weight: look.weight }
    if (look.glyph === undefined) {
      this.write(value, x, y, room, weighted)
      return
    }
    const color = look.glyphColor ?? weighted.color
    const sign = { ...weighted, ...fonts.glyph, size: Math.min(size, fonts.glyph.size ?? size), color, align: 'left' as const }
    const gap = size * 0.25
    const before = textWidth(look.glyph, sign) + gap
    const total = before + Math.min(room - before, textWidth(value, weighted))
    const left = align === 'left' ? x : align === 'right' ? x - total : x - total / 2
    this.parts.push(textElement(look.glyph, left, y, sign))
    this.write(value, left + before, y, room - before, { ...weighted, align: 'left' })
  }

  /** The number of the support in its tone, then its label in a muted ink. */
  support(x: number, y: number, room: number, align: 'left' | 'center' | 'right'): void {
    const { support } = this.model
    if (support === undefined) return
    const gap = support.text === '' || support.label === '' ? 0 : 6
    const own = this.model.fonts.support
    const [strong, plain] = [
      { ...supportFont, ...own },
      { size: 13, ...own },
    ]
    const first = textWidth(support.text, strong)
    const label = ellipsize(support.label, Math.max(0, room - first - gap), plain)
    if (label !== support.label) this.cut.push(support.label)
    const total = first + gap + textWidth(label, plain)
    const left = align === 'left' ? x : align === 'right' ? x - total : x - total / 2
    const tone = support.tone === 'neutral' ? this.theme.ink : this.theme.tones[support.tone].text
    const isToned = support.tone !== 'neutral' || own.color === undefined
    if (support.text !== '') this.parts.push(textElement(support.text, left, y, { ...strong, color: isToned ? tone : (own.color ?? tone) }))
    if (label !== '') this.parts.push(textElement(label, left + first + gap, y, { ...plain, color: own.color ?? this.theme.muted }))
  }
}

function drawStacked(pen: Pen, place: Place): void {
  const { model, theme } = pen
  const x = alignedX(model.align, place.x, place.width)
  let y = place.y + Math.min(0, place.height - kpiHeight({ ...model, variant: 'stacked' })) / 2
  if (model.label) {
    pen.write(model.label, x, y + 14, place.width, { ...labelFont, color: theme.muted, ...model.fonts.label, align: model.align })
    y += 22
  }
  const size = fittingSize(model, place.width)
  const more = Math.max(0, size - valueFont.size)
  pen.value(x, y + 30 + more * 0.8, place.width, size, model.align)
  pen.support(x, y + 56 + more, place.width, model.align)
}

const inlineWidth = ({ value, label, support }: KpiModel): number =>
  textWidth(value, valueFont) +
  (label ? 14 + textWidth(label, labelFont) : 0) +
  (support ? 20 + textWidth(`${support.text} ${support.label}`, supportFont) : 0)

function drawInline(pen: Pen, place: Place): void {
  const { model, theme } = pen
  const baseline = place.y + Math.min(place.height, kpiHeight(model)) / 2 + 11
  let x = alignedX(model.align, place.x, place.width - inlineWidth(model))
  pen.value(x, baseline, place.width, valueFont.size, 'left')
  x += textWidth(model.value, valueFont) + 14
  if (model.label) {
    pen.write(model.label, x, baseline, place.x + place.width - x, { ...labelFont, color: theme.muted, ...model.fonts.label })
    x += textWidth(model.label, labelFont) + 20
  }
  pen.support(x, baseline, place.x + place.width - x, 'left')
}

/** The value at the left; label and support at its right, the lower one on the baseline of the value. */
function drawCompact(pen: Pen, place: Place): void {
  const { model, theme } = pen
  const baseline = place.y + Math.min(place.height, kpiHeight(model)) / 2 + 12
  const size = fittingSize(model, place.width * 0.6)
  pen.value(place.x, baseline, place.width * 0.6, size, 'left')
  const x = place.x + Math.min(place.width * 0.6, textWidth(model.value, { size, weight: valueFont.weight })) + 16
  const room = place.x + place.width - x
  if (model.label) {
    pen.write(model.label, x, model.support ? baseline - 20 : baseline, room, { ...labelFont, color: theme.muted, ...model.fonts.label })
    pen.support(x, baseline, room, 'left')
    return
  }
  const { support } = model
  if (support === undefined) return
  // A support that stands alone takes both lines.
  const tone = support.tone === 'neutral' ? theme.ink : theme.tones[support.tone].text
  if (support.text !== '') pen.write(support.text, x, baseline - 20, room, { ...supportFont, color: tone })
  if (support.label !== '') pen.write(support.label, x, baseline, room, { size: 13, weight: 400, color: theme.muted })
}

function fittingSize({ value, look, fonts }: KpiModel, room: number): number {
  const font = { ...valueFont, ...fonts.value }
  const width = textWidth(look.glyph === undefined ? value : `${look.glyph} ${value}`, font)
  return width <= room ? font.size : Math.max(Math.min(smallest, font.size), Math.floor((font.size * room) / width))
}
