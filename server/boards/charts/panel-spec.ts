import type { CartesianChart } from '../../../contracts/v1/board/charts.ts'
import type { Room } from './cartesian.ts'
import type { SeriesData } from './series.ts'
import type { Spec } from './spec.ts'

const gap = 32
/** Room of the axes around all panels, and of the name above each. */
const axis = { width: 56, height: 40 }
const header = 24
/** A panel narrower than this cannot be read: they wrap to the next row first. */
const narrowest = 170

/** Small multiples: the same chart for each value of a column, in row order. */
export function panelSpec(chart: CartesianChart, { points }: SeriesData, room: Room): { room: Room; wrap: (view: Spec) => Spec } {
  const columns = [...new Set(points.flatMap(({ panelColumn }) => panelColumn ?? []))]
  const rows = [...new Set(points.flatMap(({ panelRow }) => panelRow ?? []))]
  const isWrapped = rows.length === 0
  const most = isWrapped ? Math.max(1, Math.min(columns.length, Math.floor(room.width / (narrowest + gap)))) : Math.max(1, columns.length)
  const down = isWrapped ? Math.ceil(columns.length / most) : rows.length
  // Rows of panels are about as long as each other: six stand as three and three, not as five and one.
  const across = isWrapped ? Math.ceil(columns.length / Math.max(1, down)) : most
  const panel = {
    width: Math.max(60, (room.width - gap * (across - 1)) / across),
    height: Math.max(70, (room.height - 30 - gap * (down - 1)) / down),
  }
  // Names of rows stand beside them, and those of columns above the first row.
  const headers = isWrapped ? down : Math.min(1, columns.length)
  const isShared = chart.multiples?.scale !== 'independent'
  return {
    room: panel,
    wrap({ data, note, ...view }) {
      const plot = {
        width: Math.round(isShared ? (room.width - axis.width - gap * (across - 1)) / across : panel.width - axis.width),
        height: Math.round((room.height - axis.height - gap * (down - 1) - header * headers) / down),
      }
      const facet = isWrapped
        ? { facet: { field: 'panelColumn', type: 'nominal', sort: columns, title: null }, columns: across }
        : {
            facet: {
              row: { field: 'panelRow', type: 'nominal', sort: rows, title: null },
              ...(columns.length > 0 && { column: { field: 'panelColumn', type: 'nominal', sort: columns, title: null } }),
            },
          }
      return {
        data,
        ...facet,
        spec: { ...plot, ...view },
        spacing: gap,
        ...(!isShared && { resolve: { scale: { y: 'independent' } } }),
        ...(note !== undefined && { note }),
      }
    },
  }
}
