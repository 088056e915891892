/** Several servers of one project, with one store and one audit, behind a proxy that takes turns. */
import type { ChildProcess } from 'node:child_process'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { verifyTable } from '../../server/audit/read-table.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { askPostgres, makeDatabase, type TestStore, testStores } from '../support/state-stores.ts'
import { folderOf, startDft, waitFor } from './run-dft.ts'

interface Answer {
  readonly success: boolean
  readonly data?: { readonly rows: readonly unknown[]; readonly next_cursor?: string }
  readonly errors?: readonly { readonly code: string; readonly retry_after_ms?: number }[]
  readonly meta: { readonly request_id: string; readonly quota?: { readonly calls_left: number; readonly rows_left: number } }
}

interface Replica {
  readonly child: ChildProcess
  readonly done: Promise<{ readonly code: number | null; readonly err: string }>
  readonly url: string
}

let audit: Awaited<ReturnType<typeof makeDatabase>>
beforeAll(async () => {
  audit = await makeDatabase()
})
afterAll(() => audit.drop())

/** So many servers of the same project, once all answer. */
const startReplicas = (count: number, yaml: string, state: string): Promise<Replica[]> => {
  const folder = folderOf({ 'dataface.yml': yaml })
  const env = { DATAFACE_STATE_URL: state, AUDIT: audit.url, DB: postgresUrl('fixture', reader) }
  return Promise.all(
    Array.from({ length: count }, async () => {
      const { child, done } = startDft(['serve', '--project', folder, '--port', '0', '--json'], { env })
      let out = ''
      child.stdout?.on('data', (text: string) => {
        out += text
      })
      const line = await Promise.race([
        waitFor(() => (out.includes('\n') ? out : undefined)),
        done.then(({ err }) => Promise.reject(new Error(err))),
      ])
      return { child, done, url: (JSON.parse(line) as { url: string }).url }
    }),
  )
}

const call = async (url: string, input: object, tool = 'execute_query'): Promise<Answer> => {
  const response = await fetch(`${url}/api/v1/${tool}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  return (await response.json()) as Answer
}

/**
 * A proxy as there are many: each request goes to the next server, and to the one after it when the connection failed before a byte of
 * the answer came, or when the server said that it takes nothing (503). An answer that breaks off is lost.
 */
const startProxy = async (urls: readonly string[]): Promise<string> => {
  let turn = 0
  const pass = (body: Buffer, incoming: IncomingMessage, outgoing: ServerResponse, server: number, tries: number): void => {
    const isLast = tries === 1
    const next = () =>
      isLast ? void outgoing.writeHead(502).end('{"errors":"no server"}') : pass(body, incoming, outgoing, server + 1, tries - 1)
    const options = { method: incoming.method ?? 'POST', headers: incoming.headers }
    const to = request(new URL(incoming.url ?? '', urls[server % urls.length]), options)
    to.once('error', next)
    to.once('response', (answer) => {
      to.off('error', next)
      to.on('error', () => outgoing.destroy())
      if (answer.statusCode === 503 && !isLast) {
        answer.resume()
        return next()
      }
      answer.once('error', () => outgoing.destroy())
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    to.end(body)
  }
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => pass(Buffer.concat(parts), incoming, outgoing, turn++, urls.length))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const limits = { calls: 300, rows: 200, running: 6 }
const yamlOf = (name: string) => `name: ${name}
audit: { url: "{{ env_var('AUDIT') }}" }
quotas:
  project: { calls_per_minute: ${limits.calls} }
  caller: { concurrent_calls: ${limits.running}, rows_per_day: ${limits.rows} }
sources:
  db: { type: postgres, url: "{{ env_var('DB') }}" }
`
const mark = 7_141_421
const query = { source: 'db', sql: `SELECT count(*) FROM generate_series(1, 60000) AS t(n) WHERE n <> ${mark}` }

describe.each(['postgres', 'redis'] as const)('replicas that share %s', (kind) => {
  let store: TestStore
  beforeAll(async () => {
    store = await testStores[kind]()
  })
  afterAll(() => store.stop())

  test('lose and double nothing when one is killed and one is stopped under load, and stay within the quotas', async () => {
    const name = `load_${kind}`
    const replicas = await startReplicas(3, yamlOf(name), store.url as string)
    const proxy = await startProxy(replicas.map(({ url }) => url))
    const answered: string[] = []
    const refused: string[] = []
    const odd: unknown[] = []
    let running = 0
    let isOver = false

    /** Asks until the rows of the day are used up. */
    const work = async (): Promise<void> => {
      while (!isOver) {
        const answer = await call(proxy, query).catch((error: unknown) => ({ lost: error }))
        if ('lost' in answer) odd.push(answer.lost)
        else if (answer.success) answered.push(answer.meta.request_id)
        else if (answer.errors?.[0]?.code === 'RATE_LIMITED') {
          refused.push(answer.meta.request_id)
          if ((answer.errors[0].retry_after_ms ?? 0) > 60_000) isOver = true
          await new Promise((done) => setTimeout(done, 20))
        } else odd.push(answer.errors)
      }
    }
    const watch = async (): Promise<void> => {
      while (!isOver) {
        const sql = `SELECT count(*)::integer AS running FROM pg_stat_activity WHERE query LIKE '%${mark}%' AND state = 'active' AND pid <> pg_backend_pid()`
        const [found] = await askPostgres<{ running: number }>(postgresUrl(), sql)
        running = Math.max(running, found?.running ?? 0)
      }
    }
    const harm = async (): Promise<void> => {
      const [killed, stopped] = replicas as [Replica, Replica, Replica]
      await waitFor(() => (answered.length > 50 ? true : undefined))
      killed.child.kill('SIGKILL')
      await waitFor(() => (answered.length > 100 ? true : undefined))
      stopped.child.kill('SIGTERM')
      expect(await stopped.done).toMatchObject({ code: 0 })
    }
    await Promise.all([...Array.from({ length: 12 }, work), watch(), harm()])

    expect(odd).toEqual([])
    expect(refused.length).toBeGreaterThan(0)
    expect(new Set(answered).size).toBe(answered.length)
    // Those of the killed one were counted, and may not have been answered; and close to the limit each that runs holds a row.
    expect(answered.length).toBeGreaterThanOrEqual(limits.rows - 2 * limits.running)
    expect(answered.length).toBeLessThanOrEqual(limits.rows)
    expect(running).toBeGreaterThan(0)
    expect(running).toBeLessThanOrEqual(limits.running)

    const chain = await verifyTable({ url: audit.url, project: name }, undefined)
    expect(chain.faults).toEqual([])
    const records = await askPostgres<{ id: string; verdict: string }>(
      audit.url,
      `SELECT record->>'request_id' AS id, record->>'verdict' AS verdict FROM dataface.audit WHERE project = '${name}' AND record->>'tool' = 'execute_query'`,
    )
    const told = records.filter(({ verdict }) => verdict === 'answered').map(({ id }) => id)
    expect(new Set(told).size).toBe(told.length)
    expect(answered.filter((id) => !told.includes(id))).toEqual([])
    // A record without an answer is of a call that the killed one had answered, but not sent.
    expect(told.length - answered.length).toBeLessThanOrEqual(limits.running)
  })

  test('continue the pages of each other', async () => {
    const [one, other] = (await startReplicas(2, yamlOf(`pages_${kind}`), store.url as string)) as [Replica, Replica]
    const page = { source: 'db', sql: 'SELECT n FROM generate_series(1, 5) AS t(n) ORDER BY n', limit: 2 }
    const rows: unknown[] = []
    let cursor: string | undefined
    for (const { url } of [one, other, one]) {
      const answer: Answer = await call(url, { ...page, ...(cursor !== undefined && { cursor }) })
      rows.push(...(answer.data?.rows ?? [answer.errors]))
      cursor = answer.data?.next_cursor
    }
    expect([rows, cursor]).toEqual([[[1], [2], [3], [4], [5]], undefined])
    expect((await call(other.url, { ...page, sql: 'SELECT 1', cursor: 'x.y' })).errors?.[0]?.code).toBe('VALIDATION_ERROR')
  })
})

test('calls a minute of two processes are those of one', async () => {
  const store = await testStores.postgres()
  onTestFinished(() => store.stop())
  const replicas = await startReplicas(2, yamlOf('together').replace(/ {2}caller:.*\n/, ''), store.url as string)
  const began = Date.now()
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      const codes: boolean[] = []
      for (let m = 0; m < 12; m++) codes.push((await call((replicas[n % 2] as Replica).url, {}, 'list_sources')).success)
      return codes
    }),
  )
  const most = limits.calls + (limits.calls * (Date.now() - began)) / 60_000
  const admitted = answers.flat().filter((success) => success).length
  // The servers greeted with two calls each, which a second of waiting may have given back or not.
  expect(admitted).toBeGreaterThanOrEqual(limits.calls - 4)
  expect(admitted).toBeLessThanOrEqual(most)
})
