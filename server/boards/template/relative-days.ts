import { addDays, addMonths, dayOf } from './days.ts'

/** The first and the last day, both included. */
export interface DayRange {
  readonly from: string
  readonly to: string
}

type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year'

const unit = '(day|week|month|quarter|year)s?'
const count = '(\\d{1,4}|an?|one)'

/** Words for one day, seen from today. */
const dayWords: readonly [RegExp, (match: readonly string[], today: string) => string][] = [
  [/^(?:today|now)$/, (_, today) => today],
  [/^yesterday$/, (_, today) => addDays(today, -1)],
  [/^tomorrow$/, (_, today) => addDays(today, 1)],
  [new RegExp(`^${count} ${unit} ago$`), ([, number = '', of = ''], today) => move(today, of as Unit, -numberOf(number))],
  [
    new RegExp(`^(?:in ${count} ${unit}|${count} ${unit} from now)$`),
    ([, a, b, c, d], today) => move(today, (b ?? d) as Unit, numberOf(a ?? c ?? '')),
  ],
  [
    new RegExp(`^(start|end) of (?:(this|last|next) )?(?:the )?${unit}$`),
    ([, end, which = 'this', of = ''], today) => {
      const range = period(move(firstOf(today, of as Unit), of as Unit, shifts[which] ?? 0), of as Unit)
      return end === 'start' ? range.from : range.to
    },
  ],
]

const shifts: Readonly<Record<string, number>> = { last: -1, previous: -1, this: 0, current: 0, next: 1 }

/** Words for a stretch of days, seen from today. */
const rangeWords: readonly [RegExp, (match: readonly string[], today: string) => DayRange][] = [
  [
    new RegExp(`^(?:last|past|previous) (\\d{1,4}) ${unit}$`),
    ([, number = '', of = ''], today) => ({ from: addDays(move(today, of as Unit, -numberOf(number)), 1), to: today }),
  ],
  [
    new RegExp(`^next (\\d{1,4}) ${unit}$`),
    ([, number = '', of = ''], today) => ({ from: today, to: addDays(move(today, of as Unit, numberOf(number)), -1) }),
  ],
  [
    /^(this|current|last|previous|next) (week|month|quarter|year)$/,
    ([, which = '', of = ''], today) => period(move(firstOf(today, of as Unit), of as Unit, shifts[which] ?? 0), of as Unit),
  ],
  [/^(week|month|quarter|year) to date$/, ([, of = ''], today) => ({ from: firstOf(today, of as Unit), to: today })],
  [/^(w|m|q|y)td$/, ([, of = ''], today) => ({ from: firstOf(today, letters[of] ?? 'year'), to: today })],
]

const letters: Readonly<Record<string, Unit>> = { w: 'week', m: 'month', q: 'quarter', y: 'year' }

const numberOf = (word: string): number => (/^\d/.test(word) ? Number(word) : 1)

const move = (day: string, of: Unit, count: number): string => {
  if (of === 'day') return addDays(day, count)
  if (of === 'week') return addDays(day, count * 7)
  return addMonths(day, count * { month: 1, quarter: 3, year: 12 }[of])
}

/** Weeks begin on Monday. */
const firstOf = (day: string, of: Unit): string => {
  const [year = 0, month = 0] = day.split('-').map(Number)
  if (of === 'day') return day
  if (of === 'week') return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7))
  if (of === 'month') return dayOf(year, month, 1)
  if (of === 'quarter') return dayOf(year, month - ((month - 1) % 3), 1)
  return dayOf(year, 1, 1)
}

const period = (first: string, of: Unit): DayRange => ({ from: first, to: addDays(move(first, of, 1), -1) })

const read = <T>(
  words: readonly [RegExp, (match: readonly string[], today: string) => T][],
  text: string,
  today: string,
): T | undefined => {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, ' ')
  for (const [pattern, make] of words) {
    const match = pattern.exec(plain)
    if (match !== null) return make(match, today)
  }
  return undefined
}

/** The day that words such as `yesterday`, `3 weeks ago` or `start of month` mean, or undefined. `today` is a day. */
export const readRelativeDay = (text: string, today: string): string | undefined => read(dayWords, text, today)

/**
 * The days that words such as `last 30 days`, `this month` or `year to date` mean, or undefined. `last 30 days` are 30 with
 * today the last; `last month` is the whole month before; `this month` is the whole month, its coming days too.
 */
export const readRelativeRange = (text: string, today: string): DayRange | undefined => read(rangeWords, text, today)
