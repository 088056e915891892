import { utcFormat } from 'd3-time-format'
import type { CartesianChart } from '../../../contracts/v1/board/charts.ts'
import { noValue } from '../formats/number-text.ts'
import { axisBase, axisStyle, axisTitle, levelLabels, measureAxis, measureScale } from './axes.ts'
import { axisDomain } from './axis-domain.ts'
import { namesCut } from './band-axis.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { checkDomain } from './design-checks.ts'
import { tooltipFormat } from './number-expression.ts'
import type { Point, SeriesData } from './series.ts'
import type { Spec } from './spec.ts'
import { timeAxis } from './time-axis.ts'
import { grainFormats, timeGrain } from './time-grain.ts'

/** The x of lines, areas and points: time and numbers on a continuous scale, categories in row order. */
export function dimensionEncoding(
  chart: CartesianChart,
  data: SeriesData,
  context: ChartContext,
  room: Room,
): { x: Spec; tooltip: Spec; points: readonly Point[] } {
  const kind = data.xKind === 'category' ? 'band' : 'quantitative'
  const style = axisStyle(chart.style, 'x', kind)
  const title = axisTitle(style, chart.x_label ?? (chart.type === 'scatter' ? data.x.column.name.replaceAll('_', ' ') : null))
  const plot = room.width - 56
  const name = data.x.column.name
  if (data.xKind === 'time') {
    const times = data.points.flatMap(({ x }) => (typeof x === 'number' ? [x] : []))
    const grain = timeGrain(times)
    const format = context.format(style.labels?.format ?? chart.style?.time_format, data.x, 'axis')
    const spec = format?.kind === 'time' ? format.spec : undefined
    const [first, last] = extent(times)
    const domain = axisDomain(style)
    checkDomain(style, times, context)
    const ticks = timeAxis([domain?.low ?? first, domain?.high ?? last], style, { grain, room: plot, spec })
    // Vega takes the ticks of one second for one tick: within a few of them time is a number.
    const isFine = grain === 'millisecond' && last - first < 10_000
    return {
      x: {
        field: 'x',
        type: isFine ? 'quantitative' : 'temporal',
        scale: {
          ...(isFine ? { type: 'linear', zero: false } : { type: 'utc' }),
          nice: style.scale?.nice ?? false,
          ...(domain?.low !== undefined && { domainMin: domain.low }),
          ...(domain?.high !== undefined && { domainMax: domain.high }),
          ...(style.scale?.padding !== undefined && { padding: style.scale.padding }),
          ...((style.scale?.x_reverse ?? domain?.isReversed) && { reverse: true }),
        },
        axis: { ...ticks, grid: false, domain: true, domainColor: context.theme.baseline, title, ...axisBase(style, context) },
      },
      tooltip: timeTooltip(name),
      points: writeTimes(data.points, spec ?? grainFormats[grain]),
    }
  }
  if (data.xKind === 'number') {
    const values = data.points.flatMap(({ x }) => (typeof x === 'number' ? [x] : []))
    const isYears = /year/i.test(name) && values.every((value) => Number.isInteger(value) && value > 1000 && value < 3000)
    const asked = context.format(
      style.labels?.format ?? (chart.type === 'scatter' ? chart.style?.number_format : undefined),
      data.x,
      'axis',
    )
    const format = asked ?? (isYears ? { kind: 'number' as const, spec: 'd' } : undefined)
    const scale = measureScale(style, context, values, false)
    return {
      x: {
        field: 'x',
        type: 'quantitative',
        scale: { ...scale, nice: scale.nice !== false && (style.scale?.nice ?? chart.type === 'scatter') },
        axis: {
          ...measureAxis({ ...style, title: undefined }, context, { format, values, title: null, room: plot, isVertical: false }),
          grid: chart.type === 'scatter',
          domain: true,
          domainColor: context.theme.baseline,
          ...axisBase(style, context),
          title,
        },
      },
      tooltip: { field: 'x', type: 'quantitative', title: name, format: tooltipFormat(format) },
      points: data.points,
    }
  }
  const domain = [...new Set(data.points.map(({ x }) => x ?? noValue))]
  const { axis, left, isCut } = levelLabels(domain.map(String), plot)
  if (isCut) context.findings.add('TEXT_TRUNCATED', namesCut(name))
  if (left > 0)
    context.findings.add('LABELS_COLLIDE', `${left} of ${domain.length} names on the axis ${left === 1 ? 'is' : 'are'} left out.`)
  return {
    x: {
      field: 'x',
      type: 'ordinal',
      sort: null,
      scale: { domain, ...(style.scale?.x_reverse && { reverse: true }) },
      axis: { ...axis, title, ...axisBase(style, context) },
    },
    tooltip: { field: 'x', type: 'nominal', title: name },
    points: data.points.map((point) => ({ ...point, x: point.x ?? noValue })),
  }
}

/** A date in a tooltip: Vega-Lite itself would write it in the zone of the reader. */
export const timeTooltip = (title: string): Spec => ({ field: 'at', type: 'nominal', title })

/** The text of a date beside its milliseconds, for the tooltip. */
export function writeTimes(points: readonly Point[], format: string): Point[] {
  const write = utcFormat(format)
  return points.map((point) => (typeof point.x === 'number' ? { ...point, at: write(new Date(point.x)) } : point))
}

export function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low > high ? [0, 0] : [low, high]
}
