import { Refusal } from './template-fault.ts'

/** Stands in a draft where a value or a fragment comes. No SQL has the character; it is refused in the text of templates. */
export const hole = '\u0000'

export interface SqlToken {
  readonly kind: 'space' | 'comment' | 'word' | 'quotedName' | 'string' | 'number' | 'param' | 'hole' | 'symbol'
  readonly start: number
  readonly end: number
  /** Of a string: how it is quoted, and where its body stands. */
  readonly quoting?: { readonly style: QuoteStyle; readonly start: number; readonly end: number }
}

/** `'…'`, `E'…'`, `U&'…'`, `$tag$…$tag$`, and `B'…'` or `X'…'`. */
export type QuoteStyle = 'plain' | 'escape' | 'unicode' | 'dollar' | 'bits'

/** Where a text of SQL goes wrong. */
export class UnreadableSql extends Refusal {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

const space = /\s+/y
const lineComment = /--[^\n\r]*/y
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const number = /\d[\w.]*/y
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const param = /\$\w+/y
const prefixes: ReadonlyMap<string, QuoteStyle> = new Map([
  ['e', 'escape'],
  ['b', 'bits'],
  ['x', 'bits'],
  ['n', 'plain'],
])

/**
 * Cuts SQL into words as both databases do. Which quotes are open decides how a hole becomes a parameter; were it wrong,
 * the statement would fail, since no value is ever put into the text. Throws a refusal for a quote or comment without end.
 */
export const readSqlTokens = (sql: string): SqlToken[] => {
  const tokens: SqlToken[] = []
  let at = 0
  const match = (pattern: RegExp): number | undefined => {
    pattern.lastIndex = at
    return pattern.test(sql) ? pattern.lastIndex : undefined
  }
  const add = (kind: SqlToken['kind'], end: number): void => {
    tokens.push({ kind, start: at, end })
    at = end
  }
  const addString = (style: QuoteStyle, bodyStart: number, bodyEnd: number, end: number): void => {
    tokens.push({ kind: 'string', start: at, end, quoting: { style, start: bodyStart, end: bodyEnd } })
    at = end
  }
  while (at < sql.length) {
    const char = sql[at] as string
    if (char === hole) {
      add('hole', at + 1)
      continue
    }
    const plainEnd = match(space) ?? undefined
    if (plainEnd !== undefined) {
      add('space', plainEnd)
      continue
    }
    const lineEnd = match(lineComment)
    if (lineEnd !== undefined) {
      add('comment', lineEnd)
      continue
    }
    if (sql.startsWith('/*', at)) {
      add('comment', endOfComment(sql, at))
      continue
    }
    if (char === "'") {
      const end = endOfQuotes(sql, at, "'", false)
      addString('plain', at + 1, end - 1, end)
      continue
    }
    if (char === '"') {
      add('quotedName', endOfQuotes(sql, at, '"', false))
      continue
    }
    const unicode = /^[uU]&(['"])/.exec(sql.slice(at, at + 3))?.[1]
    if (unicode !== undefined) {
      const end = endOfQuotes(sql, at + 2, unicode, false)
      if (unicode === '"') add('quotedName', end)
      else addString('unicode', at + 3, end - 1, end)
      continue
    }
    const wordEnd = match(word)
    if (wordEnd !== undefined) {
      const style = sql[wordEnd] === "'" ? prefixes.get(sql.slice(at, wordEnd).toLowerCase()) : undefined
      if (style === undefined) add('word', wordEnd)
      else {
        const end = endOfQuotes(sql, wordEnd, "'", style === 'escape')
        addString(style, wordEnd + 1, end - 1, end)
      }
      continue
    }
    const numberEnd = match(number)
    if (numberEnd !== undefined) {
      add('number', numberEnd)
      continue
    }
    const tagEnd = match(dollarTag)
    if (tagEnd !== undefined) {
      const tag = sql.slice(at, tagEnd)
      const close = sql.indexOf(tag, tagEnd)
      if (close === -1) throw new UnreadableSql(`The text that ${tag} begins has no end.`, at)
      addString('dollar', tagEnd, close, close + tag.length)
      continue
    }
    const paramEnd = match(param)
    if (paramEnd !== undefined) {
      add('param', paramEnd)
      continue
    }
    add('symbol', sql.startsWith('::', at) ? at + 2 : at + 1)
  }
  return tokens
}

/** Comments stand within each other in both databases. */
const endOfComment = (sql: string, start: number): number => {
  let depth = 0
  for (let at = start; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) {
      depth++
      at++
    } else if (sql.startsWith('*/', at)) {
      depth--
      at++
      if (depth === 0) return at + 1
    }
  }
  throw new UnreadableSql('A comment has no end.', start)
}

/** Behind the closing quote; a quote that is doubled closes nothing. */
const endOfQuotes = (sql: string, start: number, quote: string, hasEscapes: boolean): number => {
  for (let at = start + 1; at < sql.length; at++) {
    if (hasEscapes && sql[at] === '\\') at++
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1
      at++
    }
  }
  throw new UnreadableSql(quote === '"' ? 'A quoted name has no end.' : 'A text in quotes has no end.', start)
}
