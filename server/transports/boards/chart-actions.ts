import type { Chart } from '../../../contracts/v1/board/charts.ts'
import { type Bin, type Bins, binColumn } from '../../boards/charts/histogram-spec.ts'
import { placeColumn } from '../../boards/charts/point-map-spec.ts'
import type { BoundChart, Rows, VariableValue } from '../../boards/compiled-board.ts'
import { toNumber } from '../../boards/formats/value-kind.ts'
import { renderText } from '../../boards/template/render-text.ts'
import { TemplateFault } from '../../boards/template/template-fault.ts'
import { canonicalPath } from './paths.ts'
import type { ChartActions } from './view.ts'

type Values = ReadonlyMap<string, VariableValue>

/** Rows of which each has a link of its own; charts with more are too dense to press on. */
const maxLinks = 2000

/**
 * What a click on a mark does. The rows of a histogram stand for their bins: a press selects a range, which ends at the greatest
 * value in the bin, so that BETWEEN takes what the bar counts and nothing of the next one.
 */
export const chartActions = ({ chart, rows }: BoundChart, values: Values): ChartActions => {
  const { x = ownColumn(chart, rows), color } = markColumns(chart)
  const column = (name: string | undefined) => columnOf(rows, name)
  const bins = chart.type === 'histogram' ? binColumn(column(x) ?? [], chart.bins).places : undefined
  const [xs, colors] = [bins?.map((bin) => bin?.x ?? null) ?? column(x) ?? coordinates(chart, rows), column(color)]
  const greatest = bins === undefined ? undefined : greatestIn(bins, column(x) ?? [])
  const selected = bins?.map((bin) => (bin === undefined ? null : JSON.stringify([bin.x, greatest?.get(bin)]))) ?? xs ?? colors
  const drill = chart.drill === true ? 'rows' : typeof chart.drill === 'string' ? 'query' : null
  return {
    select:
      chart.select === undefined || selected === undefined
        ? null
        : { variable: chart.select, values: selected.map((value) => (value === null || value === undefined ? null : String(value))) },
    drill: rows === undefined ? null : drill,
    links: rows === undefined || typeof chart.link !== 'string' ? null : rowLinks(chart.link, rows, values, { x, color }),
    marks: drill === null || rows === undefined ? null : rows.rows.map((_, row) => [xs?.[row] ?? null, colors?.[row] ?? null]),
  }
}

const greatestIn = (bins: Bins['places'], values: readonly unknown[]): ReadonlyMap<Bin, number> => {
  const greatest = new Map<Bin, number>()
  for (const [row, bin] of bins.entries())
    if (bin !== undefined) greatest.set(bin, Math.max(greatest.get(bin) ?? bin.x, toNumber(values[row]) ?? bin.x))
  return greatest
}

/** The columns that say which mark a row belongs to. */
export const markColumns = (chart: Chart): { readonly x: string | undefined; readonly color: string | undefined } => {
  switch (chart.type) {
    case 'callout':
    case 'kpi':
      return { x: undefined, color: undefined }
    case 'table':
      return { x: chart.rows?.[0], color: undefined }
    case 'pie':
    case 'donut':
      return { x: chart.color, color: chart.color }
    case 'point_map':
    case 'bubble_map':
      return { x: undefined, color: chart.color }
    case 'map':
    case 'geoshape':
      return { x: chart.lookup, color: chart.color }
    case 'heatmap':
      return { x: chart.x, color: typeof chart.y === 'string' ? chart.y : chart.y?.[0] }
    case 'spark_bar':
      return { x: typeof chart.y === 'string' ? chart.y : chart.y?.[0], color: chart.color }
    default:
      return { x: chart.x, color: chart.color }
  }
}

/** The column that the rows of a table are known by: the one that its variable is named after, else the first. That of points on a map. */
const ownColumn = (chart: Chart, rows: Rows | undefined): string | undefined => {
  if (chart.type === 'point_map' || chart.type === 'bubble_map') return placeColumn(chart, rows?.columns ?? [])
  if (chart.type !== 'table') return undefined
  return (rows?.columns.find(({ name }) => name === chart.select) ?? rows?.columns[0])?.name
}

/** Points that no column names are known by where they stand. */
const coordinates = (chart: Chart, rows: Rows | undefined): readonly unknown[] | undefined => {
  if (chart.type !== 'point_map' && chart.type !== 'bubble_map') return undefined
  const [latitude, longitude] = [columnOf(rows, chart.latitude), columnOf(rows, chart.longitude)]
  return latitude?.map((north, row) => `${north}, ${longitude?.[row]}`)
}

const columnOf = (rows: Rows | undefined, name: string | undefined): readonly unknown[] | undefined => {
  const index = rows?.columns.findIndex((column) => column.name === name) ?? -1
  return index === -1 ? undefined : rows?.rows.map((row) => row[index])
}

/** Values are put into addresses encoded, unless the whole address is one. */
const rowLinks = (
  link: string,
  { columns, rows }: Rows,
  values: Values,
  marks: { readonly x: string | undefined; readonly color: string | undefined },
): (string | null)[] => {
  const isWhole = /^\s*\{\{[^{}]*\}\}\s*$/.test(link)
  const encode = (value: unknown): string => {
    const text = value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
    return isWhole ? text : encodeURIComponent(text)
  }
  const fixed = [...values].map(([name, value]) => [name, encode(value)] as const)
  return rows.map((row, index) => {
    if (index >= maxLinks) return null
    const named = columns.map(({ name }, at) => [name, encode(row[at])] as const)
    const known = new Map(named)
    const roles = (['x', 'color'] as const).flatMap((role) => {
      const name = marks[role]
      return name === undefined ? [] : [[role, known.get(name) ?? ''] as const]
    })
    try {
      return safeLink(renderText(link, new Map([...fixed, ...named, ...roles])))
    } catch (error) {
      if (error instanceof TemplateFault) return null
      throw error
    }
  })
}

/** An address that leads to a page: of this board, of another by its path, or elsewhere over HTTP. */
const safeLink = (text: string): string | null => {
  const link = text.trim()
  if (link === '') return null
  if (/^(https?:\/\/|[?#]|\/(?!\/))/i.test(link)) return link
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(link)) return null
  const [, path = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(link) ?? []
  return `/boards/${canonicalPath(path.replace(/^\.\//, ''))}${rest}`
}
