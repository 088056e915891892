import * as z from 'zod'
import { formatSchema } from './formats.ts'
import { axisStyleSchema, legendSchema } from './style-axis.ts'
import { colorStyleSchema, marksSchema, valueLabelsSchema } from './style-marks.ts'
import { bool, boxShape, color, fontSchema, palette, pixels, sides, size, themeBlock, titleStyleSchema } from './style-parts.ts'
import { tableStyleSchema } from './style-table.ts'

/**
 * How boards and charts look. Every key is optional; what is not set comes from the theme. What is taken and not drawn is
 * listed in `undrawn-style.ts`, and using it is a finding.
 */

/** What the styles of all charts with a title share. */
const chartBoxShape = {
  ...boxShape,
  title: titleStyleSchema.optional(),
  subtitle: titleStyleSchema.optional(),
  preferred_width: pixels.optional(),
}

/** `style` of bar, histogram, line, area, scatter, heatmap, spark_bar and maps. */
export const cartesianStyleSchema = z
  .strictObject({
    ...chartBoxShape,
    number_format: formatSchema.optional(),
    time_format: formatSchema.optional(),
    axis: axisStyleSchema.optional().describe('Both axes.'),
    axis_x: axisStyleSchema.optional().describe('The axis of x, wherever it is drawn.'),
    axis_y: axisStyleSchema.optional().describe('The axis of y, wherever it is drawn.'),
    axis_band: axisStyleSchema.optional().describe('Whichever axis holds categories.'),
    axis_quantitative: axisStyleSchema.optional().describe('Whichever axis holds numbers.'),
    legend: legendSchema.optional(),
    color: colorStyleSchema.optional(),
    font: fontSchema.optional(),
    marks: marksSchema.optional(),
    labels: valueLabelsSchema.optional(),
    endpoint_labels: z
      .union([bool, z.strictObject({ visible: bool.optional(), label_offset: z.number().optional(), height: pixels.optional() })])
      .optional(),
    aspect_ratio: z.number().gt(0).optional(),
    min_height: size.optional(),
    max_height: size.optional(),
    orientation: z.enum(['auto', 'horizontal', 'vertical']).optional(),
    stack: z.union([z.enum(['none', 'zero', 'normalize', 'center']), bool]).optional(),
    stack_order: z.enum(['value', 'data', 'alphabetical']).optional(),
    overlap: z
      .union([bool, z.number().min(-1).max(1), z.enum(['auto', 'none', 'flush', 'partial', 'full'])])
      .optional()
      .describe('How far bars side by side lie over each other: a share of their width.'),
    support_table: z
      .strictObject({
        position: z.enum(['top', 'bottom', 'left', 'right']).optional(),
        font: fontSchema.optional(),
        label: z.strictObject({ font: fontSchema.optional() }).optional(),
        divider: themeBlock.optional(),
        row: themeBlock.optional(),
        padding_top: pixels.optional(),
        padding_bottom: pixels.optional(),
        label_max_lines: z.int().min(0).max(10).optional(),
      })
      .optional(),
    cell_padding: pixels.optional().describe('Between the cells of a heatmap.'),
    bin_maxbins: z.int().min(1).max(200).optional().describe('Bins of a histogram at most.'),
    max_bars: z.int().min(1).max(500).optional().describe('Bars of a spark_bar at most.'),
    min_width: pixels.optional(),
    bar: z
      .strictObject({ height: pixels.optional(), padding: pixels.optional(), color: color.optional(), background: color.optional() })
      .optional()
      .describe('Bars of a spark_bar.'),
    label: z.strictObject({ visible: bool.optional(), width: pixels.optional() }).optional().describe('Names of a spark_bar.'),
    count: z.strictObject({ visible: bool.optional(), width: pixels.optional() }).optional().describe('Numbers of a spark_bar.'),
    projection: z
      .strictObject({ type: z.string().max(60).optional() })
      .optional()
      .describe('Of a map.'),
    basemap: z
      .strictObject({ source: z.string().max(60).optional() })
      .optional()
      .describe('Of a map.'),
  })
  .meta({ id: 'CartesianStyle' })

/** `style` of pie and donut. */
export const pieStyleSchema = z
  .strictObject({
    ...chartBoxShape,
    number_format: formatSchema.optional(),
    legend: legendSchema.optional(),
    color: colorStyleSchema.optional(),
    marks: marksSchema.optional(),
    labels: valueLabelsSchema.optional(),
    inner_radius: z.number().min(0).max(0.95).optional().describe('Share of the radius. Default 0 for pie, 0.6 for donut.'),
    total: z
      .strictObject({
        value: z.strictObject({ format: formatSchema.optional(), font: fontSchema.optional() }).optional(),
        label: z.strictObject({ font: fontSchema.optional() }).optional(),
        visible: bool.optional(),
      })
      .optional(),
    aspect_ratio: z.number().gt(0).optional(),
    min_height: size.optional(),
    max_height: size.optional(),
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
    font: fontSchema.optional().describe('Of all its texts.'),
    glyph: z
      .strictObject({ character: z.string().max(10).optional(), font: fontSchema.optional() })
      .optional()
      .describe('A sign before the value.'),
    affix: z.strictObject({ font: fontSchema.optional(), character: z.string().max(10).optional() }).optional(),
    title: titleStyleSchema.optional(),
    preferred_width: pixels.optional(),
    min_card_width: pixels.optional(),
    default_height: pixels.optional(),
    content_padding: sides.optional(),
  })
  .meta({ id: 'KpiStyle' })

const calloutPart = z.strictObject({ font: fontSchema.optional(), y_offset: z.number().optional() })

/** `style` of callout. */
export const textStyleSchema = z
  .strictObject({
    ...boxShape,
    font: fontSchema.optional(),
    title: titleStyleSchema.extend({ y_offset: z.number().optional() }).optional(),
    message: calloutPart.optional(),
    align: z.enum(['left', 'center', 'right']).optional(),
    column: z.union([z.int().min(1).max(6), z.string().max(40)]).optional(),
    preferred_width: pixels.optional(),
    section_gap: pixels.optional(),
  })
  .meta({ id: 'TextStyle' })

const roleColors = z.record(z.string(), color)
const gap = z.union([z.number().min(0).max(200), z.string().regex(/^\d{1,3}(px)?$/)])
const layoutGap = z.strictObject({ gap: gap.optional() })

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
    font: fontSchema.extend({ emoji: z.string().max(30).optional() }).optional(),
    box_shadow: z.union([bool, z.string().max(100)]).optional(),
    title: titleStyleSchema.optional(),
    text: z
      .strictObject({
        align: z.enum(['left', 'center', 'right']).optional(),
        column: z
          .union([
            z.int().min(1).max(6),
            z.string().max(40),
            z.strictObject({
              max_number: z.int().min(1).max(12).optional(),
              gap: pixels.optional(),
              rule: themeBlock.optional(),
              max_chars: z.int().min(1).max(500).optional(),
            }),
          ])
          .optional(),
        font: fontSchema.optional(),
        paragraph: themeBlock.optional(),
        heading: themeBlock.optional(),
        code: themeBlock.optional(),
        blockquote: themeBlock.optional(),
        bold: themeBlock.optional(),
        rule: themeBlock.optional(),
      })
      .optional(),
    placeholder: z
      .strictObject({ font: fontSchema.optional(), opacity: z.number().min(0).max(1).optional(), overlay: themeBlock.optional() })
      .optional(),
    gap: gap.optional(),
    charts: z
      .strictObject({
        ...cartesianStyleSchema.omit({ bar: true }).shape,
        bar: cartesianStyleSchema.optional(),
        line: cartesianStyleSchema.optional(),
        area: cartesianStyleSchema.optional(),
        scatter: cartesianStyleSchema.optional(),
        histogram: cartesianStyleSchema.optional(),
        heatmap: cartesianStyleSchema.optional(),
        spark_bar: cartesianStyleSchema.optional(),
        map: cartesianStyleSchema.optional(),
        geoshape: cartesianStyleSchema.optional(),
        point_map: cartesianStyleSchema.optional(),
        bubble_map: cartesianStyleSchema.optional(),
        pie: pieStyleSchema.optional(),
        donut: pieStyleSchema.optional(),
        kpi: kpiStyleSchema.optional(),
        table: tableStyleSchema.optional(),
        callout: textStyleSchema.optional(),
        category_colors: z
          .record(z.string(), z.strictObject({ values: z.record(z.string(), color) }))
          .optional()
          .describe('Column to value to colour, board-wide.'),
        tooltip: themeBlock.optional(),
        hover_emphasis: themeBlock.optional(),
        dashes: z.array(z.array(pixels).max(8)).max(20).optional(),
        default_chart_height: pixels.optional(),
        default_table_height: pixels.optional(),
        label_usable_ratio: z.number().min(0).max(1).optional(),
        view: themeBlock.optional(),
        series_label: themeBlock.optional(),
      })
      .optional()
      .describe('Defaults of all charts, and of each type.'),
    layout: z
      .strictObject({
        gap: gap.optional(),
        align: z.enum(['start', 'stretch']).optional(),
        rows: layoutGap.optional(),
        cols: layoutGap.optional(),
        grid: layoutGap.extend({ columns: z.int().min(1).max(48).optional() }).optional(),
        tabs: themeBlock.optional(),
        details: themeBlock.optional(),
      })
      .optional(),
    variables: z
      .strictObject({
        position: z.enum(['top', 'left', 'bottom', 'title-inline']).optional(),
        visible: bool.optional(),
        gap: pixels.optional(),
        label_position: z.string().max(20).optional(),
        title_inline_band_bottom_pad: pixels.optional(),
        title_inline_title_max_width: pixels.optional(),
        font: fontSchema.optional(),
        label: themeBlock.optional(),
        value: themeBlock.optional(),
        placeholder: themeBlock.optional(),
        container_height: pixels.optional(),
        border: themeBlock.optional(),
        control_gap: pixels.optional(),
        input: themeBlock.optional(),
      })
      .optional(),
    footer: z
      .union([
        bool,
        z.strictObject({
          text: z.string().max(500).optional(),
          visible: bool.optional(),
          font: fontSchema.optional(),
          link: z.string().max(2000).nullable().optional(),
          y_offset: z.number().optional(),
          rule: themeBlock.nullable().optional(),
        }),
      ])
      .optional(),
    timestamp: z
      .union([
        bool,
        z.strictObject({
          visible: bool.optional(),
          format: formatSchema.optional(),
          font: fontSchema.optional(),
          position: z.enum(['top', 'footer']).optional(),
          align: z.enum(['left', 'right']).optional(),
          y: z.number().optional(),
        }),
      ])
      .optional(),
    formats: z
      .record(z.string().regex(/^[a-z][a-z0-9_]*$/), formatSchema)
      .optional()
      .describe('Own names for d3 formats.'),
    palettes: z.record(z.string(), palette).optional().describe('Own names for lists of colours, or for palettes.'),
    tones: roleColors.optional(),
    roles: roleColors.optional(),
  })
  .meta({ id: 'BoardStyle' })

export type CartesianStyle = z.output<typeof cartesianStyleSchema>
export type PieStyle = z.output<typeof pieStyleSchema>
export type KpiStyle = z.output<typeof kpiStyleSchema>
export type TextStyle = z.output<typeof textStyleSchema>
export type BoardStyle = z.output<typeof boardStyleSchema>
