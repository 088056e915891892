import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import { nextCursor, pageCursor, rowEstimateSchema, sourceName, tableKindSchema } from '../tables.ts'

export const listTables = defineContract({
  name: 'list_tables',
  version: '1.0.0',
  title: 'List tables',
  description: 'Lists tables, views and files of a source with row estimate and comment. By topic: catalog.',
  input: z.strictObject({
    source: sourceName,
    schema: z.string().min(1).max(256).optional().describe('Only this schema.'),
    search: z.string().min(1).max(256).optional().describe('Text in the name or comment.'),
    limit: z.int().min(1).max(500).default(100).describe('Tables per page.'),
    cursor: pageCursor.optional(),
  }),
  output: z.object({
    tables: z.array(
      z.object({
        name: z.string(),
        schema: z.string(),
        kind: tableKindSchema,
        row_estimate: rowEstimateSchema.optional(),
        comment: z.string().optional().describe('Cut at 200 characters; whole in describe_table.'),
      }),
    ),
    total: z.int().min(0).describe('Tables that match, on all pages.'),
    next_cursor: nextCursor,
  }),
  errors: ['SOURCE_NOT_FOUND', 'SOURCE_UNAVAILABLE', 'SOURCE_UNPROVEN', 'QUERY_TIMEOUT'],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'Find tables by a word',
      input: { source: 'vega', search: 'weather', limit: 1 },
      output: {
        tables: [
          {
            name: 'seattle_weather',
            schema: 'main',
            kind: 'file',
            row_estimate: { rows: 1461, exact: true },
            comment:
              'Daily weather in metric units. Transformed using `/scripts/weather.py`. The categorical "weather" field is synthesized from multiple fields in the original dataset. This data is intended for instruct…',
          },
        ],
        total: 2,
        next_cursor: 'cursor',
      },
    },
  ],
})
