import type { Chart } from '../../contracts/v1/board/charts.ts'

/** A column where a chart names it. */
export interface NamedColumn {
  readonly name: string
  /** What the chart takes it for: "x", "support.value", "layers[0].y". */
  readonly role: string
  /** The keys that lead to its name. */
  readonly path: readonly PropertyKey[]
  /** Index of the layer whose rows have it; absent for those of the chart. */
  readonly layer?: number
}

/** The columns that a chart shows, in the order of its keys, each once. */
export const columnsOfChart = (chart: Chart): string[] => {
  const layerColors = 'layers' in chart ? (chart.layers ?? []).flatMap(({ color }) => color ?? []) : []
  return [...new Set([...shownColumns(chart).map(({ name }) => name), ...layerColors])]
}

/** The columns whose values a chart shows, each where it is named, but for the colour of a layer, which may be none. */
export const shownColumns = (chart: Chart): NamedColumn[] => {
  switch (chart.type) {
    case 'kpi':
      return [...at(chart.value, 'value'), ...at(chart.support?.value, 'support.value')]
    case 'table':
      return [
        ...at(chart.rows, 'rows'),
        ...at(chart.columns, 'columns'),
        ...at(chart.values, 'values'),
        ...keysOf(chart.style?.columns, 'style.columns'),
      ]
    case 'pie':
    case 'donut':
      return [...at(chart.theta, 'theta'), ...at(chart.color, 'color')]
    case 'callout':
      return []
    case 'map':
    case 'point_map':
    case 'bubble_map':
    case 'geoshape':
      return (['lookup', 'value', 'latitude', 'longitude', 'size', 'color'] as const).flatMap((key) => at(chart[key], key))
    default:
      return [
        ...at(chart.x, 'x'),
        ...at(chart.y, 'y'),
        ...at(chart.color, 'color'),
        ...('size' in chart ? at(chart.size, 'size') : []),
        ...('shape' in chart ? at(chart.shape, 'shape') : []),
        ...('y_start' in chart ? at(chart.y_start, 'y_start') : []),
        ...(chart.layers ?? []).flatMap((layer, index) =>
          (['x', 'y', 'y_start'] as const).flatMap((key) =>
            at(layer[key] ?? (key === 'x' && layer.query !== undefined ? chart.x : undefined), `layers[${index}].${key}`, [
              'layers',
              index,
              key,
            ]).map((one) => ({
              ...one,
              layer: index,
            })),
          ),
        ),
      ]
  }
}

/** The columns that a chart names beside those that it shows: of rules, of panels, of a ground, of the lines below a plot. */
export const otherColumns = (chart: Chart): NamedColumn[] => {
  switch (chart.type) {
    case 'kpi':
      return [
        ...at(typeof chart.background === 'object' ? chart.background.column : undefined, 'background.column'),
        ...keysOf(chart.conditional_formatting, 'conditional_formatting'),
      ]
    case 'table':
      return keysOf(chart.conditional_formatting, 'conditional_formatting')
    case 'bar':
    case 'line':
    case 'area':
    case 'scatter': {
      const lines = Array.isArray(chart.support_table) ? chart.support_table : (chart.support_table?.entries ?? [])
      return [
        ...at(chart.multiples?.rows, 'multiples.rows'),
        ...at(chart.multiples?.columns, 'multiples.columns'),
        ...lines.flatMap((line, index) =>
          at(typeof line === 'string' ? line : line.source, 'support_table', [
            'support_table',
            ...(Array.isArray(chart.support_table) ? [] : ['entries']),
            index,
          ]),
        ),
      ]
    }
    default:
      return []
  }
}

const at = (names: string | readonly string[] | undefined, role: string, path: readonly PropertyKey[] = role.split('.')): NamedColumn[] =>
  names === undefined
    ? []
    : typeof names === 'string'
      ? [{ name: names, role, path }]
      : names.map((name, index) => ({ name, role, path: [...path, index] }))

const keysOf = (block: object | undefined, role: string): NamedColumn[] =>
  Object.keys(block ?? {}).map((name) => ({ name, role, path: [...role.split('.'), name] }))
