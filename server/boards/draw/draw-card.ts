import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BorderStyle, FontStyle, SidesStyle, TitleStyle } from '../../../contracts/v1/board/style-parts.ts'
import type { ChartContext } from '../charts/chart-context.ts'
import { cleanText } from '../charts/chart-data.ts'
import { fontWeight } from '../charts/font-spec.ts'
import type { Theme } from '../charts/theme.ts'
import { wrapText } from '../fonts/fit-text.ts'
import { type Place, readSides, type Sides } from './box.ts'
import { alignedX, element, textElement } from './svg.ts'

const title = { size: 15, weight: 600, line: 21 }
const subtitle = { size: 13, weight: 400, line: 19 }

interface CardStyle {
  readonly background?: string | undefined
  readonly border?: BorderStyle | undefined
  readonly padding?: SidesStyle | undefined
  readonly opacity?: number | undefined
  readonly title?: TitleStyle | undefined
  readonly subtitle?: TitleStyle | undefined
}

type Line = { size: number; weight: number; line: number; italic?: boolean; align?: 'left' | 'center' | 'right' }

/** The frame of a chart: its room, its title and what is left for the drawing. */
export class Card {
  readonly #chart: Chart
  readonly #context: ChartContext
  readonly #padding: Sides

  constructor(context: ChartContext, padding = 20) {
    this.#chart = context.bound.chart
    this.#context = context
    this.#padding = readSides(this.#style.padding, padding)
  }

  get #style(): CardStyle {
    return (this.#chart.style as CardStyle | undefined) ?? {}
  }

  /** Height of everything but the drawing. */
  headHeight(width: number, note?: string): number {
    const { top, bottom } = this.#padding
    const head = this.#lines(width, note).reduce((sum, { font }) => sum + font.line, 0)
    return top + bottom + (head === 0 ? 0 : head + 12)
  }

  /** Where the drawing stands in a card. */
  inner({ x, y, width, height }: Place, note?: string): Place {
    const { top, right, left } = this.#padding
    const room = width - left - right
    const used = this.headHeight(width, note)
    const head = used - top - this.#padding.bottom
    return { x: x + left, y: y + top + head, width: Math.max(10, room), height: Math.max(10, height - used) }
  }

  draw(place: Place, { note, background }: { note?: string | undefined; background?: string | undefined } = {}): string {
    const { x, y, width } = place
    let baseline = y + this.#padding.top
    const lines = this.#lines(width, note).map(({ text, font, color }) => {
      baseline += font.line
      const { align = 'left' } = font
      const at = alignedX(align, x + this.#padding.left, width - this.#padding.left - this.#padding.right)
      return textElement(text, at, baseline - font.line * 0.26, { ...font, color, align })
    })
    return drawFrame(place, this.#context, this.#style, background) + lines.join('')
  }

  #lines(width: number, note: string | undefined): { text: string; font: Line; color: string }[] {
    const { theme, findings } = this.#context
    // The label of a KPI and the title of a callout are part of their drawing.
    if (this.#chart.type === 'kpi' || this.#chart.type === 'callout') return []
    const room = Math.max(20, width - this.#padding.left - this.#padding.right)
    const set = (text: string | undefined, font: Line, color: string): { text: string; font: Line; color: string }[] => {
      if (text === undefined || text.trim() === '') return []
      const lines = wrapText(cleanText(text).trim(), room, font, 2)
      if (lines.at(-1)?.endsWith('…') && !text.endsWith('…')) findings.add('TEXT_TRUNCATED', `"${text}" is longer than its two lines.`)
      return lines.map((line) => ({ text: line, font, color }))
    }
    const { title: head, subtitle: sub } = this.#style
    const subFont = sub?.font ?? head?.subtitle?.font
    const ink = (font: FontStyle | undefined, usual: string): string => this.#context.ink(font?.color, usual)
    return [
      ...(head?.visible === false ? [] : set(this.#chart.title, lineOf(title, head?.font), ink(head?.font, theme.ink))),
      ...(sub?.visible === false ? [] : set(this.#chart.subtitle, lineOf(subtitle, subFont), ink(subFont, theme.muted))),
      ...set(note, subtitle, theme.muted),
    ]
  }
}

/** A line of text as a font sets it. */
function lineOf(usual: typeof title, font: FontStyle | undefined): Line {
  const size = font?.size ?? usual.size
  return {
    size,
    weight: fontWeight(font?.weight) ?? usual.weight,
    line: usual.line + (size - usual.size) * 1.4,
    ...(font?.style === 'italic' && { italic: true }),
    ...(font?.align !== undefined && { align: font.align }),
  }
}

/** A rounded rectangle with a fine border. */
function drawFrame({ x, y, width, height }: Place, context: ChartContext, style: CardStyle, background?: string): string {
  const { theme } = context
  const border = typeof style.border === 'object' ? style.border : {}
  const named = typeof style.border === 'string' && style.border !== 'none' ? style.border : undefined
  const isPlain = style.border === false || style.border === 'none'
  const line = isPlain ? 0 : (border.width ?? 1)
  const fill = background ?? context.ground ?? context.color(style.background, theme.card)
  return element('rect', {
    x: x + line / 2,
    y: y + line / 2,
    width: Math.max(0, width - line),
    height: Math.max(0, height - line),
    rx: border.radius ?? theme.radius,
    fill,
    ...(line > 0 && {
      stroke: context.color(border.color ?? named, theme.border),
      'stroke-width': line,
      'stroke-dasharray': border.dash_array?.join(' '),
    }),
    'fill-opacity': style.opacity,
  })
}

/** Words in place of a drawing: why there is none. */
export function drawMessage(
  place: Place,
  theme: Theme,
  { heading, text, tone }: { heading: string; text: string; tone: 'negative' | 'neutral' },
): string {
  const colors = theme.tones[tone]
  const room = Math.max(40, Math.min(460, place.width - 24))
  const lines = wrapText(text, room, { size: 12 }, Math.max(1, Math.floor((place.height - 24) / 17)))
  const total = 20 + lines.length * 17
  const [middle, top] = [place.x + place.width / 2, place.y + Math.max(0, (place.height - total) / 2)]
  return (
    textElement(heading, middle, top + 14, { size: 13, weight: 600, color: colors.text, align: 'center' }) +
    lines.map((line, index) => textElement(line, middle, top + 36 + index * 17, { size: 12, color: theme.muted, align: 'center' })).join('')
  )
}
