/** The thread in which spans are made into what OTLP sends, see spans-aside.ts: that costs more than a short call. */
import { parentPort, workerData } from 'node:worker_threads'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { RecordedSpan } from '../recorded-span.ts'
import { spanContextOf } from './span-context.ts'
import type { ExporterReply, ExporterRequest, ExporterStart } from './spans-aside.ts'
import { tellFailures } from './tell-failures.ts'

const { version, resource } = workerData as ExporterStart
const reply = (message: ExporterReply): void => parentPort?.postMessage(message)

const exporter = tellFailures(new OTLPTraceExporter(), (error) => reply({ failed: error?.message ?? 'no reason was given' }))
/** The ids of the span that is made next. */
let next = { traceId: '', spanId: '' }
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes(resource),
  // Only what is sampled comes here.
  sampler: new AlwaysOnSampler(),
  idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
  spanProcessors: [new BatchSpanProcessor(exporter)],
})
const tracer = provider.getTracer('dataface', version)
const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL }

const make = ({ name, kind, context, parent, link, startedAt, endedAt, attributes, error }: RecordedSpan): void => {
  next = context
  const span = tracer.startSpan(
    name,
    {
      kind: kinds[kind],
      startTime: startedAt,
      attributes: { ...attributes, ...(error !== undefined && { 'error.type': error }) },
      ...(link !== undefined && { links: [{ context: spanContextOf(link) }] }),
    },
    parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent)),
  )
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(endedAt)
}

parentPort?.on('message', async (request: ExporterRequest) => {
  for (const span of request.spans) make(span)
  reply({ taken: request.spans.length })
  if (!request.isLast) return
  await provider.shutdown().catch(() => {})
  parentPort?.close()
})
