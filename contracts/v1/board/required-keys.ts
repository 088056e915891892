import { type ChartType, chartTypes } from './charts.ts'

/**
 * The keys without which a chart of a type cannot be drawn; of each list one is enough. The schema leaves most of them out,
 * for a chart may take them from the board that its own extends.
 */
export const requiredKeys: Readonly<Record<ChartType, readonly (readonly string[])[]>> = {
  kpi: [['query'], ['value']],
  bar: [['query'], ['x'], ['y']],
  line: [['query'], ['x'], ['y']],
  table: [['query']],
  area: [['query'], ['x'], ['y']],
  pie: [['query'], ['theta']],
  donut: [['query'], ['theta']],
  scatter: [['query'], ['x'], ['y']],
  heatmap: [['query'], ['x'], ['y'], ['color']],
  histogram: [['query'], ['x']],
  spark_bar: [['query'], ['x'], ['y']],
  callout: [['text']],
  map: [['query'], ['lookup'], ['value', 'color']],
  geoshape: [['query'], ['lookup'], ['value', 'color']],
  point_map: [['query'], ['latitude'], ['longitude']],
  bubble_map: [['query'], ['latitude'], ['longitude']],
}

/** Whether a word is a type of chart. */
export const isChartType = (word: unknown): word is ChartType => chartTypes.some((type) => type === word)
