import { resolveOptions } from '../../boards/charts/chart-context.ts'
import { resolveTheme, type Theme } from '../../boards/charts/theme.ts'
import type { CompiledBoard } from '../../boards/compiled-board.ts'

/** CSS that sets the colours of the page, light and dark: of a board, or the usual ones. */
export const colorRules = (board?: CompiledBoard): string => {
  const theme = (scheme: 'light' | 'dark'): Theme =>
    board === undefined ? resolveTheme(undefined, scheme) : resolveOptions({ ...board, variables: [], charts: new Map() }, { scheme }).theme
  const dark = colorVariables(theme('dark'))
  return `:root{${colorVariables(theme('light'))}}
@media (prefers-color-scheme:dark){:root:not([data-scheme=light]){${dark}}}
:root[data-scheme=dark]{${dark}}`
}

const colorVariables = (theme: Theme): string => {
  const { page, card, border, grid, ink, muted, accent, tones, radius } = theme
  const plain = Object.entries({ page, card, border, grid, ink, muted, accent }).map(([name, color]) => `--${name}:${color}`)
  const toned = Object.entries(tones).flatMap(([tone, colors]) =>
    Object.entries(colors).map(([part, color]) => `--${tone}-${part}:${String(color)}`),
  )
  return [`color-scheme:${theme.scheme}`, `--radius:${radius}px`, ...plain, ...toned].join(';')
}
