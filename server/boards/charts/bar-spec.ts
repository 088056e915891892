import { utcFormat } from 'd3-time-format'
import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import { textWidth } from '../fonts/text-width.ts'
import { noValue } from '../formats/number-text.ts'
import { axisBase, axisStyle, axisTitle, levelLabels, measureAxis, measureScale, tickAxis } from './axes.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { timeTooltip, writeTimes } from './dimension-axis.ts'
import { hasLabels, markLabels } from './mark-labels.ts'
import { numberExpression, tooltipFormat } from './number-expression.ts'
import type { Point, SeriesData } from './series.ts'
import { seriesColors, seriesLegend, singleColor } from './series-color.ts'
import type { Spec } from './spec.ts'
import { grainFormats, timeGrain, timeSteps } from './time-grain.ts'
import { timeTicks } from './time-ticks.ts'
import { labelSize } from './vega-config.ts'

type BarChart = ChartOf<'bar'>

/** Bars are never thicker than this, however few they are. */
const thickest = { horizontal: 30, vertical: 64 }
/** Room that the name and the numbers of an axis take. */
const axisRoom = 56

/** Categories lie down, so that their names can be read; time and numbers stand. */
export const isHorizontalBar = (chart: BarChart, data: SeriesData): boolean => {
  const orientation = chart.style?.orientation ?? 'auto'
  return orientation === 'auto' ? data.xKind === 'category' : orientation === 'horizontal'
}

/** Several measures stand side by side unless asked to be stacked, since they need not be parts of a whole; colours stack. */
export const barStack = (chart: BarChart, data: SeriesData): 'zero' | 'normalize' | 'center' | null => {
  const { stack } = chart.style ?? {}
  if (chart.y_start !== undefined || data.series.length < 2 || isColoredByX(chart)) return null
  if (stack === undefined) return data.color === undefined ? null : 'zero'
  return stack === true ? 'zero' : stack === false || stack === 'none' ? null : stack
}

export const isColoredByX = (chart: { x?: string | undefined; color?: string | undefined }): boolean =>
  chart.color !== undefined && chart.color === chart.x

/** @returns the parts of a view: data, encoding and layers. */
export function barSpec(chart: BarChart, data: SeriesData, context: ChartContext, room: Room): Spec {
  const isHorizontal = isHorizontalBar(chart, data)
  const stack = barStack(chart, data)
  const style = chart.style
  const isGrouped = stack === null && data.series.length > 1 && !isColoredByX(chart)
  const measure = data.measures[0] as SeriesData['measures'][number]
  const format = context.format(style?.number_format, stack === 'normalize' ? undefined : measure, 'axis')
  const values = stackedValues(data, stack !== null)
  const plot = isHorizontal ? room.height - axisRoom : room.width - axisRoom
  const band = bandAxis(chart, data, context, { isHorizontal, plot, perBand: isGrouped ? data.series.length : 1 })

  const dimension = {
    field: 'x',
    type: 'ordinal',
    sort: null,
    scale: { domain: band.domain, paddingInner: band.padding, paddingOuter: band.padding / 2 },
    axis: band.axis,
  }
  const yStyle = axisStyle(style, 'y', 'quantitative')
  const axis = measureAxis(yStyle, context, {
    format,
    values,
    title: chart.y_label ?? (chart.title === undefined && data.measures.length === 1 ? measureName(data) : null),
    room: isHorizontal ? room.width - 120 : room.height - axisRoom,
    isVertical: !isHorizontal,
    isNormalized: stack === 'normalize',
  })
  const quantity = {
    field: chart.y_start === undefined ? 'y' : 'y0',
    type: 'quantitative',
    stack,
    axis,
    scale: measureScale(yStyle, context, values, true, stack === null && hasLabels(style?.marks?.bar?.labels ?? style?.labels)),
  }
  const radius = style?.marks?.bar?.radius ?? (stack === null && data.points.length <= 200 ? 3 : 0)
  const colors = data.series.length === 0 ? [] : seriesColors(data.series, data.color?.column.name, style?.color, context)
  const opacity = style?.marks?.bar?.opacity
  const [along, across] = isHorizontal ? (['y', 'x'] as const) : (['x', 'y'] as const)
  const encoding: Spec = {
    [along]: dimension,
    [across]: quantity,
    ...(chart.y_start !== undefined && { [`${across}2`]: { field: 'y' } }),
    ...(isGrouped && { [`${along}Offset`]: { field: 'series', sort: null, scale: { domain: data.series, paddingInner: 0.08 } } }),
    ...(data.series.length > 0 && {
      color: {
        field: 'series',
        type: 'nominal',
        sort: null,
        scale: { domain: data.series, range: colors },
        legend: isColoredByX(chart) ? null : seriesLegend(style?.legend, data.series, room.width, { axis }),
      },
      order: { field: 'order', type: 'quantitative' },
    }),
    tooltip: [
      band.timeFormat === undefined ? { field: 'x', type: 'nominal', title: chart.x } : timeTooltip(data.x.column.name),
      ...(data.series.length > 0 ? [{ field: 'series', type: 'nominal', title: chart.color ?? 'series' }] : []),
      { field: 'y', type: 'quantitative', title: measure.column.name, format: tooltipFormat(format) },
    ],
  }
  const mark = {
    type: 'bar',
    orient: isHorizontal ? 'horizontal' : 'vertical',
    ...(radius > 0 && { cornerRadiusEnd: Math.min(radius, band.thickness / 3) }),
    ...(data.series.length === 0 && { color: singleColor(style?.color, style?.marks?.bar, context) }),
    ...(opacity !== undefined && { opacity }),
    // A hair of the card between the parts of a stack keeps neighbours apart without the help of hue.
    ...(stack !== null && { stroke: context.theme.card, strokeWidth: 1 }),
  }
  const labels = markLabels(style?.marks?.bar?.labels ?? style?.labels, context, {
    format,
    values,
    isHorizontal,
    ...(stack !== null && { stacked: { channel: across, quantity } }),
    expression: (labelFormat) => numberExpression(labelFormat ?? format, Math.max(0, ...values.map(Math.abs)), 'datum.y'),
  })
  const shown = new Set<unknown>(band.domain)
  const timed = band.timeFormat === undefined ? data.points : writeTimes(data.points, band.timeFormat)
  const points = timed.filter((point) => shown.has(point.x ?? noValue)).map((point) => ({ ...point, x: point.x ?? noValue }))
  return {
    data: { values: points },
    encoding,
    layer: labels === undefined ? [{ mark }] : [{ mark }, labels],
    note: band.note,
  }
}

const measureName = (data: SeriesData): string => (data.measures[0] as SeriesData['measures'][number]).column.name.replaceAll('_', ' ')

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

interface Band {
  readonly domain: readonly (string | number)[]
  readonly axis: Spec
  readonly padding: number
  readonly thickness: number
  readonly timeFormat?: string
  /** Said under the title when not all is shown. */
  readonly note?: string
}

function bandAxis(
  chart: BarChart,
  data: SeriesData,
  context: ChartContext,
  { isHorizontal, plot, perBand }: { readonly isHorizontal: boolean; readonly plot: number; readonly perBand: number },
): Band {
  const style = axisStyle(chart.style, 'x', 'band')
  const base = { title: axisTitle(style, chart.x_label ?? null), ...axisBase(style, context) }
  const measured = (count: number): { padding: number; thickness: number } => {
    const step = plot / Math.max(1, count)
    const limit = (isHorizontal ? thickest.horizontal : thickest.vertical) * Math.sqrt(perBand)
    const padding = Math.min(0.9, Math.max(step < 4 ? 0.05 : perBand > 1 ? 0.22 : 0.28, 1 - limit / step))
    return { padding, thickness: (step * (1 - padding)) / perBand }
  }
  if (data.xKind === 'time') {
    const times = data.points.flatMap(({ x }) => (typeof x === 'number' ? [x] : []))
    const grain = timeGrain(times)
    const distinct = [...new Set(times)].sort((left, right) => left - right)
    const domain = timeSteps(times, grain, Math.max(400, 3 * distinct.length)) ?? distinct
    const format = context.format(style.labels?.format ?? chart.style?.time_format, data.x, 'axis')
    const spec = format?.kind === 'time' ? format.spec : undefined
    const bounds = [domain[0] ?? 0, domain.at(-1) ?? 0] as const
    const ticks = isHorizontal
      ? domain
          .map((value) => ({ value, label: utcFormat(spec ?? grainFormats[grain])(new Date(value)) }))
          .filter((_, index) => index % Math.ceil(16 / (plot / domain.length)) === 0)
      : timeTicks(bounds, {
          grain,
          room: plot,
          ...(spec !== undefined && { spec }),
          ...(style.ticks?.count !== undefined && { most: style.ticks.count }),
        })
    const present = new Set(domain)
    const axis = { ...tickAxis(ticks.filter(({ value }) => present.has(value))), labelAngle: 0, ...base }
    return { domain, axis, ...measured(domain.length), timeFormat: spec ?? grainFormats[grain] }
  }
  const ordered = isHorizontal && chart.sort === undefined && data.xKind === 'category' ? byTotal(data) : categoryKeys(data)
  const most = Math.max(12, Math.floor(plot / (isHorizontal ? 13 : 3)))
  const domain = ordered.slice(0, most)
  const isCut = domain.length < ordered.length
  if (isCut || ordered.length > (isHorizontal ? 50 : 60)) {
    context.findings.add(
      'TOO_MANY_CATEGORIES',
      `"${data.x.column.name}" has ${ordered.length} values${isCut ? `; the first ${domain.length} are drawn` : ''}.`,
    )
  }
  const names = domain.map(String)
  const sizes = measured(domain.length)
  const note = isCut ? `First ${domain.length} of ${ordered.length}` : undefined
  if (isHorizontal) {
    const limit = Math.min(220, Math.max(60, plot * 2))
    const isNarrow = names.some((name) => textWidth(name, { size: labelSize }) > limit)
    if (isNarrow) context.findings.add('TEXT_TRUNCATED', `Names of "${data.x.column.name}" are longer than the axis has room for.`)
    return { domain, axis: { labelLimit: limit, labelOverlap: false, ...base }, ...sizes, ...(note !== undefined && { note }) }
  }
  const { axis, left } = levelLabels(names, plot)
  if (left > 0) context.findings.add('LABELS_COLLIDE', `${left} of ${names.length} names on the axis are left out.`)
  return { domain, axis: { ...axis, ...base }, ...sizes, ...(note !== undefined && { note }) }
}

/** The keys of the axis in the order of the rows. */
const categoryKeys = (data: SeriesData): (string | number)[] => [...new Set(data.points.map(({ x }) => x ?? noValue))]

/** The largest first; equal ones stay in row order. */
function byTotal(data: SeriesData): (string | number)[] {
  const totals = new Map<Point['x'], number>()
  for (const { x, y } of data.points) totals.set(x ?? noValue, (totals.get(x ?? noValue) ?? 0) + (y ?? 0))
  return [...totals].sort(([, left], [, right]) => right - left).map(([x]) => x ?? noValue)
}
