import * as vega from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { pause } from './draw-queue.ts'

/** A mark that stands for a row. */
export interface Mark {
  readonly row: number
  /** Name to value, as a reader is told. */
  readonly facts: readonly (readonly [string, string])[]
  /** Its middle, in pixels of the drawing. */
  readonly x: number
  readonly y: number
  /** The element that paints it alone; undefined for a point of a line. */
  readonly element: Element | undefined
}

interface SceneItem {
  readonly x?: number
  readonly y?: number
  readonly bounds?: { x1: number; x2: number; y1: number; y2: number }
  readonly datum?: { readonly row?: unknown }
  readonly tooltip?: unknown
  readonly items?: readonly SceneItem[]
  readonly marktype?: string
  readonly _svg?: Element | null
}

const weights = [400, 500, 600]

// The interpreter takes one number for a year; in Vega it is the milliseconds of a time.
vega.expressionFunction('datetime', (...parts: number[]) =>
  parts.length === 1 ? new Date(parts[0] as number) : new Date(...(parts as [number, number])),
)

/** Draws compiled Vega in an element. No part of it is turned into code: expressions are interpreted. */
export const drawPlot = async (container: HTMLElement, spec: unknown): Promise<{ readonly marks: readonly Mark[]; close(): void }> => {
  await Promise.all(weights.map((weight) => document.fonts.load(`${weight} 12px Inter`))).catch(() => {})
  const runtime = vega.parse(filling(container, spec as vega.Spec), undefined, { ast: true })
  await pause()
  const view = new vega.View(runtime, {
    expr: expressionInterpreter,
    renderer: 'svg',
    container,
    hover: false,
    logLevel: vega.None,
    tooltip: () => {},
  })
  await view.runAsync()
  const svg = container.querySelector('svg')
  svg?.setAttribute('aria-hidden', 'true')
  const marks: Mark[] = []
  const [left = 0, top = 0] = view.origin()
  collect((view.scenegraph() as unknown as { readonly root: SceneItem }).root, left, top, marks)
  return { marks: ordered(marks), close: () => void view.finalize() }
}

/** A chart in several places is compiled for the smallest of them, and fills the others. */
const filling = ({ clientWidth, clientHeight }: HTMLElement, spec: vega.Spec): vega.Spec => {
  if (typeof spec.autosize !== 'object' || !('type' in spec.autosize) || spec.autosize.type !== 'fit') return spec
  return { ...spec, width: Math.max(Number(spec.width), clientWidth), height: Math.max(Number(spec.height), clientHeight) }
}

/** Every item that stands for a row and says so, with its place. */
const collect = (mark: SceneItem, left: number, top: number, found: Mark[]): void => {
  for (const item of readingOrder(mark)) {
    if (mark.marktype === 'group') {
      for (const inner of item.items ?? []) collect(inner, left + (item.x ?? 0), top + (item.y ?? 0), found)
      continue
    }
    const row = item.datum?.row
    if (typeof row !== 'number' || typeof item.tooltip !== 'object' || item.tooltip === null) continue
    const isPoint = mark.marktype === 'line' || mark.marktype === 'area'
    const { x1 = 0, x2 = 0, y1 = 0, y2 = 0 } = item.bounds ?? {}
    found.push({
      row,
      facts: Object.entries(item.tooltip).map(([name, value]) => [name.replaceAll('_', ' '), String(value)] as const),
      x: left + (isPoint ? (item.x ?? 0) : (x1 + x2) / 2),
      y: top + (isPoint ? (item.y ?? 0) : (y1 + y2) / 2),
      element: isPoint ? undefined : (item._svg ?? undefined),
    })
  }
}

/**
 * Bars and cells in the order that they are seen in, however their rows are sorted: from the top down where all are as high, as
 * bars that lie and cells are, else from left to right.
 */
const readingOrder = ({ marktype, items = [] }: SceneItem): readonly SceneItem[] => {
  if (marktype !== 'rect') return items
  const heights = items.map(({ bounds }) => (bounds === undefined ? 0 : bounds.y2 - bounds.y1))
  const isDown = Math.max(...heights) - Math.min(...heights) < 1
  return items.toSorted(({ bounds: one }, { bounds: other }) => {
    const [across, down] = [(one?.x1 ?? 0) - (other?.x1 ?? 0), (one?.y1 ?? 0) - (other?.y1 ?? 0)]
    return isDown ? down || across : across || down
  })
}

/** Several marks may stand at one place, as a line and its points do; the one that has an element is kept. */
const ordered = (marks: readonly Mark[]): Mark[] => {
  const kept = new Map<string, Mark>()
  for (const mark of marks) {
    const key = `${mark.row} ${mark.facts.map(([, value]) => value).join('|')}`
    if (!kept.has(key) || mark.element !== undefined) kept.set(key, mark)
  }
  return [...kept.values()]
}
