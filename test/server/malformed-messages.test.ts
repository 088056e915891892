/** What cannot be read is refused in the same words at every door, and what is odd about arguments too; nothing is altered in silence. */
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AnyEnvelope, type Door, httpDoors, openStdioDoor, projectFolder, readRpc, spawnDft, withoutTimes } from '../support/doors.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

const yaml = `name: malformed\nsources:${vegaSource}`
const folder = projectFolder(yaml)
let started: Started
beforeAll(async () => {
  started = await startDataface(yaml)
})
afterAll(() => started?.close())

const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(`${started.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: new Uint8Array(Buffer.from(body)),
  })

/** The status, the code of JSON-RPC and the envelope of a body at every door over HTTP. */
const refusals = async (body: string | Buffer) => {
  const rest = await post('/api/v1/list_sources', body)
  const trpc = await post('/trpc/list_sources', body)
  const mcp = await Promise.all(
    [{}, { 'mcp-protocol-version': '2025-11-25' }, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }].map(
      async (headers) => {
        const response = await post('/mcp', body, headers)
        const { error } = await readRpc(response)
        return { status: response.status, code: error?.code, message: error?.message, errors: error?.data?.errors }
      },
    ),
  )
  const { error } = (await trpc.json()) as { error: { message: string; data: { envelope: AnyEnvelope } } }
  const { errors } = (await rest.json()) as AnyEnvelope
  return {
    rest: { status: rest.status, message: errors?.[0]?.message, errors },
    trpc: { status: trpc.status, message: error.message, errors: error.data.envelope.errors },
    mcp,
  }
}

/** The answers of `dft mcp` to lines between `initialize` and `tools/list`. */
const answersOverStdio = async (lines: readonly (string | Buffer)[]) => {
  const child = spawnDft(['mcp', '--project', folder])
  const answers: { id: unknown; error?: { code: number; message: string; data: AnyEnvelope }; result?: unknown }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => answers.push(JSON.parse(line)))
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } }
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'first', method: 'initialize', params })}\n`)
  for (const line of lines) child.stdin.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')]))
  child.stdin.end(`\n${JSON.stringify({ jsonrpc: '2.0', id: 'last', method: 'tools/list' })}\n`)
  expect(await new Promise((done) => child.once('exit', done))).toBe(0)
  for (const id of ['first', 'last']) expect(answers).toContainEqual(expect.objectContaining({ id, result: expect.anything() }))
  return answers.filter(({ id }) => id !== 'first' && id !== 'last')
}

const malformed: readonly (readonly [text: string, offset: number])[] = [
  ['{"jsonrpc":', 11],
  ['not json', 0],
  ['{"a":1}}', 7],
  ['{"a":1,}', 7],
  ["{'a':1}", 1],
]
const malformedItem = (offset: number) => ({
  code: 'VALIDATION_ERROR',
  message: 'The request is not valid JSON.',
  hint: 'Send one JSON object.',
  position: { offset, line: 1, column: offset + 1 },
  retryable: false,
})
/** JSON that is no message of JSON-RPC, and the id of the answer. */
const noMessages: readonly (readonly [text: string, id: number | string | null])[] = [
  ['5', null],
  ['"x"', null],
  ['null', null],
  ['[]', null],
  ['[1,2]', null],
  ['{}', null],
  ['{"jsonrpc":"2.0","id":1}', 1],
  ['{"jsonrpc":"1.0","id":"a","method":"ping"}', 'a'],
  ['{"id":1,"method":"ping"}', 1],
  ['{"jsonrpc":"2.0","id":1,"method":5}', 1],
  ['{"jsonrpc":"2.0","id":null,"method":"ping"}', null],
  ['{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', 1],
  ['[{"jsonrpc":"2.0","id":1,"method":"ping"},{}]', null],
]
/** Requests that lack the text they need, and its name. */
const lacking: readonly (readonly [request: string, path: string])[] = [
  ['{"jsonrpc":"2.0","id":"lacks","method":"tools/call"}', 'name'],
  ['{"jsonrpc":"2.0","id":"lacks","method":"tools/call","params":{"arguments":{}}}', 'name'],
  ['{"jsonrpc":"2.0","id":"lacks","method":"tools/call","params":{"name":5}}', 'name'],
  ['{"jsonrpc":"2.0","id":"lacks","method":"resources/read","params":{}}', 'uri'],
]
const latin1 = Buffer.from('{"search":"caf\u00e9"}', 'latin1')
const notText = { code: 'VALIDATION_ERROR', message: 'The request is not UTF-8.', hint: expect.stringContaining('UTF-8'), retryable: false }

describe('over HTTP', () => {
  test.each([...malformed.map(([text, offset]) => [text, malformedItem(offset)] as const), [latin1, notText] as const])(
    '%s is refused alike at every door',
    async (body, item) => {
      const { message } = item
      expect(await refusals(body)).toEqual({
        rest: { status: 400, message, errors: [item] },
        trpc: { status: 400, message, errors: [item] },
        mcp: Array.from({ length: 3 }, () => ({ status: 400, code: -32700, message, errors: [item] })),
      })
    },
  )

  test.each(['gzip', 'br'])('a body of %s is told as compressed', async (encoding) => {
    const body = (encoding === 'gzip' ? gzipSync : brotliCompressSync)('{"search":"tea"}')
    const item = { code: 'VALIDATION_ERROR', message: 'The request is compressed.', path: 'content-encoding', retryable: false }
    const rest = await post('/api/v1/list_sources', body, { 'content-encoding': encoding })
    expect([rest.status, await rest.json()]).toMatchObject([415, { errors: [item] }])
    const trpc = await post('/trpc/list_sources', body, { 'content-encoding': encoding })
    expect(await trpc.json()).toMatchObject({ error: { data: { envelope: { errors: [item] } } } })
    const mcp = await post('/mcp', body, { 'content-encoding': encoding })
    expect(await readRpc(mcp)).toMatchObject({ error: { code: -32700, data: { errors: [item] } } })
  })

  test('a connection that the client wants closed is closed, at every door', async () => {
    const rpc = (method: string) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} })
    const bodies: readonly (readonly [path: string, body: string])[] = [
      ['/api/v1/list_sources', '{}'],
      ['/trpc/list_sources', '{}'],
      // Answered by ourselves, and as a stream by the SDK.
      ['/mcp', rpc('tools/list')],
      ['/mcp', rpc('ping')],
    ]
    for (const [path, body] of bodies) {
      const { host, hostname, port } = new URL(started.url)
      const socket = connect(Number(port), hostname)
      const headers = { host, connection: 'close', 'content-type': 'application/json', 'content-length': body.length }
      const lines = Object.entries({ ...headers, accept: 'application/json, text/event-stream' }).map((header) => header.join(': '))
      socket.write([`POST ${path} HTTP/1.1`, ...lines, '', body].join('\r\n'))
      const read = await Promise.race([text(socket), new Promise((done) => setTimeout(done, 2_000, 'still open'))])
      socket.destroy()
      expect([path, read]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 200 (?!.*connection: keep-alive)/is)])
    }
  })

  test('an input in an address too', async () => {
    const response = await fetch(`${started.url}/trpc/list_sources?input=${encodeURIComponent('{"a":1}}')}`)
    expect(await response.json()).toMatchObject({ error: { data: { envelope: { errors: [malformedItem(7)] } } } })
  })

  test.each(['', '2025-11-25', '2026-07-28'])(
    'what is JSON and no message is refused by MCP with an envelope, revision "%s"',
    async (revision) => {
      for (const [body, id] of noMessages)
        expect(await readRpc(await post('/mcp', body, revision === '' ? {} : { 'mcp-protocol-version': revision }))).toMatchObject({
          id,
          error: { code: -32600, data: { success: false, errors: [{ code: 'VALIDATION_ERROR' }] } },
        })
    },
  )
})

describe('a request that lacks the text it needs is told so', () => {
  const answer = (path: string) => ({
    id: 'lacks',
    error: { code: -32602, data: { success: false, errors: [{ code: 'VALIDATION_ERROR', path, hint: expect.stringContaining('/list') }] } },
  })

  test.each(lacking)('%s over HTTP', async (body, path) => {
    const method = (JSON.parse(body) as { method: string }).method
    const all = [{}, { 'mcp-protocol-version': '2025-11-25' }, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method }]
    for (const headers of all) {
      const response = await post('/mcp', body, headers)
      expect(response.status).toBe(200)
      expect(await readRpc(response)).toMatchObject(answer(path))
    }
  })

  test('over stdio', async () => {
    expect(await answersOverStdio(lacking.map(([text]) => text))).toMatchObject(lacking.map(([, path]) => answer(path)))
  }, 60_000)
})

test('over stdio every line has an answer, and the lines after it are served', async () => {
  const unread = noMessages.map(([text]) => text)
  const answers = await answersOverStdio([...malformed.map(([text]) => text), latin1, '\ufeff{', ...unread])
  const of = (code: number) => answers.filter(({ error }) => error?.code === code).map(({ error }) => error)
  const items = [...malformed.map(([, offset]) => malformedItem(offset)), notText, malformedItem(0)]
  expect(of(-32700).map((error) => error?.data.errors?.[0])).toEqual(items)
  expect(of(-32700).map((error) => error?.message)).toEqual(items.map(({ message }) => message))
  expect(of(-32600)).toHaveLength(unread.length)
  expect(of(-32600)).toEqual(unread.map(() => expect.objectContaining({ data: expect.objectContaining({ success: false }) })))
  expect(answers).toHaveLength(items.length + unread.length)
}, 60_000)

describe('arguments that are no object, or have an odd name', () => {
  const odd = ['null', '[]', '"x"', '5', '{"__proto__":1}', '{"__proto__":{"search":"x"}}', '{"constructor":1}']

  const refused = expect.objectContaining({ code: 'VALIDATION_ERROR' })

  test.each(odd)(
    '%s is answered alike at every door',
    async (text) => {
      const stdio = await openStdioDoor(folder)
      try {
        const { inside, ...others } = httpDoors(started)
        for (const tool of ['get_schema', 'list_tables']) {
          const expected = withoutTimes(await (inside as Door)(tool, JSON.parse(text)))
          for (const [name, door] of Object.entries({ ...others, stdio: stdio.door }))
            expect([name, withoutTimes(await door(tool, JSON.parse(text)))]).toEqual([name, expected])
          const isRead = text === 'null' && tool === 'get_schema'
          expect(expected).toMatchObject({ success: isRead, ...(!isRead && { errors: expect.arrayContaining([refused]) }) })
        }
      } finally {
        await stdio.close()
      }
    },
    60_000,
  )
})
