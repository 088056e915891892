import type { AxisStyle } from '../../../contracts/v1/board/style-axis.ts'
import type { ResolvedFormat } from '../formats/resolve-format.ts'
import type { ChartContext } from './chart-context.ts'
import { numberExpression } from './number-expression.ts'
import type { Spec } from './spec.ts'

const opposite: Readonly<Record<string, string>> = { left: 'right', right: 'left', top: 'bottom', bottom: 'top' }

/** The axis of a measure once more on the other side, when its style asks for it. */
export function mirrorAxis(
  view: Spec,
  channel: 'x' | 'y',
  style: Partial<AxisStyle>,
  context: ChartContext,
  { format, largest }: { readonly format: ResolvedFormat | undefined; readonly largest: number },
): Spec {
  if (!style.mirror) return view
  const encoding = view.encoding as Readonly<Record<string, Spec>>
  const quantity = encoding[channel] as Spec
  const axis = quantity.axis as Spec
  const own = typeof style.mirror === 'object' ? context.format(style.mirror.format, undefined, 'axis') : undefined
  const other = {
    ...axis,
    orient: opposite[String(axis.orient ?? (channel === 'y' ? 'left' : 'bottom'))],
    title: null,
    grid: false,
    labelExpr: numberExpression(own ?? format, largest),
  }
  const [first, ...rest] = view.layer as readonly Spec[]
  const withAxis = (layer: Spec | undefined, shown: Spec): Spec => ({
    ...layer,
    encoding: { ...(layer?.encoding as object | undefined), [channel]: { ...quantity, axis: shown } },
  })
  return {
    ...view,
    encoding: { ...encoding, [channel]: { ...quantity, axis: null } },
    layer: [withAxis(first, axis), withAxis({ mark: { type: 'point', opacity: 0, tooltip: null } }, other), ...rest],
    resolve: { axis: { [channel]: 'independent' } },
  }
}
