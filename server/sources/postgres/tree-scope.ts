import type { emptyFacts } from '../empty-facts.ts'
import type { RelationName, UsedName } from '../source.ts'
import { at, type Node, strings } from './tree-nodes.ts'

/** Something in a FROM clause that columns can be read from. */
export interface Entry {
  /** The name it is called by in the statement. */
  readonly alias: string
  /** The relations behind it: one for a table, several for a join with a name, none for all else. */
  readonly relations: readonly RelationName[]
  /** It goes by its own name, which a schema may stand before. */
  readonly isUnrenamed?: boolean
  /** Its columns go by other names. */
  readonly isRenamed?: boolean
  /** A function, whose row may be a single value. */
  readonly isFunction?: boolean
  /** Names of columns that it has for certain. */
  readonly columns?: ReadonlySet<string> | undefined
}

interface CommonTable {
  readonly name: string
  readonly columns: ReadonlySet<string>
}

/** What can be seen from one place of the statement. */
export interface Scope {
  readonly ctes: readonly CommonTable[]
  /** The FROM clauses in sight, the innermost first. */
  readonly levels: readonly (readonly Entry[])[]
  /** Inside a FROM clause, where items see only those before them: a name may mean less than what its level shows, and more further out. */
  readonly isPartial?: boolean
}

/** What was found so far, in the order of the text. */
export interface Found extends ReturnType<typeof emptyFacts> {
  readonly schemas: UsedName[]
  /** Calls of pg_typeof that stand where nothing can be looked up beside them. */
  readonly typeNames: Set<Node>
  /** Stars of which EXISTS asks no more than whether there is a row. */
  readonly existing: Set<Node>
  /** Where the first of `writes` stands. */
  position?: number
}

/** The names of a SELECT's columns as far as it writes them out: aliases, columns and functions. */
export const outputNames = (select: Node): ReadonlySet<string> => {
  if (select.larg !== undefined) return outputNames(select.larg as Node)
  const names = ((select.targetList as Node[] | undefined) ?? []).map((item) => {
    const target = item.ResTarget as Node
    const value = target.val as Node | undefined
    if (target.name !== undefined) return String(target.name)
    const fields = (value?.ColumnRef as Node | undefined)?.fields as Node[] | undefined
    if (fields?.some((field) => field.A_Star !== undefined) === true) return undefined
    return strings((value?.ColumnRef as Node | undefined)?.fields ?? (value?.FuncCall as Node | undefined)?.funcname).at(-1)
  })
  return new Set(names.filter((name) => name !== undefined))
}

/** A WITH item as a scope knows it. */
export const commonTable = (cte: Node): CommonTable => {
  const query = (cte.ctequery as Node | undefined)?.SelectStmt as Node | undefined
  return { name: String(cte.ctename), columns: columnsOf(cte.aliascolnames, query) }
}

/** The columns of a subquery: those its alias names, else those it names itself. */
const columnsOf = (renamed: unknown, query: Node | undefined): ReadonlySet<string> =>
  renamed !== undefined ? new Set(strings(renamed)) : query === undefined ? new Set() : outputNames(query)

/** Collects what an item of a FROM clause brings into scope. */
export const addEntries = (item: Node, scope: Scope, entries: Entry[], found: Found): void => {
  const [type = '', body = {}] = Object.entries(item)[0] ?? []
  const node = body as Node
  const alias = node.alias as { aliasname?: string; colnames?: unknown[] } | undefined
  const name = alias?.aliasname ?? ''
  switch (type) {
    case 'RangeVar': {
      const relation = relationOf(node)
      const cte = relation.schema === undefined ? scope.ctes.find((one) => one.name === relation.name) : undefined
      if (cte === undefined) {
        addRelation(relation, found)
        // Renamed columns can no longer be told by their names.
        if (alias?.colnames !== undefined) found.columns.push({ column: '*', relations: [relation], ...at(node) })
      }
      entries.push({
        alias: alias?.aliasname ?? relation.name,
        relations: cte === undefined ? [relation] : [],
        isUnrenamed: cte === undefined && alias === undefined,
        isRenamed: alias?.colnames !== undefined,
        columns: alias?.colnames === undefined ? cte?.columns : new Set(strings(alias.colnames)),
      })
      return
    }
    case 'JoinExpr': {
      const own: Entry[] = []
      for (const side of ['left', 'right'] as const) {
        const from = own.length
        addEntries((node[side === 'left' ? 'larg' : 'rarg'] as Node | undefined) ?? {}, scope, own, found)
        for (const column of strings(node.usingClause)) found.columns.push({ column, relations: relationsOf(own.slice(from)), joins: side })
      }
      const relations = relationsOf(own)
      if (node.isNatural === true) found.columns.push({ column: '*', relations, joins: 'natural' })
      if (alias?.colnames !== undefined) found.columns.push({ column: '*', relations })
      entries.push(...own)
      const using = node.join_using_alias as { aliasname?: string } | undefined
      if (using?.aliasname !== undefined)
        entries.push({ alias: using.aliasname, relations: [], columns: new Set(strings(node.usingClause)) })
      if (alias !== undefined)
        entries.push({ alias: name, relations, columns: alias.colnames === undefined ? undefined : new Set(strings(alias.colnames)) })
      return
    }
    case 'RangeTableSample':
      addEntries((node.relation as Node | undefined) ?? {}, scope, entries, found)
      return
    case 'RangeFunction':
      entries.push({ alias: name, relations: [], isFunction: true })
      return
    case 'RangeSubselect': {
      const query = (node.subquery as Node | undefined)?.SelectStmt as Node | undefined
      entries.push({ alias: name, relations: [], columns: columnsOf(alias?.colnames, query) })
      return
    }
    default:
      if (alias !== undefined) entries.push({ alias: name, relations: [] })
  }
}

const relationsOf = (entries: readonly Entry[]): RelationName[] => [...new Set(entries.flatMap(({ relations }) => relations))]

/** Those of a level, which many columns share. */
const relationsOfLevel = (level: readonly Entry[]): readonly RelationName[] => {
  const known = knownLevels.get(level)
  if (known !== undefined && known.entries === level.length) return known.relations
  const relations = relationsOf(level)
  knownLevels.set(level, { entries: level.length, relations })
  return relations
}
const knownLevels = new WeakMap<readonly Entry[], { readonly entries: number; readonly relations: readonly RelationName[] }>()

const relationOf = (node: Node): RelationName => ({
  name: String(node.relname),
  ...(node.schemaname !== undefined && { schema: String(node.schemaname) }),
  ...(node.catalogname !== undefined && { database: String(node.catalogname) }),
  ...at(node),
})

const addRelation = (relation: RelationName, found: Found): void => {
  const { name, schema, database } = relation
  if (!found.relations.some((known) => known.name === name && known.schema === schema && known.database === database))
    found.relations.push(relation)
}

const findEntry = (levels: readonly (readonly Entry[])[], alias: string): Entry | undefined => {
  for (const level of levels) for (const entry of level) if (entry.alias === alias) return entry
  return undefined
}

/** Columns that every table has; none of them is read as a function. */
const systemColumns: ReadonlySet<string> = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** A reference to a column, a whole row, or, written like a column, a call of a function on a row. */
export const readColumn = (node: Node, { levels, isPartial = false }: Scope, found: Found): void => {
  const parts = strings(node.fields)
  const isStar = (node.fields as Node[]).some((field) => field.A_Star !== undefined)
  const where = at(node)
  const inExists = found.existing.has(node) && { inExists: true }
  const inSight = () => relationsOf(levels.flat().filter((entry) => entry.isRenamed !== true))
  if (isStar && parts.length === 0) {
    found.columns.push({ column: '*', relations: relationsOfLevel(levels[0] ?? []), ...inExists, ...where })
    return
  }
  if (!isStar && parts.length === 1) {
    const [name = ''] = parts
    if (isPartial) {
      const rows = relationsOf(levels.flat().filter((entry) => entry.alias === name))
      if (rows.length > 0) found.columns.push({ column: '*', relations: rows, ...where })
      found.columns.push({ column: name, relations: relationsOf(levels.flat()), ...where })
      return
    }
    const row = findEntry(levels, name)
    if (row !== undefined && row.relations.length > 0)
      found.columns.push({ column: '*', orNamed: name, relations: row.relations, inSight: inSight(), ...where })
    // A subquery that has the column for certain hides those further out.
    const last = levels.findIndex((level) => level.some((entry) => entry.relations.length === 0 && entry.columns?.has(name) === true))
    const [relations = [], ...outer] = (last < 0 ? levels : levels.slice(0, last + 1)).map(relationsOfLevel)
    found.columns.push({ column: name, relations, outer, ...where })
    return
  }
  const [alias = '', schema] = (isStar ? parts : parts.slice(0, -1)).toReversed()
  const isMeant = (entry: Entry): boolean =>
    entry.alias === alias && (schema === undefined || (entry.isUnrenamed === true && (entry.relations[0]?.schema ?? schema) === schema))
  const meant = levels.map((level) => level.filter(isMeant)).filter((level) => level.length > 0)
  const entries = isPartial && meant.length > 0 ? meant.flat() : meant[0]
  // A name that means nothing in sight is left to the engine; should that know better, it is held to what all may be read.
  const relations = entries === undefined ? inSight() : relationsOf(entries)
  if (isStar) {
    found.columns.push({ column: '*', relations, ...inExists, ...where })
    return
  }
  const name = parts.at(-1) as string
  found.columns.push({ column: name, qualifier: alias, relations, ...(entries === undefined && { isOutOfSight: true }), ...where })
  if (systemColumns.has(name)) return
  // What is no column of the row is a function of it.
  if (relations.length > 0) found.columns.push({ column: '*', orNamed: name, asFunction: true, relations, ...where })
  const isRow = entries !== undefined && relations.length === 0 && entries.every((entry) => entry.isFunction !== true)
  if (isRow && entries.some((entry) => entry.columns?.has(name))) return
  found.fields.push({ name, ...(isRow ? { isRow } : { relations }), ...where })
}
