import { entryOf } from '../../yaml/schema-at.ts'
import { type ChartOptions, resolveOptions } from '../charts/chart-context.ts'
import type { BoundBoard, BoundChart } from '../compiled-board.ts'
import { formatValue } from '../formats/format-value.ts'
import { type ResolvedFormat, resolveFormat } from '../formats/resolve-format.ts'
import { toNumber, valueKind } from '../formats/value-kind.ts'
import { chartsIn } from '../run/run-board.ts'
import { describeChart } from './describe-chart.ts'

const maxBars = 20
const maxRows = 20

/** The board in characters: figures, bars of blocks and tables, at most `width` wide. */
export const renderTerminal = (board: BoundBoard, width: number): string => {
  const options = resolveOptions(board)
  const parts = chartsIn(board.root).flatMap((id) => {
    const bound = board.charts.get(id)
    return bound === undefined ? [] : [chartText(bound, options, width)]
  })
  const notices = (board.notices ?? []).map(({ message, fix }) => `✗ ${message}${fix === undefined ? '' : ` ${fix}`}`)
  return `${[board.title ?? 'Board', '═'.repeat(Math.min(width, (board.title ?? 'Board').length)), ...notices, ...parts].join('\n')}\n`
}

const chartText = (bound: BoundChart, options: ChartOptions, width: number): string => {
  const { chart, rows, diagnostics } = bound
  const failed = diagnostics.find(({ level }) => level === 'error')
  const title = chart.title ?? bound.id
  if (failed !== undefined) return `\n${title}\n  ✗ ${failed.message}`
  if (chart.type === 'kpi' || chart.type === 'callout') return `\n${describeChart(bound, options).join('\n')}`
  if (rows === undefined) return ''
  if (chart.type === 'table') return `\n${title}\n${tableText(bound, options, width)}`
  const bars = barText(bound, options, width)
  return `\n${title}\n${
    bars ??
    describeChart(bound, options)
      .map((line) => `  ${line}`)
      .join('\n')
  }`
}

/** A label and a bar of blocks for each row; undefined when the chart is no measure over a dimension. */
const barText = ({ chart, rows }: BoundChart, options: ChartOptions, width: number): string | undefined => {
  const [label, measure] =
    'theta' in chart ? [chart.color, chart.theta] : 'x' in chart ? [chart.x, Array.isArray(chart.y) ? chart.y[0] : chart.y] : []
  const at = (name: string | undefined) => rows?.columns.findIndex((column) => column.name === name) ?? -1
  const [labelAt, measureAt] = [at(label), at(measure)]
  const column = rows?.columns[measureAt]
  const labels = rows?.columns[labelAt]
  if (rows === undefined || labels === undefined || column === undefined || valueKind(column.type) !== 'number') return undefined
  const write = formatValue(formatOf(chart, options), column.type, 'table')
  const writeLabel = formatValue(undefined, labels.type, 'table')
  const shown = rows.rows.slice(0, maxBars).map((row) => ({ label: shorten(writeLabel(row[labelAt]), 24), value: row[measureAt] }))
  const most = Math.max(...shown.map(({ value }) => (value === null ? 0 : Math.abs(toNumber(value) ?? 0))), 0)
  const labelWidth = Math.max(...shown.map((row) => row.label.length), 0)
  const room = Math.max(8, width - labelWidth - 16)
  const lines = shown.map(({ label: name, value }) => {
    const blocks = most === 0 || value === null ? 0 : Math.round((Math.abs(toNumber(value) ?? 0) / most) * room)
    return `  ${name.padEnd(labelWidth)} ${'█'.repeat(blocks)} ${write(value)}`
  })
  return [...lines, ...(rows.rows.length > maxBars ? [`  … ${rows.rows.length - maxBars} more`] : [])].join('\n')
}

const formatOf = ({ style }: BoundChart['chart'], { formats }: ChartOptions): ResolvedFormat | undefined => {
  const name = style !== undefined && 'number_format' in style ? style.number_format : undefined
  return name === undefined ? undefined : resolveFormat(name, formats)
}

const tableText = ({ chart, rows }: BoundChart, { formats }: ChartOptions, width: number): string => {
  if (rows === undefined || chart.type !== 'table') return ''
  const columns = rows.columns.map(({ name, type }) => {
    const { label, format } = entryOf(chart.style?.columns, name) ?? {}
    return {
      title: label ?? name,
      write: formatValue(format === undefined ? undefined : resolveFormat(format, formats), type, 'table'),
      isNumber: valueKind(type) === 'number',
    }
  })
  const cells = rows.rows.slice(0, maxRows).map((row) => columns.map(({ write }, index) => write(row[index]).replace(/\s+/g, ' ')))
  const most = Math.max(6, Math.floor(width / Math.max(1, columns.length)) - 2)
  const widths = columns.map(({ title }, index) =>
    Math.min(most, Math.max(title.length, ...cells.map((row) => (row[index] as string).length))),
  )
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, index) => (columns[index]?.isNumber ? shorten(cell, widths[index] as number).padStart(widths[index] as number) : shorten(cell, widths[index] as number).padEnd(widths[index] as number))).join('  ')}`.trimEnd()
  return [
    line(columns.map(({ title }) => title)),
    `  ${widths.map((one) => '─'.repeat(one)).join('  ')}`,
    ...cells.map(line),
    ...(rows.rows.length > maxRows ? [`  … ${rows.rows.length - maxRows} more rows`] : []),
  ].join('\n')
}

const shorten = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text)
