import type { TableChart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { ChartContext, type ChartOptions } from '../../boards/charts/chart-context.ts'
import { themeOn } from '../../boards/charts/ground.ts'
import { pivotRows } from '../../boards/charts/pivot-rows.ts'
import { sortRows } from '../../boards/charts/series.ts'
import { type TableCell, type TableColumn, type TableLook, type TableModel, tableModel } from '../../boards/charts/table-model.ts'
import type { Theme } from '../../boards/charts/theme.ts'
import type { BoundChart, Rows } from '../../boards/compiled-board.ts'
import { drawSpark } from '../../boards/draw/draw-spark.ts'
import { svgDocument } from '../../boards/draw/svg.ts'
import { css, type Declarations } from './css.ts'
import type { CellView, TableView } from './view.ts'

/** The rows of a chart as a table: its own, when it is one, else the plain one that tells a plot in words. */
export const tableView = (
  bound: BoundChart,
  options: ChartOptions,
): { readonly table: TableView | null; readonly findings: readonly BoardDiagnostic[] } => {
  if (bound.rows === undefined) return { table: null, findings: [] }
  const isOwn = bound.chart.type === 'table'
  const asked: BoundChart = isOwn ? bound : { ...bound, chart: { type: 'table' } }
  const { model, findings } = tableModel(asked, options)
  return { table: model === undefined ? null : viewOf(model, asked as TableBound, options), findings: isOwn ? findings : [] }
}

type TableBound = BoundChart & { readonly chart: TableChart; readonly rows: Rows }

const viewOf = (model: TableModel, bound: TableBound, options: ChartOptions): TableView => {
  const { chart, rows } = bound
  const context = new ChartContext(bound, options)
  const order = sortRows(chart.sort, rows, context)
  const sorted: Rows = { ...rows, rows: order.map((index) => rows.rows[index] as readonly unknown[]) }
  const isPivot = (chart.columns ?? []).length > 0
  const shown = isPivot ? (pivotRows(chart, sorted, context)?.rows ?? sorted) : sorted
  const isTurned = chart.style?.transpose === true
  const places = model.columns.map(({ name }) => (isTurned ? -1 : shown.columns.findIndex((column) => column.name === name)))
  return {
    columns: model.columns.map(({ name, label, align, width, maxWidth, isNumeric }, index) => ({
      name,
      label,
      align,
      width: width ?? null,
      maxWidth: maxWidth ?? null,
      isNumeric,
      isSortable: places[index] !== -1,
    })),
    rows: model.rows.map((cells, row) => ({
      row: isPivot || isTurned ? null : (order[row] ?? null),
      cells: cells.map((cell, index) =>
        cellView(cell, model.columns[index] as TableColumn, context.theme, model.look.rowHeight ?? usualRow),
      ),
      keys: places.map((place) => (place === -1 ? null : (shown.rows[row]?.[place] ?? null))),
    })),
    pageRows: model.pageRows ?? null,
    hasHeader: model.hasHeader,
    hasRowNumbers: model.hasRowNumbers,
    isStriped: model.isStriped,
    style: css(tableCss(model.look, context.theme)) ?? null,
    numberLabel: model.look.numbers?.label ?? '#',
  }
}

const tableCss = (look: TableLook, theme: Theme): Declarations => ({
  '--head-background': look.headBackground,
  '--head-color': look.headColor,
  '--head-size': look.headSize && `${look.headSize}px`,
  '--head-weight': look.headWeight,
  '--head-height': look.headHeight && `${look.headHeight}px`,
  '--row-height': look.rowHeight && `${look.rowHeight}px`,
  '--cell-size': look.size && `${look.size}px`,
  '--stripe': look.stripe,
  '--stripe-ink': look.stripe && themeOn(theme, look.stripe).ink,
  '--rule': look.rule && `${look.rule.width}px solid ${look.rule.color ?? 'var(--grid)'}`,
  '--number-align': look.numbers?.align,
})

/** Pixels of a row whose style says none, and how wide a small chart in it is. */
const usualRow = 33
const sparkWidth = 96

const sparkSvg = (cell: TableCell, { spark, label }: TableColumn, theme: Theme, row: number): string | undefined => {
  if (cell.spark === undefined || spark === undefined) return undefined
  const size = { width: sparkWidth, height: Math.max(4, Math.min(spark.height ?? row - 12, row - 4)) }
  const drawn = drawSpark(cell.spark, spark, { x: 0, y: 0, ...size }, theme)
  return drawn === '' ? undefined : svgDocument(drawn, { ...size, background: undefined, label })
}

const cellView = (cell: TableCell, column: TableColumn, theme: Theme, row: number): CellView => ({
  text: cell.text,
  background: cell.background ?? column.background,
  color: cell.color ?? column.color,
  weight: cell.weight ?? (column.weight === 400 ? undefined : column.weight),
  size: column.size,
  italic: cell.italic ?? column.italic,
  underline: cell.underline,
  glyph: cell.glyph,
  glyphColor: cell.glyph === undefined ? undefined : cell.glyphColor,
  spark: sparkSvg(cell, column, theme, row),
})
