/** What stands before the app on the way of a short call: odd requests reach the app, and answers are those of the app. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
beforeAll(async () => {
  started = await startDataface(`name: quick\nsources:${vegaSource}`)
})
afterAll(() => started?.close())

const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_sources' } })
const usual = {
  host: 'localhost',
  connection: 'close',
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'content-length': String(Buffer.byteLength(body)),
}

/** Sends pieces of text on a bare connection, one after the other, and gives all that comes back. */
const exchange = (...pieces: string[]): Promise<string> =>
  new Promise((done, fail) => {
    let answer = ''
    const socket = connect(Number(new URL(started.url).port), '127.0.0.1')
    socket.on('data', (chunk) => {
      answer += chunk
      if (answer.endsWith('\r\n0\r\n\r\n')) socket.destroy()
    })
    socket.on('close', () => done(answer)).on('error', fail)
    const sendFrom = (at: number): void => {
      if (at < pieces.length) socket.write(pieces[at] as string, () => setTimeout(sendFrom, 20, at + 1))
    }
    sendFrom(0)
  })

const head = (headers: Record<string, string | undefined>, ...more: string[]): string =>
  [
    'POST /mcp HTTP/1.1',
    ...Object.entries({ ...usual, ...headers }).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])),
    ...more,
    '\r\n',
  ].join('\r\n')

const answered = /^HTTP\/1\.1 200 OK[\s\S]*"success":true/

test('a body may come in pieces', async () => {
  expect(await exchange(head({}), body.slice(0, 10), body.slice(10, 11), body.slice(11))).toMatch(answered)
})

test('a body without a length is answered', async () => {
  const chunk = `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`
  expect(await exchange(head({ 'content-length': undefined, 'transfer-encoding': 'chunked' }), chunk)).toMatch(answered)
})

test.each([
  ['a foreign host', { host: 'evil.example' }, []],
  ['a foreign origin', { origin: 'https://evil.example' }, []],
  ['a foreign host after a local one', {}, ['host: evil.example']],
  ['a foreign origin after a local one', { origin: 'http://localhost' }, ['origin: https://evil.example']],
])('%s is refused', async (_what, headers, more) => {
  expect(await exchange(head(headers, ...more), body)).toMatch(/^HTTP\/1\.1 (?:403|400)/)
})

test('a body that is too large is refused', async () => {
  expect(await exchange(head({ 'content-length': String(5 * 1024 * 1024) }), body)).not.toMatch(/^HTTP\/1\.1 200/)
})

test('answers that wait for their reader stay as they are while others are written', async () => {
  const call = (letter: string) => {
    const sql = `SELECT repeat('${letter}', 300) AS t FROM range(1200)`
    const params = { name: 'execute_query', arguments: { source: 'vega', sql, limit: 1200, max_tokens: 1_000_000 } }
    return JSON.stringify({ jsonrpc: '2.0', id: letter, method: 'tools/call', params })
  }
  const letters = [...'abcdefghijklmnop']
  const { host: _host, connection: _connection, 'content-length': _length, ...headers } = usual
  const waiting = connect(Number(new URL(started.url).port), '127.0.0.1').pause()
  for (const letter of letters)
    waiting.write(
      head({ connection: letter === 'p' ? 'close' : 'keep-alive', 'content-length': String(Buffer.byteLength(call(letter))) }) +
        call(letter),
    )
  for (let i = 0; i < 30; i++) await (await fetch(`${started.url}/mcp`, { method: 'POST', headers, body: call('z') })).text()
  const answers: Buffer[] = []
  for await (const chunk of waiting) answers.push(chunk as Buffer)
  const found =
    Buffer.concat(answers)
      .toString()
      .match(/(.)\1{299}/g) ?? []
  expect(found.map(([letter]) => letter).join('')).toBe(letters.map((letter) => letter.repeat(2 * 1200)).join(''))
}, 60_000)

describe('a call over REST is answered alike before the app and by it', () => {
  const text = 'application/json'
  /** What came back, but for what is another for every answer. */
  const ask = async (path: string, input: string, isQuick: boolean, headers: Record<string, string>) => {
    const asked = head({
      accept: undefined,
      'content-type': text,
      'content-length': isQuick ? String(Buffer.byteLength(input)) : undefined,
      ...(!isQuick && { 'transfer-encoding': 'chunked' }),
      ...headers,
    }).replace('POST /mcp', `POST ${path}`)
    const answer = await exchange(asked + (isQuick ? input : `${Buffer.byteLength(input).toString(16)}\r\n${input}\r\n0\r\n\r\n`))
    const [top = '', sent = ''] = answer.split('\r\n\r\n')
    const [status, ...lines] = top.toLowerCase().split('\r\n')
    const changing = /^(?:date|connection|keep-alive|transfer-encoding|content-length|x-request-id):/
    return {
      status,
      headers: lines.filter((line) => !changing.test(line)).sort(),
      body: sent.replace(/"(request_id|timing_ms|elapsed_ms|retry_after_ms)":(?:"[^"]*"|[\d.]+)/g, '"$1":0'),
    }
  }

  test.each([
    ['an answer', '/api/v1/execute_query', '{"source":"vega","sql":"SELECT 1 AS one"}', {}, '200'],
    ['an older name', '/api/v2/query', '{"source":"vega","sql":"SELECT 1 AS one"}', { accept: '*/*' }, '200'],
    ['a version that will go', '/api/v1/test_yaml_execution', '{"yaml":"title: T\\n"}', { accept: text }, '200'],
    ['the path of its project', '/p/quick/api/v1/list_sources', '{}', {}, '200'],
    ['the path of another', '/p/other/api/v1/list_sources', '{}', {}, '404'],
    ['an argument too many', '/api/v1/list_sources', '{"sorce":1}', {}, '400'],
    ['what is no object', '/api/v1/list_sources', '[1]', {}, '400'],
    ['what is no JSON', '/api/v1/list_sources', '{"a":', {}, '400'],
    ['what is nested too deeply', '/api/v1/list_sources', `{"a":${'['.repeat(300)}${']'.repeat(300)}}`, {}, '400'],
    ['a statement that fails', '/api/v1/execute_query', '{"source":"vega","sql":"SELECT 1 +"}', {}, '422'],
    ['a statement that writes', '/api/v1/execute_query', '{"source":"vega","sql":"DROP TABLE x"}', {}, '422'],
    ['a tool that is not there', '/api/v1/parrot', '{}', {}, '404'],
    ['a version that is not there', '/api/v9/list_sources', '{}', {}, '400'],
    ['two versions', '/api/v1/list_sources', '{}', { 'dataface-version': '2' }, '400'],
    ['rows', '/api/v1/execute_query', '{"source":"vega","sql":"SELECT 1 AS one"}', { accept: 'application/x-ndjson' }, '200'],
    ['another type', '/api/v1/list_sources', '{}', { 'content-type': 'text/plain' }, '415'],
    ['a foreign origin', '/api/v1/list_sources', '{}', { origin: 'https://evil.example' }, '403'],
  ])('%s', async (_what, path, input, headers, status) => {
    const [quick, app] = [await ask(path, input, true, headers), await ask(path, input, false, headers)]
    expect(quick.status).toContain(status)
    // The app sends in pieces what is read as a whole.
    expect({ ...quick, body: unchunked(quick.body) }).toEqual({ ...app, body: unchunked(app.body) })
  })
})

/** The text of a body that was sent in pieces. */
const unchunked = (body: string): string => (/^[0-9a-f]+\r\n/.test(body) ? body.replace(/(?:^|\r\n)[0-9a-f]+\r\n/g, '') : body)

test('a call is refused while the server stops', async () => {
  const stopping = await startDataface('name: stopping\nsources: {}')
  stopping.dataface.stopTaking()
  const { host: _host, connection: _connection, ...headers } = usual
  const response = await fetch(`${stopping.url}/mcp`, { method: 'POST', headers, body })
  expect([response.status, await response.json()]).toEqual([
    503,
    expect.objectContaining({ errors: [expect.objectContaining({ code: 'NOT_READY' })] }),
  ])
  await stopping.close()
})
