import type { CompiledBoard, GroupNode, LayoutNode, Visible } from './compiled-board.ts'

/** A part of a layout: a chart, or a board with how its parts stand. */
export interface LayoutPart {
  /** The keys that lead to it in the layout: "rows.0.cols.1"; empty for the board. */
  place: string
  chart?: string
  direction?: 'rows' | 'cols' | 'grid' | 'tabs'
  /** Of a board, or of its tab. */
  title?: string
  /** The beginning of its text. */
  text?: string
  /** Of a grid: from 0. */
  column?: number
  row?: number
  column_span?: number
  row_span?: number
  width?: number | string
  height?: number | string
  visible?: Visible
}

/** Characters of a text that are told: enough to know it by. */
const shownChars = 80

/** The layout of a board as a list, each part before those within it. */
export const describeLayout = ({ root }: CompiledBoard): LayoutPart[] => {
  const parts: LayoutPart[] = []
  const visit = (node: LayoutNode, place: string, about: Partial<LayoutPart> = {}): void => {
    const { width, height, visible } = node
    parts.push({
      place,
      ...(node.kind === 'chart' ? { chart: node.chart } : aboutGroup(node)),
      ...about,
      ...(width !== undefined && { width }),
      ...(height !== undefined && { height }),
      ...(visible !== undefined && { visible }),
    })
    if (node.kind === 'chart' || node.layout === undefined) return
    const { layout } = node
    const at = (index: number): string => `${place === '' ? '' : `${place}.`}${layout.direction}.${index}`
    if (layout.direction === 'tabs') for (const [index, { title, node: tab }] of layout.items.entries()) visit(tab, at(index), { title })
    else if (layout.direction === 'grid')
      for (const [index, { node: inner, column, row, columnSpan, rowSpan }] of layout.items.entries())
        visit(inner, at(index), {
          ...(column !== undefined && { column }),
          ...(row !== undefined && { row }),
          column_span: columnSpan,
          row_span: rowSpan,
        })
    else for (const [index, inner] of layout.items.entries()) visit(inner, at(index))
  }
  visit(root, '')
  return parts
}

const aboutGroup = ({ layout, title, text }: GroupNode): Partial<LayoutPart> => ({
  ...(layout !== undefined && { direction: layout.direction }),
  ...(title !== undefined && { title }),
  ...(text !== undefined && { text: text.length > shownChars ? `${text.slice(0, shownChars - 1)}…` : text }),
})
