import { expect, test } from 'vitest'
import { formatAliases, nativeFormats } from '../../contracts/v1/board/formats.ts'
import type { CanonicalType } from '../../contracts/v1/values.ts'
import { checkFormat } from '../../server/boards/formats/check-format.ts'
import { type FormatPlace, formatValue } from '../../server/boards/formats/format-value.ts'
import { resolveFormat } from '../../server/boards/formats/resolve-format.ts'
import { toTime } from '../../server/boards/formats/value-kind.ts'

const write = (
  format: string | undefined,
  value: unknown,
  type: CanonicalType = 'float',
  place: FormatPlace = 'table',
  own = {},
): string => {
  const resolved = format === undefined ? undefined : resolveFormat(format, own)
  if (format !== undefined && resolved === undefined) throw new Error(`no format ${format}`)
  return formatValue(resolved, type, place)(value)
}

test.each<[string | undefined, unknown, CanonicalType, FormatPlace, string]>([
  ['number', 12_400, 'integer', 'table', '12.4 K'],
  ['number', 12_400, 'integer', 'kpi', '12.4k'],
  ['number', 999_999, 'integer', 'kpi', '1M'],
  ['number', 1_234_567_890, 'integer', 'kpi', '1.23B'],
  ['number', 0.5, 'float', 'kpi', '0.5'],
  ['number', -1500, 'integer', 'kpi', '−1.5k'],
  ['number', 1.234e-9, 'float', 'kpi', '1.234e-9'],
  [undefined, -1.5e-9, 'float', 'table', '−1.5e-9'],
  ['year', '9223372036854775807', 'bigint', 'table', '9223372036854775807'],
  ['currency', '4840000.50', 'decimal', 'kpi', '$4.84M'],
  ['currency', -5, 'integer', 'table', '−$5'],
  ['currency_whole', '4840000.50', 'decimal', 'kpi', '$4,840,001'],
  ['currency_full', 12.5, 'float', 'table', '$12.50'],
  ['integer', '9007199254740993', 'bigint', 'table', '9,007,199,254,740,993'],
  ['number_full', '-123456789012345678901.455', 'decimal', 'table', '−123,456,789,012,345,678,901.46'],
  ['percent', '0.3472222222', 'decimal', 'kpi', '34.7%'],
  ['percent_whole', 0.5, 'float', 'table', '50%'],
  ['percent_delta', 0.14, 'float', 'kpi', '+14.0%'],
  ['delta', -12, 'integer', 'kpi', '−12'],
  ['delta', 3.4, 'float', 'kpi', '+3'],
  ['year', 2026, 'integer', 'table', '2026'],
  ['percent_number', 42.25, 'float', 'kpi', '42.3%'],
  ['percent_number_delta', 4, 'float', 'kpi', '+4.0%'],
  ['percentage_points_delta', -1.5, 'float', 'table', '−1.5 pp'],
  ['date_short', '2026-01-05', 'date', 'table', '5 Jan 2026'],
  ['%b %Y', '2024-02', 'text', 'table', 'Feb 2024'],
  ['Q%q %Y', '2024-08-01T00:00:00', 'timestamp', 'table', 'Q3 2024'],
  ['time_short', '2026-01-05T23:05:00Z', 'timestamptz', 'table', '11:05 PM'],
  [undefined, '9007199254740993', 'bigint', 'table', '9,007,199,254,740,993'],
  [undefined, '12.50', 'decimal', 'table', '12.50'],
  [undefined, '12.4500000000000000', 'decimal', 'table', '12.45'],
  [undefined, '2026-01-31T12:30:00', 'timestamp', 'table', '31 Jan 2026 12:30'],
  [undefined, true, 'boolean', 'table', 'Yes'],
  [undefined, { a: 1 }, 'json', 'table', '{"a":1}'],
  [undefined, 'NaN', 'float', 'table', '—'],
  [undefined, '-Infinity', 'float', 'table', '−∞'],
  [undefined, null, 'integer', 'table', '—'],
  [undefined, 'infinity', 'date', 'table', 'infinity'],
])('%s writes %j of type %s in a %s as %s', (format, value, type, place, text) => {
  expect(write(format, value, type, place)).toBe(text)
})

test('every alias and every native format is known, and null is a dash in each', () => {
  for (const name of [...Object.keys(formatAliases), ...nativeFormats]) expect(write(name, null), name).toBe('—')
})

test('own names stand for formats, and cannot lead to themselves', () => {
  expect(write('money', 12, 'integer', 'table', { money: '$,.1f' })).toBe('$12.0')
  expect(write('short', 12_400, 'integer', 'kpi', { short: 'currency' })).toBe('$12.4k')
  expect(resolveFormat('loop', { loop: 'loop' })).toBeUndefined()
})

test('a name that means nothing is no format', () => {
  for (const name of ['curency', ',.2z', 'abc%', '€,.2f', 'constructor']) expect(resolveFormat(name), name).toBeUndefined()
})

const column = (type: CanonicalType) => ({ name: 'rate', type, database_type: type })
const check = (name: string, type: CanonicalType, values: unknown[]): string | undefined =>
  checkFormat(name, resolveFormat(name) as NonNullable<ReturnType<typeof resolveFormat>>, column(type), values)?.code

test('a number format on text or dates is found, and the reverse; text that is all numbers or dates is neither', () => {
  expect(check('currency', 'text', ['a'])).toBe('FORMAT_KIND_MISMATCH')
  expect(check('currency', 'date', ['2026-01-01'])).toBe('FORMAT_KIND_MISMATCH')
  expect(check('date_short', 'integer', [1])).toBe('FORMAT_KIND_MISMATCH')
  expect(check('date_short', 'text', ['2026-01-01', null])).toBeUndefined()
  expect(check('currency', 'text', ['12.5'])).toBeUndefined()
  expect(check('currency', 'text', [null])).toBeUndefined()
})

test('a percent format on values of 0 to 100 is found; growth beyond 100 % is not', () => {
  expect(check('percent', 'float', [42.5, 12, 88])).toBe('PERCENT_RANGE')
  expect(check('.0%', 'float', [3.5, 80])).toBe('PERCENT_RANGE')
  expect(check('percent', 'float', [0.1, 0.4, 2.5])).toBeUndefined()
  expect(check('percent', 'float', [0.1, 0.2, 0.3, 12])).toBeUndefined()
  expect(check('percent_number', 'float', [42.5])).toBeUndefined()
})

test('ISO months, dates and timestamps are times in UTC; other text is not', () => {
  expect(toTime('2024-01')).toBe(Date.UTC(2024, 0, 1))
  expect(toTime('2024-01-31')).toBe(Date.UTC(2024, 0, 31))
  expect(toTime('2024-01-31 12:30:00+00')).toBe(Date.UTC(2024, 0, 31, 12, 30))
  for (const text of ['2024', '2024-13', '2024-01-40', 'Jan 2024', '2024-01-31T12:30:00+02:00', ''])
    expect(toTime(text), text).toBeUndefined()
})
