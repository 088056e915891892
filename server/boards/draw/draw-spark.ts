import type { SparkLook } from '../charts/table-model.ts'
import type { Theme } from '../charts/theme.ts'
import type { Place } from './box.ts'
import { element, round } from './svg.ts'

/** A chart the size of a word. Its values are heights, 0 to 1. */
export function drawSpark(values: readonly (number | null)[], spark: SparkLook, place: Place, theme: Theme): string {
  const color = spark.color ?? theme.accent
  if (values.length === 1 && spark.type !== 'column') return drawBar(values[0] ?? 0, spark, place, color, theme)
  if (spark.type === 'bar-normalize') return drawShares(values, place, theme)
  if (spark.type === 'bar' || spark.type === 'columns' || spark.type === 'column') return drawColumns(values, spark, place, color)
  return drawLine(values, spark, place, color)
}

function drawBar(value: number, spark: SparkLook, { x, y, width, height }: Place, color: string, theme: Theme): string {
  const bar = { x, y: y + height / 2 - 4, height: 8, rx: spark.border_radius ?? 2 }
  return (
    element('rect', { ...bar, width, fill: spark.background ?? theme.grid }) +
    element('rect', { ...bar, width: Math.max(1, width * value), fill: color })
  )
}

function drawShares(values: readonly (number | null)[], { x, y, width, height }: Place, theme: Theme): string {
  const total = values.reduce<number>((sum, value) => sum + (value ?? 0), 0) || 1
  let left = x
  return values
    .map((value, index) => {
      const share = ((value ?? 0) / total) * width
      const part = element('rect', {
        x: left,
        y: y + height / 2 - 5,
        width: Math.max(0, share - 1),
        height: 10,
        fill: theme.category[index % theme.category.length],
      })
      left += share
      return part
    })
    .join('')
}

function drawColumns(values: readonly (number | null)[], spark: SparkLook, { x, y, width, height }: Place, color: string): string {
  const step = Math.min(width / values.length, 24)
  return values
    .map((value, index) => {
      const size = Math.max(1, (value ?? 0) * height)
      return value === null
        ? ''
        : element('rect', {
            x: x + index * step,
            y: y + height - size,
            width: Math.max(1, step - 1.5),
            height: size,
            rx: spark.border_radius ?? 1,
            fill: color,
          })
    })
    .join('')
}

/** A line with its last value marked; a gap stays a gap. */
function drawLine(values: readonly (number | null)[], spark: SparkLook, { x, y, width, height }: Place, color: string): string {
  const isArea = spark.type === 'area'
  const step = (width - 6) / Math.max(1, values.length - 1)
  const points = values.map((value, index) =>
    value === null ? undefined : ([x + index * step, y + 2 + (1 - value) * (height - 4)] as const),
  )
  const runs: (readonly [number, number])[][] = [[]]
  for (const point of points) {
    if (point === undefined) runs.push([])
    else runs.at(-1)?.push(point)
  }
  const path = (run: readonly (readonly [number, number])[]): string =>
    run.map(([left, top], index) => `${index === 0 ? 'M' : 'L'}${round(left)},${round(top)}`).join('')
  const lines = runs.filter((run) => run.length > 1)
  const bottom = round(y + height)
  const fills = isArea
    ? lines.map((run) =>
        element('path', {
          d: `${path(run)}L${round(run.at(-1)?.[0] ?? 0)},${bottom}L${round(run[0]?.[0] ?? 0)},${bottom}Z`,
          fill: color,
          'fill-opacity': spark.fill_opacity ?? 0.15,
        }),
      )
    : []
  const last = points.findLast((point) => point !== undefined)
  const dot =
    last === undefined || spark.last_visible === false ? '' : element('circle', { cx: last[0], cy: last[1], r: 2.25, fill: color })
  const strokes = lines.map((run) =>
    element('path', {
      d: path(run),
      fill: 'none',
      stroke: color,
      'stroke-width': 1.5,
      'stroke-linejoin': 'round',
      'stroke-linecap': 'round',
    }),
  )
  return [...fills, ...strokes, dot].join('')
}
