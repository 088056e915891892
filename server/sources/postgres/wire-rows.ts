import { isUtf8 } from 'node:buffer'
import type { CanonicalType } from '../../../contracts/v1/values.ts'
import { EncodedJson } from '../../envelope/encoded-json.ts'
import { JsonBytes } from '../../envelope/json-bytes.ts'
import type { RowBatch } from '../../envelope/row-batch.ts'
import { cutCell, RowWriter, rowTooLarge, type WrittenRows } from '../row-writer.ts'
import type { QueryLimits, ResultFormat, StreamQuery } from '../source.ts'
import type { WireColumn } from './guarded-query.ts'
import type { PostgresType } from './types.ts'
import { encoderOf, quoteText, type TextEncoder } from './values.ts'

/** Writes the JSON of one value that is not null: the bytes of `source` from `start` to `end`, as the server sends it. */
type WireEncoder = (out: JsonBytes, source: Buffer, start: number, end: number) => void

const copied: WireEncoder = (out, source, start, end) => out.copy(source, start, end)
const quoted: WireEncoder = (out, source, start, end) => out.quoted(source, start, end)
const escaped: WireEncoder = (out, source, start, end) => {
  out.byte(quote)
  out.escaped(source, start, end)
  out.byte(quote)
}

const viaText =
  (encode: TextEncoder): WireEncoder =>
  (out, source, start, end) =>
    out.text(encode(source.toString('utf8', start, end)))

const encodeBoolean: WireEncoder = (out, source, start) => out.text(source[start] === 116 ? 'true' : 'false')

const quote = 34
const [blank, plus, minus, zero] = [32, 43, 45, 48]
const [letterT, letterZ] = [84, 90]

const isPlainNumber = (source: Buffer, start: number, end: number): boolean => {
  if (end - start >= 16) return false
  for (let i = start; i < end; i++) if ((source[i] as number) > 57) return false
  return true
}

/** Whether a timestamp begins like "2026-01-31 12" and has no more than digits and signs behind it. */
const isUsualTimestamp = (source: Buffer, start: number, end: number): boolean =>
  source[start + 4] === minus && source[start + 10] === blank && (source[end - 1] as number) < 58

const writeTimestamp = (out: JsonBytes, source: Buffer, start: number, end: number): void => {
  out.byte(quote)
  out.copy(source, start, start + 10)
  out.byte(letterT)
  out.copy(source, start + 11, end)
}

/** Encoders that work on bytes; every other type goes through its text encoder. */
const onBytes = (canonical: CanonicalType, viaText: WireEncoder): WireEncoder => {
  switch (canonical) {
    case 'boolean':
      return encodeBoolean
    case 'integer':
      return copied
    case 'bigint':
    case 'decimal':
    case 'uuid':
    case 'time':
    case 'interval':
    case 'bit':
      return quoted
    case 'text':
    case 'enum':
    case 'other':
      return escaped
    case 'float':
      return (out, source, start, end) => (isPlainNumber(source, start, end) ? copied : viaText)(out, source, start, end)
    case 'date':
      return (out, source, start, end) => (end - start === 10 && source[start + 4] === minus ? quoted : viaText)(out, source, start, end)
    case 'timestamp':
      return (out, source, start, end) => {
        if (!isUsualTimestamp(source, start, end)) return viaText(out, source, start, end)
        writeTimestamp(out, source, start, end)
        out.byte(quote)
      }
    case 'timestamptz':
      return (out, source, start, end) => {
        const inUtc = source[end - 3] === plus && source[end - 2] === zero && source[end - 1] === zero
        if (!inUtc || !isUsualTimestamp(source, start, end)) return viaText(out, source, start, end)
        writeTimestamp(out, source, start, end - 3)
        out.byte(letterZ)
        out.byte(quote)
      }
    default:
      return viaText
  }
}

const wireEncoderOf = (type: PostgresType | undefined, lookUp: (oid: number) => PostgresType | undefined): WireEncoder => {
  if (type === undefined) return viaText(quoteText)
  const text = viaText(encoderOf(type, lookUp))
  const isScalar = type.base === undefined && type.element === undefined && type.fields === undefined
  return isScalar ? onBytes(type.canonical, text) : text
}

const openBracket = 91
const closeBracket = 93
const comma = 44
const lineFeed = 10

/** Takes rows as bytes (see RowSink) and writes them in the form they are sent in. */
export interface WireWriter {
  /** False when a limit is reached: the row was not taken and reading should stop. */
  add(source: Buffer, at: number, count: number): boolean
  finish(): WrittenRows
}

interface WireWriterOptions {
  readonly format: ResultFormat
  readonly columns: readonly WireColumn[]
  /** By oid; a type that is missing travels as its text. */
  readonly types: ReadonlyMap<number, PostgresType>
  readonly limits: QueryLimits
}

export const createWireWriter = ({ format, columns, types, limits }: WireWriterOptions): WireWriter => {
  const lookUp = (oid: number) => types.get(oid)
  const columnTypes = columns.map((column) => types.get(column.dataTypeID))
  if (format === 'rows')
    return new WireRows(
      columnTypes.map((type) => wireEncoderOf(type, lookUp)),
      limits,
    )
  const encoders = columnTypes.map((type) => (type === undefined ? quoteText : encoderOf(type, lookUp)))
  const writer = new RowWriter(format, columns, limits)
  return {
    add(source, at, count) {
      const cells = new Array<string>(count)
      let next = at
      for (let column = 0; column < count; column++) {
        const size = source.readInt32BE(next)
        next += 4
        cells[column] = size < 0 ? 'null' : (encoders[column] as TextEncoder)(source.toString('utf8', next, next + size))
        next += Math.max(0, size)
      }
      return writer.add(cells)
    },
    finish: () => writer.finish(),
  }
}

/** Bytes of a batch of lines; it may end up longer by one row. */
const batchBytes = 128 * 1024
const batchCapacity = batchBytes + 8 * 1024

/** Rows from the bytes of DataRow messages to batches of lines, each a JSON array; see RowBatch. */
export class WireLines {
  readonly #encoders: readonly WireEncoder[]
  readonly #limits: StreamQuery['limits']
  #out = new JsonBytes(batchCapacity)
  #batchRows = 0
  #rowCount = 0
  /** Bytes of the batches that were taken. */
  #bytes = 0
  #truncatedBy: 'rows' | 'bytes' | undefined

  constructor(columns: readonly WireColumn[], types: ReadonlyMap<number, PostgresType>, limits: StreamQuery['limits']) {
    const lookUp = (oid: number) => types.get(oid)
    this.#encoders = columns.map((column) => wireEncoderOf(types.get(column.dataTypeID), lookUp))
    this.#limits = limits
  }

  /** As `WireWriter.add`. Throws RESULT_TOO_LARGE for a row that is longer than a row may be. */
  add(source: Buffer, at: number, count: number): boolean {
    if (this.#rowCount >= this.#limits.maxRows) {
      this.#truncatedBy = 'rows'
      return false
    }
    const out = this.#out
    const before = out.length
    writeRow(out, this.#encoders, source, at, count)
    out.byte(lineFeed)
    const size = out.length - before
    const isOver = this.#bytes + out.length > this.#limits.maxBytes
    if (isOver || size > this.#limits.maxRowBytes) out.truncate(before)
    if (size > this.#limits.maxRowBytes) throw rowTooLarge(this.#limits.maxRowBytes)
    if (isOver) {
      this.#truncatedBy = 'bytes'
      return false
    }
    this.#batchRows++
    this.#rowCount++
    return true
  }

  get isBatchFull(): boolean {
    return this.#out.length >= batchBytes
  }

  /** The rows since the last time; undefined when there are none. */
  takeBatch(): RowBatch | undefined {
    if (this.#batchRows === 0) return undefined
    const batch = { lines: wellFormed(this.#out.finish()), rowCount: this.#batchRows }
    this.#bytes += batch.lines.length
    this.#out = new JsonBytes(batchCapacity)
    this.#batchRows = 0
    return batch
  }

  /** What was written; every batch was taken. */
  get written(): { rowCount: number; bytes: number; truncatedBy: 'rows' | 'bytes' | undefined } {
    return { rowCount: this.#rowCount, bytes: this.#bytes, truncatedBy: this.#truncatedBy }
  }
}

/** A database without an encoding (SQL_ASCII) may send bytes that are no text. */
const wellFormed = (bytes: Buffer): Buffer => (isUtf8(bytes) ? bytes : Buffer.from(bytes.toString('utf8')))

/** Writes a row; `cut` is told where a cell begins that is longer than `maxCellBytes`. */
const writeRow = (
  out: JsonBytes,
  encoders: readonly WireEncoder[],
  source: Buffer,
  at: number,
  count: number,
  maxCellBytes = Number.POSITIVE_INFINITY,
  cut: (cellStart: number) => void = () => {},
): void => {
  out.byte(openBracket)
  let next = at
  for (let column = 0; column < count; column++) {
    if (column > 0) out.byte(comma)
    const size = source.readInt32BE(next)
    next += 4
    if (size < 0) {
      out.text('null')
      continue
    }
    const cellStart = out.length
    ;(encoders[column] as WireEncoder)(out, source, next, next + size)
    next += size
    if (out.length - cellStart > maxCellBytes) cut(cellStart)
  }
  out.byte(closeBracket)
}

/** Keeps rows until the types of their columns are known, and no more than four times what an answer may hold. */
export class HeldRows {
  readonly #rows: { readonly source: Buffer; readonly count: number }[] = []
  #room: number

  constructor(maxBytes: number) {
    this.#room = maxBytes * 4
  }

  /** Whether rows were left out. */
  isFull = false

  add(source: Buffer, at: number, count: number): boolean {
    if (this.#room <= 0) {
      this.isFull = true
      return false
    }
    let end = at
    for (let column = 0; column < count; column++) end += 4 + Math.max(0, source.readInt32BE(end))
    this.#room -= end - at
    this.#rows.push({ source: Buffer.from(source.subarray(at, end)), count })
    return true
  }

  replay(writer: Pick<WireWriter, 'add'>): void {
    for (const { source, count } of this.#rows) if (!writer.add(source, 0, count)) return
  }
}

/**
 * Rows from the bytes of DataRow messages to the bytes of a JSON array of arrays, under the limits of the query. Says
 * the same as RowWriter in format `rows`.
 */
class WireRows implements WireWriter {
  readonly #out = new JsonBytes(4096)
  readonly #encoders: readonly WireEncoder[]
  readonly #limits: QueryLimits
  #rowCount = 0
  readonly #cutCells: number[] = []
  #truncatedBy: 'rows' | 'bytes' | undefined

  constructor(encoders: readonly WireEncoder[], limits: QueryLimits) {
    this.#encoders = encoders
    this.#limits = limits
    this.#out.byte(openBracket)
  }

  add(source: Buffer, at: number, count: number): boolean {
    if (this.#rowCount >= this.#limits.maxRows) {
      this.#truncatedBy = 'rows'
      return false
    }
    const out = this.#out
    const { maxBytes, maxCellBytes } = this.#limits
    const before = out.length
    if (this.#rowCount > 0) out.byte(comma)
    writeRow(out, this.#encoders, source, at, count, maxCellBytes, this.#cut)
    if (out.length + 1 <= maxBytes) {
      this.#rowCount++
      return true
    }
    out.truncate(before)
    if (this.#rowCount === 0) throw rowTooLarge(maxBytes)
    this.#truncatedBy = 'bytes'
    return false
  }

  finish(): WrittenRows {
    this.#out.byte(closeBracket)
    const rows = wellFormed(this.#out.finish())
    return {
      rowCount: this.#rowCount,
      bytes: rows.length,
      cutCells: this.#cutCells,
      rows: new EncodedJson(rows),
      ...(this.#truncatedBy !== undefined && { truncatedBy: this.#truncatedBy }),
    }
  }

  readonly #cut = (cellStart: number): void => {
    const cell = this.#out.finish().toString('utf8', cellStart)
    this.#out.truncate(cellStart)
    this.#out.text(cutCell(cell, this.#limits.maxCellBytes))
    this.#cutCells.push(this.#rowCount)
  }
}
