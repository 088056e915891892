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

/** Draws a Vega-Lite specification. */
export async function vegaSvg(spec: Spec): Promise<VegaPicture> {
  const { vega, vegaLite } = await loadVega()
  const { spec: compiled } = vegaLite.compile(spec as unknown as TopLevelSpec, { logger: silent })
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger: silent })
  try {
    const svg = await view.toSVG()
    const open = /^<svg[^>]*>/.exec(svg)?.[0] ?? ''
    const size = (name: string): number => Number(new RegExp(`\\b${name}="([\\d.]+)"`).exec(open)?.[1] ?? 0)
    return { body: withoutRoles(svg.slice(open.length, svg.lastIndexOf('</svg>'))), width: size('width'), height: size('height') }
  } finally {
    view.finalize()
  }
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
