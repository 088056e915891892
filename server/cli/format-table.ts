import { cutText, padText, textWidth } from '../envelope/terminal-width.ts'
import type { Terminal } from './terminal.ts'
import { printable } from './terminal.ts'

export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
}

const gap = '  '
/** A column is not cut to less; a table that needs it is written as records. */
const leastWidth = 6
/** The rule below a title is no longer than this. */
const mostRule = 60
/** Cells are measured up to here when nothing limits the width. */
const mostWidth = 10_000

/**
 * A table as text, one line per row. On a terminal it fits: the widest columns are cut with …, and a table with too many
 * columns is written as one block of lines per row.
 */
export const formatTable = (
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  terminal: Pick<Terminal, 'width' | 'paint'>,
): string => {
  const table = openTable(columns, rows, terminal)
  return table.head + (rows.length === 0 ? table.none : table.rows(rows))
}

/** A table that is written in pieces. */
export interface OpenTable {
  /** Titles and the rule below; empty where each row is a block of its own. */
  readonly head: string
  /** In place of rows where there are none. */
  readonly none: string
  /** More rows; what is wider than its column is cut on a terminal, and elsewhere written whole. */
  rows(rows: readonly (readonly string[])[]): string
}

/** A table whose columns are as wide as these first rows need. */
export const openTable = (
  columns: readonly TableColumn[],
  first: readonly (readonly string[])[],
  { width, paint }: Pick<Terminal, 'width' | 'paint'>,
): OpenTable => {
  const cells = first.map((row) => row.map(printable))
  const titles = columns.map(({ title }) => printable(title))
  const natural = columns.map((_, index) => Math.min(mostWidth, Math.max(1, textWidth(titles[index] as string), ...widthsOf(cells, index))))
  const widths = width === undefined ? natural : fitWidths(natural, width - gap.length * (columns.length - 1))
  if (widths === undefined) {
    let count = 0
    return {
      head: '',
      none: `${titles.join(gap)}\n`,
      rows(rows) {
        const text = formatRecords(titles, rows, count, width as number, paint)
        count += rows.length
        return text
      },
    }
  }

  const line = (row: readonly string[], style?: (text: string) => string): string =>
    row
      .map((cell, index) => {
        const room = widths[index] as number
        const padded = padText(width === undefined ? cell : cutText(cell, room), room, columns[index]?.align ?? 'left')
        return style === undefined ? padded : style(padded)
      })
      .join(gap)
      .trimEnd()
  const rule = widths
    .map((room) => '─'.repeat(Math.min(room, mostRule)).padEnd(room))
    .join(gap)
    .trimEnd()
  return {
    head: `${line(titles, (text) => paint('bold', text))}\n${paint('dim', rule)}\n`,
    none: '',
    rows: (rows) => rows.map((row) => `${line(row.map(printable))}\n`).join(''),
  }
}

// Spread arguments have a limit, so long columns are walked.
const widthsOf = (cells: readonly (readonly string[])[], index: number): number[] => {
  let most = 0
  for (const row of cells) most = Math.max(most, textWidth((row[index] as string).slice(0, mostWidth)))
  return [most]
}

/** Takes from the widest columns until all fit; undefined when they cannot. */
const fitWidths = (natural: readonly number[], room: number): number[] | undefined => {
  const widths = [...natural]
  let excess = widths.reduce((sum, one) => sum + one, 0) - room
  while (excess > 0) {
    const widest = Math.max(...widths)
    if (widest <= leastWidth) return undefined
    const next = Math.max(leastWidth, ...widths.filter((one) => one < widest))
    const count = widths.filter((one) => one === widest).length
    const step = Math.max(1, Math.min(widest - next, Math.ceil(excess / count)))
    for (const [index, one] of widths.entries()) {
      if (one !== widest || excess <= 0) continue
      widths[index] = one - step
      excess -= step
    }
  }
  return widths
}

const formatRecords = (
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  before: number,
  width: number,
  paint: Terminal['paint'],
): string => {
  const label = Math.min(Math.max(...titles.map(textWidth)), Math.floor(width / 3))
  const blocks = rows.map((row, number) =>
    [
      paint('dim', cutText(`── row ${before + number + 1} ${'─'.repeat(width)}`, width).replace('…', '─')),
      ...row.map((cell, index) => {
        const title = padText(cutText(titles[index] as string, label), label, 'left')
        return `${paint('bold', title)}${gap}${cutText(printable(cell), Math.max(1, width - label - gap.length))}`.trimEnd()
      }),
    ].join('\n'),
  )
  return blocks.map((block) => `${block}\n`).join('')
}
