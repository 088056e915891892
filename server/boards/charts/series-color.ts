import type { CartesianStyle, PieStyle } from '../../../contracts/v1/board/style.ts'
import type { LegendStyle } from '../../../contracts/v1/board/style-axis.ts'
import { textWidth } from '../fonts/text-width.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { colorValues, slotKey } from './color-slots.ts'
import { greatestOf, leastOf } from './extent.ts'
import { fontSpec } from './font-spec.ts'
import type { Spec } from './spec.ts'
import { labelSize } from './vega-config.ts'

type ColorStyle = CartesianStyle['color'] | PieStyle['color']

/** The colour of a chart of one series. */
export function singleColor(style: ColorStyle, mark: { color?: string | undefined } | undefined, context: ChartContext): string {
  const palette = context.palette(style?.categorical?.single_series_palette, context.theme.category)
  return context.color(mark?.color ?? style?.static, palette[0] ?? context.theme.accent)
}

/** The colour of each series: the board's for the values of the column, then those of the palette in order. */
export function seriesColors(series: readonly string[], field: string | undefined, style: ColorStyle, context: ChartContext): string[] {
  const palette = context.palette(style?.categorical?.palette, context.theme.category)
  const shared = field === undefined ? undefined : context.colors.get(slotKey(field, style?.categorical?.palette))
  const known = new Map([...(shared ?? [])].map(([value, color]) => [value, context.onGround(color)] as const))
  const colors = colorValues(series, palette, known)
  if (series.length > palette.length) {
    context.findings.add('TOO_MANY_COLORS', `${series.length} series share ${palette.length} colours.`)
  }
  return series.map((name) => colors.get(name) as string)
}

/** What stands for a series in a legend: a piece of a line, a piece of a bar or an area, or a point of a shape. */
export type LegendSymbol = 'stroke' | (typeof pointShapes)[number]

/** Shapes of points in the order that they are given. */
export const pointShapes = [
  'circle',
  'square',
  'triangle-up',
  'cross',
  'diamond',
  'triangle-right',
  'triangle-down',
  'triangle-left',
] as const

/**
 * A legend above the plot in as many columns as fit, in a few rows. Null when the style turns it off.
 * @param symbols those of the series, or one for all; circles when there are none.
 */
export function seriesLegend(
  style: LegendStyle | undefined,
  series: readonly string[],
  room: number,
  { context, axis, symbols = [] }: { readonly context: ChartContext; readonly axis?: Spec; readonly symbols?: readonly LegendSymbol[] },
): Spec | null {
  const { visible = true, position = 'top', values, title } = typeof style === 'object' ? style : { visible: style ?? true }
  if (!visible || position === 'none') return null
  const shown = values?.map(String).filter((value) => series.includes(value))
  const isBeside = position !== 'top' && position !== 'bottom'
  const most = (typeof style === 'object' ? style.label?.max_width : undefined) ?? 180
  const longest = Math.max(0, ...series.map((name) => textWidth(name, { size: labelSize })))
  if (longest > most) context.findings.add('TEXT_TRUNCATED', 'Names are longer than the legend has room for.')
  const widest = Math.min(most, longest) + 32
  const columns = isBeside ? 1 : Math.max(1, Math.min(series.length, Math.floor(room / widest)))
  return {
    orient: position,
    direction: isBeside ? 'vertical' : 'horizontal',
    columns,
    // On a phone, names below each other are better than colours without a name.
    symbolLimit: isBeside ? 20 : columns * (columns < 3 ? 6 : 3),
    // A title of the axis stands between the legend and the plot.
    ...(axis?.title != null && axis.titleY !== undefined && { offset: 34 }),
    ...symbolSpec(symbols.length <= 1 || shown === undefined ? symbols : shown.map((name) => symbols[series.indexOf(name)] ?? 'circle')),
    title: typeof title === 'string' ? title : null,
    ...(shown !== undefined && { values: shown }),
    ...legendLook(style, context),
  }
}

const strokeLook = { symbolType: 'stroke', symbolStrokeWidth: 3, symbolSize: 140 }

/** One symbol for all series, or an expression that finds that of each by its place in the legend. */
function symbolSpec(symbols: readonly LegendSymbol[]): Spec {
  const kinds = new Set(symbols)
  if (kinds.size <= 1) return kinds.has('stroke') ? strokeLook : {}
  // Vega looks for the width that symbols need without saying for which.
  const each = (of: (symbol: LegendSymbol) => unknown, usual: string): Spec => ({
    value: { signal: `${JSON.stringify(symbols.map(of))}[datum.index] || ${usual}` },
  })
  const shape = each((symbol) => symbol, "'circle'")
  const strokeWidth = each((symbol) => (symbol === 'stroke' ? strokeLook.symbolStrokeWidth : 0), '0')
  return { symbolSize: 100, encoding: { symbols: { shape, strokeWidth } } }
}

/** What a style says of all kinds of legends alike. */
export function legendLook(style: LegendStyle | undefined, context: ChartContext): Spec {
  if (typeof style !== 'object') return {}
  const { direction, columns, label, title, symbol_limit: limit, symbol_shape: shape, symbol_fill: isFilled } = style
  return {
    ...(direction !== undefined && { direction, ...(direction === 'vertical' && { columns: 1 }) }),
    ...(columns !== undefined && columns > 0 && { columns }),
    ...(label !== undefined && {
      ...fontSpec(label.font, 'label', context),
      ...(label.padding !== undefined && { labelOffset: label.padding }),
      ...(label.max_width !== undefined && { labelLimit: label.max_width }),
    }),
    ...(typeof title === 'object' && {
      ...fontSpec(title.font, 'title', context),
      ...(title.padding !== undefined && { titlePadding: title.padding }),
      ...(title.visible === false && { title: null }),
    }),
    ...(limit !== undefined && { symbolLimit: limit }),
    ...(shape !== undefined && { symbolType: shape }),
    ...(isFilled === false && { symbolFillColor: 'transparent', symbolStrokeWidth: 1.5 }),
  }
}

/** A bar of the shades of an amount, above the plot. */
export function amountLegend(column: string, room: Room, style: LegendStyle | undefined, context: ChartContext): Spec | null {
  const { visible = true, position = 'top', title } = typeof style === 'object' ? style : { visible: style ?? true }
  if (!visible || position === 'none') return null
  const isBeside = position !== 'top' && position !== 'bottom'
  return {
    orient: position,
    direction: isBeside ? 'vertical' : 'horizontal',
    gradientLength: isBeside ? Math.min(180, room.height * 0.6) : Math.min(180, room.width / 2),
    gradientThickness: 8,
    gradientStrokeWidth: 0,
    title: title === false ? null : typeof title === 'string' ? title : column.replaceAll('_', ' '),
    titleOrient: isBeside ? 'top' : 'left',
    tickCount: 2,
    ...legendLook(style, context),
  }
}

/** Numbers as colours: the palette of the style, and the ends and the middle that it names. */
export function gradientScale(style: ColorStyle, values: readonly number[], context: ChartContext, usual: readonly string[]): Spec {
  const { palette, domain, min, max, hinge, arm_mode: arms, nice } = style?.gradient ?? {}
  const ends = typeof domain === 'object' ? domain : undefined
  const [least, most] = [leastOf(values), greatestOf(values)]
  const low = min ?? ends?.[0] ?? least
  const high = max ?? ends?.at(-1) ?? most
  const asked = ends?.length === 3 ? ends[1] : hinge
  const middle = asked === 'auto' ? (low + high) / 2 : asked
  const range = context.palette(palette, usual)
  const isBound = min !== undefined || max !== undefined || ends !== undefined
  const arm = middle === undefined ? 0 : Math.max(high - middle, middle - low)
  const isEven = arms === 'symmetric' || arms === 'shared'
  return {
    range,
    ...(middle !== undefined
      ? {
          domain: isEven ? [middle - arm, middle, middle + arm] : [low, middle, high],
          type: 'linear',
          range: thirds(range),
          interpolate: 'lab',
        }
      : isBound && { domain: [low, high] }),
    ...(nice !== undefined && { nice }),
  }
}

/** Ends and middle, which a scale with a middle takes. */
const thirds = (range: readonly string[]): readonly string[] => [range[0], range[Math.floor(range.length / 2)], range.at(-1)].map(String)
