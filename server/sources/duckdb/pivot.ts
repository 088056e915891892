/**
 * PIVOT without the values of its columns. The engine parses it into statements that first make an enumeration of the
 * values, so it gives no tree of the whole. For judging only, each such column is put in the place of a value that is
 * given: `ON a` becomes `ON (a) IN (NULL)`. Every word of the text stays where it can be judged, and the text that runs is
 * the caller's own.
 */
import { type Token, tokensOf } from '../sql-tokens.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))
const opening = words('( [ { case')
const closing = words(') ] } end')
const pivots = words('pivot pivot_wider')
const afterPivot = words('group order limit offset union except intersect ; pivot pivot_wider')

/** A text with more is not judged. */
const mostPivots = 20

/** The text with every PIVOT given a value, for judging; undefined when there is none to give one to. */
export const withPivotValues = (sql: string): string | undefined => {
  const tokens = /pivot/i.test(sql) ? tokensOf(sql) : undefined
  if (tokens === undefined) return undefined
  const starts = [...tokens.keys()].filter((index) => pivots.has(tokens[index]?.text ?? ''))
  const columns = starts.length > mostPivots ? [] : starts.flatMap((index) => openColumns(tokens, index))
  if (columns.length === 0) return undefined
  columns.sort(([a], [b]) => a.start - b.start)
  const parts: string[] = []
  let at = 0
  for (const [first, last] of columns) {
    parts.push(sql.slice(at, first.start), '(', sql.slice(first.start, last.end), ') IN (NULL)')
    at = last.end
  }
  return parts.join('') + sql.slice(at)
}

/** The columns, each as its first and last token, after the last ON of the PIVOT at `index` that are given no list of values. */
const openColumns = (tokens: readonly Token[], index: number): [Token, Token][] => {
  const level = levelFrom(tokens, index + 1, afterPivot)
  const on = level.findLastIndex(({ text }) => text === 'on')
  if (on === -1) return []
  const using = level.findIndex(({ text }, at) => at > on && text === 'using')
  const columns: Token[][] = [[]]
  for (const token of level.slice(on + 1, using === -1 ? undefined : using))
    if (token.text === ',') columns.push([])
    else columns.at(-1)?.push(token)
  return columns.flatMap((column): [Token, Token][] => {
    const [first, last] = [column[0], column.at(-1)]
    return first === undefined || last === undefined || column.some(({ text }) => text === 'in') ? [] : [[first, last]]
  })
}

/** The tokens from there that stand in no brackets, each bracketed part by its first and last, until its end or a word of `until`. */
const levelFrom = (tokens: readonly Token[], from: number, until: ReadonlySet<string>): Token[] => {
  const level: Token[] = []
  let depth = 0
  for (let index = from; index < tokens.length; index++) {
    const token = tokens[index] as Token
    if (closing.has(token.text) && --depth < 0) break
    if (depth === 0 && until.has(token.text)) break
    if (depth === 0) level.push(token)
    if (opening.has(token.text)) depth++
  }
  return level
}
