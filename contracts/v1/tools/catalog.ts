import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import { maskedColumn, sourceName } from '../tables.ts'

const kind = z.enum(['source', 'table', 'column', 'dashboard', 'chart', 'query'])

export const catalog = defineContract({
  name: 'catalog',
  version: '1.0.0',
  title: 'Search the catalog',
  description:
    'Finds sources, tables, columns, dashboards, charts and queries by topic, ranked, over names, comments, titles and SQL. Without a query: an overview to start from.',
  input: z.strictObject({
    query: z.string().min(1).max(512).optional().describe('Words to look for.'),
    source: sourceName.optional(),
    kinds: z.array(kind).min(1).max(6).optional().describe('Only these kinds.'),
    limit: z.int().min(1).max(100).default(20).describe('Results at most.'),
  }),
  output: z.object({
    results: z
      .array(
        z.object({
          kind,
          source: z.string().optional().describe('Absent for a dashboard, and for what reads no source.'),
          schema: z.string().optional(),
          table: z.string().optional(),
          column: z.string().optional(),
          type: z.string().optional().describe('Canonical type of a column, kind of a table, type of a source or chart.'),
          comment: z.string().optional().describe('Cut at 200 characters; whole in describe_table.'),
          masked: maskedColumn,
          path: z.string().optional().describe('Of the dashboard, for get_dashboard and render_dashboard.'),
          name: z.string().optional().describe('Of the chart or query within the dashboard.'),
          title: z.string().optional().describe('Of a dashboard, chart or query.'),
          snippet: z.string().optional().describe('The text of a dashboard, chart or query that matched best; its notes in an overview.'),
          score: z.number().min(0).describe('Higher is better; comparable within one answer only. 0 in an overview.'),
        }),
      )
      .describe('Best first.'),
    total: z.int().min(0).describe('Results before the limit.'),
    sources_searched: z.array(z.string()),
  }),
  errors: ['SOURCE_NOT_FOUND', 'SOURCE_UNAVAILABLE', 'SOURCE_UNPROVEN'],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'Find columns about rain',
      input: { query: 'precipitation', kinds: ['column'], limit: 1 },
      output: {
        results: [
          {
            kind: 'column',
            source: 'vega',
            schema: 'main',
            table: 'seattle_weather',
            column: 'precipitation',
            type: 'float',
            score: 66.175,
            comment: 'Amount of precipitation in millimeters',
          },
        ],
        total: 2,
        sources_searched: ['vega'],
      },
    },
    {
      title: 'Find what is charted about delays',
      input: { query: 'delay', kinds: ['chart'], limit: 1 },
      output: {
        results: [
          {
            kind: 'chart',
            source: 'vega',
            path: 'boards/flights.yml',
            name: 'mean_delay',
            title: 'Mean delay',
            type: 'kpi',
            snippet: 'mean_delay',
            score: 35.646,
          },
        ],
        total: 2,
        sources_searched: [],
      },
    },
  ],
})
