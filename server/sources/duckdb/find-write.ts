import { type Token, tokensOf } from '../sql-tokens.ts'

/** A part of a statement that would write. */
interface FoundWrite {
  /** As for a statement of Postgres, whose grammar takes it. */
  readonly write: string
  /** UTF-16 offset in the text. */
  readonly offset: number
}

/**
 * The part that writes of a query that this engine's grammar does not take, and that of Postgres does: a statement in WITH,
 * INTO, or a row lock. Undefined when there is none, or the text begins as no query does.
 */
export const findWrite = (sql: string): FoundWrite | undefined => {
  const tokens = tokensOf(sql) ?? []
  const first = tokens.find(({ text }) => text !== '(' && text !== ';')
  if (first === undefined || !/^(select|with|from|explain)$/.test(first.text)) return undefined
  for (const [index, { start, text }] of tokens.entries()) {
    const write = writeAt(tokens, index, text)
    if (write !== undefined) return { write, offset: start }
  }
  return undefined
}

const writeAt = (tokens: readonly Token[], index: number, text: string): string | undefined => {
  const word = (offset: number): string => tokens[index + offset]?.text ?? ''
  if (/^(insert|update|delete|merge)$/.test(text) && word(-1) === '(' && /^(as|materialized)$/.test(word(-2)))
    return `${text.toUpperCase()} statement`
  if (text === 'into' && !/^(insert|merge)$/.test(word(-1))) return 'SELECT INTO'
  const isLock = text === 'for' && /^(update|share|no key update|key share)\b/.test([1, 2, 3].map(word).join(' '))
  return isLock ? 'a row lock (FOR UPDATE or FOR SHARE)' : undefined
}
