/** A word, literal or mark of a text. */
export interface Token {
  readonly start: number
  readonly end: number
  /** Of a plain word in lower case, or of a bracket, comma or semicolon; empty for the rest. */
  readonly text: string
}

/** A string with escapes goes on after a line break, escapes and all; parts of another may as well be two strings. */
const blankOrToken =
  /(?<blank>\s+|--[^\n\r]*)|[eE]'(?:[^'\\]|\\[\s\S]|'')*'(?:(?:[ \t\f\v]|--[^\n\r]*(?=[\n\r]))*[\n\r](?:\s|--[^\n\r]*[\n\r])*'(?:[^'\\]|\\[\s\S]|'')*')*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$[\s\S]*?\$\k<tag>\$|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|\d[\w.]*|(?<mark>[()[\]{},;])|[\s\S]/uy

/** The first tokens of a text, or undefined when a comment does not end. */
export const tokensOf = (sql: string, most = Number.POSITIVE_INFINITY): Token[] | undefined => {
  const tokens: Token[] = []
  let at = 0
  while (at < sql.length && tokens.length < most) {
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
const endOfComment = (sql: string, from: number): number => {
  const marks = /\/\*|\*\//g
  marks.lastIndex = from
  let depth = 0
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return -1
}

/** The place after the spaces and comments that begin at `from`. */
export const skipBlanks = (sql: string, from: number): number => {
  const blank = /(?:\s|--[^\n\r]*)*/y
  for (let at = from; ; ) {
    blank.lastIndex = at
    blank.test(sql)
    at = Math.max(at, blank.lastIndex)
    const end = sql.startsWith('/*', at) ? endOfComment(sql, at) : -1
    if (end === -1) return at
    at = end
  }
}

/** Whether a text holds no statement. */
export const isBlank = (sql: string): boolean => {
  let at = skipBlanks(sql, 0)
  while (sql[at] === ';') at = skipBlanks(sql, at + 1)
  return at === sql.length
}

/** The parser needs time that grows faster than the text; no query that is read by people or written by tools has so many. */
const mostTokens = 40_000

/** The lexer looks at the whole rest of the text again at each comment. */
const mostCommentWork = 10_000_000

/** Whether a text would keep the parser busy for longer than any query is worth. */
export const isTooLarge = (sql: string): boolean =>
  (sql.length > mostTokens && (tokensOf(sql, mostTokens + 1) ?? []).length > mostTokens) ||
  (sql.split('/*').length - 1) * sql.length > mostCommentWork

/** Where each statement of a text begins; none in one whose comment does not end. */
const startsOf = (sql: string): number[] => {
  const tokens = tokensOf(sql) ?? []
  return tokens.filter(({ text }, index) => text !== ';' && (index === 0 || tokens[index - 1]?.text === ';')).map(({ start }) => start)
}

/** Statements in a text, told to the caller. */
export const countStatements = (sql: string): number => startsOf(sql).length

/** Where the statement with this index, from 0, begins; the start of the text when it holds none such. */
export const startOfStatement = (sql: string, index = 0): number => startsOf(sql)[index] ?? 0

/** The numbers n of the parameters $n of a text. */
const parametersOf = (sql: string): number[] => {
  const tokens = tokensOf(sql) ?? []
  return tokens.flatMap(({ start, end }, index) => {
    const before = tokens[index - 1]
    return before?.end === start && sql.slice(before.start, start) === '$' ? [Number.parseInt(sql.slice(start, end), 10) || 0] : []
  })
}

/** The highest n of the parameters $n of a text; 0 when it has none. */
export const highestParameter = (sql: string): number => parametersOf(sql).reduce((most, number) => Math.max(most, number), 0)

/** The first n that is no parameter $n of a text with higher ones; undefined when there is none. */
export const skippedParameter = (sql: string): number | undefined => {
  const numbers = new Set(parametersOf(sql))
  let first = 1
  while (numbers.has(first)) first++
  return [...numbers].some((number) => number > first) ? first : undefined
}
