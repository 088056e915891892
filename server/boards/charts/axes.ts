import type { Format } from '../../../contracts/v1/board/formats.ts'
import type { CartesianStyle } from '../../../contracts/v1/board/style.ts'
import type { AxisStyle } from '../../../contracts/v1/board/style-axis.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import { textWidth } from '../fonts/text-width.ts'
import { formatValue } from '../formats/format-value.ts'
import type { ResolvedFormat } from '../formats/resolve-format.ts'
import { axisDomain } from './axis-domain.ts'
import type { ChartContext } from './chart-context.ts'
import { checkDomain } from './design-checks.ts'
import { greatestOf, leastOf } from './extent.ts'
import { fontSpec } from './font-spec.ts'
import { type LogAxis, logAxis } from './log-axis.ts'
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

/** The format of a measure: that of its axis, else that of the numbers of the chart. */
export const measureFormat = (style: CartesianStyle | undefined): Format | undefined =>
  axisStyle(style, 'y', 'quantitative').labels?.format ?? style?.number_format

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
  if (style.visible === false) return { labels: false, grid: false, domain: false, ticks: false }
  const { position } = style
  return {
    ...gridSpec(style.grid, context),
    ...lineSpec(style.line, context),
    ...labelsSpec(style.labels, context),
    ...titleSpec(style.title, context),
    ...ticksSpec(style.ticks, context),
    ...(position !== undefined && position !== 'auto' && { orient: position }),
  }
}

function gridSpec(grid: AxisStyle['grid'], context: ChartContext): Spec {
  if (grid === undefined || typeof grid === 'boolean') return grid === undefined ? {} : { grid }
  const { visible, color, width, opacity, dash } = grid
  return {
    ...(visible !== undefined && { grid: visible }),
    ...(color !== undefined && { gridColor: context.color(color, context.theme.grid) }),
    ...(width !== undefined && { gridWidth: width }),
    ...(opacity !== undefined && { gridOpacity: opacity }),
    ...(dash !== undefined && { gridDash: dash }),
  }
}

function lineSpec(line: AxisStyle['line'], context: ChartContext): Spec {
  if (line === undefined || typeof line === 'boolean')
    return line === undefined ? {} : { domain: line, domainColor: context.theme.baseline }
  const { visible = true, color, width } = line
  return {
    domain: visible,
    domainColor: context.color(color, context.theme.baseline),
    ...(width !== undefined && { domainWidth: width }),
  }
}

function labelsSpec(labels: AxisStyle['labels'], context: ChartContext): Spec {
  if (labels === undefined) return {}
  const { visible, angle, overlap, limit, max_width: maxWidth, align, padding, offset, flush, bound, min_gap: minGap } = labels
  const isThinned = typeof overlap === 'object' ? overlap.skip : overlap
  return {
    ...(visible === false && { labels: false }),
    ...(angle !== undefined && { labelAngle: angle }),
    ...(isThinned !== undefined && { labelOverlap: isThinned }),
    ...((limit ?? maxWidth) !== undefined && { labelLimit: limit ?? maxWidth }),
    ...((align === 'left' || align === 'right' || align === 'center') && { labelAlign: align }),
    ...(padding !== undefined && { labelPadding: padding }),
    ...(offset !== undefined && { labelOffset: offset }),
    ...(flush !== undefined && { labelFlush: flush }),
    ...(bound !== undefined && { labelBound: bound }),
    ...(minGap !== undefined && { labelSeparation: minGap }),
    ...fontSpec(labels.font, 'label', context),
  }
}

function titleSpec(title: AxisStyle['title'], context: ChartContext): Spec {
  if (typeof title !== 'object') return {}
  const { font, padding, angle, align } = title
  return {
    ...fontSpec(font, 'title', context),
    ...(padding !== undefined && { titlePadding: padding }),
    ...(angle !== undefined && { titleAngle: angle }),
    ...((align === 'left' || align === 'right' || align === 'center') && { titleAlign: align }),
  }
}

function ticksSpec(ticks: AxisStyle['ticks'], context: ChartContext): Spec {
  if (ticks === undefined) return {}
  const { visible, color, length, width, offset } = ticks
  const isAsked = color !== undefined || length !== undefined || width !== undefined || offset !== undefined
  return {
    ...(typeof visible === 'boolean' ? { ticks: visible } : isAsked && { ticks: true }),
    ...(color !== undefined && { tickColor: context.color(color, context.theme.baseline) }),
    ...(length !== undefined && { tickSize: length }),
    ...(width !== undefined && { tickWidth: width }),
    ...(offset !== undefined && { tickOffset: offset }),
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
  const log = style.scale?.values === undefined && style.ticks?.count === undefined ? logAxis(style, values, measure) : undefined
  return {
    title,
    // A title along a vertical axis is read with a turned head: it stands above, at the left.
    ...(title !== null &&
      isVertical && { titleAngle: 0, titleAlign: 'left', titleAnchor: 'end', titleY: -14, titleX: -2, titleBaseline: 'bottom' }),
    ...(style.scale?.values !== undefined && { values: style.scale.values }),
    // Vega leaves out those of our ticks that are more than it is told to set.
    ...(log === undefined && {
      tickCount: style.ticks?.count ?? (isVertical ? Math.max(2, Math.round(room / 55)) : Math.max(4, Math.round(room / 110))),
    }),
    ...(log === undefined && step !== undefined && { tickMinStep: step }),
    labelExpr: numberExpression(format, largest, 'datum.value', (greatestOf(values) - leastOf(values)) / 10),
    // Where values go both ways, zero is the line that they start from.
    ...(values.some((value) => value < 0) && {
      gridColor: { condition: { test: 'datum.value === 0', value: context.theme.baseline }, value: context.theme.grid },
    }),
    labelOverlap: 'parity',
    labelFlush: false,
    ...(log !== undefined && logTicks(log, format)),
    ...axisBase(style, context),
  }
}

/** Each number of a logarithmic axis is written as its own size deserves. */
function logTicks({ ticks, minor }: LogAxis, format: ResolvedFormat | undefined): Spec {
  const write = formatValue(format, 'float', 'chart')
  const told = ticks.map((value) => ({ value, label: write(value) }))
  return {
    ...tickAxis([...told, ...minor.map((value) => ({ value, label: ' ' }))]),
    ...(minor.length > 0 && {
      gridOpacity: { condition: { test: `indexof(${JSON.stringify(ticks)}, datum.value) >= 0`, value: 1 }, value: 0.45 },
    }),
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
  const { continuous = {}, nice, clamp, round, padding, headroom, x_reverse: isReversed } = style.scale ?? {}
  const type = continuous.type === 'temporal' ? undefined : continuous.type
  const domain = axisDomain(style)
  checkDomain(style, values, context)
  const zero = continuous.zero === 'auto' ? undefined : continuous.zero
  if (type === 'log' && values.some((value) => value <= 0)) {
    context.findings.add('LOG_SCALE_NOT_POSITIVE', 'The measure has values of zero or less, which a log scale cannot show.')
  }
  const log = logAxis(style, values, { room: 0, isVertical: true })
  const [least, most] = [Math.min(0, leastOf(values)), Math.max(0, greatestOf(values))]
  const shape = {
    ...(type !== undefined && { type }),
    ...(type === 'log' && continuous.log?.base !== undefined && { base: continuous.log.base }),
    ...(type === 'pow' && continuous.pow?.exponent !== undefined && { exponent: continuous.pow.exponent }),
    ...(type === 'symlog' && continuous.symlog?.constant !== undefined && { constant: continuous.symlog.constant }),
    ...(clamp !== undefined && { clamp }),
    ...(round !== undefined && { round }),
    ...(padding !== undefined && { padding }),
    ...((isReversed ?? domain?.isReversed) && { reverse: true }),
  }
  // Zero alone has no room of its own: it stands at the foot of the plot.
  if (isZero && domain === undefined && type === undefined && values.length > 0 && least === 0 && most === 0)
    return { ...shape, domain: [0, 1], nice: false }
  if (log !== undefined && nice !== false) return { ...shape, domain: log.domain, nice: false }
  if (headroom !== undefined && domain === undefined && values.length > 0) {
    const low = isZero ? least : leastOf(values)
    const high = isZero ? most : greatestOf(values)
    const room = headroom * (high - low)
    return { ...shape, domain: [low < 0 || !isZero ? low - room : low, high + room], zero: false, nice: false }
  }
  if (isLabelled && isZero && domain === undefined && type === undefined) {
    // The numbers at the ends of the marks take room of the plot.
    const room = (most - least) * 0.14
    return { ...shape, domain: [least < 0 ? least - room : 0, most > 0 ? most + room : 0], nice: false }
  }
  return {
    ...shape,
    ...(domain?.low !== undefined && { domainMin: domain.low }),
    ...(domain?.high !== undefined && { domainMax: domain.high }),
    zero: type === 'log' ? false : domain?.low !== undefined ? false : (zero ?? isZero),
    nice: nice ?? domain === undefined,
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
 * Keys of bands below a chart: level when none meets its neighbour. Numbers that do not are left out at even steps, for those between
 * can be counted; names are turned, and every second, third... is left out when not even turned ones fit.
 */
export function levelLabels(keys: readonly (string | number)[], room: number): { axis: Spec; left: number; isCut: boolean } {
  const step = room / Math.max(1, keys.length)
  const widths = keys.map((key) => textWidth(String(key), { size: labelSize }))
  const widest = greatestOf([0, ...widths])
  const isApart = widths.every((width, index) => (width + (widths[index + 1] ?? width)) / 2 + 5 <= step || index === widths.length - 1)
  if (isApart && widest <= 2 * step) return { axis: { labelAngle: 0, labelOverlap: false }, left: 0, isCut: false }
  if (keys.every((key) => typeof key === 'number')) {
    const ticks = evenKeys(keys, (widest + 8) / step).map((value) => ({ value, label: String(value) }))
    return { axis: { ...tickAxis(ticks), labelAngle: 0 }, left: 0, isCut: false }
  }
  if (keys.every((key) => /^-?[\d.:]+$/.test(String(key)))) {
    // Of what is written in figures a reader knows those between.
    const apart = Math.ceil((widest + 5) / step)
    const told = keys.map((value, index) => ({ value, label: index % apart === 0 ? String(value) : ' ' }))
    return { axis: { ...tickAxis(told), labelAngle: 0 }, left: 0, isCut: false }
  }
  const every = Math.ceil(16 / step)
  const shown = keys.filter((_, index) => index % every === 0)
  const ticks = shown.map((value) => ({ value, label: ellipsize(String(value), 110, { size: labelSize }) }))
  return {
    axis: { ...tickAxis(ticks), labelAngle: -40, labelAlign: 'right', labelBaseline: 'middle' },
    left: keys.length - shown.length,
    isCut: ticks.some(({ value, label }) => String(value) !== label),
  }
}

/** Every second, fifth, tenth... of the keys, at least `least` apart; of numbers that count up by one, the round ones. */
function evenKeys(keys: readonly number[], least: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(least))
  const every = ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power
  const round = keys.findIndex((key) => key % every === 0)
  return keys.filter((_, index) => (index - (round < every ? Math.max(0, round) : 0)) % every === 0)
}
