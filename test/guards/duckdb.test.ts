import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { queryOf } from '../support/query.ts'
import { attacks } from './duckdb-attacks.ts'
import { honest, shop as tables } from './duckdb-honest.ts'
import { type Guarded, openShop, type Shop } from './duckdb-shop.ts'

let shop: Shop
let open: Guarded
beforeAll(async () => {
  shop = await openShop(tables)
  open = shop.under({})
})
afterAll(() => shop?.close())

describe('refuses, with a code, the place and what to do,', () => {
  test.each(Object.entries(attacks))('%s', async (_name, { code, sql }) => {
    for (const one of sql) {
      const refusal = await open.refusal(one)
      expect({ sql: one, ...refusal }).toMatchObject({ sql: one, code, message: expect.stringMatching(/\.$/), position: expect.anything() })
      expect(refusal?.position?.offset, one).toBeLessThanOrEqual(one.length)
    }
    if (code === 'SQL_ERROR') return
    for (const one of sql) expect((await open.refusal(one))?.hint, one).toMatch(/\.$|\?$/)
  })
})

describe('accepts and runs', () => {
  test.each(Object.entries(honest))('%s', async (_name, statements) => {
    for (const sql of statements) expect({ sql, rows: await open.run(sql) }).toEqual({ sql, rows: expect.any(Array) })
  })
})

test('a refusal says what to do instead', async () => {
  const pivot = { message: expect.stringMatching(/^A PIVOT with a query/), hint: expect.stringMatching(/IN \(value, \.\.\.\)/) }
  expect(await open.refusal('SELECT * FROM (PIVOT sales ON quarter IN (SELECT quarter FROM sales))')).toMatchObject(pivot)
  // Another database has these.
  expect(await open.refusal("FROM read_xlsx('x')")).toMatchObject({ hint: expect.stringMatching(/^It reads files\./) })
  expect(await open.refusal("SELECT getenv('HOME')")).toMatchObject({ hint: expect.stringMatching(/^Variables and settings are closed\./) })
  expect(await open.refusal('USE analytics')).toMatchObject({ message: 'A USE statement is not a read.' })
  expect(await open.refusal('UPDATE orders SET id = 1')).toMatchObject({ message: 'An UPDATE statement is not a read.' })
})

test('a refusal names the place', async () => {
  expect(await open.refusal("SELECT 1,\n  read_text('/x')")).toMatchObject({ position: { line: 2, column: 3 } })
  expect(await open.refusal("SELECT 'ü', * FROM orders,\n 'x.csv'")).toMatchObject({ position: { line: 2, column: 2 } })
  expect(await open.refusal('EXPLAIN /* ü */ SELECT sleep_ms(1)')).toMatchObject({ position: { line: 1, column: 24 } })
  expect(await open.refusal('SELECT 1 FROM')).toMatchObject({ position: { line: 1, column: 14 } })
})

test.each([
  '>DELETE FROM orders',
  '-- SET a\n /* ü */ >SET threads = 1',
  ';; >CALL pragma_version()',
  "SELECT 'ü;' AS a; -- ; DELETE\n>DELETE FROM orders; SELECT 2",
  'BEGIN; >SELECT 1; COMMIT',
  '/* ü */ >SHOW TABLES',
  '>EXPLAIN DELETE FROM orders',
])('a refusal of a whole statement names its start, and of several that of the second: %s', async (marked) => {
  const sql = marked.replace('>', '')
  expect(await open.refusal(sql)).toMatchObject({ code: 'SQL_REJECTED', position: { offset: marked.indexOf('>') } })
})

test('a PIVOT without values gives the rows of the same PIVOT with them, and leaves nothing behind', async () => {
  const given = await open.run("PIVOT sales ON quarter IN ('q1', 'q2') USING sum(amount) ORDER BY ALL")
  expect(given).toHaveLength(4)
  expect(await open.run('PIVOT sales ON quarter USING sum(amount) ORDER BY ALL')).toEqual(given)
  // One that is cut, and one that fails half-way.
  expect(await open.run('PIVOT (SELECT range AS r, range % 2 AS odd FROM range(9999)) ON odd')).toHaveLength(100)
  expect(await open.run("PIVOT sales ON quarter USING max(error('x'))")).toMatchObject({ code: 'SQL_ERROR' })
  const left = await shop.source.query(queryOf("SELECT type_name FROM duckdb_types() WHERE database_name = 'temp' AND NOT internal"))
  expect(left.rowCount).toBe(0)
})

test.each([
  "SELECT ('it''s S3CRET' || id)::INT FROM orders",
  "SELECT ('S3CRET' || chr(10) || 'S3CRET')::DATE FROM orders",
  `SELECT 'a" S3CRET "b'::UUID FROM orders`,
  "SELECT strptime('S3CRET' || chr(10) || id, '%Y') FROM orders",
  "SELECT json_extract('S3CRET' || status, '$.a') FROM orders",
  'SELECT (424242 + id)::TINYINT FROM orders',
  'SELECT (424242 * id)::DECIMAL(3, 1) FROM orders',
  'SELECT 424242::INT * (424242 + id)::INT FROM orders',
  "SELECT ('S3CRET' || id)::mood FROM orders",
])('an error tells no value: %s', async (sql) => {
  const item = await open.run(sql)
  expect(item).toMatchObject({ code: 'SQL_ERROR' })
  expect(JSON.stringify(item)).not.toMatch(/S3CRET|424242/)
})
