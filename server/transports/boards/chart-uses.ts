import type { CompiledBoard, CompiledChart } from '../../boards/compiled-board.ts'
import { usedVariables } from '../../boards/run/run-query.ts'
import { findUses } from '../../boards/template/find-uses.ts'
import { TemplateFault } from '../../boards/template/template-fault.ts'
import type { ChartUses } from './view.ts'

/**
 * The variables that the charts of groups depend on, by their queries, texts and links; charts of a group share what each
 * depends on. A chart whose templates cannot be read depends on all.
 */
export const usesOfCharts = (board: CompiledBoard, groups: readonly (readonly string[])[]): ChartUses =>
  Object.fromEntries(
    groups.flatMap((ids) => {
      const used = new Set(ids.flatMap((id) => usesOfChart(board, board.charts.get(id))))
      const names = [...board.variables.keys()].filter((name) => used.has(name))
      return ids.map((id) => [id, names] as const)
    }),
  )

const usesOfChart = (board: CompiledBoard, compiled: CompiledChart | undefined): string[] => {
  if (compiled === undefined) return []
  const queries = [compiled.query, ...(compiled.layers ?? [])].flatMap((id) => (id === undefined ? [] : (board.queries.get(id) ?? [])))
  try {
    return [
      ...queries.flatMap((query) => ('sql' in query.definition ? usedVariables(query, query.definition.sql, board) : [])),
      ...textsIn(compiled.chart).flatMap((text) => findUses(text, 'text').variables.map(({ name }) => name)),
    ]
  } catch (error) {
    if (error instanceof TemplateFault) return [...board.variables.keys()]
    throw error
  }
}

/** Every template in a value, however deep. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return /\{[{%]/.test(value) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
