import type { CellView, TableColumnView, TableRowView, TableView } from '../view.ts'
import { announce, h } from './dom.ts'

/** How a table is sorted and where it is; it outlives the data. */
export interface TableState {
  sort: { readonly column: string; readonly order: 'ascending' | 'descending' } | undefined
  page: number
}

export interface TableOptions {
  readonly caption: string
  readonly state: TableState
  /** Wraps the text of the first cell of a row, such as into a link. */
  readonly rowAction?: ((row: TableRowView, text: string) => Node) | undefined
  /** A last cell of every row. */
  readonly rowEnd?: ((row: TableRowView) => Node | null) | undefined
}

/** More rows than a page can hold and be quick are turned, also where the board asks for all of them. */
const mostRows = 1000

/** A table that is sorted by its heads and paged. */
export const tableElement = (table: TableView, options: TableOptions): HTMLElement => {
  const place = h('div', { class: 'table' })
  const show = (): void => {
    const active = place.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.key : undefined
    place.replaceChildren(...paint(table, options, show))
    if (active !== undefined) place.querySelector<HTMLElement>(`[data-key="${CSS.escape(active)}"]:not([disabled])`)?.focus()
  }
  show()
  return place
}

const paint = (table: TableView, options: TableOptions, again: () => void): HTMLElement[] => {
  const { state, caption } = options
  const rows = sortedRows(table, state)
  const size = table.pageRows ?? Math.min(rows.length, mostRows)
  const pages = Math.max(1, Math.ceil(rows.length / Math.max(1, size)))
  state.page = Math.min(state.page, pages - 1)
  const first = state.page * size
  const shown = rows.slice(first, first + size)
  const body = shown.map((row, index) => rowElement(table, row, first + index, options))
  const element = h(
    'table',
    { class: table.isStriped ? 'is-striped' : '', style: table.style },
    h('caption', { class: 'visually-hidden' }, caption),
    table.hasHeader ? h('thead', {}, headElement(table, options, again)) : null,
    h(
      'tbody',
      {},
      ...(body.length > 0 ? body : [h('tr', {}, h('td', { colspan: Math.max(1, table.columns.length), class: 'is-empty' }, 'No rows'))]),
    ),
  )
  const scroll = h('div', { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': caption }, element)
  if (pages === 1) return [scroll]
  const turn = (key: string, words: string, page: number): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'data-key': key,
        disabled: page < 0 || page >= pages || page === state.page,
        onclick: () => {
          state.page = page
          again()
          announce(`Page ${page + 1} of ${pages}`)
        },
      },
      words,
    )
  const isLong = pages > 3
  const words = `${(first + 1).toLocaleString('en')}–${(first + shown.length).toLocaleString('en')} of ${rows.length.toLocaleString('en')}`
  return [
    scroll,
    h(
      'nav',
      { class: 'pages', 'aria-label': `Pages of ${caption}` },
      isLong ? turn('first', '« First', 0) : null,
      turn('previous', '‹ Previous', state.page - 1),
      h('span', {}, words),
      turn('next', 'Next ›', state.page + 1),
      isLong ? turn('last', 'Last »', pages - 1) : null,
    ),
  ]
}

const headElement = (table: TableView, { state, rowEnd }: TableOptions, again: () => void): HTMLElement =>
  h(
    'tr',
    {},
    table.hasRowNumbers ? h('th', { class: 'is-row-number', scope: 'col' }, table.numberLabel) : null,
    ...table.columns.map((column) => {
      const order = state.sort?.column === column.name ? state.sort.order : undefined
      const press = (): void => {
        const next =
          order === undefined ? (column.isNumeric ? 'descending' : 'ascending') : order === 'ascending' ? 'descending' : 'ascending'
        state.sort = { column: column.name, order: next }
        state.page = 0
        again()
        announce(`Sorted by ${column.label}, ${next}`)
      }
      const label = h('span', {}, column.label)
      return h(
        'th',
        { scope: 'col', class: `is-${column.align}`, 'aria-sort': order ?? null, style: widthOf(column) },
        column.isSortable ? h('button', { type: 'button', 'data-key': `sort-${column.name}`, onclick: press }, label, arrow(order)) : label,
      )
    }),
    rowEnd === undefined ? null : h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, 'Actions')),
  )

const arrow = (order: 'ascending' | 'descending' | undefined): HTMLElement =>
  h('span', { class: 'arrow', 'aria-hidden': 'true' }, order === undefined ? '' : order === 'ascending' ? '▲' : '▼')

const widthOf = ({ width, maxWidth }: TableColumnView): string | null => {
  const size = (value: number | string): string => (typeof value === 'number' ? `${value}px` : value)
  const parts = [width === null ? '' : `width:${size(width)}`, maxWidth === null ? '' : `max-width:${size(maxWidth)}`].filter(Boolean)
  return parts.length === 0 ? null : parts.join(';')
}

const rowElement = (table: TableView, row: TableRowView, index: number, { rowAction, rowEnd }: TableOptions): HTMLElement =>
  h(
    'tr',
    {},
    table.hasRowNumbers ? h('td', { class: 'is-row-number' }, String(index + 1)) : null,
    ...row.cells.map((cell, at) => {
      const column = table.columns[at] as TableColumnView
      const text = at === 0 && rowAction !== undefined ? rowAction(row, cell.text) : cell.text
      return h(
        'td',
        { class: `is-${column.align}${column.isNumeric ? ' is-number' : ''}`, style: styleOf(cell, column) },
        glyphOf(cell),
        sparkOf(cell),
        text,
      )
    }),
    rowEnd === undefined ? null : h('td', { class: 'is-right' }, rowEnd(row)),
  )

const styleOf = ({ background, color, weight, size, italic, underline }: CellView, { maxWidth }: TableColumnView): string | null => {
  const parts = [
    maxWidth === null ? '' : `max-width:${typeof maxWidth === 'number' ? `${maxWidth}px` : maxWidth}`,
    size === undefined ? '' : `font-size:${size}px`,
    italic === true ? 'font-style:italic' : '',
    underline === true ? 'text-decoration:underline' : '',
    background === undefined ? '' : `background:${background}`,
    color === undefined ? '' : `color:${color}`,
    weight === undefined ? '' : `font-weight:${weight}`,
  ].filter(Boolean)
  return parts.length === 0 ? null : parts.join(';')
}

const glyphOf = ({ glyph, glyphColor }: CellView): HTMLElement | null =>
  glyph === undefined
    ? null
    : h('span', { class: 'glyph', 'aria-hidden': 'true', style: glyphColor === undefined ? null : `color:${glyphColor}` }, glyph)

const sparkOf = ({ spark }: CellView): Node | null => {
  if (spark === undefined) return null
  const place = h('span', { class: 'spark' })
  place.append(document.importNode(new DOMParser().parseFromString(spark, 'image/svg+xml').documentElement, true))
  return place
}

const sortedRows = ({ columns, rows }: TableView, { sort }: TableState): readonly TableRowView[] => {
  const at = columns.findIndex(({ name }) => name === sort?.column)
  if (sort === undefined || at === -1) return rows
  const direction = sort.order === 'ascending' ? 1 : -1
  const isNumeric = columns[at]?.isNumeric === true
  return rows.toSorted((left, right) => compareKeys(left.keys[at], right.keys[at], isNumeric, direction))
}

const inOrder = new Intl.Collator('en', { numeric: true })

/** Nulls come last, whichever way. Numbers beyond a double are compared as whole numbers. */
const compareKeys = (left: unknown, right: unknown, isNumeric: boolean, direction: 1 | -1): number => {
  if (left === null || right === null) return Number(left === null) - Number(right === null)
  if (!isNumeric) return direction * inOrder.compare(String(left), String(right))
  const whole = /^-?\d+$/
  if (whole.test(String(left)) && whole.test(String(right))) {
    const [first, second] = [BigInt(String(left)), BigInt(String(right))]
    return first === second ? 0 : first < second ? -direction : direction
  }
  return direction * (Number(left) - Number(right))
}
