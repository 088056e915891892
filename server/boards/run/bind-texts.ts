import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { chartTexts } from '../chart-texts.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { CompiledChart, GroupNode, LayoutNode, Place, VariableValue, Visible } from '../compiled-board.ts'
import { evaluateCondition } from '../template/evaluate-condition.ts'
import { renderText } from '../template/render-text.ts'
import { Refusal, TemplateFault } from '../template/template-fault.ts'
import type { QueryRunner } from './run-query.ts'

type Values = ReadonlyMap<string, VariableValue>

/** The chart with its texts rendered. */
export const bindChartTexts = ({ id, chart, place }: CompiledChart, values: Values, found: BoardDiagnostic[]): Chart => {
  const bound: Record<string, unknown> = { ...chart }
  for (const key of chartTexts) if (typeof bound[key] === 'string') bound[key] = render(bound[key], values, place, found, id)
  if ('support' in chart && chart.support?.label !== undefined)
    bound.support = { ...chart.support, label: render(chart.support.label, values, place, found, id) }
  return bound as Chart
}

/** A layout with its texts rendered, and without what is not visible. */
export const bindGroup = async (group: GroupNode, queries: QueryRunner, found: BoardDiagnostic[]): Promise<GroupNode> => {
  const { title, text, layout, details } = group
  const text1 = (written: string) => render(written, queries.values, group.place, found)
  return {
    ...group,
    ...(title !== undefined && { title: text1(title) }),
    ...(text !== undefined && { text: text1(text) }),
    ...(details?.text !== undefined && { details: { ...details, text: text1(details.text) } }),
    ...(layout !== undefined && { layout: await bindLayout(layout, queries, found) }),
  }
}

type Layout = NonNullable<GroupNode['layout']>

const bindLayout = async (layout: Layout, queries: QueryRunner, found: BoardDiagnostic[]): Promise<Layout> => {
  const bind = async <Node extends LayoutNode>(node: Node): Promise<Node | undefined> => {
    if (!(await isVisible(node.visible, queries, node.place, found))) return undefined
    return (node.kind === 'group' ? await bindGroup(node, queries, found) : node) as Node
  }
  if (layout.direction === 'grid' || layout.direction === 'tabs') {
    const items = []
    for (const item of layout.items) {
      const node = await bind(item.node)
      if (node !== undefined) items.push({ ...item, node })
    }
    return { ...layout, items } as Layout
  }
  const items: LayoutNode[] = []
  for (const item of layout.items) {
    const node = await bind(item)
    if (node !== undefined) items.push(node)
  }
  return { ...layout, items }
}

const isVisible = async (visible: Visible | undefined, queries: QueryRunner, place: Place, found: BoardDiagnostic[]): Promise<boolean> => {
  if (visible === undefined || typeof visible === 'boolean') return visible ?? true
  if (typeof visible !== 'string') return queries.isTrue(visible)
  try {
    return evaluateCondition(visible, queries.values)
  } catch (error) {
    found.push(faultAt(error, place))
    return true
  }
}

/** A text that cannot be rendered stays as it was written. */
const render = (text: string, values: Values, place: Place, found: BoardDiagnostic[], chart?: string): string => {
  try {
    return renderText(text, values)
  } catch (error) {
    found.push({ ...faultAt(error, place), ...(chart !== undefined && { chart }) })
    return text
  }
}

const faultAt = (error: unknown, place: Place): BoardDiagnostic => {
  if (error instanceof TemplateFault) return diagnostic(error.code, place, error.message, error.hint)
  if (error instanceof Refusal) return diagnostic(error.code, place, error.message, error.hint)
  throw error
}
