import type { Chart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { ChartContext, type ChartOptions } from '../charts/chart-context.ts'
import { cleanText } from '../charts/chart-data.ts'
import { chartSpec } from '../charts/chart-spec.ts'
import { kpiModel } from '../charts/kpi-model.ts'
import { plotHeight } from '../charts/plot-height.ts'
import { tableModel } from '../charts/table-model.ts'
import type { BoundChart } from '../compiled-board.ts'
import { type Box, type Place, pixels } from './box.ts'
import { calloutBox } from './callout-box.ts'
import { cellGap } from './column-widths.ts'
import { Card, drawMessage } from './draw-card.ts'
import { drawKpi, kpiHeight } from './draw-kpi.ts'
import { drawTable, tableHeight } from './draw-table.ts'
import { nestSvg } from './svg.ts'
import { NoRoomForPlot, vegaSvg } from './vega-svg.ts'

/** A chart as a part of a picture, with what was found while it was drawn. */
export interface ChartBox extends Box {
  /** Whole after `draw`. */
  readonly findings: readonly BoardDiagnostic[]
}

/** @param idPrefix begins every id within the picture: unique in its document. */
export async function chartBox(bound: BoundChart, options: ChartOptions, idPrefix: string): Promise<ChartBox> {
  const context = new ChartContext(bound, options)
  const failed = bound.diagnostics.find(({ level }) => level === 'error')
  if (failed !== undefined) findFaults(context, options)
  const box = failed !== undefined ? messageBox(context, failed) : await boxOf(bound.chart, context, options, idPrefix)
  const asked = bound.chart.height
  if (asked === undefined) return box
  return { ...box, findings: box.findings, draw: box.draw, measure: (width) => pixels(asked, 600) ?? box.measure(width) }
}

/** What drawing would find of a chart that another fault keeps from being drawn. */
function findFaults({ bound, findings }: ChartContext, options: ChartOptions): void {
  if (bound.rows === undefined) return
  const { type } = bound.chart
  const found =
    type === 'kpi' ? kpiModel(bound, options) : type === 'table' ? tableModel(bound, options) : chartSpec(bound, { ...options, ...usual })
  findings.all.push(...found.findings)
}

/** Room in which most charts are drawn, pixels. */
const usual = { width: 600, height: 300 }

async function boxOf(chart: Chart, context: ChartContext, options: ChartOptions, idPrefix: string): Promise<ChartBox> {
  if (isLate(options, context)) return messageBox(context, context.findings.error)
  if (chart.type === 'kpi') return kpiBox(context, options)
  if (chart.type === 'table') return tableBox(context, options)
  if (chart.type === 'callout') return calloutBox(chart, context)
  return plotBox(context, options, idPrefix)
}

/** Whether drawing has had its time, which is told of the chart. */
function isLate({ drawUntil }: ChartOptions, { findings, bound }: ChartContext): boolean {
  if (drawUntil === undefined || performance.now() <= drawUntil) return false
  findings.add('OUT_OF_TIME', `The board ran out of time before the chart "${bound.id}" was drawn.`)
  return true
}

function kpiBox(context: ChartContext, options: ChartOptions): ChartBox {
  const { model, findings } = kpiModel(context.bound, options)
  context.findings.all.push(...findings)
  const card = new Card(context, 18)
  if (model === undefined) return { ...messageBox(context, context.findings.error), measure: () => 112 }
  return {
    width: context.bound.chart.width,
    findings: context.findings.all,
    measure: (width) => card.headHeight(width) + kpiHeight(model),
    async draw(place) {
      const high = kpiHeight(model)
      const isTight = place.height < card.headHeight(place.width) + high
      // A card without room for its padding keeps its figure in the middle.
      const inner = isTight ? { ...card.inner(place), y: place.y + (place.height - high) / 2, height: high } : card.inner(place)
      const { svg, cut } = drawKpi(model, inner, model.theme)
      for (const text of cut) context.findings.add('TEXT_TRUNCATED', `"${text}" has no room in the KPI.`)
      return card.draw(place, { background: model.background }) + svg
    },
  }
}

function tableBox(context: ChartContext, options: ChartOptions): ChartBox {
  const { model, findings } = tableModel(context.bound, options)
  context.findings.all.push(...findings)
  const card = new Card(context)
  if (model === undefined) return messageBox(context, context.findings.error)
  const table = model.hasRowNumbers ? withRowNumbers(model) : model
  // Texts stand in line with the title: the room of the cells reaches into the padding of the card.
  const bled = (place: Place): Place => ({ ...place, x: place.x - cellGap, width: place.width + 2 * cellGap })
  return {
    width: context.bound.chart.width,
    findings: context.findings.all,
    measure: (width) => card.headHeight(width) + tableHeight(table, bled(card.inner({ x: 0, y: 0, width, height: 0 })).width),
    async draw(place) {
      const drawn = drawTable(table, bled(card.inner(place)), context.theme)
      const { shownRows, hiddenColumns, cutColumns } = drawn
      if (shownRows < table.rows.length)
        context.findings.add('TABLE_CUT', `${shownRows} of ${table.rows.length} rows ${shownRows === 1 ? 'is' : 'are'} shown.`)
      if (hiddenColumns > 0)
        context.findings.add(
          'CHART_TOO_SMALL',
          `${hiddenColumns} of ${table.columns.length} columns ${hiddenColumns === 1 ? 'has' : 'have'} no room.`,
        )
      if (cutColumns.length > 0)
        context.findings.add('TEXT_TRUNCATED', `Text is cut in ${cutColumns.map((name) => `"${name}"`).join(', ')}.`)
      return card.draw(place) + drawn.svg
    },
  }
}

function withRowNumbers(table: NonNullable<ReturnType<typeof tableModel>['model']>): typeof table {
  const column = {
    name: '#',
    label: table.look.numbers?.label ?? '#',
    align: table.look.numbers?.align ?? 'right',
    width: 48,
    isNumeric: true,
    isCuttable: false,
    weight: 400,
    color: undefined,
    background: undefined,
    spark: undefined,
  } as const
  return { ...table, columns: [column, ...table.columns], rows: table.rows.map((row, index) => [{ text: String(index + 1) }, ...row]) }
}

/** The least room in which a plot can be read. */
const least = { width: 120, height: 90 }

function plotBox(context: ChartContext, options: ChartOptions, idPrefix: string): ChartBox {
  const { bound, findings } = context
  const card = new Card(context)
  return {
    width: bound.chart.width,
    findings: findings.all,
    measure: (width) => card.headHeight(width) + plotHeight(bound, width),
    async draw(place) {
      if (isLate(options, context)) return card.draw(place) + drawFinding(card.inner(place), context, findings.error)
      const plain = card.inner(place)
      const room = { width: Math.round(plain.width), height: Math.round(plain.height) }
      if (room.width < least.width || room.height < least.height) {
        findings.add('CHART_TOO_SMALL', `The plot has ${room.width} by ${room.height} pixels.`)
      }
      let { spec, note, findings: found } = chartSpec(bound, { ...options, ...room })
      if (note !== undefined) {
        const inner = card.inner(place, note)
        ;({ spec, note, findings: found } = chartSpec(bound, { ...options, width: room.width, height: Math.round(inner.height) }))
      }
      for (const finding of found) if (!findings.all.some(({ message }) => message === finding.message)) findings.all.push(finding)
      const frame = card.draw(place, { note })
      if (spec === undefined)
        return frame + drawFinding(card.inner(place), context, findings.error ?? findings.all.find(({ code }) => code === 'ZERO_ROWS'))
      const picture = await vegaSvg(spec).catch((error: Error) => error)
      if (picture instanceof NoRoomForPlot) {
        const message = 'The axes and the legend leave no room for the plot.'
        findings.add('WRONG_VALUE', message, 'style', 'Make its labels, titles and marks smaller, or the chart larger.')
        return frame + drawFinding(card.inner(place), context, findings.error)
      }
      if (picture instanceof Error) {
        findings.add('WRONG_VALUE', 'The chart cannot be drawn: a name of a column or a value is not what a chart can take.')
        return frame + drawFinding(card.inner(place), context, findings.error)
      }
      const inner = card.inner(place, note)
      const scale = Math.min(1, inner.width / picture.width, inner.height / picture.height)
      const size = { width: picture.width * scale, height: picture.height * scale }
      return frame + nestSvg(picture, { x: inner.x + (inner.width - size.width) / 2, y: inner.y, ...size }, idPrefix)
    },
  }
}

/** A chart that could not be drawn says why, in its place. */
function messageBox(context: ChartContext, finding: BoardDiagnostic | undefined): ChartBox {
  const card = new Card(context)
  return {
    width: context.bound.chart.width,
    findings: context.findings.all,
    measure: (width) => card.headHeight(width) + 120,
    draw: async (place) => card.draw(place) + drawFinding(card.inner(place), context, finding),
  }
}

function drawFinding(place: Place, { theme, bound }: ChartContext, finding: BoardDiagnostic | undefined): string {
  if (finding === undefined || finding.code === 'ZERO_ROWS') {
    return drawMessage(place, theme, { heading: 'No data', text: finding?.message ?? 'There are no rows to show.', tone: 'neutral' })
  }
  const name = cleanText(bound.chart.type === 'kpi' ? (bound.chart.label ?? bound.id) : bound.id)
  return drawMessage(place, theme, {
    heading: `${name} cannot be drawn`,
    text: cleanText(`${finding.message} ${finding.fix ?? ''}`),
    tone: 'negative',
  })
}
