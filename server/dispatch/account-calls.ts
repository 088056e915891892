import type { Audit } from '../audit/audit.ts'
import { type Envelope, encodePieces } from '../envelope/envelope.ts'
import { cutText } from '../envelope/fault.ts'
import type { Usage } from '../quotas/quota-store.ts'
import type { Admitted, Quotas } from '../quotas/quotas.ts'
import type { Call } from './call.ts'

/** What a call costs its caller, and the record of it. */
export interface CallAccounts {
  /** Lets a call in. Throws RATE_LIMITED, or NOT_READY. What a tool calls in its turn is a part of it, and let in already. */
  enter(call: Call, tool: string): Promise<Admitted> | undefined
  /**
   * The answer as it may leave: counted, and on record. `usage` of what was sent beside it; default: of the answer.
   * Throws NOT_READY when there must be a record and can be none.
   */
  leave(call: TracedCall, envelope: Envelope, admitted: Admitted | undefined, usage?: Usage): Promise<Envelope>
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
  async leave(call, envelope, admitted, usage) {
    if (quotas === undefined && audit === undefined) return envelope
    const used = usage ?? usageOf(envelope)
    const { meta } = envelope
    const { sql } = (call.input ?? {}) as { readonly sql?: unknown }
    const record = audit?.record({
      requestId: meta.request_id,
      parent: call.parent,
      traceId: call.traceId,
      caller: call.caller.id,
      door: call.door,
      tool: cutText(call.tool),
      contract: meta.contract,
      source: meta.source,
      sql: typeof sql === 'string' ? sql : undefined,
      errors: envelope.success ? [] : envelope.errors.map(({ code }) => code),
      ...used,
      isRefused: admitted === undefined && call.door !== 'inside',
      elapsedMs: meta.timing_ms,
    })
    // Both may be a way to another machine.
    const [quota] = await Promise.all([admitted?.leave(used), record])
    return quota === undefined ? envelope : { ...envelope, meta: { ...meta, quota } }
  },
})

/** What a call is let in by where there are no quotas. */
const unlimited: Promise<Admitted> = Promise.resolve({ leave: () => Promise.resolve(undefined) })

/** What an answer comes to, as JSON. */
export const usageOf = (envelope: Envelope): Usage => {
  const bytes = encodePieces(envelope).reduce((sum, piece) => sum + Buffer.byteLength(piece), 0)
  const { row_count: rows } = (envelope.success ? envelope.data : {}) as { readonly row_count?: unknown }
  return { rows: typeof rows === 'number' ? rows : 0, bytes, tokens: tokensOfBytes(bytes) }
}

/** An estimate that is rarely too low: rows of numbers have fewer bytes to a token than prose. */
export const tokensOfBytes = (bytes: number): number => Math.ceil(bytes / 3)
