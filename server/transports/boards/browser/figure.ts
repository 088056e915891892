import type { ChartView } from '../view.ts'
import { announce, h } from './dom.ts'
import { drawInTurn } from './draw-queue.ts'
import type { Mark } from './plot.ts'

/** Which rows stand out while the others fade; undefined when none is chosen. */
type Chosen = ((row: number) => boolean) | undefined

export interface Figure {
  readonly element: HTMLElement
  readonly choose: (chosen: Chosen) => void
  /** Gives what the mark that the arrow keys reached tells. */
  readonly close: () => Facts | undefined
}

type Facts = Mark['facts']

export interface FigureOptions {
  readonly chosen: Chosen
  /** What a press on a mark does; undefined when nothing. */
  readonly press: ((row: number) => void) | undefined
  /** Where the arrow keys were in the drawing that this one replaces. */
  readonly reached: Facts | undefined
}

let loaded: Promise<typeof import('./plot.ts')> | undefined

/** Vega is large: only boards with a plot load it. */
export const loadPlot = (): NonNullable<typeof loaded> => {
  loaded ??= import('./plot.ts')
  return loaded
}

const tooltip = h('div', { class: 'tooltip', hidden: true, 'aria-hidden': 'true' })
document.body.append(tooltip)

export const hideTooltip = (): void => {
  tooltip.hidden = true
}

/** A live plot: it tells of the mark under the pointer, or the one that arrow keys reached; a press acts on it. */
export const figureElement = (chart: ChartView, { chosen: first, press, reached }: FigureOptions): Figure => {
  const drawing = h('div', { class: 'drawing', style: `min-height:${chart.plot?.leastHeight ?? 0}px` })
  const element = h(
    'div',
    {
      class: `figure${press === undefined ? '' : ' is-live'}`,
      role: 'application',
      tabindex: 0,
      'data-key': 'figure',
      'aria-roledescription': 'chart',
      'aria-label': `${chart.label}. Arrow keys go from mark to mark${press === undefined ? '' : ', Enter chooses one'}.`,
    },
    drawing,
  )
  let marks: readonly Mark[] = []
  let at = -1
  let close = (): void => {}
  let isClosed = false
  let chosen = first

  const nearest = (event: MouseEvent): Mark | undefined => {
    const direct = marks.find((mark) => mark.element !== undefined && mark.element === event.target)
    if (direct !== undefined) return direct
    const points = marks.filter((mark) => mark.element === undefined)
    const box = drawing.querySelector('svg')?.getBoundingClientRect()
    if (points.length === 0 || box === undefined) return undefined
    const scale = box.width / (drawing.querySelector('svg')?.viewBox.baseVal.width || box.width)
    const [x, y] = [(event.clientX - box.left) / scale, (event.clientY - box.top) / scale]
    const distance = (mark: Mark): number => Math.abs(mark.x - x) * 4 + Math.abs(mark.y - y)
    const best = points.reduce((left, right) => (distance(right) < distance(left) ? right : left))
    return Math.abs(best.x - x) < 40 ? best : undefined
  }
  const showChosen = (): void => {
    const isAny = chosen !== undefined && marks.some(({ row }) => chosen?.(row) === true)
    for (const { element: painted, row } of marks) painted?.classList.toggle('is-faded', isAny && chosen?.(row) !== true)
  }
  const dot = h('span', { class: 'dot', hidden: true })
  const hide = (): void => {
    dot.hidden = true
    hideTooltip()
  }
  /** The dot stands where a line has no mark of its own to point at, and where the arrow keys are. */
  const showDot = (mark: Mark, isWanted: boolean): void => {
    const svg = drawing.querySelector('svg')
    dot.hidden = !isWanted || svg === null
    if (svg === null) return
    const [inner, outer] = [svg.getBoundingClientRect(), drawing.getBoundingClientRect()]
    const scale = inner.width / (svg.viewBox.baseVal.width || inner.width)
    dot.style.left = `${inner.left - outer.left + mark.x * scale}px`
    dot.style.top = `${inner.top - outer.top + mark.y * scale}px`
    if (dot.parentElement === null) drawing.append(dot)
  }
  const show = (mark: Mark | undefined, place?: MouseEvent): void => {
    if (mark === undefined) {
      hide()
      return
    }
    showDot(mark, place === undefined || mark.element === undefined)
    tooltip.replaceChildren(
      ...mark.facts.map(([name, value]) =>
        h('div', {}, h('span', { class: 'fact-name' }, name), h('span', { class: 'fact-value' }, value)),
      ),
    )
    tooltip.hidden = false
    const box = drawing.querySelector('svg')?.getBoundingClientRect() ?? drawing.getBoundingClientRect()
    const x = place === undefined ? box.left + mark.x : place.clientX
    const y = place === undefined ? box.top + mark.y : place.clientY
    const { width, height } = tooltip.getBoundingClientRect()
    const left = x + 14 + width > innerWidth ? x - width - 14 : x + 14
    tooltip.style.left = `${Math.max(4, left)}px`
    tooltip.style.top = `${Math.max(4, y - height - 10 < 0 ? y + 18 : y - height - 10)}px`
  }
  const go = (index: number): void => {
    at = Math.max(0, Math.min(marks.length - 1, index))
    const mark = marks[at]
    show(mark)
    if (mark !== undefined) announce(mark.facts.map(([name, value]) => `${name}: ${value}`).join(', '))
  }
  /** To where the arrow keys were before: to the mark that tells the same, else the one of the same place. */
  const goBack = (): void => {
    if (reached === undefined || at !== -1) return
    const same = marks.findIndex(({ facts }) => String(facts) === String(reached))
    const index = same === -1 ? marks.findIndex(({ facts }) => String(facts[0]) === String(reached[0])) : same
    if (index === -1) return
    at = index
    if (document.activeElement !== element) return
    if (same === -1) go(index)
    else show(marks[index])
  }

  element.addEventListener('pointermove', (event) => {
    const mark = nearest(event)
    element.classList.toggle('is-pointing', mark !== undefined && press !== undefined)
    show(mark, event)
  })
  element.addEventListener('pointerleave', hide)
  element.addEventListener('blur', hide)
  element.addEventListener('click', (event) => {
    const mark = nearest(event)
    if (mark !== undefined) press?.(mark.row)
  })
  element.addEventListener('keydown', (event) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: marks.length - 1,
    }
    const next = steps[event.key]
    const mark = marks[at]
    if (next !== undefined && marks.length > 0) go(next)
    else if ((event.key === 'Enter' || event.key === ' ') && mark !== undefined && press !== undefined) press(mark.row)
    else if (event.key === 'Escape' && !tooltip.hidden) hide()
    else return
    event.preventDefault()
    event.stopPropagation()
  })

  const draw = async (): Promise<void> => {
    try {
      const { drawPlot } = await loadPlot()
      const plot = await drawPlot(drawing, chart.plot?.spec)
      if (isClosed) return plot.close()
      marks = plot.marks
      close = plot.close
      // Small multiples are as high as they need to be.
      const high = drawing.querySelector('svg')?.height.baseVal.value ?? 0
      if (high > Math.max(chart.plot?.height ?? 0, drawing.clientHeight) + 1) {
        drawing.style.minHeight = `${high}px`
        drawing.dataset.ownHeight = ''
      }
      showChosen()
      goBack()
    } catch {
      drawing.replaceChildren(h('p', { class: 'message is-error', role: 'alert' }, 'The chart could not be drawn.'))
    }
    element.removeAttribute('aria-busy')
  }
  element.setAttribute('aria-busy', 'true')
  close = drawInTurn(drawing, draw)
  return {
    element,
    choose(rows) {
      chosen = rows
      showChosen()
    },
    close() {
      isClosed = true
      close()
      return marks[at]?.facts ?? reached
    },
  }
}
