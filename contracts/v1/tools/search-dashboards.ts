import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'

export const searchDashboards = defineContract({
  name: 'search_dashboards',
  version: '1.0.0',
  title: 'Search dashboards',
  description:
    'Finds dashboards, charts and queries by topic, ranked, over titles, notes, columns and SQL. Look here before writing a query anew.',
  input: z.strictObject({
    query: z.string().min(1).max(512).describe('Words to look for.'),
    kinds: z
      .array(z.enum(['dashboard', 'chart', 'query']))
      .min(1)
      .max(3)
      .optional()
      .describe('Only these kinds.'),
    limit: z.int().min(1).max(100).default(20).describe('Results at most.'),
  }),
  output: z.object({
    results: z
      .array(
        z.object({
          kind: z.enum(['dashboard', 'chart', 'query']),
          path: z.string().describe('Of the dashboard.'),
          name: z.string().optional().describe('Of the chart or query.'),
          title: z.string(),
          type: z.string().optional().describe('Of a chart.'),
          snippet: z.string().describe('The text that matched best.'),
          score: z.number().min(0),
        }),
      )
      .describe('Best first.'),
    total: z.int().min(0).describe('Results before the limit.'),
  }),
  errors: [],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'Find charts about delays',
      input: { query: 'delay', kinds: ['chart'], limit: 1 },
      output: {
        results: [
          {
            kind: 'chart',
            path: 'boards/flights.yml',
            name: 'mean_delay',
            title: 'Mean delay',
            type: 'kpi',
            snippet: 'mean_delay',
            score: 35.646,
          },
        ],
        total: 2,
      },
    },
  ],
})
