import type { Meta, Warning } from '../../contracts/v1/envelope.ts'
import { type ErrorCode, type ErrorDefinition, type ErrorItem, errorDefinitions, type Position } from '../../contracts/v1/errors.ts'

export interface FaultDetails {
  hint?: string | undefined
  path?: string | undefined
  position?: Position | undefined
  retryable?: boolean | undefined
  retryAfterMs?: number | undefined
  /** What to do for whoever runs the server; shown by `dft doctor` and never to a caller. */
  operatorHint?: string | undefined
  /** The column that the database did not find, for a hint. */
  missingColumn?: string | undefined
  /** The source is another than what the statement was judged upon, so it is to be judged anew. */
  isStale?: boolean | undefined
  /** The rule of the guard that refuses, for those who count: `several_statements`. Default: the code. */
  rule?: string | undefined
  /** What of a quota is used up: `calls`, `concurrent`, `rows`, `bytes` or `tokens`. */
  limit?: string | undefined
  /** What is left of the quotas. */
  quota?: Meta['quota']
  /** What credentials would do, for the header by which HTTP says so (RFC 6750). */
  challenge?: Challenge | undefined
  /** For the log only; never reaches a caller. */
  cause?: unknown
}

/** Why credentials do not do: absent for those that were not given at all. */
export interface Challenge {
  readonly error?: 'invalid_token' | 'insufficient_scope'
  /** What they would have to be for. */
  readonly scope?: string
}

/**
 * An error that a caller may see: a closed code and a message free of secrets, hosts, roles and paths.
 * Anything else that is thrown becomes INTERNAL_ERROR in dispatch.
 */
export class Fault extends Error {
  readonly code: ErrorCode
  readonly details: FaultDetails
  constructor(code: ErrorCode, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'Fault'
    this.code = code
    this.details = details
  }
}

/** Characters of a text about an error; databases and callers' names make it longer. */
const maxTextLength = 2_000

/** A text of an error, cut where it is longer than anyone reads. */
export const cutText = (text: string): string =>
  text.length > maxTextLength ? `${text.slice(0, maxTextLength).replace(/[\uD800-\uDBFF]$/, '')} [cut]` : text

/** The wire form of a fault. Keys that say nothing are absent. */
export const errorItem = (fault: Fault): ErrorItem => {
  const definition: ErrorDefinition = errorDefinitions[fault.code]
  const { path, position, retryable = definition.retryable, retryAfterMs } = fault.details
  // What a caller cannot mend needs a way out, also where nothing more is known.
  const hint = fault.details.hint ?? (definition.fixedBy === 'caller' ? undefined : definition.remedy)
  return {
    code: fault.code,
    message: cutText(fault.message),
    ...(hint !== undefined && { hint: cutText(hint) }),
    ...(path !== undefined && { path: cutText(path) }),
    ...(position !== undefined && { position }),
    retryable,
    ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
  }
}

/** Faults of one call that are told, and warnings. */
const maxTold = 20

/** The warnings of an answer, as short as its errors would be; one more says how many are not told. */
export const tellWarnings = (warnings: readonly Warning[]): readonly Warning[] => {
  const told = warnings.slice(0, maxTold).map(({ code, message }) => ({ code, message: cutText(message) }))
  const [next] = warnings.slice(maxTold)
  return next === undefined ? told : [...told, { code: next.code, message: `There are ${warnings.length - maxTold} more warnings.` }]
}

/** Several faults of one call, all reported at once. */
export class Faults extends Error {
  readonly list: readonly Fault[]
  constructor(list: readonly Fault[]) {
    super(list.map((fault) => fault.message).join('; '))
    this.name = 'Faults'
    this.list = list
  }
}

/** The faults of a list of findings, made only for those that are told; one more says how many are not. */
export const describeFaults = <Finding>(findings: readonly Finding[], describe: (finding: Finding) => Fault): Faults => {
  const told = findings.slice(0, maxTold).map(describe)
  const more = findings.length - told.length
  if (more > 0) told.push(new Fault('VALIDATION_ERROR', `There are ${more} more errors.`, { hint: 'Correct these first.' }))
  return new Faults(told)
}
