import { type CallOrigin, clientOfAgent } from '../../telemetry/call-origin.ts'
import { readTraceparent } from '../../telemetry/trace-context.ts'

interface OriginHeaders {
  get(name: 'user-agent' | 'traceparent' | 'tracestate'): string | null
}

/** Where an HTTP request comes from, as far as it says so. */
export const originOfRequest = (headers: OriginHeaders): CallOrigin => ({
  client: clientOfAgent(headers.get('user-agent')),
  trace: readTraceparent(headers.get('traceparent'), headers.get('tracestate')),
})
