/** A node of the grammar's tree, or the fields of one. */
export type Node = Readonly<Record<string, unknown>>

/**
 * Node types that a read may be made of; anything else is reported as unknown. Names: PostgreSQL's parsenodes.h and
 * primnodes.h. RawStmt and its kind never reach the walk.
 */
export const knownNodes: ReadonlySet<string> = new Set(
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
export const typedFields: Readonly<Record<string, string>> = {
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

/** The names in a list of nodes. */
export const strings = (list: unknown): string[] =>
  Array.isArray(list) ? list.flatMap((item: Node) => (item.String === undefined ? [] : [String((item.String as Node).sval ?? '')])) : []

/** The last part of a qualified name, and the one before it. */
export const nameOf = (list: unknown): { name: string; schema?: string } => {
  const parts = strings(list)
  const name = parts.at(-1) ?? ''
  return parts.length > 1 ? { name, schema: parts.slice(0, -1).join('.') } : { name }
}

/** Where a node stands, in bytes; nothing when the tree does not tell, as for what stands first. */
export const at = (node: Node): { position?: number } =>
  typeof node.location === 'number' && node.location >= 0 ? { position: node.location } : {}

/** "InsertStmt" is "INSERT", "CreateTableAsStmt" is "CREATE TABLE AS". */
export const statementName = (type: string): string =>
  oddNames[type] ??
  type
    .replace(/Stmt$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase()

/** Statements that the grammar calls otherwise than callers do. */
const oddNames: Readonly<Record<string, string>> = {
  CheckPointStmt: 'CHECKPOINT',
  CreateStmt: 'CREATE TABLE',
  IndexStmt: 'CREATE INDEX',
  RuleStmt: 'CREATE RULE',
  SecLabelStmt: 'SECURITY LABEL',
  VariableSetStmt: 'SET',
  VariableShowStmt: 'SHOW',
  ConstraintsSetStmt: 'SET CONSTRAINTS',
  ViewStmt: 'CREATE VIEW',
}
