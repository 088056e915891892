/** Names and types of columns that are longer than what may be sent. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultLimits } from '../../server/projects/project.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import { type AnyEnvelope, type Door, httpDoors } from '../support/doors.ts'
import { faultOf, openDuck } from '../support/duckdb.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { queryOf } from '../support/query.ts'
import { postForStream } from '../support/read-stream.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

let started: Started
let ask: (input: Record<string, unknown>) => Promise<AnyEnvelope>
beforeAll(async () => {
  started = await startDataface(`
name: heads
sources:
  postgres: { type: postgres, url: ${postgresUrl('fixture', reader)} }
  duckdb: { type: csv, files: { airports: node_modules/vega-datasets/data/airports.csv } }
`)
  ask = (input) => (httpDoors(started).rest as Door)('execute_query', input)
})
afterAll(() => started?.close())

const times = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(', ')
const wide = (count: number): string =>
  `SELECT ${times(count, (index) => `${index} AS a_column_with_a_name_of_fifty_letters_more_or_less_${index}`)}`
const longType = (length: number, columns: number): string =>
  `SELECT ${times(columns, () => 's')} FROM (SELECT {'${'a'.repeat(length)}': 1} AS s) WHERE false`
const longAlias = (length: number, joins: number): string =>
  `WITH q AS (SELECT 1 AS "${'a'.repeat(length)}") SELECT * FROM ${times(joins, (index) => `q b${index}`)}`

const told = /^The names and types of the \d+ columns alone pass the limit of \d+ (bytes|tokens)\.$/
const isTooLarge = (answer: AnyEnvelope): void =>
  expect(answer).toMatchObject({
    success: false,
    errors: [{ code: 'RESULT_TOO_LARGE', message: expect.stringMatching(told), hint: expect.stringMatching(/^Select fewer columns/) }],
  })

describe.each(['postgres', 'duckdb'])('the head of an answer on %s', (source) => {
  test.each(['rows', 'csv', 'markdown'])('counts toward the bytes, as %s', async (format) => {
    isTooLarge(await ask({ source, sql: wide(1500), max_bytes: 2000, format }))
    isTooLarge(await ask({ source, sql: `${wide(1500)} WHERE false`, max_bytes: 2000, format }))
  })

  test('counts toward the tokens', async () => {
    isTooLarge(await ask({ source, sql: `${wide(300)} WHERE false`, max_tokens: 100 }))
    expect(await ask({ source, sql: wide(300), max_tokens: 50_000 })).toMatchObject({ success: true, data: { row_count: 1 } })
  })

  test('leaves what it does not take to the rows', async () => {
    const sql = `${wide(60)} FROM generate_series(1, 1000)`
    const answer = await ask({ source, sql, max_bytes: 20_000, limit: 1000, max_tokens: 1_000_000 })
    if (!answer.success) throw new Error(JSON.stringify(answer.errors))
    const { columns, bytes } = answer.data as unknown as { columns: unknown[]; bytes: number }
    const head = Buffer.byteLength(JSON.stringify(columns))
    expect(head).toBeGreaterThan(5000)
    expect(bytes + head).toBeLessThanOrEqual(20_000 + 4096)
    expect(bytes + head).toBeGreaterThan(23_500)
  })

  test('counts toward no limit where it is short', async () => {
    expect(await ask({ source, sql: wide(20), max_bytes: 1024, max_tokens: 100 })).toMatchObject({ success: true, data: { row_count: 1 } })
  })

  test.each(['application/x-ndjson', 'application/vnd.apache.arrow.stream'])('counts in a stream of %s', async (accept) => {
    const response = await postForStream(started.url, { source, sql: wide(1500), max_bytes: 2000 }, accept)
    expect(await response.text()).toContain('columns alone pass the limit of 2000 bytes')
  })
})

test('a head with types that Postgres is yet to be asked for counts', async () => {
  const config = { type: 'postgres' as const, url: postgresUrl('fixture', reader) }
  const source = openPostgres({ name: 'pg', config, limits: defaultLimits, log: () => {} })
  try {
    const page = queryOf(`${wide(1500)}, 1::information_schema.cardinal_number`, { limits: { maxBytes: 2000 } })
    expect(await faultOf(source.query(page))).toMatchObject({ message: expect.stringMatching(told) })
    const limits = { maxRows: 10, maxBytes: 2000, maxRowBytes: 16 * 1024 * 1024, timeoutMs: 20_000 }
    const whole = queryOf(`${wide(1500)}, 'a'::information_schema.sql_identifier`)
    expect(await faultOf(source.stream({ ...whole, limits }))).toMatchObject({ message: expect.stringMatching(told) })
    expect(await source.query(queryOf('SELECT 1'))).toMatchObject({ rowCount: 1 })
  } finally {
    await source.close()
  }
})

describe('a head that DuckDB would write long', () => {
  test.each([
    ['types', longType(60_000, 1000)],
    ['types of many columns', longType(80_000, 3000)],
    ['names', longAlias(60_000, 200)],
  ])('is refused for its %s before it is written', async (_, sql) => {
    isTooLarge(await ask({ source: 'duckdb', sql, limit: 1, max_tokens: 100, max_bytes: 2000 }))
    const source = openDuck({}, { memoryBytes: 768 * 1024 * 1024 })
    try {
      expect(await faultOf(source.query(queryOf(sql)))).toMatchObject({ code: 'RESULT_TOO_LARGE', message: expect.stringMatching(told) })
      const limits = { maxRows: 10, maxBytes: 1e12, maxRowBytes: 16 * 1024 * 1024, timeoutMs: 20_000 }
      expect(await faultOf(source.stream({ ...queryOf(sql), limits }))).toMatchObject({ message: expect.stringMatching(told) })
      expect(await source.query(queryOf('SELECT 1'))).toMatchObject({ rowCount: 1 })
    } finally {
      await source.close()
    }
  })

  test('is sent with its types cut', async () => {
    expect(await ask({ source: 'duckdb', sql: longType(60_000, 2), limit: 1 })).toMatchObject({
      data: {
        columns: Array(2).fill({
          name: 's',
          type: 'struct',
          database_type: expect.stringMatching(/^STRUCT\("?a{1000,1020}… \[cut: 60\d+ characters\]$/),
        }),
      },
    })
  })
})
