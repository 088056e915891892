/** Values that are far longer than what may be sent of them: they are cut, and cost what is sent. */
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultLimits } from '../../server/projects/project.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { Source } from '../../server/sources/source.ts'
import { faultOf, openDuck } from '../support/duckdb.ts'
import { postgresUrl } from '../support/postgres.ts'
import { queryOf } from '../support/query.ts'

const mebibyte = 1024 * 1024
let sources: Record<'postgres' | 'duckdb', Source>

beforeAll(async () => {
  const client = new pg.Client(postgresUrl('postgres'))
  await client.connect()
  await client.query('CREATE DATABASE long_values')
  await client.end()
  const filled = new pg.Client(postgresUrl('long_values'))
  await filled.connect()
  await filled.query('CREATE EXTENSION hstore')
  await filled.query('CREATE TYPE pair AS (a_first_field_of_a_long_name int, a_second_field_of_a_long_name text)')
  await filled.query('CREATE TYPE lists AS (items int[], n int)')
  await filled.query("CREATE TABLE long_cells AS SELECT array_fill(1, ARRAY[1000000]) AS a, repeat('x', 80000000) AS t")
  await filled.end()
  sources = {
    postgres: openPostgres({
      name: 'pg',
      config: { type: 'postgres', url: postgresUrl('long_values') },
      limits: defaultLimits,
      log: () => {},
    }),
    duckdb: openDuck({}, { memoryBytes: 768 * mebibyte }),
  }
}, 60_000)
afterAll(() => Promise.all(Object.values(sources ?? {}).map((source) => source.close())))

const more = `more than ${defaultLimits.maxCellBytes}`

/** An expression, how what is sent of its value begins, and the size that its mark tells. */
const cases: Record<'postgres' | 'duckdb', readonly (readonly [expression: string, start: string, size: string])[]> = {
  postgres: [
    ["repeat('x', 200000000)", 'xxx', '200000000'],
    ["repeat('é\"', 10000000)", 'é"é"', '30000000'],
    ["decode(repeat('ff', 50000000), 'hex')", '////', '66666668'],
    ["repeat('9', 100000)::numeric", '999', '100000'],
    ["repeat('10', 10000000)::bit varying", '1010', '20000000'],
    ['array_fill(1, ARRAY[20000000])', '[1,1,1,', more],
    [`array_fill('a b"'::text, ARRAY[1000, 2000])`, '[["a b\\"","a b\\"",', more],
    ["ARRAY[repeat('y', 10000000), 'z']", '["yyy', more],
    ['(SELECT array_agg(ROW(g, NULL)::pair) FROM generate_series(1, 300000) g)', '[{"a_first_field_of_a_long_name":1,', more],
    ['ROW(array_fill(1, ARRAY[10000000]), 1)::lists', '{"items":[1,1,1,', more],
    ["ROW(7, repeat('y', 10000000))::pair", '{"a_first_field_of_a_long_name":7,"a_second_field_of_a_long_name":"yyy', more],
    ['(SELECT json_agg(g) FROM generate_series(1, 3000000) g)', '[1, 2, 3, ', more],
    ["jsonb_build_object('k', repeat('z', 10000000))", '{"k": "zzz', more],
    ["(repeat(' ', 10000000) || '1')::json", '    ', more],
    ["('pair', repeat('x', 10000000))", '(pair,xxx', '10000007'],
    ["hstore('k', repeat('h', 10000000))", '[{"key":"k","value":"hhh', more],
    ["hstore(repeat('h', 10000000), 'k')", '[{"key":"hhh', more],
  ],
  duckdb: [
    ["repeat('x', 200000000)", 'xxx', '200000000'],
    ["repeat('é\"', 10000000)", 'é"é"', '30000000'],
    ["from_hex(repeat('ff', 50000000))", '////', '66666668'],
    ['(SELECT list(g) FROM range(15000000) t(g))', '["0","1","2",', more],
    ['(SELECT list([g, g]) FROM range(3000000) t(g))', '[["0","0"],["1",', more],
    ["['a', repeat('y', 50000000), repeat('z', 50000000)]", '["a","yyy', more],
    ["{'first': 7, 'second': repeat('y', 50000000)}", '{"first":7,"second":"yyy', more],
    ['(SELECT list({a: g}) FROM range(3000000) t(g))', '[{"a":"0"},{"a":"1"},', more],
    ['(SELECT MAP(list(g), list(g)) FROM range(300000) t(g))', '[{"key":"0","value":"0"},', more],
    ["[repeat('x', 50000000), repeat('y', 50000000)]::VARCHAR[2]", '["xxx', more],
    ['(SELECT union_value(k := list(g)) FROM range(3000000) t(g))', '{"tag":"k","value":["0","1",', more],
    ['(SELECT to_json(list(g)) FROM range(3000000) t(g))', '[0,1,2,', more],
  ],
}

const checkCut = (value: string, start: string, size: string): void => {
  expect(value.slice(0, start.length)).toBe(start)
  expect(value.slice(value.indexOf('…'))).toBe(`… [cut: ${size} bytes]`)
  const bytes = Buffer.byteLength(JSON.stringify(value))
  expect(bytes).toBeGreaterThan(defaultLimits.maxCellBytes * 0.9)
  expect(bytes).toBeLessThanOrEqual(defaultLimits.maxCellBytes)
}

/** Runs work; the most memory that this process ever took must stay about what it was. */
const inBoundedMemory = async <T>(work: () => Promise<T>): Promise<T> => {
  const before = process.resourceUsage().maxRSS
  const result = await work()
  expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(190)
  return result
}

describe.each(['postgres', 'duckdb'] as const)('a value on %s', (dialect) => {
  const limits = { ...defaultLimits, maxRows: 10, timeoutMs: 60_000 }

  test.each(cases[dialect])(
    '%s is cut, and costs what is sent of it',
    async (expression, start, size) => {
      const sql = `SELECT ${expression} AS v, 1 AS n`
      const { rows, cutCells, truncatedBy } = await inBoundedMemory(() => sources[dialect].query(queryOf(sql, { limits })))
      const [[cell, n]] = JSON.parse(rows?.text ?? '') as [[string, number]]
      checkCut(cell, start, size)
      expect({ n, cutCells, truncatedBy }).toEqual({ n: 1, cutCells: [0], truncatedBy: undefined })
    },
    60_000,
  )

  test.each(cases[dialect].slice(3, 9))(
    '%s is cut alike in CSV and Markdown',
    async (expression, start, size) => {
      const ask = (format: 'csv' | 'markdown') => sources[dialect].query(queryOf(`SELECT ${expression} AS v`, { limits, format }))
      const { text: csv = '', cutCells } = await inBoundedMemory(() => ask('csv'))
      expect(cutCells).toEqual([0])
      checkCut(
        csv.slice(csv.indexOf('\n') + 1, -1).replace(/^"(.*)"$/s, (_all, inner: string) => inner.replaceAll('""', '"')),
        start,
        size,
      )
      expect((await inBoundedMemory(() => ask('markdown'))).cutCells).toEqual([0])
    },
    60_000,
  )

  test('a row of very many long values is refused, or ends the answer before it', async () => {
    const many = Array.from({ length: 100 }, (_, index) => `repeat('x', 200000) || g AS v${index}`).join(', ')
    for (const format of ['rows', 'csv'] as const) {
      const wide = queryOf(`SELECT ${many} FROM generate_series(1, 2) s(g)`, { limits, format })
      expect(await faultOf(inBoundedMemory(() => sources[dialect].query(wide)))).toMatchObject({ code: 'RESULT_TOO_LARGE' })
    }
    const grows = "SELECT g, repeat('x', g * 100) FROM generate_series(1, 1000) s(g)"
    const { cutCells, rowCount, truncatedBy } = await sources[dialect].query(
      queryOf(grows, { limits: { ...limits, maxRows: 1000, maxBytes: 100_000, maxCellBytes: 4_000 } }),
    )
    expect(truncatedBy).toBe('bytes')
    expect(cutCells).toEqual(Array.from({ length: rowCount - 39 }, (_, index) => index + 39))
  })
})

describe.each(['postgres', 'duckdb'] as const)('a row of a stream on %s', (dialect) => {
  const read = async (sql: string): Promise<unknown[][]> => {
    const { limits, ...query } = queryOf(sql)
    const { timeoutMs } = limits
    const { read: next } = await sources[dialect].stream({
      ...query,
      limits: { maxRows: 10, maxBytes: 200 * mebibyte, maxRowBytes: 4 * mebibyte, timeoutMs },
    })
    const rows: unknown[][] = []
    for (let batch = await next(); 'lines' in batch; batch = await next())
      for (const line of batch.lines.toString().trimEnd().split('\n')) rows.push(JSON.parse(line))
    return rows
  }
  const numbers = (count: number) =>
    ({ postgres: `array_fill(1, ARRAY[${count}])`, duckdb: `(SELECT list(1::INTEGER) FROM range(${count}))` })[dialect]
  const objects = (count: number) =>
    ({
      postgres: `(SELECT array_agg(ROW(g, NULL)::pair) FROM generate_series(1, ${count}) g)`,
      duckdb: `(SELECT list({a_first_field_of_a_long_name: g, a_second_field_of_a_long_name: NULL}) FROM range(${count}) t(g))`,
    })[dialect]

  test('is whole up to the limit', async () => {
    expect(await read(`SELECT ${numbers(1_000_000)}, 2`)).toEqual([[Array(1_000_000).fill(1), 2]])
  })

  test.each([
    ['a text', "repeat('x', 100000000)"],
    ['numbers', numbers(20_000_000)],
    ['objects whose JSON is much longer than what the database sends', objects(200_000)],
  ])('ends it beyond the limit, and costs no more than that: %s', async (_what, expression) => {
    expect(await faultOf(inBoundedMemory(() => read(`SELECT ${expression}`)))).toMatchObject({ code: 'RESULT_TOO_LARGE' })
  })
})

test('a sample of long values costs what is shown of it', async () => {
  const signal = new AbortController().signal
  const { tables } = await sources.postgres.introspect(signal)
  const table = tables.find(({ name }) => name === 'long_cells')
  if (table === undefined) throw new Error('no table')
  const sample = await inBoundedMemory(() => sources.postgres.sample(table, 3, signal))
  expect(sample).toEqual([[`[${'1,'.repeat(200)}`.slice(0, 256), 'x'.repeat(256)]])
})
