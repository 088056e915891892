import { emptyFacts } from '../empty-facts.ts'
import { foldName } from '../fold-name.ts'
import { aggregates, makesRows } from '../result-functions.ts'
import type { QueryFacts, RelationName, UsedName } from '../source.ts'

export type Node = Readonly<Record<string, unknown>>

/**
 * What a tree that json_serialize_sql gives may be made of; anything else is reported as unknown. Expressions are told by
 * their class, the rest by their type.
 */
const knownClasses: ReadonlySet<string> = new Set(
  (
    'BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT DEFAULT FUNCTION LAMBDA LAMBDA_REF OPERATOR PARAMETER ' +
    'POSITIONAL_REFERENCE STAR SUBQUERY WINDOW TYPE'
  ).split(' '),
)
const knownTypes: ReadonlySet<string> = new Set(
  (
    'SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE CTE_NODE BASE_TABLE EMPTY JOIN SUBQUERY TABLE_FUNCTION EXPRESSION_LIST PIVOT ' +
    'SHOW_REF ORDER_MODIFIER LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT ASCENDING DESCENDING ' +
    'DECIMAL_TYPE_INFO LIST_TYPE_INFO ARRAY_TYPE_INFO STRUCT_TYPE_INFO UNBOUND_TYPE_INFO STRING_TYPE_INFO ENUM_TYPE_INFO ' +
    'EXTRA_TYPE_INFO ANY_TYPE_INFO INTEGER_LITERAL_TYPE_INFO GENERIC_TYPE_INFO INVALID_TYPE_INFO'
  ).split(' '),
)

/** Something in a FROM clause that columns can be read from; names are lower case. */
interface Entry {
  readonly alias: string
  readonly relation?: RelationName | undefined
}

interface Scope {
  readonly database: string | undefined
  /** Names of the common table expressions in sight, and of the recursive ones around. */
  readonly ctes: readonly string[]
  readonly recurring: readonly string[]
  /** What columns may be of, with that of the queries around. */
  readonly entries: readonly Entry[]
  /** What `*` means here. */
  readonly own: readonly Entry[]
}

type Found = ReturnType<typeof emptyFacts>

/** What a SELECT names and is made of. `database`: the one it runs in, by which names may be qualified and are not here. */
export const readTree = (tree: Node, database?: string): QueryFacts => {
  const found: Found = emptyFacts()
  visit(tree, { database, ctes: [], recurring: [], entries: [], own: [] }, found)
  const modifiers = Array.isArray(tree.modifiers) ? (tree.modifiers as Node[]) : []
  return { ...found, ordered: isShown(tree, modifiers) || modifiers.some((modifier) => modifier.type === 'ORDER_MODIFIER') }
}

/** DESCRIBE, SHOW and SUMMARIZE alone, which have an order of their own. */
const isShown = ({ from_table, select_list, aggregate_handling }: Node, modifiers: readonly Node[]): boolean => {
  const [first, ...others] = (select_list as Node[] | undefined) ?? []
  const isWhole = first?.class === 'STAR' && others.length === 0 && aggregate_handling === 'STANDARD_HANDLING'
  return isWhole && modifiers.length === 0 && (from_table as Node | undefined)?.type === 'SHOW_REF'
}

const typeOf = (name: string, schema?: string): UsedName => ({ name: foldName(name), ...(schema !== undefined && { schema }) })

const text = (value: unknown): string | undefined => (value === '' || value === undefined || value === null ? undefined : String(value))

/** A name, folded; undefined for none. */
const foldText = (value: unknown): string | undefined => {
  const found = text(value)
  return found === undefined ? undefined : foldName(found)
}

/** Positions are offsets; the largest number stands for none. */
const at = (node: Node): { position?: number } =>
  typeof node.query_location === 'number' && node.query_location < 2 ** 32 ? { position: node.query_location } : {}

const visit = (value: unknown, scope: Scope, found: Found): void => {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, scope, found)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const node = value as Node
  if (typeof node.class === 'string') visitExpression(node, scope, found)
  else if (typeof node.type === 'string') visitTyped(node, scope, found)
  else visitFields(node, scope, found)
}

const visitFields = (node: Node, scope: Scope, found: Found, left: readonly string[] = []): void => {
  for (const [key, child] of Object.entries(node)) if (!left.includes(key)) visit(child, scope, found)
}

const visitExpression = (node: Node, scope: Scope, found: Found): void => {
  if (!knownClasses.has(String(node.class))) found.unknown.push({ name: String(node.class), ...at(node) })
  const name = text(node.function_name)
  if (name !== undefined) {
    found.functions.push({ name: foldName(name), ...at(node) })
    if (readsStructure.has(foldName(name))) readTypesIn((node.children as Node[] | undefined)?.[1], found)
    // What is no schema is a column, of which the function is called; the engine tells no place of one that is missing.
    const before = [node.catalog, node.schema].flatMap((part) => text(part) ?? [])
    if (node.class === 'FUNCTION' && before.length > 0 && before.join() !== 'main') readColumn({ column_names: before }, scope, found)
  }
  if (node.class === 'COLUMN_REF') readColumn(node, scope, found)
  else if (node.class === 'STAR') readStar(node, scope, found)
  else if (node.class === 'POSITIONAL_REFERENCE') found.columns.push({ column: '*', relations: relationsOf(scope.own), ...at(node) })
  if (node.subquery_type === 'EXISTS') {
    const [stars, limits] = [found.stars.length, found.looseLimits.length]
    visit(withoutStars(node.subquery as Node), scope, found)
    found.stars.length = stars
    found.looseLimits.length = limits
    return
  }
  visitFields(node, scope, found, node.class === 'CONSTANT' ? ['value'] : ['column_names', 'exclude_list', 'qualified_exclude_list'])
}

const visitTyped = (node: Node, scope: Scope, found: Found): void => {
  const type = String(node.type)
  if (!knownTypes.has(type)) found.unknown.push({ name: type, ...at(node) })
  switch (type) {
    case 'UNBOUND_TYPE_INFO':
      found.types.push(typeOf(String(node.name), schemaOf(text(node.catalog), text(node.schema), scope.database)))
      break
    case 'SHOW_REF':
      // Without a query it shows names of the catalog.
      if (node.query === null || node.query === undefined) found.unknown.push({ name: 'SHOW of names' })
      break
    case 'SELECT_NODE':
    case 'SET_OPERATION_NODE':
    case 'RECURSIVE_CTE_NODE':
    case 'CTE_NODE':
      readQuery(node, scope, found)
      return
    case 'TABLE_FUNCTION': {
      const call = node.function as Node
      const name = foldName(String(call.function_name))
      found.functions.push({ name, isTable: true, ...at(node) })
      if (readsTable.has(name)) readNamedTable(call, scope, found)
      visitFields(call, scope, found)
      return
    }
    case 'BASE_TABLE':
      if (node.at_clause !== null && node.at_clause !== undefined) found.unknown.push({ name: 'AT', ...at(node) })
      break
  }
  visitFields(node, scope, found)
}

/** A query: its WITH list, then what its FROM clause brings into scope, then the rest. */
const readQuery = (node: Node, outer: Scope, found: Found): void => {
  let scope = outer
  const ctes = (node.cte_map as { map?: { key: string; value: unknown }[] } | undefined)?.map ?? []
  for (const { key, value } of ctes) {
    visit(value, scope, found)
    scope = { ...scope, ctes: [...scope.ctes, foldName(key)] }
  }
  if (node.type === 'RECURSIVE_CTE_NODE' || node.type === 'CTE_NODE') {
    const name = foldName(String(node.cte_name))
    const inner = { ...scope, ctes: [...scope.ctes, name], recurring: [...scope.recurring, name] }
    if (node.type === 'CTE_NODE') {
      visit(node.query, scope, found)
      visit(node.child, inner, found)
    } else {
      visit(node.left, scope, found)
      visit(node.right, inner, found)
    }
    visitFields(node, inner, found, ['cte_map', 'query', 'child', 'left', 'right'])
    return
  }
  readShape(node, found)
  const entries: Entry[] = []
  if (node.from_table !== undefined) addEntries(node.from_table as Node, scope, entries, found)
  const inner = { ...scope, own: entries, entries: [...entries, ...scope.entries] }
  visitFields({ ...node, modifiers: withoutOutputs(node) }, inner, found, ['cte_map'])
}

/** The modifiers of a query, without what they name of its result: an alias comes before a column, and ALL is no row of a table. */
const withoutOutputs = ({ modifiers, select_list }: Node): unknown => {
  if (!Array.isArray(modifiers)) return modifiers
  const aliases = new Set(((select_list as Node[] | undefined) ?? []).map(({ alias }) => foldText(alias)))
  const isAlias = ({ column_names }: Node): boolean =>
    Array.isArray(column_names) && column_names.length === 1 && aliases.has(foldName(String(column_names[0])))
  const isAll = ({
    class: kind,
    columns,
    expr,
    relation_name,
    exclude_list,
    qualified_exclude_list,
    replace_list,
    rename_list,
  }: Node): boolean =>
    kind === 'STAR' &&
    columns === true &&
    [expr, relation_name, exclude_list, qualified_exclude_list, replace_list, rename_list].every(isNothing)
  return (modifiers as Node[]).map((modifier) => {
    const { orders, distinct_on_targets: targets } = modifier as { orders?: { expression: Node }[]; distinct_on_targets?: Node[] }
    return {
      ...modifier,
      ...(orders !== undefined && {
        orders: orders.filter(({ expression }) => !isAlias(expression) && !(orders.length === 1 && isAll(expression))),
      }),
      ...(targets !== undefined && { distinct_on_targets: targets.filter((target) => !isAlias(target)) }),
    }
  })
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)

/** What a query says of how it was written, and not of what it reads. */
const readShape = (node: Node, found: Found): void => {
  const list = (node.select_list as Node[] | undefined) ?? []
  for (const item of list)
    if (item.class === 'STAR' && item.columns !== true && (item.expr ?? null) === null) found.stars.push({ name: '*', ...at(item) })
  const modifiers = (node.modifiers as Node[] | undefined) ?? []
  const limit = modifiers.find(({ type, limit }) => String(type).startsWith('LIMIT') && (limit ?? null) !== null)?.limit as Node | undefined
  if (limit !== undefined && !modifiers.some(({ type }) => type === 'ORDER_MODIFIER') && !givesOneRow(node))
    found.looseLimits.push({ name: 'LIMIT', ...(list[0] === undefined ? {} : at(list[0])), ...at(limit) })
}

/** Whether a query gives one row, whatever it reads: what it selects is aggregated without GROUP BY, or from nothing. */
const givesOneRow = (node: Node): boolean => {
  const isGrouped = ((node.group_expressions as unknown[] | undefined) ?? []).length > 0 || node.aggregate_handling !== 'STANDARD_HANDLING'
  if (node.type !== 'SELECT_NODE' || isGrouped) return false
  const names = callsIn(node.select_list)
  const isFromNothing = (node.from_table as Node | undefined)?.type === 'EMPTY'
  return (isFromNothing || names.some((name) => aggregates.has(name))) && !names.some(makesRows)
}

/** The names of the functions that an expression calls, but for those of windows and of queries within. */
const callsIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(callsIn)
  if (typeof value !== 'object' || value === null || (value as Node).class === 'SUBQUERY') return []
  const { class: kind, function_name: name, ...inner } = value as Node
  return [...(kind === 'FUNCTION' ? [foldName(String(name))] : []), ...Object.values(inner).flatMap(callsIn)]
}

/** EXISTS (SELECT * ...) reads no column, unless rows are grouped by all or made distinct. */
const withoutStars = (subquery: Node): Node => {
  const query = subquery.node as Node
  const deciding = [query.modifiers, query.group_expressions].some((list) => (list as unknown[]).length > 0)
  if (query.type !== 'SELECT_NODE' || query.aggregate_handling !== 'STANDARD_HANDLING' || deciding) return subquery
  const read = (query.select_list as Node[]).filter(
    ({ class: kind, columns, expr, replace_list }) =>
      kind !== 'STAR' || columns === true || (expr ?? null) !== null || (replace_list as unknown[] | undefined)?.length !== 0,
  )
  return { ...subquery, node: { ...query, select_list: read } }
}

/** Functions in FROM whose first argument names a table. */
const readsTable: ReadonlySet<string> = new Set(['histogram', 'histogram_values'])

const readNamedTable = (call: Node, { database }: Scope, found: Found): void => {
  const [first, ...rest] = call.children as Node[]
  const isNamed = [first, ...rest].some((argument) => foldText(argument?.alias) === 'source')
  const names = isNamed || text(first?.alias) !== undefined ? [] : ((first?.column_names as string[] | undefined) ?? [])
  // The engine reads the name again, as text.
  if (names.length === 0 || names.length > 3 || !names.every((name) => /^\w+$/.test(name))) {
    found.unknown.push({ name: `A table that ${call.function_name} is given otherwise than by its plain name`, ...at(call) })
    return
  }
  const [name = '', schema, catalog] = names.toReversed()
  const relation = { ...relationOf({ table_name: name, schema_name: schema, catalog_name: catalog }, database), ...at(first as Node) }
  found.relations.push(relation)
  found.columns.push({ column: '*', relations: [relation], ...at(first as Node) })
}

/** Functions whose second argument names types in a string. */
const readsStructure: ReadonlySet<string> = new Set(['from_json', 'from_json_strict', 'json_transform', 'json_transform_strict'])

/** The string names types; which, only the engine can tell. json_structure() names its own alone. */
const readTypesIn = (node: Node | undefined, found: Found): void => {
  const value = node?.value as { value?: unknown } | undefined
  if (node?.class === 'CAST') readTypesIn(node.child as Node, found)
  else if (typeof value?.value === 'string') found.types.push({ name: foldName(value.value), isMaybe: true })
  else if (node !== undefined && node.class !== 'CONSTANT' && node.function_name !== 'json_structure')
    found.unknown.push({ name: 'A structure that is not written as one string', ...at(node) })
}

const addEntries = (node: Node, scope: Scope, entries: Entry[], found: Found): void => {
  const alias = foldText(node.alias)
  const renames = Array.isArray(node.column_name_alias) && node.column_name_alias.length > 0
  switch (node.type) {
    case 'BASE_TABLE': {
      const relation = relationOf(node, scope.database)
      const name = foldName(relation.name)
      // `recurring.t` is all that a recursive expression has gathered so far.
      const isCte =
        relation.schema === undefined
          ? scope.ctes.includes(name)
          : foldName(relation.schema) === 'recurring' && scope.recurring.includes(name)
      if (!isCte) {
        if (!found.relations.some((known) => known.name === relation.name && known.schema === relation.schema))
          found.relations.push(relation)
        if (renames) found.columns.push({ column: '*', relations: [relation], ...at(node) })
      }
      entries.push({ alias: alias ?? name, relation: isCte ? undefined : relation })
      return
    }
    case 'JOIN': {
      const own: Entry[] = []
      addEntries(node.left as Node, scope, own, found)
      addEntries(node.right as Node, scope, own, found)
      if (node.ref_type === 'NATURAL') found.columns.push({ column: '*', relations: relationsOf(own), joins: 'natural' })
      for (const column of (node.using_columns as string[] | undefined) ?? []) found.columns.push({ column, relations: relationsOf(own) })
      entries.push(...own)
      return
    }
    case 'PIVOT': {
      const own: Entry[] = []
      addEntries(node.source as Node, scope, own, found)
      // The columns are made of the values of an enumeration.
      for (const { pivot_enum } of node.pivots as Node[]) if (text(pivot_enum) !== undefined) found.types.push(typeOf(String(pivot_enum)))
      // Every column that is not named is a group, or a value.
      found.columns.push({ column: '*', relations: relationsOf(own) })
      entries.push(...own)
      if (alias !== undefined) entries.push({ alias })
      return
    }
    case 'SHOW_REF':
    case 'SUBQUERY':
    case 'TABLE_FUNCTION':
    case 'EXPRESSION_LIST':
      entries.push({ alias: alias ?? '' })
  }
}

const relationsOf = (entries: readonly Entry[]): RelationName[] =>
  entries.flatMap(({ relation }) => (relation === undefined ? [] : [relation]))

const relationOf = (node: Node, database: string | undefined): RelationName => {
  const schema = schemaOf(text(node.catalog_name), text(node.schema_name), database)
  return { name: String(node.table_name), ...(schema !== undefined && { schema }), ...at(node) }
}

/** `database.schema`, `schema`, or `database` for its main schema; the engine refuses a name that is both. */
const schemaOf = (catalog: string | undefined, schema: string | undefined, database: string | undefined): string | undefined => {
  const isDatabase = (name: string | undefined) =>
    name !== undefined && foldName(name) === (database === undefined ? undefined : foldName(database))
  if (catalog === undefined) return isDatabase(schema) ? 'main' : schema
  return isDatabase(catalog) ? (schema ?? 'main') : `${catalog}.${schema ?? 'main'}`
}

/** `a`, `t.a`, `s.t.a`, or a field of any of them. */
const readColumn = (node: Node, { entries }: Scope, found: Found): void => {
  const names = (node.column_names as string[]).map((name) => foldName(name))
  const last = names.at(-1) ?? ''
  const rows = entries.filter((entry) => entry.alias === last)
  if (rows.length > 0) found.columns.push({ column: '*', orNamed: last, relations: relationsOf(rows), ...at(node) })
  // Which part is the column cannot be told without the catalog: the first of any table, or one that follows a table's name.
  for (const [index, column] of names.entries()) {
    const tables = index === 0 ? entries : entries.filter((entry) => entry.alias === names[index - 1])
    const isQualifier = index === 0 && names.length > 1
    found.columns.push({ column, relations: relationsOf(tables), ...(isQualifier && { isQualifier }), ...at(node) })
  }
}

/** `*`, `t.*`, and all fields of a structure. */
const readStar = (node: Node, { entries, own }: Scope, found: Found): void => {
  const named = foldText(node.relation_name)
  const rows = named === undefined ? own : entries.filter((entry) => entry.alias === named)
  const excluded = ((node.exclude_list as string[] | undefined) ?? []).map((name) => foldName(name))
  const qualified = (node.qualified_exclude_list as { table: string; column: string }[] | undefined) ?? []
  for (const entry of rows) {
    const own = qualified.filter(({ table }) => table === '' || foldName(table) === entry.alias).map(({ column }) => foldName(column))
    found.columns.push({ column: '*', relations: relationsOf([entry]), except: [...excluded, ...own], ...at(node) })
  }
  // All fields of a structure are written as all columns of a table.
  if (named !== undefined) found.columns.push({ column: named, relations: relationsOf(entries), ...at(node) })
}
