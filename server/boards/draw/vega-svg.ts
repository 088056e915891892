import type * as Vega from 'vega'
import type { TopLevelSpec } from 'vega-lite'
import type { Spec } from '../charts/spec.ts'
import { textWidth } from '../fonts/text-width.ts'

export interface VegaPicture {
  /** What stands within the svg element. */
  readonly body: string
  readonly width: number
  readonly height: number
}

type TextItem = { readonly fontSize?: number; readonly fontWeight?: number | string; readonly limit?: number }
type MeasuredVega = typeof Vega & { textMetrics: { width: (item: TextItem, text: unknown) => number } }

let loaded: Promise<{ vega: MeasuredVega; vegaLite: typeof import('vega-lite') }> | undefined

/** Vega is large: it is loaded with the first chart. Its texts are measured with the font that they are painted in. */
function loadVega(): NonNullable<typeof loaded> {
  loaded ??= Promise.all([import('vega'), import('vega-lite')]).then(([module, vegaLite]) => {
    const vega = module as unknown as MeasuredVega
    vega.textMetrics.width = ({ fontSize = 11, fontWeight, limit = 0 }, text) => {
      const weight = fontWeight === 'bold' ? 700 : Number(fontWeight ?? 400)
      const width = textWidth(String(text ?? ''), { size: fontSize, weight: Number.isFinite(weight) ? weight : 400 })
      return limit > 0 ? Math.min(width, limit) : width
    }
    return { vega, vegaLite }
  })
  return loaded
}

/** Axes and legends take far more room than there is. */
export class NoRoomForPlot extends Error {}

/** Draws a Vega-Lite specification. Throws NoRoomForPlot where nothing of the plot would be seen. */
export async function vegaSvg(spec: Spec): Promise<VegaPicture> {
  const { vega, vegaLite } = await loadVega()
  const { spec: compiled } = vegaLite.compile(spec as unknown as TopLevelSpec, { logger: silent })
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger: silent })
  try {
    await view.runAsync()
    dropBeyond((view.scenegraph() as unknown as { readonly root: SceneMark }).root, { width: 0, height: 0 })
    const svg = await view.toSVG()
    const open = /^<svg[^>]*>/.exec(svg)?.[0] ?? ''
    const size = (name: string): number => Number(new RegExp(`\\b${name}="([\\d.]+)"`).exec(open)?.[1] ?? 0)
    const [, x = 0, y = 0] = / transform="translate\(([-\d.]+),([-\d.]+)\)"/.exec(svg) ?? []
    if (Number(x) >= size('width') + beside || Number(y) >= size('height') + beside) throw new NoRoomForPlot()
    return { body: withoutRoles(svg.slice(open.length, svg.lastIndexOf('</svg>'))), width: size('width'), height: size('height') }
  } finally {
    view.finalize()
  }
}

interface SceneMark {
  readonly marktype: string
  readonly role?: string
  readonly bounds?: Bounds
  items: readonly SceneItem[]
}
interface SceneItem {
  readonly bounds?: Bounds
  x?: number
  y?: number
  width?: number
  height?: number
  readonly items?: readonly SceneMark[]
}
interface Bounds {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** Pixels beside a plot in which marks, such as labels of the last ones, may stand. */
const beside = 100

/**
 * Takes out what lies beyond its plot: nobody sees it, and a translucent mark far outside the picture ends the process that
 * paints it as PNG.
 */
function dropBeyond(mark: SceneMark, around: { readonly width: number; readonly height: number }): void {
  const { marktype, role, items } = mark
  if (marktype === 'group') {
    for (const { items: inner = [], width = around.width, height = around.height } of items)
      for (const one of inner) dropBeyond(one, { width, height })
    return
  }
  // Areas of a map are not translucent, and the map is cut at its frame.
  if (role !== 'mark' || marktype === 'shape') return
  const isBeyond = ({ x1, y1, x2, y2 }: Bounds): boolean =>
    x2 < -beside || y2 < -beside || x1 > around.width + beside || y1 > around.height + beside
  // The items of a line are its points.
  const isPath = marktype === 'line' || marktype === 'area' || marktype === 'trail'
  if (isPath && mark.bounds !== undefined && isBeyond(mark.bounds)) mark.items = []
  else if (!isPath && items.some(({ bounds }) => bounds !== undefined && isBeyond(bounds)))
    mark.items = items.filter(({ bounds }) => bounds === undefined || !isBeyond(bounds))
  if (marktype === 'rect') for (const item of mark.items) trim(item, around)
}

/** Ends a bar where its plot does. */
function trim(item: SceneItem, around: { readonly width: number; readonly height: number }): void {
  const { x = 0, y = 0, width = 0, height = 0 } = item
  const [left, top] = [Math.max(x, -beside), Math.max(y, -beside)]
  const [right, bottom] = [Math.min(x + width, around.width + beside), Math.min(y + height, around.height + beside)]
  if (left > x || right < x + width) Object.assign(item, { x: left, width: right - left })
  if (top > y || bottom < y + height) Object.assign(item, { y: top, height: bottom - top })
}

/** The document is one image to a screen reader: roles of its parts would only make it larger. */
const withoutRoles = (svg: string): string =>
  svg.replace(/<[a-z]+ [^>]*>/g, (tag) => tag.replace(/ (?:role|aria-roledescription|aria-hidden|pointer-events)="[^"]*"/g, ''))

/** What Vega has to say is about its own grammar, which authors do not write. */
const silent = {
  level: () => silent,
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
} as unknown as Vega.LoggerInterface
