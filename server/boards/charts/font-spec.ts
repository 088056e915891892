import type { FontStyle } from '../../../contracts/v1/board/style-parts.ts'
import type { ChartContext } from './chart-context.ts'
import type { Spec } from './spec.ts'

/** The weight of a font as a number. */
export function fontWeight(weight: FontStyle['weight']): number | undefined {
  if (weight === undefined) return undefined
  if (weight === 'bold') return 700
  if (weight === 'semibold') return 600
  const number = weight === 'medium' ? 500 : Number(weight)
  return Number.isNaN(number) ? 400 : number
}

/** A font in the words of Vega, for the part of a chart that it is of: `label`, `title`; of a text mark without. */
export function fontSpec(font: FontStyle | undefined, part: 'label' | 'title' | '', context: ChartContext): Spec {
  if (font === undefined) return {}
  const key = (name: string): string => (part === '' ? name.charAt(0).toLowerCase() + name.slice(1) : part + name)
  return {
    ...(font.size !== undefined && { [key('FontSize')]: font.size }),
    ...(font.weight !== undefined && { [key('FontWeight')]: fontWeight(font.weight) }),
    ...(font.style !== undefined && { [key('FontStyle')]: font.style }),
    ...(font.color !== undefined && {
      [key('Color')]: part === '' ? context.color(font.color, context.theme.muted) : context.ink(font.color, context.theme.muted),
    }),
  }
}
