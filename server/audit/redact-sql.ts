import { hash } from 'node:crypto'
import { RecentMap } from '../envelope/recent-map.ts'
import { type Token, tokensOf } from '../sources/sql-tokens.ts'

/** Characters of a statement that are kept. */
const maxLength = 2_000

/** A statement as it is kept: what it asks, without the values it asks for. */
export interface RedactedSql {
  /** The same for statements that differ in values, blanks, comments and letter case alone; 16 hexadecimal digits. */
  readonly fingerprint: string
  /** With `?` for every string and number, and one for a list of them. */
  readonly sql: string
}

/**
 * Takes the values out of a statement, by its words alone, since what is refused may be no SQL. What could be a value is
 * taken for one: a text whose comment or string does not end is left out whole.
 */
export const redactSql = (text: string): RedactedSql =>
  text.length > maxLength ? redact(text) : redacted.getOrMake(text, () => redact(text))

/** Statements come again: those of boards, of programs, and each for its trace and for its record. */
const redacted = new RecentMap<RedactedSql>(500)

const redact = (text: string): RedactedSql => {
  const tokens = tokensOf(text)
  const words = tokens?.map(({ start, end, text: word }) => (word === '' ? withoutValue(text.slice(start, end)) : word))
  const isWhole =
    tokens !== undefined && words !== undefined && !words.some((word) => strayQuote.test(word)) && !hasOpenDollar(text, tokens)
  const sql = isWhole ? words.join(' ').replace(/\?(?: , \?)+/g, '?') : '(not readable)'
  return { fingerprint: hash('sha256', sql).slice(0, 16), sql: sql.slice(0, maxLength) }
}

/** What is left of a quote that has no end, or that people write and SQL does not know, and what would escape one. */
const strayQuote = /^['"\\‘’‚‛“”„‟«»]$/u

/** Strings of every form and numbers are values; a quoted name that looks like none, or has no letter, is one in the wrong quotes. */
const withoutValue = (token: string): string => {
  if (/^(?:[eE]?'.|\$.*\$|\d)/s.test(token)) return '?'
  return token.length > 1 && token.startsWith('"') && !/^"(?=.*\p{L})[\p{L}\p{N}_$ -]{1,63}"$/u.test(token) ? '"?"' : token
}

const openDollar = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy

/** Whether a text has `$$` or `$tag$` where no string begins: it opens one that has no end. */
const hasOpenDollar = (text: string, tokens: readonly Token[]): boolean =>
  tokens.some(({ start, end }) => {
    openDollar.lastIndex = start
    return end - start === 1 && openDollar.test(text)
  })
