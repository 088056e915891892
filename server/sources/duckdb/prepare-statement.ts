import { type DuckDBConnection, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api'
import { Fault } from '../../envelope/fault.ts'
import { countStatements } from '../sql-tokens.ts'
import { readExplained } from './analyze.ts'

const mayPivot = (sql: string): boolean => /pivot/i.test(sql)

/** The statement of a text, which only reads. Throws SQL_REJECTED for any other. */
export const prepareStatement = async (connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> => {
  const statement = await prepare(connection, sql)
  await refuseEffects(connection, statement, sql)
  return statement
}

/**
 * The statement of a text. Preparing refuses a text of several, but for a PIVOT without the values of its columns: before
 * it the engine makes a temporary enumeration of them for each column, which goes with the connection.
 */
const prepare = async (connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> => {
  if (!mayPivot(sql)) return connection.prepare(sql)
  if (countStatements(sql) > 1) throw several()
  const statements = await connection.extractStatements(sql)
  for (let index = 0; index < statements.count - 1; index++) {
    const enumeration = await statements.prepare(index)
    if (enumeration.statementType !== StatementType.CREATE) throw several()
    await enumeration.run()
    enumeration.destroySync()
  }
  return statements.prepare(statements.count - 1)
}

const several = (): Fault => new Fault('SQL_REJECTED', 'The text holds several statements.', { path: 'sql' })

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
