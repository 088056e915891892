import type { CartesianChart } from '../../../contracts/v1/board/charts.ts'
import type { Rows } from '../compiled-board.ts'
import { toNumber, toTime } from '../formats/value-kind.ts'
import { measureAxis, measureScale } from './axes.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { categoryText, columnLabel, findColumn, findMeasure } from './chart-data.ts'
import { tooltipFormat } from './number-expression.ts'
import type { SeriesData } from './series.ts'
import type { Spec } from './spec.ts'

/**
 * Lays further measures over a chart, each with its own mark, on the axis of the chart or on one of its own at the right.
 * They read the rows of the chart; a layer with a query of its own is not drawn.
 */
export function layerSpecs(chart: CartesianChart, data: SeriesData, view: Spec, rows: Rows, context: ChartContext, room: Room): Spec {
  const base = view.encoding as Record<string, Spec>
  const isHorizontal = base.x?.field !== 'x'
  const layers: Spec[] = []
  const names: string[] = [chart.y_label ?? columnLabel(data.measures[0]?.column.name ?? '')]
  const colors: string[] = [context.theme.category[0] as string]
  let hasRight = false
  for (const [index, layer] of (chart.layers ?? []).entries()) {
    if (layer.query !== undefined) {
      context.findings.add('STYLE_NOT_APPLIED', `layers[${index}].query is not read: a layer shows rows of the query of its chart.`)
      continue
    }
    const measure = findMeasure(rows, layer.y, `layers[${index}].y`, context.findings)
    const dimension = layer.x === undefined ? data.x : findColumn(rows, layer.x, `layers[${index}].x`, context.findings)
    if (measure === undefined || dimension === undefined) continue
    const isRight = layer.axis_y?.position === 'right'
    hasRight ||= isRight
    const name = layer.label ?? columnLabel(layer.y)
    const mark = layer.style?.marks?.[layer.type === 'scatter' ? 'point' : layer.type]
    const color = context.color(
      layer.color ?? mark?.color ?? layer.style?.color?.static,
      context.theme.category[(index + 1) % context.theme.category.length] as string,
    )
    names.push(name)
    colors.push(color)
    const format = context.format(layer.style?.number_format ?? layer.axis_y?.labels?.format, measure, 'axis')
    const values = measure.values.flatMap((value) => toNumber(value) ?? [])
    const points = dimension.values.map((value, row) => ({
      x: data.xKind === 'time' ? (toTime(value) ?? null) : data.xKind === 'number' ? (toNumber(value) ?? null) : categoryText(value),
      y: toNumber(measure.values[row]) ?? null,
      layer: name,
      row,
    }))
    const axis = isRight
      ? {
          ...measureAxis(layer.axis_y ?? {}, context, { format, values, title: null, room: room.height - 56, isVertical: true }),
          orient: 'right',
          grid: false,
        }
      : null
    const quantity = {
      field: 'y',
      type: 'quantitative',
      stack: null,
      // The measures of one axis share its scale; what only one of them says would be heard for all.
      ...(isRight ? { axis, scale: measureScale(layer.axis_y ?? {}, context, values, true) } : {}),
    }
    const dimensionChannel = isHorizontal ? base.y : base.x
    layers.push({
      data: { values: points.filter((point) => point.x !== null) },
      mark: layerMark(layer.type, mark),
      encoding: {
        [isHorizontal ? 'y' : 'x']: dimensionChannel,
        [isHorizontal ? 'x' : 'y']: quantity,
        color: { datum: name, type: 'nominal' },
        tooltip: [{ field: 'y', type: 'quantitative', title: name, format: tooltipFormat(format) }],
      },
    })
  }
  const isSingle = data.series.length === 0
  const scale = { domain: names, range: colors }
  const legend = { orient: 'top', direction: 'horizontal', title: null, symbolType: 'circle' }
  const main: Spec = {
    data: view.data,
    encoding: isSingle ? { ...base, color: { datum: names[0], type: 'nominal', scale, legend } } : base,
    layer: isSingle
      ? (view.layer as { mark: Spec }[]).map(({ mark: { color: _color, ...mark }, ...rest }) => ({ ...rest, mark }))
      : view.layer,
  }
  return {
    layer: [main, ...layers],
    ...(hasRight && { resolve: { scale: { [isHorizontal ? 'x' : 'y']: 'independent' } } }),
    ...(view.note !== undefined && { note: view.note }),
  }
}

function layerMark(
  type: 'bar' | 'line' | 'area' | 'scatter',
  mark:
    | {
        interpolate?: string | undefined
        width?: number | undefined
        dash?: number[] | undefined
        opacity?: number | undefined
        size?: number | undefined
      }
    | undefined,
): Spec {
  const stroke = {
    ...(mark?.interpolate !== undefined && { interpolate: mark.interpolate }),
    ...(mark?.width !== undefined && { strokeWidth: mark.width }),
    ...(mark?.dash !== undefined && { strokeDash: mark.dash }),
  }
  const opacity = mark?.opacity === undefined ? {} : { opacity: mark.opacity }
  if (type === 'scatter') return { type: 'point', filled: true, size: mark?.size ?? 52, ...opacity }
  if (type === 'line') return { type: 'line', ...stroke, ...opacity }
  if (type === 'area') return { type: 'area', fillOpacity: mark?.opacity ?? 0.16, line: stroke }
  return { type: 'bar', ...opacity }
}
