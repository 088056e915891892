import type { BoardStyle, CartesianStyle } from '../../../contracts/v1/board/style.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import type { BoundChart } from '../compiled-board.ts'
import { categoryText } from './chart-data.ts'
import { type OwnPalettes, resolveColor, resolvePalette } from './color-tokens.ts'
import type { Theme } from './theme.ts'

/** Value to colour, by `slotKey`. */
export type ColorSlots = ReadonlyMap<string, ReadonlyMap<string, string>>

type Pins = NonNullable<NonNullable<BoardStyle['charts']>['category_colors']>
type Palette = string | readonly string[] | undefined

/** Charts share the colours of a column when they take them from the same palette; undefined is that of the theme. */
export const slotKey = (column: string, palette?: Palette): string => JSON.stringify([column, palette])

/**
 * Gives every value of a column that colours two charts or more one colour in all of them, in order of appearance; colours
 * that the board pins come first.
 */
export function assignColorSlots(charts: Iterable<BoundChart>, theme: Theme, pins: Pins = {}, palettes: OwnPalettes = {}): ColorSlots {
  const uses = new Map<string, { field: string; palette: Palette; charts: number; values: Set<string> }>()
  for (const { chart, rows } of charts) {
    const field = colorField(chart)
    const index = rows?.columns.findIndex((column) => column.name === field) ?? -1
    if (field === undefined || rows === undefined || index === -1) continue
    const palette = ownPalette(chart)
    const key = slotKey(field, palette)
    const use = uses.get(key) ?? { field, palette, charts: 0, values: new Set() }
    uses.set(key, use)
    use.charts++
    for (const row of rows.rows) use.values.add(categoryText(row[index]))
  }
  for (const field of Object.keys(pins)) {
    const key = slotKey(field)
    if (!uses.has(key)) uses.set(key, { field, palette: undefined, charts: 0, values: new Set() })
  }
  const slots = new Map<string, ReadonlyMap<string, string>>()
  for (const [key, { field, palette, charts: count, values }] of uses) {
    const pinned = new Map<string, string>()
    for (const [value, token] of Object.entries(entryOf(pins, field)?.values ?? {})) {
      const color = resolveColor(token, theme, palettes)
      if (color !== undefined) pinned.set(value, color)
    }
    const colors = (palette === undefined ? undefined : resolvePalette(palette, theme, palettes)) ?? theme.category
    if (count > 1 || pinned.size > 0) slots.set(key, colorValues(count > 1 ? [...values] : [], colors, pinned))
  }
  return slots
}

const ownPalette = ({ style }: BoundChart['chart']): Palette => {
  const color = style !== undefined && 'color' in style ? style.color : undefined
  return (color as CartesianStyle['color'])?.categorical?.palette
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
