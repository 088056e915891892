import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import { textWidth } from '../fonts/text-width.ts'
import { noValue } from '../formats/number-text.ts'
import { axisBase, axisStyle, axisTitle, measureAxis, measureScale } from './axes.ts'
import { namesCut } from './band-axis.ts'
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
import { labelSize } from './vega-config.ts'

/** @returns the parts of a view: data, encoding and layers. `isTurned`: the names of the dimension stand below each other. */
export function scatterSpec(chart: ChartOf<'scatter'>, data: SeriesData, context: ChartContext, room: Room, isTurned = false): Spec {
  const { style } = chart
  const measure = data.measures[0] as SeriesData['measures'][number]
  const format = context.format(
    axisStyle(style, 'y', 'quantitative').labels?.format ?? (data.xKind === 'number' ? undefined : style?.number_format),
    measure,
    'axis',
  )
  const { x, tooltip, points } = isTurned ? namesBelow(chart, data, context) : dimensionEncoding(chart, data, context, room)
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
    room: isTurned ? room.width - 140 : room.height - 56,
    isVertical: !isTurned,
  })
  const [along, across] = isTurned ? (['y', 'x'] as const) : (['x', 'y'] as const)
  const legendPlace = isTurned ? { context, axis: {} } : { context, axis }
  const asked = style?.marks?.point?.labels ?? style?.labels
  const largest = Math.max(0, greatestOf(values.map(Math.abs)))
  const labels = markLabels(asked, context, {
    format,
    values,
    isHorizontal: isTurned,
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
      [along]: x,
      [across]: {
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
          legend: seriesLegend(style?.legend, data.series, room.width, { ...legendPlace, ...(isShapeColored && { symbols }) }),
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
          legend: isShapeColored ? null : seriesLegend(style?.legend, shapes, room.width, legendPlace),
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
  return mirrorAxis(view, across, yStyle, context, { format, largest })
}

/** Names in row order, each with a line for its dots. */
function namesBelow(chart: ChartOf<'scatter'>, data: SeriesData, context: ChartContext): ReturnType<typeof dimensionEncoding> {
  const style = axisStyle(chart.style, 'x', 'band')
  const domain = [...new Set(data.points.map(({ x }) => x ?? noValue))]
  const limit = 220
  if (domain.some((name) => textWidth(String(name), { size: labelSize }) > limit))
    context.findings.add('TEXT_TRUNCATED', namesCut(data.x.column.name))
  return {
    x: {
      field: 'x',
      type: 'ordinal',
      sort: null,
      scale: { domain: style.scale?.x_reverse ? domain.toReversed() : domain },
      axis: {
        labelLimit: limit,
        labelOverlap: domain.length > 60,
        grid: true,
        title: axisTitle(style, chart.x_label ?? null),
        ...axisBase(style, context),
      },
    },
    tooltip: { field: 'x', type: 'nominal', title: data.x.column.name },
    points: data.points.map((point) => ({ ...point, x: point.x ?? noValue })),
  }
}

/** Below the title of the axis. */
const lowered = (legend: Spec | null): Spec | null => (legend === null ? null : { ...legend, offset: 36 })
