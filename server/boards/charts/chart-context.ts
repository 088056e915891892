import type { Format } from '../../../contracts/v1/board/formats.ts'
import type { BoundBoard, BoundChart } from '../compiled-board.ts'
import { checkFormat } from '../formats/check-format.ts'
import { identifierFormat } from '../formats/identifiers.ts'
import { formatName, type OwnFormats, type ResolvedFormat, resolveFormat } from '../formats/resolve-format.ts'
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
  /** When drawing is to be done, by `performance.now()`: what is not drawn by then says so. */
  readonly drawUntil?: number
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

  /** A format of a style by its name, checked against the values that it writes; that of the column when the style says nothing. */
  format(asked: Format | undefined, column?: ChartColumn, place: 'text' | 'axis' = 'text'): ResolvedFormat | undefined {
    if (asked === undefined) return column === undefined ? undefined : identifierFormat(column.column, column.values)
    const name = formatName(asked)
    const format = resolveFormat(asked, this.#formats)
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

/** The tones of a theme with the colours that a board gives them. */
const ownTones = (
  { tones }: Theme,
  own: Readonly<Record<string, string>> | undefined,
  color: (token: string | undefined) => string | undefined,
): Theme['tones'] =>
  Object.fromEntries(
    Object.entries(tones).map(([tone, colors]) => {
      const solid = color(own?.[tone])
      return [tone, solid === undefined ? colors : { ...colors, solid, text: solid }]
    }),
  ) as unknown as Theme['tones']

/** What a board says about all its charts; a theme or a scheme that is asked for goes before that of the board. */
export function resolveOptions(board: BoundBoard, asked: { readonly theme?: string; readonly scheme?: Scheme } = {}): ChartOptions {
  const { style } = board.root
  const base = resolveTheme(asked.theme ?? board.theme, asked.scheme)
  const roles = Object.entries(style.roles ?? {}).map(([role, token]) => [role, [token]] as const)
  const palettes: OwnPalettes = { ...Object.fromEntries(roles), ...style.palettes }
  const color = (token: string | undefined): string | undefined => (token === undefined ? undefined : resolveColor(token, base, palettes))
  const border = typeof style.border === 'object' ? style.border : undefined
  const given = { accent: color(style.accent), muted: color(style.muted), ink: color(style.font?.color), border: color(border?.color) }
  const theme: Theme = {
    ...base,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(border?.radius !== undefined && { radius: border.radius }),
    tones: ownTones(base, style.tones, color),
  }
  const colors = assignColorSlots(board.charts.values(), theme, style.charts?.category_colors, palettes)
  return { theme, palettes, colors, formats: style.formats ?? {} }
}
