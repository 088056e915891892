import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import { countsSchema } from '../boards.ts'
import { nextCursor, pageCursor } from '../tables.ts'

export const listDashboards = defineContract({
  name: 'list_dashboards',
  version: '1.0.0',
  title: 'List dashboards',
  description: 'Lists dashboards with title, notes, tags and number of charts. By topic: search_dashboards.',
  input: z.strictObject({
    folder: z.string().min(1).max(500).optional().describe('Only below this folder.'),
    tag: z.string().min(1).max(100).optional().describe('Only those with this tag.'),
    limit: z.int().min(1).max(500).default(100).describe('Dashboards per page.'),
    cursor: pageCursor.optional(),
  }),
  output: z.object({
    dashboards: z
      .array(
        z.object({
          path: z.string(),
          title: z.string(),
          notes: z.string().optional(),
          tags: z.array(z.string()),
          charts: z.int().min(0),
          variables: z.array(z.string()),
          findings: countsSchema,
        }),
      )
      .describe('By path.'),
    total: z.int().min(0).describe('Dashboards that match, on all pages.'),
    next_cursor: nextCursor,
  }),
  errors: [],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'List the dashboards with a tag',
      input: { tag: 'nature' },
      output: {
        dashboards: [
          {
            path: 'boards/penguins.yml',
            title: 'Penguins',
            notes: 'How heavy three species of penguins are.',
            tags: ['nature'],
            charts: 1,
            variables: [],
            findings: { errors: 0, warnings: 0 },
          },
        ],
        total: 1,
      },
    },
  ],
})
