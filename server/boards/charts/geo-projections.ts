import { createRequire } from 'node:module'
import type { Room } from './cartesian.ts'
import { extent } from './dimension-axis.ts'

interface Place {
  readonly longitude: number
  readonly latitude: number
}

type Position = readonly [longitude: number, latitude: number]
type Shape =
  | { readonly type: 'Point'; readonly coordinates: Position }
  | { readonly type: 'MultiPoint'; readonly coordinates: readonly Position[] }
  | { readonly type: 'Sphere' }

/** What is used of `d3-geo`, by which Vega projects. */
interface Projection {
  fitExtent(extent: readonly [Position, Position], shape: Shape): Projection
  scale(): number
  scale(scale: number): Projection
  translate(): readonly [number, number]
  translate(pixels: readonly [number, number]): Projection
  (place: Position): readonly [number, number]
}

interface Geo {
  geoPath(projection: Projection): (shape: Shape) => string | null
}

const require = createRequire(import.meta.url)

/** @param type as Vega names it: "albersUsa". */
function projectionOf(type: string): { geo: Geo; projection: Projection } {
  const geo = require('d3-geo') as Geo & Readonly<Record<string, () => Projection>>
  const make = geo[`geo${type.charAt(0).toUpperCase()}${type.slice(1)}`] as () => Projection
  return { geo, projection: make() }
}

/** Which places a projection shows: one shows the United States alone, another one side of the globe. */
export function reachOf(type: string): (place: Place) => boolean {
  const { geo, projection } = projectionOf(type)
  const path = geo.geoPath(projection)
  return ({ longitude, latitude }) => path({ type: 'Point', coordinates: [longitude, latitude] }) !== null
}

/** A map comes this much closer at most, and not for less. */
const closest = 8
const worthwhile = 1.5

/**
 * How a map of the world is drawn so that places which lie near each other fill its room; undefined when the whole world is
 * as good.
 * @param margin pixels around the places.
 */
export function closeUp(
  type: string,
  places: readonly Place[],
  { width, height }: Room,
  margin = 36,
): { readonly scale: number; readonly translate: readonly [number, number] } | undefined {
  const { projection } = projectionOf(type)
  const whole = projection
    .fitExtent(
      [
        [0, 0],
        [width, height],
      ],
      { type: 'Sphere' },
    )
    .scale()
  const coordinates = places.map(({ longitude, latitude }) => [longitude, latitude] as const)
  projection.fitExtent(
    [
      [margin, margin],
      [width - margin, height - margin],
    ],
    { type: 'MultiPoint', coordinates },
  )
  const fitted = projection.scale()
  if (fitted < worthwhile * whole) return undefined
  if (fitted <= closest * whole) return { scale: fitted, translate: projection.translate() }
  // Places on one spot have no extent to fit: they stand in the middle of what is around them.
  projection.scale(closest * whole).translate([0, 0])
  const drawn = coordinates.map((place) => projection(place))
  const middleOf = (axis: 0 | 1): number => {
    const [low, high] = extent(drawn.map((pixels) => pixels[axis]))
    return (low + high) / 2
  }
  return { scale: closest * whole, translate: [width / 2 - middleOf(0), height / 2 - middleOf(1)] }
}
