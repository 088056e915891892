import { setImmediate } from 'node:timers/promises'
import { resolveOptions } from '../../boards/charts/chart-context.ts'
import type { BoundBoard, BoundVariable, CompiledBoard } from '../../boards/compiled-board.ts'
import { variableText } from '../../boards/draw/draw-variables.ts'
import { bindBoard, chartsIn, type OpenRun, openRun, type RunOptions } from '../../boards/run/run-board.ts'
import { usesOfCharts } from './chart-uses.ts'
import { chartView } from './chart-view.ts'
import { colorRules } from './color-rules.ts'
import { layoutHtml, nameOfPath } from './layout-html.ts'
import { ownValues } from './own-values.ts'
import { tabNames } from './tab-names.ts'
import type { BoardLine, BoardRequest, VariableView } from './view.ts'

/** Room in a card when the page does not say, pixels. */
const usualWidth = 600

/**
 * Runs a board and tells its parts as they come: the layout and the variables first, then each chart. Charts that colour the
 * same values wait for each other, so that a value has one colour; no other chart waits for a slow query.
 */
export const streamBoard = async (
  board: CompiledBoard,
  run: Omit<RunOptions, 'values' | 'chart'>,
  request: BoardRequest,
  tell: (line: BoardLine) => void,
): Promise<void> => {
  const { values, findings } = ownValues(board, request.values)
  const options = { ...run, values }
  const open = await openRun(board, options)
  const frame = await bindBoard(board, { ...options, chart: '' }, open)
  const shown = chartsIn(frame.root)
  const groups = [...Map.groupBy(shown, (id) => sharedColor(board, id) ?? `chart ${id}`).values()]
  tell({
    kind: 'board',
    board: {
      title: frame.title ?? nameOfPath(board.path),
      variables: frame.variables.map((variable) => variableView(variable, board, open)),
      uses: usesOfCharts(board, groups),
      colors: colorRules(board),
      layout: await layoutHtml(frame.root, {
        ...resolveOptions(frame, { scheme: request.scheme }),
        charts: board.charts,
        tabNames: tabNames(board),
      }),
      findings: [...findings, ...frame.diagnostics.filter(({ chart }) => chart === undefined || !shown.includes(chart))],
    },
  })
  const kept = new Set(request.kept)
  // A chart that is new among those that share its colours may change theirs.
  const wanted = new Set(request.charts ?? groups.filter((ids) => !ids.every((id) => kept.has(id))).flat())
  await Promise.all(
    groups
      .filter((ids) => ids.some((id) => wanted.has(id)))
      .map(async (ids) => {
        const bound = await Promise.all(ids.map((chart) => bindBoard(board, { ...options, chart }, open)))
        const charts: BoundBoard['charts'] = new Map(bound.flatMap((one) => [...one.charts]))
        const look = resolveOptions({ ...frame, charts }, { scheme: request.scheme })
        for (const [id, chart] of charts) {
          if (!wanted.has(id)) continue
          // Compiling a chart takes its time: other calls have their turn between two.
          await setImmediate()
          const room = { width: sizeOf(request.widths, id) ?? usualWidth, height: sizeOf(request.heights, id) }
          tell({ kind: 'chart', chart: await chartView(chart, look, { ...room, values: open.variables.values }) })
        }
      }),
  )
  tell({ kind: 'end' })
}

const sizeOf = (sizes: BoardRequest['heights'], id: string): number | undefined =>
  sizes !== undefined && Object.hasOwn(sizes, id) ? sizes[id] : undefined

/** The column whose values a chart colours; undefined when none. */
const sharedColor = ({ charts }: CompiledBoard, id: string): string | undefined => {
  const chart = charts.get(id)?.chart
  return chart !== undefined && 'color' in chart && chart.type !== 'heatmap' ? chart.color : undefined
}

const variableView = (variable: BoundVariable, board: CompiledBoard, { variables }: OpenRun): VariableView => {
  const definition = board.variables.get(variable.name)?.definition
  const fault = variables.unusable.get(variable.name)
  return {
    ...variable,
    text: variableText(variable) ?? null,
    notes: definition?.notes,
    fault: (fault?.code === 'MISSING_VARIABLE_VALUE' ? fault.fix : fault?.message) ?? null,
    default: definition?.default ?? null,
  }
}
