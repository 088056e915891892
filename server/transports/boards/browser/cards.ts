import type { ChartView, DrillView, TableRowView, TableView } from '../view.ts'
import { changeAddress, readAddress } from './address.ts'
import { closeDialog, openDialog } from './dialog.ts'
import { announce, currentScheme, h, own, replaceContent } from './dom.ts'
import { type Figure, type FigureOptions, figureElement, hideTooltip } from './figure.ts'
import { heightOf, widthOf } from './room.ts'
import { type TableState, tableElement } from './table.ts'

export interface CardsOptions {
  /** The part of the address that names the board. */
  readonly address: string
  /** Called once the address has changed. */
  readonly changed: () => void
}

/** A chart that takes longer says so. */
const patienceSeconds = 3

/** Pixels that a plot may be off the room that it has. */
const slack = 6

/** The charts of the page in their places. */
export class Cards {
  readonly #options: CardsOptions
  readonly #tables = new Map<string, TableState>()
  readonly #open = new Map<Element, Figure>()
  readonly #shown = new Map<string, ChartView>()
  /** Charts that are shown as they are of the values in force. */
  readonly #ready = new Set<string>()
  /** Rooms that charts were last found not to fit. */
  readonly #rooms = new Map<string, string>()
  #waiting: ReturnType<typeof setInterval> | undefined

  constructor(options: CardsOptions) {
    this.#options = options
  }

  places(id?: string): HTMLElement[] {
    return [...document.querySelectorAll<HTMLElement>('[data-chart]')].filter((place) => id === undefined || place.dataset.chart === id)
  }

  /** The width that every chart has in its card, in pixels; one that is hidden has that of the board. */
  widths(): Record<string, number> {
    const whole = document.querySelector('#board')?.clientWidth ?? 640
    return Object.fromEntries(this.places().map(({ dataset: { chart = '' } }) => [chart, widthOf(this.places(chart)) ?? whole]))
  }

  /** The heights of the plots whose cards are higher than they ask to be, such as beside a long table. */
  heights(): Record<string, number> {
    return Object.fromEntries(
      [...this.#shown.values()].flatMap(({ id, plot }) => {
        const height = heightOf(this.places(id))
        return plot !== null && height !== undefined && height > plot.leastHeight + slack ? [[id, height]] : []
      }),
    )
  }

  /** Charts that were drawn for another room than they have; each room is named once, for a chart may not fit into it. */
  misfits(): string[] {
    const heights = this.heights()
    return [...this.#shown.values()].flatMap(({ id, plot }) => {
      const width = widthOf(this.places(id))
      if (plot === null || width === undefined || !this.#ready.has(id)) return []
      const height = heightOf(this.places(id)) === undefined ? plot.height : (heights[id] ?? plot.leastHeight)
      const room = `${Math.round(width)} ${Math.round(height)}`
      if (Math.abs(width - plot.width) <= slack && Math.abs(height - plot.height) <= slack) return []
      if (this.#rooms.get(id) === room) return []
      this.#rooms.set(id, room)
      return [id]
    })
  }

  /** Ids of the charts that are shown as they are of the values in force. */
  ready(): string[] {
    return [...this.#ready]
  }

  /** Shows in charts that stay which of their marks are chosen now. */
  choose(ids: readonly string[], changed: ReadonlySet<string>): void {
    for (const id of ids) {
      const chart = this.#shown.get(id)
      if (chart?.actions.select == null || !changed.has(chart.actions.select.variable)) continue
      if (chart.kind !== 'plot') this.show(chart)
      else for (const place of this.places(id)) this.#open.get(place)?.choose(this.#chosen(chart))
    }
  }

  setLoading(kept: readonly string[]): void {
    for (const place of this.places()) {
      const id = place.dataset.chart ?? ''
      if (kept.includes(id)) continue
      this.#rooms.delete(id)
      this.#ready.delete(id)
      place.classList.add('is-loading')
      place.setAttribute('aria-busy', 'true')
    }
    this.#tellWaiting()
  }

  /** Says in a chart that is long in coming for how long it has been. */
  #tellWaiting(): void {
    clearInterval(this.#waiting)
    const started = performance.now()
    for (const place of this.places()) delete place.dataset.waiting
    this.#waiting = setInterval(() => {
      const loading = this.places().filter((place) => place.classList.contains('is-loading'))
      if (loading.length === 0) clearInterval(this.#waiting)
      const seconds = Math.round((performance.now() - started) / 1000)
      if (seconds >= patienceSeconds) for (const place of loading) place.dataset.waiting = `${seconds} s`
    }, 1000)
  }

  /** Lays the page out anew; charts that were there move to their new places as they are, and keep the focus. */
  place(board: HTMLElement, layout: string): void {
    const before = this.places()
    const active = board.contains(document.activeElement) ? (document.activeElement as HTMLElement) : undefined
    const page = document.createElement('template')
    // HTML of our own server, where every text of boards and data is escaped.
    page.innerHTML = layout
    for (const place of page.content.querySelectorAll<HTMLElement>('[data-chart]')) {
      const at = before.findIndex(({ dataset }) => dataset.chart === place.dataset.chart)
      const [kept] = at === -1 ? [] : before.splice(at, 1)
      if (kept === undefined) continue
      this.#dress(kept, place.style.cssText, this.#shown.get(kept.dataset.chart ?? ''))
      place.replaceWith(kept)
    }
    for (const fold of page.content.querySelectorAll<HTMLDetailsElement>('details.fold'))
      fold.open = (document.getElementById(fold.id) as HTMLDetailsElement | null)?.open ?? fold.open
    for (const gone of before) {
      this.#close(gone)
      this.#ready.delete(gone.dataset.chart ?? '')
    }
    board.replaceChildren(page.content)
    if (active?.isConnected === true) active.focus({ preventScroll: true })
  }

  /** The look of a card: that of the layout, and what its rows say. */
  #dress(place: HTMLElement, look: string, chart: ChartView | undefined): void {
    place.dataset.look = look
    place.style.cssText = chart?.card == null ? look : `${look};${chart.card}`
  }

  #close(place: Element): FigureOptions['reached'] {
    const figure = this.#open.get(place)
    this.#open.delete(place)
    return figure?.close()
  }

  show(chart: ChartView): void {
    this.#shown.set(chart.id, chart)
    this.#ready.add(chart.id)
    for (const place of this.places(chart.id)) {
      const key = place.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.key : undefined
      const reached = this.#close(place)
      if (document.getElementById(`chart-${chart.id}`) === null) place.id = `chart-${chart.id}`
      place.classList.remove('is-loading')
      place.setAttribute('aria-busy', 'false')
      place.setAttribute('aria-label', chart.title ?? chart.label.split('. ')[0] ?? chart.id)
      place.classList.toggle('has-error', chart.kind === 'message' && chart.findings.some(({ level }) => level === 'error'))
      this.#dress(place, place.dataset.look ?? place.style.cssText, chart)
      replaceContent(place, this.#parts(chart, place, reached))
      if (key !== undefined) place.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true })
    }
  }

  /** A chart that could not be asked for. */
  fail(message: string): void {
    for (const place of this.places()) {
      if (!place.classList.contains('is-loading')) continue
      place.classList.remove('is-loading')
      place.setAttribute('aria-busy', 'false')
      place.replaceChildren(h('div', { class: 'message is-error' }, h('p', { class: 'message-head' }, message)))
    }
  }

  #parts(chart: ChartView, place: HTMLElement, reached: FigureOptions['reached']): (Node | string)[] {
    const head = h(
      'div',
      { class: 'card-head' },
      h(
        'div',
        {},
        chart.title === null ? null : h('h3', { class: 'card-title', style: chart.titleStyle }, chart.title),
        chart.subtitle === null ? null : h('p', { class: 'card-subtitle', style: chart.subtitleStyle }, chart.subtitle),
        chart.note === null ? null : h('p', { class: 'card-subtitle' }, chart.note),
      ),
      chart.hasRows && chart.kind !== 'message' ? this.#menu(chart) : null,
    )
    const warnings = chart.kind === 'message' ? [] : chart.findings
    return [
      head,
      this.#body(chart, place, reached),
      ...(warnings.length === 0
        ? []
        : [
            h(
              'details',
              { class: 'notes' },
              h('summary', {}, warnings.length === 1 ? '1 remark' : `${warnings.length} remarks`),
              ...warnings.map(({ message, fix, file, line }) =>
                h('p', {}, message, fix === undefined ? null : ` ${fix} `, h('code', {}, `${file}:${line}`)),
              ),
            ),
          ]),
    ]
  }

  #body(chart: ChartView, place: HTMLElement, reached: FigureOptions['reached']): HTMLElement {
    if (chart.kind === 'plot' && chart.plot !== null) {
      const { select, drill, links } = chart.actions
      const figure = figureElement(chart, {
        chosen: this.#chosen(chart),
        press: select === null && drill === null && links === null ? undefined : (row) => this.#press(chart, row),
        reached,
      })
      this.#open.set(place, figure)
      return figure.element
    }
    if (chart.kind === 'table' && chart.table !== null) return this.#table(chart, chart.table)
    const body = h('div', { class: 'card-body' })
    // HTML of our own server, where every text of boards and data is escaped.
    body.innerHTML = chart.html ?? ''
    const link = chart.actions.links?.[0]
    if (chart.kind === 'html' && link != null) {
      const anchor = h('a', {
        href: own(link),
        class: 'cover',
        'data-key': 'link',
        onclick: (event: MouseEvent) => this.#follow(event, link),
      })
      anchor.append(...body.childNodes)
      body.append(anchor)
    }
    return body
  }

  #table(chart: ChartView, table: TableView, key = chart.id): HTMLElement {
    const state = this.#tables.get(key) ?? { sort: undefined, page: 0 }
    this.#tables.set(key, state)
    const { select, links, drill } = chart.actions
    return tableElement(table, {
      caption: chart.label.split('. ')[0] ?? chart.id,
      state,
      rowAction: select === null && links === null ? undefined : (row, text) => this.#rowAction(chart, row, text),
      rowEnd: drill === null && (select === null || links === null) ? undefined : (row) => this.#rowEnd(chart, row),
    })
  }

  /** The first cell of a row does what a press on its mark would: it selects, else it leads somewhere. */
  #rowAction(chart: ChartView, { row }: TableRowView, text: string): Node {
    const { select, links } = chart.actions
    const link = row === null ? null : links?.[row]
    if (row === null) return document.createTextNode(text)
    if (select === null && link != null) return this.#anchor(link, text, `row-${row}`)
    if (select?.values[row] == null) return document.createTextNode(text)
    const press = (): void => {
      closeDialog()
      this.#select(chart, row)
    }
    const isChosen = String(this.#chosen(chart)?.(row) === true)
    return h('button', { type: 'button', class: 'as-link', 'data-key': `row-${row}`, 'aria-pressed': isChosen, onclick: press }, text)
  }

  /** What a press could do besides. */
  #rowEnd(chart: ChartView, { row }: TableRowView): Node | null {
    if (row === null) return null
    const { select, links, drill } = chart.actions
    const link = select === null ? null : links?.[row]
    return h(
      'span',
      { class: 'row-end' },
      link == null ? null : this.#anchor(link, 'Open', `open-${row}`),
      drill === null ? null : h('button', { type: 'button', class: 'quiet', onclick: () => void this.#drill(chart, row) }, 'Rows'),
    )
  }

  #anchor(link: string, text: string, key: string): HTMLElement {
    return h('a', { href: own(link), 'data-key': key, onclick: (event: MouseEvent) => this.#follow(event, link) }, text)
  }

  #menu(chart: ChartView): HTMLElement {
    const files = ['csv', 'png', 'svg'].map((format) => ({
      format,
      link: h('a', { download: true }, `Download ${format.toUpperCase()}`),
    }))
    const name = chart.title ?? chart.label.split('. ')[0] ?? chart.id
    const table = chart.kind === 'plot' && chart.table !== null ? chart.table : null
    const menu = h(
      'details',
      {
        class: 'menu',
        'data-popup': true,
        // The values in force may be others than when the chart came.
        ontoggle: () => {
          for (const { format, link } of files) link.href = this.#file(chart, format)
        },
      },
      h('summary', { 'aria-label': `Actions for ${name}`, 'data-key': 'menu' }, '⋯'),
      h(
        'div',
        { class: 'popup' },
        table === null
          ? null
          : h(
              'button',
              {
                type: 'button',
                onclick: () => {
                  menu.open = false
                  openDialog(name, this.#table(chart, { ...table, pageRows: 20 }, `${chart.id} as a table`))
                },
              },
              'Show as table',
            ),
        ...files.map(({ link }) => link),
      ),
    )
    return menu
  }

  #file({ id }: ChartView, format: string): string {
    const query = new URLSearchParams(location.search)
    return own(
      `/boards-files/${format}/${currentScheme()}/${encodeURIComponent(id)}/${this.#options.address}${query.size === 0 ? '' : `?${query}`}`,
    )
  }

  /** Which rows stand out, when the variable that a press sets has a value in the address. */
  #chosen({ actions: { select } }: ChartView): ((row: number) => boolean) | undefined {
    const given = select === null ? undefined : readAddress()[select.variable]
    if (select === null || given === undefined || given === '') return undefined
    const values = new Set(typeof given === 'string' ? [given] : given)
    return (row) => values.has(select.values[row] ?? '')
  }

  #press(chart: ChartView, row: number): void {
    const { select, links } = chart.actions
    const link = links?.[row]
    hideTooltip()
    if (select !== null) this.#select(chart, row)
    else if (link != null) this.#follow(undefined, link)
    else void this.#drill(chart, row)
  }

  #select(chart: ChartView, row: number): void {
    const { select } = chart.actions
    const value = select?.values[row]
    if (select === null || value == null) return
    const isChosen = this.#chosen(chart)?.(row) === true
    changeAddress({ [select.variable]: isChosen ? null : value })
    announce(isChosen ? `${select.variable} cleared` : `${select.variable}: ${value}`)
    this.#options.changed()
  }

  /** A link that only sets variables of this board does so in place. */
  #follow(event: MouseEvent | undefined, link: string): void {
    if (event !== undefined && (event.ctrlKey || event.metaKey || event.shiftKey)) return
    event?.preventDefault()
    if (!link.startsWith('?')) {
      location.assign(own(link))
      return
    }
    const query = new URLSearchParams(link)
    changeAddress(Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)])))
    this.#options.changed()
  }

  async #drill(chart: ChartView, row: number): Promise<void> {
    const { drill, marks } = chart.actions
    const [x, color] = marks?.[row] ?? [null, null]
    const names = [...new Set([x, color].filter((value) => value !== null).map(String))].join(', ')
    if (drill === 'rows' && chart.table !== null && marks !== null) {
      const rows = chart.table.rows.filter((one) => one.row !== null && marks[one.row]?.[0] === x && marks[one.row]?.[1] === color)
      return openDialog(`Rows: ${names}`, plainTable({ ...chart.table, rows, pageRows: 20 }, names))
    }
    if (drill !== 'query') return
    openDialog(`Rows: ${names}`, h('p', { class: 'loading', role: 'status' }, 'Loading…'))
    try {
      const response = await fetch(own(`/boards-drill/${this.#options.address}`), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ values: readAddress(), scheme: currentScheme(), chart: chart.id, x, color }),
      })
      if (!response.ok) throw new Error(String(response.status))
      const view = (await response.json()) as DrillView
      openDialog(
        `Rows: ${names}`,
        ...view.findings.map(({ level, message, fix }) =>
          h('p', { class: level === 'error' ? 'message is-error' : 'notes' }, message, fix === undefined ? null : ` ${fix}`),
        ),
        ...(view.table === null ? [] : [plainTable({ ...view.table, pageRows: 20 }, names)]),
      )
    } catch {
      openDialog(`Rows: ${names}`, h('p', { class: 'message is-error', role: 'alert' }, 'The rows could not be loaded.'))
    }
  }
}

const plainTable = (table: TableView, caption: string): HTMLElement => tableElement(table, { caption, state: { sort: undefined, page: 0 } })
