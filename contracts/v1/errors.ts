import * as z from 'zod'

/** What is known of an error code without seeing the error: one row per code, read by every door and by the docs. */
export interface ErrorDefinition {
  /** HTTP status the REST door answers with. */
  readonly httpStatus: number
  /** True when the very same call may succeed later without anyone changing anything. */
  readonly retryable: boolean
  /** Who can make it go away. */
  readonly fixedBy: 'caller' | 'operator' | 'nobody'
  /** One sentence: what happened. */
  readonly summary: string
  /** One or two sentences: what to do next. */
  readonly remedy: string
}

/**
 * The closed list of error codes. A code is never renamed or reused; adding one is a contract change.
 * The statuses follow RFC 9110 and RFC 6585; 499 is the field's convention for a caller that went away.
 */
export const errorDefinitions = {
  VALIDATION_ERROR: {
    httpStatus: 400,
    retryable: false,
    fixedBy: 'caller',
    summary: 'The input does not fit the contract of the tool.',
    remedy: 'Correct the argument that `path` names; `hint` gives the nearest known name or the accepted form.',
  },
  UNKNOWN_TOOL: {
    httpStatus: 404,
    retryable: false,
    fixedBy: 'caller',
    summary: 'No tool of that name is served.',
    remedy: 'List the tools and use one of their names; `hint` gives the nearest.',
  },
  SOURCE_NOT_FOUND: {
    httpStatus: 404,
    retryable: false,
    fixedBy: 'caller',
    summary: 'The project has no source of that name.',
    remedy: 'Call `list_sources` and use one of its names.',
  },
  SOURCE_UNAVAILABLE: {
    httpStatus: 503,
    retryable: true,
    fixedBy: 'operator',
    summary: 'The source exists but cannot be reached or opened now.',
    remedy: 'Retry after a short wait. If it lasts, the operator runs `dft doctor`, which names the cause.',
  },
  SOURCE_UNPROVEN: {
    httpStatus: 503,
    retryable: false,
    fixedBy: 'operator',
    summary: 'The source is not served because its login may do more than read.',
    remedy: 'Use another source. The operator gives it a login that can only read: `dft grant SOURCE` prints the SQL.',
  },
  TABLE_NOT_FOUND: {
    httpStatus: 404,
    retryable: false,
    fixedBy: 'caller',
    summary: 'The source shows no table of that name.',
    remedy: 'Use one of the suggestions in `hint`, or call `list_tables` or `catalog`.',
  },
  BOARD_NOT_FOUND: {
    httpStatus: 404,
    retryable: false,
    fixedBy: 'caller',
    summary: 'The project has no board of that path.',
    remedy: 'Call `list_dashboards` and use one of its paths.',
  },
  SQL_REJECTED: {
    httpStatus: 422,
    retryable: false,
    fixedBy: 'caller',
    summary: 'The statement was refused before it reached the database: it is not one read-only statement.',
    remedy: 'Send exactly one SELECT, VALUES, TABLE, WITH, DESCRIBE, SHOW or EXPLAIN statement that only reads.',
  },
  SQL_ERROR: {
    httpStatus: 422,
    retryable: false,
    fixedBy: 'caller',
    summary: 'The database refused the statement: a syntax error, an unknown column, a type mismatch, a failed cast.',
    remedy: 'Correct the SQL at `position`; `describe_table` gives the columns and their types.',
  },
  PERMISSION_DENIED: {
    httpStatus: 403,
    retryable: false,
    fixedBy: 'operator',
    summary: 'The caller, or the login of the source, may not do this.',
    remedy: 'Ask the operator of the project for access.',
  },
  UNAUTHENTICATED: {
    httpStatus: 401,
    retryable: false,
    fixedBy: 'caller',
    summary: 'The server does not know who calls: there are no credentials, or they are wrong, expired or revoked.',
    remedy: 'Send `Authorization: Bearer` with an API key that `dft keys create` made, or with a token of the authorization server.',
  },
  QUERY_TIMEOUT: {
    httpStatus: 504,
    retryable: false,
    fixedBy: 'caller',
    summary: 'The query passed its time limit and was cancelled in the database.',
    remedy: 'Filter or aggregate earlier, select fewer rows, or ask the operator for a higher limit.',
  },
  CANCELLED: {
    httpStatus: 499,
    retryable: true,
    fixedBy: 'caller',
    summary: 'The caller cancelled the call or went away; the query was cancelled in the database.',
    remedy: 'Call again when the answer is wanted.',
  },
  RESULT_TOO_LARGE: {
    httpStatus: 413,
    retryable: false,
    fixedBy: 'caller',
    summary: 'Not even a cut answer fits the limits.',
    remedy: 'Select fewer or narrower columns.',
  },
  QUERY_TOO_COSTLY: {
    httpStatus: 422,
    retryable: false,
    fixedBy: 'caller',
    summary: "The database's plan for the query is above what the source allows; it was not run.",
    remedy: 'Read less: filter on indexed columns, join on keys, aggregate earlier. `message` gives the estimate and the limit.',
  },
  RATE_LIMITED: {
    httpStatus: 429,
    retryable: true,
    fixedBy: 'caller',
    summary: 'Too many calls at once or in this period.',
    remedy: 'Wait `retry_after_ms`, then call again.',
  },
  NOT_READY: {
    httpStatus: 503,
    retryable: true,
    fixedBy: 'nobody',
    summary: 'The server is starting or stopping.',
    remedy: 'Retry after a short wait.',
  },
  CONFLICT: {
    httpStatus: 409,
    retryable: false,
    fixedBy: 'caller',
    summary: 'What the call builds on has changed since it was read.',
    remedy: 'Read it again and repeat the call with the new version.',
  },
  INTERNAL_ERROR: {
    httpStatus: 500,
    retryable: false,
    fixedBy: 'operator',
    summary: 'A fault of ours. The log holds the cause under the request id.',
    remedy: 'Report `meta.request_id` to the operator.',
  },
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof errorDefinitions

/** All codes, in the order of their definition. */
export const errorCodeList = Object.keys(errorDefinitions) as [ErrorCode, ...ErrorCode[]]

export const errorCodeSchema = z.enum(errorCodeList)

/** Where in the caller's own text an error lies. */
export const positionSchema = z.object({
  offset: z.int().min(0).describe('Characters before it, from 0.'),
  line: z.int().min(1).describe('Line, from 1.'),
  column: z.int().min(1).describe('Column, from 1.'),
})

export const errorItemSchema = z.object({
  code: errorCodeSchema,
  message: z.string().describe('What is wrong, for a person or a model.'),
  hint: z.string().optional().describe('What to do next.'),
  path: z.string().optional().describe('The argument it is about, dotted: `params.2`.'),
  position: positionSchema.optional(),
  retryable: z.boolean().describe('Whether the same call may succeed later.'),
  retry_after_ms: z.int().min(0).optional().describe('Wait this long before retrying.'),
})

export type Position = z.infer<typeof positionSchema>
export type ErrorItem = z.infer<typeof errorItemSchema>
