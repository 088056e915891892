import { emptyFacts } from '../empty-facts.ts'
import { aggregates, makesRows } from '../result-functions.ts'
import type { StatementFacts } from '../source.ts'
import { at, knownNodes, type Node, nameOf, statementName, strings, typedFields } from './tree-nodes.ts'
import { addEntries, commonTable, type Entry, type Found, outputNames, readColumn, type Scope } from './tree-scope.ts'

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

/** The operators that BETWEEN stands for. */
const betweenOperators: Readonly<Record<string, readonly string[]>> = {
  AEXPR_BETWEEN: ['>=', '<='],
  AEXPR_BETWEEN_SYM: ['>=', '<='],
  AEXPR_NOT_BETWEEN: ['<', '>'],
  AEXPR_NOT_BETWEEN_SYM: ['<', '>'],
}

/** What a SELECT names and is made of. */
export const readTree = (select: Node): Omit<StatementFacts, 'count' | 'kind' | 'ordered' | 'settings'> => {
  const found: Found = { ...emptyFacts(), schemas: [], typeNames: new Set(), existing: new Set() }
  readSelect(select, { ctes: [], levels: [] }, found, true)
  const { typeNames: _typeNames, existing: _existing, ...facts } = found
  return facts
}

/** A SELECT, alone or as an arm of a set operation, with its WITH clause. */
const readSelect = (node: Node, outer: Scope, found: Found, isOutermost = false): void => {
  allowTypeNames(plainPlaces(node, isOutermost), found)
  let scope = outer
  const withClause = node.withClause as { ctes?: Node[]; recursive?: boolean } | undefined
  const ctes = withClause?.ctes?.flatMap((item) => (item.CommonTableExpr === undefined ? [] : [item.CommonTableExpr as Node])) ?? []
  if (withClause?.recursive === true) scope = { ...scope, ctes: [...ctes.map(commonTable), ...scope.ctes] }
  for (const cte of ctes) {
    // Without RECURSIVE a name is in scope only after its own definition.
    visitFields(cte, scope, found)
    if (withClause?.recursive !== true) scope = { ...scope, ctes: [commonTable(cte), ...scope.ctes] }
  }
  if (node.intoClause !== undefined) addWrite('SELECT INTO', ((node.intoClause as Node).rel as Node | undefined) ?? {}, found)
  if (node.lockingClause !== undefined) {
    const [locked = {}] = (((node.lockingClause as Node[])[0] as Node).LockingClause as { lockedRels?: Node[] }).lockedRels ?? []
    addWrite('a row lock (FOR UPDATE or FOR SHARE)', (locked.RangeVar as Node | undefined) ?? {}, found)
  }

  readShape(node, found)
  const entries: Entry[] = []
  for (const item of (node.fromClause as Node[] | undefined) ?? []) addEntries(item, scope, entries, found)
  const inner: Scope = { ...scope, levels: [entries, ...scope.levels] }
  const partial: Scope = { ...inner, isPartial: true }
  for (const [key, child] of Object.entries(node)) {
    if (key === 'withClause' || key === 'lockingClause' || key === 'intoClause') continue
    // What the FROM clause names was read above; the expressions in it see their neighbours.
    if (key === 'larg' || key === 'rarg') readSelect(child as Node, scope, found)
    else if (key === 'sortClause') for (const item of child as Node[]) readSort(item, node, inner, found)
    else if (key === 'fromClause') visit(child, partial, found, true)
    else visit(child, inner, found)
  }
}

/** What a query says of how it was written, and not of what it reads. */
const readShape = (node: Node, found: Found): void => {
  for (const item of (node.targetList as Node[] | undefined) ?? []) {
    const column = ((item.ResTarget as Node | undefined)?.val as Node | undefined)?.ColumnRef as Node | undefined
    if ((column?.fields as Node[] | undefined)?.some((field) => field.A_Star !== undefined))
      found.stars.push({ name: '*', ...at(column as Node) })
  }
  const limit = (node.limitCount as Node | undefined)?.A_Const as Node | undefined
  if (node.limitCount !== undefined && limit?.isnull !== true && node.sortClause === undefined && !givesOneRow(node))
    found.looseLimits.push({ name: 'LIMIT', ...at(Object.values(node.limitCount as Node)[0] as Node) })
}

/** Whether a query gives one row, whatever it reads: what it selects is aggregated without GROUP BY, or from nothing. */
const givesOneRow = (node: Node): boolean => {
  if (node.groupClause !== undefined || node.valuesLists !== undefined || node.larg !== undefined) return false
  const names = callsIn(node.targetList)
  return (node.fromClause === undefined || names.some((name) => aggregates.has(name))) && !names.some(makesRows)
}

/** The names of the functions that an expression calls, but for those of windows and of queries within. */
const callsIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(callsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'SubLink') return []
    const own = key === 'FuncCall' && (inner as Node).over === undefined ? [nameOf((inner as Node).funcname).name] : []
    return [...own, ...callsIn(inner)]
  })
}

/** Functions that take a value of any type as it is. */
const takingAnyType = /^(pg_typeof|concat|concat_ws|count|format|jsonb?_build_(array|object)|quote_(literal|nullable)|to_jsonb?)$/
const textTypes: ReadonlySet<string> = new Set(['text', 'varchar'])

/**
 * pg_typeof gives a value of which every string beside it is looked up as the name of a type, which may be that of a table.
 * So it stands only where nothing can come beside it: as a column of the outermost result, under a cast to text, in what
 * takes values of any type, in GROUP BY and ORDER BY, and beside another of its kind.
 */
const allowTypeNames = (places: readonly unknown[], found: Found): void => {
  for (const place of places) {
    const call = (place as { readonly FuncCall?: Node } | undefined)?.FuncCall
    if (call !== undefined && isTypeName(place)) found.typeNames.add(call)
  }
}

const isTypeName = (value: unknown): boolean => {
  const call = (value as { readonly FuncCall?: Node } | undefined)?.FuncCall
  return call !== undefined && nameOf(call.funcname).name === 'pg_typeof'
}

/** The places of a SELECT in which a type's name goes nowhere; those of its columns when it is the outermost. */
const plainPlaces = ({ targetList, groupClause, sortClause, op }: Node, isOutermost: boolean): unknown[] => [
  ...(isOutermost && (op === undefined || op === 'SETOP_NONE')
    ? ((targetList as Node[] | undefined) ?? []).map((item) => (item.ResTarget as Node | undefined)?.val)
    : []),
  ...((groupClause as Node[] | undefined) ?? []),
  ...((sortClause as Node[] | undefined) ?? []).map((item) => (item.SortBy as Node | undefined)?.node),
]

/** Of an expression, its parts of which none is brought to the type of another. */
const plainParts = (type: string, node: Node): readonly unknown[] => {
  if (type === 'TypeCast') {
    const { name, schema = 'pg_catalog' } = nameOf((node.typeName as Node | undefined)?.names)
    return schema === 'pg_catalog' && textTypes.has(name) ? [node.arg] : []
  }
  if (type === 'FuncCall') return takingAnyType.test(nameOf(node.funcname).name) ? ((node.args as unknown[] | undefined) ?? []) : []
  return type === 'A_Expr' && isTypeName(node.lexpr) && isTypeName(node.rexpr) ? [node.lexpr, node.rexpr] : []
}

const addWrite = (write: string, node: Node, found: Found): void => {
  found.writes.push(write)
  const { position } = at(node)
  if (position !== undefined) found.position ??= position
}

/** An item of ORDER BY: a bare name means a column of the result before it means one of a table. */
const readSort = (item: Node, select: Node, scope: Scope, found: Found): void => {
  const sorted = (item.SortBy as Node | undefined)?.node as Node | undefined
  const fields = strings((sorted?.ColumnRef as Node | undefined)?.fields)
  const isOutput = fields.length === 1 && outputNames(select).has(fields[0] as string)
  visit(isOutput ? { SortBy: { ...(item.SortBy as Node), node: undefined } } : item, scope, found)
}

/** A node in its wrapper, a list of them, or a plain value. */
const visit = (value: unknown, scope: Scope, found: Found, inFrom = false): void => {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, scope, found, inFrom)
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [type, body] of Object.entries(value)) visitNode(type, body as Node, scope, found, inFrom)
}

/** `inFrom`: the node is an item of the FROM clause that is the innermost level of the scope. */
const visitNode = (type: string, node: Node, scope: Scope, found: Found, inFrom = false): void => {
  if (!knownNodes.has(type)) {
    if (type.endsWith('Stmt')) addWrite(`${statementName(type)} statement`, (node.relation as Node | undefined) ?? {}, found)
    else found.unknown.push({ name: type, ...at(node) })
    return
  }
  allowTypeNames(plainParts(type, node), found)
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
      visitFields(node, node.lateral === true || !inFrom ? scope : { ...scope, levels: scope.levels.slice(1) }, found)
      return
    case 'JoinExpr': {
      if (node.usingClause !== undefined || node.isNatural === true) found.operators.push({ name: '=', ...at(node) })
      for (const side of ['larg', 'rarg']) visit(node[side], scope, found, inFrom)
      visit(node.quals, scope, found)
      return
    }
    case 'ColumnRef':
      readColumn(node, scope, found)
      return
    case 'A_Indirection':
      for (const name of strings(node.indirection)) found.fields.push({ name, ...at({ location: leftmost(node.arg) }) })
      break
    case 'FuncCall':
      if (isTypeName({ FuncCall: node }) && !found.typeNames.has(node))
        found.unknown.push({ name: 'pg_typeof without ::text', ...at(node) })
      readFunction(node, found)
      break
    case 'CollateClause':
      readSchema(node.collname, node, found)
      break
    case 'TypeCast':
      if (isNamedConfiguration(node)) {
        visit(node.arg, scope, found)
        return
      }
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
      for (const name of betweenOperators[String(node.kind)] ?? []) found.operators.push({ name, ...at(node) })
      break
    case 'CaseExpr':
      if (node.arg !== undefined) found.operators.push({ name: '=', ...at(node) })
      break
    case 'SubLink': {
      if (node.subLinkType === 'ANY_SUBLINK' && node.operName === undefined) found.operators.push({ name: '=', ...at(node) })
      readOperator(node.operName, node, found)
      const [stars, limits] = [found.stars.length, found.looseLimits.length]
      if (node.subLinkType === 'EXISTS_SUBLINK') for (const star of starsOf(node.subselect as Node | undefined)) found.existing.add(star)
      visitFields(node, scope, found)
      if (node.subLinkType !== 'EXISTS_SUBLINK') return
      found.stars.length = stars
      found.looseLimits.length = limits
      return
    }
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
  visitFields(node, scope, found)
}

/** The stars that a query selects, when what it selects decides on none of its rows. */
const starsOf = ({ SelectStmt: select }: Node = {}): Node[] => {
  const { targetList = [], ...others } = (select ?? {}) as Node & { targetList?: Node[] }
  if (!Object.keys(others).every((key) => plainFields.has(key)) || others.op !== 'SETOP_NONE') return []
  const columns = targetList.flatMap((item) => ((item.ResTarget as Node | undefined)?.val as Node | undefined)?.ColumnRef ?? []) as Node[]
  return columns.filter(({ fields }) => (fields as Node[]).some((field) => field.A_Star !== undefined))
}

const plainFields: ReadonlySet<string> = new Set([
  'fromClause',
  'whereClause',
  'limitOption',
  'limitCount',
  'limitOffset',
  'op',
  'withClause',
])

/** The first place in the text that something in a tree stands at, which the engine gives for the whole of it. */
const leftmost = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? Number.POSITIVE_INFINITY
    : Math.min(
        ...Object.entries(value).map(([key, child]) =>
          key === 'location' && typeof child === 'number' && child >= 0 ? child : leftmost(child),
        ),
      )

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

const visitFields = (node: Node, scope: Scope, found: Found): void => {
  for (const [key, child] of Object.entries(node)) {
    if (nameLists.has(key) || typeof child !== 'object' || child === null) continue
    if (Array.isArray(child)) {
      visit(child, scope, found)
      continue
    }
    const [first] = Object.keys(child)
    const isWrapped = first === undefined || /^[A-Z]/.test(first)
    const typed = typedFields[key]
    if (isWrapped) visit(child, scope, found)
    else if (typed !== undefined) visitNode(typed, child as Node, scope, found)
    else found.unknown.push({ name: key, ...at(node) })
  }
}

const readOperator = (list: unknown, node: Node, found: Found): void => {
  if (list === undefined) return
  const operator = nameOf(list)
  if (!/^[A-Z]/.test(operator.name)) found.operators.push({ ...operator, ...at(node) })
}

const readFunction = (node: Node, found: Found): void => {
  const used = nameOf(node.funcname)
  const args = (node.args as Node[] | undefined) ?? []
  const sorted = node.agg_within_group === true ? (node.agg_order as Node[]).length : 0
  found.functions.push({ ...used, arguments: args.length + sorted, ...at(node) })
  const [first = {}] = args
  if (takesConfiguration.test(used.name) && (args.length > 1 || used.name === 'ts_token_type'))
    readSchema(partsOfName(stringOf(first)), node, found)
}

/** Functions whose first argument may name a configuration, dictionary or parser of text search. */
const takesConfiguration =
  /^(jsonb?_to_tsvector|to_tsvector|(to|plainto|phraseto|websearch_to)_tsquery|ts_(headline|lexize|debug|parse|token_type)|unaccent)$/

/** The schema before the name of something that is neither relation, function, type nor operator. */
const readSchema = (name: unknown, node: Node, found: Found): void => {
  const { schema } = nameOf(name)
  if (schema !== undefined) found.schemas.push({ name: schema, ...at(node) })
}

/** The text of a string constant, with a cast around it or without. */
const stringOf = (node: Node): string | undefined => {
  if (node.TypeCast !== undefined) return stringOf(((node.TypeCast as Node).arg as Node | undefined) ?? {})
  const constant = (node.A_Const as Node | undefined)?.sval as Node | undefined
  return constant === undefined ? undefined : String(constant.sval ?? '')
}

/** A name of two parts as a string holds it, as the grammar would give it. */
const partsOfName = (text: string | undefined): Node[] | undefined =>
  /^\s*("[^"]+"|[^\s."]+)\s*\.\s*("[^"]+"|[^\s."]+)\s*$/
    .exec(text ?? '')
    ?.slice(1)
    .map((part) => ({ String: { sval: part.replaceAll('"', '') } }))

/** 'english'::regconfig. Names given so are those that text search functions take as strings; computed ones would tell what there is. */
const isNamedConfiguration = (cast: Node): boolean => {
  const { name, schema = 'pg_catalog' } = nameOf((cast.typeName as Node | undefined)?.names)
  return (
    (name === 'regconfig' || name === 'regdictionary') &&
    schema === 'pg_catalog' &&
    /^(pg_catalog\.)?[a-z_]\w*$/.test(stringOf((cast.arg as Node | undefined) ?? {}) ?? '')
  )
}
