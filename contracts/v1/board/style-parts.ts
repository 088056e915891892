import * as z from 'zod'

/** Parts that the styles of boards and charts are made of. */

export const bool = z.boolean()
export const pixels = z.number().min(0).max(10_000)
export const size = z.union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?(px|%)?$/)]).describe('Pixels, or a share such as "50%".')
export const sides = z
  .union([
    z.number().min(0),
    z.string().regex(/^\d+(\.\d+)?(px)?( \d+(\.\d+)?(px)?){0,3}$/),
    z.strictObject({ top: pixels.optional(), right: pixels.optional(), bottom: pixels.optional(), left: pixels.optional() }),
  ])
  .meta({ id: 'Sides', description: 'Pixels, one to four sides.' })
export const color = z
  .string()
  .min(1)
  .max(100)
  .describe('A colour as CSS writes it, or a token: accent, muted, ink, positive, negative, warning, info, category[1].')
/** The same in charts, where none is a colour too. */
export const ruleColor = z.string().max(100)
export const palette = z
  .union([z.string().min(1).max(100), z.array(color).min(1).max(40)])
  .describe('A palette of the theme by name, or its colours.')

/** A block of a theme that is taken as it is and not drawn. */
export const themeBlock = z.record(z.string(), z.unknown())

export const fontSchema = z
  .strictObject({
    family: z.string().max(200).optional(),
    size: z.number().min(4).max(200).optional(),
    weight: z
      .union([z.int().min(100).max(900), z.enum(['normal', 'medium', 'semibold', 'bold']), z.string().regex(/^[1-9]00$/)])
      .optional(),
    style: z.enum(['normal', 'italic']).optional(),
    color: color.optional(),
    align: z.enum(['left', 'center', 'right']).optional(),
    decoration: z.enum(['none', 'line-through', 'underline']).optional(),
    case: z.enum(['none', 'sentence', 'title', 'upper', 'lower', 'slug', 'camel']).optional(),
    line_height: z.number().min(0.5).max(5).optional(),
  })
  .meta({ id: 'Font' })

export const borderSchema = z
  .union([
    z.boolean(),
    z.string().max(100),
    z.strictObject({
      color: color.optional(),
      width: pixels.optional(),
      radius: pixels.optional(),
      dash_array: z.array(pixels).max(8).optional(),
      line_cap: z.enum(['butt', 'round', 'square']).optional(),
      dash_offset: z.number().optional(),
    }),
  ])
  .meta({ id: 'Border' })

export const strokeSchema = z
  .union([
    color,
    z.strictObject({
      color: color.optional(),
      width: pixels.optional(),
      cap: z.enum(['butt', 'round', 'square']).optional(),
      join: z.enum(['miter', 'round', 'bevel']).optional(),
      dasharray: z
        .string()
        .regex(/^\d+(\.\d+)?([ ,]+\d+(\.\d+)?)*$/)
        .optional(),
    }),
  ])
  .meta({ id: 'Stroke', description: 'A colour, or a line.' })

export const titleStyleSchema = z
  .strictObject({
    font: fontSchema.optional(),
    level: z.union([z.int().min(1).max(6), z.literal('auto')]).optional(),
    visible: bool.optional(),
    subtitle: z.strictObject({ font: fontSchema.optional(), overflow: z.string().max(30).optional() }).optional(),
    compact_weight: z.union([z.string(), z.number()]).optional(),
    sizes: z.array(pixels).max(6).optional(),
    width_offsets: themeBlock.optional(),
    min_height: pixels.optional(),
    overflow: z.enum(['clip', 'truncate', 'wrap-two', 'wrap']).optional(),
    position: themeBlock.optional(),
  })
  .meta({ id: 'TitleStyle' })

/** The frame of a card. */
export const boxShape = {
  background: color.optional(),
  border: borderSchema.optional(),
  padding: sides.optional(),
  margin: sides.optional(),
  opacity: z.number().min(0).max(1).optional(),
}

export type FontStyle = z.output<typeof fontSchema>
export type BorderStyle = z.output<typeof borderSchema>
export type StrokeStyle = z.output<typeof strokeSchema>
export type TitleStyle = z.output<typeof titleStyleSchema>
export type SidesStyle = z.output<typeof sides>
