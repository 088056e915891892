import { cutText, padText, textWidth } from '../../envelope/terminal-width.ts'
import { entryOf } from '../../yaml/schema-at.ts'
import { type ChartOptions, resolveOptions } from '../charts/chart-context.ts'
import type { BoundBoard, BoundChart } from '../compiled-board.ts'
import { formatColumn } from '../formats/identifiers.ts'
import { resolveFormat } from '../formats/resolve-format.ts'
import { valueKind } from '../formats/value-kind.ts'
import { chartsIn } from '../run/run-board.ts'
import { barLines } from './bar-lines.ts'
import { describeChart } from './describe-chart.ts'

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
  const lines = barLines(bound, options, width - 2) ?? describeChart(bound, options)
  return [`\n${title}`, ...lines.map((line) => `  ${line}`)].join('\n')
}

const tableText = ({ chart, rows }: BoundChart, { formats }: ChartOptions, width: number): string => {
  if (rows === undefined || chart.type !== 'table') return ''
  const columns = rows.columns.map((column, index) => {
    const { label, format } = entryOf(chart.style?.columns, column.name) ?? {}
    const values = rows.rows.map((row) => row[index])
    return {
      title: label ?? column.name,
      write: formatColumn(format === undefined ? undefined : resolveFormat(format, formats), column, values, 'table'),
      isNumber: valueKind(column.type) === 'number',
    }
  })
  const cells = rows.rows.slice(0, maxRows).map((row) => columns.map(({ write }, index) => write(row[index]).replace(/\s+/g, ' ')))
  const most = Math.max(6, Math.floor(width / Math.max(1, columns.length)) - 2)
  const widths = columns.map(({ title }, index) =>
    Math.min(most, Math.max(textWidth(title), ...cells.map((row) => textWidth(row[index] as string)))),
  )
  const line = (row: readonly string[]) =>
    `  ${row
      .map((cell, index) => {
        const room = widths[index] as number
        return padText(cutText(cell, room), room, columns[index]?.isNumber ? 'right' : 'left')
      })
      .join('  ')}`.trimEnd()
  return [
    line(columns.map(({ title }) => title)),
    `  ${widths.map((one) => '─'.repeat(one)).join('  ')}`,
    ...cells.map(line),
    ...(rows.rows.length > maxRows ? [`  … ${rows.rows.length - maxRows} more rows`] : []),
  ].join('\n')
}
