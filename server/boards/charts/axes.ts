import type { AxisStyle, CartesianStyle, FontStyle } from '../../../contracts/v1/board/style.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import { textWidth } from '../fonts/text-width.ts'
import type { ResolvedFormat } from '../formats/resolve-format.ts'
import type { ChartContext } from './chart-context.ts'
import { greatestOf, leastOf } from './extent.ts'
import { numberExpression, tickMinStep } from './number-expression.ts'
import { lookupExpression, mergeStyle, type Spec } from './spec.ts'
import type { AxisTick } from './time-ticks.ts'
import { labelSize } from './vega-config.ts'

/** The style of one axis: that of both, of its kind, and its own. */
export function axisStyle(style: CartesianStyle | undefined, channel: 'x' | 'y', kind: 'band' | 'quantitative'): Partial<AxisStyle> {
  return mergeStyle<AxisStyle>(
    style?.axis,
    kind === 'band' ? style?.axis_band : style?.axis_quantitative,
    channel === 'x' ? style?.axis_x : style?.axis_y,
  )
}

/** @param fallback the title when the style says nothing; null for none. */
export function axisTitle(style: Partial<AxisStyle>, fallback: string | null): string | null {
  const { title } = style
  if (title === undefined) return fallback
  if (title === false) return null
  if (typeof title === 'string') return title
  return title.visible === false ? null : (title.text ?? fallback)
}

/** What the style of an axis says that is the same for all kinds of axes. */
export function axisBase(style: Partial<AxisStyle>, context: ChartContext): Spec {
  if (style.visible === false) return { labels: false, grid: false, domain: false }
  const { labels, grid, ticks, position } = style
  const isGrid = typeof grid === 'object' ? grid.visible : grid
  return {
    ...(isGrid !== undefined && { grid: isGrid }),
    ...(typeof grid === 'object' && grid.color !== undefined && { gridColor: context.color(grid.color, context.theme.grid) }),
    ...(labels?.visible === false && { labels: false }),
    ...(labels?.angle !== undefined && { labelAngle: labels.angle }),
    ...(labels?.overlap !== undefined && { labelOverlap: labels.overlap }),
    ...(labels?.limit !== undefined && { labelLimit: labels.limit }),
    ...fontSpec(labels?.font, 'label', context),
    ...(typeof style.title === 'object' && fontSpec(style.title.font, 'title', context)),
    ...(ticks?.visible !== undefined && { ticks: ticks.visible }),
    ...(position !== undefined && { orient: position }),
  }
}

function fontSpec(font: FontStyle | undefined, part: 'label' | 'title', context: ChartContext): Spec {
  if (font === undefined) return {}
  return {
    ...(font.size !== undefined && { [`${part}FontSize`]: font.size }),
    ...(font.weight !== undefined && {
      [`${part}FontWeight`]: font.weight === 'medium' ? 500 : font.weight === 'semibold' ? 600 : font.weight,
    }),
    ...(font.color !== undefined && { [`${part}Color`]: context.color(font.color, context.theme.muted) }),
  }
}

/** The axis of a measure: a few quiet grid lines, ticks written alike. */
export function measureAxis(
  style: Partial<AxisStyle>,
  context: ChartContext,
  measure: {
    readonly format: ResolvedFormat | undefined
    readonly values: readonly number[]
    readonly title: string | null
    readonly room: number
    readonly isVertical: boolean
    readonly isNormalized?: boolean
  },
): Spec {
  const { values, room, isVertical, isNormalized = false } = measure
  const largest = isNormalized ? 1 : Math.max(0, greatestOf(values.map(Math.abs)))
  const format = isNormalized ? { kind: 'number' as const, spec: '.0%' } : measure.format
  const step = style.ticks?.step ?? (isNormalized ? undefined : tickMinStep(format, values.every(Number.isInteger)))
  const title = axisTitle(style, measure.title)
  return {
    title,
    // A title along a vertical axis is read with a turned head: it stands above, at the left.
    ...(title !== null &&
      isVertical && { titleAngle: 0, titleAlign: 'left', titleAnchor: 'end', titleY: -14, titleX: -2, titleBaseline: 'bottom' }),
    tickCount: style.ticks?.count ?? Math.max(2, Math.round(room / (isVertical ? 55 : 110))),
    ...(step !== undefined && { tickMinStep: step }),
    labelExpr: numberExpression(format, largest),
    // Where values go both ways, zero is the line that they start from.
    ...(values.some((value) => value < 0) && {
      gridColor: { condition: { test: 'datum.value === 0', value: context.theme.baseline }, value: context.theme.grid },
    }),
    labelOverlap: 'parity',
    labelFlush: false,
    ...axisBase(style, context),
  }
}

/** The scale of a measure as its style asks; a log scale needs positive values. */
export function measureScale(
  style: Partial<AxisStyle>,
  context: ChartContext,
  values: readonly number[],
  isZero: boolean,
  isLabelled = false,
): Spec {
  const { domain, zero, type } = style.scale?.continuous ?? {}
  if (type === 'log' && values.some((value) => value <= 0)) {
    context.findings.add('LOG_SCALE_NOT_POSITIVE', 'The measure has values of zero or less, which a log scale cannot show.')
  }
  const [low, high] = domain ?? []
  if (isLabelled && isZero && domain === undefined && type === undefined) {
    // The numbers at the ends of the marks take room of the plot.
    const [least, most] = [Math.min(0, leastOf(values)), Math.max(0, greatestOf(values))]
    const room = (most - least) * 0.14
    return { domain: [least < 0 ? least - room : 0, most > 0 ? most + room : 0], nice: false }
  }
  return {
    ...(type !== undefined && { type }),
    ...(low != null && { domainMin: low }),
    ...(high != null && { domainMax: high }),
    zero: type === 'log' ? false : low != null ? false : (zero ?? isZero),
    nice: domain === undefined,
  }
}

/** Ticks that we have chosen and written ourselves. */
export const tickAxis = (ticks: readonly AxisTick<string | number>[]): Spec => ({
  values: ticks.map(({ value }) => value),
  labelExpr: lookupExpression(ticks.map(({ value, label }) => [value, label])),
  labelOverlap: false,
  labelFlush: false,
})

/**
 * Names of categories below a chart: level when each fits in its step, broken into two lines when that helps, else turned; every
 * second, third... is left out when not even turned ones fit.
 */
export function levelLabels(names: readonly string[], room: number): { axis: Spec; left: number } {
  const step = room / Math.max(1, names.length)
  const widest = Math.max(0, ...names.map((name) => textWidth(name, { size: labelSize })))
  if (widest + 5 <= step) return { axis: { labelAngle: 0, labelOverlap: false }, left: 0 }
  const every = Math.ceil(16 / step)
  const shown = names.filter((_, index) => index % every === 0)
  const ticks = shown.map((value) => ({ value, label: ellipsize(value, 110, { size: labelSize }) }))
  return { axis: { ...tickAxis(ticks), labelAngle: -40, labelAlign: 'right', labelBaseline: 'middle' }, left: names.length - shown.length }
}
