import type { KpiChart, Tone } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { entryOf } from '../../yaml/schema-at.ts'
import type { BoundChart, Rows } from '../compiled-board.ts'
import { formatValue } from '../formats/format-value.ts'
import { ChartContext, type ChartOptions } from './chart-context.ts'
import { chartRows, cleanText, findColumn } from './chart-data.ts'
import { type CellLook, conditionalLook } from './conditional-format.ts'
import { checkFormatNamed } from './design-checks.ts'

/** A KPI as it is painted. */
export interface KpiModel {
  readonly label: string | undefined
  readonly value: string
  readonly variant: 'stacked' | 'inline' | 'compact'
  readonly support: { readonly text: string; readonly label: string; readonly tone: Tone } | undefined
  readonly look: CellLook
  readonly background: string | undefined
  readonly align: 'left' | 'center' | 'right'
}

/** The texts and colours of a KPI; undefined when there is nothing to paint, which a finding then says. */
export function kpiModel(bound: BoundChart, options: ChartOptions): { model: KpiModel | undefined; findings: readonly BoardDiagnostic[] } {
  const context = new ChartContext(bound, options)
  const chart = bound.chart as KpiChart
  const rows = chartRows(bound, context.findings)
  const model = rows === undefined ? undefined : readKpi(chart, rows, context)
  return { model: context.findings.error === undefined ? model : undefined, findings: context.findings.all }
}

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
  const text = [chart.support?.glyph, support === undefined ? undefined : writeSupport?.(support.values[0])].filter(
    (part) => part !== undefined,
  )
  const rules = entryOf(chart.conditional_formatting, chart.value)
  const look = conditionalLook(rules, value.values[0], context)
  return {
    label: chart.label === undefined ? chart.title : cleanText(chart.label).trim(),
    value: cleanText(write(value.values[0])),
    variant: chart.variant ?? 'stacked',
    support:
      chart.support === undefined
        ? undefined
        : { text: cleanText(text.join(' ')), label: cleanText(chart.support.label ?? '').trim(), tone: chart.support.tone ?? 'neutral' },
    look: {
      ...(style?.value?.font?.color !== undefined && { color: context.color(style.value.font.color, context.theme.ink) }),
      ...look,
    },
    background:
      look.background ??
      ((chart.background ?? style?.background) ? context.color(chart.background ?? style?.background, context.theme.card) : undefined),
    align: style?.align ?? 'left',
  }
}
