import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import { noValue } from '../formats/number-text.ts'
import { axisStyle, measureAxis, measureFormat, measureScale } from './axes.ts'
import { axisDomain } from './axis-domain.ts'
import { axisRoom, bandAxis } from './band-axis.ts'
import { barWidth } from './bar-width.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { checkLengths, checkStack } from './design-checks.ts'
import { timeTooltip, writeTimes } from './dimension-axis.ts'
import { greatestOf } from './extent.ts'
import { checkLabelRoom, hasLabels, labelPoints, markLabels } from './mark-labels.ts'
import { mirrorAxis } from './mirror-axis.ts'
import { numberExpression, tooltipFormat } from './number-expression.ts'
import { periodMeasure } from './period-measure.ts'
import type { SeriesData } from './series.ts'
import { seriesColors, seriesLegend, singleColor } from './series-color.ts'
import type { Spec } from './spec.ts'
import { type StackOffset, stackOffset } from './stack-offset.ts'
import { hasTotals, stackTotals } from './stack-totals.ts'
import { borderSpec, strokeSpec } from './stroke-spec.ts'

type BarChart = ChartOf<'bar'>

/** Pixels that a number in a part of a stack takes of its height. */
const labelLine = 14

/** Pixels of a bar whose colour can still be told. */
const narrowest = 2

/** Categories lie down, so that their names can be read; time and numbers stand. */
const isHorizontalBar = (chart: BarChart, data: SeriesData): boolean => {
  const orientation = chart.style?.orientation ?? 'auto'
  return orientation === 'auto' ? data.xKind === 'category' : orientation === 'horizontal'
}

/** Bars of one place stand side by side unless asked to be stacked: they need not be parts of a whole. */
const barStack = (chart: BarChart, data: SeriesData): StackOffset => {
  if (chart.y_start !== undefined || data.series.length < 2 || isColoredByX(chart)) return null
  return stackOffset(chart.style?.stack, null)
}

/** Whether no place has bars of two colours, so that each can have the whole width of its place. */
const isOnePerPlace = ({ points }: SeriesData): boolean =>
  new Set(points.map(({ x, panelRow, panelColumn }) => JSON.stringify([x, panelRow, panelColumn]))).size === points.length

export const isColoredByX = (chart: { x?: string | undefined; color?: string | undefined }): boolean =>
  chart.color !== undefined && chart.color === chart.x

/** @returns the parts of a view: data, encoding and layers. */
export function barSpec(chart: BarChart, data: SeriesData, context: ChartContext, room: Room): Spec {
  const isHorizontal = isHorizontalBar(chart, data)
  const stack = barStack(chart, data)
  checkStack(data, stack, context)
  const style = chart.style
  const overlap = barOverlap(style?.overlap)
  // Bars that lie wholly over each other need no places of their own.
  const isGrouped = stack === null && data.series.length > 1 && !isColoredByX(chart) && !isOnePerPlace(data) && overlap < 1
  const measure = data.measures[0] as SeriesData['measures'][number]
  const format = data.isPeriod ? undefined : context.format(measureFormat(style), stack === 'normalize' ? undefined : measure, 'axis')
  const values = stackedValues(data, stack !== null)
  const plot = isHorizontal ? room.height - axisRoom : room.width - axisRoom
  const band = bandAxis(chart, data, context, { isHorizontal, plot, perBand: isGrouped ? data.series.length : 1 })

  if (isGrouped && band.thickness < narrowest)
    context.findings.add(
      'CHART_TOO_SMALL',
      `${data.series.length} bars stand side by side at ${band.domain.length} places, each ${band.thickness.toFixed(1)} pixels wide; stacked, they have room.`,
    )

  const dimension = {
    field: 'x',
    type: 'ordinal',
    sort: null,
    scale: { domain: band.domain, paddingInner: band.padding, paddingOuter: band.padding / 2 },
    // Bars that go both ways start from the line of zero, and no other looks like it.
    axis: values.some((value) => value < 0) ? { domain: false, ...band.axis } : band.axis,
  }
  const yStyle = axisStyle(style, 'y', 'quantitative')
  if (chart.y_start === undefined) checkLengths(yStyle, context)
  const length = isHorizontal ? room.width - 120 : room.height - axisRoom
  // What is written at the ends of the bars takes room of the plot.
  const isTopped = stack === null ? hasLabels(style?.marks?.bar?.labels ?? style?.labels) : stack === 'zero' && hasTotals(style?.marks?.bar)
  const period = data.isPeriod ? periodMeasure(chart, data, context, yStyle, length) : undefined
  const axis =
    period?.axis ??
    measureAxis(yStyle, context, {
      format,
      values,
      title: chart.y_label ?? (chart.title === undefined && data.measures.length === 1 ? measureName(data) : null),
      room: length,
      isVertical: !isHorizontal,
      isNormalized: stack === 'normalize',
    })
  const quantity = {
    field: chart.y_start === undefined ? 'y' : 'y0',
    type: period === undefined ? 'quantitative' : 'temporal',
    stack,
    axis,
    scale: period?.scale ?? measureScale(yStyle, context, values, true, isTopped),
  }
  const bar = style?.marks?.bar
  const border = typeof bar?.border === 'object' ? bar.border : undefined
  const radius = bar?.radius ?? border?.radius ?? bar?.corner_radius ?? (stack === null && data.points.length <= 200 ? 3 : 0)
  const colors = data.series.length === 0 ? [] : seriesColors(data.series, data.color?.column.name, style?.color, context)
  const opacity = style?.marks?.bar?.opacity
  const [along, across] = isHorizontal ? (['y', 'x'] as const) : (['x', 'y'] as const)
  const encoding: Spec = {
    [along]: dimension,
    [across]: quantity,
    ...(chart.y_start !== undefined && { [`${across}2`]: { field: 'y' } }),
    ...(isGrouped && {
      [`${along}Offset`]: {
        field: 'series',
        sort: null,
        scale: { domain: data.series, paddingInner: style?.overlap === undefined ? 0.08 : Math.min(0.9, Math.max(0, -overlap)) },
      },
    }),
    ...(data.series.length > 0 && {
      color: {
        field: 'series',
        type: 'nominal',
        sort: null,
        scale: { domain: data.series, range: colors },
        legend: isColoredByX(chart) ? null : seriesLegend(style?.legend, data.series, room.width, { context, axis }),
      },
      order: { field: 'order', type: 'quantitative' },
    }),
    tooltip: [
      band.timeFormat === undefined ? { field: 'x', type: 'nominal', title: chart.x } : timeTooltip(data.x.column.name),
      ...(data.series.length > 0 ? [{ field: 'series', type: 'nominal', title: chart.color ?? 'series' }] : []),
      ...(period?.tooltip ?? [
        {
          field: 'y',
          type: 'quantitative',
          title: data.measures.length === 1 ? measure.column.name : 'value',
          format: tooltipFormat(format),
        },
      ]),
    ],
  }
  const mark = {
    type: 'bar',
    orient: isHorizontal ? 'horizontal' : 'vertical',
    ...(radius > 0 && { cornerRadiusEnd: Math.min(radius, band.thickness / 3) }),
    ...(data.series.length === 0 && { color: singleColor(style?.color, style?.marks?.bar, context) }),
    ...(opacity !== undefined && { opacity }),
    ...barWidth(bar, band.padding, isHorizontal, isGrouped ? overlap : 0),
    // A hair of the card between the parts of a stack keeps neighbours apart without the help of hue.
    ...(stack !== null && { stroke: context.theme.card, strokeWidth: 1 }),
    ...strokeSpec(bar?.stroke, context),
    ...borderSpec(bar?.border, context),
  }
  const labels = markLabels(style?.marks?.bar?.labels ?? style?.labels, context, {
    format,
    values,
    isHorizontal,
    ...(stack !== null && { stacked: { channel: across, quantity, least: leastLabelled(values, yStyle, { isHorizontal, length }) } }),
    expression: (labelFormat) =>
      period !== undefined
        ? 'datum.until'
        : numberExpression(labelFormat ?? format, Math.max(0, greatestOf(values.map(Math.abs))), 'datum.y'),
  })
  const shown = new Set<unknown>(band.domain)
  const written = period?.points ?? data.points
  const timed = band.timeFormat === undefined ? written : writeTimes(written, band.timeFormat)
  const points = timed.filter((point) => shown.has(point.x ?? noValue)).map((point) => ({ ...point, x: point.x ?? noValue }))
  const labelled = labelPoints(bar?.labels ?? style?.labels, points, context.bound.rows, context)
  if (stack === null && period === undefined)
    checkLabelRoom(bar?.labels ?? style?.labels, labelled, context, {
      room: isGrouped ? band.thickness : band.thickness / (1 - band.padding),
      isHorizontal,
      format,
    })
  const totals = stack === 'zero' ? stackTotals(points, bar?.total_label, context, { format, along: dimension, isHorizontal }) : undefined
  const view = {
    data: { values: labelled },
    encoding,
    layer: [{ mark }, ...(labels === undefined ? [] : [labels]), ...(totals === undefined ? [] : [totals])],
    note: band.note,
  }
  if (period !== undefined) return view
  return mirrorAxis(view, across, yStyle, context, {
    format,
    largest: stack === 'normalize' ? 1 : Math.max(0, greatestOf(values.map(Math.abs))),
  })
}

/** The share of their width that bars side by side lie over each other; below 0 it is a gap. */
function barOverlap(overlap: NonNullable<BarChart['style']>['overlap']): number {
  if (typeof overlap === 'number') return overlap
  if (overlap === true || overlap === 'full') return 1
  return overlap === 'partial' ? 0.25 : overlap === 'none' ? -0.08 : overlap === 'flush' ? 0 : -0.08
}

const measureName = (data: SeriesData): string => (data.measures[0] as SeriesData['measures'][number]).column.name.replaceAll('_', ' ')

/** The least part of a stack that a number fits into. */
function leastLabelled(
  values: readonly number[],
  style: ReturnType<typeof axisStyle>,
  { isHorizontal, length }: { readonly isHorizontal: boolean; readonly length: number },
): number {
  const { low, high } = axisDomain(style) ?? {}
  const most = Math.max(0, greatestOf(values.map(Math.abs)))
  const span = typeof high === 'number' ? high - (typeof low === 'number' ? low : 0) : most
  return Math.max(0.06 * most, isHorizontal ? 0 : (labelLine * span) / Math.max(1, length))
}

/** The heights that the axis must show: of stacks, those of their sums. */
function stackedValues({ points }: SeriesData, isStacked: boolean): number[] {
  if (!isStacked) return points.flatMap(({ y, y0 }) => [y, y0].filter((value) => value != null))
  const sums = new Map<string, number>()
  for (const { x, y, panelRow, panelColumn } of points) {
    const key = JSON.stringify([x, panelRow, panelColumn, (y ?? 0) < 0])
    sums.set(key, (sums.get(key) ?? 0) + (y ?? 0))
  }
  return [...sums.values()]
}
