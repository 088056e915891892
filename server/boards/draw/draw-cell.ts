import type { TableCell, TableColumn } from '../charts/table-model.ts'
import type { Theme } from '../charts/theme.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import { textWidth } from '../fonts/text-width.ts'
import { noValue } from '../formats/number-text.ts'
import type { Place } from './box.ts'
import { cellFontOf, cellGap, sparkWidths } from './column-widths.ts'
import { drawSpark } from './draw-spark.ts'
import { alignedX, element, textElement } from './svg.ts'

/** Paints a cell of a table; `isCut` tells that its text had no room. */
export function drawCell(cell: TableCell, column: TableColumn, place: Place, theme: Theme): { svg: string; isCut: boolean } {
  const { x, y, width, height } = place
  const parts: string[] = []
  const background = cell.background ?? column.background
  if (background !== undefined) parts.push(element('rect', { x, y: y + 1, width, height: height - 2, rx: 2, fill: background }))
  const color = cell.color ?? column.color ?? (cell.text === noValue ? theme.muted : theme.ink)
  const font = { ...cellFontOf(column), weight: cell.weight ?? column.weight, ...(cell.italic && { italic: true }) }
  const baseline = y + height / 2 + 4.7
  const room = width - 2 * cellGap
  let indent = 0
  if (cell.spark !== undefined && column.spark !== undefined) {
    const high = Math.min(column.spark.height ?? height - 12, height - 4)
    const taken = Math.min(cell.text === '' ? sparkWidths.alone : sparkWidths.beside, room)
    parts.push(drawSpark(cell.spark, column.spark, { x: x + cellGap, y: y + (height - high) / 2, width: taken, height: high }, theme))
    indent = taken + 8
  }
  const glyph = cell.glyph === undefined ? undefined : { text: cell.glyph, width: textWidth(cell.glyph, { size: 12, weight: 600 }) + 5 }
  if (glyph !== undefined && column.align !== 'right') {
    parts.push(textElement(glyph.text, x + cellGap + indent, baseline, { size: 12, weight: 600, color: cell.glyphColor ?? color }))
    indent += glyph.width
  }
  const open = room - indent - (column.align === 'right' ? (glyph?.width ?? 0) : 0)
  const shown = cell.text === '' ? '' : ellipsize(cell.text, open + 1, font)
  if (glyph !== undefined && column.align === 'right') {
    const left = x + width - cellGap - textWidth(shown, font) - glyph.width
    parts.push(textElement(glyph.text, left, baseline, { size: 12, weight: 600, color: cell.glyphColor ?? color }))
  }
  if (shown !== '') {
    const at = alignedX(column.align, x + cellGap + indent, room - indent)
    parts.push(
      textElement(shown, at, baseline, {
        ...font,
        color,
        align: column.align,
        isTabular: column.isNumeric,
        ...(cell.underline && { underline: true }),
      }),
    )
  }
  return { svg: parts.join(''), isCut: shown !== cell.text }
}
