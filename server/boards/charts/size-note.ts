import type { LegendStyle } from '../../../contracts/v1/board/style-axis.ts'
import { formatValue } from '../formats/format-value.ts'
import type { ResolvedFormat } from '../formats/resolve-format.ts'
import { columnLabel } from './chart-data.ts'
import { greatestOf, leastOf } from './extent.ts'

/** What the size of points says, in words under the title: circles to compare with would say no more. */
export function sizeNote(
  column: string,
  sizes: readonly (number | null | undefined)[],
  format: ResolvedFormat | undefined,
  legend: LegendStyle | undefined,
): string | undefined {
  const known = sizes.filter((size) => size != null)
  const isHidden = legend === false || (typeof legend === 'object' && (legend.visible === false || legend.position === 'none'))
  if (known.length === 0 || isHidden) return undefined
  const write = formatValue(format, 'float', 'chart')
  const [least, most] = [write(leastOf(known)), write(greatestOf(known))]
  return `Size: ${columnLabel(column)}, ${least === most ? most : `${least} to ${most}`}`
}
