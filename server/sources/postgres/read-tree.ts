import type { ColumnUse, RelationName, StatementFacts, UsedName } from '../source.ts'

export type Node = Readonly<Record<string, unknown>>

/**
 * Node types that a read may be made of; anything else is reported as unknown. Names: PostgreSQL's parsenodes.h and
 * primnodes.h. RawStmt and its kind never reach the walk.
 */
const knownNodes: ReadonlySet<string> = new Set(
  (
    'SelectStmt ResTarget ColumnRef A_Star A_Const A_Expr BoolExpr NullTest BooleanTest FuncCall TypeCast TypeName SubLink CaseExpr ' +
    'CaseWhen CoalesceExpr MinMaxExpr RowExpr A_ArrayExpr A_Indirection A_Indices CollateClause SortBy WindowDef GroupingFunc ' +
    'GroupingSet RangeVar RangeSubselect RangeFunction RangeTableSample RangeTableFunc RangeTableFuncCol JoinExpr Alias ' +
    'CommonTableExpr WithClause CTESearchClause CTECycleClause ParamRef SQLValueFunction NamedArgExpr ColumnDef List String Integer ' +
    'Float Boolean BitString XmlExpr XmlSerialize JsonFuncExpr JsonTable JsonTableColumn JsonTablePathSpec JsonObjectConstructor ' +
    'JsonArrayConstructor JsonArrayQueryConstructor JsonObjectAgg JsonArrayAgg JsonAggConstructor JsonKeyValue JsonValueExpr ' +
    'JsonFormat JsonOutput JsonReturning JsonIsPredicate JsonParseExpr JsonScalarExpr JsonSerializeExpr JsonBehavior JsonArgument'
  ).split(' '),
)

/** Fields whose value is a node without the name of its type around it. */
const typedFields: Readonly<Record<string, string>> = {
  alias: 'Alias',
  collClause: 'CollateClause',
  constructor: 'JsonAggConstructor',
  context_item: 'JsonValueExpr',
  cycle_clause: 'CTECycleClause',
  format: 'JsonFormat',
  join_using_alias: 'Alias',
  larg: 'SelectStmt',
  on_empty: 'JsonBehavior',
  on_error: 'JsonBehavior',
  output: 'JsonOutput',
  over: 'WindowDef',
  pathspec: 'JsonTablePathSpec',
  rarg: 'SelectStmt',
  returning: 'JsonReturning',
  search_clause: 'CTESearchClause',
  typeName: 'TypeName',
  val: 'JsonValueExpr',
  arg: 'JsonValueExpr',
  expr: 'JsonValueExpr',
  value: 'JsonValueExpr',
  key: 'JsonValueExpr',
  withClause: 'WithClause',
}

/** SQL's own words that are computed without parentheses, by the name of the function they stand for. */
const valueFunctions: Readonly<Record<string, string>> = {
  SVFOP_CURRENT_DATE: 'now',
  SVFOP_CURRENT_TIME: 'now',
  SVFOP_CURRENT_TIME_N: 'now',
  SVFOP_CURRENT_TIMESTAMP: 'now',
  SVFOP_CURRENT_TIMESTAMP_N: 'now',
  SVFOP_LOCALTIME: 'now',
  SVFOP_LOCALTIME_N: 'now',
  SVFOP_LOCALTIMESTAMP: 'now',
  SVFOP_LOCALTIMESTAMP_N: 'now',
}

/** Something in a FROM clause that columns can be read from. */
interface Entry {
  /** The name it is called by in the statement. */
  readonly alias: string
  /** The relation behind it; undefined for subqueries, functions and common table expressions. */
  readonly relation?: RelationName | undefined
  readonly isFunction: boolean
}

/** What can be seen from one place of the statement; names of the outer places come after those of the inner. */
interface Scope {
  /** Common table expressions. */
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
export const readTree = (select: Node): Omit<StatementFacts, 'count' | 'kind' | 'ordered' | 'settings'> => {
  const found: Found = { relations: [], functions: [], types: [], operators: [], fields: [], columns: [], writes: [], unknown: [] }
  readSelect(select, { ctes: [], entries: [] }, found)
  return found
}

const strings = (list: unknown): string[] =>
  Array.isArray(list) ? list.flatMap((item: Node) => (item.String === undefined ? [] : [String((item.String as Node).sval ?? '')])) : []

/** The last part of a qualified name, and the one before it. */
const nameOf = (list: unknown): { name: string; schema?: string } => {
  const parts = strings(list)
  const name = parts.at(-1) ?? ''
  return parts.length > 1 ? { name, schema: parts.slice(0, -1).join('.') } : { name }
}

const at = (node: Node): { position?: number } =>
  typeof node.location === 'number' && node.location >= 0 ? { position: node.location } : {}

/** A SELECT, alone or as an arm of a set operation, with its WITH clause. */
const readSelect = (node: Node, outer: Scope, found: Found): void => {
  let scope = outer
  const withClause = node.withClause as { ctes?: Node[]; recursive?: boolean } | undefined
  const ctes = withClause?.ctes?.flatMap((item) => (item.CommonTableExpr === undefined ? [] : [item.CommonTableExpr as Node])) ?? []
  if (withClause?.recursive === true) scope = { ...scope, ctes: [...scope.ctes, ...ctes.map((cte) => String(cte.ctename))] }
  for (const cte of ctes) {
    // Without RECURSIVE a name is in scope only after its own definition.
    visitFields(cte, scope, found)
    if (withClause?.recursive !== true) scope = { ...scope, ctes: [...scope.ctes, String(cte.ctename)] }
  }
  if (node.intoClause !== undefined) found.writes.push('SELECT INTO')
  if (node.lockingClause !== undefined) found.writes.push('a row lock (FOR UPDATE or FOR SHARE)')

  const entries: Entry[] = []
  for (const item of (node.fromClause as Node[] | undefined) ?? []) addEntries(item, scope, entries, found)
  const inner: Scope = { ctes: scope.ctes, entries: [...entries, ...scope.entries] }
  for (const [key, child] of Object.entries(node)) {
    if (key === 'withClause' || key === 'lockingClause' || key === 'intoClause') continue
    // What the FROM clause names was read above; the expressions in it see their neighbours.
    if (key === 'larg' || key === 'rarg') readSelect(child as Node, scope, found)
    else visit(child, inner, found, entries)
  }
}

/** Collects what an item of a FROM clause brings into scope. */
const addEntries = (item: Node, scope: Scope, entries: Entry[], found: Found): void => {
  const [type = '', body = {}] = Object.entries(item)[0] ?? []
  const node = body as Node
  const alias = node.alias as { aliasname?: string; colnames?: unknown[] } | undefined
  if (type === 'RangeVar') {
    const relation = relationOf(node)
    const isCte = relation.schema === undefined && scope.ctes.includes(relation.name)
    if (!isCte) {
      addRelation(relation, node, found)
      // Renamed columns can no longer be told by their names.
      if (alias?.colnames !== undefined) found.columns.push({ column: '*', relations: [relation], ...at(node) })
    }
    entries.push({ alias: alias?.aliasname ?? relation.name, relation: isCte ? undefined : relation, isFunction: false })
  } else if (type === 'JoinExpr') {
    const own: Entry[] = []
    for (const side of ['larg', 'rarg']) addEntries((node[side] as Node | undefined) ?? {}, scope, own, found)
    const relations = relationsOf(own)
    if (node.isNatural === true) found.columns.push({ column: '*', relations })
    for (const column of strings(node.usingClause)) found.columns.push({ column, relations })
    entries.push(...own)
    const joined = alias ?? (node.join_using_alias as { aliasname?: string } | undefined)
    if (joined?.aliasname !== undefined) {
      entries.push({ alias: joined.aliasname, isFunction: false })
      if (alias !== undefined) found.columns.push({ column: '*', relations })
    }
  } else if (type === 'RangeTableSample') addEntries((node.relation as Node | undefined) ?? {}, scope, entries, found)
  else if (alias?.aliasname !== undefined) entries.push({ alias: alias.aliasname, isFunction: type === 'RangeFunction' })
  else if (type === 'RangeFunction') entries.push({ alias: '', isFunction: true })
}

const relationsOf = (entries: readonly Entry[]): RelationName[] =>
  entries.flatMap(({ relation }) => (relation === undefined ? [] : [relation]))

const relationOf = (node: Node): RelationName => {
  const database = node.catalogname === undefined ? undefined : String(node.catalogname)
  const schema = node.schemaname === undefined ? undefined : String(node.schemaname)
  return {
    name: String(node.relname),
    ...(schema !== undefined && { schema: database === undefined ? schema : `${database}.${schema}` }),
    ...at(node),
  }
}

const addRelation = (relation: RelationName, _node: Node, found: Found): void => {
  if (!found.relations.some((known) => known.name === relation.name && known.schema === relation.schema)) found.relations.push(relation)
}

/** A node in its wrapper, a list of them, or a plain value. */
const visit = (value: unknown, scope: Scope, found: Found, siblings: readonly Entry[] = []): void => {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, scope, found, siblings)
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [type, body] of Object.entries(value)) visitNode(type, body as Node, scope, found, siblings)
}

const visitNode = (type: string, node: Node, scope: Scope, found: Found, siblings: readonly Entry[]): void => {
  if (!knownNodes.has(type)) {
    if (type.endsWith('Stmt')) found.writes.push(`${statementName(type)} statement`)
    else found.unknown.push({ name: type, ...at(node) })
    return
  }
  switch (type) {
    case 'A_Const':
    case 'String':
    case 'Integer':
    case 'Float':
    case 'Boolean':
    case 'BitString':
    case 'A_Star':
    case 'Alias':
    case 'ParamRef':
    case 'RangeVar':
      return
    case 'SelectStmt':
      readSelect(node, scope, found)
      return
    case 'RangeSubselect':
      // Without LATERAL it cannot see its neighbours.
      visitFields(node, node.lateral === true ? scope : without(scope, siblings), found)
      return
    case 'JoinExpr': {
      for (const side of ['larg', 'rarg']) visit(node[side], scope, found, siblings)
      visit(node.quals, scope, found)
      return
    }
    case 'ColumnRef':
      readColumn(node, scope, found)
      return
    case 'A_Indirection':
      for (const name of strings(node.indirection)) found.fields.push({ name, ...at(node.arg as Node) })
      break
    case 'FuncCall':
      found.functions.push({ ...nameOf(node.funcname), arguments: ((node.args as unknown[] | undefined) ?? []).length, ...at(node) })
      break
    case 'SQLValueFunction':
      found.functions.push({ name: valueFunctions[String(node.op)] ?? String(node.op).slice(6).toLowerCase(), arguments: 0, ...at(node) })
      return
    case 'TypeName':
      found.types.push({ ...nameOf(node.names), ...at(node) })
      if (node.pct_type === true) found.unknown.push({ name: '%TYPE', ...at(node) })
      break
    case 'A_Expr':
      readOperator(node.name, node, found)
      break
    case 'SubLink':
      readOperator(node.operName, node, found)
      break
    case 'SortBy':
      readOperator(node.useOp, node, found)
      break
    case 'RangeTableSample': {
      const method = nameOf(node.method)
      if (!['bernoulli', 'system'].includes(method.name) || (method.schema ?? 'pg_catalog') !== 'pg_catalog')
        found.functions.push({ ...method, ...at(node) })
      break
    }
  }
  visitFields(node, scope, found, siblings)
}

/** Names of the fields that hold lists of names, which were read where they mean something. */
const nameLists: ReadonlySet<string> = new Set([
  'funcname',
  'names',
  'name',
  'operName',
  'useOp',
  'usingClause',
  'collname',
  'method',
  'fields',
])

const visitFields = (node: Node, scope: Scope, found: Found, siblings: readonly Entry[] = []): void => {
  for (const [key, child] of Object.entries(node)) {
    if (nameLists.has(key) || typeof child !== 'object' || child === null) continue
    if (Array.isArray(child)) {
      visit(child, scope, found, siblings)
      continue
    }
    const [first] = Object.keys(child)
    const isWrapped = first === undefined || /^[A-Z]/.test(first)
    const typed = typedFields[key]
    if (isWrapped) visit(child, scope, found, siblings)
    else if (typed !== undefined) visitNode(typed, child as Node, scope, found, siblings)
    else found.unknown.push({ name: key, ...at(node) })
  }
}

const without = (scope: Scope, siblings: readonly Entry[]): Scope =>
  siblings.length === 0 ? scope : { ctes: scope.ctes, entries: scope.entries.filter((entry) => !siblings.includes(entry)) }

const readOperator = (list: unknown, node: Node, found: Found): void => {
  if (list === undefined) return
  const operator = nameOf(list)
  if (!/^[A-Z]/.test(operator.name)) found.operators.push({ ...operator, ...at(node) })
}

/** A reference to a column, a whole row, or, written like a column, a call of a function on a row. */
const readColumn = (node: Node, { entries }: Scope, found: Found): void => {
  const parts = strings(node.fields)
  const isStar = (node.fields as Node[]).some((field) => field.A_Star !== undefined)
  const where = at(node)
  if (isStar && parts.length === 0) {
    found.columns.push({ column: '*', relations: relationsOf(entries), ...where })
    return
  }
  if (!isStar && parts.length === 1) {
    const [name = ''] = parts
    const row = entries.find((entry) => entry.alias === name)
    if (row?.relation !== undefined) found.columns.push({ column: '*', orNamed: name, relations: [row.relation], ...where })
    found.columns.push({ column: name, relations: relationsOf(entries), ...where })
    return
  }
  const qualifier = isStar ? parts : parts.slice(0, -1)
  const alias = qualifier.at(-1) ?? ''
  const schema = qualifier.length > 1 ? qualifier.at(-2) : undefined
  const entry = entries.find((one) => one.alias === alias && (schema === undefined || one.relation?.schema === schema))
  const relations = entry?.relation === undefined ? [] : [entry.relation]
  if (isStar) {
    found.columns.push({ column: '*', relations, ...where })
    return
  }
  const name = parts.at(-1) as string
  found.columns.push({ column: name, relations, ...where })
  // What is no column of the row is a function of it.
  if (entry === undefined || entry.isFunction || relations.length > 0) found.fields.push({ name, relations, ...where })
}

/** "InsertStmt" is "INSERT", "CreateTableAsStmt" is "CREATE TABLE AS". */
const statementName = (type: string): string =>
  type
    .replace(/Stmt$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase()
