import type { Position } from '../../contracts/v1/errors.ts'

/** The position at a UTF-16 offset of a text, from 0; offsets outside are moved to the nearest end. */
export const positionAt = (text: string, offset: number): Position => {
  const at = Math.max(0, Math.min(offset, text.length))
  const before = text.slice(0, at)
  const lineStart = before.lastIndexOf('\n') + 1
  return { offset: at, line: before.split('\n').length, column: at - lineStart + 1 }
}

/** The UTF-16 offset of the character (code point) with this index, from 0. */
export const offsetOfCodePoint = (text: string, index: number): number => {
  let offset = 0
  for (let left = index; left > 0 && offset < text.length; left--) offset += (text.codePointAt(offset) as number) > 0xffff ? 2 : 1
  return offset
}

/** The UTF-16 offset of a UTF-8 byte offset. */
export const offsetOfByte = (text: string, byte: number): number => Buffer.from(text).subarray(0, byte).toString().length
