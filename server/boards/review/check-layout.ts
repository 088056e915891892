import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { BoundBoard, BoundChart, CompiledBoard, GroupNode, LayoutNode } from '../compiled-board.ts'

/** More than this no reader takes in at one look; a row of KPIs is one of them. */
const maxVisuals = 8

/** Findings that leave nothing of a board. */
const unreadCodes: ReadonlySet<string> = new Set(['YAML_ERROR', 'FILE_TOO_LARGE', 'EMPTY_DOCUMENT'])

/** How a board is laid out: KPIs first, not too much at once, and what it is for. */
export const checkLayout = (board: CompiledBoard, bound: BoundBoard): BoardDiagnostic[] => {
  const found: BoardDiagnostic[] = []
  // Of a text that cannot be read it is not known what it lacks.
  const isRead = !board.diagnostics.some(({ code }) => unreadCodes.has(code))
  if (board.notes === undefined && isRead) found.push(diagnostic('MISSING_NOTES', board.root.place, 'The board has no notes.'))
  for (const view of viewsOf(bound.root)) {
    const charts = view.charts.flatMap((id) => bound.charts.get(id) ?? []).filter(({ chart }) => chart.type !== 'callout')
    const plots = charts.filter((one) => !isKpi(one))
    const visuals = plots.length + (plots.length < charts.length ? 1 : 0)
    if (visuals > maxVisuals)
      found.push(
        diagnostic('TOO_MANY_CHARTS', view.place, `${view.name} shows ${visuals} visuals; ${maxVisuals} are taken in at one look.`),
      )
    const late = charts.slice(charts.findIndex((one) => !isKpi(one))).find(isKpi)
    if (late !== undefined && plots.length > 0)
      found.push(diagnostic('KPI_NOT_FIRST', late.place, `The KPI "${late.id}" stands after a chart.`, undefined, { chart: late.id }))
  }
  return found
}

const isKpi = ({ chart }: BoundChart): boolean => chart.type === 'kpi'

interface View {
  readonly name: string
  readonly place: GroupNode['place']
  readonly charts: string[]
}

/** What is seen at once: the board, and each of its tabs. */
const viewsOf = (root: GroupNode): View[] => {
  const views: View[] = []
  const open = (name: string, group: GroupNode): void => {
    const view: View = { name, place: group.place, charts: [] }
    views.push(view)
    visit(group, view)
  }
  const visit = (node: LayoutNode, view: View): void => {
    if (node.kind === 'chart') {
      if (!view.charts.includes(node.chart)) view.charts.push(node.chart)
    } else if (node.layout?.direction === 'tabs') for (const { title, node: tab } of node.layout.items) open(`The tab "${title}"`, tab)
    else if (node.layout?.direction === 'grid') for (const { node: inner } of node.layout.items) visit(inner, view)
    else for (const inner of node.layout?.items ?? []) visit(inner, view)
  }
  open('The board', root)
  return views
}
