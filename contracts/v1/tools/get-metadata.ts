import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import {
  dbtColumnShape,
  dbtProjectSchema,
  maskedColumn,
  nextCursor,
  pageCursor,
  primaryKeyFromDbt,
  relationshipFromDbt,
  rowEstimateSchema,
  sourceName,
  tableKindSchema,
  tableReference,
} from '../tables.ts'
import { canonicalTypeSchema, cellSchema } from '../values.ts'

export const getMetadata = defineContract({
  name: 'get_metadata',
  version: '1.0.0',
  title: 'Get metadata',
  description: 'Gives a whole source within a token budget: tables, columns, relationships. For one table use describe_table.',
  input: z.strictObject({
    source: sourceName,
    detail: z
      .enum(['names', 'summary', 'full'])
      .default('summary')
      .describe('names: tables; summary: and columns; full: and comments, defaults, lineage, tests, exposures, owners of dbt.'),
    schema: z.string().min(1).max(256).optional().describe('Only this schema.'),
    max_tokens: z.int().min(200).max(50_000).default(4000).describe('Tokens of one page.'),
    cursor: pageCursor.optional(),
  }),
  output: z.object({
    tables: z.array(
      z.object({
        name: z.string(),
        schema: z.string(),
        kind: tableKindSchema,
        comment: z.string().optional(),
        row_estimate: rowEstimateSchema.optional(),
        columns: z
          .array(
            z.object({
              name: z.string(),
              type: canonicalTypeSchema,
              database_type: z.string().optional(),
              nullable: z.boolean().optional(),
              default: z.string().optional(),
              comment: z.string().optional(),
              enum_values: z.array(z.string()).optional(),
              ...dbtColumnShape,
              masked: maskedColumn,
            }),
          )
          .optional(),
        columns_omitted: z.int().min(1).optional().describe('Columns left out because the table alone passes the budget.'),
        primary_key: z.array(z.string()).optional(),
        primary_key_from_dbt: primaryKeyFromDbt,
        dbt: z.record(z.string(), cellSchema).optional().describe('As describe_table gives it.'),
      }),
    ),
    relationships: z
      .array(
        z.object({
          from: tableReference.extend({ columns: z.array(z.string()) }),
          to: tableReference.extend({ columns: z.array(z.string()) }),
          from_dbt: relationshipFromDbt,
        }),
      )
      .describe('Foreign keys that leave the tables of this page.'),
    dbt: dbtProjectSchema.optional().describe('Absent where no dbt project tells of the source.'),
    total: z.int().min(0).describe('Tables on all pages.'),
    tokens: z.int().min(0).describe('Size of this page, o200k tokens.'),
    next_cursor: nextCursor,
  }),
  errors: ['SOURCE_NOT_FOUND', 'SOURCE_UNAVAILABLE', 'SOURCE_UNPROVEN', 'QUERY_TIMEOUT'],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'Name the tables, as many as fit a small budget',
      input: { source: 'vega', detail: 'summary', max_tokens: 200 },
      output: {
        tables: [
          {
            name: 'airports',
            schema: 'main',
            kind: 'file',
            row_estimate: { rows: 3376, exact: true },
            columns: [
              { name: 'iata', type: 'text' },
              { name: 'name', type: 'text' },
              { name: 'city', type: 'text' },
              { name: 'state', type: 'text' },
              { name: 'country', type: 'text' },
              { name: 'latitude', type: 'float' },
              { name: 'longitude', type: 'float' },
            ],
          },
          {
            name: 'barley',
            schema: 'main',
            kind: 'file',
            row_estimate: { rows: 120, exact: true },
            columns: [
              { name: 'yield', type: 'float' },
              { name: 'variety', type: 'text' },
              { name: 'year', type: 'bigint' },
              { name: 'site', type: 'text' },
            ],
          },
        ],
        relationships: [],
        total: 32,
        tokens: 158,
        next_cursor: 'cursor',
      },
    },
  ],
})
