import type { StreamAnswer } from '../../dispatch/call.ts'
import { type Envelope, encodeEnvelope } from '../../envelope/envelope.ts'
import type { RowBatch } from '../../envelope/row-batch.ts'
import { type MediaKind, mediaTypes } from './negotiate.ts'

type StreamKind = Exclude<MediaKind, 'json'>

/** Turns an answer of rows into bytes, one piece after the other. */
interface StreamEncoder {
  /** Sent before the first row. */
  readonly head: Uint8Array
  /** Throws a `Fault` for rows that the format cannot hold. */
  encode(batch: RowBatch): Uint8Array
  /** Sent after the last row. */
  tail(envelope: Envelope): Uint8Array
}

const line = (text: string): Buffer => Buffer.from(`${text}\n`)

/** One object with the columns, a line with an array for each row, and the envelope without its rows as the last line. */
const openNdjson = ({ columns }: StreamAnswer): StreamEncoder => ({
  head: line(JSON.stringify({ columns })),
  encode: (batch) => batch.lines,
  tail: (envelope) => line(encodeEnvelope(envelope)),
})

const openEncoder = async (answer: StreamAnswer, kind: StreamKind): Promise<StreamEncoder> => {
  if (kind === 'ndjson') return openNdjson(answer)
  try {
    const { openArrowStream } = await import('../../envelope/arrow/arrow-stream.ts')
    return openArrowStream(answer.columns)
  } catch (error) {
    answer.close()
    throw error
  }
}

/**
 * The response whose body is read from the database as fast as the client takes it, and no faster. `breakOff` closes the
 * connection once what was written has left; without it the body ends with an error.
 */
export const encodeStream = async (answer: StreamAnswer, kind: StreamKind, breakOff?: () => void): Promise<Response> => {
  const encoder = await openEncoder(answer, kind)
  let isHeadSent = false
  let isBroken = false

  const nextPiece = async (): Promise<Uint8Array | Envelope> => {
    if (!isHeadSent) {
      isHeadSent = true
      return encoder.head
    }
    const next = await answer.read()
    if ('success' in next) return next
    try {
      return encoder.encode(next)
    } catch (error) {
      return answer.fail(error)
    }
  }

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (isBroken) return breakOff === undefined ? controller.error(new Error('The result failed after rows were sent.')) : breakOff()
        const piece = await nextPiece()
        if (!('success' in piece)) return controller.enqueue(piece)
        controller.enqueue(encoder.tail(piece))
        // What was sent of an Arrow stream would pass for whole with readers that do not look at metadata.
        if (piece.success || kind === 'ndjson') controller.close()
        else isBroken = true
      },
      cancel: () => answer.close(),
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers: { 'content-type': mediaTypes[kind], 'x-request-id': answer.requestId, vary: 'accept' } })
}
