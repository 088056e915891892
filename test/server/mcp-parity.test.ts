/** The codec of our own and the SDK answer alike: the same requests, once to a server with it and once to one without. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import tools from '../../server/generated/mcp-tools.json' with { type: 'json' }
import { createApp } from '../../server/transports/http/create-app.ts'
import { type Listening, listen } from '../../server/transports/http/listen.ts'
import { createDatafaceDoor } from '../../server/transports/mcp/dataface-door.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
let withCodec: Listening
let withSdk: Listening

const serveDoor = (codec: boolean): Promise<Listening> => {
  const { dispatcher, project } = started.dataface
  const log = () => {}
  const mcp = createDatafaceDoor({ dispatcher, tools, version: '9.9.9', challenge: () => ({}), log, codec })
  const mcpAt = () => undefined
  const app = createApp({
    dispatcher,
    mcp,
    mcpAt,
    openapi: async () => '{}',
    project,
    log,
    isReady: () => true,
    readiness: async () => ({ status: 'ready' }),
  })
  return listen({ app, port: 0, host: '127.0.0.1' })
}

beforeAll(async () => {
  started = await startDataface(`name: parity\nsources:${vegaSource}`)
  withCodec = await serveDoor(true)
  withSdk = await serveDoor(false)
})
afterAll(async () => {
  await withCodec?.close(100, async () => {})
  await withSdk?.close(100, async () => {})
  await started?.close()
})

interface Sent {
  readonly headers?: Record<string, string | undefined>
  readonly body: unknown
}

const modernVersion = '2026-07-28'
const meta = {
  'io.modelcontextprotocol/protocolVersion': modernVersion,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}
const query = { source: 'vega', sql: 'SELECT species, count(*) AS n FROM penguins GROUP BY 1 ORDER BY 1' }

const rpc = (method: string, params?: unknown, id: unknown = 1) => ({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) })
const legacy = (method: string, params?: unknown, version = '2025-06-18', id: unknown = 1): Sent => ({
  headers: { 'mcp-protocol-version': version },
  body: rpc(method, params, id),
})
const modern = (method: string, params: Record<string, unknown> = {}, headers: Record<string, string | undefined> = {}): Sent => ({
  headers: {
    'mcp-protocol-version': modernVersion,
    'mcp-method': method,
    ...(typeof params.name === 'string' && { 'mcp-name': params.name }),
    ...headers,
  },
  body: rpc(method, { ...params, _meta: { ...meta, ...(params._meta as object) } }),
})
const call = { name: 'execute_query', arguments: query }

const requests: Record<string, Sent> = {
  'a call, 2025-06-18': legacy('tools/call', call),
  'a call, 2025-11-25': legacy('tools/call', call, '2025-11-25'),
  'a call, 2024-11-05': legacy('tools/call', call, '2024-11-05'),
  'a call without a version': { body: rpc('tools/call', call) },
  'a call, 2026-07-28': modern('tools/call', call),
  'a call by an alias': legacy('tools/call', { ...call, name: 'query' }),
  'a call with an id of text': legacy('tools/call', call, '2025-06-18', 'a "b" \u2028'),
  'a call with an id of 0': legacy('tools/call', call, '2025-06-18', 0),
  'a long answer': legacy('tools/call', {
    name: 'execute_query',
    arguments: { ...query, sql: 'SELECT * FROM movies ORDER BY ALL', limit: 500, max_tokens: 1_000_000 },
  }),
  'a long answer, 2026-07-28': modern('tools/call', {
    name: 'execute_query',
    arguments: { ...query, sql: 'SELECT * FROM movies ORDER BY ALL', limit: 500, max_tokens: 1_000_000 },
  }),
  'text that must be escaped': legacy('tools/call', {
    name: 'execute_query',
    arguments: { ...query, sql: `SELECT 'say "hi" \\ ' || chr(1) || chr(8232) || chr(128512) AS "a ""b"""` },
  }),
  'rows as markdown': legacy('tools/call', { name: 'execute_query', arguments: { ...query, format: 'markdown' } }),
  'a picture': legacy('tools/call', { name: 'render_dashboard', arguments: { path: 'boards/penguins.yml', format: 'png' } }),
  'a picture, 2026-07-28': modern('tools/call', { name: 'render_dashboard', arguments: { path: 'boards/penguins.yml', format: 'png' } }),
  'a board as text': legacy('tools/call', { name: 'render_dashboard', arguments: { path: 'boards/penguins.yml' } }),
  'arguments that break the contract': legacy('tools/call', { name: 'execute_query', arguments: { source: 1, sqll: 'x' } }),
  'arguments that break the contract, 2026-07-28': modern('tools/call', { name: 'execute_query', arguments: { source: 1 } }),
  'no arguments': legacy('tools/call', { name: 'list_sources' }),
  'arguments null': legacy('tools/call', { name: 'list_sources', arguments: null }),
  'arguments as a list': legacy('tools/call', { name: 'list_sources', arguments: [] }),
  'a tool that is not served': legacy('tools/call', { name: 'execute_querry', arguments: {} }),
  'a tool that is not served, 2026-07-28': modern('tools/call', { name: 'execute_querry', arguments: {} }),
  'a tool without a name': legacy('tools/call', { arguments: {} }),
  'a call without params': legacy('tools/call'),
  'a call with params as a list': legacy('tools/call', []),
  'a call with another name in its header': modern('tools/call', call, { 'mcp-name': 'list_sources' }),
  'a call with another method in its header': modern('tools/call', call, { 'mcp-method': 'tools/list' }),
  'a call without its header of the method': modern('tools/call', call, { 'mcp-method': undefined }),
  'a call whose _meta has no version': {
    headers: { 'mcp-protocol-version': modernVersion, 'mcp-method': 'tools/call', 'mcp-name': 'execute_query' },
    body: rpc('tools/call', call),
  },
  'a call whose _meta names another version': modern('tools/call', {
    ...call,
    _meta: { 'io.modelcontextprotocol/protocolVersion': '2025-11-25' },
  }),
  'the tools, 2025-06-18': legacy('tools/list'),
  'the tools, 2026-07-28': modern('tools/list'),
  'the tools, from a cursor': legacy('tools/list', { cursor: 'nothing' }),
  'an unknown method': legacy('tools/nothing'),
  'an unknown method, 2026-07-28': modern('tools/nothing'),
  'a version that never was': legacy('tools/list', undefined, '1999-01-01'),
  'an answer in JSON alone accepted': {
    headers: { accept: 'application/json', 'mcp-protocol-version': '2025-06-18' },
    body: rpc('tools/list'),
  },
  'another content type': { headers: { 'content-type': 'text/plain' }, body: rpc('tools/list') },
  'no JSON': { body: '{"jsonrpc": "2.0", ' },
  'a byte order mark': { body: `\uFEFF${JSON.stringify(rpc('tools/list'))}` },
  'a long request': legacy('tools/call', { ...call, arguments: { ...query, sql: `${query.sql} -- ${'ü'.repeat(300_000)}` } }),
  'a number': { body: 7 },
  null: { body: null },
  'an empty batch': { body: [] },
  'a batch': { headers: { 'mcp-protocol-version': '2025-03-26' }, body: [rpc('tools/list'), rpc('tools/call', call, 2)] },
  'no version of JSON-RPC': { body: { id: 1, method: 'tools/list' } },
  'an id of null': legacy('tools/list', undefined, '2025-06-18', null),
  'an id of a fraction': legacy('tools/list', undefined, '2025-06-18', 1.5),
  'an id of an object': legacy('tools/list', undefined, '2025-06-18', {}),
  'a notification': { body: { jsonrpc: '2.0', method: 'notifications/initialized' } },
  initialize: legacy('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } }),
}

const send = ({ url }: Listening, { headers, body }: Sent): Promise<Response> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const sent = new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' })
  for (const [name, value] of Object.entries(headers ?? {})) if (value !== undefined) sent.set(name, value)
  return fetch(`${url}/mcp`, { method: 'POST', headers: sent, body: text })
}

/** What was answered: the status, and the messages however they were framed, without what differs from call to call. */
const answerOf = async (server: Listening, sent: Sent): Promise<unknown> => {
  const response = await send(server, sent)
  const answer = await response.text()
  const messages = response.headers.get('content-type')?.startsWith('text/event-stream')
    ? answer
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice(6))
    : [answer]
  return { status: response.status, messages: messages.map((message) => withoutTimes(message)) }
}

const withoutTimes = (message: string): unknown => {
  try {
    return JSON.parse(
      message
        .replace(/(\\?"request_id\\?":\\?")[0-9a-f-]+/g, '$1')
        .replace(/(\\?"(?:timing_ms|elapsed_ms)\\?":)[0-9.]+/g, '$10')
        .replace(/(\\?"next_cursor\\?":\\?")[\w.-]+/g, '$1'),
    )
  } catch {
    return message
  }
}

describe('the codec answers as the SDK does', () => {
  test.each(Object.entries(requests))('%s', async (_name, sent) => {
    const answer = await answerOf(withCodec, sent)
    expect(answer).toEqual(await answerOf(withSdk, sent))
    expect(answer).toMatchObject({ status: expect.any(Number) })
  })

  test.each(['a call, 2025-06-18', 'a long answer', 'the tools, 2025-06-18'])('and by itself: %s', async (name) => {
    // The SDK frames an answer to a client of 2025 as an event stream.
    const types = await Promise.all(
      [withCodec, withSdk].map(async (server) => (await send(server, requests[name] as Sent)).headers.get('content-type')),
    )
    expect(types).toEqual(['application/json', 'text/event-stream'])
  })
})

test('a revision that is not served is refused with the list of those that are', async () => {
  const served = '2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05, 2024-10-07'
  expect(await answerOf(withCodec, requests['a version that never was'] as Sent)).toMatchObject({
    status: 400,
    messages: [{ error: { message: expect.stringContaining(`(supported versions: ${served})`) } }],
  })
})
