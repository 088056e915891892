import { contrast, mixColors, textOn } from './contrast.ts'
import { resolveTheme, shades, type Theme } from './theme.ts'

/** Contrast that text needs, by WCAG 2 at level AA, that of what is read most, and that of marks. */
export const leastContrast = 4.5
export const inkContrast = 10
const markContrast = 3

/** A colour that can be read on a ground: itself, else as little lighter or darker as it takes, for as much contrast as there can be. */
export function readableOn(ground: string, color: string, least = leastContrast): string {
  return contrast(color, ground) >= leastContrast ? color : apart(ground, color, least)
}

/** A colour of a mark that can be told from a ground. */
const seenOn = (ground: string, color: string): string =>
  contrast(color, ground) >= markContrast ? color : apart(ground, color, markContrast)

function apart(ground: string, color: string, least: number): string {
  const end =
    contrast(textOn(ground), ground) >= least
      ? textOn(ground)
      : contrast('#000000', ground) > contrast('#ffffff', ground)
        ? '#000000'
        : '#ffffff'
  for (let share = 0.1; share < 1; share += 0.1) {
    const mixed = mixColors(color, end, share)
    if (contrast(mixed, ground) >= least) return mixed
  }
  return end
}

/**
 * The theme for what stands on a ground that a board chose: its own colours where they can be read there, else those of the
 * other scheme, each as far from the ground as text or a mark needs.
 */
export function themeOn(theme: Theme, ground: string): Theme {
  if (ground === theme.card) return theme
  const other = theme.opposite ?? resolveTheme(theme.name, theme.scheme === 'light' ? 'dark' : 'light')
  const isRead = contrast(theme.ink, ground) >= Math.min(leastContrast, contrast(other.ink, ground))
  const [base, opposite] = isRead ? [theme, other] : [other, theme]
  const category = base.category.map((color) => seenOn(ground, color))
  return {
    ...base,
    opposite,
    card: ground,
    border: mixColors(ground, base.ink, 0.16),
    grid: mixColors(ground, base.ink, 0.1),
    baseline: mixColors(ground, base.ink, 0.3),
    ink: readableOn(ground, base.ink, inkContrast),
    muted: readableOn(ground, base.muted),
    accent: readableOn(ground, base.accent),
    category,
    palettes: { ...base.palettes, sequential: shades(category[0] as string, ground, textOn(ground)) },
    tones: Object.fromEntries(
      Object.entries(base.tones).map(([tone, colors]) => [tone, { ...colors, text: readableOn(ground, colors.text) }]),
    ) as unknown as Theme['tones'],
  }
}

/** A colour over another, as far as it covers it: its own alpha, and an opacity. */
export function solidOver(behind: string, color: string, opacity = 1): string {
  const digits = color.length === 5 ? (color[4] as string).repeat(2) : color.length === 9 ? color.slice(7) : 'ff'
  const share = (Number.parseInt(digits, 16) / 255) * opacity
  return share === 1 ? color : mixColors(behind, color, share)
}
