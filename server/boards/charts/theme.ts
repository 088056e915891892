import { entryOf } from '../../envelope/entry-of.ts'
import { olderThemes } from '../themes.ts'
import { mixColors } from './contrast.ts'
import { type Palettes, themeColors, themePalettes } from './theme-colors.ts'

/** Colours of a picture; every one is a hex colour. */
export interface Theme {
  readonly name: ThemeName
  readonly scheme: Scheme
  readonly page: string
  readonly card: string
  readonly border: string
  readonly grid: string
  /** Where a measure begins: the line that bars stand on. */
  readonly baseline: string
  readonly ink: string
  readonly muted: string
  readonly accent: string
  readonly tones: Readonly<Record<ToneName, ToneColors>>
  /** Series, in the order that they are given away. */
  readonly category: readonly string[]
  readonly palettes: Palettes
  /** Radius of cards. */
  readonly radius: number
  /** The same look in the other scheme, with what the board says of it; undefined for that of the theme alone. */
  readonly opposite?: Theme
}

export interface ToneColors {
  readonly solid: string
  readonly text: string
  readonly subtle: string
  readonly border: string
}

export type ToneName = 'positive' | 'negative' | 'warning' | 'info' | 'neutral'

export type Scheme = 'light' | 'dark'

export const themeNames = ['clarity', 'paper', 'vivid', 'neon', 'stark'] as const

export type ThemeName = (typeof themeNames)[number]

/** The theme that a board names; one that is not known is clarity, as the finding UNKNOWN_THEME says. */
export function themeName(name: string | undefined): ThemeName {
  const known = themeNames.find((theme) => theme === name)
  return known ?? entryOf(olderThemes, name ?? '') ?? 'clarity'
}

/** The scheme that a theme is made in, and that colours of boards are chosen for. */
export const ownScheme = (name: string | undefined): Scheme => (themeName(name) === 'neon' ? 'dark' : 'light')

/** @param scheme undefined takes that of the theme: neon is dark, the others are light. */
export function resolveTheme(name: string | undefined, scheme?: Scheme): Theme {
  const theme = themeName(name)
  const chosen = scheme ?? ownScheme(theme)
  const colors = themeColors[theme][chosen]
  const palettes = {
    ...themePalettes[chosen],
    sequential: shades(colors.category[0] as string, colors.card, chosen === 'light' ? colors.ink : '#ffffff'),
  }
  return { name: theme, scheme: chosen, radius: theme === 'stark' ? 0 : 10, ...colors, palettes }
}

/** From the card over a colour to its strongest shade: low values recede on light and on dark grounds. */
export function shades(color: string, card: string, end: string): string[] {
  return [
    ...[0.12, 0.32, 0.54, 0.77].map((share) => mixColors(card, color, share)),
    color,
    mixColors(color, end, 0.28),
    mixColors(color, end, 0.52),
  ]
}
