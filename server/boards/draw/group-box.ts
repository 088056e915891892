import type { BoardStyle } from '../../../contracts/v1/board/style.ts'
import { type ChartOptions, inkOnGround, themeOfGround } from '../charts/chart-context.ts'
import { cleanText } from '../charts/chart-data.ts'
import { resolveColor } from '../charts/color-tokens.ts'
import { fontWeight } from '../charts/font-spec.ts'
import type { Theme } from '../charts/theme.ts'
import type { BoundBoard, GroupNode, LayoutNode } from '../compiled-board.ts'
import { wrapText } from '../fonts/fit-text.ts'
import { type Box, type Place, pixels, readSides, type Sides } from './box.ts'
import { type ChartBox, chartBox } from './chart-box.ts'
import { type Drawing, setMarkdown } from './draw-markdown.ts'
import { colsBox, gridBox, rowsBox } from './layout-box.ts'
import { readMarkdown } from './markdown-blocks.ts'
import { element, textElement } from './svg.ts'

/** What the boxes of one board share. */
export interface BoardDrawing {
  readonly board: BoundBoard
  readonly options: ChartOptions
  /** Of what stands on no card: titles and texts. */
  readonly ground: Theme
  /** Boxes of charts, in the order that they were made in. */
  readonly charts: ChartBox[]
}

const gaps = { card: 20, head: 14, section: 28 }

const titles: Readonly<Record<number, { size: number; line: number }>> = {
  1: { size: 26, line: 36 },
  2: { size: 18, line: 27 },
  3: { size: 15, line: 23 },
}

/** Makes the box of a part of the board. */
async function nodeBox(node: LayoutNode, drawing: BoardDrawing, depth: number): Promise<Box> {
  const box = node.kind === 'chart' ? await chartNodeBox(node.chart, drawing) : await groupBox(node, drawing, depth)
  const width = node.width ?? box.width
  const { height } = node
  return {
    width,
    draw: box.draw,
    // What needs more than it is given takes it: nothing is painted over what stands below.
    measure: (room) =>
      height === undefined ? box.measure(room) : Math.max(pixels(height, 600) ?? 0, node.kind === 'group' ? leastHeight(node) : 0),
  }
}

/** A title alone needs this much. */
const leastHeight = ({ title, layout, details }: GroupNode): number =>
  (title === undefined ? 0 : 41) + (layout === undefined || isFolded(details) ? 0 : 90)

/** A picture shows what is open; of the rest, the line that would open it. */
const isFolded = (details: GroupNode['details']): boolean => details?.expanded === false

async function chartNodeBox(id: string, { board, options, charts }: BoardDrawing): Promise<Box> {
  const bound = board.charts.get(id)
  if (bound === undefined) return { measure: () => 0, draw: async () => '' }
  const box = await chartBox(bound, options, `c${charts.length}`)
  charts.push(box)
  return box
}

/** A title, its text and its layout. `before` stands between them: the variables of the whole board. */
export async function groupBox(group: GroupNode, around: BoardDrawing, depth: number, before?: (width: number) => Drawing): Promise<Box> {
  const { theme, palettes } = around.options
  const { style } = group
  const drawing = { ...around, ground: themeOfGround(style, around.options, around.ground) }
  const color = (token: string | undefined, fallback: string): string =>
    (token === undefined ? undefined : resolveColor(token, theme, palettes)) ?? fallback
  const head = await headOf(group, drawing, depth)
  const layout = await layoutBox(group, drawing, depth)
  const border = typeof style.border === 'object' ? style.border : undefined
  const hasFrame = depth > 0 && (style.background !== undefined || border !== undefined || style.border === true)
  const padding: Sides = depth === 0 ? readSides(undefined, 0) : readSides(style.padding, hasFrame ? 20 : 0)
  const inner = (width: number): number => Math.max(20, width - padding.left - padding.right)
  const tops = (width: number): Drawing[] =>
    [...head(inner(width)), ...(before === undefined ? [] : [before(inner(width))])].filter(({ height }) => height > 0)
  const headHeight = (width: number): number => {
    const parts = tops(width)
    const total = parts.reduce((sum, { height }) => sum + height, 0) + Math.max(0, parts.length - 1) * 8
    return parts.length === 0 ? 0 : total + (layout === undefined ? 0 : depth === 0 ? gaps.section - 6 : gaps.head)
  }
  return {
    measure: (width) => padding.top + padding.bottom + headHeight(width) + (layout?.measure(inner(width)) ?? 0),
    async draw({ x, y, width, height }: Place) {
      const parts: string[] = []
      if (hasFrame) {
        const stroke = style.border === undefined ? {} : { stroke: color(border?.color, theme.border), 'stroke-width': border?.width ?? 1 }
        parts.push(
          element('rect', {
            x,
            y,
            width,
            height,
            rx: border?.radius ?? theme.radius,
            fill: color(style.background, theme.card),
            'fill-opacity': style.opacity,
            ...stroke,
          }),
        )
      }
      let top = y + padding.top
      for (const part of tops(width)) {
        parts.push(part.draw(x + padding.left, top))
        top += part.height + 8
      }
      const used = padding.top + headHeight(width)
      if (layout !== undefined) {
        parts.push(await layout.draw({ x: x + padding.left, y: y + used, width: inner(width), height: height - used - padding.bottom }))
      }
      return parts.join('')
    },
  }
}

/** How the title of a board, or of a part of it, is set. */
export function titleLook(
  { title }: BoardStyle,
  depth: number,
): { size: number; weight: number; line: number; align: 'left' | 'center' | 'right' } {
  const level = typeof title?.level === 'number' ? title.level : depth + 1
  const usual = titles[Math.min(3, level)] as { size: number; line: number }
  const size = title?.font?.size ?? usual.size
  return {
    size,
    weight: fontWeight(title?.font?.weight) ?? (depth === 0 ? 700 : 600),
    line: usual.line + (size - usual.size) * 1.35,
    align: title?.font?.align ?? 'left',
  }
}

/** Colours that a board says for its title and its text: their own, else the one that a part of it has for all its words. */
export function wordColors({ title, text, font }: BoardStyle, depth: number): { title: string | undefined; text: string | undefined } {
  const own = depth > 0 ? font?.color : undefined
  return { title: title?.font?.color ?? own, text: text?.font?.color ?? own }
}

/** Pixels between the parts of a layout, as the board, or what is around them, says it. */
export function gapOf({ layout, style }: GroupNode, root: GroupNode): number {
  const own = layout === undefined || layout.direction === 'tabs' ? undefined : style.layout?.[layout.direction]?.gap
  const asked =
    (layout !== undefined && 'gap' in layout ? layout.gap : undefined) ?? style.frame?.card_gap ?? style.gap ?? own ?? style.layout?.gap
  return pixels(asked ?? root.style.frame?.card_gap, 0) ?? gaps.card
}

/** Title, the line of details, and Markdown. */
async function headOf(group: GroupNode, { ground: theme, options }: BoardDrawing, depth: number): Promise<(width: number) => Drawing[]> {
  const { style, details } = group
  const text = group.text === undefined || isFolded(details) ? [] : await readMarkdown(group.text)
  const { align, line: lineHeight, ...font } = titleLook(style, depth)
  const colors = wordColors(style, depth)
  const markdown = {
    theme,
    color: inkOnGround(colors.text, theme.muted, theme, options),
    size: style.text?.font?.size ?? 14,
    align: style.text?.align ?? ('left' as const),
  }
  return (width) => {
    const parts: Drawing[] = []
    if (group.title !== undefined && group.title.trim() !== '' && style.title?.visible !== false) {
      const lines = wrapText(cleanText(group.title).trim(), width, font, 3)
      const ink = inkOnGround(colors.title, theme.ink, theme, options)
      parts.push({
        width,
        height: lines.length * lineHeight,
        draw: (x, y) =>
          lines
            .map((line, index) =>
              textElement(line, align === 'center' ? x + width / 2 : align === 'right' ? x + width : x, y + lineHeight * (index + 0.76), {
                ...font,
                color: ink,
                align,
              }),
            )
            .join(''),
      })
    }
    if (details !== undefined) {
      const summary = details.expanded ? (details.expandedTitle ?? details.summary) : details.summary
      parts.push({
        width,
        height: 24,
        draw: (x, y) =>
          textElement(`${details.expanded ? '▼' : '▶'} ${cleanText(summary)}`, x, y + 16, { size: 13, weight: 500, color: theme.muted }),
      })
    }
    // Lines longer than this tire the eye.
    if (text.length > 0) parts.push(setMarkdown(text, Math.min(width, 860), markdown))
    return parts
  }
}

async function layoutBox(group: GroupNode, drawing: BoardDrawing, depth: number): Promise<Box | undefined> {
  const { layout, details } = group
  if (layout === undefined || isFolded(details)) return undefined
  const gap = gapOf(group, drawing.board.root)
  if (layout.direction === 'grid') {
    const items = []
    for (const item of layout.items) items.push({ item, box: await nodeBox(item.node, drawing, depth + 1) })
    return gridBox(items, layout.columns, gap)
  }
  const boxes: Box[] = []
  if (layout.direction === 'tabs') {
    // A picture has no tabs to press: all of them stand below each other, each under its name.
    for (const { title, node } of layout.items) {
      const named = node.title === undefined ? { ...node, title } : { ...node, title: `${title}: ${node.title}` }
      boxes.push(await nodeBox(named, drawing, depth + 1))
    }
    return rowsBox(boxes, gaps.section)
  }
  for (const item of layout.items) boxes.push(await nodeBox(item, drawing, depth + 1))
  return layout.direction === 'cols' ? colsBox(boxes, gap) : rowsBox(boxes, gap)
}
