import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import { boardOrText, variableValues } from '../boards.ts'

export const reviewFindingSchema = z.object({
  severity: z
    .enum(['blocker', 'warning', 'nit'])
    .describe('blocker: a part does not work; warning: it misleads or is hard to read; nit: style.'),
  pass: z.enum(['structure', 'data', 'design', 'fit']).describe('What was looked at: the text, the rows, the design, the picture.'),
  code: z.string().describe('SCREAMING_SNAKE; new codes may appear.'),
  finding: z.string(),
  fix: z.string().describe('What to do.'),
  file: z.string().describe('Relative to the project.'),
  line: z.int().min(1),
  chart: z.string().optional(),
  query: z.string().optional(),
})

export const reviewDashboard = defineContract({
  name: 'review_dashboard',
  version: '1.0.0',
  title: 'Review a dashboard',
  description:
    'Runs and draws a dashboard and judges structure, data, design and fit: the worst findings first, each with its line and fix. For the end; validate_yaml while it is written.',
  input: z.strictObject({
    ...boardOrText,
    variables: variableValues.optional(),
    max_findings: z.int().min(1).max(50).default(5).describe('Blockers come even past it.'),
  }),
  output: z.object({
    findings: z.array(reviewFindingSchema).describe('The worst first, then by place.'),
    counts: z
      .object({ blockers: z.int().min(0), warnings: z.int().min(0), nits: z.int().min(0) })
      .describe('Of all findings, those left out too.'),
    verdict: z.string().describe('Markdown: **No findings.**, or a line for each of the findings.'),
  }),
  errors: ['BOARD_NOT_FOUND'],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'Review a dashboard',
      input: { path: 'boards/penguins.yml' },
      output: { findings: [], counts: { blockers: 0, warnings: 0, nits: 0 }, verdict: '**No findings.**' },
    },
  ],
})
