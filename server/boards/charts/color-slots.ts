import type { BoardStyle } from '../../../contracts/v1/board/style.ts'
import { entryOf } from '../../yaml/schema-at.ts'
import type { BoundChart } from '../compiled-board.ts'
import { categoryText } from './chart-data.ts'
import { type OwnPalettes, resolveColor } from './color-tokens.ts'
import type { Theme } from './theme.ts'

/** Column to value to colour. */
export type ColorSlots = ReadonlyMap<string, ReadonlyMap<string, string>>

type Pins = NonNullable<NonNullable<BoardStyle['charts']>['category_colors']>

/**
 * Gives every value of a column that colours two charts or more one colour in all of them, in order of appearance; colours
 * that the board pins come first.
 */
export function assignColorSlots(charts: Iterable<BoundChart>, theme: Theme, pins: Pins = {}, palettes: OwnPalettes = {}): ColorSlots {
  const uses = new Map<string, { charts: number; values: Set<string> }>()
  for (const { chart, rows } of charts) {
    const field = colorField(chart)
    const index = rows?.columns.findIndex((column) => column.name === field) ?? -1
    if (field === undefined || rows === undefined || index === -1) continue
    const use = uses.get(field) ?? { charts: 0, values: new Set() }
    uses.set(field, use)
    use.charts++
    for (const row of rows.rows) use.values.add(categoryText(row[index]))
  }
  const slots = new Map<string, ReadonlyMap<string, string>>()
  for (const field of new Set([...Object.keys(pins), ...uses.keys()])) {
    const pinned = new Map<string, string>()
    for (const [value, token] of Object.entries(entryOf(pins, field)?.values ?? {})) {
      const color = resolveColor(token, theme, palettes)
      if (color !== undefined) pinned.set(value, color)
    }
    const use = uses.get(field)
    const isShared = use !== undefined && use.charts > 1
    if (isShared || pinned.size > 0) slots.set(field, colorValues(isShared ? [...use.values] : [], theme.category, pinned))
  }
  return slots
}

/** Colours for values: those that are known, then the palette in order without what is taken, round and round. */
export function colorValues(
  values: readonly string[],
  palette: readonly string[],
  known: ReadonlyMap<string, string>,
): Map<string, string> {
  const taken = new Set(known.values())
  const free = palette.filter((color) => !taken.has(color))
  const rest = free.length === 0 ? palette : free
  const colors = new Map(known)
  let next = 0
  for (const value of values) {
    if (!colors.has(value)) colors.set(value, rest[next++ % rest.length] as string)
  }
  return colors
}

const colorField = (chart: BoundChart['chart']): string | undefined =>
  'color' in chart && chart.type !== 'heatmap' ? chart.color : undefined
