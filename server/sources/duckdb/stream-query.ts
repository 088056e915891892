import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBType } from '@duckdb/node-api'
import type { Column } from '../../../contracts/v1/values.ts'
import { Fault } from '../../envelope/fault.ts'
import { checkEstimate, isGated } from '../check-estimate.ts'
import { rowTooLarge } from '../row-writer.ts'
import type { StreamEnd } from '../source.ts'
import { bindParams } from './bind-params.ts'
import { columnsOf } from './columns-of.ts'
import { faultOfDuckdb } from './errors.ts'
import { estimateDuckdb } from './estimate.ts'
import { fetchRows } from './fetch-rows.ts'
import type { ChildStreamQuery } from './messages.ts'
import { prepareStatement } from './prepare-statement.ts'
import { type CellReader, readerOf } from './read-vector.ts'
import { valueWriterOf } from './value-writer.ts'

/** UTF-16 units of a batch of lines; it may end up longer by one row. */
const batchLength = 128 * 1024

/** What a stream tells while it runs. */
export interface StreamListener {
  onColumns(columns: readonly Column[]): void
  /** Resolves when more may be read. */
  onBatch(lines: string, rowCount: number): Promise<void>
}

/** Runs one statement and hands on all its rows; the engine computes the next ones only when they are asked for. */
export const streamQuery = async (
  connection: DuckDBConnection,
  { sql, params, limits }: ChildStreamQuery,
  { onColumns, onBatch }: StreamListener,
): Promise<StreamEnd['end']> => {
  const started = performance.now()
  let statement: DuckDBPreparedStatement | undefined
  let lines = ''
  let batchRows = 0
  let rowCount = 0
  let bytes = 0
  let truncatedBy: 'rows' | 'bytes' | undefined
  const handOn = async () => {
    if (batchRows > 0) await onBatch(lines, batchRows)
    lines = ''
    batchRows = 0
  }
  try {
    statement = await prepareStatement(connection, sql)
    bindParams(statement, params)
    if (isGated(limits)) checkEstimate(await estimateDuckdb(connection, sql, params), limits)
    const result = await statement.stream()
    const { columns, types, rowBytes } = columnsOf(result, limits.maxBytes)
    onColumns(columns)
    const writers = types.map(valueWriterOf)
    reading: for (let chunk = await fetchRows(result); chunk !== undefined; chunk = await fetchRows(result)) {
      const readers = writers.map((write, column) => {
        const vector = chunk.getColumnVector(column)
        return readerOf(vector, types[column] as DuckDBType, (row) => write(vector, row, limits.maxRowBytes))
      })
      for (let row = 0; row < chunk.rowCount; row++) {
        if (rowCount >= limits.maxRows) {
          truncatedBy = 'rows'
          break reading
        }
        let line = '['
        for (let column = 0; column < readers.length && line.length <= limits.maxRowBytes; column++)
          line += (column === 0 ? '' : ',') + (readers[column] as CellReader)(row)
        line += ']\n'
        const size = Buffer.byteLength(line)
        if (size > limits.maxRowBytes) throw rowTooLarge(limits.maxRowBytes)
        if (bytes + size > rowBytes) {
          truncatedBy = 'bytes'
          break reading
        }
        lines += line
        bytes += size
        batchRows++
        rowCount++
        if (lines.length >= batchLength) await handOn()
      }
    }
    await handOn()
    return { rowCount, bytes, truncatedBy, elapsedMs: performance.now() - started }
  } catch (error) {
    throw faultOfDuckdb(error, sql, params.length > 0)
  } finally {
    statement?.destroySync()
  }
}

/** How many batches a child may send before it hears that one was taken. */
export class Credit {
  #left: number
  #isStopped = false
  #wake: (() => void) | undefined

  constructor(batches: number) {
    this.#left = batches
  }

  add(): void {
    this.#left++
    this.#wake?.()
  }

  stop(): void {
    this.#isStopped = true
    this.#wake?.()
  }

  /** Resolves when a batch may be sent. Throws CANCELLED when the stream was stopped. */
  async take(): Promise<void> {
    while (this.#left === 0 && !this.#isStopped)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    if (this.#isStopped) throw new Fault('CANCELLED', 'The query was interrupted.')
    this.#left--
  }
}
