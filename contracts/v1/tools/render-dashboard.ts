import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import { boardDiagnosticSchema } from '../board/diagnostics.ts'
import { boardOrText, variableValues } from '../boards.ts'
import { columnSchema } from '../values.ts'

export const renderDashboard = defineContract({
  name: 'render_dashboard',
  version: '1.0.0',
  title: 'Render a dashboard',
  description:
    'Renders a dashboard, or one chart of it, with its data. text tells what a person would see: fields, ranges, figures, findings; json gives rows.',
  input: z.strictObject({
    ...boardOrText,
    variables: variableValues.optional(),
    chart: z.string().min(1).max(200).optional().describe('Only this chart.'),
    format: z.enum(['text', 'json', 'html', 'svg', 'png', 'terminal']).default('text').describe('png: a picture.'),
    theme: z.enum(['light', 'dark']).default('light').describe('For pictures.'),
    max_tokens: z.int().min(200).max(10_000_000).default(25_000).describe('Of all but png; rows of json are cut.'),
    max_bytes: z.int().min(1024).max(16_777_216).default(4_194_304).describe('Of the rendering.'),
    width: z.int().min(40).max(4000).optional().describe('Pixels, or columns of a terminal.'),
  }),
  output: z.object({
    format: z.string(),
    content_type: z.string(),
    content: z
      .string()
      .optional()
      .describe('The rendering; png as base64; absent for json. Over MCP html, svg and png are content items of their own instead.'),
    title: z.string().optional(),
    charts: z
      .array(
        z.object({
          name: z.string(),
          type: z.string(),
          title: z.string().optional(),
          row_count: z.int().min(0).optional(),
          columns: z.array(columnSchema).optional(),
          rows: z.array(z.array(z.unknown())).optional(),
          truncated: z.boolean().optional().describe('There are more rows than are drawn or given.'),
        }),
      )
      .describe('In the order of the layout; columns and rows for json only.'),
    variables: z.array(z.object({ name: z.string(), label: z.string(), value: z.unknown() })).describe('In force.'),
    diagnostics: z.array(boardDiagnosticSchema),
  }),
  errors: ['BOARD_NOT_FOUND', 'RESULT_TOO_LARGE'],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'See a board as an agent does',
      input: { path: 'boards/penguins.yml' },
      output: {
        format: 'text',
        content_type: 'text/plain; charset=utf-8',
        content:
          '# Penguins\nHow heavy three species of penguins are.\n\n[mass] bar: Mean body mass, g\n  3 rows\n  x = species (text): Gentoo, Chinstrap, Adelie\n  y = mass (float): 3,700.66 to 5,076.02\n',
        title: 'Penguins',
        charts: [{ name: 'mass', type: 'bar', title: 'Mean body mass, g', row_count: 3, truncated: false }],
        variables: [],
        diagnostics: [],
      },
    },
  ],
  reading: { kind: 'document', content: 'content', mediaType: 'content_type' },
})
