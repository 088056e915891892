import { type Envelope, encodeBody } from '../../envelope/envelope.ts'
import type { Fault } from '../../envelope/fault.ts'
import { isTooLarge, tooLargeHeaders } from '../http/body.ts'
import { statusOf } from './status.ts'

/** An answer as an HTTP response; `status` where the transport knows better than the code. */
export const encodeResponse = (envelope: Envelope, status = statusOf(envelope)): Response => {
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'x-request-id': envelope.meta.request_id,
  }
  const wait = envelope.success ? undefined : envelope.errors[0].retry_after_ms
  if (wait !== undefined) headers['retry-after'] = String(Math.ceil(wait / 1000))
  return new Response(encodeBody(envelope), { status, headers })
}

/** The answer to a request that was refused before its call, with a status that may say more than the code of the fault. */
export const encodeRefusal = (envelope: Envelope, fault: Fault): Response => {
  if (fault.details.path === 'content-type') return encodeResponse(envelope, 415)
  if (!isTooLarge(fault)) return encodeResponse(envelope)
  const response = encodeResponse(envelope, 413)
  for (const [name, value] of Object.entries(tooLargeHeaders)) response.headers.set(name, value)
  return response
}
