import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import { axisStyle, measureAxis, measureScale } from './axes.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { dimensionEncoding } from './dimension-axis.ts'
import { greatestOf } from './extent.ts'
import { labelPoints, markLabels } from './mark-labels.ts'
import { mirrorAxis } from './mirror-axis.ts'
import { numberExpression, tooltipFormat } from './number-expression.ts'
import { pointMark } from './point-mark.ts'
import type { SeriesData } from './series.ts'
import { amountLegend, gradientScale, type LegendSymbol, pointShapes, seriesColors, seriesLegend, singleColor } from './series-color.ts'
import { sizeNote } from './size-note.ts'
import type { Spec } from './spec.ts'

/** @returns the parts of a view: data, encoding and layers. */
export function scatterSpec(chart: ChartOf<'scatter'>, data: SeriesData, context: ChartContext, room: Room): Spec {
  const { style } = chart
  const measure = data.measures[0] as SeriesData['measures'][number]
  const format = context.format(
    axisStyle(style, 'y', 'quantitative').labels?.format ?? (data.xKind === 'number' ? undefined : style?.number_format),
    measure,
    'axis',
  )
  const { x, tooltip, points } = dimensionEncoding(chart, data, context, room)
  const values = data.points.flatMap(({ y }) => y ?? [])
  const yStyle = axisStyle(style, 'y', 'quantitative')
  const isSingle = data.series.length === 0
  const shapes = [...new Set(data.points.flatMap(({ shape }) => shape ?? []))]
  const symbols = shapes.map((_, index) => pointShapes[index % pointShapes.length] as LegendSymbol)
  // One legend tells colour and shape where both say the same.
  const isShapeColored = chart.shape !== undefined && chart.shape === data.color?.column.name
  const { opacity, size } = style?.marks?.point ?? {}
  const axis = measureAxis(yStyle, context, {
    format,
    values,
    title: chart.y_label ?? measure.column.name.replaceAll('_', ' '),
    room: room.height - 56,
    isVertical: true,
  })
  const asked = style?.marks?.point?.labels ?? style?.labels
  const largest = Math.max(0, greatestOf(values.map(Math.abs)))
  const labels = markLabels(asked, context, {
    format,
    values,
    isHorizontal: false,
    expression: (own) => numberExpression(own ?? format, largest, 'datum.y'),
  })
  const shown = points.filter((point) => point.x !== null && point.y !== null)
  const note =
    chart.size === undefined
      ? undefined
      : sizeNote(
          chart.size,
          shown.map((point) => point.size),
          undefined,
          style?.legend,
        )
  const view = {
    ...(note !== undefined && { note }),
    data: { values: labelPoints(asked, shown, context.bound.rows, context) },
    encoding: {
      x,
      y: {
        field: 'y',
        type: 'quantitative',
        scale: measureScale(yStyle, context, values, false),
        axis,
      },
      ...(!isSingle && {
        color: {
          field: 'series',
          type: 'nominal',
          sort: null,
          scale: { domain: data.series, range: seriesColors(data.series, data.color?.column.name, style?.color, context) },
          legend: seriesLegend(style?.legend, data.series, room.width, { context, axis, ...(isShapeColored && { symbols }) }),
        },
      }),
      ...(data.shade !== undefined && {
        color: {
          field: 'shade',
          type: 'quantitative',
          // The palest shades would not stand out from the card.
          scale: gradientScale(
            style?.color,
            data.points.flatMap(({ shade }) => shade ?? []),
            context,
            (context.theme.palettes.sequential ?? []).slice(2),
          ),
          legend: lowered(amountLegend(data.shade.column.name, room, style?.legend, context)),
        },
      }),
      ...(chart.size !== undefined && {
        size: {
          field: 'size',
          type: 'quantitative',
          scale: { range: [20, data.points.length > 200 ? 300 : 700], zero: true },
          legend: null,
        },
      }),
      ...(chart.shape !== undefined && {
        shape: {
          field: 'shape',
          type: 'nominal',
          sort: null,
          scale: { domain: shapes, range: symbols },
          legend: isShapeColored ? null : seriesLegend(style?.legend, shapes, room.width, { context, axis }),
        },
      }),
      tooltip: [
        tooltip,
        { field: 'y', type: 'quantitative', title: measure.column.name, format: tooltipFormat(format) },
        ...(isSingle ? [] : [{ field: 'series', type: 'nominal', title: chart.color ?? 'series' }]),
        ...(data.shade === undefined ? [] : [{ field: 'shade', type: 'quantitative', title: chart.color, format: ',.4~f' }]),
        ...(chart.size === undefined ? [] : [{ field: 'size', type: 'quantitative', title: chart.size, format: ',.4~f' }]),
      ],
    },
    layer: [
      {
        mark: {
          type: 'point',
          ...pointMark(style?.marks?.point, context),
          opacity: opacity ?? (data.points.length > 2000 ? 0.35 : 0.75),
          ...(chart.size === undefined && { size: size ?? (data.points.length > 2000 ? 14 : data.points.length > 300 ? 28 : 52) }),
          ...(isSingle && data.shade === undefined && { color: singleColor(style?.color, style?.marks?.point, context) }),
        },
      },
      ...(labels === undefined ? [] : [labels]),
    ],
  }
  return mirrorAxis(view, 'y', yStyle, context, { format, largest })
}

/** Below the title of the axis. */
const lowered = (legend: Spec | null): Spec | null => (legend === null ? null : { ...legend, offset: 36 })
