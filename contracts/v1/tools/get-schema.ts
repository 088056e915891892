import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'

export const getSchema = defineContract({
  name: 'get_schema',
  version: '1.0.0',
  title: 'Get the board language',
  description:
    'Gives the language of dashboards by topic; read it before writing YAML. Without a topic: the topics, and the keys of a dashboard.',
  input: z.strictObject({
    topic: z.string().min(1).max(50).optional().describe('As queries, variables, layout, bar, style; or "all".'),
    format: z.enum(['text', 'json_schema']).default('text').describe('text is far shorter.'),
  }),
  output: z.object({
    version: z.string().describe('Version of the language.'),
    topic: z.string(),
    topics: z.array(z.object({ name: z.string(), summary: z.string() })),
    text: z.string().optional().describe('One key per line; * marks those that are required.'),
    json_schema: z.record(z.string(), z.unknown()).optional(),
  }),
  errors: [],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'Read how values are written',
      input: { topic: 'formats' },
      output: {
        version: '1.0.0',
        topic: 'formats',
        topics: [],
        text: '# formats: How values are written: integer, number, number_full, compact, currency, currency_compact, currency_whole, currency_full, percent, percent_whole, percent_delta, delta, year, date_short, time_short, percent_number, percent_number_delta, percentage_points_delta, or a d3 format.\ninteger: ,.0f\nnumber: .3~s\nnumber_full: ,.2f\ncompact: .3~s\ncurrency: $.3~s\ncurrency_compact: $.3~s\ncurrency_whole: $,.0f\ncurrency_full: $,.2f\npercent: .1%\npercent_whole: .0%\npercent_delta: +.1%\ndelta: +,d\nyear: d\ndate_short: %-d %b %Y\ntime_short: %-I:%M %p',
      },
    },
  ],
})
