import type { Format } from '../../../contracts/v1/board/formats.ts'
import { chartTexts, textsOf } from '../board-texts.ts'
import type { ChartContext } from './chart-context.ts'
import type { ChartColumn } from './chart-data.ts'
import { greatestOf, leastOf } from './extent.ts'
import { missingFormat } from './missing-format.ts'
import type { SeriesData } from './series.ts'

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
