import * as z from 'zod'
import { formatSchema } from './formats.ts'
import { bool, borderSchema, color, fontSchema, palette, pixels, strokeSchema, themeBlock } from './style-parts.ts'

/** Marks, their colours and what is written on them. */

const fraction = z.number().min(0).max(1)
const distance = z.number().min(-1000).max(1000)

/** How numbers become colours. */
export const colorScaleSchema = z
  .strictObject({
    palette: palette.optional(),
    domain: z.union([z.array(z.number()).min(2).max(3), z.literal('data')]).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    hinge: z
      .union([z.number(), z.literal('auto')])
      .optional()
      .describe('The number in the middle of a palette with two arms; auto is 0 between values of both signs, else their middle.'),
    null_color: color.optional(),
    arm_mode: z
      .enum(['shared', 'independent', 'symmetric', 'asymmetric'])
      .optional()
      .describe('Whether both arms are as long as the longer (symmetric, shared), or each as its own values.'),
    nice: bool.optional(),
  })
  .meta({ id: 'ColorScale' })

export const colorStyleSchema = z.strictObject({
  static: color.optional(),
  categorical: z.strictObject({ palette: palette.optional(), single_series_palette: palette.optional() }).optional(),
  gradient: colorScaleSchema.optional(),
})

const labelKeys = {
  visible: bool.optional(),
  format: formatSchema.optional(),
  template: z.string().max(1000).optional().describe('Text with {{ value }}, {{ percent }} and the columns of the row.'),
  where: z.string().max(1000).optional().describe('Expression: which marks are labelled.'),
  position: z.string().max(30).optional().describe('above, top, middle or bottom of a bar; top, bottom, left, right or middle of a point.'),
  font: fontSchema.optional(),
  field: z.string().max(200).optional().describe('Column that is written in place of the measure.'),
  dx: distance.optional(),
  dy: distance.optional(),
  offset: distance.optional(),
  line_height: pixels.optional(),
  default_template: themeBlock.optional(),
}
export const valueLabelsSchema = z.union([bool, z.strictObject(labelKeys)]).meta({ id: 'MarkLabels' })

const curves = ['linear', 'monotone', 'step', 'step-before', 'step-after', 'natural', 'cardinal', 'basis'] as const

const markSchema = z
  .strictObject({
    color: color.optional(),
    opacity: fraction.optional(),
    size: pixels.optional(),
    width: pixels.optional(),
    stroke: strokeSchema.optional(),
    radius: pixels.optional(),
    interpolate: z.enum(curves).optional(),
    curve: z.enum(curves).optional().describe('The same as interpolate.'),
    connect: bool.optional(),
    dash: z.array(pixels).max(8).optional(),
    visible: bool.optional(),
    labels: valueLabelsSchema.optional(),
    total_label: z
      .strictObject({
        visible: bool.optional(),
        format: formatSchema.optional(),
        dx: distance.optional(),
        dy: distance.optional(),
        font: fontSchema.optional(),
      })
      .optional()
      .describe('The sum of a stack above it.'),
    border: borderSchema.optional(),
    band_width: fraction.optional().describe('Share of its step that a bar takes.'),
    padding: pixels.optional(),
    gap: pixels.optional(),
    min_size: pixels.optional(),
    max_size: pixels.optional(),
    corner_radius: pixels.optional(),
    shape: z.enum(['circle', 'square', 'cross', 'diamond', 'triangle-up', 'triangle-down', 'triangle']).optional(),
    filled: bool.optional(),
    fill: color.optional(),
    stroke_width: pixels.optional(),
    halo_multiplier: pixels.optional(),
    disconnected_cap: z.enum(['butt', 'round', 'square']).optional(),
    backdrop: bool.optional(),
    stacked: themeBlock.optional(),
    font: fontSchema.optional(),
    align: z.string().max(20).optional(),
  })
  .meta({ id: 'Mark' })

export const marksSchema = z
  .strictObject({
    bar: markSchema.optional(),
    line: markSchema.optional(),
    area: markSchema.optional(),
    point: markSchema.optional(),
    slice: markSchema.optional(),
    rect: markSchema.optional(),
    geoshape: markSchema.optional(),
    circle: markSchema.optional(),
    text: markSchema.optional(),
    rule: markSchema.optional(),
  })
  .meta({ id: 'Marks' })

export type MarkStyle = z.output<typeof markSchema>
export type ColorScale = z.output<typeof colorScaleSchema>
