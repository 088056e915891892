/** The looks that ship. */
export const themes = ['clarity', 'paper', 'vivid', 'neon', 'stark'] as const

export type Theme = (typeof themes)[number]

export const defaultTheme: Theme = 'clarity'

/** Themes of older generations, and what looks most like them. */
export const olderThemes: Readonly<Record<string, Theme>> = {
  cream: 'paper',
  editorial: 'clarity',
  light: 'clarity',
  default: 'clarity',
  dark: 'neon',
}
