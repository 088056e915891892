import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import { boardDiagnosticSchema } from '../board/diagnostics.ts'
import { boardPath } from '../boards.ts'

export const getDashboard = defineContract({
  name: 'get_dashboard',
  version: '1.0.0',
  title: 'Get a dashboard',
  description: 'Gives one dashboard: YAML, version for save_dashboard, variables, queries, charts, tables it reads, findings.',
  input: z.strictObject({
    path: boardPath,
    version: z.string().min(1).max(100).optional().describe('An older version.'),
  }),
  output: z.object({
    path: z.string(),
    version: z.string().describe('Give it to save_dashboard, which refuses to overwrite another.'),
    yaml: z.string(),
    title: z.string().optional(),
    notes: z.string().optional(),
    tags: z.array(z.string()),
    theme: z.string(),
    variables: z.array(
      z.object({ name: z.string(), input: z.string(), label: z.string(), default: z.unknown().optional(), notes: z.string().optional() }),
    ),
    queries: z.array(
      z.object({
        name: z.string(),
        source: z.string().optional(),
        sql: z.string().optional().describe('As written; absent for rows written in the board.'),
        notes: z.string().optional(),
        uses: z.array(z.string()).describe('Queries it names.'),
        tables: z.array(z.string()).describe('Tables it names, as far as the text tells.'),
      }),
    ),
    charts: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        query: z.string().optional(),
        title: z.string().optional(),
        notes: z.string().optional(),
        columns: z.array(z.string()).describe('Columns it shows.'),
        line: z.int().min(1),
      }),
    ),
    tables: z.array(z.string()),
    diagnostics: z.array(boardDiagnosticSchema),
  }),
  errors: ['BOARD_NOT_FOUND'],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'Read a dashboard',
      input: { path: 'boards/penguins.yml' },
      output: {
        path: 'boards/penguins.yml',
        version: 'G2EAa52szXxWAnpn9iP1YV',
        yaml: '# yaml-language-server: $schema=../../../../clients/editor/board.schema.json\ntitle: Penguins\nnotes: How heavy three species of penguins are.\ntags: [nature]\nsource: vega\nqueries:\n  species: SELECT Species AS species, count(*) AS birds, avg("Body Mass (g)") AS mass FROM penguins GROUP BY species ORDER BY mass DESC\ncharts:\n  mass: { type: bar, query: species, title: "Mean body mass, g", x: species, y: mass, style: { number_format: integer } }\n',
        title: 'Penguins',
        notes: 'How heavy three species of penguins are.',
        tags: ['nature'],
        theme: 'clarity',
        variables: [],
        queries: [
          {
            name: 'species',
            source: 'vega',
            sql: 'SELECT Species AS species, count(*) AS birds, avg("Body Mass (g)") AS mass FROM penguins GROUP BY species ORDER BY mass DESC',
            uses: [],
            tables: ['penguins'],
          },
        ],
        charts: [{ name: 'mass', type: 'bar', query: 'species', title: 'Mean body mass, g', columns: ['species', 'mass'], line: 9 }],
        tables: ['penguins'],
        diagnostics: [],
      },
    },
  ],
})
