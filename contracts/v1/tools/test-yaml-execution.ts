import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import { boardDiagnosticSchema } from '../board/diagnostics.ts'
import { boardOrText, countsSchema, variableValues } from '../boards.ts'
import { columnSchema } from '../values.ts'

export const testYamlExecution = defineContract({
  name: 'test_yaml_execution',
  version: '1.0.0',
  title: 'Test a board on its data',
  description:
    'Runs the queries of a dashboard with a small limit: per query its columns and rows or error, per chart what is wrong with its data. Use before save_dashboard.',
  input: z.strictObject({
    ...boardOrText,
    variables: variableValues.optional(),
    limit: z.int().min(1).max(1000).default(5).describe('Rows per query at most.'),
  }),
  output: z.object({
    works: z.boolean().describe('No errors in the text, in any query and in any chart.'),
    queries: z.array(
      z.object({
        name: z.string(),
        works: z.boolean(),
        source: z.string().optional(),
        columns: z.array(columnSchema).optional(),
        rows: z.array(z.array(z.unknown())).optional().describe('Up to 3, to look at; long values are cut.'),
        row_count: z.int().min(0).optional(),
        truncated: z.boolean().optional().describe('There are more rows than the limit.'),
        error: z.string().optional(),
        hint: z.string().optional(),
      }),
    ),
    charts: z.array(z.object({ name: z.string(), type: z.string(), works: z.boolean(), findings: z.array(z.string()) })),
    diagnostics: z.array(boardDiagnosticSchema),
    counts: countsSchema,
  }),
  errors: ['BOARD_NOT_FOUND'],
  annotations: readOnlyAnnotations,
  deprecated: { since: '2026-11-21', sunset: '2027-12-31' },
  examples: [
    {
      title: 'Try a board on its data',
      input: { path: 'boards/penguins.yml' },
      output: {
        works: true,
        queries: [
          {
            name: 'species',
            source: 'vega',
            works: true,
            columns: [
              { name: 'species', type: 'text', database_type: 'VARCHAR' },
              { name: 'birds', type: 'bigint', database_type: 'BIGINT' },
              { name: 'mass', type: 'float', database_type: 'DOUBLE' },
            ],
            rows: [
              ['Gentoo', '124', 5076.016260162602],
              ['Chinstrap', '68', 3733.0882352941176],
              ['Adelie', '152', 3700.662251655629],
            ],
            row_count: 3,
            truncated: false,
          },
        ],
        charts: [{ name: 'mass', type: 'bar', works: true, findings: [] }],
        diagnostics: [],
        counts: { errors: 0, warnings: 0 },
      },
    },
  ],
})
