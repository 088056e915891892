import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'
import { Fault } from '../../envelope/fault.ts'
import { noFacts } from '../empty-facts.ts'
import type { QueryFacts, StatementFacts } from '../source.ts'
import { countStatements, isBlank, isTooLarge, skipBlanks } from '../sql-tokens.ts'
import { faultOfParser, type ParserError } from './errors.ts'
import { findWrite } from './find-write.ts'
import { withPivotValues } from './pivot.ts'
import { type Node, readTree } from './read-tree.ts'
import { resultColumns } from './result-columns.ts'

/** What the engine's own grammar says of a text. Runs in the child; reads no table. */
export const analyzeDuckdb = async (connection: DuckDBConnection, sql: string): Promise<StatementFacts> => {
  if (isBlank(sql)) return { ...noFacts, count: 0, kind: 'none' }
  if (isTooLarge(sql))
    throw new Fault('SQL_REJECTED', 'The text holds more words, values or comments than a statement may have.', {
      path: 'sql',
      hint: 'Split the statement, or replace long lists by a condition.',
    })
  const parsed = await parse(connection, sql)
  if (parsed.queries?.length === 1) return { ...noFacts, count: 1, kind: 'select', ...(parsed.queries[0] as QueryFacts) }
  if (parsed.error !== undefined) {
    const found = countStatements(sql) === 1 ? findWrite(sql) : undefined
    if (found === undefined) throw faultOfParser(parsed.error, sql)
    return { ...noFacts, count: 1, kind: 'select', writes: [found.write], position: Buffer.byteLength(sql.slice(0, found.offset)) }
  }

  const { explained, kind } = withoutExplain(sql) ?? { explained: undefined, kind: kindOf(sql) }
  const inner = explained === undefined ? undefined : await readSelect(connection, explained)
  if (inner !== undefined) return { ...noFacts, count: 1, kind, ...inner, ordered: false }
  const pivot = await analyzePivot(connection, explained ?? sql)
  if (pivot !== undefined)
    return explained === undefined ? pivot : { ...pivot, unknown: [{ name: 'EXPLAIN of a PIVOT without its values, ON ... IN (...),' }] }
  const count = Math.max(countStatements(sql), parsed.queries?.length ?? 1)
  // Of all that begins as a read does, only this is divided by the engine.
  if (count === 1 && /^(select|with|from|pivot(_wider)?|unknown)$/.test(kind) && /pivot/i.test(sql))
    return { ...noFacts, count, kind: 'select', unknown: [{ name: 'A PIVOT with a query for its values, ON ... IN (SELECT ...),' }] }
  return {
    ...noFacts,
    count,
    kind,
    writes: [explained === undefined ? `${kind.toUpperCase()} statement` : 'EXPLAIN of a statement that is not a read'],
  }
}

/** PIVOT without the values of its columns, which the engine divides; undefined for anything else. */
const analyzePivot = async (connection: DuckDBConnection, sql: string): Promise<StatementFacts | undefined> => {
  const whole = withPivotValues(sql)
  const facts = whole === undefined ? undefined : await readSelect(connection, whole)
  if (facts === undefined) return undefined
  // Their places are those of another text.
  const unplaced = <T extends { position?: number }>(list: readonly T[]) => list.map(({ position: _, ...rest }) => rest)
  return {
    ...noFacts,
    ordered: facts.ordered,
    count: 1,
    kind: 'select',
    relations: unplaced(facts.relations),
    functions: unplaced(facts.functions),
    types: unplaced(facts.types),
    columns: unplaced(facts.columns),
    unknown: unplaced(facts.unknown),
    stars: unplaced(facts.stars),
    looseLimits: unplaced(facts.looseLimits),
  }
}

/** What a SELECT-class statement names and is made of; undefined for anything else. */
export const readSelect = async (connection: DuckDBConnection, sql: string): Promise<QueryFacts | undefined> => {
  const { queries } = await parse(connection, sql)
  return queries?.length === 1 ? queries[0] : undefined
}

/** As `readSelect`, of what an EXPLAIN explains; undefined for any other text too. */
export const readExplained = async (connection: DuckDBConnection, sql: string): Promise<QueryFacts | undefined> => {
  const explained = withoutExplain(sql)
  return explained === undefined ? undefined : readSelect(connection, explained.explained)
}

/** What serializes a statement, and the database that names are looked up in: of each connection, which nothing changes. */
interface Serializer {
  readonly statement: DuckDBPreparedStatement
  readonly database: string
}

/** Made once for each connection; it ends with it. */
const serializers = new WeakMap<DuckDBConnection, Serializer>()

const makeSerializer = async (connection: DuckDBConnection): Promise<Serializer> => {
  const found = await connection.runAndReadAll('SELECT system.main.current_database()')
  const statement = await connection.prepare('SELECT system.main.json_serialize_sql($1::VARCHAR)')
  const serializer = { statement, database: String(found.getRows()[0]?.[0]) }
  serializers.set(connection, serializer)
  return serializer
}

/**
 * The queries of a text, or why the engine's grammar does not take it; neither when one of its statements is no query.
 * Extracting statements instead would run what PRAGMA and IMPORT do at once.
 */
const parse = async (
  connection: DuckDBConnection,
  sql: string,
): Promise<{ readonly queries?: readonly QueryFacts[]; readonly error?: ParserError }> => {
  const { statement, database } = serializers.get(connection) ?? (await makeSerializer(connection))
  statement.bindVarchar(1, sql)
  const [serialized] = (await statement.runAndReadAll()).getRows()[0] ?? []
  // The engine writes infinite numbers as JSON does not know them.
  const json = String(serialized).replace(/"value":-?(?:Infinity|NaN)/g, '"value":null')
  const parsed = JSON.parse(json) as { error: false; statements: { node: Node }[] } | ({ error: true } & ParserError)
  if (!parsed.error) return { queries: parsed.statements.map(({ node }) => factsOf(node, database)) }
  return parsed.error_message.startsWith('Only SELECT statements') ? {} : { error: parsed }
}

const factsOf = (node: Node, database: string): QueryFacts => {
  const results = resultColumns(node)
  return { ...readTree(node, database), ...(results !== undefined && { results }) }
}

/** What an EXPLAIN explains, at the same place in a text of blanks; undefined for anything else. */
const withoutExplain = (sql: string): { readonly explained: string; readonly kind: string } | undefined => {
  let at = skipBlanks(sql, 0)
  if (!/^explain\b/i.test(sql.slice(at))) return undefined
  at = skipBlanks(sql, at + 'explain'.length)
  const [word] = /^(?:analyze|verbose)\b/i.exec(sql.slice(at)) ?? []
  at = skipBlanks(sql, at + (word?.length ?? 0))
  const options = /^\((?:\s*(?:analyze|format)\b(?:\s+'?\w+'?)?\s*,?)+\)/i.exec(sql.slice(at))
  at += options?.[0].length ?? 0
  const isRun = /analyze/i.test(`${word} ${options?.[0]}`)
  const explained = sql.slice(0, at).replace(/[^\n]/gu, (character) => ' '.repeat(Buffer.byteLength(character))) + sql.slice(at)
  return { explained, kind: isRun ? 'explain analyze' : 'explain' }
}

/** The kind of a statement that is no SELECT, by its first words: told to the caller, and decided upon nowhere. */
const kindOf = (sql: string): string => {
  const text = sql.slice(skipBlanks(sql, 0))
  const [first = 'unknown'] = /^[a-z]+/i.exec(text) ?? []
  const [verb] = /^with$/i.test(first) ? (/\b(?:insert|update|delete|merge)\b/i.exec(text) ?? []) : []
  return (verb ?? first).toLowerCase()
}
