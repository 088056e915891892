import type { ColumnStyle } from '../../../contracts/v1/board/style.ts'
import { toNumber } from '../formats/value-kind.ts'
import type { ChartContext } from './chart-context.ts'
import type { CellLook } from './conditional-format.ts'
import { mixColors, textOn } from './contrast.ts'
import { greatestOf, leastOf } from './extent.ts'

type Scale = NonNullable<NonNullable<ColumnStyle['scale']>['background']>

/** Shades cells by their number, and sets their text in whichever of black and white reads better on the shade. */
export function scaleBackground(scale: Scale | undefined, values: readonly unknown[], context: ChartContext): (value: unknown) => CellLook {
  if (scale === undefined) return () => ({})
  const numbers = values.flatMap((value) => toNumber(value) ?? [])
  const low = scale.domain?.[0] ?? scale.min ?? leastOf(numbers)
  const high = scale.domain?.at(-1) ?? scale.max ?? greatestOf(numbers)
  const hinge = scale.domain?.length === 3 ? scale.domain[1] : scale.hinge
  const isDiverging = hinge !== undefined || (low < 0 && high > 0)
  const palette = context.palette(scale.palette, context.theme.palettes[isDiverging ? 'diverging' : 'sequential'] ?? context.theme.category)
  // Cells hold numbers to read: the darkest end of the default is left out.
  const reach = scale.palette === undefined && !isDiverging ? 0.7 : 1
  const middle = hinge ?? (isDiverging ? 0 : undefined)
  return (value) => {
    const number = toNumber(value)
    if (number === undefined)
      return scale.null_color === undefined ? {} : { background: context.color(scale.null_color, context.theme.card) }
    const background = paletteColor(palette, reach * position(number, low, high, middle))
    return { background, color: textOn(background) }
  }
}

/** Where a number stands between low and high, 0 to 1; a middle stands at one half, and both arms are as long as the longer. */
function position(value: number, low: number, high: number, middle: number | undefined): number {
  if (middle === undefined) return high === low ? 0.5 : Math.min(1, Math.max(0, (value - low) / (high - low)))
  const arm = Math.max(high - middle, middle - low) || 1
  return Math.min(1, Math.max(0, 0.5 + (value - middle) / (2 * arm)))
}

function paletteColor(palette: readonly string[], share: number): string {
  const at = share * (palette.length - 1)
  const index = Math.min(palette.length - 2, Math.floor(at))
  if (index < 0) return palette[0] as string
  return mixColors(palette[index] as string, palette[index + 1] as string, at - index)
}
