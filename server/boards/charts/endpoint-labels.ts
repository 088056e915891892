import type { ChartOf } from '../../../contracts/v1/board/charts.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import { textWidth } from '../fonts/text-width.ts'
import { axisStyle } from './axes.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import type { Point, SeriesData } from './series.ts'
import type { Spec } from './spec.ts'
import type { StackOffset } from './stack-offset.ts'
import { labelSize } from './vega-config.ts'

const line = 14
/** What the axis below the plot takes of its height. */
const axisHeight = 50
const widest = 150
/** From the end of a line to its name. */
const away = 8

/** Names at the ends of lines, and the width that they take of the room; none has the legend stay. */
export interface EndpointLabels {
  readonly layers: readonly Spec[]
  readonly width: number
}

const none: EndpointLabels = { layers: [], width: 0 }

/**
 * The names of the series at the ends of their lines or bands, in place of a legend. Names that would meet are moved apart, and stay
 * beside the plot; where they have no room there, none is drawn.
 * @param isReversed the largest values are at the foot of the plot.
 */
export function endpointLabels(
  chart: ChartOf<'line' | 'area'>,
  data: SeriesData,
  {
    colors,
    room,
    isReversed,
    stack,
    context,
  }: { colors: readonly string[]; room: Room; isReversed: boolean; stack: StackOffset; context: ChartContext },
): EndpointLabels {
  const asked = chart.style?.endpoint_labels
  const isAsked = typeof asked === 'object' ? asked.visible !== false : asked === true
  if (!isAsked || data.series.length === 0) return none
  const { findings } = context
  const isPlain = stack === null || (stack === 'zero' && data.points.every(({ y }) => (y ?? 0) >= 0))
  const taken =
    chart.multiples !== undefined
      ? 'on small multiples'
      : hasRightAxis(chart)
        ? 'beside an axis at the right'
        : isPlain
          ? undefined
          : 'at stacks that do not stand on zero'
  if (taken !== undefined) {
    findings.add('STYLE_NOT_APPLIED', `endpoint_labels are not drawn ${taken}.`)
    return none
  }
  const lasts = data.series.flatMap((name, index) => {
    const own = data.points.filter((point) => point.series === name && point.y !== null && point.x !== null)
    const last = data.xKind === 'category' ? own.at(-1) : own.toSorted((left, right) => Number(left.x) - Number(right.x)).at(-1)
    return last === undefined ? [] : [{ name, color: colors[index] as string, point: last }]
  })
  const ends = stack === null ? lasts : middlesOf(lasts)
  if (ends.length < lasts.length) {
    findings.add('STYLE_NOT_APPLIED', 'endpoint_labels are not drawn where a band ends before the others.')
    return none
  }
  if (ends.length * line > room.height - axisHeight) {
    findings.add(
      'LABELS_COLLIDE',
      `${ends.length} ${ends.length === 1 ? 'name has' : 'names have'} no room at the ends of the lines; the legend stays.`,
    )
    return none
  }
  const font = { size: labelSize, weight: 500 }
  const limit = Math.min(widest, room.width / 3)
  const downwards = ends.toSorted((left, right) => ((right.point.y as number) - (left.point.y as number)) * (isReversed ? -1 : 1))
  const offsets = offsetsOf(downwards.map(({ point }) => point.y as number))
  const texts = downwards.map(({ name }) => ellipsize(name, limit, font))
  if (downwards.some(({ name }, index) => name !== texts[index]))
    findings.add('TEXT_TRUNCATED', 'Names are longer than there is room for at the ends of the lines.')
  const layers = downwards.map(({ color, point }, index) => ({
    data: { values: [point] },
    mark: {
      type: 'text',
      align: 'left',
      baseline: 'middle',
      dx: away,
      dy: { expr: offsets[index] },
      text: texts[index],
      fontSize: font.size,
      fontWeight: font.weight,
    },
    encoding: { color: { value: color }, tooltip: null },
  }))
  return { layers, width: away + Math.max(0, ...texts.map((text) => textWidth(text, font))) }
}

/** The middle of each band where the stack ends; a band that ended before has none. */
function middlesOf<End extends { readonly point: Point }>(lasts: readonly End[]): End[] {
  const last = lasts.reduce<Point['x']>((x, { point }) => (typeof point.x === 'number' && Number(x) > point.x ? x : point.x), null)
  let base = 0
  return lasts.flatMap((end) => {
    if (end.point.x !== last) return []
    const height = end.point.y ?? 0
    base += height
    return { ...end, point: { ...end.point, y: base - height / 2 } }
  })
}

const hasRightAxis = ({ layers, style }: ChartOf<'line' | 'area'>): boolean => {
  const { position, mirror } = axisStyle(style, 'y', 'quantitative')
  return position === 'right' || Boolean(mirror) || layers?.some(({ axis_y: axis }) => axis?.position === 'right') === true
}

/**
 * How far each name is moved from the end of its line, as Vega expressions: only Vega knows where the values stand. From the
 * highest down, each stands a line below the one before it, or at its own end, and leaves those below it their lines.
 */
const offsetsOf = (values: readonly number[]): string[] =>
  values.map((value, index) => {
    const pushed = values.slice(0, index + 1).map((above, at) => `scale('y', ${above}) + ${(index - at) * line}`)
    return `min(max(${pushed.join(', ')}), height - ${(values.length - 1 - index) * line}) - scale('y', ${value})`
  })
