import { Field, makeData, RecordBatch, RecordBatchStreamWriter, Schema, Struct } from 'apache-arrow'
import type { Column } from '../../../contracts/v1/values.ts'
import { type Envelope, encodeEnvelope } from '../envelope.ts'
import { Fault } from '../fault.ts'
import type { RowBatch } from '../row-batch.ts'
import { builderOf } from './arrow-types.ts'
import { type ColumnBuilder, Unfit } from './column-builders.ts'

/** Two words at the end of an Arrow stream: a continuation mark and a length of zero. */
const endBytes = 8

export interface ArrowStream {
  /** The schema message. */
  readonly head: Uint8Array
  /** A record batch. Throws SQL_ERROR for a value that the type of its column cannot hold. */
  encode(batch: RowBatch): Uint8Array
  /** A record batch of no rows with the envelope in its metadata, and after a success the end of the stream. */
  tail(envelope: Envelope): Uint8Array
}

/** Rows as an Arrow IPC stream; see docs/streaming.md for its types. */
export const openArrowStream = (columns: readonly Column[]): ArrowStream => {
  const builders = columns.map(builderOf)
  const fields = columns.map((column, index) => fieldOf(column, builders[index] as ColumnBuilder))
  const schema = new Schema(fields)
  const type = new Struct(fields)

  const batchOf = (length: number, values: (column: number) => readonly unknown[], metadata?: Map<string, string>): RecordBatch => {
    const children = builders.map((builder, index) => {
      try {
        return builder.build(values(index))
      } catch (error) {
        if (!(error instanceof Unfit)) throw error
        throw unfit(columns[index] as Column)
      }
    })
    return new RecordBatch(schema, makeData({ type, length, nullCount: 0, children }), metadata)
  }
  /** Schema, batch and end, as a stream of its own. */
  const write = (batch: RecordBatch): Uint8Array => RecordBatchStreamWriter.writeAll([batch]).toUint8Array(true)

  const empty = write(batchOf(0, () => []))
  // The schema message: a continuation mark, the length of what follows, and that.
  const headBytes = 8 + Buffer.from(empty.buffer, empty.byteOffset).readInt32LE(4)

  return {
    head: empty.subarray(0, headBytes),
    encode({ lines, rowCount }) {
      const rows = JSON.parse(`[${lines.toString('utf8', 0, lines.length - 1).replaceAll('\n', ',')}]`) as unknown[][]
      return write(batchOf(rowCount, (column) => rows.map((row) => row[column]))).subarray(headBytes, -endBytes)
    },
    tail(envelope) {
      const written = write(batchOf(0, () => [], new Map([['dataface', encodeEnvelope(envelope)]])))
      return written.subarray(headBytes, envelope.success ? undefined : -endBytes)
    },
  }
}

/** The column as it is described elsewhere goes along; JSON text is marked as Arrow's own extension for it. */
const fieldOf = ({ name, type, database_type }: Column, builder: ColumnBuilder): Field =>
  new Field(
    name,
    builder.type,
    true,
    new Map([
      ['dataface.type', type],
      ['dataface.database_type', database_type],
      ...(builder.isJson === true
        ? ([
            ['ARROW:extension:name', 'arrow.json'],
            ['ARROW:extension:metadata', ''],
          ] as const)
        : []),
    ]),
  )

const unfit = ({ name, database_type }: Column): Fault =>
  new Fault('SQL_ERROR', `A value of the column "${name}" (${database_type}) has no place in its Arrow type.`, {
    path: 'sql',
    hint: 'Cast the column to text, or an array of several dimensions to JSON; or ask for application/x-ndjson.',
  })
