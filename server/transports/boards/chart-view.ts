import type * as VegaLite from 'vega-lite'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { ChartContext, type ChartOptions } from '../../boards/charts/chart-context.ts'
import { cleanText } from '../../boards/charts/chart-data.ts'
import { chartSpec } from '../../boards/charts/chart-spec.ts'
import { type KpiFont, type KpiModel, kpiModel } from '../../boards/charts/kpi-model.ts'
import { plotHeight } from '../../boards/charts/plot-height.ts'
import type { Spec } from '../../boards/charts/spec.ts'
import type { BoundChart, VariableValue } from '../../boards/compiled-board.ts'
import { pixels } from '../../boards/draw/box.ts'
import { textWidth } from '../../boards/fonts/text-width.ts'
import { describeChart } from '../../boards/render/describe-chart.ts'
import { cardHeads, cardStyle, textCss } from './card-style.ts'
import { chartActions } from './chart-actions.ts'
import { css, type Declarations, fontCss, groundVariables, translucent } from './css.ts'
import { attributes, escapeHtml } from './html.ts'
import { markdownHtml } from './markdown-html.ts'
import { tableView } from './table-view.ts'
import type { ChartView } from './view.ts'

/** What the heading of a card takes of a height that is asked for. */
const heading = 80
const least = { width: 120, height: 90 }

/** The room that a chart has in its card, pixels; a height only where it is more than the chart asks for. */
interface Room {
  readonly width: number
  readonly height: number | undefined
}

/** A chart as the page shows it. */
export const chartView = async (
  bound: BoundChart,
  options: ChartOptions,
  { values, ...room }: Room & { readonly values: ReadonlyMap<string, VariableValue> },
): Promise<ChartView> => {
  const { chart, id, rows } = bound
  const own = chart.type === 'kpi' || chart.type === 'callout'
  const title = 'label' in chart && own ? (chart.label ?? chart.title) : chart.title
  const heads = cardHeads(chart, bound, options)
  const base: ChartView = {
    id,
    kind: 'message',
    title: own || title === undefined || heads.title === false ? null : cleanText(title),
    subtitle: own || chart.subtitle === undefined || heads.subtitle === false ? null : cleanText(chart.subtitle),
    note: null,
    titleStyle: own ? null : heads.title || null,
    subtitleStyle: own ? null : heads.subtitle || null,
    card: null,
    label: cleanText(title ?? id.replaceAll('_', ' ')),
    html: null,
    plot: null,
    table: null,
    actions: chartActions(bound, values),
    findings: bound.diagnostics,
    hasRows: rows !== undefined,
  }
  const failed = bound.diagnostics.find(({ level }) => level === 'error')
  if (failed !== undefined) return { ...base, title: chart.type === 'kpi' ? base.label : base.title, html: messageHtml(failed) }
  if (chart.type === 'callout') return { ...base, kind: 'html', html: await calloutHtml(bound, options) }
  if (chart.type === 'kpi') {
    const { model, findings } = kpiModel(bound, options)
    const told = allFindings(bound, findings)
    return model === undefined
      ? { ...base, title: base.label, html: messageHtml(reasonOf(findings)), findings: told }
      : { ...base, kind: 'html', html: kpiHtml(model), card: css(kpiCard(bound, model, options)) ?? null, findings: told }
  }
  const { table, findings } = tableView(bound, options)
  if (chart.type === 'table') {
    const told = allFindings(bound, findings)
    return table === null
      ? { ...base, html: messageHtml(reasonOf(findings)), findings: told }
      : { ...base, kind: 'table', table, findings: told }
  }
  return { ...base, ...(await plotOf(bound, options, room)), table }
}

const plotOf = async (bound: BoundChart, options: ChartOptions, room: Room) => {
  const width = Math.max(least.width, Math.round(room.width))
  const asked = pixels(bound.chart.height, 600)
  const leastHeight = Math.max(least.height, Math.round(asked === undefined ? plotHeight(bound, width) : asked - heading))
  const height = Math.max(leastHeight, Math.round(room.height ?? 0))
  const { spec, note, findings } = chartSpec(bound, { ...options, width, height })
  const told = allFindings(bound, findings)
  if (spec === undefined) return { html: messageHtml(reasonOf(findings)), findings: told }
  return {
    kind: 'plot' as const,
    note: note ?? null,
    label: [bound.chart.title ?? bound.id.replaceAll('_', ' '), `${bound.chart.type} chart`, ...describeChart(bound, options)].join('. '),
    plot: { spec: await compileSpec(spec), width, height, leastHeight },
    findings: told,
  }
}

let vegaLite: Promise<typeof VegaLite> | undefined

/** Compiles a specification to Vega, so that the browser needs no compiler. */
const compileSpec = async (spec: Spec): Promise<unknown> => {
  vegaLite ??= import('vega-lite')
  const { compile } = await vegaLite
  return compile(spec as unknown as VegaLite.TopLevelSpec, { logger: silent }).spec
}

const silent = {
  level: () => silent,
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
} as never

/** What is known of a chart, and what its picture found, each once. */
const allFindings = ({ diagnostics, chart }: BoundChart, found: readonly BoardDiagnostic[]): BoardDiagnostic[] => [
  ...diagnostics,
  ...found.filter(
    ({ code, message, level }) =>
      !diagnostics.some((one) => one.code === code && one.message === message) &&
      !(level === 'warning' && chart.warnings_ignore?.includes(code) === true) &&
      !(code === 'RESULT_TRUNCATED' && diagnostics.some((one) => one.code === code)),
  ),
]

const reasonOf = (findings: readonly BoardDiagnostic[]): BoardDiagnostic | undefined =>
  findings.find(({ level }) => level === 'error') ?? findings.find(({ code }) => code === 'ZERO_ROWS')

/** Why a chart shows nothing: an error with its place and what to do, or that there are no rows. */
export const messageHtml = (finding: BoardDiagnostic | undefined): string => {
  if (finding === undefined || finding.code === 'ZERO_ROWS')
    return `<div class="message"><p class="message-head">No data</p><p>${escapeHtml(finding?.message ?? 'There are no rows to show.')}</p></div>`
  const { code, message, fix, file, line, column } = finding
  if (code === 'MISSING_VARIABLE_VALUE')
    return `<div class="message"><p class="message-head">Waiting for a value</p><p>${escapeHtml(fix ?? message)}</p></div>`
  return `<div class="message is-error" role="alert"><p class="message-head">This chart cannot be shown</p><p>${escapeHtml(message)}</p>${fix === undefined ? '' : `<p class="fix">${escapeHtml(fix)}</p>`}<p class="place"><code>${escapeHtml(`${file}:${line}:${column}`)}</code> <code>${escapeHtml(code)}</code></p></div>`
}

const kpiHtml = ({ label, value, variant, support, look, align, fonts }: KpiModel): string => {
  const weight = look.weight ?? fonts.value.weight ?? 600
  const shown = look.glyph === undefined ? value : `${look.glyph} ${value}`
  const valueStyle = css({
    // How wide the value is for its size, so that it is set as large as it fits and never broken.
    '--ems': textWidth(shown, { size: 1, weight }).toFixed(3),
    '--size': fonts.value.size === undefined ? undefined : `${fonts.value.size}px`,
    color: look.color,
    'font-weight': weight === 600 ? undefined : weight,
    'font-style': look.italic === true || fonts.value.italic === true ? 'italic' : undefined,
    'text-decoration': look.underline === true ? 'underline' : undefined,
  })
  const { size: glyphSize = Number.POSITIVE_INFINITY, ...glyphLook } = fonts.glyph
  // A sign is no larger than the value.
  const glyphFont = glyphSize < (fonts.value.size ?? 30) ? fonts.glyph : glyphLook
  const glyph =
    look.glyph === undefined
      ? ''
      : `<span aria-hidden="true"${attributes({ style: css({ ...fontStyle(glyphFont), color: look.glyphColor }) })}>${escapeHtml(look.glyph)} </span>`
  const parts = [
    label === undefined ? '' : `<p class="kpi-label"${attributes({ style: css(fontStyle(fonts.label)) })}>${escapeHtml(label)}</p>`,
    `<p class="kpi-value"${attributes({ style: valueStyle })}>${glyph}${escapeHtml(value)}</p>`,
    support === undefined
      ? ''
      : `<p class="kpi-support"${attributes({ style: css(fontStyle(fonts.support)) })}><span class="tone-${support.tone}">${escapeHtml(support.text)}</span> ${escapeHtml(support.label)}</p>`,
  ]
  const own = css({ 'text-align': align === 'left' ? undefined : align })
  return `<div${attributes({ class: `kpi is-${variant}`, style: own })}>${parts.join('')}</div>`
}

const fontStyle = ({ color, ...font }: KpiFont) => ({ ...fontCss(font), color })

/** The ground that its value gives a KPI, and what can be read on it. */
const kpiCard = ({ chart }: BoundChart, { background, theme }: KpiModel, options: ChartOptions): Declarations =>
  background === undefined
    ? {}
    : {
        ...groundVariables(theme, options.theme),
        background: translucent(background, (chart.style as { readonly opacity?: number } | undefined)?.opacity),
      }

const glyphs = { positive: '✓', negative: '!', warning: '⚠', info: 'i', neutral: '' } as const

const calloutHtml = async (bound: BoundChart, options: ChartOptions): Promise<string> => {
  const { chart } = bound
  if (chart.type !== 'callout') return ''
  const { style } = chart
  const tone = chart.tone ?? 'info'
  const glyph = chart.glyph ?? glyphs[tone]
  const context = new ChartContext(bound, options)
  const font = { ...style?.font, ...style?.message?.font }
  const { style: _slant, align: _align, ...headFont } = { ...style?.font, ...style?.title?.font }
  const own = css({
    ...cardStyle(chart, bound, options),
    ...(context.ground === undefined &&
      style?.opacity !== undefined && { background: translucent(`var(--${tone}-subtle)`, style.opacity) }),
    ...fontCss({ size: font.size, align: style?.align ?? font.align }),
    ...(font.color !== undefined && { color: context.ink(font.color, context.theme.ink) }),
  })
  const headStyle = css(textCss(headFont, context))
  const hasHead = chart.title !== undefined && style?.title?.visible !== false
  const head = hasHead
    ? `<p${attributes({ class: 'callout-title', style: headStyle })}>${escapeHtml(cleanText(chart.title ?? ''))}</p>`
    : ''
  return `<div${attributes({ class: `callout tone-box-${tone}`, role: 'note', style: own })}>${glyph === '' ? '' : `<span class="callout-glyph" aria-hidden="true">${escapeHtml(glyph)}</span>`}<div class="markdown">${head}${await markdownHtml(chart.text)}</div></div>`
}
