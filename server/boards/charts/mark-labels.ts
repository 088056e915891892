import type { CartesianStyle } from '../../../contracts/v1/board/style.ts'
import type { Rows } from '../compiled-board.ts'
import { textWidth } from '../fonts/text-width.ts'
import { formatValue } from '../formats/format-value.ts'
import type { ResolvedFormat } from '../formats/resolve-format.ts'
import type { ChartContext } from './chart-context.ts'
import { cleanText, findColumn } from './chart-data.ts'
import { greatestOf } from './extent.ts'
import { fontSpec } from './font-spec.ts'
import { isRowMeant, renderRowText, rowNames } from './row-text.ts'
import type { Point } from './series.ts'
import type { Spec } from './spec.ts'

type Labels = CartesianStyle['labels']

/** Pixels. */
const labelHeight = 11

export const hasLabels = (style: Labels): boolean => (typeof style === 'object' ? style.visible !== false : (style ?? false))

/** Numbers at the marks, when the style asks for them. */
export function markLabels(
  style: Labels,
  context: ChartContext,
  marks: {
    readonly format: ResolvedFormat | undefined
    readonly values: readonly number[]
    readonly isHorizontal: boolean
    /** The channel of a stack, in whose parts the numbers stand. */
    readonly stacked?: { readonly channel: 'x' | 'y'; readonly quantity: Spec; readonly least: number }
    readonly expression: (format: ResolvedFormat | undefined) => string
  },
): Spec | undefined {
  if (!hasLabels(style)) return undefined
  const labels = typeof style === 'object' ? style : {}
  const format = context.format(labels.format, undefined, 'axis')
  const { stacked } = marks
  const ink = context.color(labels.font?.color, stacked === undefined ? context.theme.ink : context.theme.card)
  const isWritten = labels.template !== undefined || labels.field !== undefined || labels.where !== undefined
  const isMeant = isWritten ? 'isValid(datum.words)' : stacked === undefined ? 'isValid(datum.y)' : `abs(datum.y) >= ${stacked.least}`
  const words = labels.template === undefined && labels.field === undefined ? marks.expression(format) : 'datum.words'
  return {
    transform:
      stacked === undefined
        ? [{ filter: isMeant }, { calculate: words, as: 'label' }]
        : // A part without a number still bears those above it.
          [{ calculate: `${isMeant} ? (${words}) : ''`, as: 'label' }],
    mark: {
      type: 'text',
      ...placeOf(labels, marks),
      fontSize: labelHeight,
      fontWeight: 500,
      ...fontSpec(labels.font, '', context),
      color: ink,
    },
    encoding: {
      ...(stacked !== undefined && {
        [stacked.channel]: { ...stacked.quantity, bandPosition: labels.position === 'top' ? 1 : labels.position === 'bottom' ? 0 : 0.5 },
      }),
      text: { field: 'label', type: 'nominal' },
      color: { value: ink },
      tooltip: null,
    },
  }
}

/** Tells of labels at bars that stand closer than the labels are wide, or high where the bars lie. `room`: pixels from bar to bar. */
export function checkLabelRoom(
  style: Labels,
  points: readonly Point[],
  context: ChartContext,
  { room, isHorizontal, format }: { readonly room: number; readonly isHorizontal: boolean; readonly format: ResolvedFormat | undefined },
): void {
  if (!hasLabels(style) || points.length < 2) return
  const own = typeof style === 'object' ? context.format(style.format, undefined, 'axis') : undefined
  const write = formatValue(own ?? format, 'float', 'chart')
  const texts = new Set(points.flatMap(({ y, words }) => words ?? (y === null ? [] : write(y))))
  const needed = isHorizontal ? labelHeight : greatestOf([...texts].map((text) => textWidth(text, { size: labelHeight, weight: 500 })))
  if (needed > room)
    context.findings.add(
      'LABELS_COLLIDE',
      `The labels at the bars lie over each other: they take ${Math.ceil(needed)} pixels, and the bars stand ${Math.floor(room)} apart.`,
    )
}

interface Marks {
  readonly values: readonly number[]
  readonly isHorizontal: boolean
  readonly stacked?: unknown
}

/** Outside the end of a mark unless the style says another place. */
function placeOf({ position, dx, dy }: Extract<Labels, object>, { values, isHorizontal, stacked }: Marks): Spec {
  const hasNegative = values.some((value) => value < 0)
  const away = (positive: unknown, negative: unknown): unknown =>
    hasNegative ? { expr: `datum.y < 0 ? ${JSON.stringify(negative)} : ${JSON.stringify(positive)}` } : positive
  const isAtEdge = stacked !== undefined && (position === 'top' || position === 'bottom')
  const isCentred = (stacked !== undefined && !isAtEdge) || position === 'middle' || position === 'middle_aligned' || position === 'center'
  const isInside = position === 'top' || position === 'inside'
  const usual: Spec = isCentred
    ? { align: 'center', baseline: 'middle' }
    : position === 'left' || position === 'right'
      ? { align: position === 'left' ? 'right' : 'left', baseline: 'middle', dx: position === 'left' ? -7 : 7 }
      : isHorizontal
        ? isInside
          ? { align: away('right', 'left'), baseline: 'middle', dx: away(-5, 5) }
          : { align: away('left', 'right'), baseline: 'middle', dx: away(5, -5) }
        : isAtEdge && position === 'bottom'
          ? { align: 'center', baseline: away('bottom', 'top'), dy: away(-4, 4) }
          : position === 'bottom' || isInside
            ? { align: 'center', baseline: away('top', 'bottom'), dy: away(5, -5) }
            : { align: 'center', baseline: away('bottom', 'top'), dy: away(-4, 4) }
  return { ...usual, ...(dx !== undefined && { dx }), ...(dy !== undefined && { dy }) }
}

/** The points with what their labels say, where a template, another column or a condition decides it. */
export function labelPoints(style: Labels, points: readonly Point[], rows: Rows | undefined, context: ChartContext): readonly Point[] {
  if (typeof style !== 'object' || style.visible === false || rows === undefined) return points
  const { template, field, where } = style
  if (template === undefined && field === undefined && where === undefined) return points
  const column = field === undefined ? undefined : findColumn(rows, field, 'labels.field', context.findings)
  const write = column && formatValue(context.format(style.format, column), column.column.type, 'chart')
  return points.map((point) => {
    const names = rowNames(rows, point.row, { value: point.y })
    if (where !== undefined && !isRowMeant(where, names, context)) return point
    const words =
      template !== undefined ? renderRowText(template, names, context) : column === undefined ? '' : write?.(column.values[point.row])
    return words === undefined ? point : { ...point, words: cleanText(words) }
  })
}
