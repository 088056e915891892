import type { Context } from 'hono'
import { Fault } from '../../envelope/fault.ts'
import { isTooDeep, maxDepth } from '../../envelope/json-depth.ts'
import { positionAt } from '../../envelope/text-position.ts'
import { jsonErrorOffset } from './json-error-offset.ts'

/** Largest request body, bytes. */
export const maxBodyBytes = 4 * 1024 * 1024

/** The text of a body. Throws VALIDATION_ERROR as soon as it is larger than allowed. */
export const readBody = (request: Request): Promise<string> => limitBody(request).text()

/** A request of which reading the body throws VALIDATION_ERROR once it is larger than allowed. */
export const limitBody = (request: Request): Request => {
  const { url, method, headers, signal, body } = request
  const length = headers.get('content-length')
  // HTTP holds a body to the length that is given.
  if (body === null || (length !== null && Number(length) <= maxBodyBytes)) return request
  let bytes = Number(length ?? 0)
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      if (bytes > maxBodyBytes)
        throw new Fault('VALIDATION_ERROR', `The body is larger than ${maxBodyBytes} bytes.`, {
          path: 'body',
          hint: 'Send a smaller request.',
        })
      controller.enqueue(chunk)
    },
  })
  return new Request(url, { method, headers, signal, body: body.pipeThrough(counted), duplex: 'half' } as RequestInit)
}

/** The JSON value of a text. Throws VALIDATION_ERROR with the position of the fault. */
export const parseJson = (text: string): unknown => {
  if (isTooDeep(text))
    throw new Fault('VALIDATION_ERROR', `The body nests deeper than ${maxDepth} levels.`, { hint: 'Send the input as its schema has it.' })
  try {
    return JSON.parse(text)
  } catch {
    throw new Fault('VALIDATION_ERROR', 'The body is not valid JSON.', {
      position: positionAt(text, jsonErrorOffset(text)),
      hint: 'Send one JSON object.',
    })
  }
}

/** A signal that is aborted when the client goes away. */
export const clientSignal = (context: Context): AbortSignal => context.req.raw.signal
