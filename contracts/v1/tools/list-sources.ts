import * as z from 'zod'
import { defineContract, openEnum, readOnlyAnnotations } from '../../define-contract.ts'
import { errorCodeSchema } from '../errors.ts'

export const sourceTypes = ['postgres', 'duckdb', 'csv', 'json', 'parquet', 'dbt'] as const
export type SourceType = (typeof sourceTypes)[number]

const readOnlyProof = z.object({
  layer: z.enum(['guard', 'engine', 'role']).describe('Guard: statement check; engine: session or file mode; role: login rights.'),
  holds: z.boolean().describe('False when the layer was checked and does not hold.'),
  detail: z.string(),
})

export const listSources = defineContract({
  name: 'list_sources',
  version: '1.0.0',
  title: 'List sources',
  description: 'Lists the databases and file sets there are, with state, schemas, table counts and what keeps them read-only. Start here.',
  input: z.strictObject({}),
  output: z.object({
    sources: z.array(
      z.object({
        name: z.string(),
        type: openEnum(sourceTypes).describe('More kinds may come.'),
        dialect: z.enum(['postgres', 'duckdb']).describe('Write SQL in this dialect.'),
        description: z.string().optional(),
        state: z
          .enum(['ready', 'unproven', 'unavailable', 'disabled'])
          .describe(
            'Unproven: its login may do more than read, and it is served only where no reason is given. Disabled: switched off by its configuration.',
          ),
        reason: z
          .object({ code: errorCodeSchema, message: z.string(), hint: z.string().optional(), retryable: z.boolean() })
          .optional()
          .describe('Why it is not served.'),
        schemas: z.array(z.string()),
        table_count: z.int().min(0).optional().describe('Absent when it could not be read.'),
        read_only: z.array(readOnlyProof),
      }),
    ),
  }),
  errors: [],
  annotations: readOnlyAnnotations,
  examples: [
    {
      title: 'List the sources of the demo project',
      input: {},
      output: {
        sources: [
          {
            name: 'vega',
            type: 'duckdb',
            dialect: 'duckdb',
            description:
              'Public data sets about flights, weather, economy, people and nature, one table per file: 3 million US flights with airports, daily weather of Seattle and New York, stock prices, employment, population and income, films, cars, penguins.',
            state: 'ready',
            schemas: ['main'],
            table_count: 32,
            read_only: [
              {
                layer: 'guard',
                holds: true,
                detail: 'Every statement is parsed with the grammar of its engine; exactly one SELECT-class statement passes.',
              },
              {
                layer: 'engine',
                holds: true,
                detail: 'The database is opened read-only, in a process of its own that is ended when a query passes its time or memory.',
              },
              {
                layer: 'engine',
                holds: true,
                detail:
                  'Files, network, extensions and settings are closed to SQL, as read back: access_mode=read_only, memory_limit, threads, temp_directory=a folder of its own, max_temp_directory_size, temp_file_encryption=true, autoload_known_extensions=false, autoinstall_known_extensions=false, allow_community_extensions=false, allow_unsigned_extensions=false, allow_persistent_secrets=false, allow_unredacted_secrets=false, allow_parser_override_extension=default, enable_logging=0, allowed_directories=none, allowed_paths=the declared files, enable_external_access=false, lock_configuration=true.',
              },
            ],
          },
        ],
      },
    },
  ],
})
