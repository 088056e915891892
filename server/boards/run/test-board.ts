import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { Column } from '../../../contracts/v1/values.ts'
import type { CompiledBoard } from '../compiled-board.ts'
import { renderAside } from '../render/render-aside.ts'
import { uniqueFindings, withSqlFaults } from '../text-findings.ts'
import { bindBoard, openRun, type RunOptions } from './run-board.ts'
import type { AnsweredError } from './run-query.ts'

export interface QueryReport {
  name: string
  works: boolean
  source?: string
  columns?: Column[]
  rows?: unknown[][]
  row_count?: number
  truncated?: boolean
  error?: Pick<AnsweredError, 'message' | 'hint' | 'retryable' | 'line'> & { code: string }
}

export interface ChartReport {
  name: string
  type: string
  works: boolean
  findings: Pick<BoardDiagnostic, 'level' | 'code' | 'message' | 'fix'>[]
}

/** What is found because only some rows were asked for, or because there is no reader to look at it. */
const ofSample: ReadonlySet<string> = new Set(['RESULT_TRUNCATED', 'TABLE_CUT', 'SINGLE_POINT'])

const unique = (diagnostics: readonly BoardDiagnostic[]): BoardDiagnostic[] => [
  ...new Map(diagnostics.map((one) => [JSON.stringify([one.code, one.message]), one])).values(),
]

/** Rows of each query that are shown. */
const shownRows = 3

/** Characters of a value that are shown: enough to know it by. */
const shownChars = 200

const shorten = (value: unknown): unknown => {
  const text = typeof value === 'object' ? JSON.stringify(value) : value
  return typeof text === 'string' && text.length > shownChars ? `${text.slice(0, shownChars - 1)}…` : value
}

/** What was found in the text of a query, as an error of it. */
const errorOf = ({ code, message, fix }: BoardDiagnostic): NonNullable<QueryReport['error']> => ({
  code,
  message,
  ...(fix !== undefined && { hint: fix }),
  retryable: false,
})

/** Runs every query of a board, those that no chart uses too, and says what each gives. */
export const testBoard = async (
  board: CompiledBoard,
  options: RunOptions & { readonly maxRows: number; readonly signal: AbortSignal },
): Promise<{ queries: QueryReport[]; charts: ChartReport[]; diagnostics: readonly BoardDiagnostic[] }> => {
  const run = await openRun(board, options)
  const outcomes = await Promise.all(
    [...board.queries.values()].map(async ({ id, source }) => ({ id, source, outcome: await run.queries.rows(id) })),
  )
  const found = outcomes.flatMap(({ outcome }) => ('fault' in outcome ? [outcome.fault] : []))
  const queries = outcomes.map(({ id, source, outcome }): QueryReport => {
    const about = { name: id, ...(source !== undefined && { source }) }
    if ('fault' in outcome) return { ...about, works: false, error: outcome.answered ?? errorOf(outcome.fault) }
    const { columns, rows, truncated } = outcome.rows
    return {
      ...about,
      works: true,
      columns: [...columns],
      rows: rows.slice(0, shownRows).map((row) => row.map(shorten)),
      row_count: rows.length,
      truncated: truncated !== undefined,
    }
  })
  // A sample is cut on purpose, which is no finding.
  const ran = await bindBoard(board, options, run)
  const bound = options.sqlCheck === undefined ? ran : await withSqlFaults(board, ran, options.sqlCheck)
  // Drawing looks at what the charts make of their rows.
  // What stands in no layout is not drawn, and is tried all the same.
  const unplaced = [...board.charts.keys()].filter((id) => !bound.charts.has(id))
  const tried = await Promise.all(unplaced.map((chart) => bindBoard(board, { ...options, chart }, run)))
  found.push(...tried.flatMap(({ charts }) => [...charts.values()].flatMap((chart) => chart.diagnostics)))
  const drawn = await renderAside(bound, { format: 'svg', scheme: 'light' }, options.signal)
  const diagnostics = drawn.diagnostics.filter(({ code }) => !ofSample.has(code))
  const charts = [...bound.charts.values()].map(({ id, chart, diagnostics: own }): ChartReport => {
    const told = unique([...own, ...diagnostics.filter(({ chart: about }) => about === id)]).filter(({ code }) => !ofSample.has(code))
    return {
      name: id,
      type: chart.type,
      works: told.every(({ level }) => level !== 'error'),
      findings: told.map(({ level, code, message, fix }) => ({ level, code, message, ...(fix !== undefined && { fix }) })),
    }
  })
  return { queries, charts, diagnostics: uniqueFindings([...diagnostics, ...found.filter(({ code }) => !ofSample.has(code))]) }
}
