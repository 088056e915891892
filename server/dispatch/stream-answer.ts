import type { Envelope } from '../envelope/envelope.ts'
import type { Usage } from '../quotas/quota-store.ts'
import type { RowStream, StreamEnd } from '../sources/source.ts'
import { tokensOfBytes } from './account-calls.ts'
import type { StreamAnswer } from './call.ts'

export interface StreamAnswerOptions {
  readonly requestId: string
  readonly rows: RowStream
  /** Stops the query. */
  readonly gone: AbortController
  /** The envelope of a result that was read to its end. */
  readonly succeed: (end: StreamEnd['end']) => Envelope
  /** The envelope of one that was not. */
  readonly failed: (error: unknown) => Envelope
  /** The last envelope, as it may leave; called once. */
  readonly leave: (envelope: Envelope, usage: Usage) => Promise<Envelope>
}

/** Hands out rows, and ends once, whatever ends it: the last row, a failure, a reader that is gone. */
export const openStreamAnswer = ({ requestId, rows, gone, succeed, failed, leave }: StreamAnswerOptions): StreamAnswer => {
  const sent = { rows: 0, bytes: 0 }
  let end: Promise<Envelope> | undefined
  const endWith = (envelope: Envelope): Promise<Envelope> => {
    end ??= leave(envelope, { ...sent, tokens: tokensOfBytes(sent.bytes) })
    return end
  }
  return {
    requestId,
    columns: rows.columns,
    async read() {
      try {
        const next = await rows.read()
        if ('end' in next) return await endWith(succeed(next.end))
        sent.rows += next.rowCount
        sent.bytes += next.lines.length
        return next
      } catch (error) {
        return endWith(failed(error))
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
