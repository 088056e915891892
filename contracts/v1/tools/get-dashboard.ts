import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import { boardDiagnosticSchema } from '../board/diagnostics.ts'
import { boardPath } from '../boards.ts'

export const getDashboard = defineContract({
  name: 'get_dashboard',
  version: '1.0.0',
  title: 'Get a dashboard',
  description:
    'Gives one dashboard: YAML, version for save_dashboard, and compiled: variables, queries, charts, layout, tables it reads, findings.',
  input: z.strictObject({
    path: boardPath,
    version: z.string().min(1).max(100).optional().describe('An older version.'),
    max_tokens: z.int().min(200).max(1_000_000).default(10_000).describe('Of layout and definitions, which are cut.'),
  }),
  output: z.object({
    path: z.string(),
    version: z.string().describe('Give it to save_dashboard, which refuses to overwrite another.'),
    yaml: z.string(),
    title: z.string().optional(),
    notes: z.string().optional(),
    tags: z.array(z.string()),
    theme: z.string(),
    files: z.array(z.string()).describe('Others it is made of: what it extends or refers to, meta.yml of its folders.'),
    variables: z.array(
      z.object({
        name: z.string(),
        input: z.string().describe('The control, inferred where nothing is written.'),
        label: z.string(),
        value: z.unknown().optional().describe('In force when a call gives none; absent for none.'),
        required: z.boolean().optional(),
        options: z
          .array(z.union([z.string(), z.number()]))
          .optional()
          .describe('Up to 50; absent when a query gives them.'),
        default: z.unknown().optional().describe('As written.'),
        notes: z.string().optional(),
      }),
    ),
    queries: z.array(
      z.object({
        name: z.string(),
        source: z.string().optional(),
        sql: z.string().optional().describe('As written; absent for rows written in the board.'),
        notes: z.string().optional(),
        uses: z.array(z.string()).describe('Queries it names.'),
        tables: z.array(z.string()).describe('Tables it names, as far as the text tells.'),
        line: z.int().min(1),
        file: z.string().optional().describe('Where line is, when not in this board.'),
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
        definition: z
          .record(z.string(), z.unknown())
          .optional()
          .describe('Its other keys, with all it inherits; texts may hold templates.'),
        line: z.int().min(1),
        file: z.string().optional().describe('Where line is, when not in this board.'),
      }),
    ),
    layout: z
      .array(
        z.object({
          place: z.string().describe('"rows.0.cols.1"; empty for the board.'),
          chart: z.string().optional(),
          direction: z.enum(['rows', 'cols', 'grid', 'tabs']).optional().describe('How what is in it stands.'),
          title: z.string().optional().describe('Of a board or a tab.'),
          text: z.string().optional().describe('Its beginning.'),
          column: z.int().min(0).optional().describe('Of a grid, from 0.'),
          row: z.int().min(0).optional(),
          column_span: z.int().min(1).optional(),
          row_span: z.int().min(1).optional(),
          width: z.union([z.number(), z.string()]).optional(),
          height: z.union([z.number(), z.string()]).optional(),
          visible: z.unknown().optional().describe('Its condition.'),
        }),
      )
      .describe('The board and its parts, each before those in it.'),
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
        files: [],
        variables: [],
        queries: [
          {
            name: 'species',
            source: 'vega',
            sql: 'SELECT Species AS species, count(*) AS birds, avg("Body Mass (g)") AS mass FROM penguins GROUP BY species ORDER BY mass DESC',
            uses: [],
            tables: ['penguins'],
            line: 7,
          },
        ],
        charts: [
          {
            name: 'mass',
            type: 'bar',
            query: 'species',
            title: 'Mean body mass, g',
            columns: ['species', 'mass'],
            definition: { x: 'species', y: 'mass', style: { number_format: 'integer' } },
            line: 9,
          },
        ],
        layout: [
          { place: '', direction: 'rows', title: 'Penguins' },
          { place: 'rows.0', chart: 'mass' },
        ],
        tables: ['penguins'],
        diagnostics: [],
      },
    },
  ],
})
