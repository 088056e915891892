import { BIGINT, type DuckDBPreparedStatement, VARCHAR } from '@duckdb/node-api'
import type { ParamValue } from '../source.ts'
import { skippedParam, wrongParamCount } from '../wrong-param-count.ts'

/** Binds values to the parameters of a statement. Throws SQL_ERROR when their number differs, or they are numbered with a gap. */
export const bindParams = (statement: DuckDBPreparedStatement, params: readonly ParamValue[]): void => {
  for (let at = 1; at <= statement.parameterCount; at++) if (!hasParameter(statement, at)) throw skippedParam(at)
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

const hasParameter = (statement: DuckDBPreparedStatement, at: number): boolean => {
  try {
    statement.parameterName(at)
    return true
  } catch {
    return false
  }
}
