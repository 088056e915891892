import type { Format } from '../../../contracts/v1/board/formats.ts'
import type { AxisStyle } from '../../../contracts/v1/board/style-axis.ts'
import { chartTexts, textsOf } from '../board-texts.ts'
import { toNumber } from '../formats/value-kind.ts'
import { axisDomain } from './axis-domain.ts'
import type { ChartContext } from './chart-context.ts'
import { type ChartColumn, categoryText, listNames } from './chart-data.ts'
import { greatestOf, leastOf } from './extent.ts'
import { missingFormat } from './missing-format.ts'
import type { SeriesData } from './series.ts'
import type { StackOffset } from './stack-offset.ts'

/** The name of a measure speaks of money or a share, and nothing says so to the reader. */
export function checkFormatNamed({ column, values }: ChartColumn, format: Format | undefined, { findings, bound }: ChartContext): void {
  if (format !== undefined) return
  const texts = textsOf(bound.chart, chartTexts).map(({ text }) => text)
  const missing = missingFormat({ type: bound.chart.type, column: column.name, values, texts })
  if (missing !== undefined) findings.add('MISSING_FORMAT', missing.message, '', missing.fix)
}

/** More names than this along an axis are no more to be told apart. */
const maxNames = 200

/** Categories past what an axis can show, where none are left out. */
export function checkCategories(column: string, count: number, { findings }: ChartContext): void {
  if (count > maxNames) findings.add('TOO_MANY_CATEGORIES', `"${column}" has ${count} values.`)
}

/** Several rows on one mark: they would be drawn over each other. */
export function checkDuplicates({ points, x, series }: SeriesData, { findings }: ChartContext): void {
  const seen = new Set<string>()
  let duplicates = 0
  for (const { x: at, series: name, panelRow, panelColumn } of points) {
    const key = JSON.stringify([at, name, panelRow, panelColumn])
    if (seen.has(key)) duplicates++
    seen.add(key)
  }
  if (duplicates === 0) return
  const of = series.length > 0 ? ' of the same series' : ''
  findings.add(
    'DUPLICATE_ROWS',
    `${duplicates} ${duplicates === 1 ? 'row falls' : 'rows fall'} on a value of "${x.column.name}"${of} that another row has.`,
  )
}

/**
 * Amounts of both signs in one stack: of shares, the engine would draw what is lacking as what there is, and areas of a series
 * that changes its sign would lie over the others.
 */
export function checkStack({ points, x: dimension }: SeriesData, stack: StackOffset, { findings }: ChartContext, isArea = false): void {
  if (stack === null || (stack === 'zero' && !isArea)) return
  const signs = new Map<string, number>()
  const mixed = points.find(({ x, y, series, panelRow, panelColumn }) => {
    const key = JSON.stringify([stack === 'zero' ? series : x, panelRow, panelColumn])
    const sign = Math.sign(y ?? 0)
    const before = signs.get(key)
    if (sign !== 0) signs.set(key, sign)
    return sign !== 0 && before === -sign
  })
  if (mixed === undefined) return
  const whole = stack === 'zero' ? mixed.series : categoryText(dimension.values[mixed.row])
  findings.add('STACK_NEGATIVE', `Of "${whole}" some amounts are above and some below zero.`, 'style')
}

/** Sizes below nothing. */
export function checkSizes({ column, values }: ChartColumn, { findings }: Pick<ChartContext, 'findings'>): void {
  const negative = values.find((value) => (toNumber(value) ?? 0) < 0)
  if (negative !== undefined) findings.add('SIZE_NEGATIVE', `"${column.name}" has values below zero: ${negative}.`, 'size')
}

/** Values that the domain of an axis leaves out; their marks are cut at its ends. */
export function checkDomain(style: Partial<AxisStyle>, values: readonly number[], context: ChartContext): void {
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = axisDomain(style) ?? {}
  const beyond = values.filter((value) => value < low || value > high).length
  if (beyond === 0) return
  context.isCut = true
  context.findings.add(
    'DOMAIN_CUTS',
    `${beyond} of ${values.length} values ${beyond === 1 ? 'lies' : 'lie'} beyond the ends of the axis.`,
    'style',
  )
}

/** Lengths from zero, on an axis that does not show it. */
export function checkLengths(style: Partial<AxisStyle>, { findings, bound }: ChartContext): void {
  const { low = 0, high = 0 } = axisDomain(style) ?? {}
  const name = bound.chart.type === 'area' ? 'areas' : 'bars'
  if (style.scale?.continuous?.type === 'log') findings.add('LOG_SCALE_LENGTHS', `The ${name} stand on a log scale.`, 'style')
  else if (low > 0 || high < 0) findings.add('DOMAIN_CUTS', `The axis leaves out zero, from which ${name} start.`, 'style')
}

/** Bars from one value to another are left out where one of the two is not known. */
export function withoutOpenBars<Bar extends { readonly y: number | null; readonly y0?: number | null; readonly row: number }>(
  bars: readonly Bar[],
  dimension: ChartColumn,
  { findings }: Pick<ChartContext, 'findings'>,
): Bar[] {
  const isOpen = ({ y, y0 }: Bar): boolean => y0 !== undefined && (y === null) !== (y0 === null)
  const names = [...new Set(bars.filter(isOpen).map(({ row }) => categoryText(dimension.values[row])))]
  if (names.length > 0) findings.add('OPEN_BAR', `No begin or no end, and left out: ${listNames(names)}.`)
  return bars.map((bar) => (isOpen(bar) ? { ...bar, y: null, y0: null } : bar))
}

/** Measures on one axis of which the small ones are flat. */
export function checkScales({ measures, points }: SeriesData, { findings }: ChartContext): void {
  if (measures.length < 2) return
  const largest = measures.map((_, index) =>
    Math.max(0, ...points.filter((_point, at) => at % measures.length === index).map(({ y }) => Math.abs(y ?? 0))),
  )
  const [high, low] = [greatestOf(largest), leastOf(largest.filter((size) => size > 0))]
  if (Number.isFinite(low) && high >= 100 * low) {
    const name = (size: number): string => measures[largest.indexOf(size)]?.column.name ?? ''
    findings.add('SCALE_MISMATCH', `"${name(high)}" is ${Math.round(high / low)} times as large as "${name(low)}".`)
  }
}
