import type { ConditionalFormatting } from '../../../contracts/v1/board/charts.ts'
import type { FontStyle } from '../../../contracts/v1/board/style-parts.ts'
import { toNumber, toTime } from '../formats/value-kind.ts'
import type { ChartContext } from './chart-context.ts'
import { fontWeight } from './font-spec.ts'
import { readableOn, solidOver } from './ground.ts'

/** How a value is shown besides its text. */
export interface CellLook {
  readonly background?: string
  readonly color?: string
  readonly weight?: number
  readonly italic?: boolean
  readonly underline?: boolean
  readonly glyph?: string
  readonly glyphColor?: string
}

type Rule = ConditionalFormatting[string]['when'][number]

/** The look of a value: that of the first rule which it fits. */
export function conditionalLook(rules: ConditionalFormatting[string] | undefined, value: unknown, context: ChartContext): CellLook {
  const rule = rules?.when?.find((each) => fits(each, value))
  if (rule === undefined) return {}
  const { background, font, glyph, glyph_color: glyphColor, tone } = rule
  const sign = glyphColor === undefined ? tone && context.theme.tones[tone].solid : context.color(glyphColor, context.theme.ink)
  return {
    ...(background !== undefined && groundLook(context.solid(background), context)),
    ...(font?.color !== undefined && {
      color: background === undefined ? context.ink(font.color, context.theme.ink) : context.color(font.color, context.theme.ink),
    }),
    ...(font?.weight !== undefined && { weight: fontWeight(font.weight as FontStyle['weight']) ?? 400 }),
    ...(font?.style === 'italic' && { italic: true }),
    ...(font?.decoration === 'underline' && { underline: true }),
    ...(glyph !== undefined && { glyph }),
    ...(sign !== undefined && { glyphColor: sign }),
  }
}

/** What a cell gets its colours from, the weakest first. */
export interface CellLayers {
  /** The colours of its column. */
  readonly column: { readonly background: string | undefined; readonly color: string | undefined }
  /** The ink of its value in a scale. */
  readonly tint: string | undefined
  /** The ground of its value in a scale, with the ink for it. */
  readonly shade: CellLook
  readonly rule: CellLook
}

/** The look of a cell. An ink stays on the ground that it came with; on any other it is made readable. */
export function layeredLook({ column, tint, shade, rule }: CellLayers, { theme }: ChartContext): CellLook {
  const own = rule.background ?? shade.background
  const ground = own ?? column.background
  const read = (color: string): string => (ground === undefined ? color : readableOn(solidOver(theme.card, ground), color))
  const isRuled = rule.background !== undefined
  const usual = own === undefined ? tint && read(tint) : ((isRuled ? undefined : shade.color) ?? read(tint ?? column.color ?? theme.ink))
  const color = rule.color === undefined ? usual : isRuled ? rule.color : read(rule.color)
  return {
    ...shade,
    ...rule,
    ...(color !== undefined && { color }),
    ...(rule.glyphColor !== undefined && !isRuled && { glyphColor: read(rule.glyphColor) }),
  }
}

/** A ground, and an ink where the usual one could not be read on it. */
export function groundLook(background: string, { theme }: ChartContext): { readonly background: string; readonly color?: string } {
  const color = readableOn(background, theme.ink)
  return { background, ...(color !== theme.ink && { color }) }
}

function fits(rule: Rule, value: unknown): boolean {
  if (rule.is_null !== undefined) return rule.is_null === (value === null)
  if (rule.default === true) return true
  if (value === null || value === undefined) return false
  const compare = (wanted: number | string | boolean): number | undefined => compareTo(value, wanted)
  if (rule.eq !== undefined) return compare(rule.eq) === 0
  if (rule.ne !== undefined) return compare(rule.ne) !== 0
  if (rule.in !== undefined) return rule.in.some((wanted) => compare(wanted) === 0)
  if (rule.between !== undefined) return (compare(rule.between[0]) ?? -1) >= 0 && (compare(rule.between[1]) ?? 1) <= 0
  if (rule.lt !== undefined) return (compare(rule.lt) ?? 0) < 0
  if (rule.lte !== undefined) return (compare(rule.lte) ?? 1) <= 0
  if (rule.gt !== undefined) return (compare(rule.gt) ?? 0) > 0
  if (rule.gte !== undefined) return (compare(rule.gte) ?? -1) >= 0
  return false
}

/** Less than, equal to or more than 0; undefined when the two cannot be compared. */
function compareTo(value: unknown, wanted: number | string | boolean): number | undefined {
  if (typeof wanted === 'number') {
    const number = toNumber(value)
    return number === undefined ? undefined : number - wanted
  }
  if (typeof wanted === 'boolean') return value === wanted ? 0 : undefined
  const [left, right] = [toTime(value), toTime(wanted)]
  if (left !== undefined && right !== undefined) return left - right
  const text = String(value)
  return text === wanted ? 0 : text < wanted ? -1 : 1
}
