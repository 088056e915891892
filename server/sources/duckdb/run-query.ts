import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
  StatementType,
} from '@duckdb/node-api'
import type { Column } from '../../../contracts/v1/values.ts'
import { Fault } from '../../envelope/fault.ts'
import { checkEstimate, isGated } from '../check-estimate.ts'
import { RowWriter, type WrittenRows } from '../row-writer.ts'
import { readExplained } from './analyze.ts'
import { bindParams } from './bind-params.ts'
import { faultOfDuckdb } from './errors.ts'
import { estimateDuckdb } from './estimate.ts'
import { fetchRows } from './fetch-rows.ts'
import type { ChildQuery } from './messages.ts'
import { canonicalOf, cuttingEncoderOf, nullable, typeName, type ValueEncoder } from './values.ts'

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
    await refuseEffects(connection, statement, sql)
    bindParams(statement, params)
    if (isGated(limits)) checkEstimate(await estimateDuckdb(connection, sql, params), limits)
    const result = await statement.stream()
    const types = result.columnTypes()
    const columns = result.columnNames().map((name, index): Column => {
      const type = types[index] as DuckDBType
      return { name, type: canonicalOf(type), database_type: typeName(type) }
    })
    const writer = new RowWriter(format, columns, limits)
    const encoders = types.map((type) => nullable(cuttingEncoderOf(type, limits.maxCellBytes, (...text) => writer.cut(...text))))
    let skip = offset
    reading: for (let chunk = await fetchRows(result); chunk !== undefined; chunk = await fetchRows(result)) {
      const { rowCount } = chunk
      if (skip >= rowCount) {
        skip -= rowCount
        continue
      }
      const vectors = encoders.map((_, column) => chunk.getColumnVector(column))
      for (let row = skip; row < rowCount; row++) {
        const cells = new Array<string>(encoders.length)
        // Value by value: what is not sent is not read, however long it is.
        for (let column = 0; column < encoders.length; column++)
          cells[column] = (encoders[column] as ValueEncoder)((vectors[column] as DuckDBVector).getItem(row) as DuckDBValue)
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

const mayPivot = (sql: string): boolean => /pivot/i.test(sql)

/**
 * The statement of a text. Preparing refuses a text of several, but for a PIVOT without the values of its columns: before
 * it the engine makes a temporary enumeration of them for each column, which goes with the connection.
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

/**
 * Runs nothing but reads, whatever the guard let through: a read-only engine still takes statements that set variables,
 * make temporary objects, and write files that it may read.
 */
const refuseEffects = async (connection: DuckDBConnection, { statementType }: DuckDBPreparedStatement, sql: string): Promise<void> => {
  if (statementType === StatementType.SELECT) return
  if (statementType === StatementType.EXPLAIN && (await readExplained(connection, sql)) !== undefined) return
  throw new Fault('SQL_REJECTED', 'The engine refused the statement: it is not a read.', {
    path: 'sql',
    hint: 'Only SELECT, VALUES, TABLE, WITH, DESCRIBE, SHOW and EXPLAIN of these are served.',
  })
}
