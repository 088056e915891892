import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BorderStyle, FontStyle, SidesStyle, TitleStyle } from '../../../contracts/v1/board/style-parts.ts'
import { ChartContext, type ChartOptions } from '../../boards/charts/chart-context.ts'
import { fontWeight } from '../../boards/charts/font-spec.ts'
import type { BoundChart } from '../../boards/compiled-board.ts'
import { readSides } from '../../boards/draw/box.ts'
import { css, type Declarations, fontCss, groundVariables, translucent } from './css.ts'

interface CardStyle {
  readonly border?: BorderStyle
  readonly padding?: SidesStyle
  readonly opacity?: number
  readonly title?: TitleStyle
  readonly subtitle?: TitleStyle
}

/** Padding of a card whose style says none. */
const usualPadding = (type: Chart['type']): number => (type === 'kpi' ? 18 : type === 'callout' ? 14 : 20)

type ChartPlace = Pick<BoundChart, 'id' | 'place'>

const contextOf = (chart: Chart, { id, place }: ChartPlace, options: ChartOptions): ChartContext =>
  new ChartContext({ id, chart, place, rows: undefined, diagnostics: [] }, options)

/** How the card of a chart looks, as far as its rows have no part in it; undefined for the usual one. */
export const cardStyle = (chart: Chart, place: ChartPlace, options: ChartOptions): Declarations => {
  const context = contextOf(chart, place, options)
  const style = (chart.style ?? {}) as CardStyle
  const { top, right, bottom, left } = readSides(style.padding, usualPadding(chart.type))
  return {
    ...groundVariables(context.theme, options.theme),
    background:
      context.ground !== undefined || style.opacity !== undefined ? translucent(context.ground ?? 'var(--card)', style.opacity) : undefined,
    ...borderCss(style.border, context),
    padding: style.padding === undefined ? undefined : `${top}px ${right}px ${bottom}px ${left}px`,
  }
}

/** A border of a style; undefined leaves the usual one. */
const borderCss = (border: BorderStyle | undefined, context: ChartContext): Declarations => {
  if (border === undefined || border === true) return {}
  if (border === false || border === 'none') return { border: 'none' }
  const { color, width, radius, dash_array: dashes } = typeof border === 'string' ? { color: border } : border
  return {
    'border-color': color === undefined ? undefined : context.color(color, context.theme.border),
    'border-width': width === undefined ? undefined : `${width}px`,
    // A callout has no dashes in a picture either.
    'border-style': dashes === undefined || dashes.length === 0 || context.bound.chart.type === 'callout' ? undefined : 'dashed',
    'border-radius': radius === undefined ? undefined : `${radius}px`,
  }
}

/** Title and subtitle of a card as its style sets them; null for the usual look, false when it hides one. */
export const cardHeads = (
  chart: Chart,
  place: ChartPlace,
  options: ChartOptions,
): { readonly title: string | null | false; readonly subtitle: string | null | false } => {
  const context = contextOf(chart, place, options)
  const { title, subtitle } = (chart.style ?? {}) as CardStyle
  const head = (style: TitleStyle | undefined, font: FontStyle | undefined): string | null | false =>
    style?.visible === false ? false : (css(textCss(font, context)) ?? null)
  return { title: head(title, title?.font), subtitle: head(subtitle, subtitle?.font ?? title?.subtitle?.font) }
}

/** A font of a style, its colour made readable where it has to be. */
export const textCss = (font: FontStyle | undefined, context: ChartContext): Declarations =>
  font === undefined
    ? {}
    : {
        ...fontCss({ size: font.size, weight: fontWeight(font.weight), italic: font.style === 'italic', align: font.align }),
        color: font.color === undefined ? undefined : context.ink(font.color, context.theme.ink),
      }
