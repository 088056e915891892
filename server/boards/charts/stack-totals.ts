import type { MarkStyle } from '../../../contracts/v1/board/style-marks.ts'
import type { ResolvedFormat } from '../formats/resolve-format.ts'
import type { ChartContext } from './chart-context.ts'
import { fontSpec } from './font-spec.ts'
import { numberExpression } from './number-expression.ts'
import type { Point } from './series.ts'
import type { Spec } from './spec.ts'

export const hasTotals = (bar: MarkStyle | undefined): boolean => bar?.total_label !== undefined && bar.total_label.visible !== false

/** The sum of each stack above it, when the style asks for it. */
export function stackTotals(
  points: readonly Point[],
  style: MarkStyle['total_label'],
  context: ChartContext,
  { format, along, isHorizontal }: { readonly format: ResolvedFormat | undefined; readonly along: Spec; readonly isHorizontal: boolean },
): Spec | undefined {
  if (style === undefined || style.visible === false) return undefined
  const sums = new Map<string, { readonly point: Point; y: number; top: number }>()
  for (const point of points) {
    const key = JSON.stringify([point.x, point.panelRow, point.panelColumn])
    const sum = sums.get(key) ?? { point, y: 0, top: 0 }
    sum.y += point.y ?? 0
    sum.top += Math.max(0, point.y ?? 0)
    sums.set(key, sum)
  }
  const values = [...sums.values()].map(({ point: { series: _series, order: _order, ...point }, y, top }) => ({ ...point, y, top }))
  const largest = Math.max(0, ...values.map(({ y }) => Math.abs(y)))
  const own = context.format(style.format, undefined, 'axis') ?? format
  return {
    data: { values },
    transform: [{ calculate: numberExpression(own, largest, 'datum.y'), as: 'label' }],
    mark: {
      type: 'text',
      ...(isHorizontal ? { align: 'left', baseline: 'middle', dx: 5 } : { align: 'center', baseline: 'bottom', dy: -4 }),
      ...(style.dx !== undefined && { dx: style.dx }),
      ...(style.dy !== undefined && { dy: style.dy }),
      fontSize: 11,
      fontWeight: 600,
      ...fontSpec(style.font, '', context),
    },
    encoding: {
      [isHorizontal ? 'y' : 'x']: along,
      [isHorizontal ? 'x' : 'y']: { field: 'top', type: 'quantitative', stack: null },
      text: { field: 'label', type: 'nominal' },
      color: { value: context.color(style.font?.color, context.theme.ink) },
      order: null,
      tooltip: null,
    },
  }
}
