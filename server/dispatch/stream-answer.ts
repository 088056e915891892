import type { Envelope } from '../envelope/envelope.ts'
import { addUsage, type Usage } from '../quotas/quota-store.ts'
import type { RowStream, StreamEnd } from '../sources/source.ts'
import { tokensOfBytes } from './account-calls.ts'
import type { StreamAnswer } from './call.ts'

export interface StreamAnswerOptions {
  readonly requestId: string
  readonly rows: RowStream
  /** Stops the query. */
  readonly gone: AbortController
  /** Counts rows that are to leave. Throws RATE_LIMITED where they would pass a limit. */
  readonly spend: (usage: Usage) => Promise<void> | undefined
  /** The envelope of a result that was read to its end. */
  readonly succeed: (end: StreamEnd['end']) => Envelope
  /** The envelope of one that was not. */
  readonly failed: (error: unknown) => Envelope
  /** The last envelope, as it may leave; called once. */
  readonly leave: (envelope: Envelope, usage: Usage) => Promise<Envelope>
}

/** Hands out rows, and ends once, whatever ends it: the last row, a failure, a reader that is gone. */
export const openStreamAnswer = ({ requestId, rows, gone, spend, succeed, failed, leave }: StreamAnswerOptions): StreamAnswer => {
  let sent: Usage = { rows: 0, bytes: 0, tokens: 0 }
  let end: Promise<Envelope> | undefined
  const endWith = (envelope: Envelope): Promise<Envelope> => {
    end ??= leave(envelope, sent)
    return end
  }
  return {
    requestId,
    columns: rows.columns,
    async read() {
      try {
        const next = await rows.read()
        if ('end' in next) return await endWith(succeed(next.end))
        const bytes = next.lines.length
        const usage = { rows: next.rowCount, bytes, tokens: tokensOfBytes(bytes) }
        await spend(usage)
        sent = addUsage(sent, usage)
        return next
      } catch (error) {
        const envelope = failed(error)
        gone.abort()
        return endWith(envelope)
      }
    },
    fail(error) {
      const envelope = failed(error)
      gone.abort()
      void endWith(envelope)
      return envelope
    },
    close() {
      gone.abort()
      if (end === undefined) void endWith(failed(gone.signal.reason))
    },
  }
}
