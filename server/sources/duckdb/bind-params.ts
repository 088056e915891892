import { BIGINT, type DuckDBPreparedStatement, VARCHAR } from '@duckdb/node-api'
import type { ParamValue } from '../source.ts'
import { wrongParamCount } from '../wrong-param-count.ts'

/** Binds values to the parameters of a statement. Throws SQL_ERROR when their number differs. */
export const bindParams = (statement: DuckDBPreparedStatement, params: readonly ParamValue[]): void => {
  if (statement.parameterCount !== params.length) throw wrongParamCount(statement.parameterCount, params.length)
  params.forEach((value, index) => {
    const at = index + 1
    if (value === null) statement.bindNull(at)
    else if (typeof value === 'boolean') statement.bindBoolean(at, value)
    else if (typeof value === 'string') statement.bindValue(at, value, VARCHAR)
    else if (Number.isSafeInteger(value)) statement.bindValue(at, BigInt(value), BIGINT)
    else statement.bindDouble(at, value)
  })
}
