/** A message that nests thousands of levels deep is refused with a code at every door, whatever it asks, and harms nobody else. */
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectFolder, spawnDft } from '../support/doors.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const yaml = 'name: deep\nsources: {}'
let started: Started
beforeAll(async () => {
  started = await startDataface(yaml)
})
afterAll(() => started?.close())

const levels = 10_000
const deepArray = '['.repeat(levels) + ']'.repeat(levels)
const deepObject = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

const meta = '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}'
const paramsOf: Record<string, (deep: string) => string> = {
  initialize: (deep) => `{"protocolVersion":"2025-06-18","capabilities":{"experimental":${deep}},"clientInfo":{"name":"t","version":"1"}}`,
  'server/discover': (deep) => `{"_meta":{${meta}},"a":${deep}}`,
  ping: (deep) => `{"a":${deep}}`,
  'tools/list': (deep) => `{"_meta":{"a":${deep}}}`,
  'tools/call': (deep) => `{"name":"list_sources","arguments":{"a":${deep}}}`,
  'resources/list': (deep) => `{"a":${deep}}`,
  'resources/read': (deep) => `{"uri":"x","a":${deep}}`,
  'prompts/list': (deep) => `{"a":${deep}}`,
  'prompts/get': (deep) => `{"name":"x","arguments":${deep}}`,
  'logging/setLevel': (deep) => `{"level":"info","a":${deep}}`,
  'completion/complete': (deep) => `{"ref":${deep}}`,
  'subscriptions/listen': (deep) => `{"a":${deep}}`,
  'a/method/that/is/not': (deep) => deep,
}
const messages = Object.entries(paramsOf).flatMap(([method, params]) =>
  [deepArray, deepObject].map((deep, index) => ({
    method,
    shape: index === 0 ? 'arrays' : 'objects',
    text: (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params(deep)}}`,
  })),
)

const refusal = (id: number) => ({
  jsonrpc: '2.0',
  id,
  error: {
    code: -32600,
    message: 'The request nests deeper than 100 levels.',
    data: { success: false, errors: [{ code: 'VALIDATION_ERROR', hint: expect.any(String) }] },
  },
})

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${started.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body,
  })

test.each(messages)('$method with $shape over HTTP', async ({ method, text }) => {
  for (const headers of [{}, { 'mcp-protocol-version': '2025-11-25' }, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method }]) {
    const response = await post('/mcp', text(7), headers)
    expect([response.status, await response.json()]).toMatchObject([400, refusal(7)])
  }
})

test('a batch, and a message without an id, over HTTP', async () => {
  for (const text of [`[${messages[0]?.text(1)}]`, `{"jsonrpc":"2.0","method":"notifications/x","params":${deepArray}}`, deepArray])
    expect(await (await post('/mcp', text)).json()).toMatchObject({ id: null, error: { code: -32600 } })
})

test('over stdio, where others are still answered', async () => {
  const child = spawnDft(['mcp', '--project', projectFolder(yaml)])
  const answers = new Map<number, unknown>()
  const last = messages.length + 1
  const whole = new Promise<void>((done) =>
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as { id: number }
      answers.set(answer.id, answer)
      if (answers.size === last + 1) done()
    }),
  )
  const initialize = (id: number) =>
    `{"jsonrpc":"2.0","id":${id},"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}\n`
  child.stdin.write(initialize(0))
  for (const [index, { text }] of messages.entries()) child.stdin.write(`${text(index + 1)}\n`)
  child.stdin.write(`{"jsonrpc":"2.0","id":${last},"method":"tools/list"}\n`)
  await whole
  child.stdin.end()
  expect(answers.get(0)).toMatchObject({ result: { protocolVersion: '2025-06-18' } })
  for (const [index] of messages.entries()) expect(answers.get(index + 1)).toMatchObject(refusal(index + 1))
  expect(answers.get(last)).toMatchObject({ result: { tools: expect.any(Array) } })
}, 60_000)

const refused = (code: string) => ({ success: false, errors: expect.arrayContaining([expect.objectContaining({ code })]) })

test.each([
  ['arrays', deepArray],
  ['objects', deepObject],
])('%s over REST and tRPC', async (_shape, deep) => {
  for (const input of [deep, `{"source":${deep}}`, `{"variables":{"a":${deep}},"yaml":"title: x"}`, `{"a":${deep}}`])
    for (const tool of ['execute_query', 'render_dashboard', 'no_such_tool']) {
      const rest = await post(`/api/v1/${tool}`, input)
      expect([rest.status, await rest.json()]).toMatchObject([400, refused('VALIDATION_ERROR')])
      const trpc = (await (await post(`/trpc/${tool}`, input)).json()) as {
        result?: { data: unknown }
        error?: { data: { envelope: unknown } }
      }
      expect(trpc.result?.data ?? trpc.error?.data.envelope).toMatchObject(
        refused(tool === 'no_such_tool' ? 'UNKNOWN_TOOL' : 'VALIDATION_ERROR'),
      )
    }
})
