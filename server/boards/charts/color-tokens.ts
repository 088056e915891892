import { entryOf } from '../../envelope/entry-of.ts'
import { mixColors } from './contrast.ts'
import { cssColor } from './css-colors.ts'
import type { Theme, ToneName } from './theme.ts'

/** Palettes that a board brings: `style.palettes`. */
export type OwnPalettes = Readonly<Record<string, string | readonly string[]>>

const named: Readonly<Record<string, string>> = {
  black: '#000000',
  white: '#ffffff',
  red: '#d0342c',
  green: '#0f8a5f',
  blue: '#3366cc',
  orange: '#e07b1a',
  yellow: '#d9a800',
  purple: '#7256c4',
  pink: '#d6498f',
  teal: '#12917f',
  brown: '#8c6d4f',
  gray: '#697386',
  grey: '#697386',
}

/** The hex colour of a token such as `accent`, `category[2]`, `positive.subtle`, `sequential.4` or `#0a5`; else undefined. */
export function resolveColor(token: string, theme: Theme, own: OwnPalettes = {}): string | undefined {
  const text = token.trim()
  if (/^#([0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(text)) return text.toLowerCase()
  if (
    text === 'accent' ||
    text === 'ink' ||
    text === 'muted' ||
    text === 'border' ||
    text === 'grid' ||
    text === 'page' ||
    text === 'card'
  ) {
    return theme[text]
  }
  const role = own[text]
  if (Array.isArray(role) && role.length === 1 && Object.hasOwn(own, text) && role[0] !== text)
    return resolveColor(role[0] as string, theme)
  const variant = /^(.+)\.(pale|light|dark|deep|ghost)$/.exec(text)
  const toned = variant === null ? undefined : varied(variant[1] as string, variant[2] as Variant, theme, own)
  if (toned !== undefined) return toned
  const chrome = /^(?:dbt-grays|dbt-creams|chrome)[.-]([\w-]+)$/.exec(text)
  if (chrome !== null && Object.hasOwn(chromeRoles, chrome[1] as string)) return theme[chromeRoles[chrome[1] as string] as 'ink']
  const indexed = /^([\w-]+)(?:\[(\d+)\]|[.:](\d+))$/.exec(text)
  if (indexed !== null) {
    const colors = resolvePalette(indexed[1] as string, theme, own)
    const index = Number(indexed[2] ?? indexed[3])
    return colors?.[(Math.max(1, index) - 1) % colors.length]
  }
  const tone = /^(positive|negative|warning|info|neutral)(?:\.(solid|bg|subtle|border|text))?$/.exec(text)
  if (tone !== null) {
    const colors = theme.tones[tone[1] as ToneName]
    const part = tone[2] === 'bg' ? 'subtle' : (tone[2] ?? 'solid')
    return colors[part as keyof typeof colors]
  }
  const shade = /^(?:category\.)?(\w+)(?:\.(dark|light|base|solid))?$/.exec(text)
  const hue = shade === null ? undefined : entryOf(theme.palettes, shade[1] as string)
  if (hue !== undefined) return hue[shade?.[2] === 'dark' ? 5 : shade?.[2] === 'light' ? 2 : 4]
  return Object.hasOwn(named, text) ? named[text] : cssColor(text)
}

/** What other products call the colours of text, lines and grounds. */
const chromeRoles: Readonly<Record<string, 'ink' | 'muted' | 'border' | 'grid' | 'page' | 'card'>> = {
  ink: 'ink',
  heading: 'ink',
  text: 'ink',
  muted: 'muted',
  secondary: 'muted',
  border: 'border',
  separator: 'grid',
  grid: 'grid',
  title: 'ink',
  subtitle: 'muted',
  caption: 'muted',
  label: 'muted',
  canvas: 'card',
  surface: 'card',
  'surface-subtle': 'page',
}

type Variant = 'pale' | 'light' | 'dark' | 'deep' | 'ghost'

const shares: Readonly<Record<Variant, number>> = { pale: 0.3, ghost: 0.45, light: 0.65, dark: 0.25, deep: 0.5 }

/** A colour towards the card, or towards the ink. */
function varied(token: string, variant: Variant, theme: Theme, own: OwnPalettes): string | undefined {
  const color = /[[.\d]/.test(token) ? resolveColor(token, theme, own) : undefined
  if (color === undefined) return undefined
  return shaded(color, variant, theme)
}

const shaded = (color: string, variant: Variant, theme: Theme): string =>
  variant === 'dark' || variant === 'deep' ? mixColors(color, theme.ink, shares[variant]) : mixColors(theme.card, color, shares[variant])

/** Words of palettes of other products, and the palette here that has their hue. */
const hues: Readonly<Record<string, string>> = {
  grey: 'gray',
  amber: 'orange',
  rust: 'red',
  brown: 'orange',
  teal: 'green',
  crimson: 'red',
}

/** Palettes of categories that other products name, and how far theirs are from the plain colours. */
const categorical = /^(?:category|categorical|single_series|editorial-10|vivid-10|hero-6|tableau)(?:[-_](dark|light|ghost|ink))?$/

/** The colours of categories, or a companion of them: darker for text and thin lines, lighter for grounds. */
function categoryColors(companion: string | undefined, theme: Theme): readonly string[] {
  if (companion === undefined) return theme.category
  return theme.category.map((color) => shaded(color, companion === 'ink' ? 'deep' : (companion as Variant), theme))
}

/** A palette with two arms that names their hues: low values in the first, high ones in the second, pale where they meet. */
function armsOf(name: string, theme: Theme): readonly string[] | undefined {
  const [, low = '', high = ''] = /\bdiv-([a-z]+)-([a-z]+)/.exec(name) ?? []
  const [left, right] = [low, high].map((hue) => entryOf(theme.palettes, entryOf(hues, hue) ?? hue))
  return left === undefined || right === undefined ? undefined : [...left.slice(0, -1).toReversed(), ...right.slice(0, -1)]
}

/** The colours of a palette: own, of the theme, or `category`. A name may end in `_r`, which turns it round. */
export function resolvePalette(palette: string | readonly string[], theme: Theme, own: OwnPalettes = {}): readonly string[] | undefined {
  if (typeof palette !== 'string') {
    const colors = palette.flatMap((color) => resolveColor(color, theme, own) ?? [])
    return colors.length === 0 ? undefined : colors
  }
  const [, base = palette, reversed] = /^(.*?)(_r)?$/.exec(palette) ?? []
  const name = base.replace(/:\d+$/, '')
  const hue = /(div|blue|green|orange|red|purple|gray|grey|amber|rust|brown|teal|crimson)/.exec(name)?.[1] ?? ''
  const colors =
    Object.hasOwn(own, name) && own[name] !== name
      ? resolvePalette(own[name] as string | readonly string[], theme)
      : name === theme.name || categorical.test(name)
        ? categoryColors(categorical.exec(name)?.[1], theme)
        : (armsOf(name, theme) ??
          entryOf(theme.palettes, name) ??
          entryOf(theme.palettes, hue === 'div' ? 'diverging' : (hues[hue] ?? hue)))
  return reversed === undefined ? colors : colors?.toReversed()
}
