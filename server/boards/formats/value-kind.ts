import type { CanonicalType } from '../../../contracts/v1/values.ts'

/** What a format can write of a column: see `contracts/v1/values.ts` for the form of each type. */
export type ValueKind = 'number' | 'time' | 'clock' | 'boolean' | 'text' | 'nested'

const kinds: Record<CanonicalType, ValueKind> = {
  boolean: 'boolean',
  integer: 'number',
  bigint: 'number',
  decimal: 'number',
  float: 'number',
  text: 'text',
  uuid: 'text',
  date: 'time',
  time: 'clock',
  timetz: 'clock',
  timestamp: 'time',
  timestamptz: 'time',
  interval: 'text',
  bytes: 'text',
  json: 'nested',
  array: 'nested',
  struct: 'nested',
  map: 'nested',
  union: 'nested',
  enum: 'text',
  bit: 'text',
  other: 'text',
}

export const valueKind = (type: CanonicalType): ValueKind => kinds[type]

/** Sums and scales of larger numbers would leave the range of a double. */
const largest = 1e300

/** The number of a cell of a numeric column; undefined for null, NaN, infinities, what is too large to add up and what is no number. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Math.abs(value) <= largest ? value : undefined
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const number = Number(value)
  return Math.abs(number) <= largest ? number : undefined
}

const isoDate = /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|[+-]00(?::?00)?)?)?)?$/

/**
 * Milliseconds since 1970 in UTC of an ISO date, month or timestamp; undefined for anything else. A timestamp without a zone
 * is taken as it reads, so that a chart shows the same hours everywhere.
 */
export function toTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  const match = isoDate.exec(value)
  if (match === null) return undefined
  const [year, month, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => (part === undefined ? undefined : Number(part)))
  if (month === undefined || month < 1 || month > 12 || day < 1 || day > 31) return undefined
  const time = new Date(0)
  time.setUTCFullYear(year as number, month - 1, day)
  time.setUTCHours(hour, minute, second, Number((match[7] ?? '0').padEnd(3, '0')))
  return time.getTime()
}
