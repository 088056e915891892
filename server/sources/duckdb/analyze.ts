import type { DuckDBConnection } from '@duckdb/node-api'
import { StatementType } from '@duckdb/node-api'
import type { RelationName, StatementFacts } from '../source.ts'
import { faultOfDuckdb } from './errors.ts'

type Node = Readonly<Record<string, unknown>>

/** What the engine's own grammar says of a text. Runs in the child; reads no table. */
export const analyzeDuckdb = async (connection: DuckDBConnection, sql: string): Promise<StatementFacts> => {
  let statements: Awaited<ReturnType<DuckDBConnection['extractStatements']>>
  try {
    statements = await connection.extractStatements(sql)
  } catch (error) {
    throw faultOfDuckdb(error, sql)
  }
  const none = { count: statements.count, relations: [], writes: [], ordered: false }
  if (statements.count !== 1) return { ...none, kind: 'none' }

  const tree = await parseSelect(connection, sql)
  if (tree !== undefined) return { ...none, kind: 'select', ...readTree(tree) }

  const kind = await kindOf(statements, sql)
  if (kind !== 'explain') return { ...none, kind, writes: [`${kind.toUpperCase()} statement`] }
  const explained = await parseSelect(connection, sql.replace(explainHead, ''))
  return explained === undefined
    ? { ...none, kind, writes: ['EXPLAIN of a statement that is not a read'] }
    : { ...none, kind, ...readTree(explained), ordered: false }
}

/** Comments, EXPLAIN, its options. */
const explainHead = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*EXPLAIN(?:\s+ANALYZE)?(?:\s*\([^)]*\))?(?=[\s(])/i

/** The syntax tree of a SELECT-class statement; undefined for anything else. */
const parseSelect = async (connection: DuckDBConnection, sql: string): Promise<Node | undefined> => {
  const result = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql])
  const parsed = JSON.parse(String(result.getRows()[0]?.[0])) as { error: boolean; statements?: { node: Node }[] }
  return parsed.error || parsed.statements?.length !== 1 ? undefined : parsed.statements[0]?.node
}

/** The kind that the engine gives the statement; preparing binds names, so a missing one is an error of the caller. */
const kindOf = async (statements: Awaited<ReturnType<DuckDBConnection['extractStatements']>>, sql: string): Promise<string> => {
  try {
    const prepared = await statements.prepare(0)
    const kind = StatementType[prepared.statementType] ?? 'unknown'
    prepared.destroySync()
    // PRAGMA is prepared as the SELECT it becomes.
    return kind === 'SELECT' ? 'pragma' : kind.toLowerCase().replaceAll('_', ' ')
  } catch (error) {
    if (explainHead.test(sql)) throw faultOfDuckdb(error, sql)
    return /^[a-z]+/i.exec(sql.trimStart())?.[0].toLowerCase() ?? 'unknown'
  }
}

const readTree = (tree: Node): Pick<StatementFacts, 'relations' | 'ordered' | 'writes'> => {
  const relations: RelationName[] = []
  walk(tree, [], relations)
  const modifiers = Array.isArray(tree.modifiers) ? (tree.modifiers as Node[]) : []
  return { relations, writes: [], ordered: modifiers.some((modifier) => modifier.type === 'ORDER_MODIFIER') }
}

/** Walks every node with the common table expressions in scope; they hide an unqualified name in their own scope only. */
const walk = (value: unknown, scope: readonly string[], relations: RelationName[]): void => {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, scope, relations)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const node = value as Node
  if (node.type === 'BASE_TABLE') addRelation(node, scope, relations)
  let inner = scope
  if (typeof node.cte_name === 'string') inner = [...inner, node.cte_name.toLowerCase()]
  const ctes = (node.cte_map as { map?: { key: string; value: unknown }[] } | undefined)?.map ?? []
  for (const { key, value: definition } of ctes) {
    walk(definition, inner, relations)
    inner = [...inner, key.toLowerCase()]
  }
  for (const [key, child] of Object.entries(node)) if (key !== 'cte_map') walk(child, inner, relations)
}

/** Names are compared without case, as the engine does. */
const addRelation = (node: Node, scope: readonly string[], relations: RelationName[]): void => {
  const name = String(node.table_name)
  const schema = node.schema_name === '' || node.schema_name === undefined ? undefined : String(node.schema_name)
  if (schema === undefined && scope.includes(name.toLowerCase())) return
  if (!relations.some((known) => known.name === name && known.schema === schema))
    relations.push({ name, ...(schema !== undefined && { schema }) })
}
