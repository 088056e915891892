import type { Context } from 'hono'
import { Fault } from '../../envelope/fault.ts'
import { positionAt } from '../../envelope/text-position.ts'
import { jsonErrorOffset } from './json-error-offset.ts'

/** Largest request body, bytes. */
export const maxBodyBytes = 4 * 1024 * 1024

/** The text of a body. Throws VALIDATION_ERROR when it is larger than allowed, before it is read where its length is given. */
export const readBody = async (request: Request): Promise<string> => {
  const tooLarge = () =>
    new Fault('VALIDATION_ERROR', `The body is larger than ${maxBodyBytes} bytes.`, { hint: 'Send a smaller request.' })
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
  const text = await request.text()
  if (text.length > maxBodyBytes) throw tooLarge()
  return text
}

/** The JSON value of a text. Throws VALIDATION_ERROR with the position of the fault. */
export const parseJson = (text: string): unknown => {
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
