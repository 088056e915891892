import { expect, test } from 'vitest'
import { RecentMap } from '../../server/envelope/recent-map.ts'

test('what is asked for stays, what is not goes, and never more is held than said', () => {
  const map = new RecentMap<number>(100)
  map.set('asked', -1)
  for (let index = 0; index < 1_000; index++) {
    map.set(`other ${index}`, index)
    expect(map.get('asked')).toBe(-1)
    expect([...map.values()].length).toBeLessThanOrEqual(100)
  }
  expect([map.get('other 0'), map.get('other 999')]).toEqual([undefined, 999])
  expect([...map.values()].filter((value) => value === -1)).toEqual([-1])
})

test('what is held stays for as long as it is held, asked for or not', () => {
  const running = new Set(['a'])
  const map = new RecentMap<string>(10, (value) => running.has(value))
  const fill = () => {
    for (let index = 0; index < 100; index++) map.set(`other ${index}`, 'other')
  }
  map.set('a', 'a')
  fill()
  expect(map.get('a')).toBe('a')
  running.clear()
  fill()
  expect(map.get('a')).toBeUndefined()
})
