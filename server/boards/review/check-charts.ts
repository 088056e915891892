import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic, BoardDiagnosticCode } from '../../../contracts/v1/board/diagnostics.ts'
import { type Format, formatAliases } from '../../../contracts/v1/board/formats.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import { measureFormat } from '../charts/axes.ts'
import { missingFormat } from '../charts/missing-format.ts'
import { diagnostic } from '../compile/diagnostic.ts'
import type { BoundBoard, BoundChart } from '../compiled-board.ts'
import { countRows } from '../encoded-rows.ts'
import { formatName, type OwnFormats, resolveFormat } from '../formats/resolve-format.ts'
import { valueKind } from '../formats/value-kind.ts'

/** A measure of a chart, with the format that is written for it and the texts that stand beside it. */
interface ShownMeasure {
  readonly column: string
  readonly format: Format | undefined
  readonly texts: readonly (string | undefined)[]
}

/** Names of quantities that mean nothing without their unit. */
const quantity = /(^|_)(duration|delay|latency|elapsed|distance|height|weight|mass|temperature|temp|speed|volume|area|rainfall)(_|$)/i
const unit =
  /[%°$€£]|\((?!s\))[^)]+\)|, ?\S|(^|[_\s])(ms|milliseconds?|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?|mm|cm|m|km|miles?|mi|ft|feet|inch(es)?|g|kg|grams?|t|tons?|tonnes?|lbs?|l|litres?|liters?|mph|kmh|celsius|fahrenheit|kb|mb|gb|bytes?)([_\s.]|$)/i

/** What charts say of themselves: titles, formats and units. */
export const checkCharts = (board: BoundBoard): BoardDiagnostic[] => {
  const found: BoardDiagnostic[] = []
  const own = board.root.style.formats ?? {}
  const kinds = new Map<string, { kind: string; chart: string }>()
  for (const bound of board.charts.values()) {
    const { id, chart, place } = bound
    const tell = (code: BoardDiagnosticCode, message: string, fix?: string): void => {
      if (!(chart.warnings_ignore ?? []).includes(code)) found.push(diagnostic(code, place, message, fix, { chart: id }))
    }
    if (titleOf(chart) === undefined) tell('MISSING_TITLE', `The chart "${id}" has no ${chart.type === 'kpi' ? 'label' : 'title'}.`)
    if ((chart.type === 'pie' || chart.type === 'donut') && bound.rows !== undefined && countRows(bound.rows) === 1)
      tell('PIE_ONE_SLICE', `The ${chart.type} "${id}" has one slice.`)
    for (const { column, format, texts } of measuresOf(bound)) {
      const spec = format === undefined ? undefined : formatName(format)
      const alias = spec === undefined ? undefined : nameOfFormat(spec, own)
      if (alias !== undefined) tell('FORMAT_NOT_NAMED', `The format "${spec}" of "${column}" is called ${alias}.`, `Write ${alias}.`)
      const index = bound.rows?.columns.findIndex(({ name }) => name === column) ?? -1
      const missing =
        chart.type === 'table' && format === undefined
          ? missingFormat({ type: 'table', column, values: bound.rows?.rows.map((row) => row[index]) ?? [], texts })
          : undefined
      if (missing !== undefined) tell('MISSING_FORMAT', missing.message, missing.fix)
      const kind = kindOfFormat(format, own)
      const other = kinds.get(column)
      if (kind !== undefined && other === undefined) kinds.set(column, { kind, chart: id })
      else if (kind !== undefined && other !== undefined && other.kind !== kind)
        tell('MIXED_FORMATS', `"${column}" is ${kind} here and ${other.kind} in "${other.chart}".`)
      if (
        quantity.test(column) &&
        ![column, spec, typeof format === 'object' ? (format.suffix ?? format.prefix) : undefined, ...texts].some(
          (text) => text !== undefined && unit.test(text),
        )
      )
        tell('MISSING_UNIT', `Nothing says in which unit "${column}" is.`)
    }
  }
  return found
}

const titleOf = (chart: Chart): string | undefined =>
  chart.type === 'callout' ? '' : chart.type === 'kpi' ? (chart.label ?? chart.title) : chart.title

const measuresOf = ({ chart, rows }: BoundChart): ShownMeasure[] => {
  const texts = [chart.title, chart.subtitle]
  switch (chart.type) {
    case 'callout':
      return []
    case 'kpi':
      return [{ column: chart.value, format: chart.style?.value?.format, texts: [...texts, chart.label, chart.support?.label] }]
    case 'pie':
    case 'donut':
      return [{ column: chart.theta, format: chart.style?.total?.value?.format, texts }]
    case 'table':
      return (rows?.columns ?? []).flatMap(({ name, type }) => {
        const style = entryOf(chart.style?.columns, name)
        if (valueKind(type) !== 'number' || style?.visible === false) return []
        const format = style?.format ?? chart.style?.column_defaults?.format ?? chart.style?.number_format
        return [{ column: name, format, texts: [...texts, style?.label] }]
      })
    case 'map':
    case 'point_map':
    case 'bubble_map':
    case 'geoshape':
      return chart.value === undefined ? [] : [{ column: chart.value, format: chart.style?.number_format, texts }]
    default: {
      const { style } = chart
      const format = measureFormat(style)
      const measures = chart.type === 'heatmap' ? [chart.color] : chart.type === 'spark_bar' ? [chart.x] : [chart.y].flat()
      const beside = [...texts, chart.x_label, chart.y_label, style?.axis_y?.title]
      return measures.flatMap((column) => (column === undefined ? [] : [{ column, format, texts: beside.filter(isText) }]))
    }
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** The named format that writes money or a share as a d3 format does. */
const nameOfFormat = (format: string, own: OwnFormats): string | undefined =>
  Object.hasOwn(own, format) || !/^\$|%$/.test(format) ? undefined : Object.entries(formatAliases).find(([, spec]) => spec === format)?.[0]

/** What a reader takes a figure for; undefined when no format says so. */
const kindOfFormat = (format: Format | undefined, own: OwnFormats): string | undefined => {
  const resolved = format === undefined ? undefined : resolveFormat(format, own)
  if (resolved === undefined || resolved.kind === 'time') return undefined
  if (resolved.kind === 'native' || resolved.spec.endsWith('%')) return 'a share'
  return resolved.spec.includes('$') || /[$€£¥]/.test(resolved.prefix ?? '') ? 'money' : 'a plain number'
}
