import type { BoundChart } from '../compiled-board.ts'
import { formatValue } from '../formats/format-value.ts'
import { toNumber, toTime, valueKind } from '../formats/value-kind.ts'
import type { ChartOptions } from './chart-context.ts'
import { categoryText } from './chart-data.ts'
import { kpiModel } from './kpi-model.ts'

/** A chart in words: what an agent reads instead of the picture. */
export interface ChartDescription {
  readonly id: string
  readonly type: string
  readonly title: string | undefined
  readonly rowCount: number | undefined
  readonly fields: readonly FieldDescription[]
  /** A KPI as it is painted. */
  readonly kpi: { readonly label: string | undefined; readonly value: string; readonly support: string | undefined } | undefined
}

export interface FieldDescription {
  readonly name: string
  readonly type: string
  /** What the chart draws it as: x, y, color, value... Undefined when it is not drawn. */
  readonly role: string | undefined
  readonly nullCount: number
  /** Of numbers and dates, written for reading. */
  readonly range: readonly [low: string, high: string] | undefined
  /** Of categories: how many there are, and the first of them. */
  readonly distinct: { readonly count: number; readonly first: readonly string[] } | undefined
}

/** The fields of a chart with their ranges, and a KPI as it is painted. */
export function describeChart(bound: BoundChart, options: ChartOptions): ChartDescription {
  const { chart, rows } = bound
  const roles = fieldRoles(chart)
  const kpi = chart.type === 'kpi' ? kpiModel(bound, options).model : undefined
  return {
    id: bound.id,
    type: chart.type,
    title: chart.title ?? ('label' in chart ? chart.label : undefined),
    rowCount: rows?.rows.length,
    fields: (rows?.columns ?? []).map((column, index) => {
      const values = (rows?.rows ?? []).map((row) => row[index])
      const kind = valueKind(column.type)
      const present = values.filter((value) => value !== null)
      const isRanged = kind === 'number' || kind === 'time'
      return {
        name: column.name,
        type: column.type,
        role: roles.get(column.name),
        nullCount: values.length - present.length,
        range: isRanged ? valueRange(present, column.type) : undefined,
        distinct: isRanged ? undefined : distinctTexts(present),
      }
    }),
    kpi: kpi && {
      label: kpi.label,
      value: kpi.value,
      support: kpi.support === undefined ? undefined : `${kpi.support.text} ${kpi.support.label}`.trim(),
    },
  }
}

function valueRange(values: readonly unknown[], type: Parameters<typeof formatValue>[1]): [string, string] | undefined {
  const order = (value: unknown): number | undefined => (valueKind(type) === 'time' ? toTime(value) : toNumber(value))
  const known = values.flatMap((value) => {
    const at = order(value)
    return at === undefined ? [] : [{ value, at }]
  })
  const [first] = known
  if (first === undefined) return undefined
  const [low, high] = known.reduce(
    ([least, most], each) => [each.at < least.at ? each : least, each.at > most.at ? each : most],
    [first, first],
  )
  const write = formatValue(undefined, type, 'table')
  return [write(low.value), write(high.value)]
}

function distinctTexts(values: readonly unknown[]): { count: number; first: string[] } {
  const texts = new Set(values.map(categoryText))
  return { count: texts.size, first: [...texts].slice(0, 5) }
}

/** What each column that a chart names is for. */
function fieldRoles(chart: BoundChart['chart']): Map<string, string> {
  const roles = new Map<string, string>()
  const named = chart as unknown as Record<string, unknown>
  for (const role of [
    'x',
    'y',
    'color',
    'theta',
    'value',
    'size',
    'shape',
    'y_start',
    'rows',
    'columns',
    'values',
    'lookup',
    'latitude',
    'longitude',
  ]) {
    for (const name of [named[role]].flat()) if (typeof name === 'string' && !roles.has(name)) roles.set(name, role)
  }
  if (chart.type === 'kpi' && chart.support?.value !== undefined && !roles.has(chart.support.value))
    roles.set(chart.support.value, 'support')
  if ('layers' in chart) for (const layer of chart.layers ?? []) if (!roles.has(layer.y)) roles.set(layer.y, 'layer')
  return roles
}
