import type { ResolvedFormat } from '../formats/resolve-format.ts'

/**
 * A Vega expression that writes a number on an axis or a mark. Ticks below 100,000 stay plain; larger ones take a prefix,
 * with B for d3's G.
 * @param largest the largest size on the axis: all ticks of an axis are written alike.
 * @param step about how far apart they are, so that no two read the same.
 */
export function numberExpression(format: ResolvedFormat | undefined, largest: number, value = 'datum.value', step = largest): string {
  const written = plainExpression(format, largest, value, step)
  const { prefix = '', suffix = '' } = format ?? {}
  return prefix === '' && suffix === '' ? written : `${JSON.stringify(prefix)} + ${written} + ${JSON.stringify(suffix)}`
}

/** Digits past which a number with a prefix is harder to read than the whole number. */
const mostDigits = 5

function plainExpression(format: ResolvedFormat | undefined, largest: number, value: string, step: number): string {
  const spec = format?.spec ?? '.3~s'
  const currency = /^\$?\.\d~s$/.test(spec) ? (spec.startsWith('$') ? '$' : '') : undefined
  // Ticks are round: 20 %, not 20.0 %.
  const written = format?.alias !== undefined && value === 'datum.value' ? spec.replace(/%$/, '~%') : spec
  if (currency === undefined) return `format(${value}, ${JSON.stringify(written)})`
  const isClose = step > 0 && step < largest
  const digits = isClose ? Math.ceil(Math.log10(largest / step)) + 1 : 0
  const decimals = isClose ? Math.min(15, Math.max(0, Math.ceil(-Math.log10(step)))) : 0
  if (largest >= 1e15 || (largest > 0 && largest < 1e-3))
    return `replace(format(${value}, "${currency}.${Math.min(15, Math.max(3, digits))}~g"), "e+", "e")`
  if (largest < 1e5) return `format(${value}, "${currency},.${value === 'datum.value' ? Math.max(6, decimals) : labelDecimals(largest)}~f")`
  if (digits > mostDigits) return `format(${value}, "${currency},.${decimals}~f")`
  return `replace(format(${value}, "${currency}.${Math.max(value === 'datum.value' ? 4 : 3, digits)}~s"), "G", "B")`
}

/** Decimals of a number that is written on a mark: three digits of the largest tell it, and one more where they are tenths. */
const labelDecimals = (largest: number): number =>
  largest === 0 || largest >= 1000 ? 0 : Math.min(6, Math.max(1, 2 - Math.floor(Math.log10(largest))))

/** The d3 format of a tooltip: as finely as the numbers deserve, where the axis is short. */
export function tooltipFormat(format: ResolvedFormat | undefined): string {
  const spec = format?.spec ?? ',.4~f'
  return /^\$?\.\d~s$/.test(spec) ? (spec.startsWith('$') ? '$,.2f' : ',.4~f') : spec
}

/** The least step of ticks that the format can tell apart. */
export function tickMinStep(format: ResolvedFormat | undefined, isWhole: boolean): number | undefined {
  const decimals = /\.(\d+)([f%])$/.exec(format?.spec ?? '')
  if (decimals !== null) return 10 ** -(Number(decimals[1]) + (decimals[2] === '%' ? 2 : 0))
  return isWhole || /d$/.test(format?.spec ?? '') ? 1 : undefined
}
