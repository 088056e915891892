import { utcFormat } from 'd3-time-format'
import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import { textWidth } from '../fonts/text-width.ts'
import { noValue } from '../formats/number-text.ts'
import { axisBase, axisStyle, axisTitle, levelLabels, tickAxis } from './axes.ts'
import type { ChartContext } from './chart-context.ts'
import type { Point, SeriesData } from './series.ts'
import type { Spec } from './spec.ts'
import { timeAxis } from './time-axis.ts'
import { grainFormats, timeGrain, timeSteps } from './time-grain.ts'
import { labelSize } from './vega-config.ts'

/** Bars are never thicker than this, however few they are. */
const thickest = { horizontal: 30, vertical: 64 }
/** Room that the name and the numbers of an axis take. */
export const axisRoom = 56

/** The axis that bars stand on or hang from. */
export interface Band {
  readonly domain: readonly (string | number)[]
  readonly axis: Spec
  readonly padding: number
  readonly thickness: number
  readonly timeFormat?: string
  /** Said under the title when not all is shown. */
  readonly note?: string
}

/** Bands in row order, the largest first when categories lie that have no order of their own, or one per step of time, a step without rows too. */
export function bandAxis(
  chart: ChartOf<'bar'>,
  data: SeriesData,
  context: ChartContext,
  { isHorizontal, plot, perBand }: { readonly isHorizontal: boolean; readonly plot: number; readonly perBand: number },
): Band {
  const style = axisStyle(chart.style, 'x', 'band')
  const base = { title: axisTitle(style, chart.x_label ?? null), ...axisBase(style, context) }
  const turned = <Value>(values: readonly Value[]): readonly Value[] => (style.scale?.x_reverse ? values.toReversed() : values)
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
    const present = new Set(domain)
    const ticks = isHorizontal
      ? tickAxis(
          domain
            .map((value) => ({ value, label: utcFormat(spec ?? grainFormats[grain])(new Date(value)) }))
            .filter((_, index) => index % Math.ceil(16 / (plot / domain.length)) === 0),
        )
      : timeAxis(bounds, style, { grain, room: plot, spec })
    // A bar stands on its own step alone.
    const values = (ticks.values as readonly number[]).filter((value) => present.has(value))
    return {
      domain: turned(domain),
      axis: { ...ticks, values, labelAngle: 0, ...base },
      ...measured(domain.length),
      timeFormat: spec ?? grainFormats[grain],
    }
  }
  // A bar that floats begins where another ends: the order of the rows is what it says.
  const isRanked = isHorizontal && chart.sort === undefined && chart.y_start === undefined && data.xKind === 'category'
  const keys = categoryKeys(data)
  const ordered = isRanked && !areInTurn(keys.map(String)) ? byTotal(data) : keys
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
    if (isNarrow) context.findings.add('TEXT_TRUNCATED', namesCut(data.x.column.name))
    return {
      domain: turned(domain),
      axis: { labelLimit: limit, labelOverlap: false, ...base },
      ...sizes,
      ...(note !== undefined && { note }),
    }
  }
  const { axis, left, isCut: isNameCut } = levelLabels(domain, plot)
  if (isNameCut) context.findings.add('TEXT_TRUNCATED', namesCut(data.x.column.name))
  if (left > 0)
    context.findings.add('LABELS_COLLIDE', `${left} of ${names.length} names on the axis ${left === 1 ? 'is' : 'are'} left out.`)
  return { domain: turned(domain), axis: { ...axis, ...base }, ...sizes, ...(note !== undefined && { note }) }
}

/** That names are longer than there is room for, said in the same words of every axis. */
export const namesCut = (column: string): string => `Names of "${column}" are longer than the axis has room for.`

/** The keys of the axis in the order of the rows. */
const categoryKeys = (data: SeriesData): (string | number)[] => [...new Set(data.points.map(({ x }) => x ?? noValue))]

const days = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ')
const months = 'january february march april may june july august september october november december'.split(' ')

/** A name of one of the words, short or long: Jan, Sept., March 2026. */
const isOneOf =
  (words: readonly string[]) =>
  (name: string): boolean => {
    const [, word = ''] = /^([a-z]{3,})\.?(?: \d{4})?$/i.exec(name) ?? []
    return word !== '' && words.some((one) => one.startsWith(word.toLowerCase()))
  }

/** A part of a year: Q1, 2026-Q1, 2026 H2, 2026-W07. */
const isPartOfYear = (name: string): boolean => /^(?:\d{4}[- ]?)?(?:q[1-4]|h[12]|w\d{1,2})(?:[- ]\d{4})?$/i.test(name)

/** Names of days of the week, of months and of parts of a year follow each other: the order of the rows is theirs. */
const areInTurn = (names: readonly string[]): boolean =>
  names.length > 1 && [isOneOf(days), isOneOf(months), isPartOfYear].some((isOfIt) => names.every(isOfIt))

/** The largest first; equal ones stay in row order. */
function byTotal(data: SeriesData): (string | number)[] {
  const totals = new Map<Point['x'], number>()
  for (const { x, y } of data.points) totals.set(x ?? noValue, (totals.get(x ?? noValue) ?? 0) + (y ?? 0))
  return [...totals].sort(([, left], [, right]) => right - left).map(([x]) => x ?? noValue)
}
