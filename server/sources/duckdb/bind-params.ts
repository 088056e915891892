import { BIGINT, type DuckDBPreparedStatement, VARCHAR } from '@duckdb/node-api'
import { Fault } from '../../envelope/fault.ts'
import type { ParamValue } from '../source.ts'

/** Binds values to the parameters of a statement. Throws SQL_ERROR when their number differs. */
export const bindParams = (statement: DuckDBPreparedStatement, params: readonly ParamValue[]): void => {
  if (statement.parameterCount !== params.length)
    throw new Fault('SQL_ERROR', `The statement has ${statement.parameterCount} parameters and ${params.length} values were given.`, {
      path: 'params',
      hint: 'Give one value for each of $1, $2 and so on.',
    })
  params.forEach((value, index) => {
    const at = index + 1
    if (value === null) statement.bindNull(at)
    else if (typeof value === 'boolean') statement.bindBoolean(at, value)
    else if (typeof value === 'string') statement.bindValue(at, value, VARCHAR)
    else if (Number.isSafeInteger(value)) statement.bindValue(at, BigInt(value), BIGINT)
    else statement.bindDouble(at, value)
  })
}
