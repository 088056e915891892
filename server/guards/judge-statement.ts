import { Fault } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import { positionAt } from '../envelope/text-position.ts'
import { tableNotFound } from '../search/find-table.ts'
import type { CatalogTable, Dialect, RelationName, SourceCatalog, SourceObject, StatementFacts, UsedName } from '../sources/source.ts'
import { duckdbFunctions, duckdbTableFunctions, duckdbTypes } from './duckdb-allowed.ts'
import { postgresFunctions, postgresSettings, postgresTypes } from './postgres-allowed.ts'

/** What a dialect allows by name, and where its own names live. */
interface Allowed {
  readonly functions: Pick<ReadonlySet<string>, 'has'> & Iterable<string>
  readonly tableFunctions: Pick<ReadonlySet<string>, 'has'>
  readonly types: ReadonlySet<string>
  readonly settings: ReadonlySet<string>
  readonly ownSchemas: ReadonlySet<string>
  /** Quoted names compare exactly. */
  readonly sameName: (a: string, b: string) => boolean
}

const sameLetters = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const allowedIn: Readonly<Record<Dialect, Allowed>> = {
  postgres: {
    functions: postgresFunctions,
    tableFunctions: postgresFunctions,
    types: postgresTypes,
    settings: postgresSettings,
    ownSchemas: new Set(['pg_catalog']),
    sameName: (a, b) => a === b,
  },
  duckdb: {
    functions: duckdbFunctions,
    tableFunctions: duckdbTableFunctions,
    types: duckdbTypes,
    settings: new Set(),
    ownSchemas: new Set(['main', 'pg_catalog', 'system']),
    sameName: sameLetters,
  },
}

interface Judged {
  readonly sql: string
  readonly dialect: Dialect
  readonly catalog: SourceCatalog | undefined
  /** Macros whose body this is part of. */
  readonly within?: readonly SourceObject[]
}

/**
 * Lets a statement pass when everything in it is known to be harmless: every kind of syntax, function, type and operator
 * is on a list that was reviewed, or belongs to the database and is trusted there; every relation and column is one that
 * callers may see. Throws SQL_REJECTED, or TABLE_NOT_FOUND as for a table that does not exist, with the position.
 * `catalog` is asked for only when the statement names something of the database.
 */
export const judgeStatement = (facts: StatementFacts, { sql, dialect, catalog, within = [] }: Judged): void => {
  const allowed = allowedIn[dialect]
  const reject = ({ position }: { position?: number }, message: string, hint: string): never => {
    throw new Fault('SQL_REJECTED', message, { path: 'sql', hint, ...(position !== undefined && { position: positionOf(sql, position) }) })
  }
  const [strange] = facts.unknown
  if (strange !== undefined)
    reject(
      strange,
      `${strange.name} is not served.`,
      strange.name.startsWith('SHOW') ? 'Call list_tables or catalog.' : 'Write the query without it; every source is read-only.',
    )
  for (const name of facts.settings)
    if (!allowed.settings.has(name.toLowerCase()))
      reject({}, `The setting "${name.slice(0, 100)}" is not shown.`, `Shown are ${[...allowed.settings].join(', ')}.`)

  const trusts: Trusts = (object) => object.isTrusted || isHarmlessMacro(object, { sql: '', dialect, catalog, within })
  for (const used of facts.functions) judgeFunction(used, trusts, allowed, catalog, reject)
  for (const used of facts.types) judgeType(used, allowed, catalog, reject)
  for (const used of facts.operators)
    if (!isTrusted(used, catalog?.objects.operators ?? [], allowed.ownSchemas))
      reject(used, `The operator ${used.name} is not one of those that only compute.`, "Use the engine's own operators.")
  for (const used of facts.fields) judgeField(used, facts, allowed, catalog, reject)
  if (catalog !== undefined) for (const relation of facts.relations) judgeRelation(relation, sql, allowed, catalog)
  if (catalog !== undefined) judgeColumns(facts, allowed, catalog, reject)
  if (facts.kind.startsWith('explain'))
    for (const relation of facts.relations) judgePlan(relation, facts.kind, findRelation(relation, allowed, catalog), reject)
}

type Trusts = (object: SourceObject) => boolean
type Reject = (used: { position?: number }, message: string, hint: string) => never

/** Whether a name that may be the database's own is trusted there; one that the database does not have is the engine's. */
const isTrusted = ({ schema, name }: UsedName, objects: readonly SourceObject[], ownSchemas: ReadonlySet<string>): boolean => {
  if (schema !== undefined && ownSchemas.has(schema) && !objects.some((object) => object.schema === schema && object.name === name))
    return true
  const named = objects.filter((object) => object.name === name && (schema === undefined || object.schema === schema))
  return named.length === 0 ? schema === undefined : named.every((object) => object.isTrusted)
}

/** Whether all that a macro is made of may be read, whole: what its arguments make of its columns is not known. */
const isHarmlessMacro = (macro: SourceObject, { within = [], ...judged }: Judged): boolean => {
  if (macro.bodies === undefined || within.includes(macro)) return false
  try {
    for (const body of macro.bodies) {
      judgeStatement({ ...body, count: 1, kind: 'select', settings: [] }, { ...judged, within: [...within, macro] })
      if (body.relations.some((relation) => findRelation(relation, allowedIn[judged.dialect], judged.catalog)?.unreadColumns !== undefined))
        return false
    }
    return true
  } catch {
    return false
  }
}

const judgeFunction = (used: UsedName, trusts: Trusts, allowed: Allowed, catalog: SourceCatalog | undefined, reject: Reject): void => {
  const { schema, name, isTable } = used
  const own = (catalog?.objects.functions ?? []).filter(
    (object) =>
      allowed.sameName(object.name, name) &&
      (object.isTable === undefined || object.isTable === (isTable === true)) &&
      (schema === undefined || allowed.sameName === sameLetters || object.schema === schema),
  )
  const isListed = (isTable === true ? allowed.tableFunctions : allowed.functions).has(name)
  const isEngines = schema === undefined || allowed.ownSchemas.has(schema) || allowed.sameName === sameLetters
  // The two-argument form takes SQL in a string.
  if (name === 'ts_rewrite' && used.arguments !== 3)
    reject(used, 'The function "ts_rewrite" is served with three arguments only.', 'Give the query, the target and the substitute.')
  const isRefused =
    own.length > 0 &&
    !own.every((object) => (isListed || object.hidesEngines !== true) && trusts(object)) &&
    !(schema !== undefined && allowed.ownSchemas.has(schema) && isListed && allowed.sameName !== sameLetters)
  // A macro may be refused for what it reads, so it is not to be told from one that is not there.
  if (isRefused && allowed.sameName !== sameLetters)
    reject(
      used,
      `The function "${name.slice(0, 100)}" is defined in the database and not trusted to only compute.`,
      isListed ? `To call the engine's own, write pg_catalog.${name}(...).` : 'Use functions of the engine, or ask for a view.',
    )
  if (!isRefused && ((isListed && isEngines) || own.length > 0)) return
  const near = nearestName(name, [...allowed.functions])
  reject(
    used,
    `The function "${name.slice(0, 100)}" is not one of those that only compute.`,
    near === undefined || near === name
      ? 'Functions that read files, settings, catalogs or sessions, that wait or write are not served.'
      : `Did you mean "${near}"?`,
  )
}

const judgeType = (used: UsedName, allowed: Allowed, catalog: SourceCatalog | undefined, reject: Reject): void => {
  const { schema, name } = used
  const types = catalog?.objects.types ?? []
  if (used.isMaybe === true) {
    const named = types.find((type) => !type.isTrusted && mayName(name, type.name))
    if (named === undefined) return
    reject(used, 'The structure names a type that is not served.', "Use the engine's own types.")
  }
  const element = name.replace(/^_/, '')
  const isOfSchema = (object: SourceObject) => schema === undefined || allowed.sameName(object.schema, schema)
  const own = types.filter((object) => allowed.sameName(object.name, name) && isOfSchema(object))
  const isListed = (schema === undefined || allowed.ownSchemas.has(schema)) && (allowed.types.has(name) || allowed.types.has(element))
  // PostgreSQL looks among its own types first, DuckDB last.
  if (isListed && (allowed.sameName !== sameLetters || own.length === 0)) return
  if (own.length > 0 && own.every((object) => object.isTrusted)) return
  // The row type of a table that can be read.
  if (catalog?.tables.some((table) => table.name === name && (schema === undefined || table.schema === schema)) === true) return
  const near = nearestName(name, allowed.types)
  reject(
    used,
    `The type "${name.slice(0, 100)}" is not served.`,
    near === undefined || near === name
      ? "Use the engine's own types; names of tables, roles and functions cannot be cast to."
      : `Did you mean "${near}"?`,
  )
}

/** Whether a text of types, in which quotes may be escaped, can mean the one of this name. */
const mayName = (text: string, name: string): boolean => {
  const bare = (written: string) => written.toLowerCase().replaceAll(/["\\]/g, '')
  const plain = bare(text.replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))))
  const wanted = bare(name)
  return /^\w+$/.test(wanted) ? plain.split(/\W+/).includes(wanted) : plain.includes(wanted)
}

/** A field that no relation has as a column calls the function of that name, in PostgreSQL. */
const judgeField = (used: UsedName, facts: StatementFacts, allowed: Allowed, catalog: SourceCatalog | undefined, reject: Reject): void => {
  const { name } = used
  const own = (catalog?.objects.functions ?? []).filter((object) => object.name === name)
  const callsEngine = catalog?.objects.builtinFunctions.has(name) === true && !allowed.functions.has(name)
  const callsOwn = own.some((object) => !object.isTrusted)
  if (!callsEngine && !callsOwn) return
  const relations = used.relations === undefined || used.relations.length === 0 ? facts.relations : used.relations
  const isColumn = relations.some((relation) => findRelation(relation, allowed, catalog)?.columns.some((column) => column.name === name))
  if (isColumn && (used.relations !== undefined || !callsOwn)) return
  reject(
    used,
    `"${name.slice(0, 100)}" is no column here, and as a function it is not served.`,
    'Qualify columns by the table that has them.',
  )
}

const findRelation = (relation: RelationName, { sameName }: Allowed, catalog: SourceCatalog | undefined): CatalogTable | undefined => {
  const { schema, name } = relation
  const named = catalog?.tables.filter((table) => sameName(table.name, name)) ?? []
  if (schema !== undefined) return named.find((table) => sameName(table.schema, schema))
  for (const searched of catalog?.objects.searchPath ?? []) {
    const found = named.find((table) => sameName(table.schema, searched))
    if (found !== undefined) return found
  }
  return undefined
}

const judgeRelation = (relation: RelationName, sql: string, allowed: Allowed, catalog: SourceCatalog): void => {
  const { schema, name, position } = relation
  const isHidden = catalog.objects.hidden.some(
    (hidden) =>
      allowed.sameName(hidden.name, name) &&
      (schema === undefined ? catalog.objects.searchPath.includes(hidden.schema ?? '') : hidden.schema === schema),
  )
  // Unqualified names beginning so are the system's before they are anyone's.
  const isSystems = schema === undefined && allowed.sameName !== sameLetters && name.startsWith('pg_')
  if (!isSystems && (isHidden || findRelation(relation, allowed, catalog) !== undefined)) return
  const fault = tableNotFound(catalog, schema === undefined ? name : `${schema}.${name}`, 'sql')
  throw new Fault(fault.code, fault.message, { ...fault.details, ...(position !== undefined && { position: positionOf(sql, position) }) })
}

/** A plan names what it reads: what is behind a view, and once it was run, files. */
const judgePlan = (used: RelationName, kind: string, table: CatalogTable | undefined, reject: Reject): void => {
  const name = used.name.slice(0, 100)
  if (table?.readsHidden === true) reject(used, `The plan of "${name}" would show more than may be seen.`, 'Run the query itself.')
  if (table?.readsFiles === true && kind === 'explain analyze')
    reject(used, `Running the plan of "${name}" would show where its files are.`, 'EXPLAIN without ANALYZE shows the plan.')
}

const judgeColumns = (facts: StatementFacts, allowed: Allowed, catalog: SourceCatalog, reject: Reject): void => {
  const unread = new Map<RelationName, CatalogTable>()
  for (const relation of facts.relations) {
    const table = findRelation(relation, allowed, catalog)
    if ((table?.unreadColumns?.length ?? 0) > 0) unread.set(relation, table as CatalogTable)
  }
  if (unread.size === 0) return
  const tableOf = (relation: RelationName) =>
    [...unread].find(([known]) => known.name === relation.name && known.schema === relation.schema)?.[1]
  for (const use of facts.columns)
    for (const relation of use.relations) {
      const table = tableOf(relation)
      if (table === undefined) continue
      const names = table.unreadColumns ?? []
      if (use.column !== '*') {
        if (names.some((name) => allowed.sameName(name, use.column)))
          reject(use, `The column "${use.column.slice(0, 100)}" cannot be read.`, `Columns of ${table.name}: ${readableColumns(table)}.`)
        continue
      }
      if (use.orNamed !== undefined && table.columns.some((column) => allowed.sameName(column.name, use.orNamed as string))) continue
      if (names.every((name) => use.except?.some((left) => allowed.sameName(left, name)) === true)) continue
      reject(use, `Not every column of ${table.name} can be read, so name those you want.`, `They are ${readableColumns(table)}.`)
    }
}

const readableColumns = (table: CatalogTable): string =>
  table.columns
    .map((column) => column.name)
    .filter((name) => table.unreadColumns?.includes(name) !== true)
    .slice(0, 50)
    .join(', ')

/** The place of an offset in UTF-8 bytes. */
const positionOf = (sql: string, bytes: number) => positionAt(sql, Buffer.from(sql).subarray(0, bytes).toString('utf8').length)
