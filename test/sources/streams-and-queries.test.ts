import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultLimits } from '../../server/projects/project.ts'
import { Admission, StreamTurn } from '../../server/sources/admission.ts'
import { openDuckdb } from '../../server/sources/duckdb/source.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { RowStream, Source } from '../../server/sources/source.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { queryOf } from '../support/query.ts'

const count = 1_000_000
/** Some 100 MB: more than sockets and queues hold, and than is read before others have their turn. */
const sql = {
  postgres: "SELECT g, repeat('x', 100) FROM generate_series(1, 1000000) g",
  duckdb: "SELECT i, repeat('x', 100) FROM range(1, 1000001) t(i)",
}

const rowsOf = async (stream: RowStream): Promise<number> => {
  for (;;) {
    const part = await stream.read()
    if ('end' in part) return part.end.rowCount
  }
}

describe.each(['postgres', 'duckdb'] as const)('%s that runs one query at once', (type) => {
  let source: Source
  beforeAll(() => {
    const options = { name: 'one', limits: { ...defaultLimits, timeoutMs: 20_000, maxConcurrency: 1 }, log: () => {} }
    source =
      type === 'postgres'
        ? openPostgres({ ...options, config: { type: 'postgres', url: postgresUrl('fixture', reader) } })
        : openDuckdb({ ...options, type: 'duckdb', config: {} })
  })
  afterAll(() => source?.close())

  const stream = (text = sql[type], signal = new AbortController().signal): Promise<RowStream> =>
    source.stream({
      ...queryOf(text, { signal, caller: 'reader' }),
      limits: { maxRows: 2_000_000, maxBytes: 2 ** 40, maxRowBytes: 1_000_000, timeoutMs: 20_000 },
    })
  const ask = async (): Promise<number> => (await source.query(queryOf('SELECT 1', { caller: 'quiet' }))).rowCount

  test('answers beside a stream that nobody reads, which has all of its rows once it is read', async () => {
    const rows = await stream()
    await rows.read()
    for (let asked = 0; asked < 3; asked++) expect(await ask()).toBe(1)
    await expect.poll(() => source.pool?.().active).toBe(0)
    expect(await rowsOf(rows)).toBe(count)
  })

  test('answers beside a stream that is read as fast as it comes', async () => {
    let isOver = false
    const whole = stream()
      .then(rowsOf)
      .finally(() => {
        isOver = true
      })
    let answered = 0
    for (; !isOver && answered < 2; answered++) expect(await ask()).toBe(1)
    expect({ answered, isOver }).toEqual({ answered: 2, isOver: false })
    expect(await whole).toBe(count)
  })

  test('has its turn back from a stream that is left, whether it rests or waits', async () => {
    const gone = new AbortController()
    const rows = await stream(sql[type], gone.signal)
    await rows.read()
    await ask()
    gone.abort(new Error('gone'))
    await expect(rowsOf(rows)).rejects.toThrow()
    expect(await ask()).toBe(1)
    await expect.poll(() => source.pool?.()).toMatchObject({ active: 0, waiting: 0 })
    expect(await rowsOf(await stream('SELECT 1'))).toBe(1)
  })
})

describe('the turn of a stream', () => {
  const signal = new AbortController().signal

  test('is not refused once the stream has begun, however long it takes and however many wait', async () => {
    const queries = new Admission(1, { patienceMs: 20 })
    const turn = await StreamTurn.take(new Admission(1), queries, { caller: 'a', signal })
    turn.rest()
    queries.enter('b', signal)
    const waiting = Array.from({ length: 32 }, () => queries.enter('a', signal) as Promise<void>)
    let works = 0
    turn.goOn(() => works++)
    turn.goOn(() => works++)
    for (const one of await Promise.allSettled(waiting)) expect(one).toMatchObject({ reason: { code: 'RATE_LIMITED' } })
    await sleep(50)
    expect(works).toBe(0)
    queries.leave()
    await expect.poll(() => works).toBe(2)
    turn.leave()
    expect(queries).toMatchObject({ running: 0, waiting: 0 })
  })

  test('is left to the next by a stream that was over before it came', async () => {
    const [streams, queries] = [new Admission(1), new Admission(1)]
    const turn = await StreamTurn.take(streams, queries, { caller: 'a', signal })
    turn.rest()
    queries.enter('b', signal)
    turn.goOn(() => expect.unreachable())
    turn.leave()
    turn.leave()
    turn.goOn(() => expect.unreachable())
    queries.leave()
    await sleep(1)
    expect([queries.running, streams.running]).toEqual([0, 0])
  })
})
