import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import type { Room } from './cartesian.ts'
import { extent } from './dimension-axis.ts'
import type { Point, SeriesData } from './series.ts'
import type { Spec } from './spec.ts'
import { labelSize } from './vega-config.ts'

const line = 14

/** The names of the series at the ends of their lines, in place of a legend. Names that would meet are moved apart. */
export function endpointLabels(
  chart: ChartOf<'line'>,
  data: SeriesData,
  points: readonly Point[],
  colors: readonly string[],
  room: Room,
): Spec[] {
  const asked = chart.style?.endpoint_labels
  if (data.series.length === 0 || !asked || (typeof asked === 'object' && asked.visible === false)) return []
  const ends = data.series.flatMap((name, index) => {
    const own = points.filter((point) => point.series === name && point.y !== null && point.x !== null)
    const last = data.xKind === 'category' ? own.at(-1) : own.toSorted((left, right) => Number(left.x) - Number(right.x)).at(-1)
    return last === undefined ? [] : [{ name, color: colors[index] as string, point: last }]
  })
  const [low, high] = extent(points.flatMap(({ y }) => y ?? []))
  const scale = (room.height - 50) / (high - Math.min(0, low) || 1)
  // From the highest down: each stands a line below the one before it, or at its own end.
  let floor = Number.NEGATIVE_INFINITY
  return ends
    .toSorted((left, right) => (right.point.y as number) - (left.point.y as number))
    .map(({ name, color, point }) => {
      const own = -(point.y as number) * scale
      const at = Math.max(own, floor + line)
      floor = at
      return {
        data: { values: [point] },
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'middle',
          dx: 8,
          dy: at - own,
          text: ellipsize(name, 120, { size: labelSize }),
          fontSize: labelSize,
          fontWeight: 500,
        },
        encoding: { color: { value: color }, tooltip: null },
      }
    })
}
