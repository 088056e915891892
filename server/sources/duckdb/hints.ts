import { offsetOfByte } from '../../envelope/text-position.ts'
import { nameAt } from '../name-at.ts'
import type { EngineError } from './errors.ts'

/** What to write instead of what does not fit its tables, by the kind of the error and what stands at its place. */
export const hintOfBinder = (
  { exception_type, error_subtype, name, position }: EngineError,
  sql: string | undefined,
): string | undefined => {
  if (exception_type !== 'Binder' || sql === undefined) return undefined
  if (error_subtype === 'NO_MATCHING_FUNCTION') return hintOfArguments(name ?? '')
  if (error_subtype === 'UNSUPPORTED')
    return 'Aggregates are filtered in HAVING and window functions in QUALIFY; what is nested is computed in a subquery.'
  const written = position === undefined ? undefined : nameAt(sql, offsetOfByte(sql, Number(position)))
  if (error_subtype !== undefined || written === undefined || written.isCall) return undefined
  const [first = '', column] = written.parts
  if (column !== undefined && !isNamed(sql, first))
    return `"${first}" is no table or alias of this statement. Name it in FROM or JOIN, or write the alias that it has there.`
  const bare = column ?? first
  const grouped = `Add "${bare}" to GROUP BY, or aggregate it, as in any_value(${bare})`
  if (column !== undefined) return `${grouped}.`
  const qualified = 'write the table or its alias before it, as in t.id'
  return /\bgroup\b|\w\s*\(/i.test(sql)
    ? `${grouped}; where several tables have it, ${qualified}.`
    : `Several tables have it: ${qualified}.`
}

const hintOfArguments = (name: string): string => {
  if (/^!?~/.test(name)) return 'It takes texts: cast the value before it, as in x::VARCHAR ILIKE $1.'
  return /^\w+$/.test(name)
    ? `Cast the arguments to types that ${name} takes, as in x::DOUBLE, x::VARCHAR or x::TIMESTAMP.`
    : 'Bring both sides to one type by a cast, as in x::VARCHAR, x::INTEGER or $1::DATE.'
}

/** Whether a name stands anywhere but before a dot, as that of a table in FROM does. */
const isNamed = (sql: string, name: string): boolean => {
  const following = sql.toLowerCase().split(name.toLowerCase()).slice(1)
  return !following.every((rest) => /^(?:\w|"?\s*\.)/.test(rest))
}
