import * as z from 'zod'
import { defineContract, readOnlyAnnotations } from '../../define-contract.ts'
import {
  dbtColumnShape,
  dbtTableSchema,
  foreignKeySchema,
  incomingForeignKeySchema,
  nextCursor,
  pageCursor,
  primaryKeyFromDbt,
  rowEstimateSchema,
  sourceName,
  tableKindSchema,
} from '../tables.ts'
import { cellSchema, columnSchema } from '../values.ts'

export const describeTable = defineContract({
  name: 'describe_table',
  version: '1.0.0',
  title: 'Describe a table',
  description:
    'Describes one table: columns with types, comments and samples, keys both ways, indexes, row estimate. Look here before a query.',
  input: z.strictObject({
    source: sourceName,
    table: z.string().min(1).max(512).describe('Table name, or "schema.table".'),
    schema: z.string().min(1).max(256).optional().describe('When the name is in several schemas.'),
    cursor: pageCursor.optional(),
  }),
  output: z.object({
    name: z.string(),
    schema: z.string(),
    kind: tableKindSchema,
    comment: z.string().optional(),
    row_estimate: rowEstimateSchema.optional(),
    columns: z.array(
      columnSchema.extend({
        nullable: z.boolean(),
        default: z.string().optional().describe('SQL expression.'),
        comment: z.string().optional(),
        enum_values: z.array(z.string()).optional(),
        ...dbtColumnShape,
        samples: z.array(cellSchema).max(3).describe('Up to three distinct values; empty when masked.'),
        masked: z.boolean().describe('True: its values are not shown here.'),
        readable: z.boolean().optional().describe('False: masked for statements too, which are refused when they read it. Else absent.'),
      }),
    ),
    primary_key: z.array(z.string()),
    primary_key_from_dbt: primaryKeyFromDbt,
    foreign_keys: z.array(foreignKeySchema),
    referenced_by: z.array(incomingForeignKeySchema),
    indexes: z.array(
      z.object({
        name: z.string(),
        columns: z.array(z.string()).describe('Columns or expressions, in order.'),
        unique: z.boolean(),
      }),
    ),
    dbt: dbtTableSchema.optional().describe('Absent where no dbt project tells of it.'),
    next_cursor: nextCursor.describe('Pass as cursor for the next columns; absent when these are the last.'),
  }),
  errors: ['SOURCE_NOT_FOUND', 'SOURCE_UNAVAILABLE', 'SOURCE_UNPROVEN', 'TABLE_NOT_FOUND', 'QUERY_TIMEOUT'],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'Describe a small table',
      input: { source: 'vega', table: 'lookup_groups' },
      output: {
        name: 'lookup_groups',
        schema: 'main',
        kind: 'file',
        comment:
          'A nine-row lookup table for the `lookup_people.csv` dataset, mapping people to groups. Used to [demonstrate](https://vega.github.io/vega-lite/examples/lookup.html) `lookup` transforms.',
        row_estimate: { rows: 9, exact: true },
        columns: [
          { name: 'group', type: 'bigint', database_type: 'BIGINT', nullable: true, samples: ['1', '2', '3'], masked: false },
          { name: 'person', type: 'text', database_type: 'VARCHAR', nullable: true, samples: ['Alan', 'George', 'Fred'], masked: false },
        ],
        primary_key: [],
        foreign_keys: [],
        referenced_by: [],
        indexes: [],
      },
    },
  ],
})
