import type { BoardStyle } from '../../../contracts/v1/board/style.ts'
import type { Theme } from '../../boards/charts/theme.ts'
import { titleLook } from '../../boards/draw/group-box.ts'

export type Declarations = Readonly<Record<string, string | number | false | undefined>>

/** Declarations of CSS as an attribute or a rule holds them; undefined and false leave one out. */
export const css = (declarations: Declarations): string | undefined => {
  const written = Object.entries(declarations).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [`${name}:${value}`],
  )
  return written.length === 0 ? undefined : written.join(';')
}

/** The colours of a theme as the variables that the style of the page names. */
export const colorVariables = ({ page, card, border, grid, baseline, ink, muted, accent, tones }: Theme): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries({ page, card, border, grid, baseline, ink, muted, accent }).map(([name, color]) => [`--${name}`, color]),
  ),
  ...Object.fromEntries(
    Object.entries(tones).flatMap(([tone, colors]) => Object.entries(colors).map(([part, color]) => [`--${tone}-${part}`, String(color)])),
  ),
})

/** What changes for what stands on a ground: the colours of its theme that are others than those around it, and its ink. */
export const groundVariables = (ground: Theme, around: Theme): Declarations => {
  if (ground === around) return {}
  const before = colorVariables(around)
  return {
    ...Object.fromEntries(Object.entries(colorVariables(ground)).filter(([name, color]) => before[name] !== color)),
    color: 'var(--ink)',
  }
}

/** A font of a style as declarations; its colour is resolved by who knows the ground. */
export const fontCss = (font: {
  readonly size?: number | undefined
  readonly weight?: number | undefined
  readonly italic?: boolean
  readonly align?: string | undefined
}): Declarations => ({
  'font-size': font.size === undefined ? undefined : `${font.size}px`,
  'font-weight': font.weight,
  'font-style': font.italic === true ? 'italic' : undefined,
  'text-align': font.align,
})

/** How the title of a board, or of a part of it, is set where its style says so. */
export const titleCss = (style: BoardStyle, depth: number): Declarations => {
  const [own, usual] = [titleLook(style, depth), titleLook({}, depth)]
  return JSON.stringify(own) === JSON.stringify(usual) ? {} : { ...fontCss(own), 'line-height': '1.35' }
}

/** A size in pixels unless it says otherwise. */
export const cssSize = (size: number | string): string => (typeof size === 'number' || /^[\d.]+$/.test(size) ? `${size}px` : size)

/** A colour that is seen through. */
export const translucent = (color: string, opacity: number | undefined): string =>
  opacity === undefined || opacity === 1 ? color : `color-mix(in srgb,${color} ${Math.round(opacity * 100)}%,transparent)`
