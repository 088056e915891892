import type { Column } from '../../contracts/v1/values.ts'
import { EncodedJson } from '../envelope/encoded-json.ts'
import { Fault } from '../envelope/fault.ts'
import { csvHead, csvLine, isText, markdownHead, markdownLine, plainText } from './row-lines.ts'
import type { QueryLimits, QueryResult, ResultFormat } from './source.ts'

export type WrittenRows = Pick<QueryResult, 'rows' | 'text' | 'rowCount' | 'truncatedBy' | 'bytes' | 'cutCells'>

/**
 * Size up to which a value is converted whole, as its database holds it, where it may have `maxCellBytes` as JSON. Some
 * JSON is shorter: white space goes, Postgres sends bytes in hexadecimal.
 */
export const maxConvertedBytes = (maxCellBytes: number): number => maxCellBytes * 4

/**
 * Writes rows straight into the form they are sent in, and says when a limit is reached.
 * A cell arrives as the JSON text of its value (see contracts/v1/values.ts), so no value is built that is not sent.
 */
export class RowWriter {
  readonly #format: ResultFormat
  readonly #limits: QueryLimits
  readonly #parts: string[] = []
  /** Bytes written, or more, until they are counted exactly. */
  #bytes: number
  #exact = false
  #rowCount = 0
  readonly #cutCells: number[] = []
  #truncatedBy: 'rows' | 'bytes' | undefined

  constructor(format: ResultFormat, columns: readonly Pick<Column, 'name'>[], limits: QueryLimits) {
    this.#format = format
    this.#limits = limits
    this.#bytes = format === 'rows' ? 2 : 0
    const names = columns.map((column) => column.name)
    if (format === 'csv') this.#push(csvHead(names))
    if (format === 'markdown') for (const line of markdownHead(names)) this.#push(line)
  }

  /** Takes a row of JSON texts. False when a limit is reached: the row was not taken and reading should stop. */
  add(cells: string[]): boolean {
    if (this.#truncatedBy !== undefined) return false
    if (this.#rowCount >= this.#limits.maxRows) {
      this.#truncatedBy = 'rows'
      return false
    }
    const cap = this.#limits.maxCellBytes
    for (let i = 0; i < cells.length; i++) {
      // A UTF-16 unit is at most 3 bytes, so short texts need no exact count.
      const cell = cells[i] as string
      if (cell.length * 3 > cap && Buffer.byteLength(cell) > cap) {
        cells[i] = cutCell(cell, cap)
        this.#cutCells.push(this.#rowCount)
      }
    }
    const line = this.#line(cells)
    if (!this.#push(line)) return this.refuse()
    this.#rowCount++
    return true
  }

  /** A value that is known to be too long as the cell of the next row, cut; see `cutText`. */
  cut(text: string, whole: number | undefined): string {
    this.#cutCells.push(this.#rowCount)
    return cutText(text, whole, this.#limits.maxCellBytes)
  }

  /** UTF-16 units of JSON texts above which a row cannot fit, whatever its format: six may be the escape of one. */
  get mostUnits(): number {
    return this.#limits.maxBytes * 6
  }

  /** As `add`, for a row that is known not to fit. */
  refuse(): false {
    if (this.#rowCount === 0) throw rowTooLarge(this.#limits.maxBytes)
    this.#truncatedBy ??= this.#rowCount >= this.#limits.maxRows ? 'rows' : 'bytes'
    return false
  }

  /** Rows taken so far. */
  get rowCount(): number {
    return this.#rowCount
  }

  finish(): WrittenRows {
    const text = this.#format === 'rows' ? `[${this.#parts.join(',')}]` : this.#parts.map((part) => `${part}\n`).join('')
    return {
      rowCount: this.#rowCount,
      bytes: Buffer.byteLength(text),
      cutCells: this.#cutCells.filter((row) => row < this.#rowCount),
      ...(this.#truncatedBy !== undefined && { truncatedBy: this.#truncatedBy }),
      ...(this.#format === 'rows' ? { rows: new EncodedJson(text) } : { text }),
    }
  }

  #push(line: string): boolean {
    // Counting bytes costs more than writing them, so far from the limit an upper bound does.
    const most = this.#bytes + line.length * 3 + 1
    if (most > this.#limits.maxBytes && !this.#exact) {
      this.#exact = true
      this.#bytes = this.#size()
    }
    const bytes = this.#exact ? this.#bytes + Buffer.byteLength(line) + 1 : most
    if (bytes > this.#limits.maxBytes) return false
    this.#bytes = bytes
    this.#parts.push(line)
    return true
  }

  /** Bytes of everything that was written. */
  #size(): number {
    const separators = Math.max(0, this.#parts.length - (this.#format === 'rows' ? 1 : 0))
    return this.#parts.reduce((sum, part) => sum + Buffer.byteLength(part), separators + (this.#format === 'rows' ? 2 : 0))
  }

  #line(cells: string[]): string {
    switch (this.#format) {
      case 'rows': {
        let line = '['
        for (let i = 0; i < cells.length; i++) line += i === 0 ? cells[i] : `,${cells[i]}`
        return `${line}]`
      }
      case 'csv':
        return csvLine(cells)
      case 'markdown':
        return markdownLine(cells)
    }
  }
}

/** The start of a value whose JSON text is longer than `cap` bytes, as a JSON string that says so. */
export const cutCell = (cell: string, cap: number): string => {
  const text = plainText(cell)
  // What is no text may have been left before its end.
  return cutText(text, isText(cell) ? Buffer.byteLength(text) : undefined, cap)
}

/**
 * The start of a value as a JSON string of at most `cap` bytes that says so. `text`: its first `cap` bytes at least.
 * `whole`: its size in UTF-8; undefined when only its start is known, as with arrays and objects.
 */
export const cutText = (text: string, whole: number | undefined, cap: number): string => {
  const mark = `… [cut: ${whole ?? `more than ${cap}`} bytes]`
  // A UTF-16 unit is at least one byte.
  const bytes = Buffer.from(text.slice(0, cap))
  for (let size = Math.max(0, cap - 64); ; ) {
    // Half a character at the end decodes to one U+FFFD.
    const cut = JSON.stringify(bytes.toString('utf8', 0, size).replace(/\uFFFD$/, '') + mark)
    const length = Buffer.byteLength(cut)
    if (length <= cap || size === 0) return cut
    // Escapes took more room than the text.
    size = Math.max(0, Math.floor((size * cap) / length) - 1)
  }
}

export const rowTooLarge = (maxBytes: number): Fault =>
  new Fault('RESULT_TOO_LARGE', `One row alone passes the limit of ${maxBytes} bytes.`, {
    hint: 'Select fewer columns, or shorten long values in SQL, as with left(column, 200).',
  })
