import * as z from 'zod'

/**
 * `dataface.yml`: the file that makes a folder a project. Versioned like any contract; codegen emits its JSON Schema
 * for editors. Every string value may hold `{{ env_var('NAME') }}` or `{{ env_var('NAME', 'default') }}`, resolved
 * before this schema is applied.
 */

const description = z.string().max(2000).optional().describe('What the data is; shown by list_sources and searched by catalog.')

/** Numbers may arrive as text, because `env_var` gives text. */
const wholeNumber = (min: number, max: number) =>
  z.union([z.int().min(min).max(max), z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(min).max(max))])

export const limitsSchema = z.strictObject({
  default_rows: wholeNumber(1, 100_000).optional().describe('Rows of an answer when the caller asks for no number. Default 50.'),
  max_rows: wholeNumber(1, 100_000).optional().describe('Rows a caller may ask for. Default 10000.'),
  max_bytes: wholeNumber(1024, 64 * 1024 * 1024)
    .optional()
    .describe('Bytes of rows in one answer. Default 1048576.'),
  max_cell_bytes: wholeNumber(64, 16 * 1024 * 1024)
    .optional()
    .describe('Bytes of one value; longer ones are cut and marked. Default 65536.'),
  default_tokens: wholeNumber(50, 10_000_000)
    .optional()
    .describe('Tokens of an answer when the caller gives no max_tokens; four times as many with limit. Default 25000.'),
  max_tokens: wholeNumber(50, 10_000_000).optional().describe('Tokens a caller may ask for. Default: as many as max_bytes holds.'),
  timeout_ms: wholeNumber(10, 3_600_000).optional().describe('Time of one query, milliseconds. Default 30000.'),
  max_estimated_rows: wholeNumber(1, 1_000_000_000_000)
    .optional()
    .describe('Rows that any step of a plan may give, as the database estimates them before it runs. Default none.'),
  max_estimated_cost: wholeNumber(1, 1_000_000_000_000)
    .optional()
    .describe("Cost of a plan in PostgreSQL's own units. Default none; DuckDB has none."),
  stream_rows: wholeNumber(1, 2_000_000_000).optional().describe('Rows of a stream. Default 100000000.'),
  stream_bytes: wholeNumber(1024, 1024 ** 5)
    .optional()
    .describe('Bytes of the rows of a stream, as JSON. Default 10737418240.'),
  stream_timeout_ms: wholeNumber(10, 24 * 3_600_000)
    .optional()
    .describe('Time of a stream until its last row was taken, milliseconds. Default 600000.'),
  max_concurrency: wholeNumber(1, 256).optional().describe('Queries at once on one source. Default 8.'),
})

const globs = z.array(z.string().min(1)).min(1)

const policyShape = {
  tables: z
    .strictObject({
      allow: globs.optional().describe('Only these are served. Globs over schema.table; without a dot, in any schema.'),
      deny: globs.optional().describe('These are not; to callers they do not exist. Wins over allow.'),
    })
    .optional()
    .describe('Which tables are served. A view over one that is not is not served either, unless allow names it exactly.'),
  columns: z
    .strictObject({
      deny: globs.optional().describe('To callers these do not exist. Globs over schema.table.column, table.column or column.'),
      mask: globs.optional().describe('These are described, and neither sampled nor read by SQL.'),
    })
    .optional()
    .describe('Which columns are not served.'),
}

const sourceShape = {
  ...policyShape,
  description,
  limits: limitsSchema.optional().describe('Overrides the limits of the project.'),
  allow_unproven: z
    .boolean()
    .optional()
    .describe('Serve the source although its login may do more than read; every answer then warns. Default false.'),
}

const files = z.record(z.string().min(1), z.string().min(1)).describe('Table name to path or glob, relative to dataface.yml.')

const datapackage = z
  .string()
  .optional()
  .describe('A Frictionless datapackage.json whose descriptions, types and keys enrich the tables of the same files.')

export const postgresSourceSchema = z.strictObject({
  type: z.literal('postgres'),
  url: z.string().min(1).optional().describe('postgres://user:password@host:port/dbname?sslmode=...; or give the parts.'),
  host: z.string().optional().describe('Default localhost.'),
  port: wholeNumber(1, 65_535).optional().describe('Default 5432.'),
  dbname: z.string().optional(),
  user: z.string().optional(),
  role: z.string().min(1).optional().describe('Role that sessions take after they have logged in.'),
  password: z.string().optional().describe("Use {{ env_var('NAME') }}; a literal password is a warning."),
  sslmode: z.enum(['disable', 'prefer', 'require', 'verify-ca', 'verify-full']).optional().describe('Default prefer, as in libpq.'),
  schemas: z.array(z.string().min(1)).min(1).optional().describe('Schemas that are shown and searched. Default: all but system schemas.'),
  ...sourceShape,
})

export const duckdbSourceSchema = z.strictObject({
  type: z.literal('duckdb'),
  path: z.string().min(1).optional().describe('Database file, relative to dataface.yml; absent when only files are served.'),
  schema: z.string().min(1).optional().describe('Only this schema of the file. Default: all.'),
  schemas: z.array(z.string().min(1)).min(1).optional().describe('Only these schemas of the file. Default: all.'),
  files: files.optional(),
  datapackage,
  ...sourceShape,
})

const fileSource = <const Type extends 'csv' | 'json' | 'parquet'>(type: Type) =>
  z.strictObject({ type: z.literal(type), files, datapackage, ...sourceShape })

export const csvSourceSchema = fileSource('csv')
export const jsonSourceSchema = fileSource('json')
export const parquetSourceSchema = fileSource('parquet')

export const dbtSourceSchema = z.strictObject({
  type: z.literal('dbt'),
  project_dir: z.string().min(1).optional().describe('Folder of dbt_project.yml, relative to dataface.yml. Default: that of dataface.yml.'),
  profile: z.string().min(1).optional().describe('Profile of profiles.yml. Default: the one that dbt_project.yml names.'),
  target: z.string().min(1).optional().describe('Target of the profile. Default: the one that the profile names.'),
  profiles_dir: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of profiles.yml. Default: DBT_PROFILES_DIR, the folder of the dbt project, then ~/.dbt.'),
  schemas: z.array(z.string().min(1)).min(1).optional().describe('Only these schemas of the database. Default: all but system schemas.'),
  ...sourceShape,
})

export const sourceConfigSchema = z.discriminatedUnion('type', [
  postgresSourceSchema,
  duckdbSourceSchema,
  csvSourceSchema,
  jsonSourceSchema,
  parquetSourceSchema,
  dbtSourceSchema,
])

export const boardsSchema = z.strictObject({
  folders: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Where boards lie, relative to dataface.yml. Default: those of boards, faces and charts that are there.'),
  read_only: z.boolean().optional().describe('True: boards are not saved through the server. Default false.'),
})

export const accessSchema = z.strictObject({
  keys: z.boolean().optional().describe('Whether API keys are accepted, which `dft keys create` makes. Default true.'),
  keys_file: z.string().min(1).optional().describe('Where their hashes are kept, relative to dataface.yml. Default .dataface/keys.json.'),
  oauth: z
    .strictObject({
      issuer: z.url({ protocol: /^https?$/ }).describe('The authorization server, as its tokens and its metadata name it.'),
      resource: z
        .url({ protocol: /^https?$/ })
        .describe('The address of the MCP door as callers write it; tokens must be meant for it (their audience).'),
      jwks_uri: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('Where the keys of the authorization server are. Default: what its metadata says.'),
    })
    .optional()
    .describe('Accept tokens of an OAuth 2.1 authorization server.'),
  local: z
    .boolean()
    .optional()
    .describe('Whether callers on this machine need no credentials while the server listens on it alone. Default false.'),
})

const quotaSchema = z.strictObject({
  calls_per_minute: wholeNumber(1, 1_000_000).optional().describe('Calls, so many at once at most; they come back evenly over time.'),
  concurrent_calls: wholeNumber(1, 10_000).optional().describe('Calls at once.'),
  rows_per_day: wholeNumber(1, 1_000_000_000_000).optional().describe('Rows of answers, counted from midnight UTC.'),
  bytes_per_day: wholeNumber(1, 1_000_000_000_000_000).optional().describe('Bytes of answers as JSON.'),
  tokens_per_day: wholeNumber(1, 1_000_000_000_000).optional().describe('Tokens of answers, estimated as a third of their bytes.'),
})

export const quotasSchema = z.strictObject({
  caller: quotaSchema.optional().describe('Of each caller.'),
  project: quotaSchema.optional().describe('Of all callers together.'),
  tools: z.record(z.string().min(1), quotaSchema).optional().describe('Tool name to what of it each caller may have.'),
})

export const auditSchema = z.strictObject({
  file: z.string().min(1).optional().describe('Relative to dataface.yml. Default .dataface/audit.jsonl.'),
  url: z
    .string()
    .min(1)
    .optional()
    .describe(
      'postgres://user:password@host:port/dbname where records are kept, each with the hash of the one before, in place of a file.',
    ),
  retention_days: wholeNumber(1, 36_500).optional().describe('Of records in Postgres: days after which they are removed. Default 400.'),
  required: z.boolean().optional().describe('Whether a call is refused when its record cannot be written. Default true.'),
})

export const projectSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors.'),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/)
    .describe('Lower-case letters, digits, - and _; starts with a letter.'),
  description,
  sources: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/), sourceConfigSchema).describe('Source name to its settings.'),
  boards: boardsSchema.optional().describe('Dashboards written in YAML.'),
  access: accessSchema.optional().describe('Who may call. Absent: anyone on this machine, which is then all that the server listens on.'),
  limits: limitsSchema.optional(),
  quotas: quotasSchema.optional().describe('How much may be called and answered. Absent: as much as the sources bear.'),
  audit: auditSchema.optional().describe('A record of every call. Absent: none.'),
})

export type QuotaConfig = z.output<typeof quotaSchema>
export type QuotasConfig = z.output<typeof quotasSchema>
export type AuditConfig = z.output<typeof auditSchema>
export type AccessConfig = z.output<typeof accessSchema>
export type DbtSourceConfig = z.output<typeof dbtSourceSchema>
/** A source that can be opened: what a dbt project connects to stands in the place of one of type dbt. */
export type SourceConfig = Exclude<z.output<typeof sourceConfigSchema>, DbtSourceConfig>
export type ProjectConfig = Omit<z.output<typeof projectSchema>, 'sources'> & { readonly sources: Record<string, SourceConfig> }
export type PostgresSourceConfig = z.output<typeof postgresSourceSchema>
export type LimitsConfig = z.output<typeof limitsSchema>
