import type { CartesianChart } from '../../../contracts/v1/board/charts.ts'
import type { Rows } from '../compiled-board.ts'
import { toNumber, toTime } from '../formats/value-kind.ts'
import type { ChartContext } from './chart-context.ts'
import { type ChartColumn, categoryText, columnLabel, findColumn, findMeasure } from './chart-data.ts'
import { withoutOpenBars } from './design-checks.ts'
import { safeTitle } from './safe-titles.ts'
import type { SeriesData } from './series.ts'

type Layer = NonNullable<CartesianChart['layers']>[number]

export interface LayerPoint {
  readonly x: number | string | null
  readonly y: number | null
  readonly y0?: number | null
  readonly series?: string
  readonly row: number
}

/** The rows of a layer on the axis of its chart. Undefined after a finding. */
export function readLayer(
  layer: Layer,
  rows: Rows,
  chart: CartesianChart,
  data: SeriesData,
  role: string,
  { findings }: ChartContext,
): { name: string; points: LayerPoint[]; measure: ChartColumn; series: string[] } | undefined {
  const measure = findMeasure(rows, layer.y, `${role}.y`, findings)
  const dimension = findColumn(rows, layer.x ?? chart.x ?? '', `${role}.x`, findings)
  const start = layer.y_start === undefined ? undefined : findMeasure(rows, layer.y_start, `${role}.y_start`, findings)
  if (measure === undefined || dimension === undefined || (layer.y_start !== undefined && start === undefined)) return undefined
  const color = rows.columns.some(({ name }) => name === layer.color)
    ? findColumn(rows, layer.color ?? '', `${role}.color`, findings)
    : undefined
  const place = (value: unknown): number | string | null =>
    data.xKind === 'time' ? (toTime(value) ?? null) : data.xKind === 'number' ? (toNumber(value) ?? null) : categoryText(value)
  const seen = new Set<string>()
  const points = dimension.values.flatMap((value, row): LayerPoint[] => {
    const x = place(value)
    if (x === null) return []
    const series = color === undefined ? undefined : categoryText(color.values[row])
    // A chart of several series has a row for each; a layer of one measure is drawn once per place.
    const key = JSON.stringify([x, series, measure.values[row], start?.values[row]])
    if (seen.has(key)) return []
    seen.add(key)
    return [
      {
        x,
        y: toNumber(measure.values[row]) ?? null,
        ...(start !== undefined && { y0: toNumber(start.values[row]) ?? null }),
        ...(series !== undefined && { series }),
        row,
      },
    ]
  })
  const series = [...new Set(points.flatMap((point) => point.series ?? []))]
  return { name: safeTitle(layer.label ?? columnLabel(layer.y)), points: withoutOpenBars(points, dimension, { findings }), measure, series }
}
