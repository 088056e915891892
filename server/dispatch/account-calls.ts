import type { Audit, CallRecord } from '../audit/audit.ts'
import { countBytes, type Envelope, withQuota } from '../envelope/envelope.ts'
import { cutText } from '../envelope/fault.ts'
import type { Usage } from '../quotas/quota-store.ts'
import type { Admitted, Quotas } from '../quotas/quotas.ts'
import type { Call } from './call.ts'

/** What a call costs its caller, and the record of it. */
export interface CallAccounts {
  /** Lets a call in. Throws RATE_LIMITED, or NOT_READY. What a tool calls in its turn is a part of it, and let in already. */
  enter(call: Call, tool: string): Promise<Admitted> | undefined
  /** Puts on record that the rows of a call begin to leave. Throws NOT_READY when there must be a record and can be none. */
  begin(call: TracedCall, about: Begun): Promise<void> | undefined
  /**
   * The answer as it may leave, counted and on record: another one where it would pass a limit of the day, or there must be a
   * record and can be none.
   */
  leave(call: TracedCall, leaving: Leaving): Promise<Left>
}

/** What is known of an answer that is to leave. */
export interface AboutAnswer {
  /** Undefined for a call that was not let in. */
  readonly admitted?: Admitted | undefined
  /** What has left before it, and is counted. */
  readonly sent?: Usage | undefined
  /** See `HandlerResult`. */
  readonly rows?: number | undefined
  /** Whether something was done that the answer tells of: it is given whatever it comes to. */
  readonly isDone?: boolean
}

export interface Leaving {
  readonly envelope: Envelope
  readonly about: AboutAnswer
  /** The envelope that leaves instead. */
  readonly failed: (error: unknown) => Envelope
}

export interface Left {
  readonly envelope: Envelope
  /** What all of the answer comes to. */
  readonly usage: Usage
}

/** What is known of a call before its answer. */
export interface Begun {
  readonly requestId: string
  readonly contract: string
  readonly source: string | undefined
  readonly elapsedMs: number
}

/** A call and the trace that it is a part of. */
export interface TracedCall {
  readonly call: Call
  readonly traceId: string | undefined
}

export const createAccounts = ({
  quotas,
  audit,
}: {
  readonly quotas: Quotas | undefined
  readonly audit: Audit | undefined
}): CallAccounts => ({
  enter: (call, tool) => (call.door === 'inside' ? undefined : (quotas?.enter(call.caller, tool) ?? unlimited)),
  begin: (traced, about) =>
    audit?.record({ ...aboutCall(traced), ...about, errors: [], rows: 0, bytes: 0, tokens: 0, isBegun: true, isRefused: false }),
  async leave(traced, { envelope, about: { admitted, sent, rows, isDone = false }, failed }) {
    const { call } = traced
    const measured = (one: Envelope): Left => ({ envelope: one, usage: sent ?? usageOf(one, call.door !== 'inside', rows) })
    const answer = measured(envelope)
    if (quotas === undefined && audit === undefined) return answer
    let left = answer
    try {
      const quota = await admitted?.leave(sent === undefined ? answer.usage : nothing, isDone || !envelope.success)
      if (quota !== undefined) left = { ...answer, envelope: withQuota(envelope, quota) }
    } catch (error) {
      left = measured(failed(error))
    }
    try {
      const isRefused = admitted === undefined && call.door !== 'inside'
      await audit?.record(recordOf(traced, left, envelope.meta.source, isRefused))
      return left
    } catch (error) {
      return measured(failed(error))
    }
  },
})

const nothing: Usage = { rows: 0, bytes: 0, tokens: 0 }

/** What is put on record of an answer. */
const recordOf = (traced: TracedCall, { envelope, usage }: Left, source: string | undefined, isRefused: boolean): CallRecord => ({
  ...aboutCall(traced),
  requestId: envelope.meta.request_id,
  contract: envelope.meta.contract,
  source,
  errors: envelope.success ? [] : envelope.errors.map(({ code }) => code),
  isRefused,
  rows: usage.rows,
  bytes: usage.bytes,
  tokens: usage.tokens,
  elapsedMs: envelope.meta.timing_ms,
})

/** What a record says of a call itself. */
const aboutCall = ({ call: { parent, caller, door, tool, input }, traceId }: TracedCall) => {
  const { sql } = (input ?? {}) as { readonly sql?: unknown }
  return { parent, traceId, caller: caller.id, door, tool: cutText(tool), sql: typeof sql === 'string' ? sql : undefined }
}

/** What a call is let in by where there are no quotas. */
const unlimited: Promise<Admitted> = Promise.resolve({ spend: () => Promise.resolve(), leave: () => Promise.resolve(undefined) })

/** What an answer comes to, as JSON. `isSent`: see `countBytes`; `rows`: see `HandlerResult`. */
export const usageOf = (envelope: Envelope, isSent: boolean, rows?: number): Usage => {
  const bytes = countBytes(envelope, isSent)
  return { rows: envelope.success ? (rows ?? rowCountOf(envelope.data)) : 0, bytes, tokens: tokensOfBytes(bytes) }
}

const rowCountOf = ({ row_count: rows }: { readonly row_count?: unknown }): number => (typeof rows === 'number' ? rows : 0)

/** An estimate that is rarely too low: rows of numbers have fewer bytes to a token than prose. */
export const tokensOfBytes = (bytes: number): number => Math.ceil(bytes / 3)
