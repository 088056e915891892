import { type Token, tokensOf } from './sql-tokens.ts'

const numeric = /^(u?(tiny|small|big|huge)?int(eger|\d)?|decimal|numeric|double|float\d?|real|serial)$/
const temporal = /^(date|time|timetz|timestamp.*|datetime|interval)$/

/** What is cast, or compared, at the place of an error. */
interface Converted {
  /** The text in quotes; undefined for anything but a literal. */
  readonly literal: string | undefined
  /** The type that it is cast to, lower case; undefined without a cast. */
  readonly type: string | undefined
}

/**
 * What to write in place of a literal, or of a cast, that does not convert at this UTF-16 offset. Undefined where dates
 * or times may be meant, or nothing is known.
 */
export const hintOfConversion = (sql: string, offset: number): string | undefined => {
  const { literal, type } = convertedAt(sql, offset)
  if (type !== undefined && temporal.test(type)) return undefined
  if (literal === undefined) return type === undefined ? undefined : 'Leave out the rows whose text is not of that type before you cast.'
  if (type !== undefined)
    return numeric.test(type)
      ? 'The literal is no number of that type. Write a number, as in 1, or leave out the cast.'
      : 'The literal is no value of that type. Write it in the form of the type, or leave out the cast.'
  if (/^\s*\d+[-./]\d+[-./]\d+/.test(literal)) return undefined
  return "The literal is no number, or no value of what it stands beside: write a number as 1, a date as '2026-01-31', or cast the other side to text, as in x::text."
}

/** An engine tells the place of the literal, of the `::` behind it, or of the CAST around it. */
const convertedAt = (sql: string, offset: number): Converted => {
  const tokens = tokensOf(sql) ?? []
  const raw = (token: Token | undefined): string => (token === undefined ? '' : sql.slice(token.start, token.end))
  const found = tokens.findIndex(({ end }) => end > offset)
  const at = raw(tokens[found]) === ':' ? found - 1 : tokens[found]?.text === 'cast' ? found + 2 : found
  const literal = /^'([\s\S]*)'$/.exec(raw(tokens[at]))?.[1]
  const isWithin = tokens[at - 1]?.text === '(' && tokens[at - 2]?.text === 'cast'
  const as = isWithin ? tokens.findIndex(({ text }, index) => index > at && text === 'as') : -1
  const written = raw(tokens[at + 1]) === ':' ? at + 3 : as === -1 ? -1 : as + 1
  const [type = '', next] = [tokens[written]?.text, tokens[written + 1]?.text]
  return { literal, type: type === '' ? undefined : next === '[' ? `${type}[]` : type }
}
