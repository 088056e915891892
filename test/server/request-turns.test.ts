import type { IncomingMessage } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { RequestTurns } from '../../server/transports/http/request-turns.ts'

interface From {
  readonly authorization?: string
  readonly cookie?: string
  readonly remoteAddress?: string
}

const requestOf = ({ remoteAddress, ...headers }: From) => ({ headers, socket: { remoteAddress }, destroyed: false })

/** Takes requests, and tells in which order they were begun. */
const start = () => {
  const turns = new RequestTurns()
  const begun: string[] = []
  return {
    begun,
    send(name: string, from: From, count = 1) {
      return Array.from({ length: count }, () => {
        const incoming = requestOf(from)
        turns.take(incoming as unknown as IncomingMessage, () => begun.push(name))
        return incoming
      })
    },
    async untilBegun(count: number) {
      for (let turns = 0; begun.length < count; turns++) {
        expect(turns).toBeLessThan(1_000)
        await turn()
      }
    },
  }
}

test('requests that come one by one are begun at once', async () => {
  const { begun, send } = start()
  for (let sent = 1; sent <= 20; sent++) {
    send('a', { authorization: 'a' })
    expect(begun.length).toBe(sent)
    await turn()
  }
})

test('of many that come at once few are begun in a turn, and all in the end', async () => {
  const { begun, send, untilBegun } = start()
  send('a', { authorization: 'a' }, 100)
  for (let before = 0; begun.length < 100; before = begun.length) {
    await turn()
    expect(begun.length - before).toBeLessThanOrEqual(32)
  }
  send('b', { authorization: 'b' })
  await untilBegun(101)
})

test.each<[what: string, many: From, one: From]>([
  ['key', { authorization: 'Bearer a' }, { authorization: 'Bearer b' }],
  ['session', { cookie: 'dataface_key=a' }, { cookie: 'dataface_key=b' }],
  ['address', { remoteAddress: '10.0.0.1' }, { remoteAddress: '10.0.0.2' }],
])('who sends many waits for itself, and others do not: by %s', async (_what, many, one) => {
  const { begun, send, untilBegun } = start()
  send('many', { remoteAddress: '127.0.0.1', ...many }, 300)
  send('one', { remoteAddress: '127.0.0.1', ...one }, 2)
  await untilBegun(302)
  expect(begun.lastIndexOf('one')).toBeLessThan(25)
})

test('requests of one caller are begun in their order, and those of a client that is gone are not', async () => {
  const { begun, send, untilBegun } = start()
  const sent = Array.from({ length: 40 }, (_, index) => send(String(index), { authorization: 'a' })[0])
  Object.assign(sent[30] as object, { destroyed: true })
  await untilBegun(39)
  expect(begun).toEqual(Array.from({ length: 40 }, (_, index) => String(index)).filter((name) => name !== '30'))
})
