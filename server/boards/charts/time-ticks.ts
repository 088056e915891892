import { utcFormat } from 'd3-time-format'
import { textWidth } from '../fonts/text-width.ts'
import { nextTime, type TimeGrain } from './time-grain.ts'

export interface AxisTick<Value> {
  readonly value: Value
  /** Several lines: what changes at every tick, then what changes now and then. */
  readonly label: string | readonly string[]
}

const grains: readonly TimeGrain[] = ['millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']

/** Steps of each grain that a reader counts in. */
const multiples: Readonly<Record<TimeGrain, readonly number[]>> = {
  millisecond: [1, 5, 10, 50, 100, 200, 500],
  second: [1, 5, 15, 30],
  minute: [1, 5, 15, 30],
  hour: [1, 3, 6, 12],
  day: [1, 2, 7, 14],
  week: [1, 2, 4],
  month: [1, 3, 6],
  quarter: [1, 2],
  year: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
}

export interface TickOptions {
  readonly grain: TimeGrain
  /** Pixels of the axis. */
  readonly room: number
  /** d3 time format of the labels. */
  readonly spec?: string
  readonly most?: number
  /** The unit that ticks begin with, and how many of it they are apart, where these are asked for. */
  readonly unit?: TimeGrain
  readonly step?: number
}

/** The ticks of a time axis that fit in a room of pixels, on round dates in UTC. */
export function timeTicks(
  [first, last]: readonly [number, number],
  { grain, room, spec, most = 12, unit: asked, step = 1 }: TickOptions,
): AxisTick<number>[] {
  const gap = spec === undefined ? 44 : textWidth(utcFormat(spec)(new Date(last)), { size: 12 }) + 18
  const limit = Math.max(1, Math.min(most, Math.floor(room / gap) + 1))
  const finest = asked === undefined || grains.indexOf(asked) < grains.indexOf(grain) ? grain : asked
  const coarser = grains.slice(grains.indexOf(finest)).filter((each) => each !== 'week' || finest === 'week')
  for (const unit of coarser) {
    for (const multiple of unit === finest && step > 1 ? [step, 2 * step, 5 * step] : multiples[unit]) {
      if (unit === 'day' && multiple >= 7 && grain === 'week') continue
      const times = stepTimes(first, last, unit, multiple, limit, grain)
      if (times !== undefined) return labelTimes(times, unit, spec)
    }
  }
  return labelTimes([first, last], 'year', spec)
}

function stepTimes(first: number, last: number, unit: TimeGrain, multiple: number, limit: number, grain: TimeGrain): number[] | undefined {
  // Days and weeks are counted from the first; the others begin on a round one.
  const isCounted = unit === 'week' || (unit === 'day' && (grain === 'day' || multiple > 1))
  const times: number[] = []
  let time = isCounted ? first : roundDown(first, unit, multiple)
  for (let turn = 0; time <= last; turn++) {
    if (time >= first) times.push(time)
    if (times.length > limit || turn > 2 * limit) return undefined
    for (let step = 0; step < multiple; step++) time = nextTime(time, unit)
  }
  return times.length === 0 ? undefined : times
}

function roundDown(time: number, unit: TimeGrain, multiple: number): number {
  const date = new Date(time)
  if (unit === 'year') date.setUTCFullYear(Math.floor(date.getUTCFullYear() / multiple) * multiple, 0, 1)
  if (unit === 'quarter') date.setUTCMonth(Math.floor(date.getUTCMonth() / (3 * multiple)) * 3 * multiple, 1)
  if (unit === 'month') date.setUTCMonth(Math.floor(date.getUTCMonth() / multiple) * multiple, 1)
  if (unit === 'year' || unit === 'quarter' || unit === 'month' || unit === 'day') return date.setUTCHours(0, 0, 0, 0)
  if (unit === 'hour') return date.setUTCHours(Math.floor(date.getUTCHours() / multiple) * multiple, 0, 0, 0)
  if (unit === 'minute') return date.setUTCMinutes(Math.floor(date.getUTCMinutes() / multiple) * multiple, 0, 0)
  if (unit === 'second') return date.setUTCSeconds(Math.floor(date.getUTCSeconds() / multiple) * multiple, 0)
  return Math.floor(time / multiple) * multiple
}

type Write = (date: Date) => string
const [year, quarter, month, day, clock, seconds, milliseconds] = ['%Y', 'Q%q', '%b', '%-d %b', '%H:%M', '%H:%M:%S', '.%L'].map((spec) =>
  utcFormat(spec),
) as [Write, Write, Write, Write, Write, Write, Write]

const writers: Readonly<Record<TimeGrain, readonly [often: Write, seldom?: Write]>> = {
  millisecond: [milliseconds, seconds],
  second: [seconds, day],
  minute: [clock, day],
  hour: [clock, day],
  day: [day, year],
  week: [day, year],
  month: [month, year],
  quarter: [quarter, year],
  year: [year],
}

/** The second line, such as the year under a month, stands where it changes. */
function labelTimes(times: readonly number[], unit: TimeGrain, spec: string | undefined): AxisTick<number>[] {
  if (spec !== undefined) {
    const write = utcFormat(spec)
    return times.map((value) => ({ value, label: write(new Date(value)) }))
  }
  const [often, seldom] = writers[unit]
  let before: string | undefined
  return times.map((value) => {
    const date = new Date(value)
    const second = seldom?.(date)
    const isChanged = second !== undefined && second !== before
    before = second
    return { value, label: isChanged ? [often(date), second] : often(date) }
  })
}
