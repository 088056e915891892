import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { samplerOf, tracesAtOnce } from '../../server/telemetry/otlp/sampler.ts'
import { folderOf, startDft, waitFor } from '../cli/run-dft.ts'
import { type Collector, type SentSpan, startCollector } from '../support/collector.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { slowQuery } from '../support/slow-query.ts'

const yaml = `name: shop
audit: {}
sources:
  orders: { type: postgres, url: "{{ env_var('URL') }}" }
`
const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
const traceparent = `00-${traceId}-${spanId}-01`
const sql = "SELECT name FROM customers WHERE name = 'se-cret' AND id = 471108154"
const json = { 'content-type': 'application/json' }

let collector: Collector
beforeAll(async () => {
  collector = await startCollector()
})
afterAll(() => collector?.close())

const envOf = (url: string) => ({
  URL: postgresUrl('fixture', reader),
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_HEADERS: 'x-team=shop%20one',
  OTEL_SERVICE_NAME: 'shop-data',
  OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  OTEL_METRIC_EXPORT_INTERVAL: '200',
  OTEL_BSP_SCHEDULE_DELAY: '100',
  DATAFACE_LOG: 'debug',
  DATAFACE_DRAIN_SECONDS: '0',
})

/** A server that is stopped at the end of the test at the latest. */
const serve = async (env: Record<string, string>) => {
  const folder = folderOf({ 'dataface.yml': yaml })
  const { child, done } = startDft(['serve', '--project', folder, '--port', '0', '--json'], { env })
  const line = await new Promise<string>((told) => createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', told))
  return { folder, url: (JSON.parse(line) as { url: string }).url, child, done }
}

const mcp = (url: string, params: object, headers: Record<string, string>) =>
  fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { ...json, accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'call-1', method: 'tools/call', params }),
  }).then((response) => response.text())

const modern = (meta: object = {}) => ({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  ...meta,
})

const input = { source: 'orders', sql }

/** The spans of a trace, once those of a query have arrived. */
const spansOf = (trace: string): Promise<SentSpan[]> =>
  waitFor(() => {
    const spans = collector.spans.filter((span) => span.traceId === trace)
    return spans.some(({ kind }) => kind === 2) ? spans : undefined
  })

describe('a call is one span below that of its caller, with its parts below it', () => {
  test('through every door, in the trace that the caller names, and nothing that was asked for is told', async () => {
    const { url, folder, child, done } = await serve(envOf(collector.url))
    const trace = (index: number) => traceId.slice(0, -1) + index.toString(16)
    const parent = (index: number) => ({ traceparent: traceparent.replace(traceId, trace(index)) })
    await fetch(`${url}/api/v1/execute_query`, { method: 'POST', headers: { ...json, ...parent(1) }, body: JSON.stringify(input) })
    await fetch(`${url}/trpc/execute_query`, { method: 'POST', headers: { ...json, ...parent(2) }, body: JSON.stringify(input) })
    const call = { name: 'execute_query', arguments: input }
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'execute_query' }
    await mcp(url, { ...call, _meta: modern(parent(3)) }, { ...headers, ...parent(9) })
    await mcp(url, { ...call, _meta: { ...modern(parent(4)), progressToken: 1 } }, headers)
    await mcp(url, call, { 'mcp-protocol-version': '2025-06-18', ...parent(5) })
    await mcp(url, { ...call, _meta: { progressToken: 1, ...parent(6) } }, { 'mcp-protocol-version': '2025-11-25' })

    for (const index of [1, 2, 3, 4, 5, 6]) {
      const spans = await spansOf(trace(index))
      const root = spans.find(({ kind }) => kind === 2) as SentSpan
      const isMcp = index > 2
      expect([root.name, root.parentId, root.status]).toEqual([
        isMcp ? 'tools/call execute_query' : 'execute_tool execute_query',
        spanId,
        0,
      ])
      expect(root.links).toEqual(index === 3 ? [trace(9)] : [])
      expect(root.attributes).toMatchObject({
        'gen_ai.tool.name': 'execute_query',
        'gen_ai.operation.name': 'execute_tool',
        'dataface.project': 'shop',
        'dataface.source': 'orders',
        'dataface.door': ['rest', 'trpc', 'mcp', 'mcp', 'mcp', 'mcp'][index - 1] as string,
        ...(isMcp && {
          'mcp.method.name': 'tools/call',
          'network.transport': 'tcp',
          'jsonrpc.request.id': 'call-1',
          'mcp.protocol.version': ['2026-07-28', '2026-07-28', '2025-06-18', '2025-11-25'][index - 3] as string,
        }),
      })
      const parts = spans.filter((span) => span !== root)
      expect(root.attributes).toMatchObject({ 'dataface.guard.verdict': 'allowed', 'dataface.guard.duration_ms': expect.any(Number) })
      expect(parts.map(({ name, parentId, kind }) => [name, parentId, kind])).toEqual([['SELECT orders', root.spanId, 3]])
      expect(parts[0]?.attributes).toMatchObject({
        'dataface.queue.duration_ms': expect.any(Number),
        'db.system.name': 'postgresql',
        'db.operation.name': 'SELECT',
        'db.query.text': 'select name from customers where name = ? and id = ?',
      })
    }
    expect(collector.resource).toMatchObject({ 'service.name': 'shop-data', 'deployment.environment.name': 'test' })
    expect(collector.headers[0]?.['x-team']).toBe('shop one')
    await waitFor(() => collector.metrics.has('mcp.server.operation.duration') || undefined)
    expect([...collector.metrics]).toEqual(
      expect.arrayContaining(['dataface_calls_answered', 'dataface_call_duration_seconds', 'process_cpu_seconds']),
    )
    expect(Buffer.concat(collector.bytes).toString('latin1')).not.toMatch(/se-cret|471108154|Pa55|reader/)

    const records = readFileSync(join(folder, '.dataface/audit.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { trace_id?: string })
    expect(records.flatMap(({ trace_id: id }) => id ?? [])).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6].map(trace)))

    await fetch(`${url}/api/v1/execute_query`, {
      method: 'POST',
      headers: { ...json, ...parent(7) },
      body: JSON.stringify({ ...input, sql: 'DROP TABLE customers' }),
    })
    const refused = await spansOf(trace(7))
    expect(refused.map(({ name, status }) => [name, status])).toEqual([['execute_tool execute_query', 2]])
    expect(refused[0]?.attributes).toMatchObject({
      'error.type': 'SQL_REJECTED',
      'dataface.guard.verdict': 'refused',
      'dataface.guard.rule': 'not_a_read',
    })
    await fetch(`${url}/api/v1/catalog`, { method: 'POST', headers: json, body: '{}' })
    child.kill('SIGTERM')
    const { code, err } = await done
    expect(code).toBe(0)
    // What was under way when the server was told to stop is sent all the same.
    expect(collector.spans.filter(({ name }) => name === 'execute_tool catalog')).toHaveLength(1)
    const logged = err.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []))
    expect(logged.find(({ code }) => code === 'SQL_REJECTED')).toMatchObject({
      trace_id: trace(7),
      project: 'shop',
      tool: 'execute_query',
      door: 'rest',
    })
  })

  test('over standard input and output', async () => {
    const { child, done } = startDft(['mcp', '--project', folderOf({ 'dataface.yml': yaml })], { env: envOf(collector.url) })
    const trace = traceId.replace('0af', 'abc')
    const messages = [
      {
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'host', version: '1' } },
      },
      { method: 'notifications/initialized' },
      {
        id: 2,
        method: 'tools/call',
        params: { name: 'execute_query', arguments: input, _meta: { traceparent: traceparent.replace(traceId, trace) } },
      },
    ]
    child.stdin?.end(messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join(''))
    expect((await done).code).toBe(0)
    const [root] = (await spansOf(trace)).filter(({ kind }) => kind === 2)
    expect([root?.name, root?.parentId]).toEqual(['tools/call execute_query', spanId])
    expect(root?.attributes).toMatchObject({ 'network.transport': 'pipe', 'mcp.protocol.version': '2025-06-18', 'jsonrpc.request.id': '2' })
  })
})

test('the database is told of the request and the trace, and where a mistake stands does not change', async () => {
  const { url } = await serve(envOf(collector.url))
  const admin = new pg.Client({ connectionString: postgresUrl() })
  await admin.connect()
  const trace = traceId.replace('0af', 'def')
  const ask = (text: string) =>
    fetch(`${url}/api/v1/execute_query`, {
      method: 'POST',
      headers: { ...json, traceparent: traceparent.replace(traceId, trace) },
      body: JSON.stringify({ source: 'orders', sql: text }),
    }).then((response) => response.json() as Promise<{ meta: { request_id: string }; errors?: { position: unknown }[] }>)
  const asked = ask(slowQuery('told'))
  const { query } = await waitFor(async () => {
    const { rows } = await admin.query<{ query: string }>(
      "SELECT query FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%told%' AND pid <> pg_backend_pid()",
    )
    return rows[0]
  })
  await admin.end()
  const { meta } = await asked
  const span = await waitFor(() => collector.spans.find((one) => one.traceId === trace && one.kind === 3))
  expect(query).toBe(
    `/*action='execute_query',application='dataface',request_id='${meta.request_id}',traceparent='00-${trace}-${span.spanId}-01'*/ ${slowQuery('told')}`,
  )
  expect((await ask('SELECT name,\n  pg_catalog.abs(name) FROM customers')).errors?.[0]?.position).toMatchObject({ line: 2, column: 3 })
})

test.each([
  ['is not there', undefined],
  ['never answers', () => {}],
] as const)('a collector that %s harms nothing', async (_title, listener) => {
  const silent = createServer(listener)
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
  const { port } = silent.address() as { port: number }
  if (listener === undefined) await new Promise((done) => silent.close(done))
  const { url, child, done } = await serve({ ...envOf(`http://127.0.0.1:${port}`), OTEL_EXPORTER_OTLP_TIMEOUT: '500' })
  for (let index = 0; index < 5; index++) {
    const response = await fetch(`${url}/api/v1/execute_query`, { method: 'POST', headers: json, body: JSON.stringify(input) })
    expect(response.status).toBe(200)
    await sleep(100)
  }
  child.kill('SIGTERM')
  const { code, err } = await done
  expect(code).toBe(0)
  expect(err).toMatch(/could not be exported/)
  silent.close()
})

test('what samples decides what is sent: nothing of a call whose caller is not sampled', async () => {
  const { url, child, done } = await serve({ ...envOf(collector.url), OTEL_TRACES_SAMPLER: 'parentbased_always_off' })
  const ask = (id: string, flags: string) =>
    fetch(`${url}/api/v1/get_schema`, { method: 'POST', headers: { ...json, traceparent: `00-${id}-${spanId}-${flags}` }, body: '{}' })
  await ask('1'.repeat(32), '00')
  await ask('2'.repeat(32), '01')
  child.kill('SIGTERM')
  await done
  const seen = new Set(collector.spans.map((span) => span.traceId))
  expect([seen.has('1'.repeat(32)), seen.has('2'.repeat(32))]).toEqual([false, true])
})

test.each([
  ['', '', ['in', 'new'], []],
  ['always_on', '', ['out', 'in', 'new'], []],
  ['always_off', '', [], []],
  ['traceidratio', '0', [], []],
  ['parentbased_traceidratio', '0', ['in'], []],
  ['parrot', '', ['in', 'new'], [expect.stringContaining('names no sampler')]],
  ['parentbased_traceidratio', 'half', ['in', 'new'], [expect.stringContaining('no share from 0 to 1')]],
])('the sampler "%s" with "%s" records what it should, and a mistake in it is logged', (name, share, recorded, logged) => {
  const lines: string[] = []
  const isSampled = samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: share }, (_level, message) => lines.push(message))
  const parent = { traceId, spanId }
  const given = { out: { ...parent, isSampled: false }, in: { ...parent, isSampled: true }, new: undefined }
  expect(Object.entries(given).flatMap(([one, context]) => (isSampled(traceId, context) ? one : []))).toEqual(recorded)
  expect(lines).toEqual(logged)
})

test('a flood of calls begins no more traces than the rate, and those of sampled callers go on', () => {
  const isSampled = samplerOf({}, () => {})
  const began = Array.from({ length: 3 * tracesAtOnce }, () => isSampled(traceId, undefined)).filter(Boolean).length
  expect(began).toBeGreaterThanOrEqual(tracesAtOnce)
  expect(began).toBeLessThan(2 * tracesAtOnce)
  expect(isSampled(traceId, { traceId, spanId, isSampled: true })).toBe(true)
})
