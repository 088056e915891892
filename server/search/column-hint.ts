import { Fault } from '../envelope/fault.ts'
import { nearestNames } from '../envelope/nearest-name.ts'
import type { RelationName, SourceCatalog } from '../sources/source.ts'

/** Suggestions given on a miss. */
const suggestionCount = 3

/**
 * The fault of a missing column with columns that the statement could read of its tables: those that are near, or all.
 * The name of its table may stand before `missing`.
 */
export const withColumnHint = (
  fault: Fault,
  missing: string,
  relations: readonly RelationName[],
  catalog: SourceCatalog | undefined,
): Fault => {
  const tables = (catalog?.tables ?? []).filter((table) =>
    relations.some(({ schema, name }) => sameName(table.name, name) && (schema === undefined || sameName(table.schema, schema))),
  )
  const names = tables.flatMap(({ columns, unreadColumns }) =>
    columns.map((column) => column.name).filter((name) => unreadColumns?.includes(name) !== true),
  )
  if (names.length === 0) return fault
  const near = nearestNames(missing.slice(missing.lastIndexOf('.') + 1), new Set(names), suggestionCount)
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((name) => `"${name}"`).join(', ')}?`
      : `Columns of ${tables.map((table) => table.name).join(', ')}: ${[...new Set(names)].slice(0, 30).join(', ')}.`
  return new Fault(fault.code, fault.message, { ...fault.details, hint })
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
