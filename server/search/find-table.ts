import { Fault } from '../envelope/fault.ts'
import { nearestName, nearestNames } from '../envelope/nearest-name.ts'
import type { CatalogTable, SourceCatalog } from '../sources/source.ts'

/** Suggestions given on a miss. */
const suggestionCount = 5

/**
 * The table that a name means: exact before case-insensitive, the default schema before others. `name` may be
 * "schema.table". Undefined when there is none; throws VALIDATION_ERROR when several schemas have it.
 */
export const findTable = (
  catalog: SourceCatalog,
  name: string,
  schema: string | undefined,
  defaultSchema: string,
): CatalogTable | undefined => {
  const whole = matching(catalog, name, schema)
  const dot = name.indexOf('.')
  const found = whole.length > 0 || schema !== undefined || dot < 1 ? whole : matching(catalog, name.slice(dot + 1), name.slice(0, dot))
  if (found.length <= 1) return found[0]
  const exact = found.filter((table) => table.name === name || `${table.schema}.${table.name}` === name)
  const candidates = exact.length > 0 ? exact : found
  const preferred = candidates.find((table) => table.schema === defaultSchema)
  if (preferred !== undefined || candidates.length === 1) return preferred ?? candidates[0]
  throw new Fault('VALIDATION_ERROR', `The table "${name}" is in several schemas.`, {
    path: 'schema',
    hint: `Give one of: ${candidates.map((table) => table.schema).join(', ')}.`,
  })
}

const matching = (catalog: SourceCatalog, name: string, schema: string | undefined): CatalogTable[] => {
  const wantedName = name.toLowerCase()
  const wantedSchema = schema?.toLowerCase()
  return catalog.tables.filter(
    (table) => table.name.toLowerCase() === wantedName && (wantedSchema === undefined || table.schema.toLowerCase() === wantedSchema),
  )
}

/** TABLE_NOT_FOUND with up to five near names. */
export const tableNotFound = (catalog: SourceCatalog, name: string, path: string): Fault => {
  const bare = name.slice(name.lastIndexOf('.') + 1)
  const near = nearestNames(bare, new Set(catalog.tables.map((table) => table.name)), suggestionCount)
  return new Fault('TABLE_NOT_FOUND', `No table is named "${name.slice(0, 200)}".`, {
    path,
    hint: catalog.unread?.some(({ table }) => table?.toLowerCase() === bare.toLowerCase())
      ? 'Its file cannot be read; the operator sees why with `dft doctor`.'
      : near.length > 0
        ? `Did you mean ${near.map((found) => `"${found}"`).join(', ')}?`
        : 'Call list_tables or catalog to see what there is.',
  })
}

/** The schema as it is spelt in the source. Throws VALIDATION_ERROR at `schema` when there is none. */
export const requireSchema = (schemas: readonly string[], name: string): string => {
  const found = schemas.find((schema) => schema === name) ?? schemas.find((schema) => schema.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const near = nearestName(name, schemas)
  throw new Fault('VALIDATION_ERROR', `The source has no schema "${name}".`, {
    path: 'schema',
    hint: near === undefined ? `Schemas: ${schemas.slice(0, 20).join(', ') || 'none'}.` : `Did you mean "${near}"?`,
  })
}
