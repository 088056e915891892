import { type TextFont, textWidth } from './text-width.ts'

/** Cuts a text that is wider than its room, with an ellipsis at its end. */
export function ellipsize(text: string, room: number, font: TextFont): string {
  const head = headOf(text, room)
  if (head === text && textWidth(text, font) <= room) return text
  const characters = [...head]
  let [low, high] = [0, characters.length]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (textWidth(`${characters.slice(0, middle).join('').trimEnd()}…`, font) <= room) low = middle
    else high = middle - 1
  }
  return `${characters.slice(0, low).join('').trimEnd()}…`
}

/** What is looked at of a text of any length: four characters for each pixel that it may be wide. */
const headOf = (text: string, room: number): string => (text.length > 4 * room + 100 ? text.slice(0, 4 * room + 100).toWellFormed() : text)

/** Breaks a text into lines at spaces; a word that is wider than the room, such as CJK text, is broken within. */
export function wrapText(text: string, room: number, font: TextFont, maxLines = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = []
  const head = headOf(text, room * maxLines)
  for (const paragraph of head.split('\n')) {
    let line = ''
    for (const word of paragraph.split(/\s+/).filter((part) => part !== '')) {
      const longer = line === '' ? word : `${line} ${word}`
      if (textWidth(longer, font) <= room) {
        line = longer
        continue
      }
      if (line !== '') lines.push(line)
      const pieces = breakWord(word, room, font)
      lines.push(...pieces.slice(0, -1))
      line = pieces.at(-1) ?? ''
    }
    lines.push(line)
  }
  if (lines.length <= maxLines && head === text) return lines
  const rest = lines.slice(maxLines - 1).join(' ')
  return [...lines.slice(0, maxLines - 1), ellipsize(rest, room, font)]
}

function breakWord(word: string, room: number, font: TextFont): string[] {
  const pieces: string[] = []
  let piece = ''
  for (const character of word) {
    if (piece !== '' && textWidth(piece + character, font) > room) {
      pieces.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...pieces, piece]
}
