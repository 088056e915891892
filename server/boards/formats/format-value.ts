import { utcFormat } from 'd3-time-format'
import type { CanonicalType } from '../../../contracts/v1/values.ts'
import { formatCompact, formatExact, formatNumber, noValue, tiny } from './number-text.ts'
import type { ResolvedFormat } from './resolve-format.ts'
import { toNumber, toTime, valueKind } from './value-kind.ts'

/** Writes a value; null is an em dash. */
export type FormatValue = (value: unknown) => string

/** Where a value stands: a table sets a space before the prefix and keeps numbers below a million whole. */
export type FormatPlace = 'table' | 'kpi' | 'chart'

/**
 * Makes the writer of the values of a column.
 * @param format undefined writes by type: numbers with grouped digits (exactly, in tables), dates as 31 Jan 2026.
 */
export function formatValue(format: ResolvedFormat | undefined, type: CanonicalType, place: FormatPlace): FormatValue {
  const write = writer(format, type, place)
  return (value) => (value === null || value === undefined ? noValue : write(value))
}

function writer(format: ResolvedFormat | undefined, type: CanonicalType, place: FormatPlace): FormatValue {
  const kind = valueKind(type)
  if (format?.kind === 'time') return timeWriter(format.spec, kind === 'number')
  if (format !== undefined) return format.kind === 'native' ? nativeWriter(format.spec) : numberWriter(format, place)
  if (kind === 'number') return place === 'table' ? (value) => plainNumber(value) : (value) => shortNumber(value)
  if (kind === 'time') return (value) => plainTime(value)
  if (kind === 'boolean') return (value) => (value === true ? 'Yes' : value === false ? 'No' : String(value))
  if (kind === 'nested') return (value) => (typeof value === 'string' ? value : JSON.stringify(value))
  return (value) => String(value)
}

function numberWriter({ spec, alias, prefix = '', suffix = '', notation }: ResolvedFormat, place: FormatPlace): FormatValue {
  const space = (notation ?? (place === 'table' ? 'analytic' : 'narrative')) === 'analytic' ? ' ' : ''
  const around = (text: string): string => prefix + text + suffix
  const write = (number: number): string => {
    if (spec === '.3~s') return formatCompact(number, { space })
    if (spec === '$.3~s') return formatCompact(number, { currency: true, space })
    return formatNumber(number, spec)
  }
  const decimals = /^,\.(\d+)f$/.exec(spec)?.[1]
  return (value) => {
    // A double cannot hold it: its digits are grouped as text.
    if (decimals !== undefined && isBeyondDouble(value)) return around(formatExact(value, Number(decimals)))
    if (spec === 'd' && isBeyondDouble(value)) return around(formatExact(value, 0).replaceAll(',', ''))
    const number = toNumber(value)
    if (number === undefined) return unreadable(value)
    return around(alias === 'delta' ? formatNumber(Math.round(number), spec) : write(number))
  }
}

function nativeWriter(name: string): FormatValue {
  return (value) => {
    const number = toNumber(value)
    if (number === undefined) return unreadable(value)
    const sign = name !== 'percent_number' && number > 0 ? '+' : ''
    return `${sign}${formatNumber(number, ',.1f')}${name === 'percentage_points_delta' ? ' pp' : '%'}`
  }
}

function timeWriter(spec: string, isNumber: boolean): FormatValue {
  const write = utcFormat(spec)
  return (value) => {
    const time = isNumber ? toNumber(value) : toTime(value)
    return time === undefined ? String(value) : write(new Date(time))
  }
}

const isBeyondDouble = (value: unknown): value is string =>
  typeof value === 'string' && /^[-+]?\d+(\.\d+)?$/.test(value) && value.replace(/\D/g, '').replace(/^0+/, '').length > 15

const plainNumber = (value: unknown): string => {
  const number = toNumber(value)
  if (number === undefined) return unreadable(value)
  // An average of a numeric column comes with sixteen decimals that say nothing.
  const decimals = typeof value === 'string' ? (value.split('.')[1]?.length ?? 0) : Number.POSITIVE_INFINITY
  if (decimals <= 4) return formatExact(value as string)
  if (isBeyondDouble(value) && Math.abs(number) >= 1e6) return formatExact(value, 2)
  return Number.isInteger(number)
    ? formatNumber(number, ',d')
    : formatNumber(number, Math.abs(number) < tiny ? '.4~e' : Math.abs(number) < 1 ? '.4~r' : ',.2~f')
}

const shortNumber = (value: unknown): string => {
  const number = toNumber(value)
  if (number === undefined) return unreadable(value)
  if (Math.abs(number) >= 1e5) return formatCompact(number)
  return Number.isInteger(number) ? formatNumber(number, ',d') : formatCompact(number)
}

/** NaN and infinities of the wire, and what is no number at all. */
const unreadable = (value: unknown): string => {
  if (value === 'NaN') return noValue
  if (value === 'Infinity') return '∞'
  return value === '-Infinity' ? '−∞' : String(value)
}

const day = utcFormat('%-d %b %Y')
const minute = utcFormat('%-d %b %Y %H:%M')

const plainTime = (value: unknown): string => {
  const time = toTime(value)
  if (time === undefined) return String(value)
  return time % 86_400_000 === 0 ? day(new Date(time)) : minute(new Date(time))
}
