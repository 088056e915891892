import { utcFormat } from 'd3-time-format'
import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import type { AxisStyle } from '../../../contracts/v1/board/style-axis.ts'
import { axisBase, axisTitle } from './axes.ts'
import { axisDomain } from './axis-domain.ts'
import type { ChartContext } from './chart-context.ts'
import { extent } from './dimension-axis.ts'
import type { Point, SeriesData } from './series.ts'
import type { Spec } from './spec.ts'
import { timeAxis } from './time-axis.ts'
import { grainFormats, timeGrain } from './time-grain.ts'

/** A point with the texts of its begin and its end. */
export interface PeriodPoint extends Point {
  readonly from: string
  readonly until: string
}

/** The measure of bars that reach from one date to another: an axis of time, and their dates as texts. */
export function periodMeasure(
  chart: ChartOf<'bar'>,
  data: SeriesData,
  context: ChartContext,
  { time_unit: _, ticks, labels, ...rest }: Partial<AxisStyle>,
  room: number,
): { readonly axis: Spec; readonly scale: Spec; readonly points: readonly PeriodPoint[]; readonly tooltip: readonly Spec[] } {
  const [measure] = data.measures
  // Units of time are for the axis of x, and a finding says so.
  const style: Partial<AxisStyle> = {
    ...rest,
    ...(ticks !== undefined && { ticks: { ...ticks, time_unit: undefined } }),
    ...(labels !== undefined && { labels: { ...labels, time_unit: undefined, values: undefined } }),
  }
  const times = data.points.flatMap(({ y, y0 }) => [y, y0].filter((time) => time != null))
  const grain = timeGrain(times)
  const format = context.format(style.labels?.format ?? chart.style?.time_format, measure, 'axis')
  const spec = format?.kind === 'time' ? format.spec : undefined
  const [first, last] = extent(times)
  const asked = axisDomain(style)
  const [low, high] = [asked?.low ?? first, asked?.high ?? last]
  const write = utcFormat(spec ?? grainFormats[grain])
  return {
    axis: {
      ...timeAxis([low, high], style, { grain, room, spec }),
      grid: true,
      domain: false,
      title: axisTitle(style, chart.y_label ?? null),
      ...axisBase(style, context),
    },
    scale: { type: 'utc', nice: false, domainMin: low, domainMax: high },
    points: data.points.flatMap((point) =>
      point.y === null || point.y0 == null ? [] : [{ ...point, from: write(new Date(point.y0)), until: write(new Date(point.y)) }],
    ),
    tooltip: [
      { field: 'from', type: 'nominal', title: chart.y_start },
      { field: 'until', type: 'nominal', title: measure?.column.name },
    ],
  }
}
