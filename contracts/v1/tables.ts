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

const fromDbt = z.boolean().optional().describe('True: only dbt says so.')

export const foreignKeySchema = z.object({
  name: z.string().optional(),
  columns: z.array(z.string()),
  references: tableReference.extend({ columns: z.array(z.string()) }),
  from_dbt: fromDbt,
})

export const incomingForeignKeySchema = z.object({
  name: z.string().optional(),
  columns: z.array(z.string()).describe('Columns of this table that are pointed at.'),
  referenced_by: tableReference.extend({ columns: z.array(z.string()) }),
  from_dbt: fromDbt,
})

/** What dbt says of a column, beside its description, which is the comment where the database has none. */
export const dbtColumnShape = {
  enum_values_from_dbt: fromDbt,
  tests: z.array(z.string()).optional().describe('Of dbt.'),
}

export const primaryKeyFromDbt = fromDbt

export const relationshipFromDbt = fromDbt

const scalar = z.union([z.string(), z.number(), z.boolean()])

/** What dbt says of a table, beside its description, which is the comment where the database has none. */
export const dbtTableSchema = z.object({
  kind: z.enum(['model', 'seed', 'snapshot', 'source']),
  name: z.string().describe('For ref() in boards; of a source source.table, for source().'),
  package: z.string().optional().describe('Absent for the project itself.'),
  version: z.string().optional(),
  tags: z.array(z.string()).optional(),
  owner: z.string().optional(),
  group: z.string().optional(),
  access: z.string().optional(),
  meta: z.record(z.string(), scalar).optional(),
  tests: z.array(z.string()).optional().describe('Tests of the whole table.'),
  upstream: z.array(z.string()).optional().describe('Tables it is made of, as schema.table.'),
  downstream: z.array(z.string()).optional().describe('Tables made of it.'),
  exposures: z.array(z.record(z.string(), z.string())).optional().describe('Uses of it outside dbt: name, type, label, owner, url.'),
  metrics: z.array(z.record(z.string(), z.string())).optional().describe('name, label, description.'),
  semantic_model: z.record(z.string(), z.unknown()).optional().describe('name, entities, dimensions, measures.'),
  freshness: z.string().optional().describe('Of a source: when its data counts as old.'),
})
export type DbtTable = z.infer<typeof dbtTableSchema>

/** Where what dbt says comes from. */
export const dbtProjectSchema = z.object({
  project: z.string(),
  from: z.enum(['manifest', 'files']).describe('manifest: as dbt has compiled it; files: read from the YAML and SQL of the project.'),
  generated_at: z.string().optional().describe('When dbt wrote the manifest.'),
  is_stale: z.boolean().optional().describe('True: files of the project are newer than the manifest.'),
})
export type DbtProjectInfo = z.infer<typeof dbtProjectSchema>
