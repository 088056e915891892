import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import { boardDiagnosticSchema } from '../board/diagnostics.ts'
import { boardOrText, countsSchema } from '../boards.ts'

export const validateYaml = defineContract({
  name: 'validate_yaml',
  version: '1.0.0',
  title: 'Validate a board',
  description:
    'Checks a dashboard without a database: structure, names, templates, formats, SQL. Every finding at once, with its line and fix.',
  input: z.strictObject({
    ...boardOrText,
    format: z.enum(['diagnostics', 'sarif']).default('diagnostics').describe('sarif adds SARIF 2.1.0.'),
  }),
  output: z.object({
    valid: z.boolean().describe('No errors; there may be warnings.'),
    diagnostics: z.array(boardDiagnosticSchema),
    counts: countsSchema,
    title: z.string().optional(),
    charts: z.array(z.string()),
    queries: z.array(z.string()),
    variables: z.array(z.string()),
    sarif: z.record(z.string(), z.unknown()).optional(),
  }),
  errors: ['BOARD_NOT_FOUND'],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'Find a mistyped key',
      input: { yaml: 'title: Movies\nsource: vega\ncharts:\n  best:\n    type: tabel\n    query: SELECT 1\n' },
      output: {
        valid: false,
        diagnostics: [
          {
            level: 'error',
            code: 'UNSUPPORTED_CHART_TYPE',
            chart: 'best',
            message: '"tabel" is no type of chart.',
            fix: 'Did you mean "table"? Use one of: kpi, bar, line, table, area, pie, donut, scatter, heatmap, histogram, spark_bar, callout, map, point_map, bubble_map, geoshape.',
            file: 'board.yml',
            line: 5,
            column: 5,
          },
        ],
        counts: { errors: 1, warnings: 0 },
        title: 'Movies',
        charts: ['best'],
        queries: ['best.query'],
        variables: [],
      },
    },
  ],
})
