import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { valueAt } from '../../yaml/schema-at.ts'
import { resolveOptions } from '../charts/chart-context.ts'
import { resolveColor } from '../charts/color-tokens.ts'
import { contrast } from '../charts/contrast.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import { isBlock } from '../compile/merge-boards.ts'
import type { BoundBoard } from '../compiled-board.ts'

/** What WCAG 2 asks of text, and of text that is large. */
const [ofText, ofLargeText] = [4.5, 3]

/** Texts of a card whose colour a style may say. */
const texts = ['', 'title', 'subtitle', 'label', 'support', 'message', 'value']

/** Text whose colour is written, on the ground that it stands on. */
export const checkContrast = (board: BoundBoard): BoardDiagnostic[] => {
  const { theme, palettes = {} } = resolveOptions(board)
  const colorOf = (token: unknown): string | undefined => (typeof token === 'string' ? resolveColor(token, theme, palettes) : undefined)
  const found: BoardDiagnostic[] = []
  const check = (style: unknown, ground: string, what: string, tell: (message: string) => void): void => {
    for (const text of texts) {
      const font = valueAt(style, text === '' ? ['font'] : [text, 'font'])
      const token = valueAt(font, ['color'])
      const color = colorOf(token)
      const size = valueAt(font, ['size'])
      const isLarge = text === 'value' || (typeof size === 'number' && size >= 24)
      if (color === undefined || contrast(color, ground) >= (isLarge ? ofLargeText : ofText)) continue
      tell(
        `The ${text === '' ? 'text' : text} of ${what} is ${String(token)} on ${ground}: a contrast of ${contrast(color, ground).toFixed(1)}.`,
      )
    }
  }
  const { root } = board
  check(root.style, colorOf(root.style.background) ?? theme.page, 'the board', (message) =>
    found.push(diagnostic('LOW_CONTRAST', root.place, message)),
  )
  for (const { id, chart, place } of board.charts.values()) {
    if (chart.warnings_ignore?.includes('LOW_CONTRAST')) continue
    const tell = (message: string): void => void found.push(diagnostic('LOW_CONTRAST', place, message, undefined, { chart: id }))
    const own = chart.type === 'kpi' && typeof chart.background === 'string' ? chart.background : chart.style?.background
    const ground = colorOf(own) ?? theme.card
    check(chart.style, ground, `"${id}"`, tell)
    const columns = chart.type === 'table' ? (chart.style?.columns ?? {}) : {}
    for (const [name, style] of Object.entries(columns))
      if (isBlock(style)) check({ font: style.font }, colorOf(style.background) ?? ground, `the column "${name}" of "${id}"`, tell)
  }
  return found
}
