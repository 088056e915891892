import * as z from 'zod'
import { formatSchema } from './formats.ts'
import { queryBlockSchema } from './queries.ts'
import { cartesianStyleSchema, kpiStyleSchema, pieStyleSchema, textStyleSchema } from './style.ts'
import { axisStyleSchema } from './style-axis.ts'
import { colorScaleSchema } from './style-marks.ts'
import { ruleColor } from './style-parts.ts'
import { tableStyleSchema } from './style-table.ts'

/** Views of a query. A chart never aggregates, filters or joins: that is the query's work. */

const column = z.string().min(1).max(200)
const columns = z.union([column, z.array(column).min(1).max(50)])
const size = z
  .union([z.number().min(0).max(10_000), z.string().regex(/^\d+(\.\d+)?(px|%)?$/)])
  .describe('Pixels, or a share such as "50%".')

export const sortSchema = z.strictObject({ by: column, order: z.enum(['asc', 'desc']).optional() })

const sort = z.union([sortSchema, z.literal(false)]).describe('{by: column, order: asc or desc}; false for the order of the rows.')

const comparison = z.union([z.number(), z.string(), z.boolean()])

const ruleSchema = z.strictObject({
  eq: comparison.optional(),
  ne: comparison.optional(),
  lt: comparison.optional(),
  lte: comparison.optional(),
  gt: comparison.optional(),
  gte: comparison.optional(),
  between: z.tuple([comparison, comparison]).optional(),
  in: z.array(comparison).max(200).optional(),
  is_null: z.boolean().optional(),
  default: z.literal(true).optional(),
  background: ruleColor.optional(),
  font: z
    .strictObject({
      color: ruleColor.optional(),
      weight: z.union([z.number(), z.string()]).optional(),
      style: z.enum(['normal', 'italic']).optional(),
      decoration: z.enum(['none', 'line-through', 'underline']).optional(),
      size: z.number().optional(),
      family: z.string().optional(),
    })
    .optional(),
  glyph: z.string().max(10).optional(),
  glyph_color: ruleColor.optional(),
  tone: z.enum(['positive', 'negative', 'warning', 'info', 'neutral']).optional().describe('Colour of the glyph by what it means.'),
})

/** Column to its rules; each has one test, and the first that fits decides. */
export const conditionalFormattingSchema = z.record(column, z.strictObject({ when: z.array(ruleSchema).min(1).max(50) })).meta({
  id: 'ConditionalFormatting',
  description:
    'Column to its rules, as {revenue: {when: [{lt: 0, background: negative}]}}; each has one test, and the first that fits decides.',
})

const chartShape = {
  id: z.string().max(200).optional(),
  query: z
    .union([z.string().min(1).max(100_000), queryBlockSchema])
    .optional()
    .describe('Name of a query, SQL, or a query written here.'),
  title: z.string().max(500).optional(),
  subtitle: z.string().max(500).optional(),
  notes: z.string().max(5000).optional().describe('What it shows; for search and agents, never painted.'),
  link: z
    .union([z.string().max(2000), z.literal(false)])
    .optional()
    .describe('Where a click on a mark leads; {{ x }} is the value. ?name={{ x }} sets a variable.'),
  select: z.string().max(200).optional().describe('Variable that a click on a mark sets; a second click clears it.'),
  drill: z
    .union([z.boolean(), z.string().max(100_000)])
    .optional()
    .describe('Rows behind a mark: a query, or SQL that uses {{ x }} and {{ color }}.'),
  warnings_ignore: z.array(z.string()).max(100).optional(),
  height: size.optional(),
  width: size.optional(),
}

/** Sizes that charts with a plot may say beside their style. */
const plotShape = { aspect_ratio: z.number().gt(0).optional(), min_height: size.optional(), max_height: size.optional() }

const supportTableSchema = z.union([
  column,
  z.strictObject({
    source: column.optional(),
    aggregate: z.enum(['sum', 'avg', 'min', 'max', 'median', 'count', 'count_distinct']).optional(),
    per_series: z.union([z.boolean(), z.string()]).optional().describe('Column of which each series has a row of its own.'),
    by_measure: z.boolean().optional(),
    label: z.string().max(200).optional(),
    format: formatSchema.optional(),
  }),
])

const layerSchema = z
  .strictObject({
    type: z.enum(['bar', 'line', 'area', 'scatter']),
    query: z.string().max(100_000).optional().describe('Name of a query, or SQL; default the rows of the chart.'),
    x: column.optional(),
    y: column,
    y_start: column.optional().describe('Where a floating bar begins.'),
    label: z.string().max(200).optional(),
    color: z.string().max(200).optional().describe('Column that makes the series of the layer, or a colour.'),
    axis_y: z.strictObject({ ...axisStyleSchema.shape, position: z.enum(['left', 'right']).optional() }).optional(),
    style: cartesianStyleSchema.pick({ marks: true, number_format: true, color: true }).optional(),
  })
  .meta({ id: 'Layer' })

const cartesianShape = {
  ...chartShape,
  ...plotShape,
  x: column.optional().describe('The dimension, whatever the orientation.'),
  y: columns.optional().describe('The measure, or several.'),
  x_label: z.string().max(200).optional(),
  y_label: z.string().max(200).optional(),
  color: column.optional().describe('Column that makes the series.'),
  sort: sort.optional(),
  multiples: z
    .strictObject({ rows: column.optional(), columns: column.optional(), scale: z.enum(['shared', 'independent']).optional() })
    .optional(),
  support_table: z
    .union([z.array(supportTableSchema).max(20), z.strictObject({ entries: z.array(supportTableSchema).max(20) })])
    .optional()
    .describe('Rows of numbers in line with the axis of x: a column, an aggregate of one, or one row per series.'),
  layers: z.array(layerSchema).max(10).optional(),
  style: cartesianStyleSchema.optional(),
}

const cartesian = <const Type extends string, Extra extends z.core.$ZodLooseShape = Record<never, never>>(
  type: Type,
  id: string,
  description: string,
  extra?: Extra,
) => z.strictObject({ type: z.literal(type), ...cartesianShape, ...(extra as Extra) }).meta({ id, description })

export const barSchema = cartesian('bar', 'BarChart', 'Categories or periods against a measure.', {
  y_start: column.optional().describe('Where a floating bar begins.'),
})
export const histogramSchema = cartesian('histogram', 'Histogram', 'How values of one column are spread; makes its own bins.', {
  bins: z.int().min(1).max(200).optional(),
})
export const lineSchema = cartesian('line', 'LineChart', 'A measure over time or another order.')
export const areaSchema = cartesian('area', 'AreaChart', 'A measure over time, filled; stacked by color.')
export const scatterSchema = cartesian('scatter', 'ScatterChart', 'Two measures against each other.', {
  size: column.optional(),
  shape: column.optional(),
})
export const heatmapSchema = cartesian('heatmap', 'Heatmap', 'Two dimensions; color is the measure.')
export const sparkBarSchema = cartesian('spark_bar', 'SparkBar', 'Small bars in a list: x is the number, y the label.')

const pieShape = {
  ...chartShape,
  ...plotShape,
  theta: column.describe('The measure.'),
  color: column.optional().describe('The slices.'),
  total: z.union([z.boolean(), z.strictObject({ label: z.string().max(200).optional(), visible: z.boolean().optional() })]).optional(),
  sort: sort.optional(),
  style: pieStyleSchema.optional(),
}
export const pieSchema = z
  .strictObject({ type: z.literal('pie'), ...pieShape })
  .meta({ id: 'PieChart', description: 'Shares of a whole, for two to six slices.' })
export const donutSchema = z
  .strictObject({ type: z.literal('donut'), ...pieShape })
  .meta({ id: 'DonutChart', description: 'A pie with a hole, where the total can stand.' })

export const toneSchema = z.enum(['positive', 'negative', 'warning', 'info', 'neutral'])

export const kpiSchema = z
  .strictObject({
    type: z.literal('kpi'),
    ...chartShape,
    value: column.describe('The column; its query gives exactly one row.'),
    label: z.string().max(500).optional(),
    variant: z.enum(['stacked', 'inline', 'compact']).optional(),
    support: z
      .strictObject({
        value: column.optional(),
        label: z.string().max(500).optional(),
        format: formatSchema.optional(),
        glyph: z.string().max(10).optional(),
        tone: toneSchema.optional(),
      })
      .optional(),
    background: z
      .union([ruleColor, z.strictObject({ column, scale: colorScaleSchema.optional() })])
      .optional()
      .describe('A colour, or a column and the scale that gives its value one.'),
    conditional_formatting: conditionalFormattingSchema.optional(),
    style: kpiStyleSchema.optional(),
  })
  .meta({ id: 'KpiChart', description: 'One figure, from a query of one row.' })

export const tableSchema = z
  .strictObject({
    type: z.literal('table'),
    ...chartShape,
    rows: z.array(column).max(20).optional().describe('Pivot: columns whose values make the rows.'),
    columns: z.array(column).max(20).optional().describe('Pivot: columns whose values make the columns.'),
    values: z.array(column).max(20).optional().describe('Pivot: the measures.'),
    sort: sort.optional(),
    conditional_formatting: conditionalFormattingSchema.optional(),
    style: tableStyleSchema.optional(),
  })
  .meta({ id: 'TableChart', description: 'Rows as they are, or pivoted by rows, columns and values.' })

export const calloutSchema = z
  .strictObject({
    type: z.literal('callout'),
    ...chartShape,
    text: z.string().max(20_000),
    tone: toneSchema.optional(),
    glyph: z.string().max(10).optional(),
    style: textStyleSchema.optional(),
  })
  .meta({ id: 'Callout', description: 'A remark that stands out; needs no query.' })

export const geoSources = ['us-states', 'us-counties', 'world-countries', 'world-50m', 'world-110m', 'world'] as const
const geoSource = z.enum(geoSources).describe('The areas: of the world, or of the United States.')

const mapShape = {
  ...chartShape,
  ...plotShape,
  geo_source: geoSource.optional(),
  geo: geoSource.optional().describe('The same as geo_source.'),
  projection: z
    .union([z.string().max(60), z.strictObject({ type: z.string().max(60).optional() })])
    .optional()
    .describe('mercator, equalEarth, naturalEarth1, equirectangular, albersUsa and others. Default: what suits the areas.'),
  lookup: column.optional().describe('Column of a map that names its areas: ids, codes or names.'),
  value: column.optional().describe('The measure that colours the areas; an area map needs it, or color.'),
  latitude: column.optional(),
  longitude: column.optional(),
  size: column.optional().describe('The measure that the points of a map are as large as.'),
  color: column.optional(),
  collapse: z.boolean().optional().describe('Points on one place become one, as large as they are many.'),
  basemap: z.strictObject({ source: geoSource.optional(), fill: ruleColor.optional(), stroke: ruleColor.optional() }).optional(),
  style: cartesianStyleSchema.optional(),
}
export const mapTypes = ['map', 'point_map', 'bubble_map', 'geoshape'] as const
const mapNames = { map: 'Map', point_map: 'PointMap', bubble_map: 'BubbleMap', geoshape: 'Geoshape' } as const
const mapSchema = <const Type extends (typeof mapTypes)[number]>(type: Type) =>
  z.strictObject({ type: z.literal(type), ...mapShape }).meta({ id: mapNames[type], description: 'A map of places or areas.' })

export const chartSchema = z.discriminatedUnion('type', [
  kpiSchema,
  barSchema,
  lineSchema,
  tableSchema,
  areaSchema,
  pieSchema,
  donutSchema,
  scatterSchema,
  heatmapSchema,
  histogramSchema,
  sparkBarSchema,
  calloutSchema,
  mapSchema('map'),
  mapSchema('point_map'),
  mapSchema('bubble_map'),
  mapSchema('geoshape'),
])

/** A chart of another board; what is written beside `ref` lies over it. */
export const chartRefSchema = z
  .strictObject({
    ref: z
      .string()
      .regex(/^.+\.charts\.[A-Za-z_][\w-]*$/)
      .describe('"<file>.charts.<name>" of another board.'),
    title: z.string().max(500).optional(),
    subtitle: z.string().max(500).optional(),
    label: z.string().max(500).optional(),
    notes: z.string().max(5000).optional(),
    link: z.union([z.string().max(2000), z.literal(false)]).optional(),
    height: size.optional(),
    width: size.optional(),
    style: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'ChartRef', description: 'A chart of another board; what is written beside ref lies over it.' })

export type Chart = z.output<typeof chartSchema>
export type ChartType = Chart['type']
export type ChartOf<Type extends ChartType> = Extract<Chart, { type: Type }>
export type CartesianChart = ChartOf<'bar' | 'histogram' | 'line' | 'area' | 'scatter' | 'heatmap' | 'spark_bar'>
export type PieChart = ChartOf<'pie' | 'donut'>
export type KpiChart = ChartOf<'kpi'>
export type TableChart = ChartOf<'table'>
export type MapChart = ChartOf<(typeof mapTypes)[number]>
export type ConditionalFormatting = z.output<typeof conditionalFormattingSchema>
export type Tone = z.output<typeof toneSchema>

export const chartTypes = chartSchema.options.map((option) => option.shape.type.value)
