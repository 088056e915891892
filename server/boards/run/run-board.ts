import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { CacheSetting } from '../../../contracts/v1/board/queries.ts'
import { isChartType } from '../../../contracts/v1/board/required-keys.ts'
import type { Envelope } from '../../envelope/envelope.ts'
import type { ResolveRelation } from '../../projects/project.ts'
import type { Dialect } from '../../sources/source.ts'
import { cutMessage } from '../charts/chart-data.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { SqlCheckOptions } from '../compile/read-queries.ts'
import type { BoundBoard, BoundChart, CompiledBoard, CompiledChart } from '../compiled-board.ts'
import { uniqueFindings } from '../text-findings.ts'
import { bindChartTexts, bindGroup } from './bind-texts.ts'
import { type BoundVariables, bindVariables } from './bind-variables.ts'
import { checkColumns } from './check-columns.ts'
import { createQueryRunner, type QueryRunner } from './run-query.ts'

/** Runs a query through dispatch, as a call of its own. */
export type ExecuteQuery = (input: {
  readonly source: string
  readonly sql: string
  readonly params: readonly unknown[]
  readonly limit: number
  /** How long its rows are kept. */
  readonly cache?: CacheSetting | undefined
}) => Promise<Envelope>

export interface RunOptions {
  /** Values of variables, as they came from a URL, a command or a call; those left out take their default. */
  readonly values: Readonly<Record<string, unknown>>
  /** The day from which relative days count, in UTC: "2026-01-31". */
  readonly today: string
  readonly execute: ExecuteQuery
  readonly dialectOf: (source: string) => Dialect | undefined
  /** The relations that `ref()` and `source()` name in queries of a source. */
  readonly relations: (source: string) => Promise<ResolveRelation>
  /** What the SQL is judged with where it gives no rows. Absent where it is not. */
  readonly sqlCheck?: SqlCheckOptions
  /** Id of the only chart that is wanted. */
  readonly chart?: string | undefined
  /** Rows of a query at most. Default 10,000. */
  readonly maxRows?: number | undefined
  /** Aborted when the queries of the board have had their time; those that run by then are ended. */
  readonly timeLimit?: AbortSignal
  /** Called with the id of a query of the board once it is known what it gives. */
  readonly onQueryDone?: ((id: string) => void) | undefined
}

const defaultMaxRows = 10_000

/**
 * Binds the variables of a board, runs the queries that its charts need, each once and side by side, and renders its texts.
 * Never throws for what the board or a database says: a chart that failed has its finding, and the others their rows.
 */
export const runBoard = async (board: CompiledBoard, options: RunOptions): Promise<BoundBoard> =>
  bindBoard(board, options, await openRun(board, options))

/** A board whose variables have their values, and whose queries can be run. */
export interface OpenRun {
  readonly variables: BoundVariables
  readonly queries: QueryRunner
  /** What was found about the variables. */
  readonly diagnostics: readonly BoardDiagnostic[]
}

export const openRun = async (board: CompiledBoard, options: RunOptions): Promise<OpenRun> => {
  const diagnostics: BoardDiagnostic[] = []
  const unbound = createQueryRunner(board, { ...options, maxRows: options.maxRows ?? defaultMaxRows })
  const variables = await bindVariables(board, options, unbound, diagnostics)
  return { variables, queries: unbound.with(variables), diagnostics }
}

/** Runs the queries that the charts need, and renders the texts. */
export const bindBoard = async (
  board: CompiledBoard,
  options: RunOptions,
  { variables, queries, diagnostics: found }: OpenRun,
): Promise<BoundBoard> => {
  const diagnostics: BoardDiagnostic[] = [...board.diagnostics, ...found.filter((one) => !isTold(one, board))]
  const unbound: BoardDiagnostic[] = []
  const root = await bindGroup(board.root, queries, unbound)
  diagnostics.push(...unbound.filter((one) => !isTold(one, board)))
  const wanted = options.chart === undefined ? chartsIn(root) : [options.chart]
  const charts = await Promise.all(
    wanted.flatMap((id) => {
      const chart = board.charts.get(id)
      return chart === undefined ? [] : [bindChart(chart)]
    }),
  )

  async function bindChart(compiled: CompiledChart): Promise<BoundChart> {
    const { id, query, layers, place, locate, refused } = compiled
    const found: BoardDiagnostic[] = []
    const chart = bindChartTexts(compiled, queries.values, found)
    found.splice(0, found.length, ...found.filter((one) => !isTold(one, board)))
    const outcome = query === undefined ? undefined : await queries.rows(query)
    if (outcome !== undefined && 'fault' in outcome) found.push({ ...outcome.fault, chart: id })
    const rows = outcome !== undefined && 'rows' in outcome ? outcome.rows : undefined
    const outcomes = await Promise.all((layers ?? []).map((one) => (one === undefined ? undefined : queries.rows(one))))
    for (const one of outcomes) if (one !== undefined && 'fault' in one) found.push({ ...one.fault, chart: id })
    const layerRows = outcomes.map((one) => (one !== undefined && 'rows' in one ? one.rows : undefined))
    // Of a chart whose type is not known, nothing more is.
    const unread = refused !== undefined && isChartType(refused.parts.type) ? await readRefused(refused) : undefined
    found.push(...(unread?.faults ?? []).map((fault) => ({ ...fault, chart: id })))
    const meant = unread === undefined ? chart : (refused?.parts as Chart)
    found.push(...checkColumns(compiled, meant, unread ?? { rows, layers: layers && layerRows }, board.variables))
    if (rows?.truncated !== undefined) found.push(diagnostic('RESULT_TRUNCATED', place, cutMessage(rows), undefined, { chart: id }))
    const ignored = new Set([...(chart.warnings_ignore ?? []), ...(board.queries.get(query ?? '')?.definition.ignore ?? [])])
    const told = [...board.diagnostics.filter((one) => one.chart === id && one.level === 'error'), ...found]
    return {
      id,
      chart,
      rows,
      ...(layers !== undefined && { layers: layerRows }),
      place,
      places: Object.fromEntries(Object.keys(chart).map((key) => [key, locate(key)])),
      diagnostics: told.filter(({ level, code }) => level === 'error' || !ignored.has(code)),
    }
  }

  /** What a chart that was refused would have read. */
  async function readRefused({ query, layers }: NonNullable<CompiledChart['refused']>) {
    const outcomes = await Promise.all([query, ...(layers ?? [])].map((one) => (one === undefined ? undefined : queries.rows(one))))
    const [rows, ...layerRows] = outcomes.map((one) => (one !== undefined && 'rows' in one ? one.rows : undefined))
    return {
      rows,
      layers: layers && layerRows,
      faults: outcomes.flatMap((one) => (one !== undefined && 'fault' in one ? [one.fault] : [])),
    }
  }

  return {
    path: board.path,
    title: root.title ?? board.title,
    notes: board.notes,
    variables: variables.bound,
    root,
    charts: new Map(charts.map((chart) => [chart.id, chart])),
    theme: board.theme,
    ...(variables.notices.length > 0 && { notices: variables.notices }),
    diagnostics: uniqueFindings([...diagnostics, ...charts.flatMap((chart) => chart.diagnostics)]),
  }
}

/** Ids of the charts of a layout, in its order, each once. */
export const chartsIn = (node: BoundBoard['root']): string[] => {
  const found: string[] = []
  const visit = (one: BoundBoard['root'] | { kind: 'chart'; chart: string }): void => {
    if (one.kind === 'chart') found.push(one.chart)
    else if (one.layout?.direction === 'grid' || one.layout?.direction === 'tabs')
      for (const { node: inner } of one.layout.items) visit(inner)
    else for (const inner of one.layout?.items ?? []) visit(inner)
  }
  visit(node)
  return [...new Set(found)]
}

/** Whether a fault of a text or a condition was found when the board was compiled. */
const isTold = ({ code, message, file, line, column }: BoardDiagnostic, { diagnostics }: CompiledBoard): boolean =>
  diagnostics.some(
    (one) => one.code === code && (one.message === message || (one.file === file && one.line === line && one.column === column)),
  )
