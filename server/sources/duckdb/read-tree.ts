import type { ColumnUse, RelationName, StatementFacts, UsedName } from '../source.ts'

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
  readonly ctes: readonly string[]
  readonly entries: readonly Entry[]
}

interface Found {
  readonly relations: RelationName[]
  readonly functions: UsedName[]
  readonly types: UsedName[]
  readonly operators: UsedName[]
  readonly fields: UsedName[]
  readonly columns: ColumnUse[]
  readonly writes: string[]
  readonly unknown: UsedName[]
}

/** What a SELECT names and is made of. */
export const readTree = (tree: Node): Omit<StatementFacts, 'count' | 'kind' | 'settings'> => {
  const found: Found = { relations: [], functions: [], types: [], operators: [], fields: [], columns: [], writes: [], unknown: [] }
  visit(tree, { ctes: [], entries: [] }, found)
  const modifiers = Array.isArray(tree.modifiers) ? (tree.modifiers as Node[]) : []
  return { ...found, ordered: modifiers.some((modifier) => modifier.type === 'ORDER_MODIFIER') }
}

const text = (value: unknown): string | undefined => (value === '' || value === undefined || value === null ? undefined : String(value))

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
  if (name !== undefined) found.functions.push({ name: name.toLowerCase(), ...at(node) })
  if (node.class === 'COLUMN_REF') readColumn(node, scope, found)
  else if (node.class === 'STAR') readStar(node, scope, found)
  visitFields(node, scope, found, node.class === 'CONSTANT' ? ['value'] : ['column_names', 'exclude_list', 'qualified_exclude_list'])
}

const visitTyped = (node: Node, scope: Scope, found: Found): void => {
  const type = String(node.type)
  if (!knownTypes.has(type)) found.unknown.push({ name: type, ...at(node) })
  switch (type) {
    case 'UNBOUND_TYPE_INFO':
      found.types.push({ name: String(node.name).toLowerCase(), ...(text(node.schema) !== undefined && { schema: String(node.schema) }) })
      break
    case 'SHOW_REF':
      // Without a query it shows names of the catalog.
      if (node.query === null || node.query === undefined) found.unknown.push({ name: `SHOW ${text(node.table_name) ?? ''}`.trim() })
      break
    case 'SELECT_NODE':
    case 'SET_OPERATION_NODE':
    case 'RECURSIVE_CTE_NODE':
    case 'CTE_NODE':
      readQuery(node, scope, found)
      return
    case 'TABLE_FUNCTION': {
      const call = node.function as Node
      found.functions.push({ name: String(call.function_name).toLowerCase(), isTable: true, ...at(node) })
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
    scope = { ...scope, ctes: [...scope.ctes, key.toLowerCase()] }
  }
  if (node.type === 'RECURSIVE_CTE_NODE' || node.type === 'CTE_NODE') {
    const name = String(node.cte_name).toLowerCase()
    const inner = { ...scope, ctes: [...scope.ctes, name] }
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
  const entries: Entry[] = []
  if (node.from_table !== undefined) addEntries(node.from_table as Node, scope, entries, found)
  visitFields(node, { ctes: scope.ctes, entries: [...entries, ...scope.entries] }, found, ['cte_map'])
}

const addEntries = (node: Node, scope: Scope, entries: Entry[], found: Found): void => {
  const alias = text(node.alias)?.toLowerCase()
  const renames = Array.isArray(node.column_name_alias) && node.column_name_alias.length > 0
  switch (node.type) {
    case 'BASE_TABLE': {
      const relation = relationOf(node)
      // `recurring.t` is all that a recursive expression has gathered so far.
      const isCte = (relation.schema ?? 'recurring') === 'recurring' && scope.ctes.includes(relation.name.toLowerCase())
      if (!isCte) {
        if (!found.relations.some((known) => known.name === relation.name && known.schema === relation.schema))
          found.relations.push(relation)
        if (renames) found.columns.push({ column: '*', relations: [relation], ...at(node) })
      }
      entries.push({ alias: alias ?? relation.name.toLowerCase(), relation: isCte ? undefined : relation })
      return
    }
    case 'JOIN': {
      const own: Entry[] = []
      addEntries(node.left as Node, scope, own, found)
      addEntries(node.right as Node, scope, own, found)
      if (node.ref_type === 'NATURAL') found.columns.push({ column: '*', relations: relationsOf(own) })
      for (const column of (node.using_columns as string[] | undefined) ?? []) found.columns.push({ column, relations: relationsOf(own) })
      entries.push(...own)
      return
    }
    case 'PIVOT': {
      const own: Entry[] = []
      addEntries(node.source as Node, scope, own, found)
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

const relationOf = (node: Node): RelationName => {
  const schema = text(node.schema_name)
  const database = text(node.catalog_name)
  return {
    name: String(node.table_name),
    ...(schema !== undefined && { schema: database === undefined ? schema : `${database}.${schema}` }),
    ...at(node),
  }
}

/** `a`, `t.a`, `s.t.a`, or a field of any of them. */
const readColumn = (node: Node, { entries }: Scope, found: Found): void => {
  const names = (node.column_names as string[]).map((name) => name.toLowerCase())
  const [first = ''] = names
  const rows = entries.filter((entry) => names.includes(entry.alias))
  if (rows.length > 0 && names.length === 1) found.columns.push({ column: '*', orNamed: first, relations: relationsOf(rows), ...at(node) })
  // Which part is the table and which the column cannot be told without the catalog; each may be the column.
  for (const column of names) found.columns.push({ column, relations: relationsOf(entries), ...at(node) })
}

const readStar = (node: Node, { entries }: Scope, found: Found): void => {
  const named = text(node.relation_name)?.toLowerCase()
  const rows = named === undefined ? entries : entries.filter((entry) => entry.alias === named)
  const qualified = ((node.qualified_exclude_list as { column: string }[] | undefined) ?? []).map(({ column }) => column)
  const excluded = [...((node.exclude_list as string[] | undefined) ?? []), ...qualified].map((name) => name.toLowerCase())
  found.columns.push({ column: '*', relations: relationsOf(rows), except: excluded, ...at(node) })
}
