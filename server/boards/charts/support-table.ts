import type { CartesianChart } from '../../../contracts/v1/board/charts.ts'
import type { Format } from '../../../contracts/v1/board/formats.ts'
import type { Rows } from '../compiled-board.ts'
import { textWidth } from '../fonts/text-width.ts'
import { formatValue } from '../formats/format-value.ts'
import { noValue } from '../formats/number-text.ts'
import { toNumber } from '../formats/value-kind.ts'
import { measureFormat } from './axes.ts'
import type { Room } from './cartesian.ts'
import type { ChartContext } from './chart-context.ts'
import { type ChartColumn, categoryText, columnLabel, findColumn } from './chart-data.ts'
import { fontSpec } from './font-spec.ts'
import type { Point, SeriesData } from './series.ts'
import type { Spec } from './spec.ts'

type Table = NonNullable<CartesianChart['support_table']>
type Entry = Extract<Table, readonly unknown[]>[number]

/** A line of the table: what stands at its head, and its text for each place of the axis. */
interface Line {
  readonly label: string
  readonly texts: ReadonlyMap<string, string>
}

const lineHeight = 18
const below = { base: 44, first: 14 }

/** The entries of a support table, however it is written. */
export const supportEntries = (chart: CartesianChart): readonly Entry[] => {
  const table = chart.support_table
  return table === undefined ? [] : Array.isArray(table) ? table : table.entries
}

/** Numbers in line with the places of the axis, above or below the plot; beside it when the bars lie. */
export function withSupportTable(chart: CartesianChart, view: Spec, data: SeriesData, rows: Rows, context: ChartContext, room: Room): Spec {
  const inner = innermost(view)
  const encoding = inner.encoding as Record<string, Spec>
  const isHorizontal = encoding.x?.field !== 'x'
  const isStacked = encoding[isHorizontal ? 'x' : 'y']?.stack != null
  const lines = supportEntries(chart).flatMap((entry) => linesOf(entry, chart, data, rows, isStacked, context))
  const along = encoding[isHorizontal ? 'y' : 'x'] as Spec
  const places = placesOf(data.points, along)
  if (lines.length === 0 || places.length === 0) return view
  const style = chart.style?.support_table
  const isBelow = style?.position === 'bottom'
  const shownTexts = lines.flatMap(({ label, texts }) => [...texts.values(), ...(isHorizontal ? [label] : [])])
  const widest = Math.max(...shownTexts.map((text) => textWidth(text, { size: 11 }))) + 10
  const step = isHorizontal ? 1 : Math.max(1, Math.ceil((places.length * widest) / Math.max(1, room.width - 100)))
  if (step > 1) context.findings.add('LABELS_COLLIDE', `The support table shows every ${step}. place of the axis.`)
  const shown = places.filter((_, index) => index % step === 0)
  const away = (index: number): unknown =>
    isHorizontal
      ? { expr: `width + ${12 + (index + 1) * widest}` }
      : isBelow
        ? { expr: `height + ${below.base + index * lineHeight}` }
        : -below.first - (lines.length - 1 - index) * lineHeight
  const strip = lines.map((line, index) => lineSpec(line, index))

  function lineSpec({ label, texts }: Line, index: number): Spec {
    const across = isHorizontal ? 'x' : 'y'
    const font = fontSpec(style?.font, '', context)
    const ink = context.ink(style?.font?.color, context.theme.ink)
    const { axis: _axis, ...dimension } = along
    return {
      layer: [
        {
          data: { values: shown.map((x) => ({ x, words: texts.get(String(x)) ?? noValue })) },
          mark: { type: 'text', fontSize: 11, align: isHorizontal ? 'right' : 'center', baseline: 'middle', ...font, tooltip: null },
          encoding: {
            [isHorizontal ? 'y' : 'x']: { ...dimension, axis: null },
            [across]: { value: away(index) },
            text: { field: 'words', type: 'nominal' },
            color: { value: ink },
          },
        },
        {
          data: { values: [{}] },
          mark: {
            type: 'text',
            fontSize: 11,
            text: label,
            align: 'right',
            baseline: isHorizontal ? 'bottom' : 'middle',
            ...fontSpec(style?.label?.font ?? style?.font, '', context),
            tooltip: null,
          },
          encoding: {
            x: { value: isHorizontal ? away(index) : along.type === 'ordinal' ? -10 : -widest / 2 },
            y: { value: isHorizontal ? -4 : away(index) },
            color: { value: context.ink(style?.label?.font?.color, context.theme.muted) },
          },
        },
      ],
    }
  }

  const lifted = isHorizontal ? lineHeight : isBelow ? 0 : lines.length * lineHeight + 8
  const { note, ...plot } = view
  return {
    layer: [lifted === 0 ? plot : lift(plot, lifted), ...strip],
    resolve: { axis: { x: 'independent', y: 'independent' } },
    ...(note !== undefined && { note }),
  }
}

/** Legends and titles of axes above the plot make room for the table. */
function lift(view: Spec, by: number): Spec {
  const encoding = view.encoding as Record<string, Spec> | undefined
  const layers = view.layer as readonly Spec[] | undefined
  return {
    ...view,
    ...(encoding !== undefined && {
      encoding: Object.fromEntries(Object.entries(encoding).map(([key, channel]) => [key, liftChannel(channel, by)])),
    }),
    ...(layers !== undefined && { layer: layers.map((layer) => lift(layer, by)) }),
  }
}

function liftChannel(channel: Spec | null, by: number): Spec | null {
  if (channel === null) return null
  const legend = channel.legend as Spec | null | undefined
  const axis = channel.axis as Spec | null | undefined
  return {
    ...channel,
    ...(legend?.orient === 'top' && { legend: { ...legend, offset: Number(legend.offset ?? 14) + by } }),
    ...(typeof axis?.titleY === 'number' && { axis: { ...axis, titleY: axis.titleY - by } }),
  }
}

/** The view that the scales are those of. */
const innermost = (view: Spec): Spec => (view.encoding === undefined ? innermost((view.layer as readonly Spec[])[0] as Spec) : view)

/** The places of the axis in its order, each once. */
function placesOf(points: readonly Point[], along: Spec): (string | number)[] {
  const domain = (along.scale as Spec | undefined)?.domain as readonly (string | number)[] | undefined
  const places = [...new Set(points.map(({ x }) => x ?? noValue))]
  if (along.type === 'ordinal' && domain !== undefined) return domain.filter((x) => places.includes(x))
  return places.filter((x) => typeof x === 'number').sort((left, right) => Number(left) - Number(right))
}

type Block = Exclude<Entry, string>

function linesOf(written: Entry, chart: CartesianChart, data: SeriesData, rows: Rows, isStacked: boolean, context: ChartContext): Line[] {
  const entry: Block = typeof written === 'string' ? { source: written } : written
  const measures = data.measures.map(({ column }) => column.name)
  const own = sourceOf(entry, chart)
  const isPerSeries = entry.per_series !== undefined && entry.by_measure !== true && data.series.length > 0
  const lineOf = (name: string, label: string, isMeant: (point: Point) => boolean): Line[] => {
    const column = findColumn(rows, name, 'support_table', context.findings)
    if (column === undefined) return []
    const asked: Format | undefined = entry.format ?? (chart.y === name ? measureFormat(chart.style) : undefined)
    const write = formatValue(context.format(asked, column), column.column.type, 'chart')
    const isCount = entry.aggregate === 'count' || entry.aggregate === 'count_distinct'
    // The height of a stack is the sum of its parts.
    const usual = isStacked && !isPerSeries && measures.includes(name) ? 'sum' : undefined
    const kind = entry.aggregate ?? usual
    const textOf = (values: readonly unknown[]): string => {
      if (kind === undefined && new Set(values.map(categoryText)).size > 1) {
        const fix = isPerSeries || data.series.length === 0 ? 'an aggregate' : 'an aggregate, or per_series'
        context.findings.add(
          'DUPLICATE_ROWS',
          `support_table shows … where "${name}" has several values.`,
          'support_table',
          `Name ${fix} in support_table.`,
        )
        return '…'
      }
      const value = kind === undefined ? values[0] : aggregate(kind, values)
      return value === undefined || value === null ? noValue : isCount && asked === undefined ? String(value) : write(value)
    }
    const placed = Map.groupBy(data.points, ({ x }) => String(x ?? noValue))
    return [
      {
        label,
        texts: new Map(
          [...placed].map(([x, points]) => {
            const meant = new Set(points.filter(isMeant).map(({ row }) => row))
            return [x, textOf([...meant].map((row) => column.values[row]))]
          }),
        ),
      },
    ]
  }
  if (!isPerSeries) {
    const name = own ?? measures[0] ?? ''
    return lineOf(name, entry.label ?? columnLabel(name), () => true)
  }
  // Where measures make the series, each has a column of its own.
  return data.series.flatMap((series, index) =>
    lineOf(own ?? measures[index % measures.length] ?? '', series, (point) => point.series === series),
  )
}

/** The column that an entry shows, where it names one; `per_series` may name the column that makes the series instead. */
const sourceOf = ({ source, per_series: each }: Block, chart: CartesianChart): string | undefined =>
  source ?? (typeof each === 'string' && each !== chart.color ? each : undefined)

function aggregate(kind: NonNullable<Exclude<Entry, string>['aggregate']>, values: readonly unknown[]): number | null {
  const present = values.filter((value) => value !== null && value !== undefined)
  if (kind === 'count') return present.length
  if (kind === 'count_distinct') return new Set(present.map(categoryText)).size
  const numbers = present.flatMap((value) => toNumber(value) ?? []).sort((left, right) => left - right)
  if (numbers.length === 0) return null
  if (kind === 'min') return numbers[0] as number
  if (kind === 'max') return numbers.at(-1) as number
  const sum = numbers.reduce((total, number) => total + number, 0)
  if (kind === 'sum') return sum
  if (kind === 'avg') return sum / numbers.length
  const middle = (numbers.length - 1) / 2
  return ((numbers[Math.floor(middle)] as number) + (numbers[Math.ceil(middle)] as number)) / 2
}

/** Lines that a table has, for the height of the chart. */
export const supportLines = (chart: CartesianChart, color: ChartColumn['values']): number => {
  const measures = Array.isArray(chart.y) ? chart.y.length : 1
  const series = (new Set(color.map(categoryText)).size || 1) * measures
  return supportEntries(chart).reduce(
    (count, entry) => count + (typeof entry === 'object' && entry.per_series !== undefined && entry.by_measure !== true ? series : 1),
    0,
  )
}
