import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { cleanText } from '../charts/chart-data.ts'
import type { Theme } from '../charts/theme.ts'
import { wrapText } from '../fonts/fit-text.ts'
import type { Drawing } from './draw-markdown.ts'
import { textElement } from './svg.ts'

const font = { size: 12, weight: 600 }
const lineHeight = 18
const gap = 8

/** What is drawn above a board, and below that what is wrong with the values that it was asked with. */
export function withNotices(above: Drawing, notices: readonly BoardDiagnostic[], width: number, theme: Theme): Drawing {
  if (notices.length === 0) return above
  const lines = notices.flatMap(({ message, fix }) => wrapText(cleanText(`${message} ${fix ?? ''}`).trim(), width, font, 3))
  const top = above.height === 0 ? 0 : above.height + gap
  return {
    width,
    height: top + lines.length * lineHeight,
    draw: (x, y) =>
      (above.height === 0 ? '' : above.draw(x, y)) +
      lines
        .map((line, index) => textElement(line, x, y + top + lineHeight * (index + 0.75), { ...font, color: theme.tones.negative.text }))
        .join(''),
  }
}
