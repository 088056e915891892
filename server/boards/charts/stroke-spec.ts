import type { BorderStyle, StrokeStyle } from '../../../contracts/v1/board/style-parts.ts'
import type { ChartContext } from './chart-context.ts'
import type { Spec } from './spec.ts'

/** A line in the words of Vega. */
export function strokeSpec(stroke: StrokeStyle | undefined, context: ChartContext): Spec {
  if (stroke === undefined) return {}
  const { color, width, cap, join, dasharray } = typeof stroke === 'string' ? { color: stroke } : stroke
  return {
    ...(color !== undefined && { stroke: context.color(color, context.theme.ink) }),
    ...(width !== undefined && { strokeWidth: width }),
    ...(cap !== undefined && { strokeCap: cap }),
    ...(join !== undefined && { strokeJoin: join }),
    ...(dasharray !== undefined && { strokeDash: dasharray.split(/[ ,]+/).map(Number) }),
  }
}

/** The edge of a mark. */
export function borderSpec(border: BorderStyle | undefined, context: ChartContext): Spec {
  if (border === undefined) return {}
  if (typeof border === 'boolean') return border ? { stroke: context.theme.ink, strokeWidth: 1 } : { strokeWidth: 0 }
  const { color, width, dash_array: dash } = typeof border === 'string' ? { color: border } : border
  return {
    ...(color !== undefined && { stroke: context.color(color, context.theme.ink), strokeWidth: 1 }),
    ...(width !== undefined && { strokeWidth: width }),
    ...(dash !== undefined && { strokeDash: dash }),
  }
}
