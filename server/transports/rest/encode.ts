import { type Envelope, encodeBody } from '../../envelope/envelope.ts'
import type { Fault } from '../../envelope/fault.ts'
import { isTooLarge, tooLargeHeaders } from '../http/body.ts'
import { statusOf } from './status.ts'

/** What an HTTP response says beside its envelope. */
export interface ResponseDetails {
  /** Where the transport knows better than the code. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer as an HTTP response. */
export const encodeResponse = (envelope: Envelope, { status = statusOf(envelope), headers: more }: ResponseDetails = {}): Response => {
  const headers: Record<string, string> = {
    ...more,
    'content-type': 'application/json; charset=utf-8',
    'x-request-id': envelope.meta.request_id,
  }
  const wait = envelope.success ? undefined : envelope.errors[0].retry_after_ms
  if (wait !== undefined) headers['retry-after'] = String(Math.ceil(wait / 1000))
  return new Response(encodeBody(envelope), { status, headers })
}

/** The answer to a request that was refused before its call, with a status that may say more than the code of the fault. */
export const encodeRefusal = (envelope: Envelope, fault: Fault): Response => {
  if (fault.details.path === 'content-type') return encodeResponse(envelope, { status: 415 })
  return isTooLarge(fault) ? encodeResponse(envelope, { status: 413, headers: tooLargeHeaders }) : encodeResponse(envelope)
}
