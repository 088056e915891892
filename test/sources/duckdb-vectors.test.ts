/** Values written straight from the engine's memory are those that the driver gives one by one. */
import { DuckDBInstance, type DuckDBType, type DuckDBValue } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readerOf } from '../../server/sources/duckdb/read-vector.ts'
import { encoderOf, nullable } from '../../server/sources/duckdb/values.ts'

let instance: DuckDBInstance
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:')
})
afterAll(() => instance?.closeSync())

const count = 3_000
/** Of each type an expression over `i`, from 0 to 2,999, whose values a number holds. */
const direct: Readonly<Record<string, string>> = {
  TINYINT: 'i % 256 - 128',
  SMALLINT: 'i * 21 - 32768',
  INTEGER: 'i * 1431655 - 2147483648',
  UTINYINT: 'i % 256',
  USMALLINT: 'i * 21',
  UINTEGER: 'i * 1431655',
  BIGINT: '(i - 1500) * 3002399751580',
  FLOAT: '(i - 1500) / 7 * 10.0 ** (i % 70 - 35)',
  DOUBLE: '(i - 1500) / 7 * 10.0 ** (i % 300 - 150)',
  DATE: "DATE '1969-12-31' + ((i - 1500) * 1000)::INTEGER",
  TIMESTAMP: "TIMESTAMP '1970-01-01' + INTERVAL (i * 7919 - 9000000) MINUTE + INTERVAL (i) MICROSECOND",
  TIMESTAMP_S: "TIMESTAMP '1970-01-01' + INTERVAL (i * 7919 - 9000000) SECOND",
  TIMESTAMP_MS: "TIMESTAMP '1970-01-01' + INTERVAL (i * 7919 - 9000000) MILLISECOND",
  TIMESTAMP_NS: "TIMESTAMP '1970-01-01' + INTERVAL (i * 797 - 900000) MICROSECOND",
  'TIMESTAMP WITH TIME ZONE': "TIMESTAMPTZ '1970-01-01' + INTERVAL (i * 7919 - 9000000) MINUTE",
  'DECIMAL(4,1)': '(i - 1500) / 10',
  'DECIMAL(9,4)': '(i - 1500) / 7',
  'DECIMAL(9,0)': 'i - 1500',
  'DECIMAL(18,6)': '(i - 1500) / 7',
  VARCHAR: 'left(md5(i::VARCHAR), 12 + i % 21)',
}
/** Values of any type, as literals. */
const others: Readonly<Record<string, string>> = {
  BIGINT: '9223372036854775807, -9223372036854775808, 4503599627370495, 4503599627370496, -4503599627370496, -4503599627370497, -1, 0',
  FLOAT: "'nan', 'infinity', '-infinity', '-0', '1e38', '1e-45'",
  DOUBLE: "'nan', 'infinity', '-infinity', '-0', '1e300', '5e-324'",
  DATE: "'infinity', '-infinity', '0044-03-15 (BC)', '12345-01-01'",
  TIMESTAMP: "'infinity', '-infinity', '294246-01-01', '0044-03-15 (BC) 01:02:03.000001', '1677-09-21 00:12:43'",
  TIMESTAMP_NS: "'infinity', '-infinity', '2262-04-11 23:47:16.854775806', '1677-09-22 00:12:43.145224193'",
  'TIMESTAMP WITH TIME ZONE': "'infinity', '-infinity', '294246-01-01', '0044-03-15 (BC) 01:02:03.000001'",
  'DECIMAL(18,6)': '999999999999.999999, -999999999999.999999, 0.000001, -0.000001',
  'DECIMAL(38,10)': '1234567890123456789012345678.0123456789, -0.0000000001',
  VARCHAR: "'', 'short', 'longer than twelve bytes', 'say \"hi\" \\ \u{1F600}'",
  HUGEINT: '170141183460469231731687303715884105727',
}

/** Reads one column by `readerOf` and value by value. */
const readBoth = async (sql: string, isDirect: boolean): Promise<{ read: string[]; expected: string[] }> => {
  const connection = await instance.connect()
  const result = await connection.stream(sql)
  const type = result.columnType(0) as DuckDBType
  const encode = encoderOf(type)
  const read: string[] = []
  const expected: string[] = []
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const vector = chunk.getColumnVector(0)
    const rows = Array.from({ length: chunk.rowCount }, (_, row) => row)
    const readAny = (row: number) => nullable(encode)(vector.getItem(row) as DuckDBValue)
    expected.push(...rows.map(readAny))
    read.push(...rows.map(readerOf(vector, type, isDirect ? () => expect.unreachable() : readAny)))
  }
  connection.disconnectSync()
  return { read, expected }
}

test.each(Object.entries(direct))('%s is read without the driver', async (type, value) => {
  const { read, expected } = await readBoth(`SELECT (${value})::${type} FROM range(${count}) range(i)`, true)
  expect(new Set(read).size).toBeGreaterThan(100)
  expect(read).toEqual(expected)
})

test.each(Object.entries(direct))('%s among nulls', async (type, value) => {
  const sql = `SELECT CASE WHEN hash(i) % 3 = 0 THEN NULL ELSE (${value})::${type} END FROM range(${count}) range(i)`
  const { read, expected } = await readBoth(sql, true)
  expect(read.filter((text) => text === 'null').length).toBeGreaterThan(500)
  expect(read).toEqual(expected)
})

test.each(Object.entries(others))('odd values of %s', async (type, values) => {
  const { read, expected } = await readBoth(
    `SELECT value::${type} FROM (VALUES ${values
      .split(', ')
      .map((one) => `(${one})`)
      .join(', ')}, (NULL)) list(value)`,
    false,
  )
  expect(read).toEqual(expected)
  expect(read.at(-1)).toBe('null')
})

test('booleans are read without the driver', async () => {
  const { read, expected } = await readBoth(
    `SELECT CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN true ELSE false END FROM range(${count}) range(i)`,
    true,
  )
  expect(read).toEqual(expected)
})

test.each([
  ['of many lengths', "repeat('x', (i * 7) % 1500)"],
  ['short ones', "left('abcdefghijkl', (i % 13)::INTEGER)"],
  ['with characters of several bytes', "md5(i::VARCHAR) || CASE WHEN i % 5 = 0 THEN '\u{1F600}\u00e9' ELSE '' END"],
  ['that need escapes', "md5(i::VARCHAR) || CASE i % 4 WHEN 0 THEN '\"' WHEN 1 THEN '\\' WHEN 2 THEN chr(10) ELSE '\u007f' END"],
  [
    'that repeat, out of order',
    "['a text that is repeated often', 'another one that is longer', 'the third of these texts'][1 + (hash(i) % 3)::BIGINT]",
  ],
  ['one for all', "'a constant text of more than twelve bytes'"],
  ['of JSON', '(\'{"key": \' || i || \', "list": [1, 2, 3]}\')::JSON'],
])('texts %s, computed and from a table, among nulls', async (_what, value) => {
  const computed = `SELECT CASE WHEN hash(i) % 7 = 0 THEN NULL ELSE ${value} END AS value FROM range(${count}) range(i)`
  const connection = await instance.connect()
  await connection.run(`CREATE OR REPLACE TABLE stored AS ${computed}`)
  connection.disconnectSync()
  for (const sql of [
    computed,
    'FROM stored',
    'FROM stored ORDER BY hash(rowid)',
    'SELECT s.value FROM stored s JOIN stored t USING (value) LIMIT 5000',
  ]) {
    const { read, expected } = await readBoth(sql, false)
    expect(read.length).toBeGreaterThan(100)
    expect(read).toEqual(expected)
  }
})
