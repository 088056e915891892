import type { PieChart } from '../../../contracts/v1/board/charts.ts'
import type { Rows } from '../compiled-board.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import { textWidth } from '../fonts/text-width.ts'
import { formatValue } from '../formats/format-value.ts'
import { formatNumber } from '../formats/number-text.ts'
import type { ResolvedFormat } from '../formats/resolve-format.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { type ChartColumn, checkNulls, cleanText, findColumn, findMeasure } from './chart-data.ts'
import { greatestOf } from './extent.ts'
import { fontSpec } from './font-spec.ts'
import { tooltipFormat } from './number-expression.ts'
import { readSlices, type Slice } from './pie-slices.ts'
import { isRowMeant, renderRowText, rowNames } from './row-text.ts'
import { sortRows } from './series.ts'
import { legendLook, seriesColors } from './series-color.ts'
import { lookupExpression, type Spec } from './spec.ts'
import { strokeSpec } from './stroke-spec.ts'
import { labelSize } from './vega-config.ts'

/** Slices from twelve o'clock on in row order, with their shares in the legend. Undefined after a finding. */
export function pieSpec(chart: PieChart, rows: Rows, context: ChartContext, room: Room): Spec | undefined {
  const { findings, theme } = context
  const theta = findMeasure(rows, chart.theta, 'theta', findings)
  const color = chart.color === undefined ? undefined : findColumn(rows, chart.color, 'color', findings)
  const order = sortRows(chart.sort, rows, context)
  if (theta === undefined || findings.error !== undefined) return undefined
  checkNulls(theta, findings)
  const { style } = chart
  const format = context.format(style?.number_format, theta)
  const slices = readSlices(theta, color, order, context)
  if (slices === undefined) return undefined

  const names = slices.map(({ name }) => name)
  const mark = style?.marks?.slice
  const labels = sliceLabels(chart, slices, rows, context)
  const legend = pieLegend(chart, slices, labels, room, context)
  const widest = Math.max(0, ...(labels ?? []).flat().map((text) => textWidth(text, { size: 11 })))
  const across = room.width - (legend?.beside ?? 0) - (labels === undefined ? 0 : 2 * (widest + 16))
  const down = room.height - (legend?.below ?? 0) - (labels === undefined ? 8 : 36)
  const radius = Math.max(20, Math.min(across, down) / 2)
  const inner = (style?.inner_radius ?? (chart.type === 'donut' ? 0.6 : 0)) * radius
  let turned = 0
  const values = slices.map((slice, index) => {
    const middle = turned + slice.share / 2
    turned += slice.share
    const lines = slice.share < 0.02 ? [] : labels?.[index]
    const label = lines === undefined || lines.length > 1 ? lines : (lines[0] ?? '')
    return { ...slice, ...(label !== undefined && (middle > 0.5 ? { left: label, right: '' } : { left: '', right: label })) }
  })
  return {
    // The pie and its legend stand together in the middle, not at the ends of a wide card.
    width: Math.min(room.width, room.width - across + 2 * radius + 8),
    data: { values },
    encoding: {
      theta: { field: 'value', type: 'quantitative', stack: true },
      order: { field: 'order', type: 'quantitative' },
      color: {
        field: 'name',
        type: 'nominal',
        sort: null,
        scale: { domain: names, range: seriesColors(names, chart.color, style?.color, context) },
        legend: legend?.spec ?? null,
      },
      tooltip: [
        { field: 'name', type: 'nominal', title: chart.color ?? 'slice' },
        { field: 'value', type: 'quantitative', title: chart.theta, format: tooltipFormat(format?.kind === 'number' ? format : undefined) },
        { field: 'share', type: 'quantitative', title: 'share', format: '.1%' },
      ],
    },
    layer: [
      {
        mark: {
          type: 'arc',
          outerRadius: radius,
          innerRadius: inner,
          stroke: theme.card,
          strokeWidth: 2,
          cornerRadius: mark?.corner_radius ?? mark?.radius ?? (inner > 0 ? 2 : 0),
          ...(mark?.opacity !== undefined && { opacity: mark.opacity }),
          ...(mark?.gap !== undefined && { padAngle: mark.gap }),
          ...strokeSpec(mark?.stroke, context),
        },
      },
      ...(labels === undefined ? [] : (['left', 'right'] as const).map((side) => labelLayer(side, radius, chart, context))),
      ...totalLayers(chart, slices, { inner, format, theta }, context),
    ],
  }
}

/** The lines of text beside the slices, when the style asks for them; none for a slice that its condition leaves out. */
function sliceLabels({ style }: PieChart, slices: readonly Slice[], rows: Rows, context: ChartContext): string[][] | undefined {
  const asked = style?.marks?.slice?.labels ?? style?.labels
  if (asked === undefined || asked === false || (typeof asked === 'object' && asked.visible === false)) return undefined
  const { template, where, format } = asked === true ? {} : asked
  const written = context.format(format)
  return slices.map((slice) => {
    const names = rowNames(rows, slice.row, { value: slice.value, percent: slice.share })
    if (where !== undefined && !isRowMeant(where, names, context)) return []
    if (template === undefined) return [written === undefined ? shareText(slice) : formatValue(written, 'float', 'chart')(slice.value)]
    return (renderRowText(template, names, context) ?? '').split('\n').map((line) => cleanText(line).trim())
  })
}

const shareText = ({ share }: Slice): string => formatNumber(share, share > 0 && share < 0.01 ? '.1%' : '.0%')

/** Text that stands outside, on its side of the pie; slices of a few degrees have no room for one. */
function labelLayer(side: 'left' | 'right', radius: number, { style }: PieChart, context: ChartContext): Spec {
  const asked = style?.marks?.slice?.labels ?? style?.labels
  const { font, offset = 9, line_height: lineHeight = 14 } = typeof asked === 'object' ? asked : {}
  const look = fontSpec(font, '', context)
  return {
    mark: {
      type: 'text',
      radius: radius + offset,
      fontSize: 11,
      lineHeight,
      align: side === 'left' ? 'right' : 'left',
      baseline: 'middle',
      ...look,
    },
    encoding: { text: { field: side, type: 'nominal' }, color: { value: look.color ?? context.theme.ink }, tooltip: null },
  }
}

/** Names and shares; none where a label template already names the slices. */
function pieLegend(
  { style, color }: PieChart,
  slices: readonly Slice[],
  labels: readonly (readonly string[])[] | undefined,
  room: Room,
  context: ChartContext,
): { spec: Spec; beside: number; below: number } | undefined {
  const legend = typeof style?.legend === 'object' ? style.legend : { visible: style?.legend ?? true }
  const isNamed =
    labels !== undefined && style?.legend === undefined && slices.every(({ name }, index) => labels[index]?.join(' ').includes(name))
  if (legend.visible === false || legend.position === 'none' || color === undefined || isNamed) return undefined
  const asked = legend.position ?? (room.width >= 1.25 * room.height ? 'right' : 'bottom')
  const isBeside = asked !== 'top' && asked !== 'bottom'
  const limit = isBeside ? room.width * 0.42 : room.width - 30
  // A name that is too long is cut before its share, which is what the legend is read for.
  const texts = slices.map((slice) => {
    const share = labels === undefined ? `\u00a0\u00a0${shareText(slice)}` : ''
    const name = ellipsize(slice.name, limit - textWidth(share, { size: labelSize }), { size: labelSize })
    if (name !== slice.name) context.findings.add('TEXT_TRUNCATED', 'Names are longer than the legend has room for.')
    return name + share
  })
  const widest = Math.min(limit, greatestOf(texts.map((text) => textWidth(text, { size: labelSize }))))
  const columns = isBeside ? 1 : Math.max(1, Math.min(slices.length, Math.floor(room.width / (widest + 38))))
  return {
    beside: isBeside ? widest + 40 : 0,
    below: isBeside ? 0 : 20 * Math.ceil(Math.min(slices.length, 12) / columns) + 16,
    spec: {
      orient: asked,
      direction: isBeside ? 'vertical' : 'horizontal',
      columns,
      title: null,
      // The last entry of a legend that is cut counts those that are left, and has the value of the first of them.
      labelExpr: `test(/^\u2026\\d+ entries$/, datum.label) ? datum.label : ${lookupExpression(slices.map(({ name }, index) => [name, texts[index]]))}`,
      labelLimit: limit,
      labelColor: context.theme.ink,
      symbolLimit: 12,
      rowPadding: 8,
      ...legendLook(style?.legend, context),
      ...(legend.values !== undefined && {
        values: legend.values.map(String).filter((value) => slices.some(({ name }) => name === value)),
      }),
      ...(typeof legend.title === 'string' && { title: legend.title }),
    },
  }
}

/** The sum of all slices in the hole of a donut, while the hole has room. */
function totalLayers(
  chart: PieChart,
  slices: readonly Slice[],
  { inner, format, theta }: { readonly inner: number; readonly format: ResolvedFormat | undefined; readonly theta: ChartColumn },
  context: ChartContext,
): Spec[] {
  const asked =
    typeof chart.total === 'object' ? chart.total.visible !== false : (chart.total ?? chart.style?.total?.visible ?? chart.type === 'donut')
  if (!asked || inner < 34) return []
  const style = chart.style?.total?.value
  const write = formatValue(context.format(style?.format) ?? format, theta.column.type === 'text' ? 'float' : theta.column.type, 'kpi')
  const text = write(slices.reduce((sum, { value }) => sum + value, 0))
  const label = typeof chart.total === 'object' ? chart.total.label : undefined
  const labelFont = chart.style?.total?.label?.font
  const size = Math.min(style?.font?.size ?? 24, (inner * 2.4) / Math.max(4, text.length))
  const centred = (words: string, dy: number, font: Spec): Spec => ({
    data: { values: [{}] },
    encoding: { theta: { value: 0 }, color: { value: context.theme.ink }, order: null, tooltip: null },
    mark: { type: 'text', text: words, radius: 0, dy, align: 'center', baseline: 'middle', ...font },
  })
  return [
    centred(text, -7, {
      fontWeight: 600,
      ...fontSpec(style?.font, '', context),
      fontSize: size,
      fill: context.color(style?.font?.color, context.theme.ink),
    }),
    centred(cleanText(label ?? 'Total'), 12, {
      fontSize: 11,
      ...fontSpec(labelFont, '', context),
      fill: context.color(labelFont?.color, context.theme.muted),
    }),
  ]
}
