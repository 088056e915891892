import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonErrorOffset } from '../../server/transports/http/json-error-offset.ts'

test.each([
  ['{"a": }', 6],
  ['{"a" 1}', 5],
  ['{a: 1}', 1],
  ['[1, 2', 5],
  ['[1,]', 3],
  ['{"a": 1,}', 8],
  ['{"a": "x\ny"}', 6],
  ['01', 1],
  ['nul', 0],
  ['', 0],
  ['{} x', 3],
])('%j stops being JSON at %i', (text, offset) => {
  expect(jsonErrorOffset(text)).toBe(offset)
})

test('a JSON text of any shape is read to its end', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' ', '\n'), (json, space) => {
      expect(jsonErrorOffset(json + space)).toBe((json + space).length)
    }),
  )
})
