import * as z from 'zod'
import { formatSchema } from './formats.ts'
import { colorScaleSchema } from './style-marks.ts'
import { bool, boxShape, color, fontSchema, pixels, size, themeBlock, titleStyleSchema } from './style-parts.ts'

/** `style` of table. */

const headerOverflow = z.enum(['wrap', 'ellipsis', 'clip', 'truncate', 'wrap-two'])
const sparkTypes = ['line', 'area', 'bar', 'bar-normalize', 'column', 'columns'] as const
const rule = z.union([bool, z.strictObject({ color: color.optional(), width: pixels.optional(), continuous: bool.optional() })])

const sparkSchema = z.union([
  z.enum(sparkTypes),
  z.strictObject({
    type: z.enum(sparkTypes),
    height: z.number().min(8).max(200).optional(),
    width: z.number().min(8).max(1000).optional(),
    color: color.optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    background: color.optional(),
    border_radius: pixels.optional(),
    last_visible: bool.optional(),
    min_max_visible: bool.optional(),
    fill_opacity: z.number().min(0).max(1).optional(),
    thresholds: z.record(z.string(), color).optional(),
    value_visible: bool.optional(),
    value_suffix: z.string().max(20).optional(),
    negative_color: bool.optional(),
  }),
])

export const columnStyleSchema = z
  .strictObject({
    label: z.string().max(200).optional(),
    format: formatSchema.optional(),
    align: z.enum(['left', 'center', 'right']).optional(),
    width: size.optional(),
    max_width: size.optional(),
    visible: bool.optional(),
    link: z.string().max(2000).optional().describe('Address with {{ column }} of the row.'),
    header_link: z.string().max(2000).optional(),
    header_overflow: headerOverflow.optional(),
    font: fontSchema.optional(),
    background: color.optional(),
    glyph: z.string().max(10).optional(),
    glyph_color: color.optional(),
    swatch: bool.optional().describe('The values are colours, and each is painted as a small square.'),
    scale: z.strictObject({ background: colorScaleSchema.optional(), color: colorScaleSchema.optional() }).optional(),
    spark: sparkSchema.optional().describe('A small chart in each cell: its type, or a block.'),
  })
  .meta({ id: 'ColumnStyle' })

export const tableStyleSchema = z
  .strictObject({
    ...boxShape,
    columns: z.record(z.string(), columnStyleSchema).optional().describe('Column of the query to how it looks.'),
    column_defaults: columnStyleSchema.optional(),
    pagination: z.union([bool, z.strictObject({ enabled: bool.optional(), page_rows: z.int().min(1).max(1000).optional() })]).optional(),
    row_numbers: z
      .union([
        bool,
        z.strictObject({ visible: bool.optional(), header: z.string().max(40).optional(), align: z.enum(['left', 'right']).optional() }),
      ])
      .optional(),
    transpose: bool.optional(),
    symbol_mode: z.enum(['all', 'anchors']).optional().describe('Whether currency and units stand in every row, or in the first alone.'),
    number_format: formatSchema.optional(),
    time_format: formatSchema.optional(),
    font: fontSchema.optional(),
    color: z.strictObject({ static: color.optional(), gradient: colorScaleSchema.optional() }).optional(),
    header: z
      .strictObject({
        font: fontSchema.optional(),
        font_compact: fontSchema.optional(),
        background: color.optional(),
        visible: bool.optional(),
        height: z.number().min(12).max(200).optional(),
        overflow: headerOverflow.optional(),
        rule: rule.optional(),
      })
      .optional(),
    header_overflow: headerOverflow.optional(),
    row: z
      .strictObject({
        font: fontSchema.optional(),
        height: z.number().min(12).max(200).optional(),
        striped: bool.optional(),
        stripe: z.strictObject({ color: color.optional() }).optional(),
        rule: rule.optional(),
        role: z.string().max(200).optional().describe('Column that calls rows total or summary: they stand out, and have no scale.'),
        roles: themeBlock.optional(),
      })
      .optional(),
    rule: rule.optional().describe('The lines between rows.'),
    title: titleStyleSchema.optional(),
    subtitle: titleStyleSchema.optional(),
    preferred_width: pixels.optional(),
    outer_padding: pixels.optional(),
    bottom_padding: pixels.optional(),
    column_layout: themeBlock.optional(),
    title_row: themeBlock.optional(),
    wrap: bool.optional(),
    paginator: themeBlock.optional(),
    more_rows: themeBlock.optional(),
    empty_state: themeBlock.optional(),
    spark: themeBlock.optional(),
    text_baseline_offset: z.number().optional(),
    title_subtitle_gap: z.number().optional(),
  })
  .meta({ id: 'TableStyle' })

export type TableStyle = z.output<typeof tableStyleSchema>
export type ColumnStyle = z.output<typeof columnStyleSchema>
