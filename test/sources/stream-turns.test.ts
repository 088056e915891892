import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { beginCall, endCall, takeTurn } from '../../server/sources/stream-turns.ts'

/** Streams that take so many turns each, and the order in which they went on. */
const startStreams = (turns: Readonly<Record<string, number>>): string[] => {
  const went: string[] = []
  const goOn = (name: string, left: number): void =>
    takeTurn(() => {
      went.push(name)
      if (left > 1) goOn(name, left - 1)
    })
  for (const [name, left] of Object.entries(turns)) goOn(name, left)
  return went
}

test('streams go on one in each turn of the event loop, in the order in which they asked, and again behind the others', async () => {
  const went = startStreams({ a: 3, b: 1, c: 2 })
  for (let turns = 1; turns <= 6; turns++) {
    await turn()
    expect(went.length).toBe(turns)
  }
  expect(went.join('')).toBe('abcaca')
})

test('streams wait for the calls that are under way, and go on once the last has ended', async () => {
  beginCall()
  beginCall()
  const went = startStreams({ a: 1, b: 1 })
  endCall()
  for (let turns = 0; turns < 5; turns++) await turn()
  expect(went).toEqual([])
  endCall()
  for (let turns = 0; turns < 3; turns++) await turn()
  expect(went.join('')).toBe('ab')
})

test('a call that takes long stops no stream', async () => {
  beginCall()
  const went = startStreams({ a: 50, b: 50 })
  while (went.length === 0) await sleep(5)
  // It was waited for once, not before each batch.
  for (let turns = 0; turns < 100; turns++) await turn()
  expect(went.length).toBe(100)
  endCall()
})
