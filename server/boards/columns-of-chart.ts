import type { Chart } from '../../contracts/v1/board/charts.ts'

/** The columns that a chart names, in the order of its keys, each once. */
export const columnsOfChart = (chart: Chart): string[] => [
  ...new Set(named(chart).filter((column): column is string => column !== undefined)),
]

const named = (chart: Chart): (string | undefined)[] => {
  switch (chart.type) {
    case 'kpi':
      return [chart.value, chart.support?.value]
    case 'table':
      return [...(chart.rows ?? []), ...(chart.columns ?? []), ...(chart.values ?? []), ...Object.keys(chart.style?.columns ?? {})]
    case 'pie':
    case 'donut':
      return [chart.theta, chart.color]
    case 'callout':
      return []
    case 'map':
    case 'point_map':
    case 'bubble_map':
    case 'geoshape':
      return [chart.lookup, chart.value, chart.latitude, chart.longitude, chart.size, chart.color]
    default:
      return [
        chart.x,
        ...(Array.isArray(chart.y) ? chart.y : [chart.y]),
        chart.color,
        'size' in chart ? chart.size : undefined,
        'shape' in chart ? chart.shape : undefined,
        'y_start' in chart ? chart.y_start : undefined,
        ...(chart.layers ?? []).flatMap(({ x, y, color }) => [x, y, color]),
      ]
  }
}
