import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { Fault } from '../../envelope/fault.ts'
import { positionAt } from '../../envelope/text-position.ts'
import { quoteName } from '../../sources/quote-name.ts'
import type { Dialect } from '../../sources/source.ts'
import type { CompiledBoard, CompiledQuery, Place, VariableValue } from '../compiled-board.ts'
import { renderSql } from '../template/render-sql.ts'
import type { Origin } from '../template/sql-draft.ts'
import { Refusal, TemplateFault } from '../template/template-fault.ts'
import { defaultValue } from '../template/variable-value.ts'
import { diagnostic } from './diagnostic.ts'

export interface SqlCheckOptions {
  readonly dialectOf: (source: string) => Dialect | undefined
  /** The day from which relative days count. */
  readonly today: string
  readonly signal: AbortSignal
}

/**
 * What is wrong with the SQL of a board as far as its text tells, with no database touched: each query is rendered with the
 * defaults of its variables, and must then be one statement that reads. Names are not looked up. PostgreSQL's own grammar
 * reads its dialect; of DuckDB's only the number and the kind of statements are seen.
 */
export const checkSql = async (board: CompiledBoard, { dialectOf, today, signal }: SqlCheckOptions): Promise<BoardDiagnostic[]> => {
  const variables = defaultsOf(board, today)
  const found: BoardDiagnostic[] = []
  const known = new Set(board.diagnostics.filter(({ level }) => level === 'error').map(({ query }) => query))
  for (const query of board.queries.values()) {
    const dialect = query.source === undefined ? undefined : dialectOf(query.source)
    if (!('sql' in query.definition) || dialect === undefined || known.has(query.id)) continue
    try {
      const bound = renderSql(
        { ...query, sql: query.definition.sql },
        { dialect, variables, queries: board.queries, resolve: (_kind, names) => names.map(quoteName).join('.') },
      )
      const fault = await (dialect === 'postgres' ? faultOfPostgres(bound.sql, signal) : faultOfDuckdb(bound.sql))
      if (fault === undefined) continue
      const place = placeOf(bound.originOf(fault.details.position?.offset ?? 0), query, board)
      const code = fault.code === 'SQL_ERROR' ? 'SQL_ERROR' : 'SQL_REJECTED'
      found.push(diagnostic(code, place, fault.message, fault.details.hint, { query: query.id }))
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error
      const place = placeOf({ template: error.template, at: error.position.offset }, query, board)
      found.push(diagnostic(error.code, place, error.message, error.hint, { query: query.id }))
    }
  }
  return found
}

/** Where a place of a template was written: in the query, or in one that it uses. */
const placeOf = ({ template, at }: Origin, query: CompiledQuery, board: CompiledBoard): Place =>
  (board.queries.get(template.query ?? '') ?? query).locate('sql', positionAt(template.text, at))

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

const rejected = (message: string): Fault => new Fault('SQL_REJECTED', message, { hint: 'Write one SELECT.' })

const faultOfPostgres = async (sql: string, signal: AbortSignal): Promise<Fault | undefined> => {
  const { analyzePostgres } = await import('../../sources/postgres/analyze.ts')
  try {
    const { count, writes, kind } = await analyzePostgres(sql, signal)
    if (count !== 1) return rejected(count === 0 ? 'The query holds no statement.' : `The query holds ${count} statements.`)
    if (writes.length > 0) return rejected(`The query does more than read: ${writes[0]}.`)
    return kind === 'select' ? undefined : rejected(`The query is no SELECT: ${kind}.`)
  } catch (error) {
    if (error instanceof Fault && (error.code === 'SQL_ERROR' || error.code === 'SQL_REJECTED')) return error
    throw error
  }
}

/** Words that begin a statement of DuckDB that gives rows. */
const reading = /^(\(|select|with|from|values|table|summarize|describe|show|pivot|unpivot)\b|^\(/i

const faultOfDuckdb = async (sql: string): Promise<Fault | undefined> => {
  const { countStatements, isTooLarge, skipBlanks } = await import('../../sources/sql-tokens.ts')
  if (isTooLarge(sql)) return undefined
  const count = countStatements(sql)
  if (count !== 1) return rejected(count === 0 ? 'The query holds no statement.' : `The query holds ${count} statements.`)
  const text = sql.slice(skipBlanks(sql, 0))
  return reading.test(text) ? undefined : rejected(`The query is no SELECT: ${/^\S*/.exec(text)?.[0].slice(0, 40)}.`)
}
