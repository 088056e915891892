import * as z from 'zod'

/** What a board asks for: SQL, rows written in the board, or a query of another file. */

const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()])

const keptTime = z.string().regex(/^(\d{1,9}[smhd])+$|^forever$/)

export const cacheSchema = z
  .union([z.boolean(), keptTime, z.strictObject({ ttl: keptTime })])
  .describe('How long rows are kept: 1h30m, forever, true (a minute, the default), false. That of the query goes before that of its board.')

const queryShape = {
  notes: z.string().max(5000).optional().describe('What it answers; for search and agents, never painted.'),
  ignore: z.array(z.string()).max(100).optional().describe('Codes of warnings that are not reported.'),
  cache: cacheSchema.optional(),
}

export const sqlQuerySchema = z
  .strictObject({
    type: z.literal('sql').optional(),
    sql: z.string().min(1).max(100_000).describe('One SELECT; {{ name }} binds a variable, {{ queries.name }} is another query.'),
    source: z.string().min(1).max(200).optional(),
    target: z.string().max(200).optional().describe('dbt target.'),
    setup_sql: z.string().max(100_000).optional().describe('Not run: this server only reads.'),
    incremental: z
      .union([z.string().max(200), z.literal(false)])
      .optional()
      .describe('Watermark column.'),
    ...queryShape,
  })
  .meta({ id: 'SqlQuery', description: 'SQL to be run on a source.' })

export const valuesQuerySchema = z
  .strictObject({
    type: z.literal('values').optional(),
    columns: z.array(z.string().min(1)).min(1).max(500),
    values: z.array(z.array(cellSchema)).max(10_000),
    ...queryShape,
  })
  .meta({ id: 'ValuesQuery', description: 'Rows written in the board, as lists.' })

export const rowsQuerySchema = z
  .strictObject({
    type: z.literal('values').optional(),
    rows: z.array(z.record(z.string(), cellSchema)).max(10_000),
    ...queryShape,
  })
  .meta({ id: 'RowsQuery', description: 'Rows written in the board, as blocks.' })

export const refQuerySchema = z
  .strictObject({
    ref: z
      .string()
      .regex(/^.+\.queries\.[A-Za-z_]\w*$/)
      .describe('"<file>.queries.<name>" of another board.'),
    ...queryShape,
  })
  .meta({ id: 'QueryRef', description: 'A query of another board.' })

export const metricsQuerySchema = z
  .strictObject({
    type: z.literal('metricflow').optional(),
    source: z.string().min(1).max(200).optional(),
    metrics: z.array(z.string().min(1)).min(1).max(100),
    dimensions: z.array(z.string().min(1)).max(100).optional(),
    time_grain: z.enum(['day', 'week', 'month', 'quarter', 'year']).optional(),
    filters: z.array(z.string()).max(100).optional(),
    limit: z.int().min(1).max(100_000).optional(),
    ...queryShape,
  })
  .meta({ id: 'MetricsQuery', description: 'Metrics of a semantic layer; understood, not run.' })

export const httpQuerySchema = z
  .strictObject({
    type: z.literal('http'),
    url: z.string().max(2000),
    method: z.enum(['GET', 'POST']).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    body: z.unknown().optional(),
    json_path: z.string().max(500).optional(),
    limit: z.int().min(1).max(100_000).optional(),
    ...queryShape,
  })
  .meta({ id: 'HttpQuery', description: 'An address; understood, not run.' })

export const schemaQuerySchema = z
  .strictObject({
    type: z.literal('schema'),
    source: z.string().min(1).max(200).optional(),
    schema: z.string().max(200).optional(),
    table: z.string().max(200).optional(),
    column: z.string().max(200).optional(),
    fields: z.array(z.string()).max(100).optional(),
    ...queryShape,
  })
  .meta({ id: 'SchemaQuery', description: 'The structure of a source; understood, not run.' })

export const queryBlockSchema = z.union([
  sqlQuerySchema,
  valuesQuerySchema,
  rowsQuerySchema,
  refQuerySchema,
  metricsQuerySchema,
  httpQuerySchema,
  schemaQuerySchema,
])

export const querySchema = z.union([z.string().min(1).max(100_000).describe('SQL.'), queryBlockSchema])

export type CacheSetting = z.output<typeof cacheSchema>
export type Query = z.output<typeof querySchema>
export type SqlQuery = z.output<typeof sqlQuerySchema>
export type ValuesQuery = z.output<typeof valuesQuerySchema>
export type RowsQuery = z.output<typeof rowsQuerySchema>
export type MetricsQuery = z.output<typeof metricsQuerySchema>
export type RefQuery = z.output<typeof refQuerySchema>
