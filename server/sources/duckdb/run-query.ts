import { type DuckDBConnection, type DuckDBPreparedStatement, type DuckDBType, type DuckDBValue, StatementType } from '@duckdb/node-api'
import type { Column } from '../../../contracts/v1/values.ts'
import { Fault } from '../../envelope/fault.ts'
import { checkEstimate, isGated } from '../check-estimate.ts'
import { RowWriter, type WrittenRows } from '../row-writer.ts'
import { bindParams } from './bind-params.ts'
import { faultOfDuckdb } from './errors.ts'
import { estimateDuckdb } from './estimate.ts'
import { quoteName } from './files.ts'
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
    statement = await prepare(connection, sql)
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
    if (mayPivot(sql)) await dropEnumerations(connection)
  }
}

const mayPivot = (sql: string): boolean => /pivot/i.test(sql)

/**
 * The statement of a text. Preparing refuses a text of several, but for a PIVOT without the values of its columns: before
 * it the engine makes a temporary enumeration of them for each column.
 */
const prepare = async (connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> => {
  if (!mayPivot(sql)) return connection.prepare(sql)
  const statements = await connection.extractStatements(sql)
  for (let index = 0; index < statements.count - 1; index++) {
    const enumeration = await statements.prepare(index)
    if (enumeration.statementType !== StatementType.CREATE)
      throw new Fault('SQL_REJECTED', 'The text holds several statements.', { path: 'sql' })
    await enumeration.run()
    enumeration.destroySync()
  }
  return statements.prepare(statements.count - 1)
}

const dropEnumerations = async (connection: DuckDBConnection): Promise<void> => {
  const made = await connection.runAndReadAll("SELECT type_name FROM duckdb_types() WHERE database_name = 'temp' AND NOT internal")
  for (const [name] of made.getRows()) await connection.run(`DROP TYPE temp.main.${quoteName(String(name))}`)
}
