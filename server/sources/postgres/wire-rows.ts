import { isUtf8 } from 'node:buffer'
import type { CanonicalType } from '../../../contracts/v1/values.ts'
import { EncodedJson } from '../../envelope/encoded-json.ts'
import { JsonBytes } from '../../envelope/json-bytes.ts'
import type { RowBatch } from '../../envelope/row-batch.ts'
import { cutCell, cutText, maxConvertedBytes, RowWriter, rowTooLarge, type WrittenRows } from '../row-writer.ts'
import type { QueryLimits, ResultFormat, StreamQuery } from '../source.ts'
import type { WireColumn } from './guarded-query.ts'
import { type LongValueReader, longValueReader } from './long-value.ts'
import type { RowTaker } from './row-connection.ts'
import type { PostgresType } from './types.ts'
import { encoderOf, quoteText, type TextEncoder } from './values.ts'

/**
 * Writes the JSON of one value that is not null: the bytes of `source` from `start` to `end`, as the server sends it.
 * `room`: see TextEncoder.
 */
type WireEncoder = (out: JsonBytes, source: Buffer, start: number, end: number, room: number) => void

const copied: WireEncoder = (out, source, start, end) => out.copy(source, start, end)
const quoted: WireEncoder = (out, source, start, end) => out.quoted(source, start, end)
const escaped: WireEncoder = (out, source, start, end) => {
  out.byte(quote)
  out.escaped(source, start, end)
  out.byte(quote)
}

const viaText =
  (encode: TextEncoder): WireEncoder =>
  (out, source, start, end, room) =>
    out.text(encode(source.toString('utf8', start, end), room))

const constant = (text: string): ((out: JsonBytes) => void) => {
  const bytes = Buffer.from(text)
  return (out) => out.copy(bytes, 0, bytes.length)
}
const [writeNull, writeTrue, writeFalse] = [constant('null'), constant('true'), constant('false')]

const encodeBoolean: WireEncoder = (out, source, start) => (source[start] === 116 ? writeTrue(out) : writeFalse(out))

const quote = 34
const [blank, plus, minus, zero] = [32, 43, 45, 48]
const [letterT, letterZ] = [84, 90]

/** Whether a number has neither an exponent nor a name: only then does the server spell it as JavaScript does. */
const isPlainNumber = (source: Buffer, start: number, end: number): boolean => {
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
      return (out, source, start, end, room) => (isPlainNumber(source, start, end) ? copied : viaText)(out, source, start, end, room)
    case 'date':
      return (out, source, start, end, room) =>
        (end - start === 10 && source[start + 4] === minus ? quoted : viaText)(out, source, start, end, room)
    case 'timestamp':
      return (out, source, start, end, room) => {
        if (!isUsualTimestamp(source, start, end)) return viaText(out, source, start, end, room)
        writeTimestamp(out, source, start, end)
        out.byte(quote)
      }
    case 'timestamptz':
      return (out, source, start, end, room) => {
        const inUtc = source[end - 3] === plus && source[end - 2] === zero && source[end - 1] === zero
        if (!inUtc || !isUsualTimestamp(source, start, end)) return viaText(out, source, start, end, room)
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

/** Bytes of the length in front of a field. */
const lengthBytes = 4

const openBracket = 91
const closeBracket = 93
const comma = 44
const lineFeed = 10

/** Takes rows as bytes and writes them in the form they are sent in. */
export interface WireWriter {
  /** False when a limit is reached: the row was not taken and reading should stop. */
  readonly add: RowTaker<boolean>
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
  const { maxCellBytes } = limits
  const lookUp = (oid: number) => types.get(oid)
  const columnTypes = columns.map((column) => types.get(column.dataTypeID))
  const encoders = columnTypes.map((type) => (type === undefined ? quoteText : encoderOf(type, lookUp)))
  const readLong = columnTypes.map((type, column) => longValueReader(type, encoders[column] as TextEncoder, lookUp, maxCellBytes))
  if (format === 'rows')
    return new WireRows(
      columnTypes.map((type) => wireEncoderOf(type, lookUp)),
      readLong,
      limits,
    )
  const writer = new RowWriter(format, columns, limits)
  const maxConverted = maxConvertedBytes(maxCellBytes)
  return {
    add(source, at, count, sizes) {
      const cells = new Array<string>(count)
      let room = writer.mostUnits
      let next = at
      for (let column = 0; column < count; column++) {
        const kept = source.readInt32BE(next)
        const start = next + lengthBytes
        next = start + Math.max(0, kept)
        const size = sizes?.[column] ?? kept
        let cell = 'null'
        if (size > maxConverted) {
          const { text, whole } = (readLong[column] as LongValueReader)(source, start, next, size)
          cell = writer.cut(text, whole)
        } else if (size >= 0) cell = (encoders[column] as TextEncoder)(source.toString('utf8', start, next), maxCellBytes)
        cells[column] = cell
        room -= cell.length
        if (room < 0) return writer.refuse()
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
    writeRow(out, this.#encoders, source, at, count, before + this.#limits.maxRowBytes)
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

  /** Bytes of a row on average; undefined before the first. */
  get rowBytes(): number | undefined {
    return this.#rowCount === 0 ? undefined : (this.#bytes + this.#out.length) / this.#rowCount
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

/** What one value may take, and what is done with those that are longer. */
interface CellLimits {
  readonly maxCellBytes: number
  /** What the fields of the row had when they were sent; see RowTaker. */
  readonly sizes: readonly number[] | undefined
  /** Cuts the value that was written from `cellStart` on. */
  cut(cellStart: number): void
  /** Writes the start of a value that is too long to be converted whole. */
  writeLong(column: number, source: Buffer, start: number, end: number, size: number): void
}

/** Writes a row, or what of it ends soon behind `rowEnd`. `cells`: undefined when no value is cut. */
const writeRow = (
  out: JsonBytes,
  encoders: readonly WireEncoder[],
  source: Buffer,
  at: number,
  count: number,
  rowEnd: number,
  cells?: CellLimits,
): void => {
  const maxCellBytes = cells?.maxCellBytes ?? Number.POSITIVE_INFINITY
  const maxConverted = maxConvertedBytes(maxCellBytes)
  out.byte(openBracket)
  let next = at
  for (let column = 0; column < count && out.length <= rowEnd; column++) {
    if (column > 0) out.byte(comma)
    const kept = source.readInt32BE(next)
    const start = next + lengthBytes
    if (kept < 0) {
      next = start
      writeNull(out)
      continue
    }
    next = start + kept
    const size = cells?.sizes?.[column] ?? kept
    if (size > maxConverted) {
      cells?.writeLong(column, source, start, next, size)
      continue
    }
    const cellStart = out.length
    ;(encoders[column] as WireEncoder)(out, source, start, next, cells?.maxCellBytes ?? rowEnd - cellStart)
    if (out.length - cellStart > maxCellBytes) cells?.cut(cellStart)
  }
  out.byte(closeBracket)
}

/** Keeps rows until the types of their columns are known, and no more than four times what an answer may hold. */
export class HeldRows {
  readonly #rows: Parameters<RowTaker<boolean>>[] = []
  #room: number

  constructor(maxBytes: number) {
    this.#room = maxBytes * 4
  }

  /** Whether rows were left out. */
  isFull = false

  add(...[source, at, count, sizes]: Parameters<RowTaker<boolean>>): boolean {
    if (this.#room <= 0) {
      this.isFull = true
      return false
    }
    let end = at
    for (let column = 0; column < count; column++) end += lengthBytes + Math.max(0, source.readInt32BE(end))
    this.#room -= end - at
    this.#rows.push([Buffer.from(source.subarray(at, end)), 0, count, sizes])
    return true
  }

  replay(writer: Pick<WireWriter, 'add'>): void {
    for (const row of this.#rows) if (!writer.add(...row)) return
  }
}

/**
 * Rows from the bytes of DataRow messages to the bytes of a JSON array of arrays, under the limits of the query. Says
 * the same as RowWriter in format `rows`.
 */
class WireRows implements WireWriter, CellLimits {
  readonly #out = new JsonBytes(4096, true)
  readonly #encoders: readonly WireEncoder[]
  readonly #readLong: readonly LongValueReader[]
  readonly #limits: QueryLimits
  readonly maxCellBytes: number
  sizes: readonly number[] | undefined
  #rowCount = 0
  readonly #cutCells: number[] = []
  #truncatedBy: 'rows' | 'bytes' | undefined

  constructor(encoders: readonly WireEncoder[], readLong: readonly LongValueReader[], limits: QueryLimits) {
    this.#encoders = encoders
    this.#readLong = readLong
    this.#limits = limits
    this.maxCellBytes = limits.maxCellBytes
    this.#out.byte(openBracket)
  }

  add(source: Buffer, at: number, count: number, sizes?: readonly number[]): boolean {
    if (this.#rowCount >= this.#limits.maxRows) {
      this.#truncatedBy = 'rows'
      return false
    }
    const out = this.#out
    const { maxBytes } = this.#limits
    const before = out.length
    if (this.#rowCount > 0) out.byte(comma)
    this.sizes = sizes
    writeRow(out, this.#encoders, source, at, count, maxBytes, this)
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
    const rows = wellFormed(this.#out.take())
    return {
      rowCount: this.#rowCount,
      bytes: rows.length,
      cutCells: this.#cutCells.filter((row) => row < this.#rowCount),
      rows: new EncodedJson(rows),
      ...(this.#truncatedBy !== undefined && { truncatedBy: this.#truncatedBy }),
    }
  }

  cut(cellStart: number): void {
    const cell = this.#out.finish().toString('utf8', cellStart)
    this.#out.truncate(cellStart)
    this.#writeCut(cutCell(cell, this.maxCellBytes))
  }

  writeLong(column: number, source: Buffer, start: number, end: number, size: number): void {
    const { text, whole } = (this.#readLong[column] as LongValueReader)(source, start, end, size)
    this.#writeCut(cutText(text, whole, this.maxCellBytes))
  }

  #writeCut(cell: string): void {
    this.#out.text(cell)
    this.#cutCells.push(this.#rowCount)
  }
}
