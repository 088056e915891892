/** Loaded only where telemetry is exported. The exporters read the standard variables of OpenTelemetry by themselves. */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { detectResources, envDetector, resourceFromAttributes, serviceInstanceIdDetector } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import type { Log } from '../../operations/log.ts'
import type { Metric } from '../metrics.ts'
import { recordingTracer } from '../recorded-span.ts'
import type { Tracer } from '../tracer.ts'
import { otlpMetrics } from './otlp-metrics.ts'
import { samplerOf } from './sampler.ts'
import { type ExporterStart, exportSpans } from './spans-aside.ts'
import { tellFailures } from './tell-failures.ts'

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
  /** Of the process, where the sampler is named. */
  readonly env: NodeJS.ProcessEnv
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
export const openOtlp = ({ version, exportsTraces, exportsMetrics, metricsEveryMs, env, log }: OtlpOptions): Otlp => {
  const resource = resourceFromAttributes({ 'service.name': 'dataface', 'service.version': version })
    .merge(detectResources({ detectors: [serviceInstanceIdDetector] }))
    .merge(detectResources({ detectors: [envDetector] }))
  const spans = exportsTraces
    ? exportSpans({ version, resource: resource.attributes as ExporterStart['resource'] }, tellOf('traces', log))
    : undefined
  let metrics: MeterProvider | undefined
  return {
    tracer: spans && recordingTracer({ isSampled: samplerOf(env, log), take: spans.take }),
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
      const exporter = tellFailures(new OTLPMetricExporter(), tellOf('metrics', log))
      const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: metricsEveryMs, metricProducers: [{ collect }] })
      metrics = new MeterProvider({ resource, readers: [reader] })
    },
    async close() {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((done) => {
        timer = setTimeout(done, flushMs)
      })
      await Promise.race([Promise.allSettled([spans?.close(), metrics?.shutdown()]), late])
      clearTimeout(timer)
    },
  }
}

/** Logs that an export failed, once in a while. */
const tellOf = (what: string, log: Log): ((error: unknown) => void) => {
  let toldAt = Number.NEGATIVE_INFINITY
  return (error) => {
    const now = performance.now()
    if (now - toldAt < tellMs) return
    toldAt = now
    log('warn', `The ${what} could not be exported; they are lost.`, { error })
  }
}
