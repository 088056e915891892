import type { Place } from './sql-places.ts'
import { Refusal } from './template-fault.ts'

/** Words that a value may follow. After any other word it would be a name, an alias, or no SQL at all. */
const beforeValue = new Set(
  (
    'select distinct all where and or not on having when then else case in like ilike glob similar to regexp rlike between symmetric ' +
    'limit offset top escape any some values zone from for fetch first next rows range groups qualify using sample ' +
    'interval div mod overlaps'
  ).split(' '),
)

/** Functions whose arguments FROM divides. */
const dividedByFrom = new Set(['extract', 'substring', 'trim', 'overlay', 'leading', 'trailing', 'both'])

const position = (message: string, hint?: string): Refusal => new Refusal(message, { code: 'TEMPLATE_POSITION', hint })

const variesHint = 'Write each form in SQL, and choose between them with {% if %}.'

const touches = (a: Place | undefined, b: Place | undefined) => a !== undefined && b !== undefined && a.token.end === b.token.start
const isWordlike = (one: Place | undefined) => one !== undefined && !['symbol', 'param'].includes(one.token.kind)

/** Whether what stands at an index touches a word on its left, and on its right. */
export const touchesWords = (places: readonly Place[], index: number): { left: boolean; right: boolean } => {
  const [place, before, after] = [places[index], places[index - 1], places[index + 1]]
  return { left: isWordlike(before) && touches(before, place), right: isWordlike(after) && touches(place, after) }
}

/** Throws a refusal when what stands in braces at an index would be one word with what stands beside it. */
export const checkSeparate = (places: readonly Place[], index: number): void => {
  const { left, right } = touchesWords(places, index)
  if (left || right) throw position('What stands in braces cannot be a part of a name or a number.')
}

/** Throws a refusal when the value, or the literal with values, at an index stands where SQL takes no parameter. */
export const checkPlace = (places: readonly Place[], index: number): void => {
  const refusal = refusalAt(places, index)
  if (refusal !== undefined) throw refusal
}

/** Why SQL takes no parameter at an index; undefined where it does. */
export const refusalAt = (places: readonly Place[], index: number): Refusal | undefined => {
  const place = places[index] as Place
  const [before, after] = [places[index - 1], places[index + 1]]
  if (after?.token.kind === 'symbol' && (after.text === '.' || after.text === '(') && touches(place, after))
    return position('A value cannot be the name of a table, a column or a function.')
  if (after !== undefined && ['hole', 'string', 'number', 'param'].includes(after.token.kind))
    return position('Two values stand side by side.', variesHint)
  if (before === undefined) return undefined
  if (before.token.kind === 'symbol' && (before.text === '.' || before.text === '::'))
    return position('A value cannot be a name or a type.', variesHint)
  if (['string', 'number', 'quotedName', 'hole'].includes(before.token.kind)) return position('Two values stand side by side.', variesHint)
  if (before.token.kind === 'symbol' && (before.text === ')' || before.text === ']'))
    return position('A value cannot stand directly behind a parenthesis.', variesHint)
  if (isOrdering(places, index)) return position('A value in ORDER BY or GROUP BY has no effect: it is no column.', variesHint)
  if (before.token.kind !== 'word') return undefined
  if (before.text === 'from' && !isDivider(places, index - 1)) return position('A value cannot be the name of a table.', variesHint)
  return beforeValue.has(before.text)
    ? undefined
    : position(`A value cannot follow ${before.text.toUpperCase()}: it would be no value there.`, variesHint)
}

/** Whether a value is by itself what rows are ordered or grouped by. */
const isOrdering = (places: readonly Place[], index: number): boolean => {
  const [place, before, after] = [places[index] as Place, places[index - 1] as Place, places[index + 1]]
  if (place.clause !== 'by' || !(before.text === 'by' || before.text === ',')) return false
  return after === undefined || after.token.kind === 'word' || after.text === ',' || after.text === ')' || after.text === ';'
}

/** Whether a FROM divides arguments, or belongs to IS DISTINCT FROM. */
const isDivider = (places: readonly Place[], index: number): boolean => {
  const place = places[index] as Place
  if (places[index - 1]?.text === 'distinct') return true
  return place.opener > 0 && dividedByFrom.has(places[place.opener - 1]?.text ?? '')
}

const oneWordTypes = new Set(
  (
    'date time timetz timestamp timestamptz timestamp_s timestamp_ms timestamp_ns interval int integer bigint smallint tinyint hugeint int2 int4 int8 ' +
    'numeric decimal dec real float float4 float8 double text varchar char character string bool boolean uuid json jsonb bytea blob inet cidr'
  ).split(' '),
)

/** The type that stands before a literal, as in `date '…'`, and the index where it begins; undefined for an ordinary literal. */
export const typeBefore = (places: readonly Place[], index: number): { type: string; start: number } | undefined => {
  const words = (count: number) =>
    places
      .slice(Math.max(0, index - count), index)
      .map(({ text, token }) => (token.kind === 'word' ? text : ''))
      .join(' ')
  const zoned = /^(time|timestamp) (with|without) time zone$/.exec(words(4))?.[0]
  if (zoned !== undefined) return { type: zoned, start: index - 4 }
  if (words(2) === 'double precision') return { type: 'double precision', start: index - 2 }
  const type = words(1)
  const isMember = places[index - 2]?.text === '.'
  return oneWordTypes.has(type) && !isMember ? { type, start: index - 1 } : undefined
}

/** Functions of Postgres that take values of any type, and so cannot tell the type of a parameter. */
const takesAny = new Set(
  'concat concat_ws format json_build_object json_build_array jsonb_build_object jsonb_build_array count num_nulls num_nonnulls pg_typeof to_json to_jsonb'.split(
    ' ',
  ),
)

/** Whether the text at an index stands where Postgres cannot tell its type. */
export const needsType = (places: readonly Place[], index: number): boolean => {
  const place = places[index] as Place
  if (places[index + 1]?.text === 'is') return true
  return place.opener > 0 && takesAny.has(places[place.opener - 1]?.text ?? '')
}
