import { chartTypes } from '../../../contracts/v1/board/charts.ts'
import type { CacheSetting } from '../../../contracts/v1/board/queries.ts'
import { boardStyleSchema } from '../../../contracts/v1/board/style.ts'
import type { ChartNode, GridLayout, GroupNode, LayoutNode, RowsLayout, TabsLayout, Visible } from '../compiled-board.ts'
import { checkGrid } from './check-grid.ts'
import { undrawnBoardKeys, undrawnKeys } from './check-style.ts'
import { type Block, type Compiling, compileVariables, styleOf, textOf } from './compile-board.ts'
import { addChart, compileCharts } from './compile-charts.ts'
import { compileQueries } from './compile-queries.ts'
import { isBlock, mergeBlocks } from './merge-boards.ts'
import { outermost, type Scope } from './scope.ts'

type Path = readonly PropertyKey[]

const layoutKeys = ['rows', 'cols', 'grid', 'tabs'] as const
const boardKeys = new Set([
  'title',
  'text',
  'details',
  'notes',
  'style',
  'width',
  'height',
  'visible',
  'charts',
  'queries',
  'variables',
  ...layoutKeys,
])

/** A board, or a board within one: its names, what stands above its layout, and the layout. */
export const compileGroup = async (
  group: Block,
  path: Path,
  outer: Scope | undefined,
  board: Compiling,
): Promise<GroupNode | undefined> => {
  const compiling = group.cache === undefined ? board : { ...board, cache: group.cache as CacheSetting }
  await compileVariables(group, path, compiling)
  const around = outer ?? outermost
  const own = textOf(group.source)
  const source = own === undefined ? around.source : { name: own, path: [...path, 'source'] }
  const style = styleOf(group)
  reportUndrawn(style, path, compiling)
  compiling.written.push({ schema: boardStyleSchema, value: style, path: [...path, 'style'] })
  const chartStyle = isBlock(style.charts) ? mergeBlocks(around.chartStyle, style.charts) : around.chartStyle
  const named: Scope = { ...around, source, chartStyle, queries: await compileQueries(group, path, around.queries, source, compiling) }
  const scope: Scope = { ...named, charts: await compileCharts(group, path, named, compiling) }

  const layout = await compileLayout(group, path, scope, compiling)
  const { details } = group
  const text = textOf(group.text)
  // What the schema refused was meant to be shown.
  const isRefused =
    compiling.hasRefused(path) ||
    ['text', 'charts', ...layoutKeys].some((key) => group[key] === undefined && compiling.isWritten([...path, key]))
  if (outer === undefined && layout === undefined && text === undefined && !isRefused)
    compiling.report('NO_LAYOUT', path, 'The board has no charts, no text and no layout.')
  return {
    kind: 'group',
    id: path.length === 0 ? 'board' : path.map(String).join('-'),
    ...sizeOf(group),
    place: compiling.placeOf(path),
    locate: compiling.locatorOf(path),
    ...(textOf(group.title) !== undefined && { title: group.title as string }),
    ...(text !== undefined && { text }),
    ...(typeof details === 'string' && {
      details:
        text === undefined && layout === undefined
          ? { summary: 'Details', expanded: false, text: details }
          : { summary: details, expanded: false },
    }),
    ...(isBlock(details) && {
      details: {
        summary: String(details.summary ?? 'Details'),
        expanded: details.expanded === true,
        ...(typeof details.expanded_title === 'string' && { expandedTitle: details.expanded_title }),
      },
    }),
    style,
    ...(layout !== undefined && { layout }),
  }
}

/** Keys of the style of a board that change nothing, and of what it says of each type of chart. */
const reportUndrawn = (style: Block, path: Path, compiling: Compiling): void => {
  const tell = (keys: readonly string[]): void => {
    compiling.report('STYLE_NOT_APPLIED', [...path, 'style', ...keys], `style.${keys.join('.')} changes nothing.`)
  }
  for (const key of undrawnBoardKeys(style)) tell(key)
  if (!isBlock(style.charts)) return
  for (const type of chartTypes) for (const key of undrawnKeys(style.charts[type], type)) tell(['charts', type, ...key])
}

const compileLayout = async (
  group: Block,
  path: Path,
  scope: Scope,
  compiling: Compiling,
): Promise<RowsLayout | GridLayout | TabsLayout | undefined> => {
  const [key, ...others] = layoutKeys.filter((one) => group[one] !== undefined && group[one] !== null)
  if (key === undefined) {
    // Charts without a layout stand one below the other, in the order they are written.
    const own = [...(isBlock(group.charts) ? Object.keys(group.charts) : []), ...compiling.refusedIn([...path, 'charts']).keys()]
    if (own.length === 0) return undefined
    const items = await compileItems(own, [...path, 'charts'], scope, compiling)
    return { direction: 'rows', items }
  }
  const layout = await compileDirection(key, group, path, scope, compiling)
  const [second] = others
  if (second !== undefined)
    compiling.report('SEVERAL_LAYOUTS', [...path, second], `The board has ${[key, ...others].join(' and ')}; ${key} is used.`)
  // The others are not drawn; what is wrong in them is told.
  for (const other of others) await compileDirection(other, group, path, scope, compiling)
  return layout
}

const compileDirection = async (
  key: (typeof layoutKeys)[number],
  group: Block,
  path: Path,
  scope: Scope,
  compiling: Compiling,
): Promise<RowsLayout | GridLayout | TabsLayout> => {
  const at = [...path, key]
  if (key === 'grid') return compileGrid(group.grid, at, scope, compiling)
  if (key === 'tabs') return compileTabs(group.tabs, at, scope, compiling)
  const gap = typeof group.card_gap === 'number' ? { gap: group.card_gap } : group.card_gap === false ? { gap: 0 } : {}
  return { direction: key, ...gap, items: await compileItems(group[key], at, scope, compiling) }
}

const compileItems = async (items: unknown, path: Path, scope: Scope, compiling: Compiling): Promise<LayoutNode[]> => {
  const nodes: LayoutNode[] = []
  for (const [index, item] of (Array.isArray(items) ? items : []).entries()) {
    const node = await compileItem(item, [...path, index], scope, compiling)
    if (node !== undefined) nodes.push(node)
  }
  return nodes
}

const compileItem = async (item: unknown, path: Path, scope: Scope, compiling: Compiling): Promise<LayoutNode | undefined> => {
  if (typeof item === 'string') return chartNode(item, path, scope, compiling)
  if (!isBlock(item)) return undefined
  if (typeof item.type === 'string' || (item.query !== undefined && !layoutKeys.some((key) => key in item)))
    return inlineChart(String(item.id ?? `chart-${path.map(String).join('-')}`), item, path, scope, compiling)
  const entries = Object.entries(item)
  if (entries.length > 0 && entries.every(([key, value]) => !boardKeys.has(key) && isBlock(value))) {
    const nodes: LayoutNode[] = []
    for (const [name, chart] of entries) {
      const key = JSON.stringify([...path.slice(0, -1), name])
      if (scope.charts.has(name) || compiling.named.has(key))
        compiling.report('DUPLICATE_CHART', [...path, name], `Another chart has the name "${name}".`)
      compiling.named.add(key)
      const node = await inlineChart(name, chart as Block, [...path, name], scope, compiling)
      if (node !== undefined) nodes.push(node)
    }
    const [only, other] = nodes
    return other === undefined
      ? only
      : {
          kind: 'group',
          id: path.map(String).join('-'),
          style: {},
          place: compiling.placeOf(path),
          locate: compiling.locatorOf(path),
          layout: { direction: 'cols', items: nodes },
        }
  }
  return compileGroup(item, path, scope, compiling)
}

const chartNode = (name: string, path: Path, scope: Scope, compiling: Compiling): ChartNode | undefined => {
  const id = scope.charts.get(name)
  if (id === undefined) {
    if (!compiling.declared.has(name))
      compiling.report('UNKNOWN_CHART', path, `There is no chart "${name}".`, compiling.suggest(name, scope.charts.keys()))
    compiling.charts.set(`missing-${name}`, {
      id: `missing-${name}`,
      chart: { type: 'callout', text: `There is no chart "${name}".`, tone: 'negative' },
      query: undefined,
      place: compiling.placeOf(path),
      locate: compiling.locatorOf(path),
    })
    compiling.placed.add(`missing-${name}`)
    return { kind: 'chart', chart: `missing-${name}`, place: compiling.placeOf(path) }
  }
  return placed(id, path, compiling)
}

const inlineChart = async (name: string, chart: Block, path: Path, scope: Scope, compiling: Compiling): Promise<ChartNode | undefined> => {
  const id = await addChart(name, chart, path, scope, compiling)
  return id === undefined ? undefined : placed(id, path, compiling)
}

const placed = (id: string, path: Path, compiling: Compiling): ChartNode => {
  compiling.placed.add(id)
  const { width, height } = compiling.charts.get(id)?.chart ?? {}
  return {
    kind: 'chart',
    chart: id,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    place: compiling.placeOf(path),
  }
}

const compileGrid = async (written: unknown, path: Path, scope: Scope, compiling: Compiling): Promise<GridLayout> => {
  const grid = isBlock(written) ? written : {}
  const columns = numberOf(grid.columns) ?? 24
  const cells: { written: Block; index: number; item: GridLayout['items'][number] }[] = []
  for (const [index, cell] of (Array.isArray(grid.items) ? grid.items : []).entries()) {
    if (!isBlock(cell)) continue
    const node = await compileItem(cell.item, [...path, 'items', index, 'item'], scope, compiling)
    if (node === undefined) continue
    const [column, row] = [numberOf(cell.col), numberOf(cell.row)]
    const item = {
      node: cell.visible === undefined ? node : { ...node, visible: cell.visible as Visible },
      ...(column !== undefined && { column }),
      ...(row !== undefined && { row }),
      columnSpan: Math.min(numberOf(cell.col_span) ?? numberOf(cell.width) ?? columns, columns),
      rowSpan: numberOf(cell.row_span) ?? numberOf(cell.height) ?? 1,
    }
    cells.push({ written: cell, index, item })
  }
  checkGrid(cells, columns, [...path, 'items'], compiling)
  return { direction: 'grid', columns, items: cells.map(({ item }) => item) }
}

const compileTabs = async (written: unknown, path: Path, scope: Scope, compiling: Compiling): Promise<TabsLayout> => {
  const tabs = isBlock(written) ? written : {}
  const items: TabsLayout['items'][number][] = []
  for (const [index, page] of (Array.isArray(tabs.items) ? tabs.items : []).entries()) {
    if (!isBlock(page)) continue
    const { title, icon, ...rest } = page
    const node = await compileGroup(rest, [...path, 'items', index], scope, compiling)
    if (node !== undefined) items.push({ title: String(title ?? `Tab ${index + 1}`), ...(typeof icon === 'string' && { icon }), node })
  }
  const open = typeof tabs.default === 'number' ? tabs.default : items.findIndex(({ title }) => title === tabs.default)
  return {
    direction: 'tabs',
    id: textOf(tabs.id) ?? `tab-${path.map(String).join('-')}`,
    position: tabs.position === 'left' ? 'left' : 'top',
    open: open >= 0 && open < items.length ? open : 0,
    items,
  }
}

const sizeOf = ({ width, height, visible }: Block) => ({
  ...((typeof width === 'number' || typeof width === 'string') && { width }),
  ...((typeof height === 'number' || typeof height === 'string') && { height }),
  ...(visible !== undefined && { visible: visible as Visible }),
})

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
