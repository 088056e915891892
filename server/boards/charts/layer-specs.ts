import type { CartesianChart } from '../../../contracts/v1/board/charts.ts'
import type { CartesianStyle } from '../../../contracts/v1/board/style.ts'
import type { Rows } from '../compiled-board.ts'
import { noValue } from '../formats/number-text.ts'
import { toNumber } from '../formats/value-kind.ts'
import { axisStyle, measureAxis, measureScale } from './axes.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { columnLabel } from './chart-data.ts'
import { checkDomain } from './design-checks.ts'
import { greatestOf } from './extent.ts'
import { type LayerPoint, readLayer } from './layer-data.ts'
import { barOnLine, layerMark } from './layer-mark.ts'
import { hasLabels, markLabels } from './mark-labels.ts'
import { numberExpression, tooltipFormat } from './number-expression.ts'
import { safeTitle } from './safe-titles.ts'
import type { SeriesData } from './series.ts'
import { type LegendSymbol, seriesColors, seriesLegend } from './series-color.ts'
import type { Spec } from './spec.ts'

type Layer = NonNullable<CartesianChart['layers']>[number]

/** What all layers of a chart share while they are laid over it. */
interface Overlay {
  readonly names: string[]
  readonly colors: string[]
  readonly symbols: LegendSymbol[]
  readonly isHorizontal: boolean
  /** The scale of x as it is to be: with the values that only layers have. */
  readonly dimension: Spec
}

/**
 * Lays further measures over a chart, each with its own mark, on the axis of the chart or on one of its own at the right.
 * They read the rows of the chart, or those of a query of their own.
 */
export function layerSpecs(chart: CartesianChart, data: SeriesData, view: Spec, rows: Rows, context: ChartContext, room: Room): Spec {
  const base = view.encoding as Record<string, Spec>
  const isHorizontal = base.x?.field !== 'x'
  const isSingle = data.series.length === 0
  const read = (chart.layers ?? []).flatMap((layer, index) => {
    const own = context.bound.layers?.[index]
    if (layer.query !== undefined && own === undefined) return []
    const found = readLayer(layer, own ?? rows, chart, data, `layers[${index}]`, context)
    return found === undefined ? [] : [{ layer, ...found }]
  })
  const along = isHorizontal ? 'y' : 'x'
  const palette = context.palette(chart.style?.color?.categorical?.palette, context.theme.category)
  const baseColors = isSingle ? [palette[0] as string] : (((base.color?.scale as Spec | undefined)?.range as string[] | undefined) ?? [])
  const overlay: Overlay = {
    names: isSingle ? [safeTitle(chart.y_label ?? columnLabel(data.measures[0]?.column.name ?? ''))] : [...data.series],
    colors: [...baseColors],
    symbols: (isSingle ? [''] : data.series).map(() => symbolOf(chart.type)),
    isHorizontal,
    dimension: padded(
      widened(
        base[along] as Spec,
        read.flatMap(({ points }) => points),
      ),
      read.flatMap(({ layer, points }) => (layer.type === 'bar' ? [points] : [])),
      room,
    ),
  }
  for (const { layer, name, series } of read) addColors(layer, name, series, chart, overlay, context)
  const isRight = ({ layer }: (typeof read)[number]): boolean => layer.axis_y?.position === 'right'
  const viewsOf = (chosen: typeof read): Spec[] => chosen.flatMap((one) => layerViews(one, overlay, context, room))
  // A line would be lost behind what is filled.
  const isBelow = ({ layer }: (typeof read)[number]): boolean =>
    (chart.type === 'line' || chart.type === 'scatter') && (layer.type === 'bar' || layer.type === 'area')
  const sorted = [...read.filter(isBelow), ...read.filter((one) => !isBelow(one))]
  const below = viewsOf(read.filter((one) => !isRight(one) && isBelow(one)))
  const above = viewsOf(read.filter((one) => !isRight(one) && !isBelow(one)))
  const right = viewsOf(sorted.filter(isRight))
  const isRightBelow = read.some((one) => isRight(one) && isBelow(one))
  const across = isHorizontal ? 'x' : 'y'
  const color = {
    ...(isSingle ? { datum: overlay.names[0] } : base.color),
    type: 'nominal',
    scale: { domain: overlay.names, range: overlay.colors },
    legend: seriesLegend(chart.style?.legend, overlay.names, room.width, {
      context,
      axis: base[across]?.axis as Spec,
      symbols: overlay.symbols,
    }),
  }
  const main: Spec = {
    data: view.data,
    encoding: { ...base, [along]: overlay.dimension, ...(isRightBelow && { [across]: withGrid(base[across] as Spec) }), color },
    layer: isSingle
      ? (view.layer as { mark: Spec }[]).map(({ mark: { color: own, ...mark }, ...rest }) => ({
          ...rest,
          mark: mark.type === 'text' ? { ...mark, ...(own !== undefined && { color: own }) } : mark,
        }))
      : view.layer,
    ...(view.resolve !== undefined && { resolve: view.resolve }),
  }
  // Layers of one side share its scale.
  const left = [...below, main, ...above]
  const sides = [left.length === 1 ? main : { layer: left }, { layer: right }]
  return {
    layer: right.length === 0 ? left : isRightBelow ? sides.toReversed() : sides,
    ...(right.length > 0 && { resolve: { scale: { [across]: 'independent' } } }),
    ...(view.note !== undefined && { note: view.note }),
  }
}

/** Categories that only a layer has stand at the end of the axis. */
function widened(dimension: Spec, points: readonly LayerPoint[]): Spec {
  const scale = dimension.scale as Spec | undefined
  const domain = scale?.domain as readonly (string | number)[] | undefined
  if (dimension.type !== 'ordinal' || domain === undefined) return dimension
  const more = points.map(({ x }) => x ?? noValue).filter((x) => !domain.includes(x))
  return more.length === 0 ? dimension : { ...dimension, scale: { ...scale, domain: [...domain, ...new Set(more)] } }
}

/** Bars at the ends of a continuous axis stand within the plot. */
function padded(dimension: Spec, bars: readonly (readonly LayerPoint[])[], room: Room): Spec {
  if (dimension.type === 'ordinal' || bars.length === 0) return dimension
  const widest = greatestOf(bars.map((points) => barOnLine(placesOf(points), room)))
  return { ...dimension, scale: { padding: widest / 2 + 2, ...(dimension.scale as Spec | undefined) } }
}

/** Vega-Lite leaves the grid to the axis that comes first. */
const withGrid = (quantity: Spec): Spec => ({ ...quantity, axis: { grid: true, ...(quantity.axis as Spec | undefined) } })

const placesOf = (points: readonly LayerPoint[]): number => new Set(points.map(({ x }) => x)).size

/** A layer takes the next colours of the palette, unless it names one. */
function addColors(
  layer: Layer,
  name: string,
  series: readonly string[],
  chart: CartesianChart,
  { names, colors, symbols }: Overlay,
  context: ChartContext,
): void {
  const fresh = (series.length === 0 ? [name] : series).filter((each) => !names.includes(each))
  const palette = context.palette(
    layer.style?.color?.categorical?.palette ?? chart.style?.color?.categorical?.palette,
    context.theme.category,
  )
  const own = layer.style?.marks?.[markOf(layer)]?.color ?? layer.style?.color?.static ?? colorOf(layer, series)
  const usual =
    series.length === 0
      ? [palette[names.length % palette.length] as string]
      : seriesColors(fresh, layer.color, layer.style?.color ?? chart.style?.color, context)
  for (const [index, each] of fresh.entries()) {
    names.push(each)
    // Steps that are not joined are filled marks, and a stroke would have no colour.
    symbols.push(layer.style?.marks?.line?.connect === false ? 'square' : symbolOf(layer.type))
    colors.push(context.color(own, usual[index] as string))
  }
}

/** `color` of a layer names a column; where there is none of that name, it is a colour. */
const colorOf = ({ color }: Layer, series: readonly string[]): string | undefined => (series.length === 0 ? color : undefined)

const symbolOf = (type: CartesianChart['type']): LegendSymbol => (type === 'line' ? 'stroke' : type === 'scatter' ? 'circle' : 'square')

const markOf = ({ type }: Layer): 'bar' | 'line' | 'area' | 'point' => (type === 'scatter' ? 'point' : type)

function layerViews(
  { layer, name, series, points, measure }: { readonly layer: Layer } & NonNullable<ReturnType<typeof readLayer>>,
  { isHorizontal, dimension }: Overlay,
  context: ChartContext,
  room: Room,
): Spec[] {
  const format = context.format(layer.axis_y?.labels?.format ?? layer.style?.number_format, measure, 'axis')
  const values = measure.values.flatMap((value) => toNumber(value) ?? [])
  const isRight = layer.axis_y?.position === 'right'
  const axis = isRight
    ? {
        ...measureAxis(layer.axis_y ?? {}, context, { format, values, title: null, room: room.height - 56, isVertical: true }),
        orient: 'right',
        grid: (typeof layer.axis_y?.grid === 'object' ? layer.axis_y.grid.visible : layer.axis_y?.grid) ?? false,
      }
    : null
  if (!isRight) checkDomain(axisStyle(context.bound.chart.style as CartesianStyle | undefined, 'y', 'quantitative'), values, context)
  const quantity = {
    field: layer.y_start === undefined ? 'y' : 'y0',
    type: 'quantitative',
    stack: null,
    // The measures of one axis share its scale; what only one of them says would be heard for all.
    ...(isRight ? { axis, scale: measureScale(layer.axis_y ?? {}, context, values, true) } : {}),
  }
  const [along, across] = isHorizontal ? (['y', 'x'] as const) : (['x', 'y'] as const)
  const mark = layer.style?.marks?.[markOf(layer)]
  const asked = mark?.labels
  const labels = hasLabels(asked)
    ? markLabels(asked, context, {
        format,
        values,
        isHorizontal,
        expression: (own) => numberExpression(own ?? format, Math.max(0, greatestOf(values.map(Math.abs))), 'datum.y'),
      })
    : undefined
  const view = {
    data: { values: points },
    encoding: {
      [along]: dimension,
      [across]: quantity,
      ...(layer.y_start !== undefined && { [`${across}2`]: { field: 'y' } }),
      color: series.length === 0 ? { datum: name, type: 'nominal' } : { field: 'series', type: 'nominal' },
      tooltip: [
        ...(series.length === 0 ? [] : [{ field: 'series', type: 'nominal', title: columnLabel(layer.color ?? 'series') }]),
        { field: 'y', type: 'quantitative', title: name, format: tooltipFormat(format) },
      ],
    },
  }
  const drawn = { mark: layerMark(layer.type, mark, context, { isHorizontal, dimension, count: placesOf(points), room }) }
  return [{ ...view, layer: labels === undefined ? [drawn] : [drawn, labels] }]
}
