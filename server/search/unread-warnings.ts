import type { Warning } from '../../contracts/v1/envelope.ts'
import type { SourceCatalog } from '../sources/source.ts'

/** Tables named in a warning. */
const namedTables = 20

/** Warnings for what a source declares and the answer lacks, since it could not be read. Names tables, never files. */
export const unreadWarnings = (source: string, { unread = [] }: SourceCatalog): Warning[] => {
  const tables = unread.flatMap(({ table }) => (table === undefined ? [] : [table]))
  const warnings: Warning[] = []
  if (tables.length > 0) {
    const names = tables.slice(0, namedTables).map((name) => `"${name}"`)
    const rest = tables.length - names.length
    const list = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
    warnings.push({
      code: 'TABLES_UNREADABLE',
      message:
        tables.length === 1
          ? `The table ${list} of the source "${source}" is left out: it cannot be read. The operator sees why with \`dft doctor\`.`
          : `The tables ${list} of the source "${source}" are left out: they cannot be read. The operator sees why with \`dft doctor\`.`,
    })
  }
  if (tables.length < unread.length)
    warnings.push({
      code: 'DESCRIPTIONS_UNREADABLE',
      message: `The data package of the source "${source}" cannot be read, so its descriptions are missing. The operator sees why with \`dft doctor\`.`,
    })
  return warnings
}
