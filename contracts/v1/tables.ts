import * as z from 'zod'

/** Pieces that several tools say about tables, so that they say them alike. */

export const sourceName = z.string().min(1).max(128).describe('Source name, from list_sources.')

export const pageCursor = z.string().min(1).max(4096).describe('next_cursor of the last answer; other arguments unchanged.')

export const nextCursor = z.string().optional().describe('Pass as cursor for the next page; absent on the last.')

export const tableKinds = ['table', 'view', 'materialized_view', 'foreign_table', 'file'] as const

export const tableKindSchema = z.enum(tableKinds)
export type TableKind = z.infer<typeof tableKindSchema>

export const rowEstimateSchema = z
  .object({
    rows: z.int().min(0),
    exact: z.boolean().describe('False for planner statistics; count(*) gives the true figure.'),
  })
  .describe('Absent when the database holds no estimate.')
export type RowEstimate = z.infer<typeof rowEstimateSchema>

export const maskedColumn = z.boolean().optional().describe('True: its values are not shown, and a statement that reads it is refused.')

export const tableReference = z.object({ schema: z.string(), table: z.string() })

export const foreignKeySchema = z.object({
  name: z.string().optional(),
  columns: z.array(z.string()),
  references: tableReference.extend({ columns: z.array(z.string()) }),
})

export const incomingForeignKeySchema = z.object({
  name: z.string().optional(),
  columns: z.array(z.string()).describe('Columns of this table that are pointed at.'),
  referenced_by: tableReference.extend({ columns: z.array(z.string()) }),
})
