import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import type { Rows } from '../compiled-board.ts'
import { toNumber } from '../formats/value-kind.ts'
import { axisStyle, measureAxis, measureScale } from './axes.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { checkNulls, findMeasure, listNames } from './chart-data.ts'
import { extent } from './dimension-axis.ts'
import { tooltipFormat } from './number-expression.ts'
import { singleColor } from './series-color.ts'
import type { Spec } from './spec.ts'
import { borderSpec, strokeSpec } from './stroke-spec.ts'

/** A histogram counts the rows of a number in bins of a round width. Undefined after a finding. */
export function histogramSpec(chart: ChartOf<'histogram'>, rows: Rows, context: ChartContext, room: Room): Spec | undefined {
  if (chart.x === undefined) {
    context.findings.add('MISSING_KEY', `A histogram needs x; the query gives ${listNames(rows.columns.map(({ name }) => name))}.`)
    return undefined
  }
  const measure = findMeasure(rows, chart.x, 'x', context.findings)
  if (measure === undefined) return undefined
  const { style } = chart
  const format = context.format(axisStyle(style, 'x', 'quantitative').labels?.format ?? style?.number_format, measure, 'axis')
  const values = measure.values.flatMap((value) => toNumber(value) ?? [])
  checkNulls(measure, context.findings)
  if (values.length === 0) {
    context.findings.add('ZERO_ROWS', `All values of "${measure.column.name}" are null.`)
    return undefined
  }
  const { bins } = binColumn(measure.values, chart.bins ?? style?.bin_maxbins)
  const name = measure.column.name.replaceAll('_', ' ')
  const xStyle = axisStyle(style, 'x', 'quantitative')
  const counts = bins.map(({ y }) => y)
  const whole = { kind: 'number' as const, spec: ',d' }
  return {
    data: { values: bins },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        scale: {
          zero: false,
          nice: false,
          ...(xStyle.scale?.x_reverse && { reverse: true }),
          domain: [bins[0]?.x ?? 0, bins.at(-1)?.x2 ?? 1],
        },
        axis: {
          grid: false,
          domain: true,
          domainColor: context.theme.baseline,
          ...measureAxis({ ...xStyle, scale: { ...xStyle.scale, continuous: undefined } }, context, {
            format,
            values,
            title: chart.x_label ?? name,
            room: room.width - 56,
            isVertical: false,
          }),
        },
      },
      x2: { field: 'x2' },
      y: {
        field: 'y',
        type: 'quantitative',
        scale: measureScale(axisStyle(style, 'y', 'quantitative'), context, counts, true),
        axis: measureAxis(axisStyle(style, 'y', 'quantitative'), context, {
          format: whole,
          values: counts,
          title: chart.y_label ?? 'rows',
          room: room.height - 56,
          isVertical: true,
        }),
      },
      tooltip: [
        { field: 'x', type: 'quantitative', title: 'from', format: tooltipFormat(format) },
        { field: 'x2', type: 'quantitative', title: 'to', format: tooltipFormat(format) },
        { field: 'y', type: 'quantitative', title: 'rows', format: ',d' },
      ],
    },
    layer: [
      {
        mark: {
          type: 'bar',
          orient: 'vertical',
          stroke: context.theme.card,
          strokeWidth: 1.5,
          color: singleColor(style?.color, style?.marks?.bar, context),
          ...(style?.marks?.bar?.opacity !== undefined && { opacity: style.marks.bar.opacity }),
          ...(style?.marks?.bar?.radius !== undefined && { cornerRadiusEnd: style.marks.bar.radius }),
          ...strokeSpec(style?.marks?.bar?.stroke, context),
          ...borderSpec(style?.marks?.bar?.border, context),
        },
      },
    ],
  }
}

export interface Bin {
  readonly x: number
  readonly x2: number
  readonly y: number
  /** The first of its rows, by which a press knows it; undefined when it is empty. */
  readonly row: number | undefined
}

export interface Bins {
  readonly bins: readonly Bin[]
  /** The bin of each row; undefined for what is no number. */
  readonly places: readonly (Bin | undefined)[]
}

/** Bins of 1, 2, 2.5 or 5 times a power of ten, about as many as asked for; the last one holds its upper end too. */
export function binColumn(column: readonly unknown[], wanted = 20): Bins {
  const numbers = column.map(toNumber)
  const values = numbers.filter((value) => value !== undefined)
  if (values.length === 0) return { bins: [], places: numbers.map(() => undefined) }
  const [low, high] = extent(values)
  const rough = (high - low) / wanted || Math.abs(high) / 10 || 1
  const power = 10 ** Math.floor(Math.log10(rough))
  const isWhole = values.every(Number.isInteger)
  const width = Math.max(isWhole ? 1 : 0, ([1, 2, 2.5, 5, 10].find((step) => step * power >= rough * 0.999) ?? 10) * power)
  const first = Math.floor(low / width)
  const count = Math.max(1, Math.min(1000, Math.ceil(high / width - first + (high % width === 0 && high === low ? 1 : 0))))
  const edge = (index: number): number => Number(((first + index) * width).toPrecision(12))
  const totals = new Array<number>(count).fill(0)
  const rows = new Array<number | undefined>(count)
  const indexes = numbers.map((value, row) => {
    if (value === undefined) return undefined
    const index = Math.min(count - 1, Math.max(0, Math.floor(value / width) - first))
    totals[index] = (totals[index] as number) + 1
    rows[index] ??= row
    return index
  })
  const bins = totals.map((y, index) => ({ x: edge(index), x2: edge(index + 1), y, row: rows[index] }))
  return { bins, places: indexes.map((index) => (index === undefined ? undefined : bins[index])) }
}
