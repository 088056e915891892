import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBType } from '@duckdb/node-api'
import type { Column } from '../../../contracts/v1/values.ts'
import { checkEstimate, isGated } from '../check-estimate.ts'
import { RowWriter, type WrittenRows } from '../row-writer.ts'
import { bindParams } from './bind-params.ts'
import { columnsOf } from './columns-of.ts'
import { faultOfDuckdb } from './errors.ts'
import { estimateDuckdb } from './estimate.ts'
import { fetchRows } from './fetch-rows.ts'
import type { ChildQuery } from './messages.ts'
import { prepareStatement } from './prepare-statement.ts'
import { type CellReader, readerOf } from './read-vector.ts'
import { cellWriterOf } from './value-writer.ts'

export interface DuckdbRows extends WrittenRows {
  readonly columns: readonly Column[]
  readonly elapsedMs: number
}

/** Runs one statement and writes its rows; reading stops at the limits, so memory never follows the result. */
export const runQuery = async (
  connection: DuckDBConnection,
  { sql, params, offset, limits, format }: ChildQuery,
  onRows?: (rowCount: number) => void,
): Promise<DuckdbRows> => {
  const started = performance.now()
  let statement: DuckDBPreparedStatement | undefined
  try {
    statement = await prepareStatement(connection, sql)
    bindParams(statement, params)
    if (isGated(limits)) checkEstimate(await estimateDuckdb(connection, sql, params), limits)
    const result = await statement.stream()
    const { columns, types, rowBytes } = columnsOf(result, limits.maxBytes)
    const writer = new RowWriter(format, columns, { ...limits, maxBytes: rowBytes })
    const writers = types.map((type) => cellWriterOf(type, limits.maxCellBytes, (...text) => writer.cut(...text)))
    let skip = offset
    reading: for (let chunk = await fetchRows(result); chunk !== undefined; chunk = await fetchRows(result)) {
      const { rowCount } = chunk
      if (skip >= rowCount) {
        skip -= rowCount
        continue
      }
      const readers = writers.map((write, column) => {
        const vector = chunk.getColumnVector(column)
        return readerOf(vector, types[column] as DuckDBType, (row) => write(vector, row))
      })
      for (let row = skip; row < rowCount; row++) {
        const cells = new Array<string>(writers.length)
        let room = writer.mostUnits
        // Value by value: what is not sent is not read, however long it is.
        for (let column = 0; column < readers.length && room >= 0; column++) {
          const cell = (readers[column] as CellReader)(row)
          cells[column] = cell
          room -= cell.length
        }
        if (!(room < 0 ? writer.refuse() : writer.add(cells))) break reading
      }
      skip = 0
      onRows?.(writer.rowCount)
    }
    return { columns, ...writer.finish(), elapsedMs: performance.now() - started }
  } catch (error) {
    throw faultOfDuckdb(error, sql, params.length > 0)
  } finally {
    statement?.destroySync()
  }
}
