import { themeOn } from '../charts/ground.ts'
import type { TableColumn, TableModel } from '../charts/table-model.ts'
import type { Theme } from '../charts/theme.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import { formatNumber } from '../formats/number-text.ts'
import type { Place } from './box.ts'
import { cellFont, cellGap, columnWidths, headFontOf } from './column-widths.ts'
import { drawCell } from './draw-cell.ts'
import { alignedX, element, textElement } from './svg.ts'

const rowHeight = 33
const headHeight = 34
const footHeight = 28
/** A picture that is not cut by pages is cut here. */
const mostRows = 200

/** Heights of the head and of a row. */
const heightsOf = ({ hasHeader, look }: TableModel): { head: number; row: number } => ({
  head: hasHeader ? (look.headHeight ?? headHeight) : 0,
  row: look.rowHeight ?? rowHeight + Math.max(0, (look.size ?? cellFont.size) - cellFont.size) * 1.5,
})

/** Rows that a picture shows, before it is known how high it is. */
const wantedRows = (table: TableModel): number => Math.min(table.rows.length, table.pageRows ?? mostRows)

/** Height of a table in a width, with all the rows that a picture shows and the line that counts what it leaves out. */
export function tableHeight(table: TableModel, width: number): number {
  const shown = wantedRows(table)
  const { head, row } = heightsOf(table)
  const isWhole = shown === table.rows.length && columnWidths(table, width, shown).hidden === 0
  return head + Math.max(1, shown) * row + (isWhole ? 0 : footHeight)
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
  const shownRows = fittingRows(table, place)
  const { widths, hidden } = columnWidths(table, place.width, shownRows)
  const columns = table.columns.slice(0, widths.length).map((column, index) => ({
    column,
    x: place.x + widths.slice(0, index).reduce((sum, width) => sum + width, 0),
    width: widths[index] as number,
  }))
  const cut = new Set<string>()
  const { look } = table
  const striped = look.stripe === undefined ? theme : themeOn(theme, look.stripe)
  const { head, row: high } = heightsOf(table)
  const line = (y: number, fill: string, height = 1): string => element('rect', { x: place.x, y, width: place.width, height, fill })
  const parts: string[] = []
  let { y } = place
  if (table.hasHeader) {
    if (look.headBackground !== undefined)
      parts.push(element('rect', { x: place.x, y, width: place.width, height: head, fill: look.headBackground }))
    for (const { column, x, width } of columns) parts.push(drawHead(column, table, { x, y, width, height: head }, theme, cut))
    y += head
    parts.push(line(y - 1, theme.baseline))
  }
  if (table.rows.length === 0) parts.push(textElement('No rows', place.x + cellGap, y + 21, { size: 13, color: theme.muted }))
  for (const [row, cells] of table.rows.slice(0, shownRows).entries()) {
    if (table.isStriped && row % 2 === 1) {
      parts.push(element('rect', { x: place.x, y, width: place.width, height: high, fill: look.stripe ?? theme.tones.neutral.subtle }))
    }
    for (const [index, { column, x, width }] of columns.entries()) {
      const { svg, isCut } = drawCell(
        cells[index] ?? { text: '' },
        column,
        { x, y, width, height: high },
        table.isStriped && row % 2 === 1 ? striped : theme,
      )
      parts.push(svg)
      if (isCut) cut.add(column.label)
    }
    y += high
    if (table.sums?.has(row + 1) && row < shownRows - 1) parts.push(line(y - 0.5, theme.baseline))
    else if (row < shownRows - 1 && look.rule?.width !== 0) parts.push(line(y - 0.5, look.rule?.color ?? theme.grid, look.rule?.width))
  }
  const left = [
    ...(shownRows < table.rows.length ? [`${formatNumber(shownRows, ',d')} of ${formatNumber(table.rows.length, ',d')} rows`] : []),
    ...(hidden > 0 ? [`${columns.length} of ${table.columns.length} columns`] : []),
  ]
  if (left.length > 0) parts.push(textElement(left.join(', '), place.x + cellGap, y + 19, { size: 12, color: theme.muted }))
  return { svg: parts.join(''), shownRows, hiddenColumns: hidden, cutColumns: [...cut] }
}

function drawHead({ label, align }: TableColumn, table: TableModel, place: Place, theme: Theme, cut: Set<string>): string {
  const { x, y, width, height } = place
  const font = headFontOf(table)
  const shown = ellipsize(label, width - 2 * cellGap + 1, font)
  if (shown !== label) cut.add(label)
  const color = table.look.headColor ?? theme.muted
  return textElement(shown, alignedX(align, x + cellGap, width - 2 * cellGap), y + height / 2 + 4, { ...font, color, align })
}

/** Room for the line below is only needed when rows or columns are left out. */
function fittingRows(table: TableModel, { width, height }: Place): number {
  const wanted = wantedRows(table)
  const { head, row } = heightsOf(table)
  const fits = (foot: number): number => Math.max(1, Math.floor((height - head - foot + 0.5) / row))
  const isWhole = wanted === table.rows.length && wanted <= fits(0) && columnWidths(table, width, wanted).hidden === 0
  return isWhole ? wanted : Math.min(wanted, fits(footHeight))
}
