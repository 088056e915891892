import type { CartesianChart } from '../../../contracts/v1/board/charts.ts'
import type { MarkStyle } from '../../../contracts/v1/board/style-marks.ts'
import { barWidth } from './bar-width.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { pointMark } from './point-mark.ts'
import type { Spec } from './spec.ts'
import { borderSpec, strokeSpec } from './stroke-spec.ts'

type LayerType = NonNullable<CartesianChart['layers']>[number]['type']

/** The mark of a layer. */
export function layerMark(
  type: LayerType,
  mark: MarkStyle | undefined,
  context: ChartContext,
  place: { readonly isHorizontal: boolean; readonly dimension: Spec; readonly count: number; readonly room: Room },
): Spec {
  const curve = mark?.interpolate ?? mark?.curve
  const stroke = {
    ...(curve !== undefined && { interpolate: curve }),
    ...(mark?.width !== undefined && { strokeWidth: mark.width }),
    ...(mark?.dash !== undefined && { strokeDash: mark.dash }),
    ...strokeSpec(mark?.stroke, context),
  }
  const opacity = mark?.opacity === undefined ? {} : { opacity: mark.opacity }
  if (type === 'scatter') return { type: 'point', ...pointMark(mark, context), size: mark?.size ?? 52 }
  if (type === 'line') return isSteps(mark, place.dimension) ? stepMark(place, mark) : { type: 'line', ...stroke, ...opacity }
  if (type === 'area') return { type: 'area', fillOpacity: mark?.opacity ?? 0.16, line: stroke }
  const padding = Number((place.dimension.scale as Spec | undefined)?.paddingInner ?? 0)
  return {
    type: 'bar',
    orient: place.isHorizontal ? 'horizontal' : 'vertical',
    ...opacity,
    ...(place.dimension.type !== 'ordinal' && { [place.isHorizontal ? 'height' : 'width']: barOnLine(place.count, place.room) }),
    ...barWidth(mark, padding, place.isHorizontal, 0),
    ...((mark?.radius ?? mark?.corner_radius) !== undefined && { cornerRadiusEnd: mark?.radius ?? mark?.corner_radius }),
    ...strokeSpec(mark?.stroke, context),
    ...borderSpec(mark?.border, context),
  }
}

/** The width of bars on a continuous axis, which has no steps: a part of the room that each has, in pixels. */
export const barOnLine = (count: number, room: Room): number => Math.max(2, Math.min(64, (0.6 * (room.width - 100)) / Math.max(1, count)))

/** Steps over categories that are not joined: a short line on each. */
const isSteps = (mark: MarkStyle | undefined, dimension: Spec): boolean =>
  mark?.connect === false && (mark.curve ?? mark.interpolate) === 'step' && dimension.type === 'ordinal'

function stepMark({ isHorizontal, dimension, room }: Parameters<typeof layerMark>[3], mark: MarkStyle | undefined): Spec {
  const count = ((dimension.scale as Spec | undefined)?.domain as readonly unknown[] | undefined)?.length ?? 1
  const step = (isHorizontal ? room.height : room.width) / Math.max(1, count)
  const width = typeof mark?.stroke === 'object' ? mark.stroke.width : mark?.width
  return { type: 'tick', orient: isHorizontal ? 'vertical' : 'horizontal', size: Math.round(step * 0.75), thickness: width ?? 2.25 }
}
