import { expect, test } from 'vitest'
import { ellipsize, wrapText } from '../../server/boards/fonts/fit-text.ts'
import { lackingCharacters, textWidth } from '../../server/boards/fonts/text-width.ts'

const size = 100

test('widths are the advances of Inter', () => {
  expect(textWidth('H', { size })).toBeCloseTo(74.4, 0)
  expect(textWidth('HH', { size })).toBeCloseTo(2 * textWidth('H', { size }))
  expect(textWidth('Hello', { size, weight: 700 })).toBeGreaterThan(textWidth('Hello', { size }))
  expect(textWidth('ill', { size })).toBeLessThan(textWidth('mmm', { size }) / 2.5)
})

test('East Asian characters and emoji are a square wide, joiners and marks take nothing', () => {
  expect(textWidth('東京', { size })).toBe(200)
  expect(textWidth('🎉', { size })).toBe(100)
  expect(textWidth('👍🏽', { size })).toBe(100)
  expect(textWidth('e\u0301\u200d\ufe0f', { size })).toBe(textWidth('e', { size }))
})

test('the font says what it cannot write', () => {
  expect(lackingCharacters('Kovač — ▲ 12 €')).toEqual([])
  expect(lackingCharacters('東京東')).toEqual(['東', '京'])
  expect(lackingCharacters('🎉')).toEqual(['🎉'])
})

test('a text that has room stays; one that has not ends in an ellipsis within its room', () => {
  expect(ellipsize('short', 1000, { size })).toBe('short')
  const cut = ellipsize('a rather long text 🎉🎉🎉', 400, { size })
  expect(cut.endsWith('…')).toBe(true)
  expect(textWidth(cut, { size })).toBeLessThanOrEqual(400)
  expect(ellipsize('🎉🎉🎉', 190, { size }).isWellFormed()).toBe(true)
})

test('lines break at spaces, and within words that are wider than a line', () => {
  const lines = wrapText('one two three fourteen東京東京東京東京', 300, { size })
  expect(lines.every((line) => textWidth(line, { size }) <= 300)).toBe(true)
  expect(lines.join('').replaceAll(' ', '')).toBe('onetwothreefourteen東京東京東京東京')
  const two = wrapText('one two three four five six', 300, { size }, 2)
  expect(two).toHaveLength(2)
  expect(two[1]?.endsWith('…')).toBe(true)
})
