import type { TableChart } from '../../../contracts/v1/board/charts.ts'
import type { Column } from '../../../contracts/v1/values.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import type { Rows } from '../compiled-board.ts'
import { formatValue } from '../formats/format-value.ts'
import { valueKind } from '../formats/value-kind.ts'
import type { ChartContext } from './chart-context.ts'
import { type ChartColumn, categoryText, columnLabel, findColumn } from './chart-data.ts'

interface Pivoted {
  readonly rows: Rows
  /** Of each column, the column of the query that it comes from. */
  readonly origins: readonly string[]
  /** Heads of the columns that values have become, as their column is written; undefined of the others. */
  readonly heads: readonly (string | undefined)[]
}

/**
 * Turns rows into a cross table: the values of `columns` become columns, those of `rows` rows, in order of appearance. Several
 * rows of one cell are not added up, as charts never aggregate: the first one stands, and a finding says so.
 */
export function pivotRows(chart: TableChart, source: Rows, context: ChartContext): Pivoted | undefined {
  const { findings } = context
  const find = (names: readonly string[] | undefined, role: string): ChartColumn[] =>
    (names ?? []).flatMap((name) => findColumn(source, name, role, findings) ?? [])
  const across = find(chart.columns, 'columns')
  const down = find(chart.rows, 'rows')
  const named = new Set([...(chart.columns ?? []), ...(chart.rows ?? [])])
  const values = find(chart.values ?? source.columns.map(({ name }) => name).filter((name) => !named.has(name)), 'values')
  if (findings.error !== undefined) return undefined

  const writers = across.map((column) => headWriter(column, chart, context))
  const heads = new Map<string, { readonly name: string; readonly label: string }>()
  const lines = new Map<string, { head: unknown[]; cells: Map<string, number> }>()
  let repeated = 0
  for (let row = 0; row < source.rows.length; row++) {
    const headKey = JSON.stringify(across.map(({ values }) => values[row]))
    const lineKey = JSON.stringify(down.map(({ values }) => values[row]))
    if (!heads.has(headKey)) {
      const name = across.map(({ values }) => categoryText(values[row])).join(' · ')
      heads.set(headKey, { name, label: across.map(({ values }, index) => writers[index]?.(values[row])).join(' · ') })
    }
    const line = lines.get(lineKey) ?? { head: down.map(({ values }) => values[row]), cells: new Map() }
    lines.set(lineKey, line)
    if (line.cells.has(headKey)) repeated++
    else line.cells.set(headKey, row)
  }
  if (repeated > 0)
    findings.add(
      'DUPLICATE_ROWS',
      `${repeated} ${repeated === 1 ? 'row falls' : 'rows fall'} on a cell that another row has; the first is shown.`,
      '',
      'Aggregate in the query, or name the column that tells them apart under rows or columns.',
    )

  const columns: Column[] = down.map(({ column }) => column)
  const origins = down.map(({ column }) => column.name)
  const labels: (string | undefined)[] = down.map(() => undefined)
  for (const { name, label } of heads.values()) {
    for (const value of values) {
      const measure = values.length === 1 ? '' : ` · ${columnLabel(value.column.name)}`
      columns.push({ ...value.column, name: `${name}${measure}` })
      origins.push(value.column.name)
      labels.push(`${label}${measure}`)
    }
  }
  const rows = [...lines.values()].map(({ head, cells }) => [
    ...head,
    ...[...heads.keys()].flatMap((key) => {
      const row = cells.get(key)
      return values.map((value) => (row === undefined ? null : value.values[row]))
    }),
  ])
  return { rows: { columns, rows }, origins, heads: labels }
}

/** Dates as dates are written, and what its column has a format for; all else as the name that it is. */
function headWriter(found: ChartColumn, { style }: TableChart, context: ChartContext): (value: unknown) => string {
  const asked = entryOf(style?.columns, found.column.name)?.format
  const kind = valueKind(found.column.type)
  if (kind !== 'time' && (kind !== 'number' || asked === undefined)) return categoryText
  const write = formatValue(context.format(asked, found), found.column.type, 'table')
  return (value) => (value === null ? categoryText(value) : write(value))
}
