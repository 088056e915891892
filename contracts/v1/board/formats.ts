import * as z from 'zod'

/**
 * Names that stand for a d3 number or time format. `percent*` takes a share of 1; the formats that end in `_number` or
 * begin with `percentage_points` take a share of 100 and are for KPIs and tables only.
 */
export const formatAliases = {
  integer: ',.0f',
  number: '.3~s',
  number_full: ',.2f',
  compact: '.3~s',
  currency: '$.3~s',
  currency_compact: '$.3~s',
  currency_whole: '$,.0f',
  currency_full: '$,.2f',
  percent: '.1%',
  percent_whole: '.0%',
  percent_delta: '+.1%',
  delta: '+,d',
  year: 'd',
  date_short: '%-d %b %Y',
  time_short: '%-I:%M %p',
} as const

/** Formats that are written by us, since d3 has no word for them. */
export const nativeFormats = ['percent_number', 'percent_number_delta', 'percentage_points_delta'] as const

const name = z.string().min(1).max(100)

export const formatSchema = z
  .union([
    name,
    z.strictObject({
      spec: name.optional(),
      prefix: z.string().max(20).optional(),
      suffix: z.string().max(20).optional(),
      notation: z.enum(['analytic', 'narrative']).optional().describe('12.4 K as in tables, or 12.4k as in sentences.'),
    }),
  ])
  .meta({
    id: 'Format',
    description: `One of ${[...Object.keys(formatAliases), ...nativeFormats].join(', ')}; a key of style.formats; or a d3 number or time format such as ",.2f" or "%b %Y"; or a block with such a spec and what stands before and after it.`,
  })

export type Format = z.output<typeof formatSchema>
