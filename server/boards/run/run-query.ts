import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { ErrorItem } from '../../../contracts/v1/errors.ts'
import type { Column } from '../../../contracts/v1/values.ts'
import { EncodedJson } from '../../envelope/encoded-json.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import type { ResolveRelation } from '../../projects/project.ts'
import type { Dialect } from '../../sources/source.ts'
import { placeOf, templateFinding } from '../compile/check-sql.ts'
import { kindOf, looksLikeSql, unknownQuery } from '../compile/compile-queries.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { SqlCheckOptions } from '../compile/read-queries.ts'
import type { CompiledBoard, CompiledQuery, Locate, Place, Rows } from '../compiled-board.ts'
import { EncodedRows } from '../encoded-rows.ts'
import { queryOfText } from '../query-of-text.ts'
import { findUses, type TemplateUses } from '../template/find-uses.ts'
import { renderSql } from '../template/render-sql.ts'
import type { Origin } from '../template/sql-draft.ts'
import { TemplateFault } from '../template/template-fault.ts'
import { faultsOfSql } from '../text-findings.ts'
import type { BoundVariables } from './bind-variables.ts'
import { namesRelations } from './dbt-relations.ts'
import { inlineRows } from './inline-rows.ts'
import type { ExecuteQuery } from './run-board.ts'

export type Outcome = { readonly rows: Rows } | { readonly fault: BoardDiagnostic; readonly answered?: AnsweredError }

/** The error that a query is answered with. */
export type AnsweredError = Pick<ErrorItem, 'message' | 'hint' | 'retryable'> & {
  /** Of the source, or of what the text tells. */
  readonly code: string
  /** Of the query, which a finding tells in words. */
  readonly line?: number
}

type RunnableSql = Omit<CompiledQuery, 'definition'>

/** Runs the queries of a board, each once, with the values of its variables. */
export interface QueryRunner {
  readonly values: BoundVariables['values']
  /** The same with other values. */
  with(variables: BoundVariables): QueryRunner
  /** The rows of a query of the board. */
  rows(id: string): Promise<Outcome>
  /** The rows of a query of the board by its name, or of SQL. */
  named(query: string, about: SqlPlace): Promise<Outcome>
  /** The rows of SQL that is no query of the board. */
  sql(sql: string, about: SqlPlace): Promise<Outcome>
  /** Whether a column of a query of one row is true. One that names no query of the board is, for that was told when it was compiled. */
  isTrue(condition: {
    readonly query: string
    readonly column: string
  }): Promise<{ readonly isTrue: boolean } | { readonly fault: BoardDiagnostic }>
}

/** What SQL that is no query of the board is called, and where it was written. */
export interface SqlPlace {
  readonly id: string
  readonly place: Place
  readonly locate: Locate
}

export interface RunnerOptions {
  readonly execute: ExecuteQuery
  readonly dialectOf: (source: string) => Dialect | undefined
  /** The relations that `ref()` and `source()` name in queries of a source. */
  readonly relations: (source: string) => Promise<ResolveRelation>
  /** Absent where no text of SQL is to be judged. */
  readonly sqlCheck?: SqlCheckOptions
  readonly maxRows: number
  readonly timeLimit?: AbortSignal
  /** Called with the id of a query of the board once it is known what it gives. */
  readonly onQueryDone?: ((id: string) => void) | undefined
}

const none: BoundVariables = { bound: [], values: new Map(), notices: [], unusable: new Map() }

export const createQueryRunner = (board: CompiledBoard, options: RunnerOptions, variables: BoundVariables = none): QueryRunner => {
  const done = new Map<string, Promise<Outcome>>()
  const faultOf = new Map(
    board.diagnostics.flatMap((one) => (one.level === 'error' && one.query !== undefined ? [[one.query, one] as const] : [])).toReversed(),
  )

  const usesDbt = [...board.queries.values()].some(({ definition }) => 'sql' in definition && namesRelations(definition.sql))

  const run = async (query: CompiledQuery): Promise<Outcome> => {
    const kind = kindOf(query.definition)
    const told = kind === 'values' && query.isRefused !== true ? undefined : faultOf.get(query.id)
    if (told !== undefined) return { fault: told }
    if (query.isRefused === true) return { fault: failure('QUERY_FAILED', query, `The query "${query.id}" cannot be read.`) }
    if (kind === 'values') {
      const outcome = inlineRows(query)
      // Rows of which nothing is left are no rows without columns.
      const fault = faultOf.get(query.id)
      return fault !== undefined && 'rows' in outcome && outcome.rows.columns.length === 0 ? { fault } : outcome
    }
    if (kind !== 'sql' || !('sql' in query.definition))
      return { fault: failure('QUERY_UNSUPPORTED', query, `Queries of type ${kind} are not run here.`) }
    return judged(query, query.definition.sql)
  }

  /** Of SQL that gave no rows, what its text tells of it is told, as by all who do not run it; the source is asked for the rest. */
  const judged = async (query: RunnableSql, sql: string): Promise<Outcome> => {
    const outcome = await runSql(query, sql)
    if (!('fault' in outcome) || options.sqlCheck === undefined || !ofSql.has(outcome.fault.code)) return outcome
    const fault = (await faultsOfSql(board, options.sqlCheck)).get(query.id)
    if (fault === undefined) return outcome
    const { code, message, fix } = fault
    const line = outcome.answered?.line
    return {
      fault,
      answered: { code, message, retryable: false, ...(fix !== undefined && { hint: fix }), ...(line !== undefined && { line }) },
    }
  }

  const runSql = async (query: RunnableSql, sql: string): Promise<Outcome> => {
    const { source, sourceFault } = query
    if (sourceFault !== undefined) return { fault: sourceFault }
    const dialect = source === undefined ? undefined : options.dialectOf(source)
    if (source === undefined || dialect === undefined)
      return { fault: failure('NO_SOURCE', query, `The query "${query.id}" has no source that can be used.`) }
    try {
      const blocked = usedVariables(query, sql, board).find((name) => variables.unusable.has(name))
      if (blocked !== undefined) return { fault: variables.unusable.get(blocked) as BoardDiagnostic }
      const bound = renderSql(
        { id: query.id, sql, source, scope: query.scope },
        {
          dialect,
          variables: variables.values,
          queries: board.queries,
          resolve: usesDbt || namesRelations(sql) ? await options.relations(source) : undefined,
        },
      )
      const envelope = await options.execute({ source, sql: bound.sql, params: bound.params, limit: options.maxRows, cache: query.cache })
      if (!envelope.success) {
        const [error] = envelope.errors
        if (error.code === 'CANCELLED' && options.timeLimit?.aborted === true)
          return { fault: failure('OUT_OF_TIME', query, `The board ran out of time before its query "${query.id}" was done.`) }
        const { code, hint, retryable, position } = error
        const origin = position === undefined ? undefined : bound.originOf(position.offset)
        const isOwn = origin?.template.query === query.id
        const place = origin === undefined ? query.place : placeOf(origin, query, board)
        return {
          fault: failure('QUERY_FAILED', { id: query.id, place }, `${code}: ${error.message}`, hint),
          answered: {
            code,
            message: isOwn || origin === undefined ? error.message : `${error.message} (${wordsOf(origin)})`,
            retryable,
            ...(hint !== undefined && { hint }),
            ...(origin !== undefined && isOwn && { line: lineOf(origin) }),
          },
        }
      }
      return { rows: rowsOf(envelope.data as unknown as QueryData) }
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error
      return { fault: templateFinding(error, query, board) }
    }
  }

  const runner: QueryRunner = {
    values: variables.values,
    with: (others) => createQueryRunner(board, options, others),
    rows(id) {
      const query = board.queries.get(id)
      if (query === undefined) throw new Error(`the board has no query ${id}`)
      const known = done.get(id)
      if (known !== undefined) return known
      const outcome = run(query)
      done.set(id, outcome)
      if (options.onQueryDone !== undefined) void outcome.then(() => options.onQueryDone?.(id), ignore)
      return outcome
    },
    async named(query, about) {
      if (board.queries.has(query)) return runner.rows(query)
      if (looksLikeSql(query)) return runner.sql(query, about)
      return { fault: diagnostic('UNKNOWN_QUERY', board.root.place, unknownQuery(query)) }
    },
    sql: (sql, about) => judged(queryOfText(board, about.id, about), sql),
    async isTrue({ query, column }) {
      if (!board.queries.has(query)) return { isTrue: true }
      const outcome = await runner.rows(query)
      if ('fault' in outcome) return outcome
      const { columns, rows } = outcome.rows
      const { place } = board.root
      const at = columns.findIndex((one) => one.name === column)
      if (at < 0) {
        const names = columns.map(({ name }) => name)
        const near = nearestName(column, names)
        const fix = near === undefined ? `Columns: ${names.slice(0, 50).join(', ')}.` : `Did you mean "${near}"?`
        return { fault: diagnostic('UNKNOWN_COLUMN', place, `The query "${query}" gives no column "${column}".`, fix) }
      }
      if (rows.length !== 1)
        return {
          fault: diagnostic('CONDITION_NOT_ONE_ROW', place, `The query "${query}" gives ${rows.length} rows.`, undefined, { query }),
        }
      const value = rows[0]?.[at]
      return { isTrue: value !== false && value !== 0 && value !== null && value !== '0' && value !== 'false' && value !== '' }
    },
  }
  return runner
}

/** Codes of faults that the text of SQL may tell as well. */
const ofSql: ReadonlySet<string> = new Set(['QUERY_FAILED', 'TEMPLATE_ERROR', 'TEMPLATE_POSITION', 'UNKNOWN_VARIABLE', 'UNKNOWN_QUERY'])

/** Whoever asked for the outcome hears of it. */
const ignore = (): void => {}

const failure = (
  code: 'QUERY_FAILED' | 'QUERY_UNSUPPORTED' | 'NO_SOURCE' | 'OUT_OF_TIME',
  { id, place }: { readonly id: string; readonly place: Place },
  message: string,
  fix?: string,
): BoardDiagnostic => diagnostic(code, place, message, fix, { query: id })

/** Variables that a query uses, through other queries too. */
export const usedVariables = (query: Pick<CompiledQuery, 'scope'>, sql: string, board: CompiledBoard): string[] => {
  const names: string[] = []
  const seen = new Set<string>()
  const open: { readonly scope: CompiledQuery['scope']; readonly sql: string }[] = [{ scope: query.scope, sql }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const uses = readUses(next.sql)
    names.push(...uses.variables.map(({ name }) => name))
    for (const { name } of uses.queries) {
      const id = next.scope.get(name)
      const other = id === undefined || seen.has(id) ? undefined : board.queries.get(id)
      if (id === undefined || other === undefined || !('sql' in other.definition)) continue
      seen.add(id)
      open.push({ scope: other.scope, sql: other.definition.sql })
    }
  }
  return names
}

/** A template that cannot be read uses nothing; rendering it tells why. */
const readUses = (sql: string): Pick<TemplateUses, 'variables' | 'queries'> => {
  try {
    return findUses(sql, 'sql')
  } catch (error) {
    if (error instanceof TemplateFault) return { variables: [], queries: [] }
    throw error
  }
}

/** Where the text of a template stands, in words. */
const wordsOf = (origin: Origin): string =>
  `line ${lineOf(origin)} of the query${origin.template.query === undefined ? '' : ` ${origin.template.query}`}`

const lineOf = ({ template, at }: Origin): number => template.text.slice(0, at).split('\n').length

interface QueryData {
  readonly columns: readonly Column[]
  /** They may come encoded, as they go to a wire. */
  readonly rows: EncodedJson | Rows['rows']
  readonly row_count: number
  readonly truncated: boolean
  readonly truncated_by?: string
}

const rowsOf = ({ columns, rows, row_count: rowCount, truncated, truncated_by: limit = 'rows' }: QueryData): Rows => {
  const about = { columns, ...(truncated && { truncated: limit }) }
  return rows instanceof EncodedJson ? new EncodedRows({ ...about, rowCount, json: rows }) : { ...about, rows }
}
