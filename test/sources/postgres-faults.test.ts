/** What goes wrong around a Postgres source: each fault is made for real, and after each the next call works. */
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { resolve } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Envelope } from '../../server/envelope/envelope.ts'
import { startPostgres, type TestCluster } from '../support/global-postgres.ts'
import { reader } from '../support/postgres.ts'
import { postForStream, readNdjson } from '../support/read-stream.ts'
import { endlessQuery } from '../support/slow-query.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

let cluster: TestCluster
let dataface: Started
let admin: pg.Client

const connectAdmin = async (): Promise<void> => {
  admin = new pg.Client({ connectionString: urlOf() })
  admin.on('error', () => {})
  await admin.connect()
}

const urlOf = (login?: { user: string; password: string }): string => {
  const url = new URL(cluster.url)
  url.pathname = '/fixture'
  if (login !== undefined) {
    url.username = login.user
    url.password = login.password
  }
  return url.href
}

const source = (name: string, limits: string) => `
  ${name}: { type: postgres, url: "{{ env_var('URL') }}", limits: ${limits} }`

beforeAll(async () => {
  cluster = await startPostgres(['-c', 'max_connections=30'])
  const main = new pg.Client({ connectionString: cluster.url })
  await main.connect()
  await main.query('CREATE DATABASE fixture')
  await main.end()
  await connectAdmin()
  await admin.query(readFileSync(resolve(import.meta.dirname, '../fixtures/postgres.sql'), 'utf8'))
  dataface = await startDataface(
    `
name: faults
sources:${source('db', '{ max_concurrency: 4, timeout_ms: 20000 }')}${source('brief', '{ max_concurrency: 2, timeout_ms: 1000 }')}
`,
    { URL: urlOf(reader) },
  )
}, 120_000)

afterAll(async () => {
  await dataface?.close()
  await admin?.end().catch(() => {})
  await cluster?.stop()
})

const call = (tool: string, input: Record<string, unknown>, caller = 'test'): Promise<Envelope> =>
  dataface.dataface.dispatcher.dispatch({ tool, input, door: 'inside', caller: { id: caller }, signal: AbortSignal.timeout(60_000) })

const query = (sql: string, on = 'db', caller?: string) => call('execute_query', { source: on, sql }, caller)

const works = { success: true }
const failsWith = (code: string, retryable: boolean) => ({ success: false, errors: [{ code, retryable }] })

/** Waits until a query with this mark runs, and gives the process id of its backend. */
const running = (mark: string): Promise<number> =>
  expect
    .poll(
      async () =>
        (
          await admin.query("SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()", [
            `%${mark}%`,
          ])
        ).rows[0]?.pid,
      { timeout: 10_000, interval: 30 },
    )
    .toBeTypeOf('number')
    .then(async () => {
      const { rows } = await admin.query(
        "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()",
        [`%${mark}%`],
      )
      return rows[0].pid as number
    })

/** No answer and no line of the log may tell these. */
afterEach(() => {
  expect(dataface.logged.join('\n')).not.toContain(reader.password)
})

const listed = async () =>
  ((await call('list_sources', {})) as unknown as { data: { sources: { name: string }[] } }).data.sources.find(({ name }) => name === 'db')

describe('the database', () => {
  test('crashes in the middle of a query: an error that says retry, and the next call after its start works', async () => {
    const query1 = query(endlessQuery('crash-mark'))
    await running('crash-mark')
    await cluster.crash()
    const answer = await query1
    expect(answer).toMatchObject(failsWith('SOURCE_UNAVAILABLE', true))
    expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|reader|ECONN|terminat.*administrator/)
    expect(await query('SELECT 1')).toMatchObject(failsWith('SOURCE_UNAVAILABLE', true))
    expect(await listed()).toMatchObject({ state: 'unavailable', reason: { code: 'SOURCE_UNAVAILABLE', retryable: true } })
    await cluster.start()
    await connectAdmin()
    await expect.poll(() => query('SELECT count(*) FROM orders'), { timeout: 5_000, interval: 100 }).toMatchObject(works)
    expect(await call('list_tables', { source: 'db' })).toMatchObject(works)
    expect(await listed()).toMatchObject({ state: 'ready', table_count: expect.any(Number) })
  })

  test('ends a session in the middle of a stream: the stream says so, and the source is listed as it is', async () => {
    const response = await postForStream(
      dataface.url,
      { source: 'db', sql: "SELECT n, repeat('stream-mark', 900) FROM generate_series(1, 90000) n", limit: 90_000 },
      'application/x-ndjson',
    )
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%stream-mark%' AND pid <> pg_backend_pid()")
    const { trailer } = await readNdjson(response)
    expect(trailer).toMatchObject(failsWith('SOURCE_UNAVAILABLE', true))
    expect(await listed()).toMatchObject({ state: 'unavailable' })
    expect(await query('SELECT count(*) FROM orders')).toMatchObject(works)
    expect(await listed()).toMatchObject({ state: 'ready' })
  })

  test.each(['prefer', 'disable'])('takes connections and is silent, with sslmode %s: the call ends with its own time', async (sslmode) => {
    const sockets = new Set<Socket>()
    const silent = createServer((socket) => void sockets.add(socket))
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
    const { port } = silent.address() as AddressInfo
    const other = await startDataface(
      `name: silent\nsources: { db: { type: postgres, host: 127.0.0.1, port: ${port}, dbname: x, user: y, sslmode: ${sslmode} } }`,
    )
    try {
      let isAnswered = false
      const timeIsUp = new Promise((done) => setTimeout(done, 4_000))
      const asked = other.dataface.dispatcher
        .dispatch({
          tool: 'execute_query',
          input: { source: 'db', sql: 'SELECT 1', timeout_ms: 300 },
          door: 'inside',
          caller: { id: 'test' },
          signal: AbortSignal.timeout(60_000),
        })
        .finally(() => (isAnswered = true))
      await Promise.race([asked, timeIsUp])
      // Connecting alone may take five seconds.
      expect(isAnswered).toBe(true)
      expect(await asked).toMatchObject(failsWith('SOURCE_UNAVAILABLE', true))
    } finally {
      for (const socket of sockets) socket.destroy()
      silent.close()
      await other.close()
    }
  })

  test('hangs: the call ends at its time limit, and the next call works', async () => {
    const hanging = query(endlessQuery('hang-mark'), 'brief')
    const pid = await running('hang-mark')
    process.kill(pid, 'SIGSTOP')
    try {
      expect(await hanging).toMatchObject(failsWith('QUERY_TIMEOUT', false))
      expect(await query('SELECT 1', 'brief')).toMatchObject(works)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await expect
      .poll(async () => (await admin.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount, { timeout: 10_000 })
      .toBe(0)
  })

  test('ends all sessions: none that is dead is given out', async () => {
    await Promise.all(Array.from({ length: 4 }, () => query('SELECT 1')))
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
    await expect.poll(() => query('SELECT 1'), { timeout: 2_000, interval: 20 }).toMatchObject(works)
    for (const answer of await Promise.all(Array.from({ length: 8 }, () => query('SELECT 1')))) expect(answer).toMatchObject(works)
  })

  test('has no connection left: an error that says retry', async () => {
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
    const taken: pg.Client[] = []
    try {
      for (;;) {
        const client = new pg.Client({ connectionString: urlOf() })
        client.on('error', () => {})
        await client.connect()
        taken.push(client)
      }
    } catch {
      // Now there is none.
    }
    expect(taken.length).toBeGreaterThan(5)
    await expect.poll(() => query('SELECT 1'), { timeout: 3_000, interval: 50 }).toMatchObject(failsWith('SOURCE_UNAVAILABLE', true))
    await Promise.all(taken.map((client) => client.end()))
    await expect.poll(() => query('SELECT 1'), { timeout: 3_000, interval: 50 }).toMatchObject(works)
  })

  test('takes a grant away and gives it back', async () => {
    expect(await query('SELECT count(*) FROM orders')).toMatchObject(works)
    await admin.query('REVOKE SELECT ON orders FROM reader')
    const refused = await query('SELECT count(*) FROM orders')
    expect(refused).toMatchObject({ success: false, errors: [{ retryable: false }] })
    expect(JSON.stringify(refused)).not.toContain('reader')
    await admin.query('GRANT SELECT ON orders TO reader')
    await expect.poll(() => query('SELECT count(*) FROM orders'), { timeout: 3_000, interval: 100 }).toMatchObject(works)
  })

  test('changes the password: refused without telling it, and served again when it is back', async () => {
    await admin.query("ALTER ROLE reader PASSWORD 'rotated-Pa55word'")
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
    await expect
      .poll(() => query('SELECT 1'), { timeout: 3_000, interval: 50 })
      .toMatchObject({ success: false, errors: [{ code: 'SOURCE_UNAVAILABLE' }] })
    expect(JSON.stringify(await query('SELECT 1'))).not.toMatch(/reader|Pa55word|127\.0/)
    await admin.query(`ALTER ROLE reader PASSWORD '${reader.password}'`)
    await expect.poll(() => query('SELECT 1'), { timeout: 3_000, interval: 50 }).toMatchObject(works)
  })
})

describe('the callers', () => {
  test('send 64 slow queries at once: some run, the rest are refused in time, metadata answers meanwhile', async () => {
    const slow = Array.from({ length: 64 }, () => query(endlessQuery('pool-mark'), 'brief'))
    await running('pool-mark')
    for (const [tool, input] of [
      ['list_tables', { source: 'brief' }],
      ['describe_table', { source: 'brief', table: 'customers' }],
      ['get_metadata', { source: 'brief' }],
    ] as const)
      expect(await call(tool, input), tool).toMatchObject(works)
    const codes = (await Promise.all(slow)).map((answer) => (answer.success ? 'success' : answer.errors[0].code))
    expect(new Set(codes)).toEqual(new Set(['QUERY_TIMEOUT', 'RATE_LIMITED']))
    expect(await query('SELECT 1', 'brief')).toMatchObject(works)
  })

  test('send 500 calls at once: each is answered once, and nothing is left behind', async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => query(`SELECT ${index} AS n`, 'db', `caller ${index % 5}`)))
    for (const [index, answer] of answers.entries()) {
      const text = JSON.stringify(answer)
      expect(text).toMatch(answer.success ? new RegExp(`\\[\\[${index}\\]\\]`) : /"RATE_LIMITED".*"retry_after_ms"/)
    }
    expect(answers.filter(({ success }) => success).length).toBeGreaterThan(450)
    const { rowCount } = await admin.query("SELECT FROM pg_stat_activity WHERE usename = 'reader' AND state <> 'idle'")
    expect(rowCount).toBe(0)
  })
})

describe('the data', () => {
  test('is text that is not UTF-8: the answer is, and says how to read it', async () => {
    await admin.query("CREATE DATABASE bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    const url = new URL(urlOf(reader))
    url.pathname = '/bytes'
    const other = await startDataface(`name: bytes\nsources:\n  db: { type: postgres, url: "{{ env_var('URL') }}" }\n`, { URL: url.href })
    const response = await fetch(`${other.url}/api/v1/execute_query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ source: 'db', sql: "SELECT convert_from('\\x61ff62'::bytea, 'SQL_ASCII') AS odd, 'é' AS even" }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    await other.close()
    expect(Buffer.from(bytes.toString('utf8'))).toEqual(bytes)
    expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({ errors: [{ code: 'SQL_ERROR', hint: expect.stringContaining('bytea') }] })
  })

  test('is ten million rows: reading stops at the limit', async () => {
    const before = process.memoryUsage().rss
    expect(await query('SELECT n, md5(n::text) FROM generate_series(1, 10000000) n')).toMatchObject({
      success: true,
      data: { row_count: 50, truncated: true, truncated_by: 'rows' },
    })
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
  })
})
