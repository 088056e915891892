/**
 * PIVOT without the values of its columns. The engine parses it into statements that first make an enumeration of the
 * values, so it gives no tree of the whole. For judging only, each such column is put in the place of a value that is
 * given: `ON a` becomes `ON (a) IN (NULL)`. Every word of the text stays where it can be judged, and the text that runs is
 * the caller's own.
 */

interface Token {
  readonly start: number
  readonly end: number
  /** Of a plain word in lower case, or of a bracket, comma or semicolon; empty for the rest. */
  readonly text: string
}

const blankOrToken =
  /(?<blank>\s+|--[^\n]*)|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$[\s\S]*?\$\k<tag>\$|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|\d[\w.]*|(?<mark>[()[\]{},;])|[\s\S]/uy

/** The tokens of a text, or undefined when a comment does not end. */
const tokensOf = (sql: string): Token[] | undefined => {
  const tokens: Token[] = []
  let at = 0
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) {
      at = endOfComment(sql, at)
      if (at === -1) return undefined
      continue
    }
    blankOrToken.lastIndex = at
    const found = blankOrToken.exec(sql) as RegExpExecArray
    const { blank, word, mark } = found.groups as Record<string, string | undefined>
    if (blank === undefined) tokens.push({ start: at, end: at + found[0].length, text: (word ?? mark ?? '').toLowerCase() })
    at += found[0].length
  }
  return tokens
}

/** Where the comment that begins at `from` ends, for they nest; -1 when it does not. */
export const endOfComment = (sql: string, from: number): number => {
  const marks = /\/\*|\*\//g
  marks.lastIndex = from
  let depth = 0
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return -1
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))
const opening = words('( [ { case')
const closing = words(') ] } end')
const pivots = words('pivot pivot_wider')
const afterPivot = words('group order limit offset union except intersect ; pivot pivot_wider')

/** The text with every PIVOT given a value, for judging; undefined when there is none to give one to. */
export const withPivotValues = (sql: string): string | undefined => {
  const tokens = /pivot/i.test(sql) ? tokensOf(sql) : undefined
  if (tokens === undefined) return undefined
  const insertions: { readonly at: number; readonly text: string }[] = []
  tokens.forEach((token, index) => {
    if (pivots.has(token.text))
      for (const [first, last] of openColumns(tokens, index))
        insertions.push({ at: first.start, text: '(' }, { at: last.end, text: ') IN (NULL)' })
  })
  if (insertions.length === 0) return undefined
  insertions.sort((a, b) => b.at - a.at)
  return insertions.reduce((text, { at, text: added }) => text.slice(0, at) + added + text.slice(at), sql)
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
  for (const token of tokens.slice(from)) {
    if (closing.has(token.text) && --depth < 0) break
    if (depth === 0 && until.has(token.text)) break
    if (depth === 0) level.push(token)
    if (opening.has(token.text)) depth++
  }
  return level
}
