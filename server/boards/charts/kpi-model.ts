import type { KpiChart, Tone } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { FontStyle } from '../../../contracts/v1/board/style-parts.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import type { BoundChart, Rows } from '../compiled-board.ts'
import { formatValue } from '../formats/format-value.ts'
import { ChartContext, type ChartOptions } from './chart-context.ts'
import { chartRows, cleanText, findColumn } from './chart-data.ts'
import { type CellLook, conditionalLook } from './conditional-format.ts'
import { checkFormatNamed } from './design-checks.ts'
import { fontWeight } from './font-spec.ts'
import { readableOn, solidOver, themeOn } from './ground.ts'
import { scaleBackground } from './scale-background.ts'
import { mergeStyle } from './spec.ts'
import type { Theme } from './theme.ts'

/** A KPI as it is painted. */
export interface KpiModel {
  readonly label: string | undefined
  readonly value: string
  readonly variant: 'stacked' | 'inline' | 'compact'
  readonly support: { readonly text: string; readonly label: string; readonly tone: Tone } | undefined
  readonly look: CellLook
  readonly background: string | undefined
  /** The colours of what stands on its ground, whichever that is. */
  readonly theme: Theme
  readonly align: 'left' | 'center' | 'right'
  /** What the style says of its texts; what it leaves open is as usual. */
  readonly fonts: { readonly value: KpiFont; readonly label: KpiFont; readonly support: KpiFont; readonly glyph: KpiFont }
}

export interface KpiFont {
  readonly size?: number
  readonly weight?: number
  readonly italic?: boolean
  readonly color?: string
}

/** The texts and colours of a KPI; undefined when there is nothing to paint, which a finding then says. */
export function kpiModel(bound: BoundChart, options: ChartOptions): { model: KpiModel | undefined; findings: readonly BoardDiagnostic[] } {
  const context = new ChartContext(bound, options)
  const chart = bound.chart as KpiChart
  chartRows(bound, context.findings)
  const model = bound.rows === undefined ? undefined : readKpi(chart, withRow(bound.rows), context)
  return { model: context.findings.error === undefined ? model : undefined, findings: context.findings.all }
}

/** Without a row a figure is null, so that its label says what is missing. */
const withRow = (rows: Rows): Rows => (rows.rows.length > 0 ? rows : { ...rows, rows: [rows.columns.map(() => null)] })

function readKpi(chart: KpiChart, rows: Rows, context: ChartContext): KpiModel | undefined {
  if (rows.rows.length > 1) {
    context.findings.add('KPI_MULTIROW', `The query returned ${rows.rows.length} rows.`)
    return undefined
  }
  const value = findColumn(rows, chart.value, 'value', context.findings)
  const support = chart.support?.value === undefined ? undefined : findColumn(rows, chart.support.value, 'support.value', context.findings)
  if (value === undefined) return undefined
  const { style } = chart
  checkFormatNamed(value, style?.value?.format, context)
  const write = formatValue(context.format(style?.value?.format, value), value.column.type, 'kpi')
  const writeSupport =
    support && formatValue(context.format(chart.support?.format ?? style?.support?.format, support), support.column.type, 'kpi')
  // What is not known has no direction: neither a sign nor a tone.
  const isUnknown = support !== undefined && support.values[0] === null
  const text = [isUnknown ? undefined : chart.support?.glyph, support === undefined ? undefined : writeSupport?.(support.values[0])].filter(
    (part) => part !== undefined,
  )
  const rules = entryOf(chart.conditional_formatting, chart.value)
  const look = conditionalLook(rules, value.values[0], context)
  const shade = look.background ?? scaledBackground(chart, rows, context)
  const theme = shade === undefined ? context.theme : themeOn(context.theme, solidOver(context.theme.card, shade, style?.opacity))
  /** A colour that was chosen for another ground than that of the value is made readable there. */
  const read = (color: string): string => (shade === undefined ? color : readableOn(theme.card, color))
  const ink = (token: string): string => read(context.ink(token, context.theme.ink))
  const asked = style?.value?.font?.color ?? style?.font?.color
  return {
    label: style?.label?.visible === false ? undefined : chart.label === undefined ? chart.title : cleanText(chart.label).trim(),
    value: cleanText(write(value.values[0])),
    variant: chart.variant ?? 'stacked',
    support:
      chart.support === undefined || style?.support?.visible === false
        ? undefined
        : {
            text: cleanText(text.join(' ')),
            label: cleanText(chart.support.label ?? '').trim(),
            tone: isUnknown ? 'neutral' : (chart.support.tone ?? 'neutral'),
          },
    look: {
      ...(asked !== undefined && { color: ink(asked) }),
      ...(style?.glyph?.character !== undefined && { glyph: style.glyph.character }),
      ...(style?.glyph?.font?.color !== undefined && { glyphColor: read(context.color(style.glyph.font.color, context.theme.ink)) }),
      ...look,
      ...(look.color !== undefined && look.background === undefined && { color: read(look.color) }),
    },
    background: shade ?? context.ground,
    theme,
    align: style?.align ?? 'left',
    fonts: {
      value: kpiFont(mergeStyle(style?.font, style?.value?.font), ink),
      label: kpiFont(mergeStyle(style?.font, style?.label?.font), ink),
      support: kpiFont(mergeStyle(style?.font, style?.support?.font), ink),
      glyph: kpiFont(mergeStyle(style?.glyph?.font), ink),
    },
  }
}

function kpiFont(font: Partial<FontStyle>, ink: (token: string) => string): KpiFont {
  const weight = fontWeight(font.weight)
  return {
    ...(font.size !== undefined && { size: font.size }),
    ...(weight !== undefined && { weight }),
    ...(font.style !== undefined && { italic: font.style === 'italic' }),
    ...(font.color !== undefined && { color: ink(font.color) }),
  }
}

/** The place of a value in a scale. */
function scaledBackground({ background }: KpiChart, rows: Rows, context: ChartContext): string | undefined {
  if (background === undefined || typeof background === 'string') return undefined
  const column = findColumn(rows, background.column, 'background.column', context.findings)
  return column === undefined ? undefined : scaleBackground(background.scale ?? {}, column.values, context)(column.values[0]).background
}
