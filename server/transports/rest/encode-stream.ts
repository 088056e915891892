import type { StreamAnswer } from '../../dispatch/call.ts'
import { type Envelope, encodeEnvelope } from '../../envelope/envelope.ts'
import type { RowBatch } from '../../envelope/row-batch.ts'
import { type MediaKind, mediaTypes } from './negotiate.ts'

/** Turns an answer of rows into bytes, one piece after the other. */
export interface StreamEncoder {
  /** Sent before the first row. */
  readonly head: Uint8Array
  encode(batch: RowBatch): Uint8Array
  /** Sent after the last row. */
  tail(envelope: Envelope): Uint8Array
  /** Whether a failure also breaks the connection, because what was sent would else pass for whole. */
  readonly breaks: boolean
}

const line = (text: string): Buffer => Buffer.from(`${text}\n`)

/** One object with the columns, a line with an array for each row, and the envelope without its rows as the last line. */
export const ndjsonEncoder = ({ columns }: StreamAnswer): StreamEncoder => ({
  head: line(JSON.stringify({ columns })),
  encode: (batch) => batch.lines,
  tail: (envelope) => line(encodeEnvelope(envelope)),
  breaks: false,
})

/** The response whose body is read from the database as fast as the client takes it, and no faster. */
export const encodeStream = (answer: StreamAnswer, kind: Exclude<MediaKind, 'json'>, encoder: StreamEncoder): Response => {
  let isHeadSent = false
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!isHeadSent) {
          isHeadSent = true
          return controller.enqueue(encoder.head)
        }
        const next = await answer.read()
        if (!('success' in next)) return controller.enqueue(encoder.encode(next))
        controller.enqueue(encoder.tail(next))
        if (next.success || !encoder.breaks) controller.close()
        else controller.error(new Error('The stream ended before the result did.'))
      },
      cancel: () => answer.close(),
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers: { 'content-type': mediaTypes[kind], 'x-request-id': answer.requestId, vary: 'accept' } })
}
