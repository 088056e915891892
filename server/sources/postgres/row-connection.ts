import { EventEmitter } from 'node:events'
import pg from 'pg'
import { LongRow } from './long-row.ts'

/**
 * The fields of one row: `count` times a 32-bit length, -1 for null, and as many bytes, from `at` on. `sizes`: what the
 * fields had when they were sent, where only the start of one was kept.
 */
export type RowTaker<Result> = (source: Buffer, at: number, count: number, sizes?: readonly number[]) => Result

/** Takes rows as the bytes they came in. */
export interface RowSink {
  /** Bytes of a field that are kept at least; what follows is dropped as it comes. */
  readonly maxFieldBytes: number
  /** Longest row that is kept in memory, bytes; for a longer one `tooLong` is called. */
  readonly maxRowBytes: number
  readonly row: RowTaker<void>
  tooLong(): void
  /** Hears of each step of its messages that is done: the type of the message that says so. */
  step?(type: number): void
}

const dataRow = 68
const [parseComplete, bindComplete] = [49, 50]
/** All rows of a portal were sent, or a command is done; as many rows as were asked for were sent. */
export const [commandComplete, portalSuspended] = [67, 115]
const headerBytes = 5

/**
 * pg's connection, but for one thing: while a sink is set, rows go to it as bytes and never become JavaScript values,
 * which costs several times more than moving them, and so does what tells of steps that are done. Everything else is
 * parsed by pg. Message format: PostgreSQL manual,
 * "Message Formats".
 */
export class RowConnection extends pg.Connection {
  sink: RowSink | undefined

  attachListeners(stream: EventEmitter): void {
    const rest = new EventEmitter()
    ;(pg.Connection.prototype as unknown as RowConnection).attachListeners.call(this, rest)
    const split = createSplitter(
      () => this.sink,
      (data) => rest.emit('data', data),
    )
    stream.on('data', split)
    stream.on('end', () => rest.emit('end'))
  }
}

/** Whether a message tells only that a step is done. */
const isStep = (type: number): boolean =>
  type === bindComplete || type === commandComplete || type === parseComplete || type === portalSuspended

/** Splits the bytes of a session into rows for the sink and whole messages for `pass`, in their order. */
export const createSplitter = (sinkOf: () => RowSink | undefined, pass: (data: Buffer) => void): ((chunk: Buffer) => void) => {
  /** A row of which parts are dropped, and that is not whole yet. */
  let long: LongRow | undefined
  /** Parts of a message that is not whole yet, and the bytes it needs to be whole, or for its length to be known. */
  let parts: Buffer[] = []
  let size = 0
  let wanted = headerBytes

  /** Deals with the whole messages of `data` and keeps what is left. False when a row was refused. */
  const split = (data: Buffer): boolean => {
    let passFrom = 0
    let at = 0
    wanted = headerBytes
    while (at + headerBytes <= data.length) {
      const end = at + 1 + data.readUInt32BE(at + 1)
      const type = data[at] as number
      const isRow = type === dataRow
      const sink = isRow || isStep(type) ? sinkOf() : undefined
      if (isRow && sink !== undefined && end > data.length && end - at > sink.maxFieldBytes) {
        if (at > passFrom) pass(data.subarray(passFrom, at))
        long = new LongRow(sink, end - at - headerBytes)
        long.take(data, at + headerBytes)
        return true
      }
      if (isRow && sink !== undefined && end - at > sink.maxRowBytes) {
        sink.tooLong()
        return false
      }
      if (end > data.length) {
        wanted = end - at
        break
      }
      if (sink !== undefined) {
        if (at > passFrom) pass(data.subarray(passFrom, at))
        if (isRow) sink.row(data, at + headerBytes + 2, data.readUInt16BE(at + headerBytes))
        else sink.step?.(type)
        passFrom = end
      }
      at = end
    }
    if (at > passFrom) pass(data.subarray(passFrom, at))
    size = data.length - at
    if (size > 0) parts = [data.subarray(at)]
    return true
  }

  return (chunk) => {
    let data = chunk
    // Only the message that was cut is put together anew, not the chunk behind it.
    while (parts.length > 0) {
      const missing = wanted - size
      parts.push(data.length > missing ? data.subarray(0, missing) : data)
      if (data.length < missing) {
        size += data.length
        return
      }
      const whole = Buffer.concat(parts, wanted)
      parts = []
      data = data.subarray(missing)
      if (!split(whole)) return
    }
    if (long !== undefined) {
      const at = long.take(data, 0)
      if (!long.isOver) return
      long = undefined
      data = data.subarray(at)
    }
    split(data)
  }
}
