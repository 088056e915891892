import type { AxisStyle } from '../../../contracts/v1/board/style-axis.ts'
import { toNumber, toTime } from '../formats/value-kind.ts'

/** The ends that a style gives an axis, numbers or ISO dates; the larger first turns the axis round. */
export function axisDomain({
  scale,
}: Partial<AxisStyle>): { readonly low: number | undefined; readonly high: number | undefined; readonly isReversed: boolean } | undefined {
  const asked = scale?.continuous?.domain ?? scale?.domain
  if (asked === undefined) return undefined
  const [from, to] = asked.map((end) => toNumber(end) ?? toTime(end))
  const isReversed = from !== undefined && to !== undefined && from > to
  return isReversed ? { low: to, high: from, isReversed } : { low: from, high: to, isReversed }
}
