import { format } from 'd3-format'

/** The text that stands for no value. */
export const noValue = '—'

const minus = '−'
const infinity = '∞'

/** Smaller sizes have so many zeros that they are written with an exponent. */
export const tiny = 1e-6

/** Writes a number by a d3 specifier; the minus sign is a real one. NaN has no value, infinity is `∞`. */
export function formatNumber(value: number, spec: string): string {
  if (Number.isNaN(value)) return noValue
  if (!Number.isFinite(value)) return value > 0 ? infinity : minus + infinity
  // d3 writes 1.2e9 as 1.2G, and readers of business numbers say B.
  const text = format(spec)(value)
  return /s$/.test(spec) ? text.replace(/G$/, 'B') : text
}

const prefixes = [
  { from: 1e12, sign: 'T' },
  { from: 1e9, sign: 'B' },
  { from: 1e6, sign: 'M' },
  { from: 1e3, sign: 'k' },
]

/**
 * Three significant digits with a prefix from a thousand on: 12.4k, 1.23M; `$` before the number where asked for. Smaller
 * numbers keep up to two decimals (three significant digits below 1), instead of d3's m and µ.
 */
export function formatCompact(value: number, { currency = false, space = '' }: { currency?: boolean; space?: string } = {}): string {
  if (!Number.isFinite(value)) return formatNumber(value, 'f')
  const size = Math.abs(value)
  const sign = value < 0 ? minus : ''
  return sign + (currency ? '$' : '') + compactSize(size, space)
}

function compactSize(size: number, space: string): string {
  if (size > 0 && size < 1) return format(size < tiny ? '.3~e' : '.3~r')(size)
  if (size >= 1e15) return format('.3~e')(size).replace('+', '')
  // What rounds up to a thousand of one prefix is one of the next.
  const prefix = prefixes.find(({ from }) => Number((size / from).toPrecision(3)) >= 1)
  if (prefix === undefined) return format(',.2~f')(size)
  const sign = space === '' ? prefix.sign : prefix.sign.toUpperCase()
  return `${format('.3~r')(size / prefix.from)}${space}${sign}`
}

/**
 * Groups the digits of an exact integer or decimal, as text, without passing through a double: a bigint or a decimal
 * beyond 2^53 loses nothing. `decimals` undefined keeps them as they come.
 */
export function formatExact(text: string, decimals?: number): string {
  const match = /^([-+]?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return formatNumber(Number(text), ',')
  const [, sign, whole = '0', fraction = ''] = match
  const rounded = decimals === undefined ? { whole, fraction } : round(whole, fraction, decimals)
  const grouped = groupDigits(rounded.whole.replace(/^0+(?=\d)/, ''))
  const tail = rounded.fraction === '' ? '' : `.${rounded.fraction}`
  const isZero = /^[0,.]*$/.test(grouped + tail)
  return (sign === '-' && !isZero ? minus : '') + grouped + tail
}

/** Commas between groups of three, from the right; in time that grows with the length. */
function groupDigits(digits: string): string {
  const groups: string[] = []
  for (let end = digits.length; end > 0; end -= 3) groups.push(digits.slice(Math.max(0, end - 3), end))
  return groups.reverse().join(',')
}

function round(whole: string, fraction: string, decimals: number): { whole: string; fraction: string } {
  const padded = fraction.padEnd(decimals + 1, '0')
  const kept = BigInt(whole + padded.slice(0, decimals)) + (Number(padded[decimals]) >= 5 ? 1n : 0n)
  const digits = String(kept).padStart(decimals + 1, '0')
  return { whole: digits.slice(0, digits.length - decimals), fraction: decimals === 0 ? '' : digits.slice(-decimals) }
}
