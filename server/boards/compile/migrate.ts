import { type Document, isMap, isPair, isScalar, isSeq, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'

/** One change of an older grammar to that of today. */
export interface Migration {
  /** Where the older word stands, characters from 0. */
  readonly offset: number
  /** What was read as what: "description was read as notes". */
  readonly message: string
}

/**
 * Rewrites a board of an older grammar in place, comments and order kept, and says what it changed. A second run finds
 * nothing. What has no clear meaning today is left for the schema to refuse.
 */
export const migrate = (document: Document): Migration[] => {
  const found: Migration[] = []
  if (isMap(document.contents)) migrateBoard(document.contents, found)
  return found
}

const migrateBoard = (board: YAMLMap, found: Migration[]): void => {
  rename(board, 'description', 'notes', found)
  const style = board.get('style')
  if (isMap(style)) {
    rename(style, 'board', 'frame', found)
    if (isScalar(pairOf(style, 'color')?.value)) move(board, ['style', 'color'], ['style', 'font', 'color'], found)
  }
  for (const query of entries(board.get('queries'))) migrateQuery(query, found)
  for (const variable of entries(board.get('variables'))) rename(variable, 'description', 'notes', found)
  for (const chart of entries(board.get('charts'))) migrateChart(chart, found)
  for (const direction of ['rows', 'cols']) {
    const items = board.get(direction)
    if (!isSeq(items)) continue
    for (const item of items.items) migrateItem(item, found)
    if (items.items.some((item) => isNumber(item))) spanToGrid(board, direction, items, found)
  }
  listToItems(board, 'grid', 'item', found)
  listToItems(board, 'tabs', 'title', found)
  const grid = board.get('grid')
  const cells = isMap(grid) ? grid.get('items') : undefined
  for (const cell of isSeq(cells) ? cells.items : []) {
    if (!isMap(cell)) continue
    rename(cell, 'description', 'notes', found)
    migrateItem(cell.get('item'), found)
  }
  const tabs = board.get('tabs')
  const pages = isMap(tabs) ? tabs.get('items') : undefined
  for (const page of isSeq(pages) ? pages.items : []) migrateItem(page, found)
}

const migrateItem = (item: unknown, found: Migration[]): void => {
  if (!isMap(item)) return
  if (item.has('type') || item.has('query')) migrateChart(item, found)
  else migrateBoard(item, found)
  // A chart that is named where it stands: {orders: {type: bar, ...}}.
  if (item.items.length === 1) for (const chart of entries(item)) if (chart.has('type')) migrateChart(chart, found)
}

/** A limit beside the SQL is its last clause. */
const migrateQuery = (query: YAMLMap, found: Migration[]): void => {
  rename(query, 'description', 'notes', found)
  const limit = pairOf(query, 'limit')
  const sql = query.get('sql', true)
  if (limit === undefined || !isScalar<number>(limit.value) || !Number.isInteger(limit.value.value) || limit.value.value < 0) return
  if (!isScalar<string>(sql) || typeof sql.value !== 'string') return
  if (/\b(?:limit|offset|fetch)\b[^()]*$/i.test(sql.value)) return
  found.push({ offset: offsetOf(limit.key), message: 'limit was read as LIMIT of the SQL' })
  query.items.splice(query.items.indexOf(limit), 1)
  sql.value = `${sql.value.replace(/[\s;]+$/, '')}${/\n|--/.test(sql.value.trim()) ? '\n' : ' '}LIMIT ${limit.value.value}`
}

const migrateChart = (chart: YAMLMap, found: Migration[]): void => {
  rename(chart, 'description', 'notes', found)
  if (chart.get('type') === 'callout') migrateCallout(chart, found)
  if (isSeq(chart.get('data_table'))) rename(chart, 'data_table', 'support_table', found)
  const query = chart.get('query')
  if (isMap(query)) migrateQuery(query, found)
  migrateSort(chart, found)
  for (const axis of axisNames) move(chart, ['style', axis, 'format'], ['style', axis, 'labels', 'format'], found)
  const layers = chart.get('layers')
  for (const layer of isSeq(layers) ? layers.items : [])
    if (isMap(layer)) move(layer, ['axis_y', 'format'], ['axis_y', 'labels', 'format'], found)
  move(chart, ['format'], ['style', ...(chart.get('type') === 'kpi' ? ['value', 'format'] : ['number_format'])], found)
  move(chart, ['total', 'format'], ['style', 'total', 'value', 'format'], found)
  move(chart, ['geo', 'source'], ['geo_source'], found)
}

const axisNames = ['axis', 'axis_x', 'axis_y', 'axis_band', 'axis_quantitative'] as const

/** `revenue`, `-revenue` and `revenue desc` name a column and say which way. */
const migrateSort = (chart: YAMLMap, found: Migration[]): void => {
  const pair = pairOf(chart, 'sort')
  const text = isScalar(pair?.value) && typeof pair.value.value === 'string' ? pair.value.value.trim() : ''
  const [, minus, by, word] = /^(-?)([A-Za-z_]\w*)(?:\s+(asc|desc)(?:ending)?)?$/i.exec(text) ?? []
  if (pair === undefined || by === undefined || /^(?:(?:asc|desc)(?:ending)?|none)$/i.test(by)) return
  const order = minus === '-' || word?.toLowerCase() === 'desc' ? 'desc' : 'asc'
  found.push({ offset: offsetOf(pair.key), message: 'a text under sort was read as {by: column, order: asc or desc}' })
  const sort = new YAMLMap()
  const at = pair.value as Node
  sort.range = at.range ?? null
  sort.flow = true
  sort.items.push(pairAt('by', new Scalar(by), at), pairAt('order', new Scalar(order), at))
  pair.value = sort
}

/** Words of callouts elsewhere: what it says is its message, and its tone is a style. */
const migrateCallout = (chart: YAMLMap, found: Migration[]): void => {
  rename(chart, 'message', 'text', found)
  move(chart, ['style', 'tone'], ['tone'], found)
}

/** A list in place of the block whose items it is; each of them has a key that only items have. */
const listToItems = (board: YAMLMap, key: string, named: string, found: Migration[]): void => {
  const pair = pairOf(board, key)
  const list = pair?.value
  if (pair === undefined || !isSeq(list) || !list.items.every((item) => isMap(item) && item.has(named))) return
  const block = new YAMLMap()
  block.range = list.range ?? null
  block.items.push(pairAt('items', list, pair.key as Node))
  pair.value = block
  found.push({ offset: offsetOf(pair.key), message: `the list under ${key} was read as its items` })
}

/** `cols: [a, 2, b]` says that a is twice as wide. */
const spanToGrid = (board: YAMLMap, direction: string, items: YAMLSeq, found: Migration[]): void => {
  const pair = pairOf(board, direction)
  if (direction !== 'cols' || pair === undefined) return
  const cells: { item: unknown; span: number }[] = []
  for (const item of items.items) {
    const last = cells.at(-1)
    if (isNumber(item) && last !== undefined) last.span = Number(item.value)
    else cells.push({ item, span: 1 })
  }
  if (cells.some(({ span }) => !Number.isInteger(span) || span < 1)) return
  const columns = cells.reduce((sum, { span }) => sum + span, 0)
  const list = new YAMLSeq()
  for (const { item, span } of cells) {
    const cell = new YAMLMap()
    cell.items.push(pairAt('item', item, item as Node), pairAt('col_span', span, item as Node))
    cell.range = (item as Node).range ?? null
    list.items.push(cell)
  }
  const grid = new YAMLMap()
  grid.items.push(pairAt('columns', columns, pair.key as Node), pairAt('items', list, pair.key as Node))
  found.push({ offset: offsetOf(pair.key), message: 'numbers after the items of cols were read as their widths in a grid' })
  ;(pair.key as Scalar).value = 'grid'
  pair.value = grid
}

const rename = (map: YAMLMap, from: string, to: string, found: Migration[]): void => {
  const pair = pairOf(map, from)
  if (pair === undefined || map.has(to)) return
  found.push({ offset: offsetOf(pair.key), message: `${from} was read as ${to}` })
  ;(pair.key as Scalar).value = to
}

/** Moves what stands at a path to another one where nothing stands; a block that it leaves empty goes. */
const move = (map: YAMLMap, from: readonly string[], to: readonly string[], found: Migration[]): void => {
  const [block, key] = [from.slice(0, -1), from.at(-1) as string]
  const around = block.length === 0 ? map : map.getIn(block)
  const pair = isMap(around) ? pairOf(around, key) : undefined
  if (!isMap(around) || pair === undefined || !isFree(map, to)) return
  found.push({ offset: offsetOf(pair.key), message: `${from.join('.')} was read as ${to.join('.')}` })
  around.items.splice(around.items.indexOf(pair), 1)
  if (around.items.length === 0 && block.length > 0) map.deleteIn(block)
  put(map, to, pair)
}

/** Whether nothing stands at a path, nor on the way to it what is no block. */
const isFree = (map: YAMLMap, [key, ...rest]: readonly string[]): boolean => {
  const value = map.get(key)
  if (rest.length === 0) return !map.has(key)
  return isMap(value) ? isFree(value, rest) : (value ?? null) === null
}

/** Puts the value of an older pair at a path that is free, making the blocks on the way. */
const put = (map: YAMLMap, path: readonly string[], from: Pair): void => {
  const [key, ...rest] = path as [string, ...string[]]
  if (rest.length === 0) {
    map.items.push(pairAt(key, from.value, from.key as Node))
    return
  }
  let inner = map.get(key)
  if (!isMap(inner)) {
    inner = new YAMLMap()
    map.delete(key)
    map.items.push(pairAt(key, inner, from.key as Node))
  }
  put(inner as YAMLMap, rest, from)
}

/** A pair that is told to stand where an older one stood. */
const pairAt = (key: string, value: unknown, at: Node): Pair => {
  const scalar = new Scalar(key)
  scalar.range = at.range ?? null
  return new Pair(scalar, typeof value === 'number' ? new Scalar(value) : value)
}

const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)

const entries = (map: unknown): YAMLMap[] =>
  isMap(map) ? map.items.map((pair) => pair.value).filter((value): value is YAMLMap => isMap(value)) : []

const isNumber = (item: unknown): item is Scalar<number> => isScalar(item) && typeof item.value === 'number'

const offsetOf = (node: unknown): number => (node as Node | undefined)?.range?.[0] ?? 0
