import type { Spec } from './spec.ts'

/**
 * The view with every scale that is rounded ending at a tick of its axis, so that no mark rises past the last one: it is
 * rounded for as many ticks as its axis has.
 */
export function withNiceTicks(view: Spec): Spec {
  const { encoding, layer, spec } = view as { encoding?: Record<string, unknown>; layer?: readonly Spec[]; spec?: Spec }
  return {
    ...view,
    ...(encoding !== undefined && {
      encoding: Object.fromEntries(Object.entries(encoding).map(([channel, written]) => [channel, niceChannel(written)])),
    }),
    ...(layer !== undefined && { layer: layer.map(withNiceTicks) }),
    ...(spec !== undefined && { spec: withNiceTicks(spec) }),
  }
}

function niceChannel(channel: unknown): unknown {
  const { scale, axis } = (channel ?? {}) as { scale?: Spec | null; axis?: Spec | null }
  if (scale?.nice !== true || typeof axis?.tickCount !== 'number') return channel
  return { ...(channel as Spec), scale: { ...scale, nice: axis.tickCount } }
}
