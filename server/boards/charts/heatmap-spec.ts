import { utcFormat } from 'd3-time-format'
import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import type { Rows } from '../compiled-board.ts'
import { textWidth } from '../fonts/text-width.ts'
import { toNumber, toTime } from '../formats/value-kind.ts'
import { axisBase, axisStyle, axisTitle, levelLabels, tickAxis } from './axes.ts'
import { namesCut } from './band-axis.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { type ChartColumn, categoryText, checkNulls, dimensionKind, findColumn, findMeasure, listNames } from './chart-data.ts'
import { textOn } from './contrast.ts'
import { checkCategories } from './design-checks.ts'
import { extent } from './dimension-axis.ts'
import { greatestOf } from './extent.ts'
import { numberExpression, tooltipFormat } from './number-expression.ts'
import { sortRows } from './series.ts'
import { amountLegend, gradientScale } from './series-color.ts'
import type { Spec } from './spec.ts'
import { borderSpec, strokeSpec } from './stroke-spec.ts'
import { grainFormats, timeGrain } from './time-grain.ts'
import { timeTicks } from './time-ticks.ts'
import { labelSize } from './vega-config.ts'

/** Two dimensions and the measure that colours their cells. Undefined after a finding. */
export function heatmapSpec(chart: ChartOf<'heatmap'>, rows: Rows, context: ChartContext, room: Room): Spec | undefined {
  const { findings, theme } = context
  const yName = typeof chart.y === 'string' ? chart.y : chart.y?.[0]
  if (chart.x === undefined || yName === undefined || chart.color === undefined) {
    findings.add('MISSING_KEY', `A heatmap needs x, y and color; the query gives ${listNames(rows.columns.map(({ name }) => name))}.`)
    return undefined
  }
  const x = findColumn(rows, chart.x, 'x', findings)
  const y = findColumn(rows, yName, 'y', findings)
  const color = findMeasure(rows, chart.color, 'color', findings)
  const order = sortRows(chart.sort, rows, context)
  if (x === undefined || y === undefined || color === undefined || findings.error !== undefined) return undefined

  const { style } = chart
  const format = context.format(style?.number_format, color, 'axis')
  const [xNames, yNames] = [dimensionNames(x), dimensionNames(y)]
  const cells = order.map((row) => ({
    x: xNames[row] as string,
    y: yNames[row] as string,
    color: toNumber(color.values[row]) ?? null,
    row,
  }))
  checkCells(cells, context)
  const values = cells.flatMap((cell) => cell.color ?? [])
  checkNulls(color, findings)
  if (values.length === 0) {
    findings.add('ZERO_ROWS', `All values of "${color.column.name}" are null.`)
    return undefined
  }
  const [low, high] = extent(values)
  const isDiverging = low < 0 && high > 0
  const palette = context.palette(
    style?.color?.gradient?.palette,
    theme.palettes[isDiverging ? 'diverging' : 'sequential'] ?? theme.category,
  )
  const domainOf = (column: ChartColumn, names: readonly string[], pixels: number): string[] =>
    cutDomain(
      column,
      axisOrder(
        column,
        order.map((row) => names[row] as string),
        order,
      ),
      pixels,
      context,
    )
  const xDomain = domainOf(x, xNames, room.width)
  const yDomain = domainOf(y, yNames, room.height)
  const drawn = inside(cells, xDomain, yDomain)
  const limit = greatestOf(yDomain.map((name) => Math.min(180, textWidth(name, { size: labelSize }))))
  const plot = room.width - limit - 20
  const labels = timeLabels(x, xDomain, plot) ?? levelLabels(xDomain, plot)
  if (labels.isCut) context.findings.add('TEXT_TRUNCATED', namesCut(x.column.name))
  if (yDomain.some((name) => textWidth(name, { size: labelSize }) > 180)) context.findings.add('TEXT_TRUNCATED', namesCut(y.column.name))
  const cell = { width: plot / xDomain.length, height: (room.height - 60) / yDomain.length }
  const asked = style?.labels ?? style?.marks?.rect?.labels ?? style?.marks?.text?.labels ?? style?.marks?.bar?.labels
  const isLabelled =
    asked === undefined ? cell.width >= 46 && cell.height >= 20 : typeof asked === 'object' ? asked.visible !== false : asked
  const largest = Math.max(Math.abs(low), Math.abs(high))
  const legend = amountLegend(chart.color, room, style?.legend, context)
  const size = Math.max(Math.abs(low), Math.abs(high))
  const yStyle = axisStyle(style, 'y', 'band')
  const xStyle = axisStyle(style, 'x', 'band')
  const band = {
    paddingInner: style?.cell_padding === undefined ? 0.04 : Math.min(0.9, (style.cell_padding * xDomain.length) / plot),
    // Without any, rounding may put the first cell before the axis, and Vega leaves its tick out.
    paddingOuter: 0.005,
  }
  const rect = style?.marks?.rect
  return {
    data: { values: drawn },
    encoding: {
      x: {
        field: 'x',
        type: 'ordinal',
        sort: null,
        scale: { domain: xDomain, ...band },
        axis: { ...labels.axis, domain: false, title: axisTitle(xStyle, chart.x_label ?? null), ...axisBase(xStyle, context) },
      },
      y: {
        field: 'y',
        type: 'ordinal',
        sort: null,
        scale: { domain: yDomain, ...band },
        axis: { labelLimit: 180, domain: false, title: axisTitle(yStyle, chart.y_label ?? null), ...axisBase(yStyle, context) },
      },
      tooltip: [
        { field: 'x', type: 'nominal', title: chart.x },
        { field: 'y', type: 'nominal', title: yName },
        { field: 'color', type: 'quantitative', title: chart.color, format: tooltipFormat(format) },
      ],
    },
    layer: [
      {
        mark: {
          type: 'rect',
          cornerRadius: rect?.radius ?? rect?.corner_radius ?? 2,
          ...(rect?.opacity !== undefined && { opacity: rect.opacity }),
          ...strokeSpec(rect?.stroke, context),
          ...borderSpec(rect?.border, context),
        },
        encoding: {
          color: {
            field: 'color',
            type: 'quantitative',
            scale: {
              interpolate: 'lab',
              ...(isDiverging ? { domain: [-size, 0, size], type: 'linear' } : { zero: low >= 0 && low < high / 2 }),
              ...gradientScale(style?.color, values, context, palette),
            },
            legend: legend === null ? null : { ...legend, labelExpr: numberExpression(format, largest) },
          },
        },
      },
      ...(isLabelled
        ? [
            cellLabels(
              palette,
              { low: isDiverging ? -size : low >= 0 && low < high / 2 ? 0 : low, high: isDiverging ? size : high },
              numberExpression(format, largest, 'datum.color'),
            ),
          ]
        : []),
    ],
  }
}

/** Numbers in the cells, dark or white, whichever reads better on the nearest colour of the palette. */
function cellLabels(palette: readonly string[], { low, high }: { low: number; high: number }, text: string): Spec {
  const [dark, white] = ['#14181f', '#ffffff'] as const
  const isDark = palette.map((color) => textOn(color) === dark)
  const last = palette.length - 1
  const nearest = `clamp(round((datum.color - ${low}) / ${high - low || 1} * ${last}), 0, ${last})`
  return {
    transform: [{ filter: 'isValid(datum.color)' }, { calculate: text, as: 'label' }],
    mark: { type: 'text', fontSize: 11, fontWeight: 500 },
    encoding: {
      text: { field: 'label', type: 'nominal' },
      color: { condition: { test: `${JSON.stringify(isDark)}[${nearest}]`, value: dark }, value: white },
    },
  }
}

/** Texts of a dimension: time by its grain, so that the axis reads "Jan 2026". */
function dimensionNames(column: ChartColumn): string[] {
  if (dimensionKind(column) !== 'time') return column.values.map(categoryText)
  const write = utcFormat(grainFormats[timeGrain(column.values.flatMap((value) => toTime(value) ?? []))])
  return column.values.map((value) => {
    const time = toTime(value)
    return time === undefined ? categoryText(value) : write(new Date(time))
  })
}

/** Times below the cells, each on round dates as on other axes; undefined for what is no time. */
function timeLabels(column: ChartColumn, domain: readonly string[], room: number): ReturnType<typeof levelLabels> | undefined {
  if (dimensionKind(column) !== 'time') return undefined
  const times = column.values.flatMap((value) => toTime(value) ?? [])
  const grain = timeGrain(times)
  const write = utcFormat(grainFormats[grain])
  const steps = [...new Set(times)].sort((left, right) => left - right)
  // A month begins in the midst of a week: its name stands below the next one.
  const ticks = timeTicks(extent(times), { grain, room }).flatMap(({ value, label }) => {
    const step = steps.find((time) => time >= value)
    return step === undefined ? [] : [{ value: write(new Date(step)), label }]
  })
  return { axis: { ...tickAxis(ticks.filter(({ value }) => domain.includes(value))), labelAngle: 0 }, left: 0, isCut: false }
}

/** The values of an axis that have a pixel each; a finding tells of more than can be read. */
function cutDomain(dimension: ChartColumn, domain: string[], pixels: number, context: ChartContext): string[] {
  const { name } = dimension.column
  const most = Math.max(1, Math.floor(pixels))
  if (domain.length > most)
    context.findings.add('TOO_MANY_CATEGORIES', `"${name}" has ${domain.length} values; the first ${most} are drawn.`)
  else if (dimensionKind(dimension) === 'category') checkCategories(name, domain.length, context)
  return domain.slice(0, most)
}

/** The cells whose places are shown. */
function inside<Cell extends { readonly x: string; readonly y: string }>(
  cells: readonly Cell[],
  xDomain: readonly string[],
  yDomain: readonly string[],
): Cell[] {
  const [xs, ys] = [new Set(xDomain), new Set(yDomain)]
  return cells.filter(({ x, y }) => xs.has(x) && ys.has(y))
}

/** Time and numbers in their order, categories in that of the rows. */
function axisOrder(column: ChartColumn, names: readonly string[], order: readonly number[]): string[] {
  const kind = dimensionKind(column)
  if (kind === 'category') return [...new Set(names)]
  const at = (index: number): number => {
    const value = column.values[order[index] as number]
    return (kind === 'time' ? toTime(value) : toNumber(value)) ?? Number.POSITIVE_INFINITY
  }
  return [
    ...new Set(
      names
        .map((_, index) => index)
        .sort((left, right) => at(left) - at(right))
        .map((index) => names[index] as string),
    ),
  ]
}

function checkCells(cells: readonly { readonly x: string; readonly y: string }[], { findings }: ChartContext): void {
  const distinct = new Set(cells.map(({ x, y }) => JSON.stringify([x, y]))).size
  if (distinct < cells.length)
    findings.add(
      'DUPLICATE_ROWS',
      `${cells.length - distinct} ${cells.length - distinct === 1 ? 'row falls' : 'rows fall'} on a cell that another row has; the last is seen.`,
      '',
      'Aggregate in the query.',
    )
}
