import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen } from '../../server/transports/http/listen.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { endlessQuery, slowQuery } from '../support/slow-query.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const yaml = () => `
name: rest
sources:
  shop:
    type: postgres
    url: ${postgresUrl('fixture', reader)}
`
let started: Started
let admin: pg.Client
beforeAll(async () => {
  started = await startDataface(yaml())
  admin = new pg.Client({ connectionString: postgresUrl() })
  await admin.connect()
})
afterAll(async () => {
  await started?.close()
  await admin?.end()
})

const json = { 'content-type': 'application/json' }
const post = (path: string, body: string, headers: Record<string, string> = json) =>
  fetch(`${started.url}${path}`, { method: 'POST', headers, body })
const running = async (mark: string): Promise<number> =>
  Number(
    (
      await admin.query("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()", [
        `%${mark}%`,
      ])
    ).rows[0].count,
  )
const until = async (mark: string, count: number): Promise<void> => {
  for (let i = 0; i < 200 && (await running(mark)) !== count; i++) await sleep(10)
  expect(await running(mark)).toBe(count)
}

describe('REST decodes', () => {
  test('malformed JSON into an envelope with the position', async () => {
    const response = await post('/api/v1/execute_query', '{"source": "shop",\n "sql": }')
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      success: false,
      errors: [{ code: 'VALIDATION_ERROR', position: { line: 2, column: 9 } }],
      meta: { contract: 'execute_query@1.0.0' },
    })
  })

  test('a body that is not marked as JSON into 415', async () => {
    const response = await post('/api/v1/list_sources', 'x=1', { 'content-type': 'text/plain' })
    expect(response.status).toBe(415)
    expect(await response.json()).toMatchObject({ errors: [{ code: 'VALIDATION_ERROR', path: 'content-type' }] })
  })

  test('a body that is no object into 400', async () => {
    for (const body of ['[]', '7', '"x"']) expect((await post('/api/v1/list_sources', body)).status).toBe(400)
  })

  test('no body as no arguments', async () => {
    expect((await fetch(`${started.url}/api/v1/list_sources`, { method: 'POST' })).status).toBe(200)
  })

  test('a body beyond the limit into 413', async () => {
    const response = await post('/api/v1/execute_query', JSON.stringify({ source: 'shop', sql: 'x'.repeat(5_000_000) }))
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ errors: [{ code: 'VALIDATION_ERROR' }] })
  })
})

test.each(['/api/v1/list_sources', '/trpc/list_sources', '/mcp'])('a body without an end is not read to its end at %s', async (path) => {
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(65_536, ' ')) })
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const response = await fetch(`${started.url}${path}`, { method: 'POST', headers, body: endless, duplex: 'half' } as RequestInit)
  expect(response.status).toBe(413)
  expect(await response.text()).toContain('larger than 4194304 bytes')
})

test.each(['/api/v1/list_sources', '/trpc/list_sources', '/mcp'])(
  'bodies beyond the limit are answered on connections that were used before at %s',
  async (path) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    const send = async (bytes: number) => {
      const response = await fetch(`${started.url}${path}`, { method: 'POST', headers, body: JSON.stringify({ a: 'x'.repeat(bytes) }) })
      return [response.status, await response.text()] as const
    }
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 6 }, () => send(1_000_000)))
      for (const [status, text] of await Promise.all(Array.from({ length: 6 }, () => send(5_000_000)))) {
        expect(status).toBe(413)
        expect(text).toContain('"success":false')
        if (path.startsWith('/trpc')) expect(text).toContain('"httpStatus":413')
      }
    }
  },
  60_000,
)

describe('REST answers', () => {
  test('with the status of the first error, the request id as a header, and one content type', async () => {
    const cases = [
      ['/api/v1/execute_query', { source: 'shop', sql: 'SELECT 1' }, 200],
      ['/api/v1/execute_query', { source: 'shop' }, 400],
      ['/api/v1/nothing', {}, 404],
      ['/api/v1/execute_query', { source: 'shopp', sql: 'SELECT 1' }, 404],
      ['/api/v1/execute_query', { source: 'shop', sql: 'SELEC' }, 422],
      ['/api/v1/execute_query', { source: 'shop', sql: 'DELETE FROM orders' }, 422],
      ['/api/v1/execute_query', { source: 'shop', sql: 'SELECT cost FROM rightless' }, 403],
    ] as const
    for (const [path, body, status] of cases) {
      const response = await post(path, JSON.stringify(body))
      expect(response.status, JSON.stringify(body)).toBe(status)
      const envelope = (await response.json()) as { meta: { request_id: string } }
      expect(response.headers.get('x-request-id')).toBe(envelope.meta.request_id)
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    }
  })

  test('405 with Allow to another method, and an envelope to an unknown path', async () => {
    const response = await fetch(`${started.url}/api/v1/list_sources`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    expect(await (await fetch(`${started.url}/api/nothing/x`)).json()).toMatchObject({ success: false, errors: [{ code: 'UNKNOWN_TOOL' }] })
  })
})

describe('a browser that was tricked', () => {
  const send = (path: string, headers: Record<string, string>, method = 'POST'): Promise<number> =>
    new Promise((done, fail) => {
      const url = new URL(path, started.url)
      const sent = request(url, { method, headers: { ...json, ...headers } }, (response) => {
        response.resume()
        done(response.statusCode ?? 0)
      })
      sent.on('error', fail)
      sent.end(method === 'POST' ? '{}' : undefined)
    })

  test.each(['/api/v1/list_sources', '/mcp', '/trpc/list_sources', '/docs', '/healthz', '/boards', '/boards-data/x', '/boards-drill/x'])(
    'is refused at %s by host and by origin',
    async (path) => {
      expect(await send(path, { host: 'evil.example' })).toBe(403)
      expect(await send(path, { origin: 'https://evil.example' })).toBe(403)
      expect(await send(path, { host: 'localhost:4321', origin: 'http://localhost:4321' })).not.toBe(403)
    },
  )

  test.each(['/trpc/list_sources', '/docs', '/openapi.json', '/boards', '/boards-events'])(
    'is refused at %s as an image or a script of another page',
    async (path) => {
      const asImage = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
      expect(await send(path, { 'sec-fetch-site': 'cross-site', ...asImage }, 'GET')).toBe(403)
      expect(await send(path, { 'sec-fetch-site': 'same-site', ...asImage }, 'GET')).toBe(403)
      expect(await send(path, { 'sec-fetch-site': 'same-origin', ...asImage }, 'GET')).toBe(200)
    },
  )

  test('opens the reference by a link of another page, and calls no tool', async () => {
    const byLink = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    expect(await send('/docs', byLink, 'GET')).toBe(200)
    expect(await send('/trpc/list_sources', byLink, 'GET')).toBe(403)
    expect(await send('/boards-files/csv/light/chart/board', byLink, 'GET')).toBe(403)
    expect(await send('/trpc/list_sources', { ...byLink, 'sec-fetch-site': 'none' }, 'GET')).toBe(200)
  })
})

describe('a client that goes away', () => {
  const leave = async (path: string, headers: Record<string, string>, body: string, mark: string): Promise<void> => {
    const controller = new AbortController()
    const gone = fetch(`${started.url}${path}`, { method: 'POST', headers, body, signal: controller.signal })
      .then((response) => response.text())
      .catch(() => 'gone')
    await until(mark, 1)
    controller.abort()
    expect(await gone).toBe('gone')
    await until(mark, 0)
  }
  const slow = (mark: string) => ({ source: 'shop', sql: endlessQuery(mark) })

  test('stops its query in the database, over REST', () =>
    leave('/api/v1/execute_query', json, JSON.stringify(slow('gone-rest')), 'gone-rest'))

  test('stops its query in the database, over tRPC', () =>
    leave('/trpc/execute_query', json, JSON.stringify(slow('gone-trpc')), 'gone-trpc'))

  test.each([
    ['2025-06-18', undefined],
    ['2025-06-18', { progressToken: 1 }],
    ['2026-07-28', {}],
    ['2026-07-28', { progressToken: 1 }],
  ] as const)('stops its query in the database, over MCP %s %j', async (version, extra) => {
    const mark = `gone-mcp-${version}-${extra === undefined ? 'none' : Object.keys(extra).length}`
    const modern = version === '2026-07-28'
    const meta = modern
      ? { 'io.modelcontextprotocol/protocolVersion': version, 'io.modelcontextprotocol/clientCapabilities': {}, ...extra }
      : extra
    const headers = {
      ...json,
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': version,
      ...(modern && { 'mcp-method': 'tools/call', 'mcp-name': 'execute_query' }),
    }
    const params = { name: 'execute_query', arguments: slow(mark), ...(meta !== undefined && { _meta: meta }) }
    await leave('/mcp', headers, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }), mark)
  })
})

describe('the server', () => {
  test('tells that it is alive and ready', async () => {
    expect(await (await fetch(`${started.url}/healthz`)).json()).toEqual({ status: 'alive' })
    expect(await (await fetch(`${started.url}/readyz`)).json()).toEqual({ status: 'ready' })
  })

  test('refuses to listen beyond loopback, and says so when its port is taken', async () => {
    const app = await started.dataface.app()
    await expect(listen({ app, port: 0, host: '0.0.0.0' })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await expect(listen({ app, port: Number(new URL(started.url).port), host: '127.0.0.1' })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('lets a call in flight finish when it stops, and refuses new ones', async () => {
    const other = await startDataface(yaml())
    const listening = await listen({ app: await other.dataface.app(), port: 0, host: '127.0.0.1' })
    const call = (sql: string) =>
      fetch(`${listening.url}/api/v1/execute_query`, { method: 'POST', headers: json, body: JSON.stringify({ source: 'shop', sql }) })
    const slow = call(slowQuery('drain-slow'))
    await until('drain-slow', 1)
    other.dataface.stopTaking()
    const late = await call('SELECT 1')
    expect([late.status, ((await late.json()) as { errors: { code: string }[] }).errors[0]?.code]).toEqual([503, 'NOT_READY'])
    const stopped = listening.close(5_000, async () => {})
    expect((await slow).status).toBe(200)
    await stopped
    await other.close()
  })

  test('cancels a call that does not finish within the grace', async () => {
    const other = await startDataface(yaml())
    const endless = fetch(`${other.url}/api/v1/execute_query`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ source: 'shop', sql: endlessQuery('drain-endless') }),
    })
    await until('drain-endless', 1)
    await other.close()
    const answer = await endless
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ success: false, errors: [{ code: 'NOT_READY', retryable: true }] })
    await until('drain-endless', 0)
  })
})

describe('an order that is another one each time', () => {
  const warned = async (sql: string): Promise<unknown> => {
    const response = await post('/api/v1/execute_query', JSON.stringify({ source: 'shop', sql, limit: 1 }))
    return ((await response.json()) as { warnings: { code: string }[] }).warnings.map(({ code }) => code)
  }

  test('is said to give pages that may repeat or miss rows, as no order does', async () => {
    expect(await warned('SELECT id FROM orders ORDER BY random()')).toEqual(['UNORDERED_PAGES'])
    expect(await warned('SELECT id FROM orders')).toEqual(['UNORDERED_PAGES'])
    expect(await warned('SELECT id FROM orders ORDER BY id')).toEqual([])
  })
})

test('a tRPC request holds a hundred calls at most', async () => {
  const batch = async (calls: number) => {
    const names = Array(calls).fill('list_sources').join(',')
    const body = JSON.stringify(Object.fromEntries(Array.from({ length: calls }, (_, index) => [index, {}])))
    return post(`/trpc/${names}?batch=1`, body)
  }
  expect((await batch(100)).status).toBe(200)
  const refused = await batch(101)
  expect(refused.status).toBe(400)
  expect(await refused.text()).toContain('VALIDATION_ERROR')
})
