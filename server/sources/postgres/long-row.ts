import type { RowSink } from './row-connection.ts'

/** Bytes of the number of fields, and of the length of one. */
const [countBytes, lengthBytes] = [2, 4]

/**
 * The body of a DataRow message that is taken as it comes: of each field the start is kept, so that a value of any length
 * costs no more memory than what is sent of it.
 */
export class LongRow {
  readonly #sink: RowSink
  /** Bytes of the message that are still to come. */
  #left: number
  readonly #kept: Buffer[] = []
  #keptBytes = 0
  readonly #sizes: number[] = []
  #count: number | undefined
  readonly #head = Buffer.alloc(lengthBytes)
  #headBytes = 0
  /** Bytes of the field that are still to come, and how many of them are kept. */
  #fieldLeft = 0
  #keepLeft = 0

  constructor(sink: RowSink, bytes: number) {
    this.#sink = sink
    this.#left = bytes
  }

  /** Whether the sink has heard of the row. */
  get isOver(): boolean {
    return this.#left === 0
  }

  /** Takes what belongs to the message, from `from` on; says where it ends. */
  take(chunk: Buffer, from: number): number {
    const end = Math.min(chunk.length, from + this.#left)
    this.#left -= end - from
    for (let at = from; at < end; )
      if (this.#fieldLeft > 0) at += this.#takeField(chunk, at, end)
      else this.#takeHead(chunk[at++] as number)
    if (this.isOver) this.#sink.row(Buffer.concat(this.#kept), 0, this.#count ?? 0, this.#sizes)
    return end
  }

  #takeField(chunk: Buffer, at: number, end: number): number {
    const taken = Math.min(end - at, this.#fieldLeft)
    const kept = Math.min(taken, this.#keepLeft)
    this.#fieldLeft -= taken
    this.#keepLeft -= kept
    if (kept > 0) this.#keep(chunk.subarray(at, at + kept))
    return taken
  }

  /** One byte of the count or of a length. */
  #takeHead(value: number): void {
    this.#head[this.#headBytes++] = value
    if (this.#headBytes < (this.#count === undefined ? countBytes : lengthBytes)) return
    this.#headBytes = 0
    if (this.#count === undefined) {
      this.#count = this.#head.readUInt16BE(0)
      return
    }
    const size = this.#head.readInt32BE(0)
    this.#sizes.push(size)
    this.#fieldLeft = Math.max(0, size)
    this.#keepLeft = Math.min(this.#fieldLeft, this.#sink.maxFieldBytes)
    const length = Buffer.alloc(lengthBytes)
    length.writeInt32BE(size < 0 ? size : this.#keepLeft)
    this.#keep(length)
  }

  #keep(part: Buffer): void {
    const before = this.#keptBytes
    this.#keptBytes += part.length
    if (this.#keptBytes <= this.#sink.maxRowBytes) this.#kept.push(part)
    else if (before <= this.#sink.maxRowBytes) this.#sink.tooLong()
  }
}
