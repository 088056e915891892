import { setImmediate } from 'node:timers/promises'
import { Fault } from '../../envelope/fault.ts'
import { quoteName } from '../../sources/quote-name.ts'
import type { Dialect, StatementFacts } from '../../sources/source.ts'
import type { CompiledBoard, CompiledQuery, VariableValue } from '../compiled-board.ts'
import { drillQuery } from '../drill-query.ts'
import { markNames } from '../mark-names.ts'
import { queryOfText } from '../query-of-text.ts'
import type { BoundSql } from '../template/bind-sql.ts'
import { templateLimits } from '../template/budget.ts'
import { renderSql } from '../template/render-sql.ts'
import { Refusal, TemplateFault } from '../template/template-fault.ts'
import { defaultValue } from '../template/variable-value.ts'
import { looksLikeSql } from './compile-queries.ts'
import { queryDepths } from './query-depths.ts'
import { standInsOf } from './stand-ins.ts'

export interface SqlCheckOptions {
  readonly dialectOf: (source: string) => Dialect | undefined
  /** Those of all sources, each once: SQL whose source is not known must fit one of them. */
  readonly dialects: readonly Dialect[]
  /** The day from which relative days count. */
  readonly today: string
  readonly signal: AbortSignal
}

/** A query as the grammar of its engine reads it, with the defaults of its variables: what it says of it, or why it does not take it. */
export interface ReadQuery {
  readonly query: CompiledQuery
  readonly bound?: BoundSql
  readonly facts?: StatementFacts
  readonly fault?: Fault | TemplateFault
}

/** Queries that are read before others of the server have their turn. */
const atOnce = 20

/**
 * Reads the SQL of a board, that of its queries, of the options of its variables and of drills, with no database touched:
 * names are not looked up. What is missing or refused elsewhere has a stand-in, so that one error hides no other.
 */
export const readQueries = async (board: CompiledBoard, { dialectOf, dialects, today, signal }: SqlCheckOptions): Promise<ReadQuery[]> => {
  const standIns = standInsOf(board)
  const variables = new Map([...[...markNames, ...standIns.variables].map((name) => [name, null] as const), ...defaultsOf(board, today)])
  const { depths } = queryDepths(board.queries)
  const isOpen = ({ id }: CompiledQuery) => (depths.get(id) ?? 0) <= templateLimits.maxDepth + 1
  const queries = [...[...board.queries.values()].filter(isOpen), ...queriesOfVariables(board), ...queriesOfDrills(board)]
  const read: ReadQuery[] = []
  for (let from = 0; from < queries.length; from += atOnce) {
    if (from > 0) await setImmediate()
    signal.throwIfAborted()
    read.push(...(await Promise.all(queries.slice(from, from + atOnce).map(readQuery))).filter((one) => one !== undefined))
  }
  return read

  async function readQuery(query: CompiledQuery): Promise<ReadQuery | undefined> {
    if (!('sql' in query.definition)) return undefined
    const { sql } = query.definition
    const dialect = query.source === undefined ? undefined : dialectOf(query.source)
    if (dialect !== undefined) return readAs(dialect, query, sql)
    const readings: ReadQuery[] = []
    for (const one of query.source === undefined ? dialects : []) readings.push(await readAs(one, query, sql))
    return readings.find(({ fault }) => fault === undefined) ?? readings[0]
  }

  async function readAs(dialect: Dialect, query: CompiledQuery, sql: string): Promise<ReadQuery> {
    let bound: BoundSql | undefined
    try {
      bound = renderSql(
        { ...(standIns.queries.get(query.id) ?? query), sql },
        { dialect, variables, queries: standIns.queries, resolve: (_kind, names) => names.map(quoteName).join('.') },
      )
      return { query, bound, facts: await readers[dialect](bound.sql, signal) }
    } catch (error) {
      if (error instanceof TemplateFault) return { query, fault: error }
      signal.throwIfAborted()
      if (!(error instanceof Fault) || bound === undefined) throw error
      // An engine that does not answer says nothing of the text.
      return error.code === 'SQL_ERROR' || error.code === 'SQL_REJECTED' ? { query, bound, fault: error } : { query, bound }
    }
  }
}

const readers: Readonly<Record<Dialect, (sql: string, signal: AbortSignal) => Promise<StatementFacts>>> = {
  postgres: async (sql, signal) => (await import('../../sources/postgres/analyze.ts')).analyzePostgres(sql, signal),
  duckdb: async (sql, signal) => (await import('../../sources/duckdb/read-offline.ts')).readOffline(sql, signal),
}

/** SQL that gives the options of variables. */
const queriesOfVariables = (board: CompiledBoard): CompiledQuery[] =>
  [...board.variables.values()].flatMap(({ name, definition, place, locate }) => {
    const { query, options } = definition
    const [sql, path] = options !== undefined && 'query' in options ? [options.query, ['options', 'query']] : [query, ['query']]
    if (sql === undefined || !looksLikeSql(sql) || board.queries.has(sql)) return []
    const located = { place, locate: ((_key, inside) => locate(path, inside)) as CompiledQuery['locate'] }
    return [{ ...queryOfText(board, `variables.${name}`, located), definition: { sql } }]
  })

/** SQL that gives the rows behind marks. */
const queriesOfDrills = (board: CompiledBoard): CompiledQuery[] =>
  [...board.charts.values()].flatMap((chart) => {
    const query = drillQuery(board, chart)
    return query === undefined || board.queries.has(query.id) || !looksLikeSql(chart.chart.drill as string) ? [] : [query]
  })

/** A variable whose default does not fit it is told elsewhere. */
const defaultsOf = (board: CompiledBoard, today: string): ReadonlyMap<string, VariableValue> => {
  const values = new Map<string, VariableValue>()
  for (const { name, definition } of board.variables.values()) {
    try {
      values.set(name, defaultValue(name, definition, today))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      values.set(name, null)
    }
  }
  return values
}
