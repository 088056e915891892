import { ellipsize } from '../fonts/fit-text.ts'
import { type TextFont, textWidth } from '../fonts/text-width.ts'
import type { Run } from './markdown-blocks.ts'

/** A piece of a line with its place in it. */
export interface Piece extends Run {
  readonly x: number
  readonly width: number
}

/** The font of a run within a text. */
export const runFont = (run: Run, font: TextFont): TextFont => ({
  ...font,
  ...(run.bold && { weight: 600 }),
  ...(run.italic && { italic: true }),
  // Words of code stand in the font of the text: another one would be as wide as the machine's happens to be.
  ...(run.code && { size: font.size * 0.93 }),
})

/** Room of the ground that code stands on, at each side of it. */
export const codePadding = 3

/** Sets runs in lines of a width. Words are kept whole where they fit; a line break in a run begins a new line. */
export function setLines(runs: readonly Run[], room: number, font: TextFont): Piece[][] {
  const lines: Piece[][] = [[]]
  let x = 0
  let space = false
  const place = (text: string, run: Run): void => {
    const face = runFont(run, font)
    const gap = space && x > 0 ? textWidth(' ', font) : 0
    const padding = run.code ? 2 * codePadding : 0
    const width = textWidth(text, face) + padding
    if (x > 0 && x + gap + width > room) {
      lines.push([])
      x = 0
      space = false
      place(text, run)
      return
    }
    const shown = width > room ? ellipsize(text, room - padding, face) : text
    const line = lines.at(-1) as Piece[]
    const before = line.at(-1)
    const taken = textWidth(shown, face) + padding
    // Neighbours that are set alike become one piece, so that the renderer spaces them as one text.
    if (before !== undefined && isAlike(before, run)) {
      const joined = before.text + (gap > 0 ? ' ' : '') + shown
      const joinedWidth = textWidth(joined, face) + padding
      line[line.length - 1] = { ...before, text: joined, width: joinedWidth }
      x = before.x + joinedWidth
    } else {
      line.push({ ...run, text: shown, x: x + gap, width: taken })
      x += gap + taken
    }
    space = false
  }
  for (const run of runs) {
    for (const part of run.text.split(/(\n|\s+)/)) {
      if (part === '\n') {
        lines.push([])
        x = 0
        space = false
      } else if (/^\s+$/.test(part)) space = true
      else if (part !== '') for (const word of breakable(part)) place(word, run)
    }
  }
  return lines
}

const isAlike = (left: Run, right: Run): boolean =>
  left.bold === right.bold &&
  left.italic === right.italic &&
  left.struck === right.struck &&
  left.code === right.code &&
  left.link === right.link

/** East Asian text breaks between any two characters. */
const breakable = (word: string): readonly string[] => (/[\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef]/.test(word) ? [...word] : [word])
