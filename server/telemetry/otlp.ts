/** Loaded only where telemetry is exported. The exporters read the standard variables of OpenTelemetry by themselves. */
import {
  createTraceState,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { detectResources, envDetector, resourceFromAttributes, serviceInstanceIdDetector } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Log } from '../operations/log.ts'
import type { Metric } from './metrics.ts'
import { otlpMetrics } from './otlp-metrics.ts'
import type { TraceContext } from './trace-context.ts'
import type { Tracer } from './tracer.ts'

/** How long what is left may take to be sent when the server ends, milliseconds. */
const flushMs = 3_000

/** How often it is logged that nobody takes what is exported, milliseconds. */
const tellMs = 60_000

export interface OtlpOptions {
  /** Of the server. */
  readonly version: string
  readonly exportsTraces: boolean
  readonly exportsMetrics: boolean
  /** How often metrics are sent, milliseconds. */
  readonly metricsEveryMs: number
  readonly log: Log
}

export interface Otlp {
  /** Undefined where traces are not exported. */
  readonly tracer: Tracer | undefined
  /** Sends these metrics from now on. */
  sendMetrics(read: () => readonly Metric[]): void
  /** Sends what is left. A collector that does not answer is not waited for. */
  close(): Promise<void>
}

/** Sends traces and metrics to a collector by OTLP over HTTP. One that is gone costs a line in the log. */
export const openOtlp = ({ version, exportsTraces, exportsMetrics, metricsEveryMs, log }: OtlpOptions): Otlp => {
  const resource = resourceFromAttributes({ 'service.name': 'dataface', 'service.version': version })
    .merge(detectResources({ detectors: [serviceInstanceIdDetector] }))
    .merge(detectResources({ detectors: [envDetector] }))
  const traces = exportsTraces
    ? new BasicTracerProvider({
        resource,
        spanProcessors: [new BatchSpanProcessor(tellFailures(new OTLPTraceExporter(), 'traces', log))],
      })
    : undefined
  let metrics: MeterProvider | undefined
  return {
    tracer: traces && tracerOf(traces.getTracer('dataface', version)),
    sendMetrics(read) {
      if (!exportsMetrics) return
      const startedAt = new Date()
      const collect = async () => ({
        resourceMetrics: {
          resource,
          scopeMetrics: [{ scope: { name: 'dataface', version }, metrics: otlpMetrics(read(), startedAt, new Date()) }],
        },
        errors: [],
      })
      const exporter = tellFailures(new OTLPMetricExporter(), 'metrics', log)
      const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: metricsEveryMs, metricProducers: [{ collect }] })
      metrics = new MeterProvider({ resource, readers: [reader] })
    },
    async close() {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((done) => {
        timer = setTimeout(done, flushMs)
      })
      await Promise.race([Promise.allSettled([traces?.shutdown(), metrics?.shutdown()]), late])
      clearTimeout(timer)
    },
  }
}

interface Exporter {
  export(items: never, done: (result: { readonly code: number; readonly error?: Error }) => void): void
}

/** Logs that an export failed, once in a while. */
const tellFailures = <T extends Exporter>(exporter: T, what: string, log: Log): T => {
  const send = exporter.export.bind(exporter)
  let toldAt = Number.NEGATIVE_INFINITY
  exporter.export = (items, done) =>
    send(items, (result) => {
      const now = performance.now()
      if (result.code !== 0 && now - toldAt > tellMs) {
        toldAt = now
        log('warn', `The ${what} could not be exported; they are lost.`, { error: result.error })
      }
      done(result)
    })
  return exporter
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL }

const tracerOf = (tracer: OtelTracer): Tracer => ({
  start(name, { kind, parent, link, attributes = {} }) {
    const span = tracer.startSpan(
      name,
      { kind: kinds[kind], attributes: { ...attributes }, ...(link !== undefined && { links: [{ context: spanContextOf(link) }] }) },
      parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent)),
    )
    const { traceId, spanId, traceFlags, traceState } = span.spanContext()
    return {
      context: { traceId, spanId, isSampled: (traceFlags & 1) === 1, state: traceState?.serialize() },
      set: (more) => void span.setAttributes({ ...more }),
      end(error) {
        if (error !== undefined) span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      },
    }
  },
})

const spanContextOf = ({ traceId, spanId, isSampled, state }: TraceContext): SpanContext => ({
  traceId,
  spanId,
  traceFlags: isSampled ? 1 : 0,
  isRemote: true,
  ...(state !== undefined && { traceState: createTraceState(state) }),
})
