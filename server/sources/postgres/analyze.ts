import { Fault } from '../../envelope/fault.ts'
import { offsetOfCodePoint, positionAt } from '../../envelope/text-position.ts'
import { checkCharacters } from '../check-characters.ts'
import type { RelationName, StatementFacts } from '../source.ts'

type Node = Readonly<Record<string, unknown>>

/** Texts whose facts are kept; a server sees the same few again and again. */
const keptTexts = 500
const kept = new Map<string, StatementFacts>()
let parser: Promise<(sql: string) => { stmts?: { stmt?: Node }[] }> | undefined

/**
 * What PostgreSQL's own grammar says of a text. Touches no database.
 * Throws SQL_ERROR with the position of a syntax error.
 */
export const analyzePostgres = async (sql: string): Promise<StatementFacts> => {
  const known = kept.get(sql)
  if (known !== undefined) return known
  checkCharacters(sql)
  parser ??= import('libpg-query').then(async ({ loadModule, parseSync }) => {
    await loadModule()
    return parseSync as unknown as (sql: string) => { stmts?: { stmt?: Node }[] }
  })
  const parse = await parser
  const facts = factsOf(parseOrFault(parse, sql).stmts ?? [])
  if (kept.size >= keptTexts) kept.delete(kept.keys().next().value as string)
  if (sql.length < 10_000) kept.set(sql, facts)
  return facts
}

const parseOrFault = (parse: (sql: string) => { stmts?: { stmt?: Node }[] }, sql: string) => {
  try {
    return parse(sql)
  } catch (error) {
    const details = (error as { sqlDetails?: { message: string; cursorPosition: number } }).sqlDetails
    const message = details?.message ?? 'the text does not parse'
    throw new Fault('SQL_ERROR', `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, {
      path: 'sql',
      ...(details !== undefined && { position: positionAt(sql, offsetOfCodePoint(sql, Math.max(0, details.cursorPosition))) }),
      hint: 'Write the statement in the Postgres dialect.',
    })
  }
}

const factsOf = (statements: readonly { stmt?: Node }[]): StatementFacts => {
  const [first] = statements
  const [type = '', body = {}] = Object.entries(first?.stmt ?? {})[0] ?? []
  const facts = { relations: [] as RelationName[], writes: [] as string[] }
  if (first?.stmt !== undefined) walk(first.stmt, [], facts)
  const select = type === 'SelectStmt' ? (body as Node) : undefined
  return {
    count: statements.length,
    kind: kindOf(type),
    writes: facts.writes,
    relations: facts.relations,
    ordered: Array.isArray(select?.sortClause) && select.sortClause.length > 0,
  }
}

/** "SelectStmt" is "select", "VariableShowStmt" "show", "TransactionStmt" "transaction". */
const kindOf = (type: string): string =>
  type === 'VariableShowStmt'
    ? 'show'
    : type
        .replace(/Stmt$/, '')
        .replace(/([a-z])([A-Z])/g, '$1 $2')
        .toLowerCase()

/** Statement nodes that may stand in a read. Any other node whose name ends in Stmt makes it a write. */
const readingNodes = new Set(['SelectStmt', 'ExplainStmt', 'VariableShowStmt', 'RawStmt'])

/**
 * Walks every node, whatever its type, and carries the names of common table expressions that are in scope: they hide
 * an unqualified name inside their own scope only.
 */
const walk = (value: unknown, scope: readonly string[], facts: { relations: RelationName[]; writes: string[] }): void => {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, scope, facts)
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    if (/^[A-Z]/.test(key)) visit(key, child as Node, scope, facts)
    else if (key === 'intoClause') facts.writes.push('SELECT INTO')
    else if (key === 'lockingClause') facts.writes.push('a row lock (FOR UPDATE or FOR SHARE)')
    else if (key === 'withClause' || key === 'larg' || key === 'rarg') walkStatement(child as Node, scope, facts)
    else walk(child, scope, facts)
  }
}

const visit = (type: string, node: Node, scope: readonly string[], facts: { relations: RelationName[]; writes: string[] }): void => {
  if (type.endsWith('Stmt') && !readingNodes.has(type)) facts.writes.push(`${kindOf(type).toUpperCase()} statement`)
  if (type === 'RangeVar') addRelation(node, scope, facts.relations)
  if (type === 'SelectStmt') walkStatement(node, scope, facts)
  else walk(node, scope, facts)
}

/** A SELECT, alone or as an arm of a set operation, with its WITH clause. */
const walkStatement = (node: Node, scope: readonly string[], facts: { relations: RelationName[]; writes: string[] }): void => {
  const withClause = node.withClause as { ctes?: { CommonTableExpr?: Node }[]; recursive?: boolean } | undefined
  let inner = scope
  const ctes = withClause?.ctes?.flatMap((cte) => (cte.CommonTableExpr === undefined ? [] : [cte.CommonTableExpr])) ?? []
  if (withClause?.recursive === true) inner = [...scope, ...ctes.map((cte) => String(cte.ctename))]
  for (const cte of ctes) {
    // Without RECURSIVE a name is in scope only after its own definition.
    walk(cte, inner, facts)
    if (withClause?.recursive !== true) inner = [...inner, String(cte.ctename)]
  }
  const { withClause: _done, ...rest } = node
  walk(rest, inner, facts)
}

const addRelation = (node: Node, scope: readonly string[], relations: RelationName[]): void => {
  const name = String(node.relname)
  const schema = node.schemaname === undefined ? undefined : String(node.schemaname)
  if (schema === undefined && scope.includes(name)) return
  if (!relations.some((known) => known.name === name && known.schema === schema))
    relations.push({ name, ...(schema !== undefined && { schema }) })
}
