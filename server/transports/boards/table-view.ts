import type { TableChart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { ChartContext, type ChartOptions } from '../../boards/charts/chart-context.ts'
import { pivotRows } from '../../boards/charts/pivot-rows.ts'
import { sortRows } from '../../boards/charts/series.ts'
import { type TableCell, type TableColumn, type TableModel, tableModel } from '../../boards/charts/table-model.ts'
import type { BoundChart, Rows } from '../../boards/compiled-board.ts'
import { drawSpark } from '../../boards/draw/draw-spark.ts'
import { svgDocument } from '../../boards/draw/svg.ts'
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
    columns: model.columns.map(({ name, label, align, width, isNumeric }, index) => ({
      name,
      label,
      align,
      width: width ?? null,
      isNumeric,
      isSortable: places[index] !== -1,
    })),
    rows: model.rows.map((cells, row) => ({
      row: isPivot || isTurned ? null : (order[row] ?? null),
      cells: cells.map((cell, index) => cellView(cell, model.columns[index] as TableColumn, options)),
      keys: places.map((place) => (place === -1 ? null : (shown.rows[row]?.[place] ?? null))),
    })),
    pageRows: model.pageRows ?? null,
    hasHeader: model.hasHeader,
    hasRowNumbers: model.hasRowNumbers,
    isStriped: model.isStriped,
  }
}

const sparkSize = { width: 96, height: 22 }

const cellView = (cell: TableCell, column: TableColumn, { theme }: ChartOptions): CellView => ({
  text: cell.text,
  background: cell.background ?? column.background,
  color: cell.color ?? column.color,
  weight: cell.weight ?? (column.weight === 400 ? undefined : column.weight),
  glyph: cell.glyph,
  glyphColor: cell.glyphColor,
  spark:
    cell.spark === undefined || column.spark === undefined
      ? undefined
      : svgDocument(drawSpark(cell.spark, column.spark, { x: 0, y: 0, ...sparkSize }, theme), {
          ...sparkSize,
          background: undefined,
          label: column.label,
        }),
})
