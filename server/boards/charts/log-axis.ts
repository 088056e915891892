import type { AxisStyle } from '../../../contracts/v1/board/style-axis.ts'
import { axisDomain } from './axis-domain.ts'
import { greatestOf, leastOf } from './extent.ts'

/** The axis of a logarithmic scale: it ends at a tick, and its ticks are as many as there is room for. */
export interface LogAxis {
  readonly domain: readonly [number, number]
  /** Those with a number. */
  readonly ticks: readonly number[]
  /** Those between, which have a line alone. */
  readonly minor: readonly number[]
}

/**
 * Powers of the base; 1, 2 and 5 of each where there are few. A symlog scale has them on both sides of zero.
 * Undefined when the scale is another one, or has nothing to show.
 * @param room pixels along the axis; `isVertical` tells how many of them a number takes.
 */
export function logAxis(
  style: Partial<AxisStyle>,
  values: readonly number[],
  { room, isVertical }: { readonly room: number; readonly isVertical: boolean },
): LogAxis | undefined {
  const { type, log } = style.scale?.continuous ?? {}
  if (type !== 'log' && type !== 'symlog') return undefined
  const asked = axisDomain(style)
  const [low, high] = [asked?.low ?? leastOf(values), asked?.high ?? greatestOf(values)]
  const most = Math.max(2, Math.floor(room / (isVertical ? 28 : 64)))
  const axis =
    type === 'symlog' ? symlogAxis(low, high, most) : low > 0 && high >= low ? plainLogAxis(low, high, log?.base ?? 10, most) : undefined
  return axis === undefined || asked === undefined ? axis : { ...axis, domain: [asked.low ?? axis.domain[0], asked.high ?? axis.domain[1]] }
}

/** Powers within this factor of an end count as the end: logarithms are not exact. */
const nearly = 1e-9

function plainLogAxis(low: number, high: number, base: number, most: number): LogAxis | undefined {
  if (!(base > 1)) return undefined
  const power = (value: number): number => Math.log(value) / Math.log(base)
  const [first, last] = [Math.floor(power(low) + nearly), Math.ceil(power(high) - nearly)]
  const powers = Array.from({ length: Math.max(1, last - first) + 1 }, (_, index) => exact(base, first + index))
  const whole: LogAxis = { domain: [powers[0] as number, powers.at(-1) as number], ...thinned(powers, most), minor: [] }
  if (base !== 10 || last - first > 4) return whole
  const within = (steps: readonly number[]): number[] =>
    powers.flatMap((one) => steps.map((step) => Number((one * step).toPrecision(12)))).filter((value) => value <= whole.domain[1])
  if (power(high) - power(low) >= 1.5) return { ...whole, minor: within([2, 3, 4, 5, 6, 7, 8, 9]) }
  // Less than two powers: the axis ends near its values.
  const few = within([1, 2, 5])
  const from = Math.max(
    0,
    few.findLastIndex((value) => value <= low * (1 + nearly)),
  )
  const to = Math.max(
    from + 1,
    few.findIndex((value) => value >= high * (1 - nearly)),
  )
  const ticks = few.slice(from, to + 1)
  return { domain: [ticks[0] as number, ticks.at(-1) as number], ticks, minor: [] }
}

function symlogAxis(low: number, high: number, most: number): LogAxis | undefined {
  const side = (size: number): number[] =>
    size <= 0 ? [] : Array.from({ length: Math.max(0, Math.ceil(Math.log10(size) - nearly)) + 1 }, (_, power) => exact(10, power))
  const [below, above] = [side(-low), side(high)]
  if (below.length + above.length === 0) return undefined
  const sides = below.length > 0 && above.length > 0 ? 2 : 1
  const every = Math.ceil(Math.max(below.length, above.length) / Math.max(1, Math.floor(most / sides)))
  // The ends of the axis are told, and nothing so near zero that it would stand upon it.
  const told = (powers: readonly number[]): number[] =>
    powers.filter((_, power) => (powers.length - 1 - power) % every === 0 && (every === 1 || power >= every))
  return {
    domain: [-(below.at(-1) ?? 0), above.at(-1) ?? 0],
    ticks: [
      ...told(below)
        .map((value) => -value)
        .reverse(),
      0,
      ...told(above),
    ],
    minor: [],
  }
}

/** Every second, third... when there is no room for all. */
const thinned = (values: readonly number[], most: number): { readonly ticks: number[] } => {
  const every = Math.ceil(values.length / most)
  return { ticks: values.filter((_, index) => index % every === 0) }
}

/** Powers of ten are those that are written. */
const exact = (base: number, power: number): number => (base === 10 ? Number(`1e${power}`) : base ** power)
