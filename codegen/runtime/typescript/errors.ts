import type { ErrorCode, ErrorItem } from './types.ts'

/** Codes of errors that arise in the client, before or without an answer of the server. */
export type ClientErrorCode = 'CONNECTION_FAILED' | 'DEADLINE_EXCEEDED' | 'BAD_RESPONSE'

/** A code of the server, of the client, or of a server later than this client. */
export type AnyErrorCode = ErrorCode | ClientErrorCode | (string & {})

/** What a `DatafaceError` is made of, beside its message. */
export interface ErrorFacts {
  code: AnyErrorCode
  hint?: string | undefined
  path?: string | undefined
  position?: ErrorItem['position'] | undefined
  retryable?: boolean | undefined
  retryAfterMs?: number | undefined
  requestId?: string | undefined
  status?: number | undefined
  headers?: Headers | undefined
  errors?: ErrorItem[] | undefined
  body?: unknown
}

/** Found under the same key in every copy of this package. */
const brand = Symbol.for('dataface.error')

/** A call that did not succeed. */
export class DatafaceError extends Error {
  /** What happened. It never changes its meaning, and each code of the server has a page in the docs. */
  readonly code: AnyErrorCode
  /** What to do next. */
  readonly hint: string | undefined
  /** The argument it is about, dotted: `params.2`. */
  readonly path: string | undefined
  /** Where in the caller's SQL or YAML. */
  readonly position: ErrorItem['position']
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  /** Wait this long before retrying. */
  readonly retryAfterMs: number | undefined
  /** Quote it when you report a problem. */
  readonly requestId: string | undefined
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined
  readonly headers: Headers | undefined
  /** Every error of the answer, as it was sent; this one is the first. */
  readonly errors: readonly ErrorItem[]
  /** The answer as it was sent, decoded where it was JSON. */
  readonly body: unknown

  constructor(message: string, facts: ErrorFacts, cause?: unknown) {
    super(message, { cause })
    this.name = 'DatafaceError'
    Object.defineProperty(this, brand, { value: true })
    this.code = facts.code
    this.hint = facts.hint
    this.path = facts.path
    this.position = facts.position
    this.retryable = facts.retryable === true
    this.retryAfterMs = facts.retryAfterMs
    this.requestId = facts.requestId
    this.status = facts.status
    this.headers = facts.headers
    this.errors = facts.errors ?? []
    this.body = facts.body
  }
}

/** Whether an error is one of ours, of any copy of this package, and has the code when one is given. */
export const isDatafaceError = <Code extends AnyErrorCode>(error: unknown, code?: Code): error is DatafaceError & { readonly code: Code } =>
  (error as { [brand]?: boolean } | null | undefined)?.[brand] === true && (code === undefined || (error as DatafaceError).code === code)

/** The result of a call as a value. */
export type Safe<Data> =
  | { readonly ok: true; readonly data: Data; readonly error?: undefined }
  | { readonly ok: false; readonly data?: undefined; readonly error: DatafaceError }

/** A call whose errors are values: `const { ok, data, error } = await safe(dataface.listSources())`. What is no error of a call is thrown. */
export const safe = async <Data>(call: PromiseLike<Data>): Promise<Safe<Data>> => {
  try {
    return { ok: true, data: await call }
  } catch (error) {
    if (isDatafaceError(error)) return { ok: false, error }
    throw error
  }
}
