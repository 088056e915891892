import type { TableColumn, TableModel } from '../charts/table-model.ts'
import type { Theme } from '../charts/theme.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import { formatNumber } from '../formats/number-text.ts'
import type { Place } from './box.ts'
import { cellGap, columnWidths, headFont } from './column-widths.ts'
import { drawCell } from './draw-cell.ts'
import { alignedX, element, textElement } from './svg.ts'

const rowHeight = 33
const headHeight = 34
const footHeight = 28
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
  const shownRows = fittingRows(table, place.height)
  const { widths, hidden } = columnWidths(table, place.width, shownRows)
  const columns = table.columns.slice(0, widths.length).map((column, index) => ({
    column,
    x: place.x + widths.slice(0, index).reduce((sum, width) => sum + width, 0),
    width: widths[index] as number,
  }))
  const cut = new Set<string>()
  const line = (y: number, fill: string): string => element('rect', { x: place.x, y, width: place.width, height: 1, fill })
  const parts: string[] = []
  let { y } = place
  if (table.hasHeader) {
    for (const { column, x, width } of columns) parts.push(drawHead(column, x, width, y, theme, cut))
    y += headHeight
    parts.push(line(y - 1, theme.baseline))
  }
  if (table.rows.length === 0) parts.push(textElement('No rows', place.x + cellGap, y + 21, { size: 13, color: theme.muted }))
  for (const [row, cells] of table.rows.slice(0, shownRows).entries()) {
    if (table.isStriped && row % 2 === 1) {
      parts.push(element('rect', { x: place.x, y, width: place.width, height: rowHeight, fill: theme.tones.neutral.subtle }))
    }
    for (const [index, { column, x, width }] of columns.entries()) {
      const { svg, isCut } = drawCell(cells[index] ?? { text: '' }, column, { x, y, width, height: rowHeight }, theme)
      parts.push(svg)
      if (isCut) cut.add(column.label)
    }
    y += rowHeight
    if (row < shownRows - 1) parts.push(line(y - 0.5, theme.grid))
  }
  const left = [
    ...(shownRows < table.rows.length ? [`${formatNumber(shownRows, ',d')} of ${formatNumber(table.rows.length, ',d')} rows`] : []),
    ...(hidden > 0 ? [`${columns.length} of ${table.columns.length} columns`] : []),
  ]
  if (left.length > 0) parts.push(textElement(left.join(', '), place.x + cellGap, y + 19, { size: 12, color: theme.muted }))
  return { svg: parts.join(''), shownRows, hiddenColumns: hidden, cutColumns: [...cut] }
}

function drawHead({ label, align }: TableColumn, x: number, width: number, y: number, theme: Theme, cut: Set<string>): string {
  const shown = ellipsize(label, width - 2 * cellGap + 1, headFont)
  if (shown !== label) cut.add(label)
  return textElement(shown, alignedX(align, x + cellGap, width - 2 * cellGap), y + 21, { ...headFont, color: theme.muted, align })
}

/** Room for the line that counts the rows is only needed when some are left out. */
function fittingRows(table: TableModel, height: number): number {
  const wanted = wantedRows(table)
  const fits = (foot: number): number => Math.max(1, Math.floor((height - (table.hasHeader ? headHeight : 0) - foot + 0.5) / rowHeight))
  return wanted === table.rows.length && wanted <= fits(0) ? wanted : Math.min(wanted, fits(footHeight))
}
