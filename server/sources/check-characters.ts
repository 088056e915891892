import { Fault } from '../envelope/fault.ts'
import { positionAt } from '../envelope/text-position.ts'

/** C0 controls but tab, LF and CR; DEL; byte order marks; lone surrogates. Parsers disagree on them, so none gets any. */
const refused =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** Throws SQL_ERROR at the first character that no SQL text needs and that parsers read differently. */
export const checkCharacters = (sql: string): void => {
  const found = refused.exec(sql)
  if (found === null) return
  const code = (found[0].codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')
  throw new Fault('SQL_ERROR', `The character U+${code} is not allowed in SQL.`, {
    path: 'sql',
    position: positionAt(sql, found.index),
    hint: 'Remove it, or write it as an escape inside a string.',
  })
}
