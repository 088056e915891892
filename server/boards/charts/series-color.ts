import type { CartesianStyle, PieStyle } from '../../../contracts/v1/board/style.ts'
import { textWidth } from '../fonts/text-width.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { colorValues } from './color-slots.ts'
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
  const known = (field === undefined ? undefined : context.colors.get(field)) ?? new Map<string, string>()
  const colors = colorValues(series, palette, known)
  if (series.length > palette.length) {
    context.findings.add('TOO_MANY_COLORS', `${series.length} series share ${palette.length} colours.`)
  }
  return series.map((name) => colors.get(name) as string)
}

/** A legend above the plot in as many columns as fit, three rows at most. Null when the style turns it off. */
export function seriesLegend(
  style: CartesianStyle['legend'],
  series: readonly string[],
  room: number,
  { axis, isLine = false }: { readonly axis?: Spec; readonly isLine?: boolean } = {},
): Spec | null {
  const { visible = true, position = 'top', values, title } = typeof style === 'object' ? style : { visible: style ?? true }
  if (!visible || position === 'none') return null
  const isBeside = position === 'left' || position === 'right'
  const widest = Math.min(180, Math.max(0, ...series.map((name) => textWidth(name, { size: labelSize })))) + 32
  const columns = isBeside ? 1 : Math.max(1, Math.min(series.length, Math.floor(room / widest)))
  return {
    orient: position,
    direction: isBeside ? 'vertical' : 'horizontal',
    columns,
    symbolLimit: isBeside ? 20 : columns * 3,
    // A title of the axis stands between the legend and the plot.
    ...(axis?.title != null && axis.titleY !== undefined && { offset: 34 }),
    ...(isLine && { symbolType: 'stroke', symbolStrokeWidth: 3, symbolSize: 140 }),
    title: title === undefined || title === false ? null : title,
    ...(values !== undefined && { values }),
  }
}

/** A bar of the shades of an amount, above the plot. */
export const amountLegend = (column: string, room: Room): Spec => ({
  orient: 'top',
  direction: 'horizontal',
  gradientLength: Math.min(180, room.width / 2),
  gradientThickness: 8,
  gradientStrokeWidth: 0,
  title: column.replaceAll('_', ' '),
  titleOrient: 'left',
  tickCount: 2,
})
