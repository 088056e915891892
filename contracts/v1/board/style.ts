import * as z from 'zod'
import { formatSchema } from './formats.ts'

/** How boards and charts look. Every key is optional; what is not set comes from the theme. */

const size = z.union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?(px|%)?$/)]).describe('Pixels, or a share such as "50%".')
const sides = z
  .union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?(px)?( \d+(\.\d+)?(px)?){0,3}$/)])
  .describe('Pixels, one to four sides.')
const color = z
  .string()
  .min(1)
  .max(100)
  .describe('A hex colour, or a token: accent, muted, ink, positive, negative, warning, info, category[1].')
const palette = z
  .union([z.string().min(1).max(100), z.array(color).min(1).max(40)])
  .describe('A palette of the theme by name, or its colours.')
const bool = z.boolean()

export const fontSchema = z
  .strictObject({
    family: z.string().max(200).optional(),
    size: z.number().min(4).max(200).optional(),
    weight: z.union([z.int().min(100).max(900), z.enum(['normal', 'medium', 'semibold', 'bold'])]).optional(),
    style: z.enum(['normal', 'italic']).optional(),
    color: color.optional(),
    align: z.enum(['left', 'center', 'right']).optional(),
  })
  .meta({ id: 'Font' })

const labelsSchema = z.strictObject({
  format: formatSchema.optional(),
  angle: z.number().min(-90).max(90).optional(),
  visible: bool.optional(),
  overlap: z.union([bool, z.enum(['parity', 'greedy'])]).optional(),
  font: fontSchema.optional(),
  limit: z.number().min(0).optional(),
})

export const axisStyleSchema = z
  .strictObject({
    title: z
      .union([
        z.string().max(200),
        z.literal(false),
        z.strictObject({ text: z.string().max(200).optional(), visible: bool.optional(), font: fontSchema.optional() }),
      ])
      .optional(),
    labels: labelsSchema.optional(),
    grid: z.union([bool, z.strictObject({ visible: bool.optional(), color: color.optional() })]).optional(),
    ticks: z
      .strictObject({
        count: z.int().min(0).max(100).optional(),
        time_unit: z.enum(['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']).optional(),
        step: z.number().gt(0).optional(),
        visible: bool.optional(),
      })
      .optional(),
    scale: z
      .strictObject({
        continuous: z
          .strictObject({
            domain: z.tuple([z.number().nullable(), z.number().nullable()]).optional(),
            zero: bool.optional(),
            type: z.enum(['linear', 'log', 'symlog']).optional(),
          })
          .optional(),
      })
      .optional(),
    mirror: bool.optional(),
    position: z.enum(['left', 'right', 'top', 'bottom']).optional(),
    visible: bool.optional(),
  })
  .meta({ id: 'AxisStyle' })

const legendSchema = z.union([
  bool,
  z.strictObject({
    visible: bool.optional(),
    position: z.enum(['top', 'bottom', 'left', 'right', 'none']).optional(),
    values: z
      .array(z.union([z.string(), z.number()]))
      .max(200)
      .optional(),
    title: z.union([z.string().max(200), z.literal(false)]).optional(),
  }),
])

const colorStyleSchema = z.strictObject({
  static: color.optional(),
  categorical: z.strictObject({ palette: palette.optional(), single_series_palette: palette.optional() }).optional(),
  gradient: z.strictObject({ palette: palette.optional() }).optional(),
})

const valueLabelsSchema = z.union([
  bool,
  z.strictObject({
    visible: bool.optional(),
    format: formatSchema.optional(),
    template: z.string().max(1000).optional().describe('Text with {{ value }}, {{ percent }} and the columns of the row.'),
    where: z.string().max(1000).optional().describe('Expression: which marks are labelled.'),
    position: z.string().max(30).optional(),
    font: fontSchema.optional(),
  }),
])

const markSchema = z
  .strictObject({
    color: color.optional(),
    opacity: z.number().min(0).max(1).optional(),
    size: z.number().min(0).optional(),
    width: z.number().min(0).optional(),
    stroke: color.optional(),
    radius: z.number().min(0).optional(),
    interpolate: z.enum(['linear', 'monotone', 'step', 'step-before', 'step-after', 'natural', 'cardinal', 'basis']).optional(),
    dash: z.array(z.number().min(0)).max(8).optional(),
    visible: bool.optional(),
    labels: valueLabelsSchema.optional(),
  })
  .meta({ id: 'Mark' })

const marksSchema = z.strictObject({
  bar: markSchema.optional(),
  line: markSchema.optional(),
  area: markSchema.optional(),
  point: markSchema.optional(),
  slice: markSchema.optional(),
})

const titleStyleSchema = z
  .strictObject({
    font: fontSchema.optional(),
    level: z.union([z.int().min(1).max(6), z.literal('auto')]).optional(),
    visible: bool.optional(),
  })
  .meta({ id: 'TitleStyle' })

const boxShape = {
  background: color.optional(),
  border: z
    .union([
      z.boolean(),
      z.string().max(100),
      z.strictObject({ color: color.optional(), width: z.number().min(0).optional(), radius: z.number().min(0).optional() }),
    ])
    .optional(),
  padding: sides.optional(),
  margin: sides.optional(),
  opacity: z.number().min(0).max(1).optional(),
}

/** `style` of bar, histogram, line, area, scatter, heatmap, spark_bar and maps. */
export const cartesianStyleSchema = z
  .strictObject({
    ...boxShape,
    number_format: formatSchema.optional(),
    time_format: formatSchema.optional(),
    axis: axisStyleSchema.optional().describe('Both axes.'),
    axis_x: axisStyleSchema.optional(),
    axis_y: axisStyleSchema.optional(),
    axis_band: axisStyleSchema.optional().describe('Whichever axis holds categories.'),
    axis_quantitative: axisStyleSchema.optional().describe('Whichever axis holds numbers.'),
    legend: legendSchema.optional(),
    color: colorStyleSchema.optional(),
    marks: marksSchema.optional(),
    labels: valueLabelsSchema.optional(),
    endpoint_labels: z.union([bool, z.strictObject({ visible: bool.optional() })]).optional(),
    title: titleStyleSchema.optional(),
    subtitle: titleStyleSchema.optional(),
    aspect_ratio: z.number().gt(0).optional(),
    min_height: size.optional(),
    max_height: size.optional(),
    orientation: z.enum(['auto', 'horizontal', 'vertical']).optional(),
    stack: z.union([z.enum(['none', 'zero', 'normalize', 'center']), bool]).optional(),
    stack_order: z.enum(['value', 'data', 'alphabetical']).optional(),
    overlap: z.union([bool, z.number().min(0).max(1)]).optional(),
    support_table: z
      .strictObject({ position: z.enum(['top', 'bottom', 'left', 'right']).optional(), font: fontSchema.optional() })
      .optional(),
  })
  .meta({ id: 'CartesianStyle' })

/** `style` of pie and donut. */
export const pieStyleSchema = z
  .strictObject({
    ...boxShape,
    number_format: formatSchema.optional(),
    legend: legendSchema.optional(),
    color: colorStyleSchema.optional(),
    marks: marksSchema.optional(),
    labels: valueLabelsSchema.optional(),
    inner_radius: z.number().min(0).max(0.95).optional().describe('Share of the radius. Default 0 for pie, 0.6 for donut.'),
    title: titleStyleSchema.optional(),
    subtitle: titleStyleSchema.optional(),
    total: z
      .strictObject({
        value: z.strictObject({ format: formatSchema.optional(), font: fontSchema.optional() }).optional(),
        label: z.strictObject({ font: fontSchema.optional() }).optional(),
        visible: bool.optional(),
      })
      .optional(),
    aspect_ratio: z.number().gt(0).optional(),
  })
  .meta({ id: 'PieStyle' })

const textPartSchema = z.strictObject({ format: formatSchema.optional(), font: fontSchema.optional(), visible: bool.optional() })

/** `style` of kpi. */
export const kpiStyleSchema = z
  .strictObject({
    ...boxShape,
    value: textPartSchema.optional(),
    label: textPartSchema.optional(),
    support: textPartSchema.optional(),
    align: z.enum(['left', 'center', 'right']).optional(),
  })
  .meta({ id: 'KpiStyle' })

/** `style` of callout and text. */
export const textStyleSchema = z
  .strictObject({
    ...boxShape,
    font: fontSchema.optional(),
    title: titleStyleSchema.optional(),
    align: z.enum(['left', 'center', 'right']).optional(),
    column: z.union([z.int().min(1).max(6), z.string().max(40)]).optional(),
  })
  .meta({ id: 'TextStyle' })

const scaleSchema = z.strictObject({
  palette: palette.optional(),
  domain: z.array(z.number()).min(2).max(3).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  hinge: z.number().optional(),
  null_color: color.optional(),
  arm_mode: z.enum(['shared', 'independent']).optional(),
})

export const columnStyleSchema = z
  .strictObject({
    label: z.string().max(200).optional(),
    format: formatSchema.optional(),
    align: z.enum(['left', 'center', 'right']).optional(),
    width: size.optional(),
    visible: bool.optional(),
    link: z.string().max(2000).optional().describe('Address with {{ column }} of the row.'),
    header_link: z.string().max(2000).optional(),
    header_overflow: z.enum(['wrap', 'ellipsis']).optional(),
    font: fontSchema.optional(),
    background: color.optional(),
    glyph: z.string().max(10).optional(),
    scale: z.strictObject({ background: scaleSchema.optional() }).optional(),
    spark: z
      .strictObject({
        type: z.enum(['line', 'area', 'bar', 'bar-normalize', 'columns']),
        height: z.number().min(8).max(200).optional(),
        color: color.optional(),
        min: z.number().optional(),
        max: z.number().optional(),
      })
      .optional(),
  })
  .meta({ id: 'ColumnStyle' })

/** `style` of table. */
export const tableStyleSchema = z
  .strictObject({
    ...boxShape,
    columns: z.record(z.string(), columnStyleSchema).optional().describe('Column of the query to how it looks.'),
    column_defaults: columnStyleSchema.optional(),
    pagination: z.union([bool, z.strictObject({ enabled: bool.optional(), page_rows: z.int().min(1).max(1000).optional() })]).optional(),
    row_numbers: bool.optional(),
    transpose: bool.optional(),
    symbol_mode: z.enum(['all', 'anchors']).optional(),
    number_format: formatSchema.optional(),
    time_format: formatSchema.optional(),
    header: z.strictObject({ font: fontSchema.optional(), background: color.optional(), visible: bool.optional() }).optional(),
    row: z
      .strictObject({ font: fontSchema.optional(), height: z.number().min(12).max(200).optional(), striped: bool.optional() })
      .optional(),
    rule: z.union([bool, z.strictObject({ color: color.optional(), width: z.number().min(0).optional() })]).optional(),
    title: titleStyleSchema.optional(),
    subtitle: titleStyleSchema.optional(),
  })
  .meta({ id: 'TableStyle' })

const roleColors = z.record(z.string(), color)

/** `style` of a board, at its root or nested. */
export const boardStyleSchema = z
  .strictObject({
    ...boxShape,
    frame: z
      .strictObject({
        width: size.optional(),
        max_width: size.optional(),
        min_height: size.optional(),
        margin: sides.optional(),
        card_padding: sides.optional(),
        card_gap: z.number().min(0).max(200).optional(),
      })
      .optional(),
    accent: color.optional(),
    muted: color.optional(),
    font: fontSchema.optional(),
    box_shadow: z.union([bool, z.string().max(100)]).optional(),
    title: titleStyleSchema.optional(),
    text: z
      .strictObject({
        align: z.enum(['left', 'center', 'right']).optional(),
        column: z.union([z.int().min(1).max(6), z.string().max(40)]).optional(),
        font: fontSchema.optional(),
      })
      .optional(),
    placeholder: z.strictObject({ font: fontSchema.optional() }).optional(),
    gap: z.number().min(0).max(200).optional(),
    charts: z
      .strictObject({
        ...cartesianStyleSchema.shape,
        bar: cartesianStyleSchema.optional(),
        line: cartesianStyleSchema.optional(),
        area: cartesianStyleSchema.optional(),
        scatter: cartesianStyleSchema.optional(),
        histogram: cartesianStyleSchema.optional(),
        heatmap: cartesianStyleSchema.optional(),
        spark_bar: cartesianStyleSchema.optional(),
        pie: pieStyleSchema.optional(),
        donut: pieStyleSchema.optional(),
        kpi: kpiStyleSchema.optional(),
        table: tableStyleSchema.optional(),
        callout: textStyleSchema.optional(),
        category_colors: z
          .record(z.string(), z.strictObject({ values: z.record(z.string(), color) }))
          .optional()
          .describe('Column to value to colour, board-wide.'),
      })
      .optional()
      .describe('Defaults of all charts, and of each type.'),
    layout: z.strictObject({ gap: z.number().min(0).max(200).optional(), align: z.enum(['start', 'stretch']).optional() }).optional(),
    variables: z.strictObject({ position: z.enum(['top', 'left']).optional(), visible: bool.optional() }).optional(),
    footer: z.union([bool, z.strictObject({ text: z.string().max(500).optional(), visible: bool.optional() })]).optional(),
    timestamp: z.union([bool, z.strictObject({ visible: bool.optional(), format: formatSchema.optional() })]).optional(),
    formats: z
      .record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.string().min(1).max(100))
      .optional()
      .describe('Own names for d3 formats.'),
    palettes: z.record(z.string(), z.array(color).min(1).max(40)).optional(),
    tones: roleColors.optional(),
    roles: roleColors.optional(),
  })
  .meta({ id: 'BoardStyle' })

export type CartesianStyle = z.output<typeof cartesianStyleSchema>
export type PieStyle = z.output<typeof pieStyleSchema>
export type KpiStyle = z.output<typeof kpiStyleSchema>
export type TableStyle = z.output<typeof tableStyleSchema>
export type ColumnStyle = z.output<typeof columnStyleSchema>
export type TextStyle = z.output<typeof textStyleSchema>
export type BoardStyle = z.output<typeof boardStyleSchema>
export type AxisStyle = z.output<typeof axisStyleSchema>
export type FontStyle = z.output<typeof fontSchema>
