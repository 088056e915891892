import { Fault } from '../envelope/fault.ts'
import { nearestNames } from '../envelope/nearest-name.ts'
import type { CatalogTable, RelationName, SourceCatalog } from '../sources/source.ts'

/** Suggestions given on a miss. */
const suggestionCount = 3

/**
 * The fault of a missing column with columns that the statement could read of its tables: those that are near, or all. The
 * name of its table may stand before `missing`; how the text writes it may tell that something else was meant.
 */
export const withColumnHint = (
  fault: Fault,
  missing: string,
  sql: string,
  relations: readonly RelationName[],
  catalog: SourceCatalog | undefined,
): Fault => {
  const hint = hintOf(missing, howWritten(sql, fault.details.position?.offset), relations, catalog)
  return hint === undefined ? fault : new Fault(fault.code, fault.message, { ...fault.details, hint })
}

const hintOf = (
  missing: string,
  written: string | undefined,
  relations: readonly RelationName[],
  catalog: SourceCatalog | undefined,
): string | undefined => {
  const tables = (catalog?.tables ?? []).filter((table) =>
    relations.some(({ schema, name }) => sameName(table.name, name) && (schema === undefined || sameName(table.schema, schema))),
  )
  const readable = ({ columns, unreadColumns }: CatalogTable): string[] =>
    columns.map((column) => column.name).filter((name) => unreadColumns?.includes(name) !== true)
  const names = [...new Set(tables.flatMap(readable))]
  const bare = missing.slice(missing.lastIndexOf('.') + 1)
  const owner = tables.find((table) => readable(table).includes(bare))
  if (owner !== undefined) return `${owner.name} has it: write the alias of that table before it, or nothing, where it is in sight.`
  const near = nearestNames(bare, names, suggestionCount)
  if (near.length > 0)
    return `Did you mean ${near.map((name) => `"${name}"`).join(', ')}?${near.every(isPlain) ? '' : ' Write the double quotes too.'}`
  const all =
    names.length === 0 ? undefined : `Columns of ${tables.map((table) => table.name).join(', ')}: ${names.slice(0, 30).join(', ')}.`
  return [written, all].filter((part) => part !== undefined).join(' ') || undefined
}

/** What a name is likely meant as, by how it is written: a parameter, or a text. */
const howWritten = (sql: string, offset: number | undefined): string | undefined => {
  if (offset === undefined) return undefined
  if (sql[offset - 1] === '@') return 'Write parameters as $1, $2 and give their values in order in params.'
  return sql[offset] === '"' ? 'Double quotes are for names; write a text in single quotes.' : undefined
}

/** Whether both databases take a name without quotes for what it is. */
const isPlain = (name: string): boolean => /^[a-z_][a-z0-9_]*$/.test(name)

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
