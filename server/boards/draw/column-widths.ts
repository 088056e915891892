import type { TableColumn, TableModel } from '../charts/table-model.ts'
import { textWidth } from '../fonts/text-width.ts'
import { pixels } from './box.ts'

/** Between the edge of a cell and its text. */
export const cellGap = 12
const headFont = { size: 12, weight: 600 }
export const cellFont = { size: 13, weight: 400 }
/** The font of the heads of a table. */
export const headFontOf = ({ look }: TableModel): typeof headFont => ({
  size: look.headSize ?? headFont.size,
  weight: look.headWeight ?? headFont.weight,
})

/** The font of the cells of a column. */
export const cellFontOf = ({ size, weight, italic }: TableColumn): { size: number; weight: number; italic?: boolean } => ({
  size: size ?? cellFont.size,
  weight,
  ...(italic && { italic }),
})

/** A small chart alone in its cell, and one before its number. */
export const sparkWidths = { alone: 110, beside: 56 }

const least = 64

/**
 * Widths that fill the table: what is asked for, then by the texts. When there is too little room, long texts give way first,
 * then the last columns go: a number or a date is never cut, since what is left would be another one.
 */
export function columnWidths(table: TableModel, room: number, shownRows: number): { widths: number[]; hidden: number } {
  const natural = table.columns.map((column, index) => naturalWidth(table, column, index, room, shownRows))
  const minimum = ({ width, isCuttable }: NaturalWidth): number => (isCuttable ? Math.min(width, least) : width)
  let shown = natural
  while (shown.length > 1 && sum(shown.map(minimum)) > room) shown = shown.slice(0, -1)
  const hidden = natural.length - shown.length
  const total = sum(shown.map(({ width }) => width))
  if (total > room) return { widths: narrow(shown, room), hidden }
  const open = sum(shown.map(({ width, isFixed }) => (isFixed ? 0 : width)))
  const extra = room - total
  return { widths: shown.map(({ width, isFixed }) => (isFixed || open === 0 ? width : width + (extra * width) / open)), hidden }
}

interface NaturalWidth {
  readonly width: number
  readonly isFixed: boolean
  readonly isCuttable: boolean
}

function naturalWidth(table: TableModel, column: TableColumn, index: number, room: number, shownRows: number): NaturalWidth {
  const asked = pixels(column.width, room)
  if (asked !== undefined) return { width: asked, isFixed: true, isCuttable: true }
  const cells = table.rows.slice(0, shownRows).map((row) => {
    const cell = row[index]
    if (cell === undefined) return 0
    const text = cell.text === '' ? 0 : textWidth(cell.text, { ...cellFontOf(column), weight: cell.weight ?? column.weight })
    const spark = cell.spark === undefined ? 0 : text === 0 ? sparkWidths.alone : sparkWidths.beside + 8
    return text + spark + (cell.glyph === undefined ? 0 : 18)
  })
  const natural = Math.max(textWidth(column.label, headFontOf(table)), ...cells) + 2 * cellGap + 2
  const most = pixels(column.maxWidth, room)
  return most !== undefined && most < natural
    ? { width: most, isFixed: true, isCuttable: true }
    : { width: natural, isFixed: false, isCuttable: column.isCuttable }
}

/** The widest texts are cut to a common width until all fit. */
function narrow(columns: readonly NaturalWidth[], room: number): number[] {
  const cutTo = (most: number): number[] => columns.map(({ width, isCuttable }) => (isCuttable ? Math.min(width, most) : width))
  let [low, high] = [least, Math.max(...columns.map(({ width }) => width))]
  for (let turn = 0; turn < 30; turn++) {
    const middle = (low + high) / 2
    if (sum(cutTo(middle)) > room) high = middle
    else low = middle
  }
  return cutTo(low)
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
