import type { Column } from '../../../contracts/v1/values.ts'
import type { ChartOptions } from '../charts/chart-context.ts'
import { kpiModel } from '../charts/kpi-model.ts'
import { columnsOfChart } from '../columns-of-chart.ts'
import type { BoundChart, Rows } from '../compiled-board.ts'
import { formatColumn } from '../formats/identifiers.ts'
import { toNumber, valueKind } from '../formats/value-kind.ts'

/** Values of a column that are named when there are few. */
const maxNamed = 6

/** What a person would take from a chart, in lines: what it shows, how many rows, which values, and the figures as painted. */
export const describeChart = (bound: BoundChart, options: ChartOptions): string[] => {
  const { chart, rows } = bound
  if (chart.type === 'callout') return [`callout: ${oneLine(chart.text)}`]
  if (chart.type === 'kpi') return [describeKpi(bound, options)]
  if (rows === undefined) return ['no data']
  const shown = columnsOfChart(chart)
  const columns = chart.type === 'table' || shown.length === 0 ? rows.columns : rows.columns.filter(({ name }) => shown.includes(name))
  const cut = rows.truncated === undefined ? '' : `, cut by ${rows.truncated}`
  return [
    `${rows.rows.length} ${rows.rows.length === 1 ? 'row' : 'rows'}${cut}`,
    ...columns.map((column) => `${roleOf(bound, column.name)}${column.name} (${column.type}): ${rangeOf(column, rows)}`),
  ]
}

const describeKpi = (bound: BoundChart, options: ChartOptions): string => {
  const { model } = kpiModel(bound, options)
  if (model === undefined) return [kpiName(bound), 'nothing is painted'].filter(Boolean).join(': ')
  const support = model.support === undefined ? '' : ` (${[model.support.text, model.support.label].filter(Boolean).join(' ')})`
  return `${model.label === undefined ? '' : `${model.label}: `}${model.value}${support}`
}

/** What a KPI is called, whether it can be painted or not. */
export const kpiName = ({ chart }: BoundChart): string | undefined => {
  const name = oneLine(('label' in chart ? chart.label : undefined) ?? chart.title ?? '')
  return name === '' ? undefined : name
}

/** What the chart uses a column for. */
const roleOf = ({ chart }: BoundChart, column: string): string => {
  const roles = Object.entries(chart)
    .filter(
      ([key, value]) =>
        ['x', 'y', 'color', 'size', 'shape', 'theta', 'y_start', 'lookup', 'value', 'latitude', 'longitude'].includes(key) &&
        (value === column || (Array.isArray(value) && value.includes(column))),
    )
    .map(([key]) => key)
  return roles.length === 0 ? '' : `${roles.join(', ')} = `
}

/** The least and the greatest value, or the values themselves when they are few. */
const rangeOf = (column: Column, { columns, rows }: Rows): string => {
  const index = columns.indexOf(column)
  const values = rows.map((row) => row[index])
  const known = values.filter((value) => value !== null && value !== undefined)
  const nulls = values.length === known.length ? '' : `, ${values.length - known.length} null`
  if (known.length === 0) return values.length === 0 ? 'no rows' : 'all null'
  const write = formatColumn(undefined, column, values, 'table')
  const kind = valueKind(column.type)
  if (kind === 'number' || kind === 'time') {
    const sorted = [...known].sort((a, b) => (kind === 'number' ? (toNumber(a) ?? 0) - (toNumber(b) ?? 0) : String(a) < String(b) ? -1 : 1))
    const [least, most] = [sorted[0], sorted.at(-1)]
    return `${write(least)}${least === most ? '' : ` to ${write(most)}`}${nulls}`
  }
  const distinct = [...new Set(known.map((value) => namedValue(oneLine(write(value)))))]
  const named = distinct.slice(0, maxNamed).join(', ')
  return `${distinct.length > maxNamed ? `${distinct.length} values: ${named}, …` : named}${nulls}`
}

/** A value in a list: one that a comma would break stands in quotes. */
const namedValue = (text: string): string => (text === '' || /,|^\s|\s$/.test(text) ? JSON.stringify(text) : text)

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 200)
