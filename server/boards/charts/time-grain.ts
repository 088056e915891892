/** The step between the dates of an axis. */
export type TimeGrain = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** The coarsest grain on which all times fall, and whose steps they use. */
export function timeGrain(times: readonly number[]): TimeGrain {
  const all = (test: (date: Date) => boolean): boolean => times.every((time) => test(new Date(time)))
  if (times.some((time) => time % 1000 !== 0)) return 'millisecond'
  if (times.some((time) => time % minuteMs !== 0)) return 'second'
  if (times.some((time) => time % hourMs !== 0)) return 'minute'
  if (times.some((time) => time % dayMs !== 0)) return 'hour'
  if (!all((date) => date.getUTCDate() === 1)) {
    const weekday = new Date(times[0] ?? 0).getUTCDay()
    return times.length > 2 && all((date) => date.getUTCDay() === weekday) ? 'week' : 'day'
  }
  if (times.length > 1 && all((date) => date.getUTCMonth() === 0)) return 'year'
  return times.length > 2 && all((date) => date.getUTCMonth() % 3 === 0) ? 'quarter' : 'month'
}

/** The begin of the next step. */
export function nextTime(time: number, grain: TimeGrain): number {
  const date = new Date(time)
  if (grain === 'millisecond') return time + 1
  if (grain === 'second') return time + 1000
  if (grain === 'minute') return time + minuteMs
  if (grain === 'hour') return time + hourMs
  if (grain === 'day') return time + dayMs
  if (grain === 'week') return time + 7 * dayMs
  const months = grain === 'month' ? 1 : grain === 'quarter' ? 3 : 12
  return date.setUTCMonth(date.getUTCMonth() + months)
}

/** All steps from the first time to the last, so that a period without rows keeps its place. Undefined past `most`. */
export function timeSteps(times: readonly number[], grain: TimeGrain, most: number): number[] | undefined {
  const sorted = [...new Set(times)].sort((left, right) => left - right)
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (first === undefined || last === undefined) return []
  const steps: number[] = []
  for (let time = first; time <= last; time = nextTime(time, grain)) {
    if (steps.length === most) return undefined
    steps.push(time)
  }
  return steps
}

/** d3 format of a step written alone, for tooltips and category axes. */
export const grainFormats: Readonly<Record<TimeGrain, string>> = {
  year: '%Y',
  quarter: 'Q%q %Y',
  month: '%b %Y',
  week: '%-d %b %Y',
  day: '%-d %b %Y',
  hour: '%-d %b %Y %H:%M',
  minute: '%-d %b %Y %H:%M',
  second: '%-d %b %Y %H:%M:%S',
  millisecond: '%-d %b %Y %H:%M:%S.%L',
}
