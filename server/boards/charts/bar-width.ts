import type { MarkStyle } from '../../../contracts/v1/board/style-marks.ts'
import type { Spec } from './spec.ts'

/** The width of bars where the style gives it: a share of their step, or pixels. */
export function barWidth(bar: MarkStyle | undefined, padding: number, isHorizontal: boolean, overlap: number): Spec {
  const side = isHorizontal ? 'height' : 'width'
  if (bar?.size !== undefined) return { [side]: bar.size }
  if (bar?.width !== undefined) return { [side]: bar.width }
  if (bar?.band_width !== undefined) return { [side]: { band: bar.band_width / (1 - padding) } }
  return overlap > 0 ? { [side]: { band: 1 / (1 - overlap) } } : {}
}
