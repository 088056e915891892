import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { type ChartOptions, resolveOptions } from '../charts/chart-context.ts'
import type { BoundBoard, GroupNode, LayoutNode } from '../compiled-board.ts'
import { describeChart } from './describe-chart.ts'

/** The board as an agent sees it: its structure, per chart its rows, ranges and figures as painted, and every finding. */
export const renderText = (board: BoundBoard, findings: readonly BoardDiagnostic[]): string => {
  const options = resolveOptions(board)
  const told = new Set<BoardDiagnostic>()
  const lines = [`# ${board.title ?? (board.path || 'Board')}`]
  if (board.notes !== undefined) lines.push(board.notes.trim())
  for (const { name, value } of board.variables) lines.push(`variable ${name} = ${value === null ? 'not set' : JSON.stringify(value)}`)
  for (const notice of board.notices ?? []) {
    lines.push(findingLine(notice))
    told.add(notice)
  }
  lines.push(...groupLines(board.root, board, options, findings, told, 0, true))
  const rest = findings.filter((finding) => !told.has(finding))
  if (rest.length > 0) lines.push('', '## Findings', ...rest.map(findingLine))
  return `${lines.join('\n')}\n`
}

const groupLines = (
  group: GroupNode,
  board: BoundBoard,
  options: ChartOptions,
  findings: readonly BoardDiagnostic[],
  told: Set<BoardDiagnostic>,
  depth: number,
  isRoot = false,
): string[] => {
  const { title, text, details, layout } = group
  const pad = '  '.repeat(depth)
  const head = [
    ...(title !== undefined && !isRoot ? [`${pad}## ${title}`] : []),
    ...(details === undefined ? [] : [`${pad}${details.expanded ? 'opened' : 'closed'} details: ${details.summary}`]),
    ...(text === undefined ? [] : [`${pad}text: ${text.replace(/\s+/g, ' ').trim().slice(0, 300)}`]),
  ]
  const inner = (node: LayoutNode): string[] =>
    node.kind === 'group'
      ? groupLines(node, board, options, findings, told, depth + 1)
      : chartLines(node.chart, board, options, findings, told, pad)
  if (layout === undefined) return head
  if (layout.direction === 'tabs') return [...head, ...layout.items.flatMap(({ title: tab, node }) => [`${pad}tab ${tab}`, ...inner(node)])]
  const items = layout.direction === 'grid' ? layout.items.map(({ node }) => node) : layout.items
  return [...head, ...items.flatMap(inner)]
}

const chartLines = (
  id: string,
  board: BoundBoard,
  options: ChartOptions,
  findings: readonly BoardDiagnostic[],
  told: Set<BoardDiagnostic>,
  pad: string,
): string[] => {
  const bound = board.charts.get(id)
  if (bound === undefined) return []
  const found = findings.filter(({ chart }) => chart === id)
  for (const finding of found) told.add(finding)
  // An error that several charts share, as of their query, is one finding of the board; each of them says why it is empty.
  const shared = bound.diagnostics.filter(({ level, message }) => level === 'error' && !found.some((one) => one.message === message))
  const own = [...found, ...shared]
  const title = bound.chart.title === undefined ? '' : `: ${bound.chart.title}`
  return [
    '',
    `${pad}[${id}] ${bound.chart.type}${title}`,
    ...[...describeChart(bound, options), ...own.map(findingLine)].map((line) => `${pad}  ${line}`),
  ]
}

const findingLine = ({ level, code, message, fix, file, line, column }: BoardDiagnostic): string =>
  `${level} ${code} ${file}:${line}:${column} ${message}${fix === undefined ? '' : ` ${fix}`}`
