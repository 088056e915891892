import type { TableChart } from '../../../contracts/v1/board/charts.ts'
import type { Column } from '../../../contracts/v1/values.ts'
import type { Rows } from '../compiled-board.ts'
import type { ChartContext } from './chart-context.ts'
import { type ChartColumn, categoryText, columnLabel, findColumn } from './chart-data.ts'

/**
 * Turns rows into a cross table: the values of `columns` become columns, those of `rows` rows, in order of appearance. Several
 * rows of one cell are not added up, as charts never aggregate: the first one stands, and a finding says so.
 */
export function pivotRows(chart: TableChart, source: Rows, { findings }: ChartContext): { rows: Rows; origins: string[] } | undefined {
  const find = (names: readonly string[] | undefined, role: string): ChartColumn[] =>
    (names ?? []).flatMap((name) => findColumn(source, name, role, findings) ?? [])
  const across = find(chart.columns, 'columns')
  const down = find(chart.rows, 'rows')
  const named = new Set([...(chart.columns ?? []), ...(chart.rows ?? [])])
  const values = find(chart.values ?? source.columns.map(({ name }) => name).filter((name) => !named.has(name)), 'values')
  if (findings.error !== undefined) return undefined

  const heads = new Map<string, string>()
  const lines = new Map<string, { head: unknown[]; cells: Map<string, number> }>()
  let repeated = 0
  for (let row = 0; row < source.rows.length; row++) {
    const headKey = JSON.stringify(across.map(({ values }) => values[row]))
    const lineKey = JSON.stringify(down.map(({ values }) => values[row]))
    if (!heads.has(headKey)) heads.set(headKey, across.map(({ values }) => categoryText(values[row])).join(' · '))
    const line = lines.get(lineKey) ?? { head: down.map(({ values }) => values[row]), cells: new Map() }
    lines.set(lineKey, line)
    if (line.cells.has(headKey)) repeated++
    else line.cells.set(headKey, row)
  }
  if (repeated > 0) findings.add('DUPLICATE_ROWS', `${repeated} rows fall on a cell that another row has; the first is shown.`)

  const columns: Column[] = down.map(({ column }) => column)
  const origins = down.map(({ column }) => column.name)
  for (const head of heads.values()) {
    for (const value of values) {
      columns.push({ ...value.column, name: values.length === 1 ? head : `${head} · ${columnLabel(value.column.name)}` })
      origins.push(value.column.name)
    }
  }
  const rows = [...lines.values()].map(({ head, cells }) => [
    ...head,
    ...[...heads.keys()].flatMap((key) => {
      const row = cells.get(key)
      return values.map((value) => (row === undefined ? null : value.values[row]))
    }),
  ])
  return { rows: { columns, rows }, origins }
}
