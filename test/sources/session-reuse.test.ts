import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultLimits } from '../../server/projects/project.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { Source } from '../../server/sources/source.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type QueryChange, queryOf } from '../support/query.ts'

// One session, so that the next query is run by whatever the last has left.
let source: Source
beforeAll(() => {
  const limits = { ...defaultLimits, timeoutMs: 5_000, maxConcurrency: 1 }
  source = openPostgres({ name: 'pg', config: { type: 'postgres', url: postgresUrl('fixture', reader) }, limits, log: () => {} })
})
afterAll(() => source?.close())

const session = async (): Promise<string | undefined> => (await source.query(queryOf('SELECT pg_backend_pid()'))).rows?.text

const query = async (sql: string, change: QueryChange) => (await source.query(queryOf(sql, change))).truncatedBy

const lines = (count: number): string => `SELECT repeat('x', 100) FROM generate_series(1, ${count})`

const open = (sql: string, limits: { readonly maxRows: number; readonly maxBytes: number }, signal = new AbortController().signal) =>
  source.stream({ ...queryOf(sql), signal, limits: { ...limits, maxRowBytes: 10_000, timeoutMs: 5_000 } })

const stream = async (limits: { readonly maxRows: number; readonly maxBytes: number }) => {
  const { read } = await open(lines(1000), limits)
  for (;;) {
    const part = await read()
    if ('end' in part) return part.end.truncatedBy
  }
}

/** Reads a part of a stream and leaves it; the session is back once its slot is. */
const leave = async () => {
  const left = new AbortController()
  const { read } = await open(
    "SELECT repeat('x', 100), generate_series(1, 10000000)",
    { maxRows: 10_000_000, maxBytes: 2 ** 40 },
    left.signal,
  )
  for (let part = 0; part < 5; part++) await read()
  left.abort()
  for (;;) {
    const end = await read().catch(({ code }) => code)
    if (typeof end === 'string') return end
  }
}

const cancel = () =>
  query('SELECT pg_sleep(60)', { signal: AbortSignal.timeout(50), limits: { timeoutMs: 5_000 } }).catch(({ code }) => code)

test.each<[what: string, ask: () => Promise<unknown>, truncatedBy: string | undefined]>([
  ['that is whole', () => query(lines(10), {}), undefined],
  ['that is cut at its rows', () => query(lines(1000), { limits: { maxRows: 10 } }), 'rows'],
  ['that is cut at its rows, as CSV', () => query(lines(1000), { format: 'csv', limits: { maxRows: 10 } }), 'rows'],
  ['that is cut at its rows, which nobody has left', () => query(lines(1000), { keepsNothing: true, limits: { maxRows: 10 } }), 'rows'],
  ['that is cut at its bytes', () => query(lines(1000), { limits: { maxRows: 1000, maxBytes: 5_000 } }), 'bytes'],
  ['that is cut at its bytes, as CSV', () => query(lines(1000), { format: 'csv', limits: { maxRows: 1000, maxBytes: 5_000 } }), 'bytes'],
  ['whose row is too large', () => query(lines(100), { limits: { maxBytes: 50 } }).catch(({ code }) => code), 'RESULT_TOO_LARGE'],
  ['that is streamed and cut at its rows', () => stream({ maxRows: 10, maxBytes: 1_000_000 }), 'rows'],
  ['that is streamed and cut at its bytes', () => stream({ maxRows: 1_000, maxBytes: 5_000 }), 'bytes'],
  ['that is cancelled', cancel, 'CANCELLED'],
  ['that is streamed and left', leave, 'CANCELLED'],
])('a result %s leaves its session to the next query', async (_what, ask, truncatedBy) => {
  const before = await session()
  expect(await ask()).toBe(truncatedBy)
  expect(await session()).toBe(before)
})

test('a query that is cancelled as it ends harms none that follows', async () => {
  for (let round = 0; round < 150; round++) {
    const gone = new AbortController()
    const timer = setTimeout(() => gone.abort(), 3 + (round % 30) / 10)
    const asked = queryOf('SELECT pg_sleep(0.004)', { keepsNothing: true, signal: gone.signal })
    await source.query(asked).catch(({ code }) => expect(code).toBe('CANCELLED'))
    clearTimeout(timer)
    expect((await source.query(queryOf('SELECT 1', { keepsNothing: true }))).rows?.text).toBe('[[1]]')
  }
})

test('a result that is cut does not wait for rows that nobody wants', async () => {
  const sql = "SELECT repeat('x', 9000), pg_sleep(0.1) FROM generate_series(1, 1000)"
  // All of it would take longer than its time.
  expect(await query(sql, { limits: { maxRows: 1000, maxBytes: 20_000, timeoutMs: 5_000 } })).toBe('bytes')
  expect(await session()).toMatch(/\d/)
})
