import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import type { Rows } from '../compiled-board.ts'
import { toNumber } from '../formats/value-kind.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { categoryText, findColumn, findMeasure, listNames } from './chart-data.ts'
import { numberExpression, tooltipFormat } from './number-expression.ts'
import { sortRows } from './series.ts'
import { singleColor } from './series-color.ts'
import type { Spec } from './spec.ts'

/** A list with bars and no axes: here `x` is the number and `y` its name. Undefined after a finding. */
export function sparkBarSpec(chart: ChartOf<'spark_bar'>, rows: Rows, context: ChartContext, room: Room): Spec | undefined {
  const { findings, theme } = context
  const yName = typeof chart.y === 'string' ? chart.y : chart.y?.[0]
  if (chart.x === undefined || yName === undefined) {
    findings.add(
      'MISSING_KEY',
      `A spark_bar needs x (a number) and y (its name); the query gives ${listNames(rows.columns.map(({ name }) => name))}.`,
    )
    return undefined
  }
  const measure = findMeasure(rows, chart.x, 'x', findings)
  const name = findColumn(rows, yName, 'y', findings)
  const order = sortRows(chart.sort, rows, context)
  if (measure === undefined || name === undefined || findings.error !== undefined) return undefined
  const { style } = chart
  const most = Math.min(style?.max_bars ?? Number.POSITIVE_INFINITY, Math.max(3, Math.floor(room.height / 18)))
  const all = order.map((row) => ({ x: categoryText(name.values[row]), y: toNumber(measure.values[row]) ?? null, row }))
  const values = all.slice(0, most)
  if (values.length < all.length) findings.add('TOO_MANY_CATEGORIES', `"${yName}" has ${all.length} values; the first ${most} are drawn.`)
  const format = context.format(style?.number_format, measure, 'axis')
  const largest = Math.max(0, ...values.map(({ y }) => Math.abs(y ?? 0)))
  const bars = {
    field: 'x',
    type: 'ordinal',
    sort: null,
    scale: { domain: [...new Set(values.map(({ x }) => x))], paddingInner: 0.45, paddingOuter: 0.2 },
  }
  return {
    data: { values },
    encoding: {
      y: {
        ...bars,
        axis: {
          domain: false,
          labelColor: theme.ink,
          labelLimit: style?.label?.width ?? 180,
          title: null,
          ...(style?.label?.visible === false && { labels: false }),
        },
      },
      x: { field: 'y', type: 'quantitative', stack: null, axis: null, scale: { zero: true, nice: false } },
      tooltip: [
        { field: 'x', type: 'nominal', title: yName },
        { field: 'y', type: 'quantitative', title: chart.x, format: tooltipFormat(format) },
      ],
    },
    layer: [
      {
        mark: {
          type: 'bar',
          orient: 'horizontal',
          cornerRadiusEnd: 3,
          height: style?.bar?.height ?? { band: 1 },
          ...(style?.marks?.bar?.opacity !== undefined && { opacity: style.marks.bar.opacity }),
          color: context.color(style?.bar?.color, singleColor(style?.color, style?.marks?.bar, context)),
        },
      },
      ...(style?.count?.visible === false
        ? []
        : [
            {
              transform: [
                { filter: 'isValid(datum.y)' },
                { calculate: numberExpression(format, largest, 'datum.y'), as: 'label' },
                { calculate: 'max(0, datum.y)', as: 'end' },
              ],
              mark: { type: 'text', align: 'left', baseline: 'middle', dx: 6, fontWeight: 500, fontSize: 12, color: theme.muted },
              // Beside a bar that goes to the left there is room at its right.
              encoding: { x: { field: 'end', type: 'quantitative' }, text: { field: 'label', type: 'nominal' } },
            },
          ]),
    ],
    ...(values.length < all.length && { note: `First ${most} of ${all.length}` }),
  }
}
