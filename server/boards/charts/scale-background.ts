import type { ColorScale } from '../../../contracts/v1/board/style-marks.ts'
import { toNumber } from '../formats/value-kind.ts'
import type { ChartContext } from './chart-context.ts'
import { type CellLook, groundLook } from './conditional-format.ts'
import { mixColors, textOn } from './contrast.ts'
import { greatestOf, leastOf } from './extent.ts'

/** Shades cells by their number, and sets their text in whichever of black and white reads better on the shade. */
export function scaleBackground(
  scale: ColorScale | undefined,
  values: readonly unknown[],
  context: ChartContext,
): (value: unknown) => CellLook {
  if (scale === undefined) return () => ({})
  const numbers = values.flatMap((value) => toNumber(value) ?? [])
  const ends = typeof scale.domain === 'object' ? scale.domain : undefined
  const low = ends?.[0] ?? scale.min ?? leastOf(numbers)
  const high = ends?.at(-1) ?? scale.max ?? greatestOf(numbers)
  const asked = ends?.length === 3 ? ends[1] : scale.hinge
  const hinge = asked === 'auto' ? (low < 0 && high > 0 ? 0 : (low + high) / 2) : asked
  const isEven = scale.arm_mode === undefined || scale.arm_mode === 'shared' || scale.arm_mode === 'symmetric'
  const isDiverging = hinge !== undefined || (low < 0 && high > 0)
  const palette = context.palette(scale.palette, context.theme.palettes[isDiverging ? 'diverging' : 'sequential'] ?? context.theme.category)
  // Cells hold numbers to read: the darkest end of the default is left out.
  const reach = scale.palette === undefined && !isDiverging ? 0.7 : 1
  const middle = hinge ?? (isDiverging ? 0 : undefined)
  return (value) => {
    const number = toNumber(value)
    if (number === undefined) return scale.null_color === undefined ? {} : groundLook(context.solid(scale.null_color), context)
    const background = paletteColor(palette, reach * position(number, low, high, middle, isEven))
    return { background, color: textOn(background) }
  }
}

/**
 * Where a number stands between low and high, 0 to 1; a middle stands at one half, and both arms are as long as the longer
 * unless each is to be as long as its own values.
 */
function position(value: number, low: number, high: number, middle: number | undefined, isEven: boolean): number {
  if (middle === undefined) return high === low ? 0.5 : Math.min(1, Math.max(0, (value - low) / (high - low)))
  const arm = (isEven ? Math.max(high - middle, middle - low) : value < middle ? middle - low : high - middle) || 1
  return Math.min(1, Math.max(0, 0.5 + (value - middle) / (2 * arm)))
}

function paletteColor(palette: readonly string[], share: number): string {
  const at = share * (palette.length - 1)
  const index = Math.min(palette.length - 2, Math.floor(at))
  if (index < 0) return palette[0] as string
  return mixColors(palette[index] as string, palette[index + 1] as string, at - index)
}
