import type { Format } from '../../../contracts/v1/board/formats.ts'
import type { BoardStyle } from '../../../contracts/v1/board/style.ts'
import type { BoundBoard, BoundChart } from '../compiled-board.ts'
import { checkFormat } from '../formats/check-format.ts'
import { identifierFormat } from '../formats/identifiers.ts'
import { formatName, type OwnFormats, type ResolvedFormat, resolveFormat } from '../formats/resolve-format.ts'
import type { ChartColumn } from './chart-data.ts'
import { assignColorSlots, type ColorSlots } from './color-slots.ts'
import { type OwnPalettes, resolveColor, resolvePalette } from './color-tokens.ts'
import { Findings } from './findings.ts'
import { inkContrast, readableOn, solidOver, themeOn } from './ground.ts'
import { ownScheme, resolveTheme, type Scheme, type Theme } from './theme.ts'

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
  /** On the ground of the chart, when its style has one. */
  readonly theme: Theme
  /** The ground that its style gives it. */
  readonly ground: string | undefined
  readonly palettes: OwnPalettes
  readonly colors: ColorSlots
  /** Whether marks reach beyond the ends of an axis, so that they are cut there. */
  isCut = false
  /** Of the card without a ground of its own. */
  readonly #usual: Theme
  readonly #formats: OwnFormats

  constructor(bound: BoundChart, options: ChartOptions) {
    this.bound = bound
    this.findings = new Findings(bound)
    this.palettes = options.palettes ?? {}
    this.theme = options.theme
    this.#usual = options.theme
    const { background, opacity } = groundStyle(bound)
    this.ground = background === undefined ? undefined : resolveColor(background, options.theme, this.palettes)
    if (this.ground !== undefined) this.theme = themeOn(options.theme, solidOver(options.theme.page, this.ground, opacity))
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

  /** The colour of a ground on the card, as it is seen there. */
  solid(token: string): string {
    return solidOver(this.theme.card, this.color(token, this.theme.card))
  }

  /** A colour of a text. One that was chosen for the other scheme is made readable on the card; on a ground of its own it stays. */
  ink(token: string | undefined, fallback: string): string {
    const color = this.color(token, fallback)
    const isChosenForIt = this.ground !== undefined || this.theme.scheme === ownScheme(this.theme.name)
    return token === undefined || isChosenForIt ? color : readableOn(this.theme.card, color)
  }

  /** A colour that charts share, as it is on the ground of this one; one that the board chose stays. */
  onGround(color: string): string {
    return this.theme.category[this.#usual.category.indexOf(color)] ?? color
  }

  palette(name: string | readonly string[] | undefined, fallback: readonly string[]): readonly string[] {
    if (name === undefined) return fallback
    const colors = resolvePalette(name, this.theme, this.palettes)
    if (colors === undefined) this.findings.add('UNKNOWN_COLOR', `There is no palette "${String(name)}".`)
    return colors ?? fallback
  }

  /** Whether a format writes values of the kind of a column; one that is none is told where it is used. */
  isOfKind(asked: Format, { column, values }: ChartColumn): boolean {
    const format = resolveFormat(asked, this.#formats)
    return format === undefined || checkFormat(formatName(asked), format, column, values)?.code !== 'FORMAT_KIND_MISMATCH'
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

/** The ground of a chart as its style says it, which its rows have no part in. */
const groundStyle = ({ chart }: BoundChart): { readonly background?: string; readonly opacity?: number } => {
  const style = chart.style as { readonly background?: string; readonly opacity?: number } | undefined
  return chart.type === 'kpi' && typeof chart.background === 'string' ? { ...style, background: chart.background } : (style ?? {})
}

/** The tones of a theme with the colours that a board gives them. */
const ownTones = (
  { tones }: Theme,
  own: Readonly<Record<string, string>> | undefined,
  color: (token: string | undefined) => string | undefined,
  read: (color: string) => string,
): Theme['tones'] =>
  Object.fromEntries(
    Object.entries(tones).map(([tone, colors]) => {
      const solid = color(own?.[tone])
      return [tone, solid === undefined ? colors : { ...colors, solid, text: read(solid) }]
    }),
  ) as unknown as Theme['tones']

/** A theme with the colours that a board gives it; in the scheme that they were not chosen for, those of texts are made readable. */
function ownLook(base: Theme, style: BoardStyle, palettes: OwnPalettes): Theme {
  const color = (token: string | undefined): string | undefined => (token === undefined ? undefined : resolveColor(token, base, palettes))
  const read = (found: string, least?: number): string =>
    base.scheme === ownScheme(base.name) ? found : readableOn(base.card, found, least)
  const ink = (token: string | undefined, least?: number): string | undefined => {
    const found = color(token)
    return found === undefined ? undefined : read(found, least)
  }
  const border = typeof style.border === 'object' ? style.border : undefined
  const given = {
    accent: ink(style.accent),
    muted: ink(style.muted),
    ink: ink(style.font?.color, inkContrast),
    border: color(border?.color),
  }
  return {
    ...base,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(border?.radius !== undefined && { radius: border.radius }),
    tones: ownTones(base, style.tones, color, read),
  }
}

/**
 * The theme for what stands on no card: on the ground that a part of a board has, else on that of what is around it.
 * @param around undefined for the page.
 */
export function themeOfGround({ background, opacity }: BoardStyle, { theme, palettes }: ChartOptions, around: Theme = theme): Theme {
  const ground = background === undefined ? undefined : resolveColor(background, theme, palettes)
  if (ground === undefined) return around
  const solid = solidOver(theme.page, ground, opacity)
  return solid === theme.card ? { ...theme } : themeOn(theme, solid)
}

/** A colour of a text that stands on no card: as a board says it, readable on the page in the scheme that it was not chosen for. */
export function inkOnGround(token: string | undefined, fallback: string, ground: Theme, { theme, palettes }: ChartOptions): string {
  const color = token === undefined ? undefined : resolveColor(token, ground, palettes)
  if (color === undefined) return fallback
  return ground === theme && theme.scheme !== ownScheme(theme.name) ? readableOn(theme.page, color) : color
}

/** What a board says about all its charts; a theme or a scheme that is asked for goes before that of the board. */
export function resolveOptions(board: BoundBoard, asked: { readonly theme?: string; readonly scheme?: Scheme } = {}): ChartOptions {
  const { style } = board.root
  const roles = Object.entries(style.roles ?? {}).map(([role, token]) => [role, [token]] as const)
  const palettes: OwnPalettes = { ...Object.fromEntries(roles), ...style.palettes }
  const name = asked.theme ?? board.theme
  const look = ownLook(resolveTheme(name, asked.scheme), style, palettes)
  const theme: Theme = {
    ...look,
    opposite: ownLook(resolveTheme(name, look.scheme === 'light' ? 'dark' : 'light'), style, palettes),
  }
  const colors = assignColorSlots(board.charts.values(), theme, style.charts?.category_colors, palettes)
  return { theme, palettes, colors, formats: style.formats ?? {} }
}
