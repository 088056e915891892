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
export const encodeResponse = (envelope: Envelope, { status = statusOf(envelope), headers }: ResponseDetails = {}): Response =>
  new Response(encodeBody(envelope), { status, headers: headersOf(envelope, headers) })

/** What the headers say of an answer, after `more`. */
export const headersOf = (envelope: Envelope, more?: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const wait = envelope.success ? undefined : envelope.errors[0].retry_after_ms
  return {
    ...more,
    ...quotaHeaders(envelope.meta.quota),
    'content-type': 'application/json; charset=utf-8',
    'x-request-id': envelope.meta.request_id,
    ...(wait !== undefined && { 'retry-after': String(Math.ceil(wait / 1000)) }),
  }
}

/** What is left to a caller, each with the seconds until it is counted anew where it is at once (RateLimit of the IETF's httpapi group). */
const quotaHeaders = (quota: Envelope['meta']['quota']): Readonly<Record<string, string>> => {
  if (quota === undefined) return {}
  const { calls_left: calls, rows_left: rows, bytes_left: bytes, tokens_left: tokens, resets_at: resetsAt } = quota
  const seconds = resetsAt === undefined ? '' : `;t=${Math.max(0, Math.ceil((Date.parse(resetsAt) - Date.now()) / 1000))}`
  const daily = Object.entries({ rows, bytes, tokens }).filter(([, left]) => left !== undefined)
  const items = [...(calls === undefined ? [] : [`"calls";r=${calls}`]), ...daily.map(([unit, left]) => `"${unit}";r=${left}${seconds}`)]
  return { ratelimit: items.join(', ') }
}

/** The answer to a request that was refused before its call, with a status that may say more than the code of the fault. */
export const encodeRefusal = (envelope: Envelope, fault: Fault): Response => {
  if (fault.details.path === 'content-type' || fault.details.path === 'content-encoding') return encodeResponse(envelope, { status: 415 })
  return isTooLarge(fault) ? encodeResponse(envelope, { status: 413, headers: tooLargeHeaders }) : encodeResponse(envelope)
}
