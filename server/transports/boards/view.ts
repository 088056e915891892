import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { BoundVariable } from '../../boards/compiled-board.ts'

/** What the page in the browser is sent: a line of JSON each, the board first, then every chart as soon as it is ready. */
export type BoardLine =
  | { readonly kind: 'board'; readonly board: BoardView }
  | { readonly kind: 'chart'; readonly chart: ChartView }
  | { readonly kind: 'end' }
  | { readonly kind: 'fault'; readonly message: string }

/** What the page asks for. */
export interface BoardRequest {
  /** Values of variables as texts, as they stand in the address. */
  readonly values: Readonly<Record<string, string | readonly string[]>>
  readonly scheme: 'light' | 'dark'
  /** Id of a chart to the width that it has in its card, pixels. */
  readonly widths: Readonly<Record<string, number>>
  /** Id of a chart to the height that it has, where its card is higher than it asks to be. */
  readonly heights?: Readonly<Record<string, number>> | undefined
  /** Ids of the only charts that are wanted. */
  readonly charts?: readonly string[] | undefined
  /** Ids of charts that the page has as they would be, and that are not wanted. */
  readonly kept?: readonly string[] | undefined
}

/** Id of a chart to the names of the variables that it depends on. */
export type ChartUses = Readonly<Record<string, readonly string[]>>

export interface BoardView {
  readonly title: string
  /** Those without a control too: a link or a press may set them. */
  readonly variables: readonly VariableView[]
  readonly uses: ChartUses
  /** CSS that sets the colours of the page, light and dark. */
  readonly colors: string
  /** HTML of the layout, a place for every chart in it. */
  readonly layout: string
  readonly findings: readonly BoardDiagnostic[]
}

export interface VariableView extends BoundVariable {
  /** The value as a reader knows it; null when there is none. */
  readonly text: string | null
  readonly notes?: string | undefined
  /** Why no query can be run with its value; null when they can. */
  readonly fault: string | null
  /** As the board writes it: words such as `last 30 days` stay words. */
  readonly default: unknown
}

export interface ChartView {
  readonly id: string
  readonly kind: 'plot' | 'table' | 'html' | 'message'
  /** Heading, subtitle and note; a KPI and a callout have theirs within. */
  readonly title: string | null
  readonly subtitle: string | null
  readonly note: string | null
  /** How heading and subtitle are set; null as usual. */
  readonly titleStyle: string | null
  readonly subtitleStyle: string | null
  /** What its rows say of the look of its card, such as the ground of a KPI. */
  readonly card: string | null
  /** What a screen reader is told. */
  readonly label: string
  /** A KPI, a callout, or why there is nothing else. */
  readonly html: string | null
  /** Compiled Vega, with the width and height that it is drawn for, and the least height that it asks for. */
  readonly plot: { readonly spec: unknown; readonly width: number; readonly height: number; readonly leastHeight: number } | null
  /** The rows: of a table as it is shown, of a plot as they are told to those who do not see it. */
  readonly table: TableView | null
  readonly actions: ChartActions
  readonly findings: readonly BoardDiagnostic[]
  /** Whether there are rows to download. */
  readonly hasRows: boolean
}

export interface TableView {
  readonly columns: readonly TableColumnView[]
  readonly rows: readonly TableRowView[]
  readonly pageRows: number | null
  readonly hasHeader: boolean
  readonly hasRowNumbers: boolean
  readonly isStriped: boolean
  /** How head and rows are set; null as usual. */
  readonly style: string | null
  readonly numberLabel: string
}

export interface TableColumnView {
  readonly name: string
  readonly label: string
  readonly align: 'left' | 'center' | 'right'
  readonly width: number | string | null
  readonly maxWidth: number | string | null
  readonly isNumeric: boolean
  readonly isSortable: boolean
}

export interface TableRowView {
  /** Index of the row in the result; null when several made it. */
  readonly row: number | null
  readonly cells: readonly CellView[]
  /** What the cells are sorted by, as the values travel. */
  readonly keys: readonly unknown[]
}

export interface CellView {
  readonly text: string
  readonly background?: string | undefined
  readonly color?: string | undefined
  readonly weight?: number | undefined
  readonly size?: number | undefined
  readonly italic?: boolean | undefined
  readonly underline?: boolean | undefined
  readonly glyph?: string | undefined
  readonly glyphColor?: string | undefined
  /** SVG of a small chart. */
  readonly spark?: string | undefined
}

/** What a click on a mark does; each list has an entry for every row of the result. */
export interface ChartActions {
  /** The variable that it sets, and the value of each row. */
  readonly select: { readonly variable: string; readonly values: readonly (string | null)[] } | null
  /** `rows` shows those of the chart itself; `query` asks the server. */
  readonly drill: 'rows' | 'query' | null
  /** Where each row leads. */
  readonly links: readonly (string | null)[] | null
  /** What tells the marks of each row apart: its values of x and of color. */
  readonly marks: readonly (readonly [unknown, unknown])[] | null
}

/** Asks for the rows behind a mark. */
export interface DrillRequest {
  readonly values: BoardRequest['values']
  readonly chart: string
  readonly x: unknown
  readonly color: unknown
}

export interface DrillView {
  readonly table: TableView | null
  readonly findings: readonly BoardDiagnostic[]
}
