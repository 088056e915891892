import * as z from 'zod'
import { errorItemSchema } from './errors.ts'

export const warningSchema = z.object({
  code: z.string().describe('SCREAMING_SNAKE; new codes may appear.'),
  message: z.string(),
})

export const metaSchema = z.object({
  request_id: z.string().describe('Quote it when you report a problem.'),
  contract: z.string().describe('Tool and contract version that answered, as `execute_query@1.0.0`.'),
  project: z.string(),
  source: z.string().optional(),
  schema: z.string().optional(),
  timing_ms: z.number().min(0).describe('Time spent in the server, milliseconds.'),
  quota: z
    .object({
      calls_left: z.int().min(0).optional().describe('Calls that may be made at once now; more come back with time.'),
      rows_left: z.int().min(0).optional(),
      bytes_left: z.int().min(0).optional(),
      tokens_left: z.int().min(0).optional(),
      resets_at: z.string().optional().describe('When rows, bytes and tokens are counted anew, ISO 8601.'),
    })
    .optional()
    .describe('What is left to this caller, where the project sets quotas.'),
})

export type Warning = z.infer<typeof warningSchema>
export type Meta = z.infer<typeof metaSchema>

/** The answer of a call that worked. */
export const successEnvelope = <Data extends z.ZodObject>(data: Data) =>
  z.object({
    success: z.literal(true),
    data,
    warnings: z.array(warningSchema),
    meta: metaSchema,
  })

/** The answer of a call that did not. `errors` is never empty; the first one decides the status. */
export const failureEnvelope = z.object({
  success: z.literal(false),
  errors: z.array(errorItemSchema).min(1),
  warnings: z.array(warningSchema),
  meta: metaSchema,
})

/** The one answer shape of every tool through every door, told apart by `success`. */
export const envelopeOf = <Data extends z.ZodObject>(data: Data) =>
  z.discriminatedUnion('success', [successEnvelope(data), failureEnvelope])
