import { isUtf8 } from 'node:buffer'
import type { Context } from 'hono'
import { Fault } from '../../envelope/fault.ts'
import { isTooDeep, maxDepth } from '../../envelope/json-depth.ts'
import { positionAt } from '../../envelope/text-position.ts'
import { jsonErrorOffset } from './json-error-offset.ts'

/** Largest request body, bytes. */
export const maxBodyBytes = 4 * 1024 * 1024

/** What is read of a body that is refused, bytes: a client that is still sending may lose an answer that comes before its end. */
const mostRead = 64 * 1024 * 1024

/** How long a client that has more to send may send nothing, milliseconds. */
const idleMs = 500

/** Goes with every answer to a body that was too large: what is left of it must not be read as the next request. */
export const tooLargeHeaders = { connection: 'close' } as const

/** Whether a body was refused for its size. */
export const isTooLarge = (error: unknown): error is Fault => error instanceof Fault && error.details.path === 'body'

const tooLarge = (): Fault =>
  new Fault('VALIDATION_ERROR', `The body is larger than ${maxBodyBytes} bytes.`, { path: 'body', hint: 'Send a smaller request.' })

/**
 * The text of a body. Throws VALIDATION_ERROR for one that is larger than allowed, and for one that is no text; CANCELLED for
 * one whose client went away.
 */
export const readBody = async (request: Request): Promise<string> => {
  const bytes = new Uint8Array(
    await limitBody(request)
      .arrayBuffer()
      .catch((error: unknown) => {
        throw error instanceof Fault ? error : new Fault('CANCELLED', 'The request broke off before its end.')
      }),
  )
  if (!isUtf8(bytes)) throw isCompressed(request) ? compressed() : notUtf8()
  return decoder.decode(bytes)
}

const isCompressed = ({ headers }: Request): boolean => !/^(identity)?$/i.test(headers.get('content-encoding') ?? '')

const compressed = (): Fault =>
  new Fault('VALIDATION_ERROR', 'The request is compressed.', {
    path: 'content-encoding',
    hint: 'Send the JSON as it is, without the header content-encoding.',
  })

/** Leaves out a byte order mark. */
const decoder = new TextDecoder()

/** The fault of bytes that would be other text than was meant. */
export const notUtf8 = (): Fault =>
  new Fault('VALIDATION_ERROR', 'The request is not UTF-8.', { hint: 'Encode the JSON as UTF-8, the only encoding that JSON is sent in.' })

/**
 * A request of which reading the body throws VALIDATION_ERROR when it is larger than allowed: once it ended, or when the
 * client sends no more or far too much.
 */
export const limitBody = (request: Request): Request => {
  const { url, method, headers, signal, body } = request
  const length = headers.get('content-length')
  // HTTP holds a body to the length that is given.
  if (body === null || (length !== null && Number(length) <= maxBodyBytes)) return request
  let bytes = 0
  let idle: NodeJS.Timeout | undefined
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    start(controller) {
      if (length !== null) idle = setTimeout(() => controller.error(tooLarge()), idleMs)
    },
    transform(chunk, controller) {
      bytes += chunk.byteLength
      if (bytes > mostRead) throw tooLarge()
      if (bytes <= maxBodyBytes) controller.enqueue(chunk)
      else idle ??= setTimeout(() => controller.error(tooLarge()), idleMs)
      idle?.refresh()
    },
    flush() {
      clearTimeout(idle)
      if (bytes > maxBodyBytes) throw tooLarge()
    },
  })
  return new Request(url, { method, headers, signal, body: body.pipeThrough(counted), duplex: 'half' } as RequestInit)
}

/** The JSON value of a text. Throws VALIDATION_ERROR with the position of the fault. */
export const parseJson = (text: string): unknown => {
  if (isTooDeep(text))
    throw new Fault('VALIDATION_ERROR', `The request nests deeper than ${maxDepth} levels.`, {
      hint: 'Send the input as its schema has it.',
    })
  try {
    return JSON.parse(text)
  } catch {
    throw new Fault('VALIDATION_ERROR', 'The request is not valid JSON.', {
      position: positionAt(text, jsonErrorOffset(text)),
      hint: 'Send one JSON object.',
    })
  }
}

/** The JSON value of a text; undefined for one that `parseJson` refuses. */
export const tryJson = (text: string): unknown => {
  if (isTooDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A signal that is aborted when the client goes away. */
export const clientSignal = (context: Context): AbortSignal => context.req.raw.signal
