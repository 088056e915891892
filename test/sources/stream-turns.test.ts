import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { takeTurn } from '../../server/sources/stream-turns.ts'

test('streams go on one in each turn of the event loop, in the order in which they asked, and again behind the others', async () => {
  const went: string[] = []
  const stream = (name: string, batches: number): void =>
    takeTurn(() => {
      went.push(name)
      if (batches > 1) stream(name, batches - 1)
    })
  stream('a', 3)
  stream('b', 1)
  stream('c', 2)
  for (let turns = 1; turns <= 6; turns++) {
    await turn()
    expect(went.length).toBe(turns)
  }
  expect(went.join('')).toBe('abcaca')
})
