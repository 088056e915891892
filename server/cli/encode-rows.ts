import type { Column } from '../../contracts/v1/values.ts'
import type { Envelope } from '../envelope/envelope.ts'
import type { RowBatch } from '../envelope/row-batch.ts'
import { csvHead, csvLine, markdownHead, markdownLine } from '../sources/row-lines.ts'
import { cellsOf } from './cells-of-line.ts'
import { openTable } from './format-table.ts'
import { printableLines, type Terminal } from './terminal.ts'

/** How rows are written: as a table for people, or in a form that programs read. */
export const rowFormats = ['table', 'csv', 'markdown', 'json', 'ndjson', 'arrow'] as const
export type RowFormat = (typeof rowFormats)[number]

/** Turns rows into what is written, one piece after the other. */
export interface RowEncoder {
  /** Written before the first row. */
  readonly head: string | Uint8Array
  /** Throws a `Fault` for rows that the format cannot hold. */
  encode(batch: RowBatch): string | Uint8Array
  /** Written after the last row of a result that did not fail. */
  tail(envelope: Envelope): string | Uint8Array
}

/** Columns of numbers are right-aligned. */
const rightAligned: ReadonlySet<string> = new Set(['integer', 'bigint', 'decimal', 'float'])

/** The columns of a result as those of a table. */
export const tableColumns = (columns: readonly Column[]) =>
  columns.map(({ name, type }) => ({ title: name, align: rightAligned.has(type) ? ('right' as const) : ('left' as const) }))

/** Names of columns as keys of an object; one that comes again gets a number. */
export const keysOf = (columns: readonly Pick<Column, 'name'>[]): string[] => {
  const keys = new Set<string>()
  for (const { name } of columns) {
    let key = name
    for (let number = 2; keys.has(key); number++) key = `${name}_${number}`
    keys.add(key)
  }
  return [...keys]
}

export const openRowEncoder = async (format: RowFormat, columns: readonly Column[], terminal: Terminal): Promise<RowEncoder> => {
  const names = columns.map(({ name }) => name)
  switch (format) {
    case 'table':
      return tableEncoder(columns, terminal)
    case 'csv':
      return lineEncoder(`${csvHead(names)}\n`, csvLine, terminal)
    case 'markdown':
      return lineEncoder(`${markdownHead(names).join('\n')}\n`, markdownLine, terminal)
    case 'json':
      return jsonEncoder(columns)
    case 'ndjson':
      return lineEncoder('', objectWriter(columns), terminal)
    case 'arrow':
      return (await import('../envelope/arrow/arrow-stream.ts')).openArrowStream(columns)
  }
}

/** The JSON texts of every row. */
const rowsOf = ({ lines }: RowBatch): string[][] =>
  lines
    .toString('utf8', 0, lines.length - 1)
    .split('\n')
    .map(cellsOf)

const lineEncoder = (head: string, lineOf: (cells: readonly string[]) => string, { width }: Terminal): RowEncoder => {
  const shown = (text: string): string => (width === undefined ? text : printableLines(text))
  return {
    head: shown(head),
    encode: (batch) =>
      shown(
        rowsOf(batch)
          .map((cells) => `${lineOf(cells)}\n`)
          .join(''),
      ),
    tail: () => '',
  }
}

const objectWriter = (columns: readonly Column[]): ((cells: readonly string[]) => string) => {
  const keys = keysOf(columns).map((key) => JSON.stringify(key))
  return (cells) => `{${cells.map((cell, index) => `${keys[index]}:${cell}`).join(',')}}`
}

const jsonEncoder = (columns: readonly Column[]): RowEncoder => {
  const objectOf = objectWriter(columns)
  let isFirst = true
  return {
    head: '[',
    encode(batch) {
      const text = rowsOf(batch).map(objectOf).join(',\n')
      const separator = isFirst ? '' : ',\n'
      isFirst = false
      return separator + text
    },
    tail: () => ']\n',
  }
}

/** Columns are as wide as the first rows need. */
const measuredRows = 1_000

const tableEncoder = (columns: readonly Column[], terminal: Terminal): RowEncoder => {
  let held: string[][] | undefined = []
  let table: ReturnType<typeof openTable> | undefined
  const open = (rows: readonly string[][]): string => {
    held = undefined
    table = openTable(tableColumns(columns), rows, terminal)
    return table.head + table.rows(rows)
  }
  return {
    head: '',
    encode(batch) {
      const rows = rowsOf(batch).map((cells) => cells.map(plainCell))
      if (table !== undefined) return table.rows(rows)
      held?.push(...rows)
      return held !== undefined && held.length >= measuredRows ? open(held) : ''
    },
    tail: () => (table === undefined ? open(held ?? []) : ''),
  }
}

const plainCell = (json: string): string => (json.startsWith('"') ? (JSON.parse(json) as string) : json)
