import { formatNumber } from '../formats/number-text.ts'
import { toNumber } from '../formats/value-kind.ts'
import type { ChartContext } from './chart-context.ts'
import { type ChartColumn, categoryText, columnLabel } from './chart-data.ts'

export interface Slice {
  readonly name: string
  readonly value: number
  readonly share: number
  readonly order: number
  readonly row: number
}

/** Adds up the slices of each name, in row order. Undefined after a finding that keeps the pie from being drawn. */
export function readSlices(
  theta: ChartColumn,
  color: ChartColumn | undefined,
  order: readonly number[],
  { findings }: ChartContext,
): Slice[] | undefined {
  const sums = new Map<string, { value: number; row: number }>()
  let repeated = 0
  for (const row of order) {
    const value = toNumber(theta.values[row])
    if (value === undefined) continue
    const name = color === undefined ? columnLabel(theta.column.name) : categoryText(color.values[row])
    const known = sums.get(name)
    if (known !== undefined) repeated++
    sums.set(name, { value: (known?.value ?? 0) + value, row: known?.row ?? row })
    if (value < 0) {
      findings.add('PIE_NEGATIVE_SLICE', `"${name}" is ${value}.`)
      return undefined
    }
  }
  if (repeated > 0)
    findings.add(
      'DUPLICATE_ROWS',
      `${repeated} ${repeated === 1 ? 'row falls' : 'rows fall'} on a slice that another row has; what falls together is added up.`,
      '',
      'Aggregate in the query.',
    )
  const total = [...sums.values()].reduce((sum, { value }) => sum + value, 0)
  if (total === 0) {
    findings.add('ZERO_ROWS', 'All slices are zero or null.')
    return undefined
  }
  const slices = [...sums].map(([name, { value, row }], index) => ({ name, value, share: value / total, order: index, row }))
  const dominant = slices.find(({ share }) => share > 0.9)
  if (slices.length > 6) findings.add('PIE_TOO_MANY_SLICES', `The pie has ${slices.length} slices.`)
  if (dominant !== undefined && slices.length > 1)
    findings.add('PIE_DOMINANT_SLICE', `"${dominant.name}" is ${formatNumber(dominant.share, '.0%')} of the pie.`)
  return slices
}
