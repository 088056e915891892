import type { Log } from '../operations/log.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Invocation } from './command.ts'

export interface OpenTelemetry {
  readonly telemetry: Telemetry
  /** Sends what is left. */
  close(): Promise<void>
}

/** How often metrics are sent unless OTEL_METRIC_EXPORT_INTERVAL says so, milliseconds. */
const usualIntervalMs = 60_000

/** What a server knows of itself, exported where the variables of OpenTelemetry name a collector. */
export const openTelemetry = async ({ env }: Invocation, log: Log): Promise<OpenTelemetry> => {
  const { createTelemetry, version } = await import('../main.ts')
  const exports = (signal: 'TRACES' | 'METRICS'): boolean =>
    env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' &&
    env[`OTEL_${signal}_EXPORTER`] !== 'none' &&
    Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`])
  const [exportsTraces, exportsMetrics] = [exports('TRACES'), exports('METRICS')]
  if (!exportsTraces && !exportsMetrics) {
    const telemetry = createTelemetry()
    return { telemetry, close: async () => telemetry.close() }
  }
  const { openOtlp } = await import('../telemetry/otlp/open-otlp.ts')
  const metricsEveryMs = Number(env.OTEL_METRIC_EXPORT_INTERVAL) || usualIntervalMs
  const otlp = openOtlp({ version, exportsTraces, exportsMetrics, metricsEveryMs, env, log })
  const telemetry = createTelemetry(otlp.tracer)
  otlp.sendMetrics(() => telemetry.read())
  return {
    telemetry,
    async close() {
      await otlp.close()
      telemetry.close()
    },
  }
}
