import type { Chart } from '../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import { isChartType } from '../../contracts/v1/board/required-keys.ts'
import { otherColumns, shownColumns } from './columns-of-chart.ts'
import { usesOf } from './compile/query-depths.ts'
import type { ReadQuery } from './compile/read-queries.ts'
import type { BoundBoard, CompiledBoard, CompiledChart, CompiledQuery, Rows } from './compiled-board.ts'
import { checkColumns } from './run/check-columns.ts'
import { inlineRows } from './run/inline-rows.ts'

/** The columns that queries give as their text tells, by the id of the query; letters may be of another case. */
export type WrittenColumns = ReadonlyMap<string, readonly string[]>

export const writtenColumns = (board: CompiledBoard, read: readonly ReadQuery[]): WrittenColumns => {
  const found = new Map<string, readonly string[]>()
  // What is wrong with a query may be why it lacks a column.
  const faulty = new Set(board.diagnostics.flatMap(({ level, query }) => (level === 'error' && query !== undefined ? [query] : [])))
  // What a block of a template leaves out is there with other values; an engine that is not known calls columns otherwise.
  const isSure = ({ id, source, isRefused }: CompiledQuery): boolean =>
    source !== undefined && isRefused !== true && !faulty.has(id) && !hasBlocks(board, id)
  for (const { query, facts } of read) if (facts?.results !== undefined && isSure(query)) found.set(query.id, facts.results)
  for (const query of board.queries.values()) {
    if (query.isRefused === true || !('values' in query.definition || 'rows' in query.definition)) continue
    const outcome = inlineRows(query)
    // Two columns of one name are told where they are written.
    if ('rows' in outcome && outcome.rows.columns.length > 0) found.set(query.id, [...new Set(namesOf(outcome.rows))])
  }
  return found
}

const hasBlocks = ({ queries }: CompiledBoard, id: string): boolean => {
  const seen = new Set<string>()
  const open = [id]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const query = queries.get(next)
    if (query === undefined || seen.has(next)) continue
    seen.add(next)
    if ('sql' in query.definition && query.definition.sql.includes('{%')) return true
    open.push(...usesOf(query))
  }
  return false
}

/**
 * The columns that charts name and that the text of their queries does not give.
 * @param bound a board that was run: what gave rows is held to these.
 */
export const checkWrittenColumns = (board: CompiledBoard, columns: WrittenColumns, bound?: BoundBoard): BoardDiagnostic[] =>
  [...board.charts.values()].flatMap((compiled) => {
    const { refused } = compiled
    if (refused !== undefined && !isChartType(refused.parts.type)) return []
    const chart = (refused?.parts ?? compiled.chart) as Chart
    const { query, layers } = refused ?? compiled
    const given = bound?.charts.get(compiled.id)
    const rowsOf = (id: string | undefined, rows: Rows | undefined): Rows | undefined => rows ?? withoutRows(chart, columns.get(id ?? ''))
    const read = { rows: rowsOf(query, given?.rows), layers: layers?.map((id, index) => rowsOf(id, given?.layers?.[index])) }
    return checkColumns(compiled, chart, read, board.variables).filter((one) => isWanted(one, compiled, board))
  })

const isWanted = ({ level, code }: BoardDiagnostic, { chart, query }: CompiledChart, { queries }: CompiledBoard): boolean =>
  level === 'error' || ![...(chart.warnings_ignore ?? []), ...(queries.get(query ?? '')?.definition.ignore ?? [])].includes(code)

/** Columns of which no rows are known. A name is taken as the chart writes it where only the case of letters differs. */
const withoutRows = (chart: Chart, columns: readonly string[] | undefined): Rows | undefined => {
  if (columns === undefined) return undefined
  const named = new Map([...shownColumns(chart), ...otherColumns(chart)].map(({ name }) => [name.toLowerCase(), name]))
  return { columns: columns.map((name) => ({ name: named.get(name.toLowerCase()) ?? name, type: 'text', database_type: '' })), rows: [] }
}

const namesOf = ({ columns }: Rows): string[] => columns.map(({ name }) => name)
