import type { GridLayout } from '../compiled-board.ts'
import { type Box, type Place, pixels, shareWidths } from './box.ts'

/** Boxes one below the other, each as wide as it asks to be; room that is left goes to the last. */
export function rowsBox(boxes: readonly Box[], gap: number): Box {
  const ownWidth = (box: Box, width: number): number => Math.min(width, pixels(box.width, width) ?? width)
  const heights = (width: number): number[] => boxes.map((box) => box.measure(ownWidth(box, width)))
  return {
    measure: (width) => sum(heights(width)) + gap * Math.max(0, boxes.length - 1),
    draw: ({ x, y, width, height }) => {
      const natural = heights(width)
      const extra = height - sum(natural) - gap * Math.max(0, boxes.length - 1)
      let top = y
      return drawInOrder(boxes, (box, index) => {
        const own = (natural[index] as number) + (index === boxes.length - 1 ? extra : 0)
        const place = { x, y: top, width: ownWidth(box, width), height: own }
        top += own + gap
        return place
      })
    },
  }
}

/** Boxes side by side, all as high as the highest. */
export function colsBox(boxes: readonly Box[], gap: number): Box {
  return {
    measure(width) {
      const widths = shareWidths(boxes, width, gap)
      return Math.max(0, ...boxes.map((box, index) => box.measure(widths[index] as number)))
    },
    draw: ({ x, y, width, height }) => {
      const widths = shareWidths(boxes, width, gap)
      let left = x
      return drawInOrder(boxes, (_, index) => {
        const place = { x: left, y, width: widths[index] as number, height }
        left += place.width + gap
        return place
      })
    },
  }
}

/** Where an item of a grid stands, from 0. */
export interface Cell {
  readonly column: number
  readonly row: number
  readonly columnSpan: number
  readonly rowSpan: number
}

/** Boxes on a grid of equal columns. A row is as high as what stands in it alone; what spans several shares its need among them. */
export function gridBox(
  items: readonly { readonly box: Box; readonly item: GridLayout['items'][number] }[],
  columns: number,
  gap: number,
): Box {
  const places = placeCells(
    items.map(({ item }) => item),
    columns,
  )
  const cells = items.map(({ box }, index) => ({ box, ...(places[index] as Cell) }))
  const rows = Math.max(0, ...cells.map(({ row, rowSpan }) => row + rowSpan))
  const step = (width: number): number => (width + gap) / columns
  const cellWidth = (cell: Cell, width: number): number => cell.columnSpan * step(width) - gap
  const heights = (width: number): number[] => {
    const tracks = new Array<number>(rows).fill(0)
    for (const cell of cells.toSorted((left, right) => left.rowSpan - right.rowSpan)) {
      const spanned = tracks.slice(cell.row, cell.row + cell.rowSpan)
      const missing = cell.box.measure(cellWidth(cell, width)) - sum(spanned) - gap * (cell.rowSpan - 1)
      if (missing > 0)
        for (let row = cell.row; row < cell.row + cell.rowSpan; row++) tracks[row] = (tracks[row] as number) + missing / cell.rowSpan
    }
    return tracks
  }
  return {
    measure: (width) => sum(heights(width)) + gap * Math.max(0, rows - 1),
    draw({ x, y, width, height }) {
      const natural = heights(width)
      const extra = Math.max(0, height - sum(natural) - gap * Math.max(0, rows - 1)) / Math.max(1, rows)
      const tracks = natural.map((track) => track + extra)
      const top = (row: number): number => y + sum(tracks.slice(0, row)) + gap * row
      return drawInOrder(
        cells.map(({ box }) => box),
        (_, index) => {
          const cell = cells[index] as Cell
          const bottom = top(cell.row + cell.rowSpan) - gap
          return { x: x + cell.column * step(width), y: top(cell.row), width: cellWidth(cell, width), height: bottom - top(cell.row) }
        },
      )
    },
  }
}

/** Items without a place take the next free one, left to right. */
export function placeCells(items: GridLayout['items'], columns: number): Cell[] {
  const taken = new Set<string>()
  let next = 0
  return items.map((item) => {
    const columnSpan = Math.min(item.columnSpan, columns)
    const isFree = (at: number): boolean => {
      const [column, row] = [at % columns, Math.floor(at / columns)]
      if (column + columnSpan > columns) return false
      for (let down = 0; down < item.rowSpan; down++) {
        for (let across = 0; across < columnSpan; across++) if (taken.has(`${column + across},${row + down}`)) return false
      }
      return true
    }
    let at = item.row === undefined ? next : item.row * columns
    if (item.column !== undefined) {
      at = Math.min(item.column, columns - columnSpan) + Math.floor(at / columns) * columns
      if (item.row === undefined) while (!isFree(at)) at += columns
    } else while (!isFree(at)) at++
    const [column, row] = [at % columns, Math.floor(at / columns)]
    for (let down = 0; down < item.rowSpan; down++)
      for (let across = 0; across < columnSpan; across++) taken.add(`${column + across},${row + down}`)
    if (item.row === undefined) next = at
    return { column, row, columnSpan, rowSpan: item.rowSpan }
  })
}

/** One after the other: what draws first finds first, so that findings come in the order of the board. */
async function drawInOrder(boxes: readonly Box[], placeOf: (box: Box, index: number) => Place): Promise<string> {
  const parts: string[] = []
  for (const [index, box] of boxes.entries()) parts.push(await box.draw(placeOf(box, index)))
  return parts.join('')
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
