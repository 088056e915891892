import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { resolveOptions } from '../charts/chart-context.ts'
import { resolveColor } from '../charts/color-tokens.ts'
import { contrast } from '../charts/contrast.ts'
import { leastContrast, solidOver } from '../charts/ground.ts'
import type { CompiledBoard, GroupNode, LayoutNode, Locate } from '../compiled-board.ts'
import { diagnostic } from './diagnostic.ts'
import { isBlock } from './merge-boards.ts'

/** Parts of a style that stand on marks, not on the ground of their chart. */
const onMarks = new Set(['style.marks', 'style.labels', 'style.glyph'])

/** Texts that the board gives both a colour and a ground, and that are hard to read there. Where it gives one, the other is chosen to fit. */
export const checkContrast = (board: Pick<CompiledBoard, 'root' | 'charts' | 'theme'>): BoardDiagnostic[] => {
  const found: BoardDiagnostic[] = []
  const { theme, palettes } = resolveOptions({
    ...board,
    path: '',
    title: undefined,
    notes: undefined,
    variables: [],
    charts: new Map(),
    diagnostics: [],
  })
  const colorOf = (token: unknown, behind: string): string | undefined => {
    const color = typeof token === 'string' ? resolveColor(token, theme, palettes) : undefined
    return color === undefined ? undefined : solidOver(behind, color)
  }
  const check = (token: unknown, ground: string | undefined, path: readonly string[], locate: Locate, chart?: string): void => {
    const ink = ground === undefined ? undefined : colorOf(token, ground)
    if (ground === undefined || ink === undefined || contrast(ink, ground) >= leastContrast) return
    const message = `${path.join('.')} has a contrast of ${contrast(ink, ground).toFixed(1)} to what is behind it.`
    found.push(diagnostic('LOW_CONTRAST', locate(path), message, undefined, chart === undefined ? undefined : { chart }))
  }

  const visitGroup = (node: LayoutNode, around: string | undefined): void => {
    if (node.kind === 'chart') return
    const { style, layout, locate } = node
    const ground = colorOf(style.background, theme.page) ?? around
    check(style.title?.font?.color, node.title === undefined ? undefined : ground, ['style', 'title', 'font', 'color'], locate)
    check(style.text?.font?.color, node.text === undefined ? undefined : ground, ['style', 'text', 'font', 'color'], locate)
    if (typeof style.footer === 'object') check(style.footer.font?.color, ground, ['style', 'footer', 'font', 'color'], locate)
    if (layout !== undefined) for (const item of itemsOf(layout)) visitGroup(item, ground)
  }

  /** A block of a style: its ground is its own, else that of the block around it. */
  const visitStyle = (block: unknown, around: string | undefined, path: readonly string[], locate: Locate, chart: string): void => {
    if (!isBlock(block)) return
    const ground = colorOf(block.background, around ?? theme.card) ?? around
    if (isBlock(block.font)) check(block.font.color, ground, [...path, 'font', 'color'], locate, chart)
    for (const [key, inner] of Object.entries(block)) {
      const at = [...path, key]
      if (key !== 'font' && !onMarks.has(at.join('.'))) visitStyle(inner, ground, at, locate, chart)
    }
  }

  const { root } = board
  const page = colorOf(root.style.background, theme.page)
  check(root.style.font?.color, page, ['style', 'font', 'color'], root.locate)
  check(root.style.muted, page, ['style', 'muted'], root.locate)
  visitGroup(root, undefined)
  for (const { id, chart, locate } of board.charts.values()) {
    if (chart.warnings_ignore?.includes('LOW_CONTRAST') === true) continue
    const own = chart.type === 'kpi' ? colorOf(chart.background, theme.card) : undefined
    visitStyle(chart.style, own, ['style'], locate, id)
    if (!('conditional_formatting' in chart)) continue
    for (const [column, rules] of Object.entries(chart.conditional_formatting ?? {}))
      for (const [index, rule] of (rules.when ?? []).entries())
        visitStyle(rule, undefined, ['conditional_formatting', column, 'when', String(index)], locate, id)
  }
  return found
}

const itemsOf = (layout: NonNullable<GroupNode['layout']>): LayoutNode[] => layout.items.map((item) => ('node' in item ? item.node : item))
