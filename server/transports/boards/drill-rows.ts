import { resolveOptions } from '../../boards/charts/chart-context.ts'
import type { BoundChart, CompiledBoard } from '../../boards/compiled-board.ts'
import { drillQuery } from '../../boards/drill-query.ts'
import { openRun, type RunOptions } from '../../boards/run/run-board.ts'
import { Fault } from '../../envelope/fault.ts'
import { ownValues } from './own-values.ts'
import { tableView } from './table-view.ts'
import type { DrillRequest, DrillView } from './view.ts'

/** Most rows that are shown behind a mark. */
const maxRows = 1000

type DrillRun = Omit<RunOptions, 'values' | 'chart' | 'maxRows'>

/**
 * The rows behind a mark: of the query that `drill` of its chart names or is, with the values of the mark as `x` and `color`.
 * What is run is what the board says; a caller gives nothing but values, which are bound as parameters.
 */
export const drillRows = async (
  board: CompiledBoard,
  run: DrillRun,
  request: DrillRequest,
  scheme: 'light' | 'dark',
): Promise<DrillView> => {
  const compiled = board.charts.get(request.chart)
  const query = compiled === undefined ? undefined : drillQuery(board, compiled)
  if (compiled === undefined || query === undefined)
    throw new Fault('VALIDATION_ERROR', 'The chart has no rows behind its marks.', { path: 'chart', hint: 'Its drill key names no query.' })
  const open = await openRun(
    { ...board, queries: new Map([...board.queries, [query.id, query]]) },
    { ...run, values: ownValues(board, request.values).values, maxRows },
  )
  const values = new Map([...open.variables.values, ['x', scalar(request.x)], ['color', scalar(request.color)]] as const)
  const outcome = await open.queries.with({ ...open.variables, values }).rows(query.id)
  if ('fault' in outcome) return { table: null, findings: [outcome.fault] }
  const bound: BoundChart = { id: compiled.id, chart: { type: 'table' }, rows: outcome.rows, place: compiled.place, diagnostics: [] }
  const options = resolveOptions({ ...board, variables: [], charts: new Map(), diagnostics: [] }, { scheme })
  const { table, findings } = tableView(bound, options)
  return { table, findings: findings.filter(({ code }) => code === 'RESULT_TRUNCATED') }
}

const scalar = (value: unknown): string | number | boolean | null =>
  value === null || value === undefined ? null : typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
