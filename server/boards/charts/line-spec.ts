import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import type { MarkStyle } from '../../../contracts/v1/board/style-marks.ts'
import { axisStyle, measureAxis, measureFormat, measureScale } from './axes.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { checkLengths, checkStack } from './design-checks.ts'
import { dimensionEncoding, extent } from './dimension-axis.ts'
import { endpointLabels } from './endpoint-labels.ts'
import { greatestOf } from './extent.ts'
import { labelPoints, markLabels } from './mark-labels.ts'
import { mirrorAxis } from './mirror-axis.ts'
import { numberExpression, tooltipFormat } from './number-expression.ts'
import { pointMark } from './point-mark.ts'
import type { SeriesData } from './series.ts'
import { seriesColors, seriesLegend, singleColor } from './series-color.ts'
import type { Spec } from './spec.ts'
import { type StackOffset, stackOffset } from './stack-offset.ts'
import { strokeSpec } from './stroke-spec.ts'

type LineChart = ChartOf<'line' | 'area'>

/** Areas of one colour column stack; several measures lie over each other. */
function areaStack(chart: LineChart, data: SeriesData): StackOffset {
  if (chart.type === 'line' || data.series.length < 2) return null
  return stackOffset(chart.style?.stack, data.color === undefined ? null : 'zero')
}

/** @returns the parts of a view: data, encoding and layers. */
export function lineSpec(chart: LineChart, data: SeriesData, context: ChartContext, room: Room): Spec {
  const { style } = chart
  const measure = data.measures[0] as SeriesData['measures'][number]
  const stack = areaStack(chart, data)
  checkStack(data, stack, context, true)
  const format = context.format(measureFormat(style), stack === 'normalize' ? undefined : measure, 'axis')
  const values = data.points.flatMap(({ y }) => y ?? [])
  const yStyle = axisStyle(style, 'y', 'quantitative')
  if (chart.type === 'area') checkLengths(yStyle, context)
  const colors = seriesColors(data.series, data.color?.column.name, style?.color, context)
  const isSingle = data.series.length === 0
  const axis = measureAxis(yStyle, context, {
    format,
    values:
      stack === null
        ? values
        : [values.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, new Set(data.points.map((point) => point.x)).size)],
    title: chart.y_label ?? (chart.title === undefined && data.measures.length === 1 ? measure.column.name.replaceAll('_', ' ') : null),
    room: room.height - 56,
    isVertical: true,
    isNormalized: stack === 'normalize',
  })
  const scale = measureScale(yStyle, context, values, chart.type === 'area' || beginsAtZero(values))
  const ends = endpointLabels(chart, data, { colors, room, isReversed: scale.reverse === true, stack, context })
  const { x, tooltip, points } = dimensionEncoding(chart, data, context, { ...room, width: room.width - ends.width })
  const encoding: Spec = {
    x,
    y: {
      field: 'y',
      type: 'quantitative',
      stack,
      scale,
      axis,
    },
    ...(!isSingle && {
      color: {
        field: 'series',
        type: 'nominal',
        sort: null,
        scale: { domain: data.series, range: colors },
        legend:
          ends.layers.length > 0
            ? null
            : seriesLegend(style?.legend, data.series, room.width, {
                context,
                axis,
                ...(chart.type === 'line' && { symbols: ['stroke'] }),
              }),
      },
    }),
    ...(stack !== null && { order: { field: 'order', type: 'quantitative' } }),
    tooltip: [
      tooltip,
      ...(isSingle ? [] : [{ field: 'series', type: 'nominal', title: chart.color ?? 'series' }]),
      {
        field: 'y',
        type: 'quantitative',
        title: data.measures.length === 1 ? measure.column.name : 'value',
        format: tooltipFormat(format),
      },
    ],
  }
  const asked = style?.marks?.point?.labels ?? style?.marks?.line?.labels ?? style?.marks?.area?.labels ?? style?.labels
  const labels = markLabels(asked, context, {
    format,
    values,
    isHorizontal: false,
    expression: (labelFormat) => numberExpression(labelFormat ?? format, Math.max(0, greatestOf(values.map(Math.abs))), 'datum.y'),
  })
  const shown = points.filter((point) => point.x !== null)
  const view = {
    data: { values: labelPoints(asked, shown, context.bound.rows, context) },
    encoding,
    layer: [
      { mark: lineMark(chart, data, context, stack !== null) },
      ...lonePoints(chart, data, context),
      ...(labels === undefined ? [] : [labels]),
      ...ends.layers,
    ],
  }
  return mirrorAxis(view, 'y', yStyle, context, {
    format,
    largest: stack === 'normalize' ? 1 : Math.max(0, greatestOf(values.map(Math.abs))),
  })
}

function lineMark(chart: LineChart, data: SeriesData, context: ChartContext, isStacked: boolean): Spec {
  const marks = chart.style?.marks
  const isSingle = data.series.length === 0
  const [line, area] = [marks?.line, marks?.area]
  const interpolate = line?.interpolate ?? line?.curve ?? area?.interpolate ?? area?.curve ?? 'linear'
  const stroke = {
    ...(line?.width !== undefined && { strokeWidth: line.width }),
    ...(line?.dash !== undefined && { strokeDash: line.dash }),
    ...strokeSpec(line?.stroke, context),
  }
  const color = isSingle ? { color: singleColor(chart.style?.color, marks?.[chart.type] ?? marks?.line, context) } : {}
  if (chart.type === 'line') {
    return {
      type: 'line',
      interpolate,
      ...color,
      ...stroke,
      ...(line?.opacity !== undefined && { opacity: line.opacity }),
      ...(hasPoints(marks?.point) && { point: { ...pointMark(marks?.point, context, color), size: marks?.point?.size ?? 40 } }),
    }
  }
  const opacity = marks?.area?.opacity ?? (isStacked ? 0.85 : isSingle ? 0.16 : 0.12)
  const point = hasPoints(marks?.point) && { point: { ...pointMark(marks?.point, context, color), size: marks?.point?.size ?? 40 } }
  const edge = isStacked && line === undefined ? false : { strokeWidth: 2, ...color, ...stroke }
  return { type: 'area', interpolate, fillOpacity: opacity, ...color, line: edge, ...point }
}

/** Points are asked for by anything that is said of them. */
const hasPoints = (point: MarkStyle | undefined): boolean =>
  point !== undefined && (point.visible ?? (point.size !== 0 && Object.keys(point).some((key) => key !== 'labels')))

/** A value between two gaps has no line that would show it, so that it stands as a point. */
function lonePoints(chart: LineChart, data: SeriesData, context: ChartContext): Spec[] {
  const bySeries = Map.groupBy(data.points, ({ series, panelRow, panelColumn }) => JSON.stringify([series, panelRow, panelColumn]))
  const lone = new Set<number>()
  const place = ({ x }: { x: unknown }): number => (typeof x === 'number' ? x : 0)
  for (const points of bySeries.values()) {
    const sorted = data.xKind === 'category' ? points : points.toSorted((left, right) => place(left) - place(right))
    sorted.forEach((point, index) => {
      if (point.y !== null && sorted[index - 1]?.y == null && sorted[index + 1]?.y == null) lone.add(point.row)
    })
  }
  if (lone.size === 0) return []
  const color = data.series.length === 0 ? { color: singleColor(chart.style?.color, chart.style?.marks?.[chart.type], context) } : {}
  return [
    {
      transform: [{ filter: `indexof(${JSON.stringify([...lone])}, datum.row) >= 0` }],
      mark: { type: 'point', filled: true, size: 45, opacity: 1, ...color },
    },
  ]
}

/** A line may leave zero out, which shows change; when zero is near, it is shown. */
function beginsAtZero(values: readonly number[]): boolean {
  const [low, high] = extent(values)
  return low >= 0 ? low < 0.6 * high : high < 0
}
