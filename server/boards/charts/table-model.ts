import type { TableChart } from '../../../contracts/v1/board/charts.ts'
import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { ColumnStyle } from '../../../contracts/v1/board/style-table.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import type { BoundChart, Rows } from '../compiled-board.ts'
import { type FormatValue, formatValue } from '../formats/format-value.ts'
import { isIdentifier } from '../formats/identifiers.ts'
import type { ResolvedFormat } from '../formats/resolve-format.ts'
import { toNumber, valueKind } from '../formats/value-kind.ts'
import { ChartContext, type ChartOptions } from './chart-context.ts'
import { type ChartColumn, chartRows, cleanText, columnLabel, findColumn } from './chart-data.ts'
import { type CellLook, conditionalLook, groundLook, layeredLook } from './conditional-format.ts'
import { greatestOf, leastOf } from './extent.ts'
import { fontWeight } from './font-spec.ts'
import { readableOn } from './ground.ts'
import { pivotRows } from './pivot-rows.ts'
import { scaleBackground } from './scale-background.ts'
import { sortRows } from './series.ts'
import { mergeStyle } from './spec.ts'
import { transposeRows } from './transpose-rows.ts'

export interface TableCell extends CellLook {
  readonly text: string
  /** Heights of a small chart, 0 to 1; null is a gap. */
  readonly spark?: readonly (number | null)[]
}

export interface TableColumn {
  readonly name: string
  readonly label: string
  readonly align: 'left' | 'center' | 'right'
  /** Pixels, or a share such as "30%". */
  readonly width: number | string | undefined
  readonly isNumeric: boolean
  /** Words may be cut; what is left of a number or a date would be another one. */
  readonly isCuttable: boolean
  readonly weight: number
  readonly color: string | undefined
  readonly background: string | undefined
  readonly spark: SparkLook | undefined
  /** Pixels at most, or a share, of a column that is as wide as its texts. */
  readonly maxWidth?: number | string
  readonly italic?: boolean
  readonly size?: number
}

/** A small chart in a cell, its colour resolved. */
export type SparkLook = Exclude<NonNullable<ColumnStyle['spark']>, string>

/** What the style says of all cells, of the head and of the lines between; what it leaves open is as usual. */
export interface TableLook {
  readonly headHeight?: number
  readonly headBackground?: string
  readonly headColor?: string
  readonly headSize?: number
  readonly headWeight?: number
  readonly rowHeight?: number
  readonly size?: number
  readonly stripe?: string
  readonly rule?: { readonly color?: string; readonly width: number }
  readonly numbers?: { readonly label?: string; readonly align?: 'left' | 'right' }
}

/** A table as it is painted: all its rows; who paints it decides how many to show. */
export interface TableModel {
  readonly columns: readonly TableColumn[]
  readonly rows: readonly (readonly TableCell[])[]
  readonly pageRows: number | undefined
  /** Rows that sum up others: no shade, rule or sign of the others' values is theirs. */
  readonly sums?: ReadonlySet<number>
  readonly hasRowNumbers: boolean
  readonly hasHeader: boolean
  readonly isStriped: boolean
  readonly look: TableLook
}

/** The columns, texts and colours of a table; undefined after an error. A table without rows keeps its header. */
export function tableModel(
  bound: BoundChart,
  options: ChartOptions,
): { model: TableModel | undefined; findings: readonly BoardDiagnostic[] } {
  const context = new ChartContext(bound, options)
  const chart = bound.chart as TableChart
  chartRows(bound, context.findings)
  const model = bound.rows === undefined ? undefined : readTable(chart, bound.rows, context)
  return { model: context.findings.error === undefined ? model : undefined, findings: context.findings.all }
}

function readTable(chart: TableChart, source: Rows, context: ChartContext): TableModel {
  const order = sortRows(chart.sort, source, context)
  const sorted: Rows = { ...source, rows: order.map((index) => source.rows[index] as readonly unknown[]) }
  const isPivot = (chart.columns ?? []).length > 0
  const pivoted = isPivot ? pivotRows(chart, sorted, context) : undefined
  const rows = pivoted?.rows ?? sorted
  const { style } = chart
  for (const name of Object.keys(style?.columns ?? {})) {
    if (isPivot || rows.columns.some((column) => column.name === name)) continue
    findColumn(rows, name, 'style.columns', context.findings)
  }
  const columns = rows.columns.map((column, index): ReadColumn => {
    const origin = pivoted?.origins[index] ?? column.name
    const values = rows.rows.map((row) => row[index])
    const found: ChartColumn = { column, index, values }
    const own: ColumnStyle = mergeStyle<ColumnStyle>(
      defaultsFor(found, origin, style?.column_defaults, context),
      entryOf(style?.columns, origin),
      entryOf(style?.columns, column.name),
    )
    return { found, origin, style: own, head: pivoted?.heads[index] }
  })
  const role = isPivot ? undefined : style?.row?.role
  const sums = sumRows(role, rows, context)
  const visible = columns.filter(({ style: own, found }) => own.visible ?? found.column.name !== role)
  const families = Map.groupBy(visible, ({ origin }) => origin)
  const read = visible.map((column) => {
    const family = families.get(column.origin)?.flatMap(({ found }) => found.values) ?? []
    return readColumn(column, { family, sums }, chart, context)
  })
  const table: TableModel = {
    columns: read.map(({ column }) => column),
    rows: rows.rows.map((_, row) => read.map(({ cells }) => cells[row] as TableCell)),
    pageRows: pageRows(chart),
    ...(sums.size > 0 && !style?.transpose && { sums }),
    hasRowNumbers: typeof style?.row_numbers === 'object' ? (style.row_numbers.visible ?? true) : (style?.row_numbers ?? false),
    hasHeader: style?.header?.visible ?? true,
    isStriped: style?.row?.striped ?? style?.row?.stripe?.color !== undefined,
    look: tableLook(chart, context),
  }
  return style?.transpose ? transposeRows(table) : table
}

/** What is said of all columns: a format is for those of its kind, and not for what only looks like a number. */
function defaultsFor(
  column: ChartColumn,
  origin: string,
  defaults: ColumnStyle | undefined,
  context: ChartContext,
): ColumnStyle | undefined {
  if (defaults?.format === undefined || (!isIdentifier(origin) && context.isOfKind(defaults.format, column))) return defaults
  const { format: _, ...rest } = defaults
  return rest
}

/** The rows that a column of roles calls a sum, whatever its word for it; all others are data. */
function sumRows(role: string | undefined, rows: Rows, context: ChartContext): ReadonlySet<number> {
  const found = role === undefined ? undefined : findColumn(rows, role, 'style.row.role', context.findings)
  const isSum = (value: unknown): boolean => typeof value === 'string' && /^(total|subtotal|summary|average|footer)$/i.test(value)
  return new Set(found?.values.flatMap((value, row) => (isSum(value) ? [row] : [])))
}

interface ReadColumn {
  readonly found: ChartColumn
  /** The column of the query that it comes from; a pivot makes several of one. */
  readonly origin: string
  readonly style: ColumnStyle
  /** What a pivot writes above it. */
  readonly head: string | undefined
}

/**
 * @param family the values of all columns that a pivot makes of one: the same number looks the same in each of them.
 * @param sums the rows that are sums of others, which no scale counts.
 */
function readColumn(
  { found, origin, style, head }: ReadColumn,
  { family, sums }: { readonly family: readonly unknown[]; readonly sums: ReadonlySet<number> },
  chart: TableChart,
  context: ChartContext,
): { column: TableColumn; cells: TableCell[] } {
  const { column, values } = found
  const kind = valueKind(column.type)
  const isNumeric = kind === 'number'
  const asked = style.format ?? (isNumeric ? chart.style?.number_format : kind === 'time' ? chart.style?.time_format : undefined)
  const write =
    style.format === undefined && isIdentifier(origin)
      ? plainText
      : formatValue(context.format(asked, found) ?? columnFormat({ ...found, values: family }), column.type, 'table')
  const data = sums.size === 0 ? family : values.filter((_, row) => !sums.has(row))
  const shade = scaleBackground(style.scale?.background, data, context)
  const tints = scaleBackground(style.scale?.color, data, context)
  const tint = (value: unknown): string | undefined =>
    style.scale?.color === undefined ? undefined : (tints(value).background ?? context.theme.ink)
  const sparkStyle = typeof style.spark === 'string' ? { type: style.spark } : style.spark
  const font = { ...chart.style?.font, ...chart.style?.row?.font, ...style.font }
  const ground = style.background === undefined ? undefined : groundLook(context.solid(style.background), context)
  const ink = font.color ?? chart.style?.color?.static
  const colors = {
    background: ground?.background,
    color:
      ink === undefined
        ? ground?.color
        : ground === undefined
          ? context.ink(ink, context.theme.ink)
          : context.color(ink, context.theme.ink),
  }
  const isAnchored = chart.style?.symbol_mode === 'anchors' && isNumeric
  const rules = entryOf(chart.conditional_formatting, origin)
  const sparks = style.spark === undefined ? undefined : values.map(sparkValues)
  const bounds = sparks === undefined ? undefined : sparkBounds(family.map(sparkValues), sparkStyle)
  const cellText = (value: unknown, row: number, spark: readonly unknown[] | undefined): string => {
    if (spark !== undefined && (spark.length > 1 || sparkStyle?.value_visible === false)) return ''
    const text = cleanText(write(value)) + (spark === undefined ? '' : (sparkStyle?.value_suffix ?? ''))
    // What stands before and after the digits is read off the first row.
    return isAnchored && row > 0 && !sums.has(row) ? text.replace(/^([−-]?)[^\d−-]+/, '$1').replace(/[^\d]+$/, '') : text
  }
  const cells = values.map((value, row): TableCell => {
    const spark = sparks?.[row]
    if (sums.has(row)) return { text: cellText(value, row, spark), weight: 600 }
    return {
      text: swatch(style, value) ?? cellText(value, row, spark),
      ...(style.glyph !== undefined && { glyph: style.glyph }),
      ...(style.glyph_color !== undefined && { glyphColor: context.color(style.glyph_color, context.theme.ink) }),
      ...(style.swatch === true && { glyph: '■', glyphColor: context.color(String(value ?? ''), context.theme.muted) }),
      ...layeredLook({ column: colors, tint: tint(value), shade: shade(value), rule: conditionalLook(rules, value, context) }, context),
      ...(spark !== undefined &&
        spark.length > 0 && { spark: spark.map((each) => (each === null ? null : scaled(each, bounds ?? [0, 1]))) }),
    }
  })
  return {
    cells,
    column: {
      name: column.name,
      label: cleanText(head ?? style.label ?? columnLabel(column.name)),
      align: style.align ?? font.align ?? (isNumeric && style.spark === undefined ? 'right' : 'left'),
      width: style.width ?? sparkStyle?.width,
      isNumeric,
      isCuttable: kind === 'text' || kind === 'nested',
      weight: fontWeight(font.weight) ?? 400,
      ...colors,
      spark: sparkStyle === undefined ? undefined : sparkLook(sparkStyle, context),
      ...(style.max_width !== undefined && { maxWidth: style.max_width }),
      ...(font.style === 'italic' && { italic: true }),
      ...(font.size !== undefined && { size: font.size }),
    },
  }
}

/** A swatch has no text. */
const swatch = (style: ColumnStyle, value: unknown): string | undefined => (style.swatch === true && value !== null ? '' : undefined)

const sparkLook = (spark: SparkLook, context: ChartContext): SparkLook => ({
  ...spark,
  color: context.color(spark.color, context.theme.accent),
  ...(spark.background !== undefined && { background: context.color(spark.background, context.theme.grid) }),
})

function tableLook({ style }: TableChart, context: ChartContext): TableLook {
  const { header, row, row_numbers: numbers } = style ?? {}
  const head = { ...style?.font, ...header?.font }
  const rule = row?.rule ?? style?.rule
  const line = typeof rule === 'object' ? rule : rule === undefined ? undefined : { width: rule ? 1 : 0 }
  const headGround = header?.background === undefined ? undefined : context.solid(header.background)
  const headWeight = fontWeight(head.weight)
  const size = row?.font?.size ?? style?.font?.size
  return {
    ...(header?.height !== undefined && { headHeight: header.height }),
    ...(headGround !== undefined && { headBackground: headGround, headColor: readableOn(headGround, context.theme.muted) }),
    ...(head.color !== undefined && {
      headColor: headGround === undefined ? context.ink(head.color, context.theme.muted) : context.color(head.color, context.theme.muted),
    }),
    ...(head.size !== undefined && { headSize: head.size }),
    ...(headWeight !== undefined && { headWeight }),
    ...(row?.height !== undefined && { rowHeight: row.height }),
    ...(size !== undefined && { size }),
    ...(row?.stripe?.color !== undefined && { stripe: context.solid(row.stripe.color) }),
    ...(line !== undefined && {
      rule: {
        width: line.width ?? 1,
        ...('color' in line && line.color !== undefined && { color: context.color(line.color, context.theme.grid) }),
      },
    }),
    ...(typeof numbers === 'object' && {
      numbers: {
        ...(numbers.header !== undefined && { label: numbers.header }),
        ...(numbers.align !== undefined && { align: numbers.align }),
      },
    }),
  }
}

/** Doubles of one column are written with the same number of decimals. */
function columnFormat({ column, values }: ChartColumn): ResolvedFormat | undefined {
  if (column.type !== 'float') return undefined
  const numbers = values.flatMap((value) => toNumber(value) ?? [])
  const largest = Math.max(0, greatestOf(numbers.map(Math.abs)))
  if (numbers.every(Number.isInteger) || largest >= 1e15) return undefined
  return { kind: 'number', spec: largest < 0.01 ? '.3~g' : largest < 1 ? ',.3f' : ',.2f' }
}

const plainText: FormatValue = (value) =>
  value === null || value === undefined ? '—' : typeof value === 'object' ? JSON.stringify(value) : String(value)

/** The numbers of a small chart: an array, its text, or one number for a bar. */
export function sparkValues(value: unknown): (number | null)[] {
  const list = typeof value === 'string' && value.startsWith('[') ? parseList(value) : value
  if (Array.isArray(list)) return thinned(list.map((each) => toNumber(each) ?? null))
  const number = toNumber(value)
  return number === undefined ? [] : [number]
}

/** More values than this have no room of their own in a small chart. */
const mostSparks = 400

/** The least and the greatest of each stretch, in their order, so that no peak is lost. */
function thinned(values: (number | null)[]): (number | null)[] {
  if (values.length <= mostSparks) return values
  const stretch = Math.ceil((2 * values.length) / mostSparks)
  const kept: (number | null)[] = []
  for (let from = 0; from < values.length; from += stretch) {
    const known = values.slice(from, from + stretch).filter((value) => value !== null)
    const [least, greatest] = [leastOf(known), greatestOf(known)]
    if (known.length === 0) kept.push(null)
    else if (known.indexOf(least) <= known.indexOf(greatest)) kept.push(least, greatest)
    else kept.push(greatest, least)
  }
  return kept
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function sparkBounds(sparks: readonly (readonly (number | null)[])[], style: SparkLook | undefined): [number, number] {
  const values = sparks.flat().filter((value) => value !== null)
  const low = style?.min ?? (style?.type === 'line' ? leastOf(values) : Math.min(0, leastOf(values)))
  return [low, style?.max ?? Math.max(low, greatestOf(values))]
}

const scaled = (value: number, [low, high]: readonly [number, number]): number =>
  high === low ? 0.5 : Math.min(1, Math.max(0, (value - low) / (high - low)))

function pageRows({ style }: TableChart): number | undefined {
  const { pagination } = style ?? {}
  if (pagination === false || (typeof pagination === 'object' && pagination.enabled === false)) return undefined
  return typeof pagination === 'object' ? (pagination.page_rows ?? 10) : 10
}
