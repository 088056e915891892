/** A name as a statement writes it at some place. */
export interface WrittenName {
  /** Its parts, unquoted: `t.a` has two. */
  readonly parts: readonly string[]
  /** An opening parenthesis follows. */
  readonly isCall: boolean
}

const name = /(?:"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*))*/uy
const part = /"((?:[^"]|"")*)"|[^\s."]+/g

/** The name that stands at a UTF-16 offset of a text; undefined when there is none. */
export const nameAt = (sql: string, offset: number): WrittenName | undefined => {
  name.lastIndex = offset
  const found = name.exec(sql)
  if (found === null) return undefined
  const parts = [...found[0].matchAll(part)].map(([whole, quoted]) => quoted?.replaceAll('""', '"') ?? whole)
  return { parts, isCall: /^\s*\(/.test(sql.slice(offset + found[0].length)) }
}
