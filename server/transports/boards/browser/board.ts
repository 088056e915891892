import type { BoardLine, BoardRequest, BoardView, ChartUses, VariableView } from '../view.ts'
import { changeAddress, type Raw, readAddress } from './address.ts'
import { Cards } from './cards.ts'
import { Controls } from './controls.ts'
import { announce, byId, currentScheme, debounce, h, own } from './dom.ts'
import { hideTooltip, loadPlot } from './figure.ts'
import { showFindings } from './findings.ts'
import { wirePopups } from './popups.ts'
import { openAround, openTabs, wireTabs } from './tabs.ts'

const { address = '' } = document.body.dataset
const cards = new Cards({ address, changed: () => void loadChanged() })
let layout: string | undefined
let variables: readonly VariableView[] = []
let uses: ChartUses = {}
/** The values that every chart is of that is not loading. */
let shownValues = readAddress()
let running: AbortController | undefined
let redrawing: AbortController | undefined

const typed = new Map<string, Raw | null>()
const controls = new Controls(byId('controls'), change, (name) => typed.has(name))
const sendTyped = debounce(() => {
  const changes = Object.fromEntries(typed)
  typed.clear()
  changeAddress(changes)
  void loadChanged()
}, 350)

function change(name: string, raw: Raw | null, isTyping = false): void {
  typed.set(name, raw)
  if (isTyping) {
    sendTyped()
    return
  }
  const changes = Object.fromEntries(typed)
  typed.clear()
  changeAddress(changes)
  void loadChanged()
}

/** Asks for the charts that depend on the variables whose values in the address have changed; the others stay as they are. */
function loadChanged(): Promise<void> {
  const given = readAddress()
  const names = new Set([...Object.keys(given), ...Object.keys(shownValues)])
  const changed = new Set(
    [...names].filter((name) => isVariable(name) && JSON.stringify(given[name]) !== JSON.stringify(shownValues[name])),
  )
  if (changed.size === 0 && layout !== undefined) return Promise.resolve()
  const kept = cards.ready().filter((id) => uses[id]?.some((name) => changed.has(name)) === false)
  return load({ kept, changed })
}

/** An address also names open tabs, and holds what others put there. */
const isVariable = (name: string): boolean => variables.some((variable) => variable.name === name)

interface Wanted {
  /** Charts that are not asked for. */
  readonly kept?: readonly string[]
  /** Variables whose values have changed. */
  readonly changed?: ReadonlySet<string>
}

/** Asks for the board with the values of the address; what is still on its way for other values is let go. */
async function load({ kept = [], changed = new Set() }: Wanted = {}): Promise<void> {
  running?.abort()
  redrawing?.abort()
  const mine = new AbortController()
  running = mine
  hideTooltip()
  const values = readAddress()
  shownValues = values
  cards.setLoading(kept)
  cards.choose(kept, changed)
  const fault = byId('fault')
  try {
    const body = await ask({ values, ...(kept.length > 0 && { kept }) }, mine.signal)
    fault.hidden = true
    await readLines(body, (line) => {
      if (mine.signal.aborted) return
      if (line.kind === 'board') showBoard(line.board)
      else if (line.kind === 'chart') {
        cards.show(line.chart)
        refitLater()
      } else if (line.kind === 'fault') throw new Error(line.message)
    })
    if (mine.signal.aborted) return
    running = undefined
    byId('board').dataset.ready = String(Number(byId('board').dataset.ready ?? 0) + 1)
    announce('The board is up to date.')
    reveal()
    refit()
  } catch (error) {
    if (mine.signal.aborted) return
    running = undefined
    fault.replaceChildren(
      `The board could not be loaded. ${error instanceof Error ? error.message : ''} `,
      h('button', { type: 'button', class: 'quiet', onclick: () => void load() }, 'Try again'),
    )
    fault.hidden = false
    cards.fail('Not loaded')
  }
}

/** Asks for charts in the room that they have now. */
const ask = async (wanted: Pick<BoardRequest, 'values' | 'charts' | 'kept'>, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> => {
  const response = await fetch(own(`/boards-data/${address}`), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...wanted, scheme: currentScheme(), widths: cards.widths(), heights: cards.heights() }),
    signal,
  })
  if (!response.ok || response.body === null) throw new Error(`The server answered ${response.status}.`)
  return response.body
}

const readLines = async (body: ReadableStream<Uint8Array>, take: (line: BoardLine) => void): Promise<void> => {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (value !== undefined) rest += decoder.decode(value, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') take(JSON.parse(line) as BoardLine)
    if (done) return
  }
}

const showBoard = (board: BoardView): void => {
  document.title = board.title
  byId('title').textContent = board.title
  variables = board.variables
  uses = board.uses
  const colors = byId('colors')
  if (colors.textContent !== board.colors) colors.textContent = board.colors
  if (layout !== board.layout) {
    layout = board.layout
    cards.place(byId('board'), layout)
    wireTabs(byId('board'), refit)
    openTabs(byId('board'), readAddress())
    openTabs(byId('board'), readAddress())
  }
  controls.show(
    variables.filter(({ isVisible }) => isVisible),
    readAddress(),
  )
  showChips()
  showFindings(byId('findings'), board.findings)
}

/** Whether the address gives a variable a value, or what was meant to be one. */
const isSet = ({ name, text, fault }: VariableView): boolean => readAddress()[name] !== undefined && (text !== null || fault !== null)

/**
 * The values that the address sets, also those that cannot be, each with what takes it away, and those of variables that have
 * no control. On paper, which has no controls, the other values too.
 */
const showChips = (): void => {
  const given = readAddress()
  const fixed = variables.filter(({ name, text }) => given[name] === undefined && text !== null)
  const chips = variables.filter(isSet).map((variable) => {
    const { name, label, text } = variable
    const shown = text ?? String(given[name])
    return h(
      'span',
      { class: `chip${text === null ? ' is-refused' : ''}` },
      h('span', { class: 'chip-name' }, label),
      h('span', { class: 'chip-value' }, shown),
      h(
        'button',
        {
          type: 'button',
          'aria-label': `Clear ${label}: ${shown}`,
          onclick: () => {
            change(name, null)
            document.getElementById('content')?.focus({ preventScroll: true })
          },
        },
        '×',
      ),
    )
  })
  const reset = h(
    'button',
    {
      type: 'button',
      class: 'quiet',
      onclick: () => {
        changeAddress(Object.fromEntries(variables.map(({ name }) => [name, null])))
        void loadChanged()
      },
    },
    'Reset',
  )
  const plain = fixed.map(({ label, text, isVisible }) =>
    h(
      'span',
      { class: `chip is-fixed${isVisible ? ' is-default' : ''}`, title: 'Set by the board' },
      h('span', { class: 'chip-name' }, label),
      h('span', { class: 'chip-value' }, text),
    ),
  )
  byId('chips').replaceChildren(...plain, ...chips, ...(Object.keys(given).some(isVariable) ? [reset] : []))
}

let revealed: string | undefined

/** Shows the chart that the address names, once for each address: it came after the page, and may stand in a tab. */
const reveal = (): void => {
  if (revealed === location.hash) return
  revealed = location.hash
  for (const target of document.querySelectorAll('.is-target')) target.classList.remove('is-target')
  const place = cards.places().find(({ dataset }) => `#chart-${encodeURIComponent(dataset.chart ?? '')}` === location.hash)
  if (place === undefined) return
  openAround(place)
  place.classList.add('is-target')
  place.scrollIntoView({ block: 'center' })
}

/** Draws charts anew that are shown already, also while others are still on their way; until then they stay as they are. */
const redraw = async (charts: readonly string[]): Promise<void> => {
  redrawing?.abort()
  const mine = new AbortController()
  redrawing = mine
  try {
    await readLines(await ask({ values: shownValues, charts }, mine.signal), (line) => {
      if (!mine.signal.aborted && line.kind === 'chart') cards.show(line.chart)
    })
  } catch {
    // What is shown stays, drawn for another room.
    return
  }
  if (!mine.signal.aborted) refit()
}

const refitNow = (): void => {
  const misfits = cards.misfits()
  if (misfits.length > 0) void redraw(misfits)
}

/** Draws anew what has another room than it was drawn for: at once, or when no other chart has come for a while. */
const refit = debounce(refitNow, 60)
const refitLater = debounce(refitNow, 700)

addEventListener('resize', refit)
// What a fold held had no room until it was opened.
byId('board').addEventListener('toggle', ({ target }) => (target as Element).matches('.fold') && refit(), true)
addEventListener('popstate', () => {
  openTabs(byId('board'), readAddress())
  refit()
  void loadChanged()
})
document.addEventListener('schemechange', () => void load())
document.addEventListener('keydown', (event) => {
  // Escape takes the last linked selection away, once nothing else is open that it closes.
  if (event.key !== 'Escape' || document.querySelector('dialog[open], details[data-popup][open]') !== null) return
  const isField = document.activeElement?.matches('input, select, textarea') === true
  const last = variables.filter(isSet).at(-1)
  if (last !== undefined && !isField) change(last.name, null)
})
// While the queries run, what draws their rows is on its way.
if (document.querySelector('[data-plot]') !== null) void loadPlot()
wirePopups()
wireTabs(byId('board'), refit)
void load()
const events = new EventSource(own('/boards-events'))
events.addEventListener('change', () => void load())
// What changed while the server was away was told to nobody.
let wasAway = false
events.addEventListener('error', () => {
  wasAway = true
})
events.addEventListener('open', () => {
  if (wasAway) void load()
  wasAway = false
})
