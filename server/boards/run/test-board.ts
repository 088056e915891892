import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { Column } from '../../../contracts/v1/values.ts'
import type { CompiledBoard } from '../compiled-board.ts'
import { renderAside } from '../render/render-aside.ts'
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
  const found: BoardDiagnostic[] = []
  const run = await openRun(board, options)
  const queries = await Promise.all(
    [...board.queries.values()].map(async ({ id, source }): Promise<QueryReport> => {
      const outcome = await run.queries.rows(id)
      const about = { name: id, ...(source !== undefined && { source }) }
      if ('fault' in outcome) {
        found.push(outcome.fault)
        return { ...about, works: false, error: outcome.answered ?? errorOf(outcome.fault) }
      }
      const { columns, rows, truncated } = outcome.rows
      return {
        ...about,
        works: true,
        columns: [...columns],
        rows: rows.slice(0, shownRows).map((row) => row.map(shorten)),
        row_count: rows.length,
        truncated: truncated !== undefined,
      }
    }),
  )
  // A sample is cut on purpose, which is no finding.
  const bound = await bindBoard(board, options, run)
  // Drawing looks at what the charts make of their rows.
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
  const known = new Set(diagnostics.map((one) => JSON.stringify([one.code, one.line, one.message])))
  return {
    queries,
    charts,
    diagnostics: [...diagnostics, ...found.filter((one) => !known.has(JSON.stringify([one.code, one.line, one.message])))],
  }
}
