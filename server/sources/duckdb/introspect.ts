import { createHash } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { CatalogColumn, CatalogForeignKey, CatalogTable, RelationName, SourceCatalog, SourceObjects } from '../source.ts'
import { parseSelect } from './analyze.ts'
import type { Database } from './database.ts'
import type { FileTable, Resource } from './files.ts'
import type { ChildConfig } from './messages.ts'
import { readTree } from './read-tree.ts'
import { canonicalOfName } from './values.ts'

const tablesQuery = `
SELECT database_name, schema_name, table_name, 'table' AS kind, comment, estimated_size FROM duckdb_tables() WHERE NOT internal
UNION ALL
SELECT database_name, schema_name, view_name, 'view', comment, NULL FROM duckdb_views() WHERE NOT internal
ORDER BY 2, 3`

const columnsQuery = `
SELECT database_name, schema_name, table_name, column_name, data_type, is_nullable, column_default, comment
FROM duckdb_columns() WHERE NOT internal ORDER BY 1, 2, 3, column_index`

const keysQuery = `
SELECT database_name, schema_name, table_name, constraint_type AS kind, constraint_name AS name, constraint_column_names AS columns, referenced_table, referenced_column_names, NULL AS is_unique
FROM duckdb_constraints() WHERE constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')
UNION ALL
SELECT database_name, schema_name, table_name, 'INDEX', index_name, [expressions], NULL, NULL, is_unique FROM duckdb_indexes()
ORDER BY 1, 2, 3, 5`

const viewsQuery = 'SELECT schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal'
const macrosQuery = 'SELECT DISTINCT schema_name, function_name AS name FROM duckdb_functions() WHERE NOT internal'
const typesQuery = 'SELECT DISTINCT schema_name, type_name AS name FROM duckdb_types() WHERE NOT internal'

type Row = Readonly<Record<string, unknown>>

/** Reads the metadata in three queries, whatever the number of tables. */
export const introspectDuckdb = async (connection: DuckDBConnection, database: Database, config: ChildConfig): Promise<SourceCatalog> => {
  const ask = async (sql: string): Promise<Row[]> => (await connection.runAndReadAll(sql)).getRowObjectsJson() as Row[]
  const [tables, columns, keys] = [await ask(tablesQuery), await ask(columnsQuery), await ask(keysQuery)]
  const objects = await readObjects(connection, database, config, ask)
  const of = (rows: readonly Row[]): Map<string, Row[]> =>
    Map.groupBy(rows, (row) => JSON.stringify([row.database_name, row.schema_name, row.table_name]))
  const [columnsOf, keysOf] = [of(columns), of(keys)]
  const found = tables
    .filter((table) => config.schema === undefined || table.schema_name === config.schema)
    .map((table) => {
      const key = JSON.stringify([table.database_name, table.schema_name, table.table_name])
      const file = database.fileTables.find((one) => one.name === table.table_name)
      return tableOf(table, columnsOf.get(key) ?? [], keysOf.get(key) ?? [], file, database.fileTables)
    })
  return {
    version: createHash('sha256')
      .update(JSON.stringify([found, objects, database.unread]))
      .digest('base64url')
      .slice(0, 22),
    schemas: [...new Set(found.map((table) => table.schema))],
    tables: found,
    objects,
    ...(database.unread.length > 0 && { unread: database.unread }),
  }
}

/** Table functions that make rows of their arguments alone. */
const rowMakers: ReadonlySet<string> = new Set(['generate_series', 'json_each', 'json_tree', 'range', 'repeat', 'repeat_row', 'unnest'])

const quotedName = '(?:"(?:[^"]|"")*"|[^\\s."(]+)'
/** `CREATE VIEW main.v (a, b) AS `, as the engine prints it. */
const viewHead = new RegExp(`^CREATE\\s+VIEW\\s+${quotedName}(?:\\.${quotedName})*\\s*(?:\\([^)]*\\)\\s*)?AS\\s+`, 'i')

/** Macros and types of the database, and what its views read. Views over declared files are ours. */
const readObjects = async (
  connection: DuckDBConnection,
  database: Database,
  config: ChildConfig,
  ask: (sql: string) => Promise<Row[]>,
): Promise<SourceObjects> => {
  const searchPath = [config.schema ?? 'main']
  const [views, macros, types] = [await ask(viewsQuery), await ask(macrosQuery), await ask(typesQuery)]
  const macroNames = new Set(macros.map((macro) => String(macro.name).toLowerCase()))
  const reads: SourceObjects['reads'][number][] = []
  const opaque: RelationName[] = []
  for (const view of views) {
    const relation = { schema: String(view.schema_name), name: String(view.view_name) }
    if (database.fileTables.some((file) => file.name === relation.name)) continue
    const tree = await parseSelect(connection, String(view.sql).replace(viewHead, ''))
    const facts = tree === undefined ? undefined : readTree(tree)
    if (
      facts === undefined ||
      facts.unknown.length > 0 ||
      facts.functions.some(({ name, isTable }) => macroNames.has(name) || (isTable === true && !rowMakers.has(name)))
    )
      opaque.push(relation)
    for (const { schema = searchPath[0] as string, name } of facts?.relations ?? []) reads.push({ relation, from: { schema, name } })
  }
  const named = (rows: readonly Row[]) => rows.map((row) => ({ schema: String(row.schema_name), name: String(row.name), isTrusted: false }))
  return {
    searchPath,
    functions: named(macros),
    operators: [],
    types: named(types),
    builtinFunctions: new Set(),
    hidden: [],
    reads,
    opaque,
  }
}

const tableOf = (
  row: Row,
  columns: readonly Row[],
  keys: readonly Row[],
  file: FileTable | undefined,
  files: readonly FileTable[],
): CatalogTable => {
  const primary = keys.find((key) => key.kind === 'PRIMARY KEY')
  const comment = row.comment ?? file?.about?.description
  return {
    schema: String(row.schema_name),
    name: String(row.table_name),
    kind: file !== undefined ? 'file' : row.kind === 'view' ? 'view' : 'table',
    ...(typeof comment === 'string' && { comment: plainText(comment) }),
    ...(file?.rows !== undefined && { rowEstimate: { rows: file.rows, exact: true } }),
    ...(row.estimated_size !== null && { rowEstimate: { rows: Number(row.estimated_size), exact: file?.loaded === true } }),
    columns: columns.map((column) => columnOf(column, file?.about)),
    primaryKey: primary !== undefined ? listOf(primary.columns) : listOf(file?.about?.schema?.primaryKey),
    foreignKeys: [...keys.filter((key) => key.kind === 'FOREIGN KEY').map(foreignKeyOf), ...declaredKeys(file?.about, files)],
    indexes: keys
      .filter((key) => key.kind === 'INDEX')
      .map((key) => ({ name: String(key.name), columns: indexColumns(key.columns), unique: key.is_unique === true })),
  }
}

const columnOf = (row: Row, about: Resource | undefined): CatalogColumn => {
  const name = String(row.column_name)
  const databaseType = String(row.data_type)
  const comment = row.comment ?? about?.schema?.fields?.find((field) => field.name === name)?.description
  return {
    name,
    type: canonicalOfName(databaseType),
    databaseType: databaseType.startsWith('ENUM(') ? 'ENUM' : databaseType,
    nullable: row.is_nullable === true,
    ...(typeof row.column_default === 'string' && { default: row.column_default }),
    ...(typeof comment === 'string' && { comment: plainText(comment) }),
    ...(databaseType.startsWith('ENUM(') && {
      enumValues: [...databaseType.matchAll(/'((?:[^']|'')*)'/g)].map((match) => (match[1] as string).replaceAll("''", "'")),
    }),
  }
}

const foreignKeyOf = (row: Row): CatalogForeignKey => ({
  ...(typeof row.name === 'string' && { name: row.name }),
  columns: listOf(row.columns),
  references: { schema: String(row.schema_name), table: String(row.referenced_table), columns: listOf(row.referenced_column_names) },
})

/** Foreign keys of a data package name resources; only those that are served as tables are shown. */
const declaredKeys = (about: Resource | undefined, files: readonly FileTable[]): CatalogForeignKey[] =>
  (about?.schema?.foreignKeys ?? []).flatMap((key) => {
    const target =
      key.reference.resource === ''
        ? files.find((file) => file.about === about)
        : files.find((file) => file.about?.name === key.reference.resource)
    return target === undefined
      ? []
      : [{ columns: listOf(key.fields), references: { schema: 'main', table: target.name, columns: listOf(key.reference.fields) } }]
  })

/** Index expressions come as one text: `['"name"', 'lower(name)']`; a plain column is quoted twice. */
const indexColumns = (value: unknown): string[] =>
  listOf(value).flatMap((text) =>
    text
      .replace(/^\[|\]$/g, '')
      .split(', ')
      .map((part) => part.replace(/^'(.*)'$/, '$1').replace(/^"(.*)"$/, '$1')),
  )

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [])

/** Descriptions of data packages are Markdown over several lines; a comment is one line. */
const plainText = (text: string): string => text.replace(/\s+/g, ' ').trim()
