import type { Chart } from '../../../contracts/v1/board/charts.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import type { Rows } from '../compiled-board.ts'
import { toNumber, toTime, valueKind } from '../formats/value-kind.ts'
import type { ChartContext } from './chart-context.ts'
import {
  type ChartColumn,
  categoryText,
  checkNulls,
  columnLabel,
  type DimensionKind,
  dimensionKind,
  findColumn,
  findMeasure,
  listNames,
} from './chart-data.ts'
import { checkSizes, withoutOpenBars } from './design-checks.ts'

/** A mark, before it has a form. Its fields have our names, since those of columns may hold dots and brackets. */
export interface Point {
  /** Milliseconds for time, a number, or the text of a category. */
  readonly x: number | string | null
  readonly y: number | null
  /** The text of `x` when it is time. */
  readonly at?: string
  /** Where a floating bar begins. */
  readonly y0?: number | null
  readonly series?: string
  /** Place of the series in the order of the stack. */
  readonly order?: number
  readonly panelRow?: string
  readonly panelColumn?: string
  readonly size?: number | null
  readonly shape?: string
  /** Of a colour column that holds amounts. */
  readonly shade?: number | null
  /** What its label says, when that is not its measure. */
  readonly words?: string
  /** Index of the row that it comes from. */
  readonly row: number
}

/** The rows of a chart with axes, in long form. */
export interface SeriesData {
  readonly points: readonly Point[]
  readonly x: ChartColumn
  readonly xKind: DimensionKind
  readonly measures: readonly ChartColumn[]
  /** Names of the series in order of appearance; empty for one series without a name. */
  readonly series: readonly string[]
  /** The column that makes the series, when one does: measures make them otherwise. */
  readonly color: ChartColumn | undefined
  /** A colour column of a scatter whose numbers are amounts: shades of one colour, not series. */
  readonly shade: ChartColumn | undefined
  /** Whether bars reach from one date to another: `y` and `y0` are milliseconds. */
  readonly isPeriod: boolean
}

type SeriesChart = Extract<Chart, { type: 'bar' | 'line' | 'area' | 'scatter' }>

/** Reads the columns that a chart with axes names, row by row. Undefined after a finding that keeps it from being drawn. */
export function readSeries(chart: SeriesChart, rows: Rows, context: ChartContext): SeriesData | undefined {
  const { findings } = context
  const yNames = chart.y === undefined ? [] : typeof chart.y === 'string' ? [chart.y] : chart.y
  if (chart.x === undefined || yNames.length === 0) {
    const missing = chart.x === undefined ? 'x' : 'y'
    findings.add(
      'MISSING_KEY',
      `A chart of type ${chart.type} needs ${missing}; the query gives ${listNames(rows.columns.map(({ name }) => name))}.`,
    )
    return undefined
  }
  const x = findColumn(rows, chart.x, 'x', findings)
  const startName = chart.type === 'bar' ? chart.y_start : undefined
  const isPeriod = startName !== undefined && [startName, ...yNames].every((name) => isTime(rows, name))
  const find = isPeriod ? findColumn : findMeasure
  const toMeasure = isPeriod ? toTime : toNumber
  const measures = yNames.map((name) => find(rows, name, 'y', findings))
  const optional = (name: string | undefined, role: string): ChartColumn | undefined =>
    name === undefined ? undefined : findColumn(rows, name, role, findings)
  const colored = optional(chart.color, 'color')
  const shade = chart.type === 'scatter' && colored !== undefined && holdsAmounts(colored) ? colored : undefined
  const color = shade === undefined ? colored : undefined
  const panelRow = optional(chart.multiples?.rows, 'multiples.rows')
  const panelColumn = optional(chart.multiples?.columns, 'multiples.columns')
  const start = startName === undefined ? undefined : find(rows, startName, 'y_start', findings)
  const size = chart.type === 'scatter' && chart.size !== undefined ? findMeasure(rows, chart.size, 'size', findings) : undefined
  if (size !== undefined) checkSizes(size, context)
  const shape = chart.type === 'scatter' ? optional(chart.shape, 'shape') : undefined
  const order = sortRows(chart.sort, rows, context, { x: chart.x, y: yNames[0] as string })
  if (findings.error !== undefined || x === undefined) return undefined

  const found = measures as ChartColumn[]
  for (const measure of found) checkNulls(measure, findings)
  const xKind = dimensionKind(x)
  const names = new Set<string>()
  const nameOf = (row: number, measure: ChartColumn): string | undefined => {
    if (color === undefined) return found.length > 1 ? columnLabel(measure.column.name) : undefined
    const value = categoryText(color.values[row])
    return found.length > 1 ? `${value}, ${columnLabel(measure.column.name)}` : value
  }
  const points: Point[] = []
  for (const row of order) {
    const value = x.values[row]
    for (const measure of found) {
      const series = nameOf(row, measure)
      if (series !== undefined) names.add(series)
      points.push({
        x: xKind === 'time' ? (toTime(value) ?? null) : xKind === 'number' ? (toNumber(value) ?? null) : categoryText(value),
        y: toMeasure(measure.values[row]) ?? null,
        ...(start !== undefined && { y0: toMeasure(start.values[row]) ?? null }),
        ...(series !== undefined && { series }),
        ...(panelRow !== undefined && { panelRow: categoryText(panelRow.values[row]) }),
        ...(panelColumn !== undefined && { panelColumn: categoryText(panelColumn.values[row]) }),
        ...(size !== undefined && { size: toNumber(size.values[row]) ?? null }),
        ...(shape !== undefined && { shape: categoryText(shape.values[row]) }),
        ...(shade !== undefined && { shade: toNumber(shade.values[row]) ?? null }),
        row,
      })
    }
  }
  const series = stackOrder([...names], points, chart.style?.stack_order)
  const place = new Map(series.map((name, index) => [name, index]))
  const closed = withoutOpenBars(points, x, context)
  const ordered = series.length === 0 ? closed : closed.map((point) => ({ ...point, order: place.get(point.series ?? '') as number }))
  return { points: ordered, x, xKind, measures: found, series, color, shade, isPeriod }
}

const isTime = (rows: Rows, name: string): boolean => {
  const index = rows.columns.findIndex((column) => column.name === name)
  const column = rows.columns[index]
  return column !== undefined && dimensionKind({ column, index, values: rows.rows.map((row) => row[index]) }) === 'time'
}

/** More numbers than there are colours are amounts; a few are names of groups. */
const holdsAmounts = ({ column, values }: ChartColumn): boolean =>
  valueKind(column.type) === 'number' && new Set(values.filter((value) => value !== null)).size > 10

/** Series from the base of a stack up: as they come, by name, or the largest first. */
function stackOrder(
  series: readonly string[],
  points: readonly Point[],
  order: 'value' | 'data' | 'alphabetical' | undefined,
): readonly string[] {
  if (order === 'alphabetical') return series.toSorted()
  if (order !== 'value') return series
  const totals = new Map<string | undefined, number>()
  for (const { series: name, y } of points) totals.set(name, (totals.get(name) ?? 0) + (y ?? 0))
  return series.toSorted((left, right) => (totals.get(right) ?? 0) - (totals.get(left) ?? 0))
}

/** Indexes of the rows in the order that the chart asks for; equal ones stay as they came, nulls come last. */
export function sortRows(
  sort: { by: string; order?: 'asc' | 'desc' | undefined } | false | undefined,
  rows: Rows,
  { findings }: ChartContext,
  roles: Readonly<Record<string, string>> = {},
): number[] {
  const order = rows.rows.map((_, index) => index)
  if (!sort) return order
  const names = rows.columns.map(({ name }) => name)
  const index = names.includes(sort.by) ? names.indexOf(sort.by) : names.indexOf(entryOf(roles, sort.by) ?? '')
  if (index === -1) {
    findings.add('SORT_COLUMN_MISSING', `sort.by names "${sort.by}"; the query gives ${listNames(names)}.`, 'sort')
    return order
  }
  const values = rows.rows.map((row) => row[index])
  const isNumeric = values.every((value) => value === null || toNumber(value) !== undefined)
  const direction = sort.order === 'desc' ? -1 : 1
  return order.sort((left, right) => compareValues(values[left], values[right], isNumeric, direction))
}

function compareValues(left: unknown, right: unknown, isNumeric: boolean, direction: 1 | -1): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null)
  if (isNumeric) return direction * (Number(left) - Number(right))
  const [first, second] = [String(left), String(right)]
  return direction * (first < second ? -1 : first > second ? 1 : 0)
}
