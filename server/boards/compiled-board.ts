import type { Chart } from '../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import type { CacheSetting, Query, RefQuery } from '../../contracts/v1/board/queries.ts'
import type { BoardStyle } from '../../contracts/v1/board/style.ts'
import type { Variable } from '../../contracts/v1/board/variables.ts'
import type { Column } from '../../contracts/v1/values.ts'

/** Where something was written. */
export interface Place {
  /** Relative to the project's folder. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Where a text of something was written, by its key or the keys that lead to it; with `inside`, a place within that text. */
export type Locate = (key: string | readonly PropertyKey[], inside?: { readonly line: number; readonly column: number }) => Place

export interface CompiledVariable {
  readonly name: string
  /** Empty when it was refused. */
  readonly definition: Variable
  readonly place: Place
  readonly locate: Locate
  /** The schema refused it, which is found at its place; no query runs with it. */
  readonly isRefused?: true
}

export interface CompiledQuery {
  /** Unique in the board; a query of a nested board that hides another has the path of its board before it. */
  readonly id: string
  readonly definition: Exclude<Query, string | RefQuery>
  /** Name of its source; undefined for rows written in the board, and where `sourceFault` says so. */
  readonly source: string | undefined
  /** Why its SQL has no source. */
  readonly sourceFault?: BoardDiagnostic
  /** How long its rows are kept: what it says, else the nearest board around it. */
  readonly cache?: CacheSetting
  readonly place: Place
  /** Where a place of its SQL was written. */
  readonly locate: Locate
  /** The board that it is taken from, as the reference to it names that. */
  readonly from?: string
  /** The queries that its SQL may name: name to id. */
  readonly scope: ReadonlyMap<string, string>
  /** It was refused, which is found at its place; `definition` has no rows. */
  readonly isRefused?: true
}

export interface CompiledChart {
  /** Unique in the board. */
  readonly id: string
  /** With the defaults of its board and folder; texts may hold templates. */
  readonly chart: Chart
  /** Id of its query. */
  readonly query: string | undefined
  /** Ids of the queries of its layers, in their order; undefined for those that read the rows of the chart. */
  readonly layers?: readonly (string | undefined)[]
  readonly place: Place
  readonly locate: Locate
  /** Of a chart that was refused, what is sound of it and the queries that it names: it is checked, and a message is drawn in its place. */
  readonly refused?: {
    readonly parts: Readonly<Record<string, unknown>>
    readonly query?: string | undefined
    readonly layers?: readonly (string | undefined)[] | undefined
  }
}

export type Visible = boolean | string | { readonly query: string; readonly column: string }

interface NodeShape {
  /** Pixels, or a share of the room there is. */
  readonly width?: number | string
  readonly height?: number | string
  readonly visible?: Visible
  readonly place: Place
}

/** A board, or a board within it: what stands above its layout, and the layout. */
export interface GroupNode extends NodeShape {
  readonly kind: 'group'
  readonly id: string
  readonly locate: Locate
  readonly title?: string
  /** Markdown. */
  readonly text?: string
  /** The line that opens what stands below the title; `text` is that of a board with nothing else below. */
  readonly details?: { readonly summary: string; readonly expandedTitle?: string; readonly expanded: boolean; readonly text?: string }
  readonly style: BoardStyle
  readonly layout?: RowsLayout | GridLayout | TabsLayout
}

export interface RowsLayout {
  readonly direction: 'rows' | 'cols'
  readonly gap?: number
  readonly items: readonly LayoutNode[]
}

export interface GridLayout {
  readonly direction: 'grid'
  readonly columns: number
  readonly items: readonly {
    readonly node: LayoutNode
    /** From 0; undefined takes the next free place. */
    readonly column?: number
    readonly row?: number
    readonly columnSpan: number
    readonly rowSpan: number
  }[]
}

export interface TabsLayout {
  readonly direction: 'tabs'
  readonly id: string
  readonly position: 'top' | 'left'
  /** Index of the tab that is open at first. */
  readonly open: number
  readonly items: readonly { readonly title: string; readonly icon?: string; readonly node: GroupNode }[]
}

export interface ChartNode extends NodeShape {
  readonly kind: 'chart'
  /** Id of the chart. */
  readonly chart: string
}

export type LayoutNode = GroupNode | ChartNode

/** A board whose references are resolved: what is left is to bind its variables and to run its queries. */
export interface CompiledBoard {
  /** Relative to the project's folder, with `/`; empty for a text without a file. */
  readonly path: string
  readonly title: string | undefined
  readonly notes: string | undefined
  readonly tags: readonly string[]
  readonly variables: ReadonlyMap<string, CompiledVariable>
  readonly queries: ReadonlyMap<string, CompiledQuery>
  readonly charts: ReadonlyMap<string, CompiledChart>
  readonly root: GroupNode
  /** Source of queries that name none and stand in no group of another. */
  readonly source: string | undefined
  /** How long rows are kept of SQL that is no query of the board, such as options. */
  readonly cache?: CacheSetting
  readonly theme: string
  /** The other files that it is made of: what it extends, defaults of its folders, boards that it refers to. Relative to the project's folder. */
  readonly files: readonly string[]
  /** All findings, errors too: what is not about them still compiles. */
  readonly diagnostics: readonly BoardDiagnostic[]
}

/** The rows of a query, as they travel: see `contracts/v1/values.ts`. */
export interface Rows {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly unknown[])[]
  /** Says by which limit they were cut. */
  readonly truncated?: string
}

/** A chart with its texts rendered and its rows. */
export interface BoundChart {
  readonly id: string
  readonly chart: Chart
  /** Undefined when the chart takes no query, or when it failed. */
  readonly rows: Rows | undefined
  /** The rows of its layers, in their order; undefined for those that read the rows of the chart. */
  readonly layers?: readonly (Rows | undefined)[]
  readonly place: Place
  /** Where its keys were written. */
  readonly places?: Readonly<Record<string, Place>>
  /** Errors mean that it is drawn as a message in its place. */
  readonly diagnostics: readonly BoardDiagnostic[]
}

/** A variable with its value of this call. */
export interface BoundVariable {
  readonly name: string
  readonly label: string
  readonly input:
    | 'select'
    | 'multiselect'
    | 'text'
    | 'number'
    | 'textarea'
    | 'slider'
    | 'range'
    | 'date'
    | 'daterange'
    | 'checkbox'
    | 'radio'
  readonly value: VariableValue
  readonly options: readonly { readonly value: string | number; readonly label: string }[]
  readonly isVisible: boolean
  readonly isEnabled: boolean
  readonly isRequired: boolean
  readonly placeholder?: string
  readonly min?: number | string
  readonly max?: number | string
  readonly step?: number
}

export type VariableValue = string | number | boolean | null | readonly (string | number | null)[]

/** A board of one call: variables bound, queries run, invisible parts left out, texts rendered. */
export interface BoundBoard {
  readonly path: string
  readonly title: string | undefined
  readonly notes: string | undefined
  readonly variables: readonly BoundVariable[]
  readonly root: GroupNode
  readonly charts: ReadonlyMap<string, BoundChart>
  readonly theme: string
  /** What is wrong with the values that the call gave; told at the top of the board. Absent when nothing is. */
  readonly notices?: readonly BoardDiagnostic[]
  /** Those of the board and of all its charts. */
  readonly diagnostics: readonly BoardDiagnostic[]
}
