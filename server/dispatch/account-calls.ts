import type { Audit } from '../audit/audit.ts'
import { countBytes, type Envelope } from '../envelope/envelope.ts'
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
   * The answer as it may leave: counted by `usage`, and on record. Throws NOT_READY when there must be a record and can be
   * none.
   */
  leave(call: TracedCall, envelope: Envelope, admitted: Admitted | undefined, usage: Usage): Promise<Envelope>
}

/** What is known of a call before its answer. */
export interface Begun {
  readonly requestId: string
  readonly contract: string
  readonly source: string | undefined
  readonly elapsedMs: number
}

/** A call and the trace that it is a part of. */
export type TracedCall = Call & { readonly traceId: string | undefined }

export const createAccounts = ({
  quotas,
  audit,
}: {
  readonly quotas: Quotas | undefined
  readonly audit: Audit | undefined
}): CallAccounts => ({
  enter: (call, tool) => (call.door === 'inside' ? undefined : (quotas?.enter(call.caller, tool) ?? unlimited)),
  begin: (call, about) =>
    audit?.record({ ...aboutCall(call), ...about, errors: [], rows: 0, bytes: 0, tokens: 0, isBegun: true, isRefused: false }),
  async leave(call, envelope, admitted, usage) {
    if (quotas === undefined && audit === undefined) return envelope
    const { meta } = envelope
    const record = audit?.record({
      ...aboutCall(call),
      requestId: meta.request_id,
      contract: meta.contract,
      source: meta.source,
      errors: envelope.success ? [] : envelope.errors.map(({ code }) => code),
      ...usage,
      isRefused: admitted === undefined && call.door !== 'inside',
      elapsedMs: meta.timing_ms,
    })
    // Both may be a way to another machine.
    const [quota] = await Promise.all([admitted?.leave(usage), record])
    return quota === undefined ? envelope : { ...envelope, meta: { ...meta, quota } }
  },
})

/** What a record says of a call itself. */
const aboutCall = ({ parent, traceId, caller, door, tool, input }: TracedCall) => {
  const { sql } = (input ?? {}) as { readonly sql?: unknown }
  return { parent, traceId, caller: caller.id, door, tool: cutText(tool), sql: typeof sql === 'string' ? sql : undefined }
}

/** What a call is let in by where there are no quotas. */
const unlimited: Promise<Admitted> = Promise.resolve({ leave: () => Promise.resolve(undefined) })

/** What an answer comes to, as JSON. `isSent`: see `countBytes`. */
export const usageOf = (envelope: Envelope, isSent: boolean): Usage => {
  const bytes = countBytes(envelope, isSent)
  const { row_count: rows } = (envelope.success ? envelope.data : {}) as { readonly row_count?: unknown }
  return { rows: typeof rows === 'number' ? rows : 0, bytes, tokens: tokensOfBytes(bytes) }
}

/** An estimate that is rarely too low: rows of numbers have fewer bytes to a token than prose. */
export const tokensOfBytes = (bytes: number): number => Math.ceil(bytes / 3)
