import duckdb from '@duckdb/node-bindings'
import type { CellReader } from './read-vector.ts'

/** Texts up to this size are read together, bytes: what is read and not sent then stays small. */
const shortBytes = 1024
/** Texts of up to 12 bytes stand in the vector itself, of longer ones the address. See `duckdb_string_t` of DuckDB's C API. */
const [slotBytes, inlinedBytes] = [16, 12]
/** Texts at most so far apart lie in one piece of memory: no page fits between them. */
const gapBytes = 8
/** Fewer texts than this in a piece are not worth the search for pieces. */
const textsPerPiece = 8

/** Texts that lie in one piece of memory. */
interface Piece {
  start: number
  end: number
  /** A row whose text is the first of the piece. */
  row: number
  /** What stands there, a character for a byte. */
  text?: string
}

/**
 * Reads the texts of one chunk, where they are short and need no escape; any other by `readAny`. The driver asks the
 * engine for one text at a time; texts of one chunk mostly lie side by side, and are here asked for at once.
 */
export const textReaderOf = (slots: DataView, isValid: (row: number) => boolean, readAny: CellReader): CellReader => {
  const count = slots.byteLength / slotBytes
  const inlined = Buffer.from(slots.buffer, slots.byteOffset, slots.byteLength).toString('latin1')
  let pieces: Map<number, Piece> | undefined

  return (row) => {
    const slot = row * slotBytes
    const bytes = slots.getUint32(slot, true)
    let text: string
    if (bytes <= inlinedBytes) text = inlined.slice(slot + 4, slot + 4 + bytes)
    else {
      pieces ??= findPieces(slots, count, isValid)
      const piece = pieces.get(row)
      if (piece === undefined) return readAny(row)
      piece.text ??= readPiece(slots, piece)
      const start = addressOf(slots, row) - piece.start
      text = piece.text.slice(start, start + bytes)
    }
    return /["\\]|[^ -~]/.test(text) ? readAny(row) : `"${text}"`
  }
}

/** The piece that each text lies in; texts that lie alone are left out. */
const findPieces = (slots: DataView, count: number, isValid: (row: number) => boolean): Map<number, Piece> => {
  const found = new Map<number, Piece>()
  let piece: Piece | undefined
  let rows: number[] = []
  const keep = (): void => {
    if (piece !== undefined && rows.length >= textsPerPiece) for (const row of rows) found.set(row, piece)
  }
  for (let row = 0; row < count; row++) {
    const bytes = slots.getUint32(row * slotBytes, true)
    if (bytes <= inlinedBytes || bytes > shortBytes || !isValid(row)) continue
    const start = addressOf(slots, row)
    const end = start + bytes
    if (piece !== undefined && start >= piece.start && start - piece.end < gapBytes) piece.end = Math.max(piece.end, end)
    else if (piece !== undefined && start < piece.start && piece.start - end < gapBytes) {
      piece.start = start
      piece.end = Math.max(piece.end, end)
      piece.row = row
    } else {
      keep()
      piece = { start, end, row }
      rows = []
    }
    rows.push(row)
  }
  keep()
  return found
}

const readPiece = (slots: DataView, { start, end, row }: Piece): string => {
  const bytes = duckdb.get_data_from_pointer(slots.buffer as ArrayBuffer, slots.byteOffset + row * slotBytes + 8, end - start)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** Addresses have fewer bits than numbers hold exactly. */
const addressOf = (slots: DataView, row: number): number =>
  slots.getUint32(row * slotBytes + 12, true) * 2 ** 32 + slots.getUint32(row * slotBytes + 8, true)
