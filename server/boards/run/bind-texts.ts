import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { changeTexts, chartTexts } from '../board-texts.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { CompiledChart, GroupNode, LayoutNode, Locate, Place, VariableValue, Visible } from '../compiled-board.ts'
import { evaluateCondition } from '../template/evaluate-condition.ts'
import { renderText } from '../template/render-text.ts'
import { Refusal, TemplateFault } from '../template/template-fault.ts'
import type { QueryRunner } from './run-query.ts'

type Values = ReadonlyMap<string, VariableValue>

/** The chart with its texts rendered. */
export const bindChartTexts = ({ id, chart, locate }: CompiledChart, values: Values, found: BoardDiagnostic[]): Chart =>
  changeTexts(chart, chartTexts, (text, path) => bindText(text, values, path, locate, found, id))

/** A text with its values; one that cannot be rendered stays as it was written. */
export const bindText = (
  text: string,
  values: Values,
  path: readonly PropertyKey[],
  locate: Locate,
  found: BoardDiagnostic[],
  chart?: string,
): string => {
  try {
    return renderText(text, values)
  } catch (error) {
    const place = error instanceof TemplateFault ? locate(path, error.position) : locate(path)
    found.push({ ...faultAt(error, place), ...(chart !== undefined && { chart }) })
    return text
  }
}

/** A layout with its texts rendered, and without what is not visible. */
export const bindGroup = async (group: GroupNode, queries: QueryRunner, found: BoardDiagnostic[]): Promise<GroupNode> => {
  const { title, text, layout, details, style, locate } = group
  const bound = (written: string, ...path: string[]) => bindText(written, queries.values, path, locate, found)
  const footer = typeof style.footer === 'object' ? style.footer.text : undefined
  return {
    ...group,
    ...(title !== undefined && { title: bound(title, 'title') }),
    ...(text !== undefined && { text: bound(text, 'text') }),
    ...(details !== undefined && {
      details: {
        ...details,
        summary: bound(details.summary, 'details', 'summary'),
        ...(details.expandedTitle !== undefined && { expandedTitle: bound(details.expandedTitle, 'details', 'expanded_title') }),
        ...(details.text !== undefined && { text: bound(details.text, 'details') }),
      },
    }),
    ...(footer !== undefined && {
      style: { ...style, footer: { ...(style.footer as object), text: bound(footer, 'style', 'footer', 'text') } },
    }),
    ...(layout !== undefined && { layout: await bindLayout(layout, queries, found) }),
  }
}

type Layout = NonNullable<GroupNode['layout']>

const bindLayout = async (layout: Layout, queries: QueryRunner, found: BoardDiagnostic[]): Promise<Layout> => {
  const bind = async <Node extends LayoutNode>(node: Node): Promise<Node | undefined> => {
    if (!(await isTrue(node.visible, queries, node.place, found))) return undefined
    return (node.kind === 'group' ? await bindGroup(node, queries, found) : node) as Node
  }
  if (layout.direction === 'tabs') {
    const items = []
    for (const item of layout.items) {
      const node = await bind(item.node)
      if (node !== undefined) items.push({ ...item, title: bindText(item.title, queries.values, ['title'], node.locate, found), node })
    }
    return { ...layout, items }
  }
  if (layout.direction === 'grid') {
    const items = []
    for (const item of layout.items) {
      const node = await bind(item.node)
      if (node !== undefined) items.push({ ...item, node })
    }
    return { ...layout, items }
  }
  const items: LayoutNode[] = []
  for (const item of layout.items) {
    const node = await bind(item)
    if (node !== undefined) items.push(node)
  }
  return { ...layout, items }
}

/** Whether a condition holds. One that cannot be told counts as true, and says so. */
export const isTrue = async (
  condition: Visible | undefined,
  queries: QueryRunner,
  place: Place,
  found: BoardDiagnostic[],
): Promise<boolean> => {
  if (condition === undefined || typeof condition === 'boolean') return condition ?? true
  if (typeof condition !== 'string') {
    const outcome = await queries.isTrue(condition)
    if (!('fault' in outcome)) return outcome.isTrue
    const { file, line, column } = place
    found.push({ ...outcome.fault, message: `Its condition cannot be told: ${outcome.fault.message}`, file, line, column })
    return true
  }
  try {
    return evaluateCondition(condition, queries.values)
  } catch (error) {
    found.push(faultAt(error, place))
    return true
  }
}

const faultAt = (error: unknown, place: Place): BoardDiagnostic => {
  if (error instanceof TemplateFault) return diagnostic(error.code, place, error.message, error.hint)
  if (error instanceof Refusal) return diagnostic(error.code, place, error.message, error.hint)
  throw error
}
