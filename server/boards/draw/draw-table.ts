import type { TableColumn, TableModel } from '../charts/table-model.ts'
import type { Theme } from '../charts/theme.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import { textWidth } from '../fonts/text-width.ts'
import { formatNumber } from '../formats/number-text.ts'
import { type Place, pixels } from './box.ts'
import { drawSpark } from './draw-spark.ts'
import { alignedX, element, textElement } from './svg.ts'

const rowHeight = 33
const headHeight = 34
const footHeight = 28
const gap = 12
const headFont = { size: 12, weight: 600 }
const cellFont = { size: 13, weight: 400 }
const sparkWidth = 110
/** A picture that is not cut by pages is cut here. */
const mostRows = 200

/** Rows that a picture shows, before it is known how high it is. */
const wantedRows = (table: TableModel): number => Math.min(table.rows.length, table.pageRows ?? mostRows)

/** Height of a table with all the rows that a picture shows. */
export function tableHeight(table: TableModel): number {
  const shown = wantedRows(table)
  return (table.hasHeader ? headHeight : 0) + Math.max(1, shown) * rowHeight + (shown < table.rows.length ? footHeight : 0)
}

export interface DrawnTable {
  readonly svg: string
  readonly shownRows: number
  /** Columns that had no room. */
  readonly hiddenColumns: number
  /** Labels of columns in which text is cut. */
  readonly cutColumns: readonly string[]
}

/** Paints the first rows of a table, as many as its place has room for. */
export function drawTable(table: TableModel, place: Place, theme: Theme): DrawnTable {
  const room = place.height - (table.hasHeader ? headHeight : 0)
  const wanted = wantedRows(table)
  const fits = (foot: number): number => Math.max(1, Math.floor((room - foot + 0.5) / rowHeight))
  const shownRows = wanted === table.rows.length && wanted <= fits(0) ? wanted : Math.min(wanted, fits(footHeight))
  const { widths, hidden } = columnWidths(table, place.width, shownRows)
  const cut = new Set<string>()
  const parts: string[] = []
  let y = place.y
  const left = (index: number): number => place.x + widths.slice(0, index).reduce((sum, width) => sum + width, 0)
  const write = (
    text: string,
    index: number,
    baseline: number,
    style: { size: number; weight: number; color: string; isTabular?: boolean; align: 'left' | 'center' | 'right'; indent?: number },
  ): void => {
    const width = (widths[index] as number) - 2 * gap - (style.indent ?? 0)
    const shown = ellipsize(text, width + 1, style)
    if (shown !== text) cut.add((table.columns[index] as TableColumn).label)
    parts.push(textElement(shown, alignedX(style.align, left(index) + gap + (style.indent ?? 0), width), baseline, style))
  }
  const columns = table.columns.slice(0, widths.length)
  if (table.hasHeader) {
    for (const [index, column] of columns.entries())
      write(column.label, index, y + 21, { ...headFont, color: theme.muted, align: column.align })
    y += headHeight
    parts.push(element('rect', { x: place.x, y: y - 1, width: place.width, height: 1, fill: theme.baseline }))
  }
  if (table.rows.length === 0) parts.push(textElement('No rows', place.x + gap, y + 21, { size: 13, color: theme.muted }))
  for (const [row, cells] of table.rows.slice(0, shownRows).entries()) {
    if (table.isStriped && row % 2 === 1)
      parts.push(element('rect', { x: place.x, y, width: place.width, height: rowHeight, fill: theme.tones.neutral.subtle }))
    for (const [index, column] of columns.entries()) {
      const cell = cells[index]
      if (cell === undefined) continue
      const background = cell.background ?? column.background
      if (background !== undefined)
        parts.push(
          element('rect', { x: left(index), y: y + 1, width: widths[index] as number, height: rowHeight - 2, rx: 2, fill: background }),
        )
      const color = cell.color ?? column.color ?? (cell.text === '—' ? theme.muted : theme.ink)
      const hasSpark = cell.spark !== undefined && column.spark !== undefined
      if (hasSpark) {
        const width = Math.min(sparkWidth, (widths[index] as number) - 2 * gap)
        parts.push(
          drawSpark(
            cell.spark ?? [],
            column.spark as NonNullable<TableColumn['spark']>,
            { x: left(index) + gap, y: y + 6, width: cell.text === '' ? width : width * 0.55, height: rowHeight - 12 },
            theme,
          ),
        )
      }
      let indent = hasSpark && cell.text !== '' ? Math.min(sparkWidth, (widths[index] as number) - 2 * gap) * 0.55 + 8 : 0
      if (cell.glyph !== undefined) {
        const glyph = { size: 12, weight: 600, color: cell.glyphColor ?? color }
        const taken = textWidth(cell.glyph, glyph) + 5
        const end = left(index) + (widths[index] as number) - gap - textWidth(cell.text, cellFont) - taken
        parts.push(textElement(cell.glyph, column.align === 'right' ? end : left(index) + gap + indent, y + 21.5, glyph))
        if (column.align !== 'right') indent += taken
      }
      if (cell.text !== '')
        write(cell.text, index, y + 21.5, {
          size: cellFont.size,
          weight: cell.weight ?? column.weight,
          color,
          align: column.align,
          isTabular: column.isNumeric,
          indent,
        })
    }
    y += rowHeight
    if (row < shownRows - 1) parts.push(element('rect', { x: place.x, y: y - 0.5, width: place.width, height: 1, fill: theme.grid }))
  }
  if (shownRows < table.rows.length) {
    const words = `${formatNumber(shownRows, ',d')} of ${formatNumber(table.rows.length, ',d')} rows`
    parts.push(textElement(words, place.x + gap, y + 19, { size: 12, color: theme.muted }))
  }
  return { svg: parts.join(''), shownRows, hiddenColumns: hidden, cutColumns: [...cut] }
}

/** Widths that fill the table: what is asked for, then by the texts; long texts give way first, then the last columns. */
function columnWidths(table: TableModel, room: number, shownRows: number): { widths: number[]; hidden: number } {
  const natural = table.columns.map((column, index) => {
    const asked = pixels(column.width, room)
    if (asked !== undefined) return { width: asked, isFixed: true }
    const cells = table.rows.slice(0, shownRows).map((row) => row[index])
    const texts = cells.map((cell) =>
      cell === undefined
        ? 0
        : textWidth(cell.text, { ...cellFont, weight: cell.weight ?? column.weight }) + (cell.glyph === undefined ? 0 : 18),
    )
    const spark = column.spark === undefined ? 0 : sparkWidth
    return { width: Math.max(textWidth(column.label, headFont), spark, ...texts) + 2 * gap + 2, isFixed: false }
  })
  const least = 64
  let shown = natural
  while (shown.length > 1 && shown.reduce((sum, { width }) => sum + Math.min(width, least), 0) > room) shown = shown.slice(0, -1)
  const hidden = natural.length - shown.length
  const total = shown.reduce((sum, { width }) => sum + width, 0)
  if (total <= room) {
    const open = shown.filter(({ isFixed }) => !isFixed)
    const openWidth = open.reduce((sum, { width }) => sum + width, 0)
    const extra = room - total
    return { widths: shown.map(({ width, isFixed }) => (isFixed || openWidth === 0 ? width : width + (extra * width) / openWidth)), hidden }
  }
  return {
    widths: narrow(
      shown.map(({ width }) => width),
      room,
      least,
    ),
    hidden,
  }
}

/** The widest are cut to a common width until all fit. */
function narrow(widths: readonly number[], room: number, least: number): number[] {
  let [low, high] = [least, Math.max(...widths)]
  for (let turn = 0; turn < 30; turn++) {
    const middle = (low + high) / 2
    if (widths.reduce((sum, width) => sum + Math.min(width, middle), 0) > room) high = middle
    else low = middle
  }
  return widths.map((width) => Math.min(width, low))
}
