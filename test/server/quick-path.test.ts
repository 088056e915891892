/** What stands before the app on the way of a short call: odd requests reach the app, and answers are those of the app. */
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
