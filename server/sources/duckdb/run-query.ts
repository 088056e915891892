import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import type { Column } from '../../../contracts/v1/values.ts'
import { checkEstimate, isGated } from '../check-estimate.ts'
import { RowWriter, type WrittenRows } from '../row-writer.ts'
import { bindParams } from './bind-params.ts'
import { faultOfDuckdb } from './errors.ts'
import { estimateDuckdb } from './estimate.ts'
import type { ChildQuery } from './messages.ts'
import { canonicalOf, encoderOf, nullable, typeName } from './values.ts'

export interface DuckdbRows extends WrittenRows {
  readonly columns: readonly Column[]
  readonly elapsedMs: number
}

/** Runs one statement and writes its rows; reading stops at the limits, so memory never follows the result. */
export const runQuery = async (connection: DuckDBConnection, { sql, params, offset, limits, format }: ChildQuery): Promise<DuckdbRows> => {
  const started = performance.now()
  let statement: DuckDBPreparedStatement | undefined
  try {
    // Preparing refuses a text of several statements by itself.
    statement = await connection.prepare(sql)
    bindParams(statement, params)
    if (isGated(limits)) checkEstimate(await estimateDuckdb(connection, sql, params), limits)
    const result = await statement.stream()
    const types = result.columnTypes()
    const columns = result.columnNames().map((name, index): Column => {
      const type = types[index] as DuckDBType
      return { name, type: canonicalOf(type), database_type: typeName(type) }
    })
    const encoders = types.map((type) => nullable(encoderOf(type)))
    const writer = new RowWriter(format, columns, limits)
    let skip = offset
    reading: for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      const { rowCount } = chunk
      if (skip >= rowCount) {
        skip -= rowCount
        continue
      }
      const values = chunk.getColumns()
      for (let row = skip; row < rowCount; row++) {
        const cells = new Array<string>(encoders.length)
        for (let column = 0; column < encoders.length; column++)
          cells[column] = (encoders[column] as (value: DuckDBValue) => string)((values[column] as DuckDBValue[])[row] as DuckDBValue)
        if (!writer.add(cells)) break reading
      }
      skip = 0
    }
    return { columns, ...writer.finish(), elapsedMs: performance.now() - started }
  } catch (error) {
    throw faultOfDuckdb(error, sql)
  } finally {
    statement?.destroySync()
  }
}
