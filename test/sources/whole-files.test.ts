/** Files are served with all that they hold, also where it differs from what they begin with. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { openDuck, writeDatabase } from '../support/duckdb.ts'
import { queryOf } from '../support/query.ts'

const folder = mkdtempSync(join(tmpdir(), 'dataface-whole-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** More records than the engine looks at by itself. */
const many = 25_000

/** Writes files to a folder of their own and asks the one table that they make; types and rows, or why it is not served. */
const served = async (pattern: string, files: Record<string, string | Buffer>, sql = 'SELECT * FROM t') => {
  const own = mkdtempSync(join(folder, 'files-'))
  mkdirSync(own, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(own, name), text)
  return servedFrom(join(own, pattern), sql)
}

const servedFrom = async (path: string, sql = 'SELECT * FROM t') => {
  const source = openDuck({ files: { t: path } })
  try {
    const { unread = [] } = await source.introspect(AbortSignal.timeout(30_000))
    if (unread.length > 0) return unread.map(({ reason }) => reason)
    const { columns, rows } = await source.query(queryOf(sql))
    return { types: columns.map((column) => `${column.name} ${column.database_type}`), rows: JSON.parse(rows?.text ?? '[]') }
  } finally {
    await source.close()
  }
}

/** What comes after many records that are all alike. */
const late = [
  ['a fraction after whole numbers', '1,x', '1.5,x', ['a DOUBLE', 'b VARCHAR'], [1.5, 'x']],
  ['a word after whole numbers', '1,x', 'N/A,x', ['a VARCHAR', 'b VARCHAR'], ['N/A', 'x']],
  ['a date that does not fit those before', '01/02/2020,x', '01/13/2020,x', ['a VARCHAR', 'b VARCHAR'], ['01/13/2020', 'x']],
  ['quotes', '1,x', '2,"he said ""no"", twice"', ['a BIGINT', 'b VARCHAR'], ['2', 'he said "no", twice']],
  ['a line break in quotes', '1,x', '2,"y\nz"', ['a BIGINT', 'b VARCHAR'], ['2', 'y\nz']],
] as const

test.each(late)(
  'a CSV file with %s far below, small, large or compressed',
  async (_what, usual, last, types, row) => {
    const textOf = (count: number) => `a,b\n${`${usual}\n`.repeat(count)}${last}\n`
    const answer = { types, rows: [row] }
    expect(await served('t.csv', { 't.csv': textOf(many) }, `SELECT * FROM t OFFSET ${many}`)).toEqual(answer)
    expect(await served('t.csv.gz', { 't.csv.gz': gzipSync(textOf(many)) }, `SELECT * FROM t OFFSET ${many}`)).toEqual(answer)
    const more = Math.ceil(9_000_000 / (usual.length + 1))
    expect(await served('t.csv', { 't.csv': textOf(more) }, `SELECT * FROM t OFFSET ${more}`)).toEqual(answer)
  },
  60_000,
)

test.each([
  ['a fraction', { a: 1.5 }, ['a DOUBLE'], [1.5]],
  ['a word', { a: 'x' }, ['a JSON'], ['x']],
  ['another member', { a: 1, z: 2 }, ['a BIGINT', 'z BIGINT'], ['1', '2']],
])('a JSON file with %s far below', async (_what, last, types, row) => {
  const text = `${'{"a": 1}\n'.repeat(many)}${JSON.stringify(last)}\n`
  const answer = await served('t.ndjson', { 't.ndjson': text }, `SELECT * FROM t OFFSET ${many}`)
  expect(answer).toMatchObject({ rows: [row] })
  if (types[0] !== 'a JSON') expect(answer).toMatchObject({ types })
})

const numbered = (count: number, extension: string, textOf: (isLast: boolean) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${String(at).padStart(3, '0')}.${extension}`, textOf(at === count - 1)]))

test.each([
  [
    'a further column',
    (isLast: boolean) => (isLast ? 'b,a,z\n2,1,3\n' : 'a,b\n1,2\n'),
    ['a BIGINT', 'b BIGINT', 'z BIGINT'],
    ['1', '2', '3'],
  ],
  ['a column less', (isLast: boolean) => (isLast ? 'a\n1\n' : 'a,b\n1,2\n'), ['a BIGINT', 'b BIGINT'], ['1', null]],
  ['a fraction', (isLast: boolean) => (isLast ? 'a,b\n1.5,2\n' : 'a,b\n1,2\n'), ['a DOUBLE', 'b BIGINT'], [1.5, '2']],
  ['quotes', (isLast: boolean) => (isLast ? 'a,b\n1,"x ""y"""\n' : 'a,b\n1,x\n'), ['a BIGINT', 'b VARCHAR'], ['1', 'x "y"']],
] as const)('CSV files of which the last has %s', async (_what, textOf, types, row) => {
  for (const count of [2, 40])
    expect(await served('*.csv', numbered(count, 'csv', textOf), `SELECT * FROM t OFFSET ${count - 1}`)).toEqual({ types, rows: [row] })
})

test('an empty CSV file among others makes no column', async () => {
  const files = { '0.csv': 'a\n1\n', '1.csv': '', '2.csv': 'a,z\n2,3\n' }
  expect(await served('*.csv', files)).toEqual({
    types: ['a BIGINT', 'z BIGINT'],
    rows: [
      ['1', null],
      ['2', '3'],
    ],
  })
})

test('JSON files of which the last has a further member and a fraction', async () => {
  const files = numbered(40, 'json', (isLast) => JSON.stringify([isLast ? { a: 1.5, z: 2 } : { a: 1 }]))
  expect(await served('*.json', files, 'SELECT * FROM t OFFSET 39')).toEqual({ types: ['a DOUBLE', 'z BIGINT'], rows: [[1.5, '2']] })
})

test.each([
  ['a further column', '1 AS a', '1 AS a, 3 AS z', ['a INTEGER', 'z INTEGER'], [1, 3]],
  ['a column less', '1 AS a, 3 AS z', '1 AS a', ['a INTEGER', 'z INTEGER'], [1, null]],
  ['fractions', '1 AS a', '1.5 AS a', ['a DECIMAL(11,1)'], ['1.5']],
  ['larger numbers', '1 AS a', '5000000000 AS a', ['a BIGINT'], ['5000000000']],
])('Parquet files of which the last has %s', async (_what, first, last, types, row) => {
  const own = mkdtempSync(join(folder, 'parquet-'))
  const copies = [first, last].map((columns, at) => `COPY (SELECT ${columns}) TO '${join(own, `${at}.parquet`)}' (FORMAT parquet)`)
  writeDatabase(join(own, 'unused'), ...copies)
  expect(await servedFrom(join(own, '*.parquet'), 'SELECT * FROM t OFFSET 1')).toEqual({ types, rows: [row] })
})

test('a row that begins with # is a row, and notes above a table are none', async () => {
  expect(await served('t.csv', { 't.csv': 'id,tag\n1,x\n#2,y\n3,z\n' })).toMatchObject({
    rows: [
      ['1', 'x'],
      ['#2', 'y'],
      ['3', 'z'],
    ],
  })
  expect(await served('t.csv', { 't.csv': '# note\nid,tag\n1,x\n# note\n3,z\n' })).toMatchObject({
    rows: [
      ['1', 'x'],
      ['3', 'z'],
    ],
  })
})

test('a JSON list that is cut off is not served', async () => {
  expect(await served('t.json', { 't.json': '[{"a": 1}, {"a": 2},' })).toEqual([expect.stringContaining('has no end')])
  expect(await served('t.json', { 't.json': `[{"a": 1}]${' '.repeat(2_000)}` })).toMatchObject({ rows: [['1']] })
})

test('a CSV file that is read in place rounds nothing, and its late quotes are no part of a value', async () => {
  const path = join(folder, 'large.csv')
  // Without a value, as a quoted nothing, and with zeros after a point, a whole number is one.
  const end = '1.5,7,"he said ""no"""\n1,"",last\n1,5.0,last\n'
  writeFileSync(path, `a,b,c\n${`1,2,${'x'.repeat(96)}\n`.repeat(700_000)}${end}`)
  expect(await servedFrom(path, 'SELECT count(*), sum(b) FROM t')).toMatchObject({ rows: [['700003', '1400012']] })
  expect(await servedFrom(path, "SELECT b, c FROM t WHERE c LIKE 'he%'")).toMatchObject({
    types: ['b BIGINT', 'c VARCHAR'],
    rows: [['7', 'he said "no"']],
  })
  await expect(servedFrom(path, 'SELECT sum(a) FROM t')).rejects.toThrow(/has a fraction further on/)
}, 60_000)
