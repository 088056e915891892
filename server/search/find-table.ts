import { Fault } from '../envelope/fault.ts'
import { nearestName, nearestNames } from '../envelope/nearest-name.ts'
import type { CatalogTable, SourceCatalog } from '../sources/source.ts'

/** Suggestions given on a miss. */
const suggestionCount = 5

/**
 * The table that a name means: exact before case-insensitive, the default schema before others. `name` may be written as in
 * SQL: "schema.table", with its database before, each part in quotes or not. Undefined when there is none; throws
 * VALIDATION_ERROR when several are meant alike.
 */
export const findTable = (
  catalog: SourceCatalog,
  name: string,
  schema: string | undefined,
  defaultSchema: string,
): CatalogTable | undefined => {
  const written = partsOf(name)
  const [found, wanted] = [{ name, schema }, schema === undefined ? written : { name: written.name, schema }]
    .map((one) => [matching(catalog, one), one] as const)
    .find(([tables]) => tables.length > 0) ?? [[], { name, schema }]
  if (found.length <= 1) return found[0]
  const exact = found.filter((table) => table.name === wanted.name && (wanted.schema === undefined || table.schema === wanted.schema))
  const candidates = exact.length > 0 ? exact : found
  const preferred = candidates.filter((table) => table.schema === defaultSchema)
  const meant = preferred.length > 0 ? preferred : candidates
  if (meant.length === 1) return meant[0]
  const schemas = new Set(meant.map((table) => table.schema))
  if (schemas.size > 1)
    throw new Fault('VALIDATION_ERROR', `The table "${name}" is in several schemas.`, {
      path: 'schema',
      hint: `Give one of: ${[...schemas].join(', ')}.`,
    })
  throw new Fault('VALIDATION_ERROR', `The name "${name}" may mean several tables.`, {
    path: 'table',
    hint: `Give one of: ${meant.map((table) => table.name).join(', ')}.`,
  })
}

interface WrittenTable {
  readonly name: string
  readonly schema: string | undefined
}

/** The parts of a name as SQL has it; a source is one database, so its name says nothing. */
const partsOf = (name: string): WrittenTable => {
  const parts = name.match(/"(?:[^"]|"")*"|[^."]+/g) ?? []
  const plain = parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
  const isName = parts.length <= 3 && parts.join('.') === name
  return isName ? { name: plain.at(-1) ?? name, schema: plain.at(-2) } : { name, schema: undefined }
}

const matching = (catalog: SourceCatalog, { name, schema }: WrittenTable): CatalogTable[] => {
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
      ? 'It cannot be read; the operator sees why with `dft doctor`.'
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
