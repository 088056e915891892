import { type Envelope, encodeBody } from '../../envelope/envelope.ts'
import { statusOf } from './status.ts'

/** An answer as an HTTP response; `status` where the transport knows better than the code. */
export const encodeResponse = (envelope: Envelope, status = statusOf(envelope)): Response => {
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8', 'x-request-id': envelope.meta.request_id }
  const wait = envelope.success ? undefined : envelope.errors[0].retry_after_ms
  if (wait !== undefined) headers['retry-after'] = String(Math.ceil(wait / 1000))
  return new Response(encodeBody(envelope), { status, headers })
}
