import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { Format } from '../../../contracts/v1/board/formats.ts'
import { cutText, padText, textWidth } from '../../envelope/terminal-width.ts'
import { measureFormat } from '../charts/axes.ts'
import type { ChartOptions } from '../charts/chart-context.ts'
import { categoryText, columnLabel } from '../charts/chart-data.ts'
import { greatestOf } from '../charts/extent.ts'
import type { BoundChart } from '../compiled-board.ts'
import { formatColumn } from '../formats/identifiers.ts'
import { resolveFormat } from '../formats/resolve-format.ts'
import { toNumber, valueKind } from '../formats/value-kind.ts'

const maxBars = 20

/** What a chart measures, over which dimension, and what tells its series apart. */
interface Reading {
  readonly label: string
  readonly measures: readonly { readonly column: string; readonly name: string; readonly format: Format | undefined }[]
  readonly color?: string | undefined
}

/** A label, the name of the series and a bar of blocks for each mark; undefined when the chart is no measure over a dimension. */
export const barLines = ({ chart, rows }: BoundChart, { formats }: ChartOptions, width: number): string[] | undefined => {
  const reading = readingOf(chart)
  if (rows === undefined || reading === undefined) return undefined
  const find = (name: string | undefined) => {
    const index = rows.columns.findIndex((column) => column.name === name)
    const column = rows.columns[index]
    return column === undefined ? undefined : { column, values: rows.rows.map((row) => row[index]) }
  }
  const labels = find(reading.label)
  const color = find(reading.color)
  const measures = reading.measures.flatMap(({ column: name, format, ...measure }) => {
    const found = find(name)
    if (found === undefined || valueKind(found.column.type) !== 'number') return []
    return [
      {
        ...measure,
        ...found,
        write: formatColumn(format === undefined ? undefined : resolveFormat(format, formats), found.column, found.values, 'table'),
      },
    ]
  })
  if (labels === undefined || measures.length === 0) return undefined
  const writeLabel = formatColumn(undefined, labels.column, labels.values, 'table')
  const all = rows.rows.length * measures.length
  const marks = rows.rows.slice(0, maxBars).flatMap((_, row) =>
    measures.map(({ name, values, write }) => {
      const series = [...(color === undefined ? [] : [categoryText(color.values[row])]), ...(measures.length > 1 ? [name] : [])].join(', ')
      return {
        label: cutText(writeLabel(labels.values[row]), 24),
        series: cutText(series, 24),
        value: values[row],
        text: write(values[row]),
      }
    }),
  )
  const shown = marks.slice(0, maxBars)
  const size = (value: unknown): number => Math.abs(toNumber(value) ?? 0)
  const most = Math.max(0, greatestOf(shown.map(({ value }) => size(value))))
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(textWidth))
  const [labelWidth, seriesWidth] = [widest(shown.map(({ label }) => label)), widest(shown.map(({ series }) => series))]
  const room = Math.max(8, width - labelWidth - (seriesWidth === 0 ? 0 : seriesWidth + 2) - widest(shown.map(({ text }) => text)) - 2)
  const lines = shown.map(({ label, series, value, text }) => {
    const head =
      seriesWidth === 0
        ? padText(label, labelWidth, 'left')
        : `${padText(label, labelWidth, 'left')}  ${padText(series, seriesWidth, 'left')}`
    return `${head} ${'█'.repeat(most === 0 ? 0 : Math.round((size(value) / most) * room))} ${text}`
  })
  return [...lines, ...(all > shown.length ? [`… ${all - shown.length} more`] : [])]
}

const readingOf = (chart: Chart): Reading | undefined => {
  switch (chart.type) {
    case 'pie':
    case 'donut':
      return chart.color === undefined ? undefined : { label: chart.color, measures: [named(chart.theta, chart.style?.number_format)] }
    case 'spark_bar': {
      const [label] = [chart.y].flat()
      return label === undefined || chart.x === undefined ? undefined : { label, measures: [named(chart.x, chart.style?.number_format)] }
    }
    case 'bar':
    case 'line':
    case 'area': {
      if (chart.x === undefined || chart.y === undefined) return undefined
      const format = measureFormat(chart.style)
      // A layer with a query of its own has rows of its own.
      const layers = (chart.layers ?? []).flatMap(({ query, y, label, axis_y: axis, style }) =>
        query === undefined ? [named(y, axis?.labels?.format ?? style?.number_format, label)] : [],
      )
      return {
        label: chart.x,
        measures: [...[chart.y].flat().map((y) => named(y, format)), ...layers],
        ...(chart.color !== chart.x && { color: chart.color }),
      }
    }
    default:
      return undefined
  }
}

const named = (column: string, format: Format | undefined, name = columnLabel(column)): Reading['measures'][number] => ({
  column,
  name,
  format,
})
