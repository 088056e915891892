import { mapTypes } from '../../../contracts/v1/board/charts.ts'
import type { BoundChart } from '../compiled-board.ts'
import { categoryText, dimensionKind } from './chart-data.ts'
import { isDotPlot } from './dot-plot.ts'
import { supportLines } from './support-table.ts'

const usual = 260

/** How high a plot wants to be in a width, within what its style allows. */
export function plotHeight(bound: BoundChart, width: number): number {
  const own = bound.chart as Sizes
  const style: Sizes = { ...(bound.chart.style as Sizes | undefined), ...pick(own) }
  const natural = style.aspect_ratio === undefined ? naturalHeight(bound, width) + supportHeight(bound) : width / style.aspect_ratio
  const limit = (size: number | string | undefined, fallback: number): number =>
    size === undefined ? fallback : Number.parseFloat(String(size))
  return Math.max(limit(style.min_height, 0), Math.min(limit(style.max_height, 4000), natural))
}

interface Sizes {
  readonly aspect_ratio?: number
  readonly min_height?: number | string
  readonly max_height?: number | string
}

/** What stands at the chart itself goes before its style. */
const pick = ({ aspect_ratio: ratio, min_height: least, max_height: most }: Sizes): Sizes => ({
  ...(ratio !== undefined && { aspect_ratio: ratio }),
  ...(least !== undefined && { min_height: least }),
  ...(most !== undefined && { max_height: most }),
})

const supportHeight = ({ chart, rows }: BoundChart): number => {
  if (!('support_table' in chart) || chart.support_table === undefined) return 0
  const index = rows?.columns.findIndex(({ name }) => name === chart.color) ?? -1
  return 18 * supportLines(chart, index === -1 ? [] : (rows?.rows ?? []).map((row) => row[index]))
}

/** One that lists categories grows with them. */
function naturalHeight({ chart, rows }: BoundChart, width: number): number {
  const values = (name: string | undefined): unknown[] => {
    const index = rows?.columns.findIndex((column) => column.name === name) ?? -1
    return index === -1 || rows === undefined ? [] : rows.rows.map((row) => row[index])
  }
  const count = (name: string | undefined): number => new Set(values(name).map(categoryText)).size
  if (chart.type === 'spark_bar') return clamp(count(typeof chart.y === 'string' ? chart.y : chart.y?.[0]) * 34 + 10, 100, 620)
  if (chart.type === 'heatmap') return clamp(count(typeof chart.y === 'string' ? chart.y : chart.y?.[0]) * 34 + 90, 200, 620)
  if ('multiples' in chart && chart.multiples !== undefined) {
    const down =
      chart.multiples.rows === undefined
        ? Math.ceil(count(chart.multiples.columns) / Math.max(1, Math.floor(width / 194)))
        : count(chart.multiples.rows)
    return clamp(down * 190 + 20, 220, 900)
  }
  if (mapTypes.some((type) => type === chart.type)) return clamp(width * 0.56, 220, 560)
  if (rows !== undefined && isDotPlot(chart, rows)) return clamp(count(chart.y) * 26 + 100, 200, 620)
  if (chart.type !== 'bar' || chart.style?.orientation === 'vertical') return usual
  const index = rows?.columns.findIndex((column) => column.name === chart.x) ?? -1
  const column = rows?.columns[index]
  if (column === undefined) return usual
  const isHorizontal = chart.style?.orientation === 'horizontal' || dimensionKind({ column, index, values: values(chart.x) }) === 'category'
  const measures = Array.isArray(chart.y) && (chart.style?.stack ?? 'none') === 'none' ? chart.y.length : 1
  return isHorizontal ? clamp(count(chart.x) * (measures > 1 ? 20 * measures + 10 : 32) + 50, 150, 620) : usual
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
