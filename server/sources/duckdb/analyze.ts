import type { DuckDBConnection } from '@duckdb/node-api'
import { StatementType } from '@duckdb/node-api'
import type { StatementFacts } from '../source.ts'
import { faultOfDuckdb } from './errors.ts'
import { type Node, readTree } from './read-tree.ts'

const nothing = {
  relations: [],
  functions: [],
  types: [],
  operators: [],
  fields: [],
  columns: [],
  settings: [],
  writes: [],
  unknown: [],
  ordered: false,
}

/** A text without a statement, of which the engine makes an error without a reason. */
const blank = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*$/

/** What the engine's own grammar says of a text. Runs in the child; reads no table. */
export const analyzeDuckdb = async (connection: DuckDBConnection, sql: string): Promise<StatementFacts> => {
  if (blank.test(sql)) return { ...nothing, count: 0, kind: 'none' }
  let statements: Awaited<ReturnType<DuckDBConnection['extractStatements']>>
  try {
    statements = await connection.extractStatements(sql)
  } catch (error) {
    throw faultOfDuckdb(error, sql)
  }
  const none = { ...nothing, count: statements.count }
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
export const parseSelect = async (connection: DuckDBConnection, sql: string): Promise<Node | undefined> => {
  const result = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql])
  // The engine writes infinite numbers as JSON does not know them.
  const json = String(result.getRows()[0]?.[0]).replace(/"value":-?(?:Infinity|NaN)/g, '"value":null')
  const parsed = JSON.parse(json) as { error: boolean; statements?: { node: Node }[] }
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
