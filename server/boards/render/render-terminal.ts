import { entryOf } from '../../envelope/entry-of.ts'
import { cutText, padText, textWidth } from '../../envelope/terminal-width.ts'
import { type ChartOptions, resolveOptions } from '../charts/chart-context.ts'
import { extent } from '../charts/dimension-axis.ts'
import { sparkValues } from '../charts/table-model.ts'
import type { BoundBoard, BoundChart, LayoutNode } from '../compiled-board.ts'
import { variableText } from '../draw/draw-variables.ts'
import { formatColumn } from '../formats/identifiers.ts'
import { resolveFormat } from '../formats/resolve-format.ts'
import { valueKind } from '../formats/value-kind.ts'
import { barLines } from './bar-lines.ts'
import { describeChart, kpiName } from './describe-chart.ts'

const maxRows = 20

/** The board in characters: figures, bars of blocks and tables, at most `width` wide. */
export const renderTerminal = (board: BoundBoard, width: number): string => {
  const options = resolveOptions(board)
  const parts = nodeTexts(board.root, (id) => {
    const bound = board.charts.get(id)
    return bound === undefined ? '' : chartText(bound, options, width)
  })
  const notices = (board.notices ?? []).map(({ message, fix }) => `✗ ${message}${fix === undefined ? '' : ` ${fix}`}`)
  const values = board.variables.flatMap((variable) => {
    const text = variable.isVisible ? variableText(variable) : undefined
    return text === undefined ? [] : [`${variable.label}: ${text}`]
  })
  const head = [board.title ?? 'Board', '═'.repeat(Math.min(width, (board.title ?? 'Board').length)), ...values]
  return `${[...head, ...notices, ...parts].join('\n')}\n`
}

/** The charts in their order, in every place, and the names of the parts and tabs that they stand in. */
const nodeTexts = (node: LayoutNode, chart: (id: string) => string, isRoot = true): string[] => {
  if (node.kind === 'chart') return [chart(node.chart)]
  const head = node.title === undefined || isRoot ? [] : [sectionText(node.title)]
  const { layout } = node
  if (layout === undefined) return head
  if (layout.direction === 'tabs')
    return [...head, ...layout.items.flatMap((tab) => [sectionText(tab.title), ...nodeTexts(tab.node, chart, false)])]
  const items = layout.direction === 'grid' ? layout.items.map(({ node: inner }) => inner) : layout.items
  return [...head, ...items.flatMap((inner) => nodeTexts(inner, chart, false))]
}

const sectionText = (title: string): string => `\n── ${title.replace(/\s+/g, ' ').trim()}`

const chartText = (bound: BoundChart, options: ChartOptions, width: number): string => {
  const { chart, rows, diagnostics } = bound
  const failed = diagnostics.find(({ level }) => level === 'error')
  const title = (chart.type === 'kpi' ? kpiName(bound) : chart.title) ?? bound.id
  if (failed !== undefined) return `\n${title}\n  ✗ ${failed.message}`
  if (chart.type === 'kpi' || chart.type === 'callout') return `\n${describeChart(bound, options).join('\n')}`
  if (rows === undefined) return ''
  if (chart.type === 'table') return `\n${title}\n${tableText(bound, options, width)}`
  const lines = barLines(bound, options, width - 2) ?? describeChart(bound, options)
  return [`\n${title}`, ...lines.map((line) => `  ${line}`)].join('\n')
}

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** The course of a row of numbers, from its least to its greatest. */
const sparkText = (values: readonly (number | null)[]): string => {
  const [low, high] = extent(values.filter((value) => value !== null))
  const level = (value: number): number => (high === low ? 0 : Math.round(((value - low) / (high - low)) * (blocks.length - 1)))
  return values.map((value) => (value === null ? ' ' : blocks[level(value)])).join('')
}

const tableText = ({ chart, rows }: BoundChart, { formats }: ChartOptions, width: number): string => {
  if (rows === undefined || chart.type !== 'table') return ''
  const columns = rows.columns.map((column, index) => {
    const { label, format, spark } = entryOf(chart.style?.columns, column.name) ?? {}
    const values = rows.rows.map((row) => row[index])
    const write = formatColumn(format === undefined ? undefined : resolveFormat(format, formats), column, values, 'table')
    return {
      title: label ?? column.name,
      write: (value: unknown): string => {
        const numbers = spark === undefined ? [] : sparkValues(value)
        return numbers.length > 1 ? sparkText(numbers) : write(value)
      },
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
    ...(rows.rows.length > maxRows ? [`  … ${rows.rows.length - maxRows} more ${rows.rows.length - maxRows === 1 ? 'row' : 'rows'}`] : []),
  ].join('\n')
}
