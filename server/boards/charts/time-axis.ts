import type { AxisStyle } from '../../../contracts/v1/board/style-axis.ts'
import { toTime } from '../formats/value-kind.ts'
import { tickAxis } from './axes.ts'
import type { Spec } from './spec.ts'
import type { TimeGrain } from './time-grain.ts'
import { type AxisTick, timeTicks } from './time-ticks.ts'

const grains: Readonly<Record<string, TimeGrain>> = {
  yearquarter: 'quarter',
  yearmonth: 'month',
  yearweek: 'week',
  yearmonthdate: 'day',
  second: 'second',
  minute: 'minute',
  hour: 'hour',
  day: 'day',
  week: 'week',
  month: 'month',
  quarter: 'quarter',
  year: 'year',
}

/** The ticks of a time axis: those that the style names, in the unit that it asks for, or on round dates. */
export function timeAxis(
  [first, last]: readonly [number, number],
  style: Partial<AxisStyle>,
  { grain, room, spec }: { readonly grain: TimeGrain; readonly room: number; readonly spec: string | undefined },
): Spec {
  const { ticks, labels, scale } = style
  const unit = grains[labels?.time_unit ?? ''] ?? grains[ticks?.time_unit ?? ''] ?? grains[style.time_unit ?? '']
  const step = ticks?.step === undefined ? undefined : Math.round(ticks.step)
  const options = {
    grain,
    room,
    ...(spec !== undefined && { spec }),
    ...(ticks?.count !== undefined && { most: ticks.count }),
    ...(unit !== undefined && { unit }),
    ...(step !== undefined && step > 1 && { step }),
  }
  const chosen = scale?.values?.flatMap((value) => toTime(value) ?? []) ?? []
  const own = chosen.flatMap((time) => timeTicks([time, time], { ...options, most: 1 }).map(({ label }) => ({ value: time, label })))
  const found: readonly AxisTick<number>[] = own.length > 0 ? own : timeTicks([first, last], options)
  const named = labels?.values?.flatMap((value) => toTime(value) ?? [])
  return tickAxis(named === undefined ? found : found.map((tick) => (named.includes(tick.value) ? tick : { ...tick, label: ' ' })))
}
