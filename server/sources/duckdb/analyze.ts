import type { DuckDBConnection } from '@duckdb/node-api'
import type { QueryFacts, StatementFacts } from '../source.ts'
import { faultOfDuckdb } from './errors.ts'
import { endOfComment, withPivotValues } from './pivot.ts'
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
  if (statements.count !== 1) return (await analyzePivot(connection, sql)) ?? { ...none, kind: 'none' }

  const facts = await readSelect(connection, sql)
  if (facts !== undefined) return { ...none, kind: 'select', ...facts }
  const explained = withoutExplain(sql)
  if (explained === undefined) return { ...none, kind: kindOf(sql), writes: [] }
  const inner = await readSelect(connection, explained)
  return inner === undefined
    ? { ...none, kind: 'explain', writes: ['EXPLAIN of a statement that is not a read'] }
    : { ...none, kind: 'explain', ...inner, ordered: false }
}

/** PIVOT without the values of its columns, which the engine divides; undefined when the text holds more statements than that. */
const analyzePivot = async (connection: DuckDBConnection, sql: string): Promise<StatementFacts | undefined> => {
  const explained = withoutExplain(sql)
  const whole = withPivotValues(explained ?? sql)
  const facts = whole === undefined ? undefined : await readSelect(connection, whole)
  if (facts === undefined) return undefined
  // Their places are those of another text.
  const { relations, functions, types, columns, unknown } = facts
  const unplaced = <T extends { position?: number }>(list: readonly T[]) => list.map(({ position: _, ...rest }) => rest)
  return {
    ...nothing,
    ordered: facts.ordered,
    count: 1,
    kind: 'select',
    relations: unplaced(relations),
    functions: unplaced(functions),
    types: unplaced(types),
    columns: unplaced(columns),
    unknown: explained === undefined ? unplaced(unknown) : [{ name: 'EXPLAIN of a PIVOT without its values, ON ... IN (...),' }],
  }
}

/** What a SELECT-class statement names and is made of; undefined for anything else. */
export const readSelect = async (connection: DuckDBConnection, sql: string): Promise<QueryFacts | undefined> => {
  const result = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR), current_database()', [sql])
  const [serialized, database] = result.getRows()[0] ?? []
  // The engine writes infinite numbers as JSON does not know them.
  const json = String(serialized).replace(/"value":-?(?:Infinity|NaN)/g, '"value":null')
  const parsed = JSON.parse(json) as { error: boolean; statements?: { node: Node }[] }
  const tree = parsed.error || parsed.statements?.length !== 1 ? undefined : parsed.statements[0]?.node
  return tree === undefined ? undefined : readTree(tree, String(database))
}

/** Spaces and comments, which nest. */
const skipBlanks = (sql: string, from: number): number => {
  let at = from
  for (;;) {
    const [plain] = /^(?:\s|--[^\n]*(?:\n|$))*/.exec(sql.slice(at)) as RegExpExecArray
    at += plain.length
    const end = sql.startsWith('/*', at) ? endOfComment(sql, at) : -1
    if (end === -1) return at
    at = end
  }
}

/** The statement that an EXPLAIN explains, at the same place in a text of blanks; undefined for anything else. */
const withoutExplain = (sql: string): string | undefined => {
  let at = skipBlanks(sql, 0)
  if (!/^explain\b/i.test(sql.slice(at))) return undefined
  at = skipBlanks(sql, at + 'explain'.length)
  const [word] = /^(?:analyze|verbose)\b/i.exec(sql.slice(at)) ?? []
  at = skipBlanks(sql, at + (word?.length ?? 0))
  const options = /^\((?:\s*(?:analyze|format)\b(?:\s+'?\w+'?)?\s*,?)+\)/i.exec(sql.slice(at))
  at += options?.[0].length ?? 0
  return sql.slice(0, at).replace(/[^\n]/g, ' ') + sql.slice(at)
}

/** The kind of a statement that is no SELECT, by its first words: told to the caller, and decided upon nowhere. */
const kindOf = (sql: string): string => {
  const text = sql.slice(skipBlanks(sql, 0))
  const [first = 'unknown'] = /^[a-z]+/i.exec(text) ?? []
  const [verb] = /^with$/i.test(first) ? (/\b(?:insert|update|delete|merge)\b/i.exec(text) ?? []) : []
  return (verb ?? first).toLowerCase()
}
