import type { Chart, ChartOf } from '../../../contracts/v1/board/charts.ts'
import type { Rows } from '../compiled-board.ts'
import { type ChartColumn, dimensionKind } from './chart-data.ts'

type Scatter = ChartOf<'scatter'>

/** Whether a scatter has names on its upright axis and numbers on the other: a row of dots for each name. */
export function isDotPlot(chart: Chart, rows: Rows): chart is Scatter & { x: string; y: string } {
  if (chart.type !== 'scatter' || chart.x === undefined || typeof chart.y !== 'string') return false
  const [x, y] = [columnOf(chart.x, rows), columnOf(chart.y, rows)]
  return x !== undefined && y !== undefined && dimensionKind(x) === 'number' && dimensionKind(y) === 'category'
}

const columnOf = (name: string, rows: Rows): ChartColumn | undefined => {
  const index = rows.columns.findIndex((column) => column.name === name)
  const column = rows.columns[index]
  return column === undefined ? undefined : { column, index, values: rows.rows.map((row) => row[index]) }
}

/** The same chart with its names as the dimension, and what is said of an axis with it. */
export function turnedScatter(chart: Scatter & { x: string; y: string }): Scatter {
  const { x, y, x_label: xLabel, y_label: yLabel, style, ...rest } = chart
  const { axis_x: xAxis, axis_y: yAxis, ...look } = style ?? {}
  return {
    ...rest,
    x: y,
    y: x,
    ...(yLabel !== undefined && { x_label: yLabel }),
    ...(xLabel !== undefined && { y_label: xLabel }),
    style: { ...look, ...(yAxis !== undefined && { axis_x: yAxis }), ...(xAxis !== undefined && { axis_y: xAxis }) },
  }
}
