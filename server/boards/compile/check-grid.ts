import type { GridLayout } from '../compiled-board.ts'
import type { Block, Compiling } from './compile-board.ts'

/** An item whose place is written. */
interface Placed {
  readonly column: number
  readonly row: number
  readonly columnSpan: number
  readonly rowSpan: number
}

/** Items of a grid that reach beyond its columns, or lie over one that stands before them. `path` leads to the items. */
export const checkGrid = (
  cells: readonly { readonly written: Block; readonly index: number; readonly item: GridLayout['items'][number] }[],
  columns: number,
  path: readonly PropertyKey[],
  { report }: Compiling,
): void => {
  const placed: Placed[] = []
  for (const { written, index, item } of cells) {
    const { column, row, rowSpan } = item
    const spanKey = written.col_span === undefined ? 'width' : 'col_span'
    const span = typeof written[spanKey] === 'number' ? written[spanKey] : undefined
    if (span !== undefined && span > columns)
      report('GRID_OVERFLOW', [...path, index, spanKey], `${spanKey} is ${span}, and the grid has ${columns} columns.`)
    else if (column !== undefined && column + (span ?? 1) > columns)
      report('GRID_OVERFLOW', [...path, index, 'col'], `The item ends at column ${column + (span ?? 1)}, and the grid has ${columns}.`)
    if (column === undefined || row === undefined) continue
    const one = { column: Math.max(0, Math.min(column, columns - item.columnSpan)), row, columnSpan: item.columnSpan, rowSpan }
    const below = placed.findIndex((other) => overlap(one, other))
    placed.push(one)
    if (below >= 0) report('GRID_OVERLAP', [...path, index], `Item ${index + 1} of the grid lies over another.`)
  }
}

const overlap = (one: Placed, other: Placed): boolean =>
  one.column < other.column + other.columnSpan &&
  other.column < one.column + one.columnSpan &&
  one.row < other.row + other.rowSpan &&
  other.row < one.row + one.rowSpan
