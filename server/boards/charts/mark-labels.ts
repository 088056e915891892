import type { CartesianStyle } from '../../../contracts/v1/board/style.ts'
import type { ResolvedFormat } from '../formats/resolve-format.ts'
import type { ChartContext } from './chart-context.ts'
import { greatestOf } from './extent.ts'
import type { Spec } from './spec.ts'

export const hasLabels = (style: CartesianStyle['labels']): boolean =>
  typeof style === 'object' ? style.visible !== false : (style ?? false)

/** Numbers at the marks, when the style asks for them. */
export function markLabels(
  style: CartesianStyle['labels'],
  context: ChartContext,
  marks: {
    readonly format: ResolvedFormat | undefined
    readonly values: readonly number[]
    readonly isHorizontal: boolean
    /** The channel of a stack, in whose parts the numbers stand. */
    readonly stacked?: { readonly channel: 'x' | 'y'; readonly quantity: Spec }
    readonly expression: (format: ResolvedFormat | undefined) => string
  },
): Spec | undefined {
  if (!hasLabels(style)) return undefined
  const labels = typeof style === 'object' ? style : {}
  const format = context.format(labels.format, undefined, 'axis')
  const { isHorizontal, stacked } = marks
  const isStacked = stacked !== undefined
  const hasNegative = marks.values.some((value) => value < 0)
  const away = (positive: unknown, negative: unknown): unknown =>
    hasNegative ? { expr: `datum.y < 0 ? ${JSON.stringify(negative)} : ${JSON.stringify(positive)}` } : positive
  const place = isStacked
    ? { align: 'center', baseline: 'middle' }
    : isHorizontal
      ? { align: away('left', 'right'), baseline: 'middle', dx: away(5, -5) }
      : { align: 'center', baseline: away('bottom', 'top'), dy: away(-4, 4) }
  return {
    transform: [
      { filter: isStacked ? `abs(datum.y) >= ${0.06 * Math.max(0, greatestOf(marks.values.map(Math.abs)))}` : 'isValid(datum.y)' },
      { calculate: marks.expression(format), as: 'label' },
    ],
    mark: {
      type: 'text',
      ...place,
      fontSize: labels.font?.size ?? 11,
      fontWeight: 500,
      color: context.color(labels.font?.color, isStacked ? context.theme.card : context.theme.ink),
    },
    encoding: {
      ...(stacked !== undefined && { [stacked.channel]: { ...stacked.quantity, bandPosition: 0.5 } }),
      text: { field: 'label', type: 'nominal' },
      color: { value: context.color(labels.font?.color, isStacked ? context.theme.card : context.theme.ink) },
    },
  }
}
