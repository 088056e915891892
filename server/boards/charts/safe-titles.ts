import { cleanText } from './chart-data.ts'
import type { Spec } from './spec.ts'

/**
 * The view with titles that Vega can take, of tooltips, axes and legends: it makes them keys of objects, which have to be on one
 * line, and takes those that every object has, such as `constructor`, for keys that are there already.
 */
export function withSafeTitles(view: Spec): Spec {
  const { encoding, layer, spec } = view as { encoding?: Record<string, unknown>; layer?: readonly Spec[]; spec?: Spec }
  return {
    ...view,
    ...(encoding !== undefined && {
      encoding: Object.fromEntries(Object.entries(encoding).map(([channel, written]) => [channel, safeChannel(written)])),
    }),
    ...(layer !== undefined && { layer: layer.map(withSafeTitles) }),
    ...(spec !== undefined && { spec: withSafeTitles(spec) }),
  }
}

function safeChannel(channel: unknown): unknown {
  if (Array.isArray(channel)) return channel.map(safeChannel)
  if (typeof channel !== 'object' || channel === null) return channel
  const { title, axis, legend } = channel as { title?: unknown; axis?: unknown; legend?: unknown }
  return {
    ...channel,
    ...(typeof title === 'string' && { title: safeTitle(title) }),
    ...(axis !== undefined && { axis: safeGuide(axis) }),
    ...(legend !== undefined && { legend: safeGuide(legend) }),
  }
}

const safeGuide = (guide: unknown): unknown =>
  typeof guide === 'object' && guide !== null && 'title' in guide && typeof guide.title === 'string'
    ? { ...guide, title: safeTitle(guide.title) }
    : guide

/** A text that may be the name of something in Vega. It quotes what it is given, and a backslash would end the quote. */
export function safeTitle(written: string): string {
  const title = cleanText(written).replaceAll('\\', '∖').trim()
  return title in {} ? `${title}\u200b` : title || ' '
}
