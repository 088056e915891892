/** The limits that a call sets for itself, and those it may not pass. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AnyEnvelope, type Door, httpDoors } from '../support/doors.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { postForStream, readNdjson } from '../support/read-stream.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

let started: Started
let doors: Record<string, Door>
beforeAll(async () => {
  started = await startDataface(`
name: limits
limits: { timeout_ms: 20000, stream_timeout_ms: 20000 }
sources:
  postgres: { type: postgres, url: ${postgresUrl('fixture', reader)} }
  duckdb: { type: csv, files: { airports: node_modules/vega-datasets/data/airports.csv } }
  postgres_strict: { type: postgres, url: ${postgresUrl('fixture', reader)}, limits: &strict { max_bytes: 2000, max_cell_bytes: 100, timeout_ms: 400, stream_bytes: 2000, stream_timeout_ms: 400 } }
  duckdb_strict: { type: csv, files: { airports: node_modules/vega-datasets/data/airports.csv }, limits: *strict }
`)
  doors = httpDoors(started)
})
afterAll(() => started?.close())

const words = "SELECT g AS n, repeat('word ', 40) AS t FROM generate_series(1, 100) s(g) ORDER BY 1"
const endless = 'SELECT count(*) FROM generate_series(1, 1000000000000) s(g) WHERE g % 3 = 4'

interface Result {
  readonly rows: readonly [unknown, string][]
  readonly row_count: number
  readonly next_cursor?: string
}
const dataOf = (answer: AnyEnvelope): Result => {
  if (!answer.success) throw new Error(JSON.stringify(answer.errors))
  return answer.data as unknown as Result
}

describe.each(['postgres', 'duckdb'])('a call on %s', (source) => {
  describe.each(['rest', 'trpc by POST', 'mcp 2025-06-18', 'mcp 2026-07-28'])('through %s', (door) => {
    const ask = (input: Record<string, unknown>) => (doors[door] as Door)('execute_query', { source, ...input })

    test('asks for fewer bytes', async () => {
      const answer = await ask({ sql: words, max_bytes: 1500 })
      expect(answer).toMatchObject({ data: { truncated: true, truncated_by: 'bytes', limit_applied: { bytes: 1500 } }, warnings: [] })
      expect(Buffer.byteLength(JSON.stringify(dataOf(answer).rows))).toBeLessThanOrEqual(1500)
    })

    test('asks for shorter values', async () => {
      const answer = await ask({ sql: words, limit: 2, max_cell_bytes: 100 })
      expect(answer.warnings).toEqual([{ code: 'VALUES_CUT', message: '2 values were longer than 100 bytes and were cut.' }])
      for (const [, text] of dataOf(answer).rows) expect(text).toMatch(/^word word .*\[cut: 200 bytes\]$/)
    })

    test('asks for less time', async () => {
      expect(await ask({ sql: endless, timeout_ms: 100 })).toMatchObject({ success: false, errors: [{ code: 'QUERY_TIMEOUT' }] })
      expect(await ask({ sql: 'SELECT 1', timeout_ms: 100 })).toMatchObject({ data: { limit_applied: { timeout_ms: 100 } } })
    })

    test('gets no more than the source allows, and is told', async () => {
      const strict = `${source}_strict`
      const answer = await ask({ source: strict, sql: words, max_bytes: 3000, max_cell_bytes: 101, timeout_ms: 401 })
      expect(answer).toMatchObject({ data: { truncated_by: 'bytes', limit_applied: { bytes: 2000, timeout_ms: 400 } } })
      expect((answer.warnings as { code: string; message: string }[]).filter(({ code }) => code === 'LIMIT_LOWERED')).toEqual([
        { code: 'LIMIT_LOWERED', message: 'The max_bytes 3000 was lowered to 2000, the most this source allows.' },
        { code: 'LIMIT_LOWERED', message: 'The timeout_ms 401 was lowered to 400, the most this source allows.' },
        { code: 'LIMIT_LOWERED', message: 'The max_cell_bytes 101 was lowered to 100, the most this source allows.' },
      ])
      for (const [, text] of dataOf(answer).rows) expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThanOrEqual(100)
      expect(await ask({ source: strict, sql: endless, timeout_ms: 20_000 })).toMatchObject({ errors: [{ code: 'QUERY_TIMEOUT' }] })
    })
  })

  test('continues with a cursor under other limits', async () => {
    const rest = doors.rest as Door
    const seen: unknown[] = []
    let cursor: string | undefined
    for (const limits of [{ max_bytes: 3000 }, { max_cell_bytes: 100, limit: 30 }, { timeout_ms: 5000, limit: 100 }]) {
      const page = dataOf(await rest('execute_query', { source, sql: words, ...limits, ...(cursor !== undefined && { cursor }) }))
      seen.push(...page.rows.map(([n]) => Number(n)))
      cursor = page.next_cursor
    }
    expect(cursor).toBeUndefined()
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
  })

  test('leaves no limit of its own to the next one', async () => {
    if (source !== 'postgres') return
    const rest = doors.rest as Door
    await Promise.all(Array.from({ length: 8 }, () => rest('execute_query', { source, sql: 'SELECT 1', timeout_ms: 1000 })))
    for (let i = 0; i < 8; i++)
      expect(await rest('execute_query', { source, sql: 'SHOW statement_timeout' })).toMatchObject({ data: { rows: [['20s']] } })
  })

  test('for a stream asks for fewer bytes and less time, within the limits of streams', async () => {
    const ask = async (input: Record<string, unknown>) =>
      readNdjson(await postForStream(started.url, { source, sql: words, ...input }, 'application/x-ndjson'))
    const few = await ask({ max_bytes: 1500 })
    expect(few.trailer).toMatchObject({ data: { truncated_by: 'bytes', limit_applied: { bytes: 1500 } } })
    expect(few.rows.length).toBeLessThan(8)
    expect((await ask({ max_bytes: 5_000_000_000 })).trailer).toMatchObject({ data: { truncated: false, row_count: 100 }, warnings: [] })
    expect((await ask({ source: `${source}_strict`, max_bytes: 3000, timeout_ms: 401 })).trailer).toMatchObject({
      data: { limit_applied: { bytes: 2000, timeout_ms: 400 } },
      warnings: [{ code: 'LIMIT_LOWERED' }, { code: 'LIMIT_LOWERED' }],
    })
    const late = await postForStream(started.url, { source, sql: endless, timeout_ms: 100 }, 'application/x-ndjson')
    expect(await late.text()).toContain('QUERY_TIMEOUT')
  })
})

test.each([
  ['postgres', 9_000],
  ['duckdb', 1_500],
])('%s: half a character and a statement beyond any depth are refused as such', async (source, nested) => {
  const ask = doors.rest as Door
  expect(await ask('execute_query', { source, sql: 'SELECT $1::text AS t', params: ['b\ud800'] })).toMatchObject({
    errors: [{ code: 'VALIDATION_ERROR', path: 'params.0' }],
  })
  expect(await ask('execute_query', { source, sql: `SELECT ${'abs('.repeat(nested)}1${')'.repeat(nested)}` })).toMatchObject({
    errors: [{ code: 'SQL_REJECTED', message: expect.stringContaining('nested too deeply') }],
  })
})
