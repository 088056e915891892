import type { BoundBoard, BoundChart } from '../compiled-board.ts'
import { checkFormat } from '../formats/check-format.ts'
import { type OwnFormats, type ResolvedFormat, resolveFormat } from '../formats/resolve-format.ts'
import type { ChartColumn } from './chart-data.ts'
import { assignColorSlots, type ColorSlots } from './color-slots.ts'
import { type OwnPalettes, resolveColor, resolvePalette } from './color-tokens.ts'
import { Findings } from './findings.ts'
import { resolveTheme, type Scheme, type Theme } from './theme.ts'

/** What a board says about all its charts. */
export interface ChartOptions {
  readonly theme: Theme
  readonly formats?: OwnFormats
  readonly palettes?: OwnPalettes
  /** Colours of values that several charts of the board share. */
  readonly colors?: ColorSlots
}

/** One chart on its way to a picture. */
export class ChartContext {
  readonly bound: BoundChart
  readonly findings: Findings
  readonly theme: Theme
  readonly palettes: OwnPalettes
  readonly colors: ColorSlots
  readonly #formats: OwnFormats

  constructor(bound: BoundChart, options: ChartOptions) {
    this.bound = bound
    this.findings = new Findings(bound)
    this.theme = options.theme
    this.palettes = options.palettes ?? {}
    this.colors = options.colors ?? new Map()
    this.#formats = options.formats ?? {}
  }

  /** A colour of a style, or the fallback; one that is not known is found. */
  color(token: string | undefined, fallback: string): string {
    if (token === undefined) return fallback
    const color = resolveColor(token, this.theme, this.palettes)
    if (color === undefined) this.findings.add('UNKNOWN_COLOR', `There is no colour "${token}".`)
    return color ?? fallback
  }

  palette(name: string | readonly string[] | undefined, fallback: readonly string[]): readonly string[] {
    if (name === undefined) return fallback
    const colors = resolvePalette(name, this.theme, this.palettes)
    if (colors === undefined) this.findings.add('UNKNOWN_COLOR', `There is no palette "${String(name)}".`)
    return colors ?? fallback
  }

  /** A format of a style by its name, checked against the values that it writes. */
  format(name: string | undefined, column?: ChartColumn, place: 'text' | 'axis' = 'text'): ResolvedFormat | undefined {
    if (name === undefined) return undefined
    const format = resolveFormat(name, this.#formats)
    if (format === undefined) {
      this.findings.add('FORMAT_INVALID', `"${name}" is neither a known format nor a d3 format.`)
      return undefined
    }
    if (format.kind === 'native' && place === 'axis') {
      this.findings.add('FORMAT_NATIVE_IN_AXIS', `The format "${name}" is for KPIs and tables only.`)
      return undefined
    }
    const problem = column === undefined ? undefined : checkFormat(name, format, column.column, column.values)
    if (problem !== undefined) this.findings.add(problem.code, problem.message)
    return format
  }
}

/** What a board says about all its charts; a theme or a scheme that is asked for goes before that of the board. */
export function resolveOptions(board: BoundBoard, asked: { readonly theme?: string; readonly scheme?: Scheme } = {}): ChartOptions {
  const { style } = board.root
  const base = resolveTheme(asked.theme ?? board.theme, asked.scheme)
  const palettes = style.palettes ?? {}
  const accent = style.accent === undefined ? undefined : resolveColor(style.accent, base, palettes)
  const muted = style.muted === undefined ? undefined : resolveColor(style.muted, base, palettes)
  const theme = { ...base, ...(accent !== undefined && { accent }), ...(muted !== undefined && { muted }) }
  const colors = assignColorSlots(board.charts.values(), theme, style.charts?.category_colors, palettes)
  return { theme, palettes, colors, formats: style.formats ?? {} }
}
