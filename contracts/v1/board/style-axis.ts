import * as z from 'zod'
import { formatSchema } from './formats.ts'
import { bool, color, fontSchema, pixels, themeBlock } from './style-parts.ts'

/** Axes and legends. */

export const timeUnits = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const

const timeUnit = z.enum([
  ...timeUnits,
  'yearquarter',
  'yearmonth',
  'yearweek',
  'yearmonthdate',
  'monthofyear',
  'dayofweek',
  'dayofmonth',
  'dayofyear',
  'hourofday',
  'auto',
  'none',
])

const sideways = z.enum(['left', 'right', 'center', 'inward', 'outward'])
const fraction = z.number().min(0).max(1)
const distance = z.number().min(-1000).max(1000)

const labelsSchema = z
  .strictObject({
    format: formatSchema.optional(),
    angle: z.number().min(-90).max(90).optional(),
    visible: bool.optional(),
    overlap: z.union([bool, z.enum(['parity', 'greedy']), z.strictObject({ tilt: bool.optional(), skip: bool.optional() })]).optional(),
    font: fontSchema.optional(),
    limit: pixels.optional().describe('Pixels of the longest label.'),
    max_width: pixels.optional().describe('The same as limit.'),
    align: sideways.optional(),
    padding: distance.optional(),
    offset: distance.optional(),
    flush: z.union([bool, z.number()]).optional(),
    bound: z.union([bool, z.number()]).optional(),
    min_gap: pixels.optional(),
    expr: z.string().max(2000).optional(),
    time_unit: timeUnit.optional().describe('Steps of time that are named.'),
    clock: z.union([z.literal(12), z.literal(24)]).optional(),
    values: z.array(z.unknown()).max(500).optional(),
    tilt_increments: z.array(z.number()).max(20).optional(),
  })
  .meta({ id: 'AxisLabels' })

const bound = z.union([z.number(), z.string().max(40), z.null()])

const scaleSchema = z
  .strictObject({
    continuous: z
      .strictObject({
        domain: z.tuple([bound, bound]).optional().describe('From and to; the larger first turns the axis round.'),
        zero: z.union([bool, z.literal('auto')]).optional(),
        type: z.enum(['linear', 'log', 'symlog', 'pow', 'sqrt', 'temporal']).optional(),
        log: z.strictObject({ base: z.number().gt(1).optional() }).optional(),
        pow: z.strictObject({ exponent: z.number().gt(0).max(100).optional() }).optional(),
        symlog: z.strictObject({ constant: z.number().gt(0).optional() }).optional(),
      })
      .optional(),
    domain: z.tuple([bound, bound]).optional().describe('The same as continuous.domain.'),
    nice: bool.optional(),
    clamp: bool.optional(),
    round: bool.optional(),
    padding: pixels.optional(),
    headroom: z.number().min(0).max(10).optional().describe('Share of the values that is left free above the highest.'),
    values: z
      .array(z.union([z.number(), z.string()]))
      .max(500)
      .optional()
      .describe('The ticks.'),
    x_reverse: bool.optional(),
  })
  .meta({ id: 'AxisScale' })

export const axisStyleSchema = z
  .strictObject({
    title: z
      .union([
        z.string().max(200),
        z.literal(false),
        z.strictObject({
          text: z.string().max(200).optional(),
          visible: bool.optional(),
          font: fontSchema.optional(),
          padding: distance.optional(),
          angle: z.number().min(-360).max(360).optional(),
          align: sideways.optional(),
        }),
      ])
      .optional(),
    labels: labelsSchema.optional(),
    grid: z
      .union([
        bool,
        z.strictObject({
          visible: bool.optional(),
          color: color.optional(),
          width: pixels.optional(),
          opacity: fraction.optional(),
          dash: z.array(pixels).max(8).optional(),
          threshold: themeBlock.optional(),
          zero: themeBlock.optional(),
        }),
      ])
      .optional(),
    line: z
      .union([bool, z.strictObject({ visible: bool.optional(), width: pixels.optional(), color: color.optional() })])
      .optional()
      .describe('The line that the axis stands on.'),
    ticks: z
      .strictObject({
        count: z.int().min(0).max(100).optional(),
        time_unit: timeUnit.optional(),
        step: z.number().gt(0).optional(),
        visible: z.union([bool, z.literal('auto')]).optional(),
        color: color.optional(),
        length: pixels.optional(),
        width: pixels.optional(),
        offset: distance.optional(),
      })
      .optional(),
    scale: scaleSchema.optional(),
    mirror: z
      .union([bool, z.strictObject({ format: formatSchema.optional(), expr: z.string().max(2000).optional() })])
      .optional()
      .describe('The axis of the measure on both sides; with a format, the other side is written in it.'),
    position: z.enum(['left', 'right', 'top', 'bottom', 'auto']).optional(),
    visible: bool.optional(),
    time_unit: timeUnit.optional(),
    type: z.enum(['auto', 'ordinal', 'temporal']).optional(),
    fill: z.enum(['null', 'zero', 'linear', 'step-after', 'step-before', 'step-center', 'curve']).optional(),
    fiscal_year_start_month: z.int().min(1).max(12).optional(),
    band_position: fraction.optional(),
  })
  .meta({ id: 'AxisStyle' })

export const legendSchema = z
  .union([
    bool,
    z.strictObject({
      visible: bool.optional(),
      position: z.enum(['top', 'bottom', 'left', 'right', 'top-left', 'top-right', 'bottom-left', 'bottom-right', 'none']).optional(),
      values: z
        .array(z.union([z.string(), z.number()]))
        .max(200)
        .optional(),
      title: z
        .union([
          z.string().max(200),
          z.literal(false),
          z.strictObject({ visible: bool.optional(), font: fontSchema.optional(), padding: pixels.optional() }),
        ])
        .optional(),
      direction: z.enum(['horizontal', 'vertical']).optional(),
      columns: z.int().min(0).max(50).optional(),
      compact_columns: z.int().min(0).max(50).optional(),
      label: z.strictObject({ font: fontSchema.optional(), padding: pixels.optional(), max_width: pixels.optional() }).optional(),
      symbol_limit: z.int().min(0).max(1000).optional(),
      symbol_shape: z.enum(['circle', 'square', 'cross', 'diamond', 'triangle-up', 'triangle-down', 'stroke']).optional(),
      symbol_fill: bool.optional(),
    }),
  ])
  .meta({ id: 'Legend' })

export type AxisStyle = z.output<typeof axisStyleSchema>
export type LegendStyle = z.output<typeof legendSchema>
