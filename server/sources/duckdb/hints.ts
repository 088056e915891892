import { offsetOfByte } from '../../envelope/text-position.ts'
import { argumentsAt } from '../arguments-at.ts'
import { foldName } from '../fold-name.ts'
import { nameAt } from '../name-at.ts'
import { tokensOf } from '../sql-tokens.ts'
import type { EngineError } from './errors.ts'

/** What to write instead of what does not fit its tables, by the kind of the error and what stands at its place. */
export const hintOfBinder = (
  { exception_type, exception_message, error_subtype, name, position, call, candidates }: EngineError,
  sql: string | undefined,
): string | undefined => {
  if (error_subtype === 'MISSING_ENTRY' && windowOnly.test(name ?? '')) return `${name} needs a window: ${name}(...) OVER (ORDER BY ...).`
  if (/^Pivot column limit /.test(exception_message))
    return 'Give a PIVOT fewer values, as in ON column IN (value, ...), or GROUP BY the column.'
  if (/^ORDER BY non-integer literal /.test(exception_message)) return 'A text in single quotes is no column: write it without them.'
  if (exception_type !== 'Binder' || sql === undefined) return undefined
  if (error_subtype === 'NO_MATCHING_FUNCTION') return hintOfCount(name ?? '', call, candidates) ?? hintOfArguments(name ?? '', call)
  if (error_subtype === 'UNSUPPORTED')
    return 'Aggregates are filtered in HAVING and window functions in QUALIFY; what is nested is computed in a subquery.'
  // Of a function that is called of it, no place is told.
  const [, stranger] = (position === undefined && /^Referenced table "([^\n]*)" not found/.exec(exception_message)) || []
  if (stranger !== undefined && !isNamed(sql, stranger)) return hintOfStranger(stranger)
  const written = position === undefined ? undefined : nameAt(sql, offsetOfByte(sql, Number(position)))
  if (error_subtype !== undefined || written === undefined || written.isCall) return undefined
  const [first = '', column] = written.parts
  if (column !== undefined && !isNamed(sql, first)) return hintOfStranger(first)
  const bare = column ?? first
  const grouped = `Add "${bare}" to GROUP BY, or aggregate it, as in any_value(${bare})`
  if (column !== undefined) return `${grouped}.`
  const qualified = 'write the table or its alias before it, as in t.id'
  return /\bgroup\b|\w\s*\(/i.test(sql)
    ? `${grouped}; where several tables have it, ${qualified}.`
    : `Several tables have it: ${qualified}.`
}

/** How many arguments a function takes, when that is not as many as are given. */
const hintOfCount = (name: string, call = '', candidates = ''): string | undefined => {
  const given = argumentsAt(call, 0)
  if (given === undefined || !/^\w+$/.test(name) || candidates.includes('...')) return undefined
  const forms = [...candidates.matchAll(new RegExp(`(?<!\\w)${name}\\(`, 'gi'))].map(({ index }) => argumentsAt(candidates, index))
  const taken = [...new Set(forms)].filter((count) => count !== undefined).sort((a, b) => a - b)
  if (taken.length === 0 || taken.includes(given)) return undefined
  return `${name} takes ${taken.join(' or ')} argument${taken.join() === '1' ? '' : 's'}, and ${given} ${given === 1 ? 'is' : 'are'} given.`
}

/**
 * A `t.*` of a table that has an alias, or is not named at all, of which the engine tells no place. Undefined when every
 * one is of a table or alias.
 */
export const findStrayStar = (sql: string): { readonly hint: string; readonly offset: number } | undefined => {
  if (sql.length > longestText) return undefined
  const tokens = tokensOf(sql) ?? []
  const raw = (index: number): string => sql.slice(tokens[index]?.start ?? 0, tokens[index]?.end ?? 0)
  const nameOf = (index: number): string =>
    foldName(
      raw(index)
        .replace(/^"(.*)"$/s, '$1')
        .replaceAll('""', '"'),
    )
  for (const [index, { start }] of tokens.entries()) {
    if (raw(index + 1) !== '.' || raw(index + 2) !== '*' || raw(index - 1) === '.') continue
    const name = nameOf(index)
    const places = tokens.flatMap((_, at) => (nameOf(at) === name && raw(at + 1) !== '.' ? [at] : []))
    const aliases = places.map((at) => (tokens[at + 1]?.text === 'as' ? at + 2 : at + 1)).filter((at) => isAlias(raw(at)))
    if (places.length === 0) return { hint: hintOfStranger(name), offset: start }
    if (aliases.length === places.length)
      return { hint: `"${name}" has the alias ${raw(aliases[0] as number)} here: write that before the dot.`, offset: start }
  }
  return undefined
}

/** A longer text is not searched: the work grows with its square. */
const longestText = 20_000

/** Words that may follow a table in FROM and are no alias. */
const followsTable =
  /^(where|group|having|order|limit|offset|qualify|window|union|intersect|except|join|inner|left|right|full|cross|natural|asof|positional|semi|anti|on|using|tablesample|pivot|unpivot|select)$/i

const isAlias = (word: string): boolean => /^("|[\p{L}_])/u.test(word) && !followsTable.test(word)

export const hintOfStranger = (name: string): string =>
  `"${name}" is no table or alias of this statement. Name it in FROM or JOIN, or write the alias that it has there.`

/** Functions of windows alone, which the engine does not find elsewhere. */
const windowOnly = /^(row_number|rank|dense_rank|rank_dense|percent_rank|cume_dist|ntile|lag|lead|first_value|last_value|nth_value)$/i

/** The parts of a time that the engine knows, where it was given another. */
export const hintOfUnit = (message: string): string | undefined =>
  /^extract specifier /i.test(message)
    ? 'Units are year, quarter, month, week, day, hour, minute and second; of extract also dow, isodow, doy and epoch.'
    : undefined

/** What to do with a value that is out of the range of what it is given to. */
export const hintOfRange = (message: string): string => {
  if (/^cannot take/i.test(message)) return 'Leave such values out, as in CASE WHEN x > 0 THEN ln(x) END.'
  return /string|width/i.test(message)
    ? 'Compute shorter texts.'
    : 'Cast to a wider type before you compute, as in x::HUGEINT or x::DOUBLE.'
}

const hintOfArguments = (name: string, call = ''): string => {
  if (/^!?~/.test(name)) return 'It takes texts: cast the value before it, as in x::VARCHAR ILIKE $1.'
  if (/^[-+]\((TIMESTAMP|DATE)[^,]*, INTEGER/.test(call)) return 'Write how long, as in x - INTERVAL 7 DAY.'
  return /^\w+$/.test(name)
    ? `Cast the arguments to types that ${name} takes, as in x::DOUBLE, x::VARCHAR or x::TIMESTAMP.`
    : 'Bring both sides to one type by a cast, as in x::VARCHAR, x::INTEGER or $1::DATE.'
}

/** Whether a name stands anywhere but before a dot, as that of a table in FROM does. */
const isNamed = (sql: string, name: string): boolean => {
  const following = sql.toLowerCase().split(name.toLowerCase()).slice(1)
  return !following.every((rest) => /^(?:\w|"?\s*\.)/.test(rest))
}
