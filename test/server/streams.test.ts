import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { executeQuery } from '../../contracts/v1/tools/execute-query.ts'
import { negotiate } from '../../server/transports/rest/negotiate.ts'
import { folderOf, startDft, waitFor } from '../cli/run-dft.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { root } from '../support/project-files.ts'
import { postForStream, readNdjson } from '../support/read-stream.ts'
import { endlessQuery } from '../support/slow-query.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const airports = '{ type: csv, files: { airports: node_modules/vega-datasets/data/airports.csv }'
let started: Started
let admin: pg.Client
beforeAll(async () => {
  const kinds = { postgres: `{ type: postgres, url: "{{ env_var('URL') }}"`, duckdb: airports }
  const limits = {
    '': '',
    _small: 'stream_rows: 100, max_rows: 50',
    _bytes: 'stream_bytes: 5000',
    _short: 'stream_timeout_ms: 400',
    _narrow: 'max_concurrency: 2',
  }
  const sources = Object.entries(kinds).flatMap(([name, kind]) =>
    Object.entries(limits).map(([suffix, limit]) => `  ${name}${suffix}: ${kind}, limits: { ${limit} } }`),
  )
  started = await startDataface(`name: streams\nsources:\n${sources.join('\n')}\n`, { URL: postgresUrl('fixture', reader) })
  admin = new pg.Client({ connectionString: postgresUrl() })
  await admin.connect()
})
afterAll(async () => {
  await started?.close()
  await admin?.end()
})

const ndjson = 'application/x-ndjson'
const arrow = 'application/vnd.apache.arrow.stream'
const ask = (input: unknown, signal?: AbortSignal) => postForStream(started.url, input, ndjson, signal)
const numbers = (rows: number) => `SELECT g AS n, 'row ' || g AS t FROM generate_series(1, ${rows}) s(g)`
/** The state of the sessions that run a statement with this mark. */
const sessions = async (mark: string): Promise<{ pid: number; wait_event: string | null }[]> =>
  (
    await admin.query("SELECT pid, wait_event FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()", [
      `%${mark}%`,
    ])
  ).rows
const untilGone = async (mark: string): Promise<void> => {
  for (let i = 0; i < 100 && (await sessions(mark)).length > 0; i++) await sleep(10)
  expect(await sessions(mark)).toEqual([])
}

describe.each(['postgres', 'duckdb'])('a stream of %s', (source) => {
  test('is one line of columns, one line a row, and the envelope without rows', async () => {
    const response = await ask({ source, sql: numbers(3) })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, ndjson])
    const { columns, rows, trailer } = await readNdjson(response)
    expect(columns.map(({ name }) => name)).toEqual(['n', 't'])
    expect(rows.map(([n, t]) => [Number(n), t])).toEqual([1, 2, 3].map((n) => [n, `row ${n}`]))
    expect(trailer).toMatchObject({ success: true, data: { row_count: 3, truncated: false, columns }, meta: { source } })
    expect(trailer.meta.request_id).toBe(response.headers.get('x-request-id'))
    expect(executeQuery.output.strict().safeParse(trailer.data).error).toBeUndefined()
    const bytes = rows.reduce((sum: number, row) => sum + Buffer.byteLength(JSON.stringify(row)) + 1, 0)
    expect(trailer.data?.bytes).toBe(bytes)
  })

  test('holds more rows than any answer may, and the same values', async () => {
    const sql = numbers(30_000)
    const streamed = await readNdjson(await ask({ source, sql: `${sql} ORDER BY 1` }))
    expect(streamed.rows).toHaveLength(30_000)
    expect(streamed.trailer.data).toMatchObject({ row_count: 30_000, truncated: false, limit_applied: { rows_from: 'default' } })
    const answer = await postForStream(started.url, { source, sql: `${sql} ORDER BY 1`, limit: 1000 }, 'application/json')
    expect(streamed.rows.slice(0, 1000)).toEqual(((await answer.json()) as { data: { rows: unknown[][] } }).data.rows)
  })

  test('of no rows is whole too', async () => {
    const { rows, trailer } = await readNdjson(await ask({ source, sql: `${numbers(3)} WHERE g > 5` }))
    expect([rows, trailer.data]).toMatchObject([[], { row_count: 0, truncated: false }])
  })

  test('binds parameters, and takes the limit of the caller', async () => {
    const { rows, trailer } = await readNdjson(await ask({ source, sql: `${numbers(9)} WHERE g > $1`, params: [5], limit: 3 }))
    expect(rows).toHaveLength(3)
    expect(trailer.data).toMatchObject({ truncated: true, truncated_by: 'rows', limit_applied: { rows: 3, rows_from: 'caller' } })
  })

  test('that a limit of streams cuts says so in its last line', async () => {
    const byRows = await readNdjson(await ask({ source: `${source}_small`, sql: numbers(1000), limit: 500 }))
    expect(byRows.rows).toHaveLength(100)
    expect(byRows.trailer).toMatchObject({
      data: { row_count: 100, truncated: true, truncated_by: 'rows', limit_applied: { rows: 100, rows_from: 'project' } },
      warnings: [{ code: 'LIMIT_LOWERED' }],
    })
    const exact = await readNdjson(await ask({ source: `${source}_small`, sql: numbers(100) }))
    expect(exact.trailer.data).toMatchObject({ row_count: 100, truncated: false })
    const byBytes = await readNdjson(await ask({ source: `${source}_bytes`, sql: numbers(1000) }))
    expect(byBytes.trailer.data).toMatchObject({ truncated: true, truncated_by: 'bytes', row_count: byBytes.rows.length })
    expect(byBytes.trailer.data?.bytes).toBeLessThanOrEqual(5000)
    expect(byBytes.trailer.data?.bytes).toBeGreaterThan(4950)
  })

  test('that fails before its first row is the answer that any call gets', async () => {
    const cases = [
      [{ source, sql: 'DELETE FROM airports' }, 422, 'SQL_REJECTED'],
      [{ source, sql: 'SELECT nope' }, 422, 'SQL_ERROR'],
      [{ source, sql: 'SELECT * FROM nowhere' }, 404, 'TABLE_NOT_FOUND'],
      [{ source: 'nowhere', sql: 'SELECT 1' }, 404, 'SOURCE_NOT_FOUND'],
      [{ source, sql: 'SELECT 1', format: 'csv' }, 400, 'VALIDATION_ERROR'],
      [{ source, sql: 'SELECT 1', cursor: 'x' }, 400, 'VALIDATION_ERROR'],
      [{ source, sql: 'SELECT 1', max_tokens: 100 }, 400, 'VALIDATION_ERROR'],
      [{ source, sql: 'SELECT 1', max_cell_bytes: 100 }, 400, 'VALIDATION_ERROR'],
    ] as const
    for (const [input, status, code] of cases) {
      const response = await ask(input)
      expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/json; charset=utf-8'])
      expect(await response.json()).toMatchObject({ success: false, errors: [{ code }] })
    }
  })

  test('that fails later says so in its last line', async () => {
    const sql = "SELECT CAST(CASE WHEN g = 900000 THEN 'x' ELSE '1' END AS integer) AS n FROM generate_series(1, 1000000) s(g)"
    const response = await ask({ source, sql })
    expect(response.status).toBe(200)
    const { rows, trailer } = await readNdjson(response)
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.length).toBeLessThan(900_000)
    expect(trailer).toMatchObject({ success: false, errors: [{ code: 'SQL_ERROR' }], meta: { source } })
  })

  test('that nobody reads is ended at its time limit', async () => {
    const response = await ask({ source: `${source}_short`, sql: numbers(3_000_000) })
    await sleep(1_500)
    const { trailer } = await readNdjson(response)
    expect(trailer).toMatchObject({ success: false, errors: [{ code: 'QUERY_TIMEOUT' }] })
  })

  test('that nobody reads leaves room for queries, and its place when its reader goes', async () => {
    const gone = new AbortController()
    const narrow = `${source}_narrow`
    await ask({ source: narrow, sql: numbers(3_000_000) }, gone.signal)
    const answer = await postForStream(started.url, { source: narrow, sql: 'SELECT 1 AS a' }, 'application/json')
    expect(await answer.json()).toMatchObject({ success: true })
    const next = ask({ source: narrow, sql: numbers(2) })
    gone.abort()
    expect((await readNdjson(await next)).rows).toHaveLength(2)
  })

  test('holds no row longer than a row may be', async () => {
    const sql = "SELECT repeat('x', 17000000) AS t"
    const { errors } = (await (async () => {
      const response = await ask({ source, sql })
      return response.status === 200 ? (await readNdjson(response)).trailer : ((await response.json()) as never)
    })()) as { errors: unknown }
    expect(errors).toMatchObject([{ code: 'RESULT_TOO_LARGE' }])
  })
})

test.each(['postgres', 'duckdb'])('a server that stops ends its streams of %s, and says why', async (source) => {
  const other = await startDataface(
    `name: stops\nsources:\n  postgres: { type: postgres, url: "{{ env_var('URL') }}" }\n  duckdb: ${airports} }\n`,
    { URL: postgresUrl('fixture', reader) },
  )
  const response = await postForStream(other.url, { source, sql: numbers(3_000_000) }, ndjson)
  const body = (response.body as ReadableStream<Uint8Array>).getReader()
  const closed = other.close()
  await sleep(1_000)
  let text = ''
  for (let next = await body.read(); !next.done; next = await body.read()) text = (text + Buffer.from(next.value).toString()).slice(-5_000)
  expect(JSON.parse(text.trim().split('\n').at(-1) as string)).toMatchObject({ success: false, errors: [{ code: 'NOT_READY' }] })
  await closed
})

describe('in Postgres', () => {
  const many = (mark: string) => `SELECT generate_series(1, 50000000) AS n, '${mark}' AS t`

  test('the database waits for a reader that is slow, and stops when it goes', async () => {
    const gone = new AbortController()
    const response = await ask({ source: 'postgres', sql: many('stream-waits') }, gone.signal)
    expect(response.status).toBe(200)
    let events: (string | null)[] = []
    for (let i = 0; i < 200 && events[0] !== 'ClientRead'; i++) {
      await sleep(10)
      events = (await sessions('stream-waits')).map(({ wait_event }) => wait_event)
    }
    expect(events).toEqual(['ClientRead'])
    gone.abort()
    await untilGone('stream-waits')
  })

  test('a reader that goes while rows flow stops the query', async () => {
    const gone = new AbortController()
    const response = await ask({ source: 'postgres', sql: many('stream-flows') }, gone.signal)
    const body = (response.body as ReadableStream<Uint8Array>).getReader()
    for (let i = 0; i < 20; i++) await body.read()
    expect(await sessions('stream-flows')).toHaveLength(1)
    gone.abort()
    await untilGone('stream-flows')
  })

  test('a reader that goes before the first row stops the query', async () => {
    const gone = new AbortController()
    const answer = ask({ source: 'postgres', sql: endlessQuery('stream-starts') }, gone.signal).catch(() => 'gone')
    for (let i = 0; i < 200 && (await sessions('stream-starts')).length === 0; i++) await sleep(10)
    gone.abort()
    expect(await answer).toBe('gone')
    await untilGone('stream-starts')
  })

  test('a session that is lost in the middle is an error in the last line, and the next call works', async () => {
    const response = await ask({ source: 'postgres', sql: many('stream-lost') })
    for (let i = 0; i < 200 && (await sessions('stream-lost')).length === 0; i++) await sleep(10)
    const [session] = await sessions('stream-lost')
    await admin.query('SELECT pg_terminate_backend($1)', [session?.pid])
    const { trailer } = await readNdjson(response)
    expect(trailer).toMatchObject({ success: false, errors: [{ code: 'SOURCE_UNAVAILABLE', retryable: true }] })
    expect((await readNdjson(await ask({ source: 'postgres', sql: numbers(2) }))).rows).toHaveLength(2)
  })

  test('types that are met for the first time are streamed like others', async () => {
    const sql = 'SELECT mood, id FROM customers ORDER BY id LIMIT 3'
    const fresh = await startDataface(`name: fresh\nsources:\n  shop: { type: postgres, url: "{{ env_var('URL') }}" }`, {
      URL: postgresUrl('fixture', reader),
    })
    const { columns, rows } = await readNdjson(await postForStream(fresh.url, { source: 'shop', sql }, ndjson))
    expect(columns[0]).toEqual({ name: 'mood', type: 'enum', database_type: 'mood' })
    expect(rows).toEqual([
      ['ok', '1'],
      ['happy', '2'],
      ['sad', '3'],
    ])
    await fresh.close()
  })

  test('a session is as it was after a stream', async () => {
    await readNdjson(await ask({ source: 'postgres_narrow', sql: numbers(2) }))
    for (let i = 0; i < 2; i++) {
      const answer = await postForStream(started.url, { source: 'postgres_narrow', sql: 'SHOW statement_timeout' }, 'application/json')
      expect(await answer.json()).toMatchObject({ data: { rows: [['30s']] } })
    }
  })
})

describe('memory', () => {
  /** Resident memory of a process and its children, bytes. */
  const residentOf = (pid: number): number => {
    const children = execFileSync('cat', [`/proc/${pid}/task/${pid}/children`], { encoding: 'utf8' }).trim()
    const own = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
    return children === '' ? own : own + children.split(' ').reduce((sum, child) => sum + residentOf(Number(child)), 0)
  }

  test.each([
    ['postgres', ndjson, 290_000_000],
    ['postgres', arrow, 270_000_000],
    ['duckdb', ndjson, 290_000_000],
  ])(
    'stays as it was while %s sends 300 MB as %s to a reader that lags',
    async (source, accept, size) => {
      const folder = folderOf({
        'dataface.yml': `name: m\nsources:\n  postgres: { type: postgres, url: "{{ env_var('URL') }}" }\n  duckdb: ${airports.replace('node_modules', `${root}/node_modules`)} }\n`,
      })
      const { child } = startDft(['serve', '--project', folder, '--port', '0', '--json'], {
        env: { URL: postgresUrl('fixture', reader) },
      })
      let text = ''
      child.stdout?.on('data', (chunk: string) => {
        text += chunk
      })
      const { url } = JSON.parse((await waitFor(() => (text.includes('\n') ? text.split('\n', 1)[0] : undefined))) as string) as {
        url: string
      }
      const wide = (rows: number) => `SELECT g AS n, repeat('x', 130) AS t FROM generate_series(1, ${rows}) s(g)`
      await (await postForStream(url, { source, sql: wide(300_000) }, accept)).arrayBuffer()
      const pid = child.pid as number
      const before = residentOf(pid)
      const response = await postForStream(url, { source, sql: wide(2_100_000) }, accept)
      let received = 0
      let most = 0
      let pauses = 0
      for await (const chunk of response.body as ReadableStream<Uint8Array>) {
        received += chunk.length
        if (received < (pauses + 1) * 30_000_000) continue
        pauses++
        await sleep(pauses === 2 ? 2_500 : 50)
        most = Math.max(most, residentOf(pid))
      }
      child.kill('SIGKILL')
      expect(received).toBeGreaterThan(size)
      expect(most - before).toBeLessThan(150_000_000)
    },
    60_000,
  )
})

describe('the Accept header', () => {
  test.each([
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['text/html', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['Application/X-NDJSON; charset=utf-8', 'ndjson'],
    ['application/vnd.apache.arrow.stream', 'arrow'],
    ['application/x-ndjson;q=0.5, application/vnd.apache.arrow.stream', 'arrow'],
    ['application/x-ndjson, application/json', 'ndjson'],
    ['application/json, application/x-ndjson', 'json'],
    ['application/json;q=0.1, application/x-ndjson;q=0.2, */*;q=0.05', 'ndjson'],
    ['application/x-ndjson;q=0', 'json'],
  ] as const)('%s asks for %s', (accept, kind) => {
    expect(negotiate(accept)).toBe(kind)
  })

  test('changes nothing for a tool that has no rows', async () => {
    const response = await fetch(`${started.url}/api/v1/list_sources`, { method: 'POST', headers: { accept: ndjson } })
    expect(await response.json()).toMatchObject({ success: true })
  })
})
