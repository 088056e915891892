import { offsetOfByte, positionAt } from '../envelope/text-position.ts'
import { isThere } from '../sources/basis.ts'
import { hintOfStranger } from '../sources/duckdb/hints.ts'
import { sameName } from '../sources/fold-name.ts'
import type { CatalogTable, ColumnUse, Dialect, RelationName, SourceCatalog, SourceFunction } from '../sources/source.ts'
import { duckdbFunctions, duckdbTableFunctions, duckdbTypes } from './duckdb-allowed.ts'
import { postgresCalled, postgresFunctions, postgresSettings, postgresTypes } from './postgres-allowed.ts'

/** What a dialect allows by name, and where its own names live. */
export interface Allowed {
  readonly functions: Pick<ReadonlySet<string>, 'has'>
  /** Those that are no fields: the walk has to see where they stand. */
  readonly onlyCalled: ReadonlySet<string>
  /** Those of the functions that people write, for suggestions. */
  readonly suggested: Iterable<string>
  readonly tableFunctions: Pick<ReadonlySet<string>, 'has'>
  readonly types: ReadonlySet<string>
  readonly settings: ReadonlySet<string>
  readonly ownSchemas: ReadonlySet<string>
  /** Quoted names compare exactly. */
  readonly sameName: (a: string, b: string) => boolean
  /** Functions and types are told apart by schema and search path; elsewhere every one of a name may be meant. */
  readonly tellsSchemas: boolean
  /** The engine's own types are found before those of the database. */
  readonly ownTypesFirst: boolean
  /** What the source says of a column that does not exist. */
  readonly missingColumn: (use: ColumnUse) => string
  /** What it says of a name before a dot that may be a column, and is nothing. */
  readonly missingQualifier?: (name: string) => { readonly message: string; readonly hint: string }
}

export const allowedIn: Readonly<Record<Dialect, Allowed>> = {
  postgres: {
    functions: postgresFunctions,
    onlyCalled: new Set(['pg_typeof']),
    suggested: postgresCalled,
    tableFunctions: postgresFunctions,
    types: postgresTypes,
    settings: postgresSettings,
    ownSchemas: new Set(['pg_catalog']),
    sameName: (a, b) => a === b,
    tellsSchemas: true,
    ownTypesFirst: true,
    missingColumn: ({ column, qualifier, joins }) =>
      joins !== undefined
        ? `Column "${column}" specified in USING clause does not exist in ${joins} table.`
        : qualifier === undefined
          ? `Column "${column}" does not exist.`
          : `Column ${qualifier}.${column} does not exist.`,
  },
  duckdb: {
    functions: duckdbFunctions,
    onlyCalled: new Set(),
    suggested: duckdbFunctions,
    tableFunctions: duckdbTableFunctions,
    types: duckdbTypes,
    settings: new Set(),
    ownSchemas: new Set(['main', 'pg_catalog', 'system']),
    sameName,
    tellsSchemas: false,
    ownTypesFirst: false,
    missingColumn: ({ column }) => `Column "${column}" does not exist.`,
    missingQualifier: (name) => ({ message: `Referenced table "${name}" not found!`, hint: hintOfStranger(name) }),
  },
}

/** What a statement is judged with. */
export interface Judging {
  readonly sql: string
  readonly dialect: Dialect
  /** What callers may see; undefined when the statement names nothing of the database. */
  readonly catalog: SourceCatalog | undefined
  /** The functions whose own code is being judged, the outermost first. */
  readonly within?: readonly SourceFunction[]
}

/** Refuses the statement, at the place of what is named. */
export type Reject = (used: { position?: number }, message: string, hint: string) => never

/** The table that a name means, if callers may see it. */
export const findRelation = (
  relation: RelationName,
  { sameName }: Allowed,
  catalog: SourceCatalog | undefined,
): CatalogTable | undefined => {
  const { schema, name, database } = relation
  if (database !== undefined && database !== catalog?.objects.database) return undefined
  const named = catalog?.tables.filter((table) => sameName(table.name, name)) ?? []
  if (schema !== undefined) return named.find((table) => sameName(table.schema, schema))
  for (const searched of catalog?.objects.searchPath ?? []) {
    const found = named.find((table) => sameName(table.schema, searched))
    if (found !== undefined) return found
    // One that is hidden is found all the same.
    if (catalog !== undefined && isThere(catalog, { schema: searched, name })) return undefined
  }
  return undefined
}

/** The place of an offset in UTF-8 bytes. */
export const positionOf = (sql: string, bytes: number) => positionAt(sql, offsetOfByte(sql, bytes))
