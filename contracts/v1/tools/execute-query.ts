import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import { nextCursor, pageCursor, sourceName } from '../tables.ts'
import { cellSchema, columnSchema } from '../values.ts'

export const executeQuery = defineContract({
  name: 'execute_query',
  version: '1.0.0',
  title: 'Run a query',
  description:
    'Runs one read-only SQL statement in the dialect of its source. Rows are cut at limits: truncated says so, next_cursor continues. Aggregate in SQL rather than fetch rows.',
  input: z.strictObject({
    source: sourceName,
    sql: z.string().min(1).max(100_000).describe('One SELECT-class statement; parameters are $1, $2.'),
    params: z
      .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .max(1000)
      .optional()
      .describe('Values of $1, $2, in order.'),
    limit: z.int().min(1).max(100_000).optional().describe('Rows at most. Default 50.'),
    max_tokens: z.int().min(50).max(10_000_000).optional().describe('Tokens of rows at most, o200k. Default 25000, with limit 100000.'),
    max_bytes: z.int().min(1024).max(1_000_000_000_000).optional().describe('Lowers the bytes of rows.'),
    max_cell_bytes: z.int().min(64).max(16_777_216).optional().describe('Lowers the bytes of one value.'),
    timeout_ms: z.int().min(10).max(86_400_000).optional().describe('Lowers the time limit.'),
    format: z.enum(['rows', 'csv', 'markdown']).default('rows').describe('rows: arrays; csv, markdown: one text.'),
    cursor: pageCursor.optional(),
  }),
  output: z.object({
    columns: z.array(columnSchema),
    rows: z.array(z.array(cellSchema)).optional().describe('With format rows: one array per row, in the order of columns.'),
    text: z.string().optional().describe('With formats csv and markdown: header and rows.'),
    row_count: z.int().min(0).describe('Rows in this answer.'),
    truncated: z.boolean().describe('True when the result holds more rows than this answer.'),
    truncated_by: z.enum(['rows', 'bytes', 'tokens']).optional().describe('The limit that cut it.'),
    limit_applied: z.object({
      rows: z.int().min(1),
      bytes: z.int().min(1),
      tokens: z.int().min(1).optional().describe('Absent from a stream.'),
      timeout_ms: z.int().min(1),
      rows_from: z.enum(['caller', 'project', 'default']).describe('Who set the row limit.'),
    }),
    bytes: z.int().min(0).describe('Size of rows or text, UTF-8.'),
    tables: z.array(z.string()).describe('Tables the statement names, as schema.table.'),
    elapsed_ms: z.number().min(0).describe('Time in the database, milliseconds.'),
    next_cursor: nextCursor,
  }),
  errors: [
    'SOURCE_NOT_FOUND',
    'SOURCE_UNAVAILABLE',
    'SOURCE_UNPROVEN',
    'TABLE_NOT_FOUND',
    'SQL_REJECTED',
    'SQL_ERROR',
    'QUERY_TIMEOUT',
    'RESULT_TOO_LARGE',
    'QUERY_TOO_COSTLY',
  ],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'Count flights by origin, the two largest',
      input: { source: 'vega', sql: 'SELECT origin, count(*) AS flights FROM flights_3m GROUP BY origin ORDER BY flights DESC LIMIT 2' },
      output: {
        columns: [
          { name: 'origin', type: 'text', database_type: 'VARCHAR' },
          { name: 'flights', type: 'bigint', database_type: 'BIGINT' },
        ],
        rows: [
          ['ORD', '166341'],
          ['DFW', '157162'],
        ],
        row_count: 2,
        truncated: false,
        limit_applied: { rows: 50, bytes: 1048576, tokens: 25000, timeout_ms: 30000, rows_from: 'default' },
        bytes: 35,
        tables: ['main.flights_3m'],
        elapsed_ms: 0,
      },
    },
    {
      title: 'Average the weight of penguins, as CSV, with a bound value',
      input: {
        source: 'vega',
        sql: 'SELECT "Species", round(avg("Body Mass (g)")) AS grams FROM penguins WHERE "Island" = $1 GROUP BY ALL ORDER BY 1',
        params: ['Biscoe'],
        format: 'csv',
      },
      output: {
        columns: [
          { name: 'Species', type: 'text', database_type: 'VARCHAR' },
          { name: 'grams', type: 'float', database_type: 'DOUBLE' },
        ],
        text: 'Species,grams\nAdelie,3710\nGentoo,5076\n',
        row_count: 2,
        truncated: false,
        limit_applied: { rows: 50, bytes: 1048576, tokens: 25000, timeout_ms: 30000, rows_from: 'default' },
        bytes: 38,
        tables: ['main.penguins'],
        elapsed_ms: 0,
      },
    },
  ],
  aliases: ['query'],
  streams: true,
  reading: {
    kind: 'table',
    columns: 'columns',
    rows: 'rows',
    text: 'text',
    facts: ['row_count', 'truncated', 'truncated_by', 'next_cursor'],
  },
})
