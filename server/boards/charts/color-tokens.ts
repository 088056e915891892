import { entryOf } from '../../yaml/schema-at.ts'
import type { Theme, ToneName } from './theme.ts'

/** Palettes that a board brings: `style.palettes`. */
export type OwnPalettes = Readonly<Record<string, readonly string[]>>

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
  return Object.hasOwn(named, text) ? named[text] : undefined
}

/** The colours of a palette: own, of the theme, or `category`. A name may end in `_r`, which turns it round. */
export function resolvePalette(palette: string | readonly string[], theme: Theme, own: OwnPalettes = {}): readonly string[] | undefined {
  if (typeof palette !== 'string') {
    const colors = palette.flatMap((color) => resolveColor(color, theme, own) ?? [])
    return colors.length === 0 ? undefined : colors
  }
  const [, base = palette, reversed] = /^(.*?)(_r)?$/.exec(palette) ?? []
  const name = base.replace(/:\d+$/, '')
  const colors = Object.hasOwn(own, name)
    ? resolvePalette(own[name] as readonly string[], theme)
    : name === 'category' || name === 'categorical' || name === 'single_series' || name === theme.name
      ? theme.category
      : (entryOf(theme.palettes, name) ??
        theme.palettes[
          /(blue|green|orange|red|purple|gray|div)/.exec(name.replace('grey', 'gray'))?.[1]?.replace(/^div$/, 'diverging') ?? ''
        ])
  return reversed === undefined ? colors : colors?.toReversed()
}
