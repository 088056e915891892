import { posix } from 'node:path'
import { type ChartOptions, inkOnGround, themeOfGround } from '../../boards/charts/chart-context.ts'
import { resolveColor } from '../../boards/charts/color-tokens.ts'
import { fontWeight } from '../../boards/charts/font-spec.ts'
import type { Theme } from '../../boards/charts/theme.ts'
import type { ChartNode, CompiledBoard, GridLayout, GroupNode, LayoutNode } from '../../boards/compiled-board.ts'
import { readSides } from '../../boards/draw/box.ts'
import { footerText } from '../../boards/draw/draw-board.ts'
import { gapOf, wordColors } from '../../boards/draw/group-box.ts'
import { placeCells } from '../../boards/draw/layout-box.ts'
import { cardHeads, cardStyle } from './card-style.ts'
import { css, cssSize, fontCss, groundVariables, titleCss, translucent } from './css.ts'
import { attributes, escapeHtml } from './html.ts'
import { markdownHtml } from './markdown-html.ts'

export interface LayoutOptions extends ChartOptions {
  readonly charts: CompiledBoard['charts']
  /** What stands on no card is coloured so. */
  readonly ground: Theme
  /** The board itself, from which gaps are inherited. */
  readonly root: GroupNode
  /** Id of a list of tabs to its name in the address. */
  readonly tabNames: ReadonlyMap<string, string>
  /** Leaves out texts that name values, which are not known yet. */
  readonly isBlank?: boolean
}

/** The layout of a board with an empty place for every chart. */
export const layoutHtml = (root: GroupNode, options: Omit<LayoutOptions, 'root' | 'ground'>): Promise<string> =>
  groupHtml(root, { ...options, root, ground: options.theme }, 0, 'b')

/** What a board is called when it does not say. */
export const nameOfPath = (path: string): string => posix.basename(path, posix.extname(path))

const nodeHtml = (node: LayoutNode, options: LayoutOptions, depth: number, id: string): Promise<string> | string =>
  node.kind === 'group' ? groupHtml(node, options, depth, id) : chartPlace(node, options)

const chartPlace = ({ chart: id, width, height, place }: ChartNode, options: LayoutOptions): string => {
  const chart = options.charts.get(id)?.chart
  const type = chart?.type
  const looks = chart === undefined ? undefined : cardHeads(chart, { id, place }, options)
  // What is known before the rows; a title that names values is not.
  const named =
    chart?.type === 'kpi' ? (chart.label ?? chart.title) : type === 'callout' || looks?.title === false ? undefined : chart?.title
  const title = named === undefined || /\{[{%]/.test(named) ? '' : named
  const heading = `<h3${attributes({ class: 'card-title', style: looks?.title || undefined })}>${escapeHtml(title)}</h3>`
  const head =
    title === ''
      ? ''
      : type === 'kpi'
        ? `<p class="kpi-label">${escapeHtml(title)}</p>`
        : `<div class="card-head"><div>${heading}</div></div>`
  return `<section${attributes({
    class: `card is-loading${type === 'kpi' || type === 'callout' ? ` is-${type}` : ''}`,
    'data-chart': id,
    'data-plot': type !== undefined && type !== 'kpi' && type !== 'table' && type !== 'callout',
    'aria-busy': 'true',
    'aria-label': id.replaceAll('_', ' '),
    style: css({
      ...sizeOf(width ?? chart?.width),
      ...(height !== undefined && { 'min-height': cssSize(height) }),
      ...(chart !== undefined && type !== 'callout' && cardStyle(chart, { id, place }, options)),
    }),
  })}>${head}<div class="skeleton"></div></section>`
}

const groupHtml = async (group: GroupNode, around: LayoutOptions, depth: number, id: string): Promise<string> => {
  const { style, details, layout } = group
  const { theme, palettes = {}, isBlank = false } = around
  const options = { ...around, ground: themeOfGround(style, around, around.ground) }
  const shown = (written: string | undefined) => (isBlank && written !== undefined && /\{[{%]/.test(written) ? undefined : written)
  const color = (token: string | undefined) => (token === undefined ? undefined : resolveColor(token, theme, palettes))
  const ink = (token: string | undefined) =>
    token === undefined ? undefined : inkOnGround(token, options.ground.ink, options.ground, options)
  const [title, text] = [shown(group.title), shown(group.text)]
  const border = typeof style.border === 'object' ? style.border : undefined
  const hasFrame = depth > 0 && (style.background !== undefined || border !== undefined || style.border === true)
  const padding = style.padding === undefined ? undefined : readSides(style.padding, hasFrame ? 20 : 0)
  const box = css({
    ...sizeOf(group.width),
    ...(depth > 0 && padding !== undefined && { padding: `${padding.top}px ${padding.right}px ${padding.bottom}px ${padding.left}px` }),
    ...(hasFrame && {
      ...groundVariables(options.ground, around.ground),
      background: translucent(color(style.background) ?? 'var(--card)', style.opacity),
      ...(style.border !== undefined && { border: `${border?.width ?? 1}px solid ${color(border?.color) ?? 'var(--border)'}` }),
      ...(border?.radius !== undefined && { 'border-radius': `${border.radius}px` }),
    }),
  })
  const level = Math.min(6, depth + 1)
  const colors = wordColors(style, depth)
  const titleStyle = css({ ...titleCss(style, depth), color: ink(colors.title) })
  const textStyle = css({ ...fontCss({ size: style.text?.font?.size, align: style.text?.align }), color: ink(colors.text) })
  const footer = depth === 0 ? shown(footerText(style)) : undefined
  const footFont = typeof style.footer === 'object' ? style.footer.font : undefined
  const footStyle = css({ ...fontCss({ size: footFont?.size, weight: fontWeight(footFont?.weight) }), color: ink(footFont?.color) })
  const words = text ?? shown(details?.text)
  const below =
    (words === undefined ? '' : `<div${attributes({ class: 'markdown', style: textStyle })}>${await markdownHtml(words)}</div>`) +
    (layout === undefined ? '' : await layoutOf(group, options, depth, id))
  const parts = [
    // The title of the board stands in the head of the page.
    title !== undefined && title.trim() !== '' && style.title?.visible !== false && depth > 0
      ? `<h${level}${attributes({ class: 'group-title', style: titleStyle })}>${escapeHtml(title)}</h${level}>`
      : '',
    details === undefined ? below : foldHtml(details, below, `${id}-d`, shown),
    footer === undefined ? '' : `<footer${attributes({ class: 'board-footer', style: footStyle })}>${escapeHtml(footer)}</footer>`,
  ]
  return `<div${attributes({ class: hasFrame ? 'group is-framed' : 'group', style: box })}>${parts.join('')}</div>`
}

/** What is opened by a line, which may say something else once it is open. */
const foldHtml = (
  { summary, expandedTitle, expanded: isOpen }: NonNullable<GroupNode['details']>,
  inner: string,
  id: string,
  shown: (written: string) => string | undefined,
): string => {
  const words = (written: string): string => escapeHtml(shown(written) ?? '…')
  const line =
    expandedTitle === undefined
      ? words(summary)
      : `<span class="when-closed">${words(summary)}</span><span class="when-open">${words(expandedTitle)}</span>`
  return `<details${attributes({ class: 'fold', id, open: isOpen })}><summary>${line}</summary><div class="group">${inner}</div></details>`
}

const layoutOf = async (group: GroupNode, options: LayoutOptions, depth: number, id: string): Promise<string> => {
  const { layout } = group
  if (layout === undefined) return ''
  if (layout.direction === 'tabs') return tabsHtml(layout, options, depth, id)
  const gap = gapOf(group, options.root)
  const own = gap === 20 ? {} : { gap: `${gap}px` }
  if (layout.direction === 'grid') {
    const cells = await Promise.all(
      placeCells(layout.items, layout.columns).map(async ({ column, row, columnSpan, rowSpan }, index) => {
        const { node } = layout.items[index] as GridLayout['items'][number]
        const place = css({
          'grid-column': `${column + 1} / span ${columnSpan}`,
          'grid-row': `${row + 1} / span ${rowSpan}`,
        })
        return `<div class="cell"${attributes({ style: place })}>${await nodeHtml(node, options, depth + 1, `${id}-${index}`)}</div>`
      }),
    )
    return `<div class="grid"${attributes({ style: css({ ...own, '--columns': String(layout.columns) }) })}>${cells.join('')}</div>`
  }
  const items = await Promise.all(layout.items.map((node, index) => nodeHtml(node, options, depth + 1, `${id}-${index}`)))
  return `<div${attributes({ class: layout.direction === 'cols' ? 'cols' : 'rows', style: css(own) })}>${items.join('')}</div>`
}

const tabsHtml = async (
  layout: Extract<NonNullable<GroupNode['layout']>, { direction: 'tabs' }>,
  options: LayoutOptions,
  depth: number,
  id: string,
): Promise<string> => {
  const open = Math.min(layout.open, layout.items.length - 1)
  const names = layout.items.map(({ title }, index, all) =>
    all.filter((one) => one.title === title).length > 1 ? String(index + 1) : title,
  )
  const tabs = layout.items.map(
    ({ title, icon }, index) =>
      `<button${attributes({ type: 'button', role: 'tab', id: `${id}-t${index}`, 'aria-controls': `${id}-p${index}`, 'aria-selected': String(index === open), tabindex: index === open ? 0 : -1, 'data-tab': names[index], 'data-default': index === open })}>${escapeHtml(icon === undefined || isWord(icon) ? title : `${icon} ${title}`)}</button>`,
  )
  const panels = await Promise.all(
    layout.items.map(
      async ({ node, title }, index) =>
        `<div${attributes({ role: 'tabpanel', 'data-title': title, id: `${id}-p${index}`, 'aria-labelledby': `${id}-t${index}`, hidden: index !== open })}>${await groupHtml(node, options, depth + 1, `${id}-${index}`)}</div>`,
    ),
  )
  return `<div class="tabs${layout.position === 'left' ? ' is-left' : ''}"><div role="tablist"${attributes({ 'data-tabs': options.tabNames.get(layout.id) })}>${tabs.join('')}</div>${panels.join('')}</div>`
}

/** The name of an icon of another product is no icon. */
const isWord = (icon: string): boolean => /^[\w:. -]+$/.test(icon)

/** A share of a row grows and shrinks with it; pixels stay while there is room. */
const sizeOf = (width: number | string | undefined): Record<string, string> =>
  width === undefined ? {} : { flex: `0 1 ${cssSize(width)}` }
