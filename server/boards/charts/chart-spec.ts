import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { BoundChart, Rows } from '../compiled-board.ts'
import { measureFormat } from './axes.ts'
import { barSpec, isColoredByX } from './bar-spec.ts'
import type { Room } from './cartesian.ts'
import { ChartContext, type ChartOptions } from './chart-context.ts'
import { chartRows } from './chart-data.ts'
import { checkCategories, checkDuplicates, checkFormatNamed, checkScales } from './design-checks.ts'
import { isDotPlot, turnedScatter } from './dot-plot.ts'
import { heatmapSpec } from './heatmap-spec.ts'
import { histogramSpec } from './histogram-spec.ts'
import { layerSpecs } from './layer-specs.ts'
import { lineSpec } from './line-spec.ts'
import { areaMapSpec } from './map-spec.ts'
import { withNiceTicks } from './nice-ticks.ts'
import { panelSpec } from './panel-spec.ts'
import { pieSpec } from './pie-spec.ts'
import { pointMapSpec } from './point-map-spec.ts'
import { withSafeTitles } from './safe-titles.ts'
import { scatterSpec } from './scatter-spec.ts'
import { readSeries, type SeriesData } from './series.ts'
import { sparkBarSpec } from './spark-bar-spec.ts'
import type { Spec } from './spec.ts'
import { withSupportTable } from './support-table.ts'
import { vegaConfig } from './vega-config.ts'

/** Types that Vega draws; the others are pictures of our own. */
export type PlotType = Exclude<Chart['type'], 'kpi' | 'table' | 'callout'>

export interface ChartSpec {
  /** Vega-Lite; undefined when there is nothing to draw, which a finding then says. */
  readonly spec: Spec | undefined
  /** Said under the title, e.g. that only the first categories are drawn. */
  readonly note: string | undefined
  readonly findings: readonly BoardDiagnostic[]
}

/**
 * The Vega-Lite specification of a chart in its room: the server's pictures and the page in the browser draw the same one.
 * Title and card are not part of it. Each datum has `row`, the index of its row in the result.
 */
export function chartSpec(bound: BoundChart, options: ChartOptions & Room): ChartSpec {
  const context = new ChartContext(bound, options)
  const room = { width: options.width, height: options.height }
  const rows = chartRows(bound, context.findings)
  const view = rows === undefined ? undefined : buildView(bound.chart, rows, context, room)
  if (view === undefined || context.findings.error !== undefined)
    return { spec: undefined, note: undefined, findings: context.findings.all }
  const { note, width = room.width, ...parts } = view
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...('facet' in parts ? {} : { width, height: room.height, autosize: { type: 'fit', contains: 'padding' } }),
    ...withNiceTicks(withSafeTitles(context.isCut ? withCutMarks(parts) : parts)),
    config: vegaConfig(context.theme),
  }
  return { spec, note: typeof note === 'string' ? note : undefined, findings: context.findings.all }
}

/** The view with marks that end where its axes do. */
function withCutMarks(view: Spec): Spec {
  const { mark, layer, spec } = view as { mark?: Spec; layer?: readonly Spec[]; spec?: Spec }
  return {
    ...view,
    ...(mark !== undefined && { mark: { ...mark, clip: true } }),
    ...(layer !== undefined && { layer: layer.map(withCutMarks) }),
    ...(spec !== undefined && { spec: withCutMarks(spec) }),
  }
}

function buildView(chart: Chart, rows: Rows, context: ChartContext, room: Room): Spec | undefined {
  switch (chart.type) {
    case 'bar':
    case 'line':
    case 'area':
    case 'scatter':
      return seriesView(chart, rows, context, room)
    case 'histogram':
      return histogramSpec(chart, rows, context, room)
    case 'heatmap':
      return heatmapSpec(chart, rows, context, room)
    case 'spark_bar':
      return sparkBarSpec(chart, rows, context, room)
    case 'pie':
    case 'donut':
      return pieSpec(chart, rows, context, room)
    case 'map':
    case 'geoshape':
      return areaMapSpec(chart, rows, context, room)
    case 'point_map':
    case 'bubble_map':
      return pointMapSpec(chart, rows, context, room)
    default:
      return undefined
  }
}

type SeriesChart = Extract<Chart, { type: 'bar' | 'line' | 'area' | 'scatter' }>

function seriesView(written: SeriesChart, rows: Rows, context: ChartContext, room: Room): Spec | undefined {
  const isTurned = isDotPlot(written, rows)
  const chart = isTurned ? turnedScatter(written) : written
  const data = readSeries(chart, rows, context)
  if (data === undefined) return undefined
  checkSeries(chart, data, context)
  if (data.points.every(({ y }) => y === null)) {
    context.findings.add('ZERO_ROWS', `All values of ${data.measures.map(({ column }) => `"${column.name}"`).join(', ')} are null.`)
    return undefined
  }
  const panels = chart.multiples === undefined ? undefined : panelSpec(chart, data, room)
  const inner = panels?.room ?? room
  const view =
    chart.type === 'bar'
      ? barSpec(chart, data, context, inner)
      : chart.type === 'scatter'
        ? scatterSpec(chart, data, context, inner, isTurned)
        : lineSpec(chart, data, context, inner)
  if (panels !== undefined) return panels.wrap(view)
  const layered = chart.layers === undefined ? view : layerSpecs(chart, data, view, rows, context, room)
  return chart.support_table === undefined || chart.type === 'scatter'
    ? layered
    : withSupportTable(chart, layered, data, rows, context, room)
}

function checkSeries(chart: SeriesChart, data: SeriesData, context: ChartContext): void {
  const { findings } = context
  if (isColoredByX(chart)) findings.add('REDUNDANT_COLOR', `color and x both name "${chart.color}".`)
  for (const measure of data.measures) {
    checkFormatNamed(measure, measureFormat(chart.style), context)
  }
  if (chart.support_table !== undefined && (chart.type === 'scatter' || chart.multiples !== undefined))
    findings.add(
      'STYLE_NOT_APPLIED',
      `support_table is not drawn on ${chart.multiples === undefined ? 'a scatter chart' : 'small multiples'}.`,
    )
  if (chart.multiples !== undefined && chart.layers !== undefined)
    findings.add('STYLE_NOT_APPLIED', 'layers are not drawn on small multiples.')
  if (chart.type !== 'bar' && data.xKind === 'category') checkCategories(data.x.column.name, new Set(data.x.values).size, context)
  if (chart.type === 'scatter') return
  checkDuplicates(data, context)
  if (chart.style?.stack === undefined || chart.style.stack === 'none') checkScales(data, context)
  const distinct = new Set(data.points.map(({ x }) => x)).size
  if ((chart.type === 'line' || chart.type === 'area') && distinct === 1) {
    findings.add('SINGLE_POINT', `"${data.x.column.name}" has one value.`)
  }
}
