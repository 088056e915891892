import { createHash } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import { cutType } from '../column-head.ts'
import { noFacts } from '../empty-facts.ts'
import { foldName, sameName } from '../fold-name.ts'
import { quoteName } from '../quote-name.ts'
import type {
  CatalogColumn,
  CatalogForeignKey,
  CatalogTable,
  QueryFacts,
  RelationName,
  SourceFunction,
  SourceObject,
  SourceObjects,
  UnreadPart,
} from '../source.ts'
import { readSelect } from './analyze.ts'
import type { FileTable, FileTables, Resource } from './files.ts'
import type { ChildConfig } from './messages.ts'
import type { SentCatalog, SentObjects } from './receive-catalog.ts'
import { canonicalOfName } from './values.ts'

// Functions of the engine are called by their full names: a database may have macros of the same.
const tablesQuery = `
SELECT database_name, schema_name, table_name, 'table' AS kind, comment, estimated_size FROM system.main.duckdb_tables() WHERE NOT internal
UNION ALL
SELECT database_name, schema_name, view_name, 'view', comment, NULL FROM system.main.duckdb_views() WHERE NOT internal
ORDER BY 2, 3`

const columnsQuery = `
SELECT database_name, schema_name, table_name, column_name, data_type, is_nullable, column_default, comment
FROM system.main.duckdb_columns() WHERE NOT internal ORDER BY 1, 2, 3, column_index`

const keysQuery = `
SELECT database_name, schema_name, table_name, constraint_type AS kind, constraint_name AS name, constraint_column_names AS columns, referenced_table, referenced_column_names, NULL AS is_unique
FROM system.main.duckdb_constraints() WHERE constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY', 'UNIQUE')
UNION ALL
SELECT database_name, schema_name, table_name, 'INDEX', index_name, [expressions], NULL, NULL, is_unique FROM system.main.duckdb_indexes()
ORDER BY 1, 2, 3, 5`

// Lists have an order, for the version of the metadata is made of them.
const viewsQuery = 'SELECT schema_name, view_name, sql FROM system.main.duckdb_views() WHERE NOT internal ORDER BY ALL'
const macrosQuery = `
SELECT schema_name, function_name AS name, function_type, macro_definition AS body,
  function_name IN (SELECT function_name FROM system.main.duckdb_functions() WHERE internal) AS hides_engines
FROM system.main.duckdb_functions() WHERE NOT internal ORDER BY ALL`
const engineQuery = `
SELECT DISTINCT 'function' AS kind, function_name AS name FROM system.main.duckdb_functions() WHERE internal
UNION ALL
SELECT DISTINCT 'type', type_name FROM system.main.duckdb_types() WHERE internal
ORDER BY ALL`
const typesQuery =
  'SELECT schema_name, type_name AS name, logical_type, labels FROM system.main.duckdb_types() WHERE NOT internal ORDER BY ALL'

type Row = Readonly<Record<string, unknown>>

/** Reads the metadata in three queries, whatever the number of tables. */
export const introspectDuckdb = async (
  connection: DuckDBConnection,
  { files, stamp }: { readonly files: FileTables; readonly stamp: string },
  config: ChildConfig,
): Promise<SentCatalog> => {
  const ask = async (sql: string): Promise<Row[]> => (await connection.runAndReadAll(sql)).getRowObjectsJson() as Row[]
  const [tables, columns, keys] = [await ask(tablesQuery), await ask(columnsQuery), await ask(keysQuery)]
  const keyOf = (row: Row): string => JSON.stringify([row.database_name, row.schema_name, row.table_name])
  const [columnsOf, keysOf] = [Map.groupBy(columns, keyOf), Map.groupBy(keys, keyOf)]
  const columnNames = (table: Row): string[] => (columnsOf.get(keyOf(table)) ?? []).map((column) => String(column.column_name))
  const objects = await readObjects(connection, files, config, tables, columnNames, ask)
  const found = tables
    .filter((table) => config.schema === undefined || table.schema_name === config.schema)
    .map((table) => {
      const key = keyOf(table)
      const file = files.tables.find((one) => one.name === table.table_name)
      return tableOf(table, columnsOf.get(key) ?? [], keysOf.get(key) ?? [], file, files.tables)
    })
  const unread: readonly UnreadPart[] = [
    ...files.unread,
    ...objects.opaque
      .filter(({ schema }) => config.schema === undefined || schema === config.schema)
      .map(({ schema = '', name }) => ({ schema, table: name, ...closedView })),
  ]
  return {
    version: createHash('sha256')
      .update(JSON.stringify([found, objects, files.unread, stamp]))
      .digest('base64url')
      .slice(0, 22),
    stamp,
    schemas: [...new Set(found.map((table) => table.schema))],
    tables: found,
    objects,
    ...(unread.length > 0 && { unread }),
  }
}

const closedView = {
  reason: 'The view reads a file, an attached database or tables of the engine, which are closed to SQL.',
  hint: 'Make it a table; callers are told that it is left out.',
}

/** Table functions that make rows of their arguments alone. */
const rowMakers: ReadonlySet<string> = new Set(
  (
    'generate_series icu_calendar_names json_each json_tree pg_timezone_names range repeat repeat_row summary test_all_types ' +
    'test_vector_types unnest'
  ).split(' '),
)

const quotedName = '(?:"(?:[^"]|"")*"|[^\\s."(]+)'
/** `CREATE VIEW main.v (a, b) AS `, as the engine prints it. */
const viewHead = new RegExp(`^CREATE\\s+VIEW\\s+${quotedName}(?:\\.${quotedName})*\\s*(?:\\((?:"(?:[^"]|"")*"|[^")])*\\)\\s*)?AS\\s+`, 'i')

/** Macros and types of the database, and what its views read. Views over declared files are ours. */
const readObjects = async (
  connection: DuckDBConnection,
  files: FileTables,
  config: ChildConfig,
  tables: readonly Row[],
  columnsOf: (table: Row) => string[],
  ask: (sql: string) => Promise<Row[]>,
): Promise<SentObjects> => {
  const searchPath = [config.schema ?? 'main']
  const [views, macroRows, typeRows] = [await ask(viewsQuery), await ask(macrosQuery), await ask(typesQuery)]
  const macros: SourceFunction[] = []
  for (const [key, forms] of Map.groupBy(macroRows, (row) => JSON.stringify([row.schema_name, row.name, row.function_type]))) {
    const [schema, name, type] = JSON.parse(key) as [string, string, string]
    const isTable = type === 'table_macro'
    const bodies: (QueryFacts | undefined)[] = []
    for (const { body } of forms) bodies.push(await readSelect(connection, isTable ? String(body) : `SELECT ${body}`))
    macros.push({
      schema,
      name,
      isTrusted: false,
      isTable,
      hidesEngines: forms.some((form) => form.hides_engines === true),
      ...(bodies.every((body) => body !== undefined) && { bodies: bodies as QueryFacts[] }),
    })
  }

  const find = (schema: string, name: string) =>
    tables.find((table) => sameName(String(table.schema_name), schema) && sameName(String(table.table_name), name))
  const reads: SourceObjects['reads'][number][] = []
  const opaque: RelationName[] = []
  for (const view of views) {
    const relation = { schema: String(view.schema_name), name: String(view.view_name) }
    if (files.tables.some((file) => file.name === relation.name)) continue
    const body = await readSelect(connection, String(view.sql).replace(viewHead, ''))
    const parts = body === undefined ? undefined : withMacros(body, macros)
    /** A view looks in its own schema first. */
    const meant = ({ schema, name }: RelationName): Row | undefined =>
      (schema === undefined ? [relation.schema, ...searchPath, 'main'] : [schema])
        .map((one) => find(one, name))
        .find((found) => found !== undefined)
    const sources = parts?.flatMap(({ relations }) => relations.map(meant))
    const isPlain = parts?.every(
      ({ unknown, functions }) =>
        unknown.length === 0 &&
        functions.every(
          ({ name, isTable }) => isTable !== true || rowMakers.has(name) || macros.some((macro) => sameName(macro.name, name)),
        ),
    )
    if (isPlain !== true || sources?.includes(undefined) !== false) opaque.push(relation)
    for (const source of sources ?? [])
      if (source !== undefined) {
        // What a macro makes of columns is not known.
        const read = parts?.length === 1 ? columnsRead(body as QueryFacts, (name) => meant(name) === source, columnsOf(source)) : undefined
        reads.push({
          relation,
          from: { schema: String(source.schema_name), name: String(source.table_name) },
          ...(read !== undefined && { columns: read }),
        })
      }
  }

  const types: SourceObject[] = []
  for (const row of typeRows) {
    const [schema, name] = [String(row.schema_name), String(row.name)]
    const labels = Array.isArray(row.labels) ? listOf(row.labels) : undefined
    const isNested = labels === undefined && /STRUCT|LIST|MAP|ARRAY|UNION/.test(String(row.logical_type))
    const [whole] = isNested ? await ask(`SELECT system.main.typeof(NULL::${quoteName(schema)}.${quoteName(name)}) AS type`) : []
    const holdsLabels = labels !== undefined || /ENUM\(/.test(String(whole?.type))
    types.push({ schema, name, isTrusted: !holdsLabels, ...(holdsLabels && { values: [labels ?? []] }) })
  }
  const engine = await ask(engineQuery)
  const namesOf = (kind: string): string[] => engine.filter((row) => row.kind === kind).map((row) => foldName(String(row.name)))
  return {
    searchPath,
    functions: macros,
    operators: [],
    types,
    engineFunctions: namesOf('function'),
    engineTypes: namesOf('type'),
    hidden: [],
    reads,
    opaque,
  }
}

/** The columns of a table that a query may read; undefined when that may be any. */
const columnsRead = (
  { columns }: QueryFacts,
  isMeant: (relation: RelationName) => boolean,
  names: readonly string[],
): string[] | undefined => {
  const uses = columns.filter(({ relations }) => relations.some(isMeant))
  if (uses.some(({ column }) => column === '*')) return undefined
  return names.filter((name) => uses.some(({ column }) => sameName(column, name)))
}

/** A query and the macros it calls, and those that they call. */
const withMacros = (query: QueryFacts, macros: readonly SourceFunction[], seen: readonly string[] = []): QueryFacts[] => [
  query,
  ...query.functions.flatMap(({ name }) =>
    seen.includes(name)
      ? []
      : macros
          .filter((macro) => sameName(macro.name, name))
          .flatMap(({ bodies }) => (bodies ?? [unreadable]).flatMap((body) => withMacros(body, macros, [...seen, name]))),
  ),
]

/** A body that could not be read. */
const unreadable: QueryFacts = { ...noFacts, unknown: [{ name: 'macro' }] }

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
    ...(file?.loaded === false && { readsFiles: true }),
    ...(file?.rows !== undefined && { rowEstimate: { rows: file.rows, exact: true } }),
    ...(row.estimated_size !== null && { rowEstimate: { rows: Number(row.estimated_size), exact: file?.loaded === true } }),
    columns: columns.map((column) => columnOf(column, file?.about)),
    primaryKey: primary !== undefined ? listOf(primary.columns) : listOf(file?.about?.schema?.primaryKey),
    foreignKeys: [...keys.filter((key) => key.kind === 'FOREIGN KEY').map(foreignKeyOf), ...declaredKeys(file?.about, files)],
    indexes: [
      ...keys
        .filter((key) => key.kind === 'INDEX')
        .map((key) => ({ name: String(key.name), columns: indexColumns(key.columns), unique: key.is_unique === true })),
      // The engine holds them by an index that it does not list.
      ...keys.filter((key) => key.kind === 'UNIQUE').map((key) => ({ name: String(key.name), columns: listOf(key.columns), unique: true })),
    ],
  }
}

const columnOf = (row: Row, about: Resource | undefined): CatalogColumn => {
  const name = String(row.column_name)
  const databaseType = String(row.data_type)
  const isEnum = canonicalOfName(databaseType) === 'enum'
  const comment = row.comment ?? about?.schema?.fields?.find((field) => field.name === name)?.description
  return {
    name,
    type: canonicalOfName(databaseType),
    databaseType: isEnum ? 'ENUM' : cutType(databaseType),
    nullable: row.is_nullable === true,
    ...(typeof row.column_default === 'string' && { default: row.column_default }),
    ...(typeof comment === 'string' && { comment: plainText(comment) }),
    ...(isEnum && {
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

/** Index expressions come as one text, `[name, '"a b"', '(lower(name))']`: in quotes but for plain words, columns in quotes of their own. */
const indexColumns = (value: unknown): string[] =>
  listOf(value)
    .flatMap((text) => text.match(/'(?:[^'\\]|\\.)*'|[^\s,'[\]]+/g) ?? [])
    .map((part) => part.replace(/^'(.*)'$/s, '$1').replace(/\\(.)/gs, '$1'))
    .map((part) => (/^"([^"]|"")*"$/.test(part) ? part.slice(1, -1).replaceAll('""', '"') : part))

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [])

/** Descriptions of data packages are Markdown over several lines; a comment is one line. */
const plainText = (text: string): string => text.replace(/\s+/g, ' ').trim()
