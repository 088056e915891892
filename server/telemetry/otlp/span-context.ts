import { createTraceState, type SpanContext } from '@opentelemetry/api'
import type { TraceContext } from '../trace-context.ts'

/** A context from elsewhere in the words of OpenTelemetry. */
export const spanContextOf = ({ traceId, spanId, isSampled, state }: TraceContext): SpanContext => ({
  traceId,
  spanId,
  traceFlags: isSampled ? 1 : 0,
  isRemote: true,
  ...(state !== undefined && { traceState: createTraceState(state) }),
})
