import type { MarkStyle } from '../../../contracts/v1/board/style-marks.ts'
import type { ChartContext } from './chart-context.ts'
import type { Spec } from './spec.ts'
import { strokeSpec } from './stroke-spec.ts'

/** The look of points; `usual` is what they have when the style says nothing. */
export function pointMark(style: MarkStyle | undefined, context: ChartContext, usual: Spec = {}): Spec {
  const { color, opacity, shape, filled: isFilled = true, fill, stroke, stroke_width: width } = style ?? {}
  return {
    filled: isFilled,
    ...usual,
    ...(color !== undefined && { color: context.color(color, context.theme.accent) }),
    ...(opacity !== undefined && { opacity }),
    ...(shape !== undefined && { shape: shape === 'triangle' ? 'triangle-up' : shape }),
    ...(!isFilled && fill !== undefined && { fill: context.color(fill, context.theme.card) }),
    ...strokeSpec(stroke, context),
    ...(width !== undefined && { strokeWidth: width }),
  }
}
