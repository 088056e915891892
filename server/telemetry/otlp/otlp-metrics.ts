import { type HrTime, ValueType } from '@opentelemetry/api'
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import type { HistogramPoint, Labels, Metric, Point } from '../metrics.ts'

/** Metrics that the conventions of OpenTelemetry name, which Prometheus cannot. */
const conventional: Readonly<Record<string, string>> = { mcp_server_operation_duration_seconds: 'mcp.server.operation.duration' }

const conventionalLabels: Readonly<Record<string, string>> = {
  mcp_method_name: 'mcp.method.name',
  gen_ai_tool_name: 'gen_ai.tool.name',
  error_type: 'error.type',
}

/** Metrics as OpenTelemetry has them: counters without `_total`, which is the way of Prometheus to say so. */
export const otlpMetrics = (metrics: readonly Metric[], startedAt: Date, now: Date): MetricData[] => {
  const at = { startTime: timeOf(startedAt), endTime: timeOf(now) }
  return metrics.map((metric): MetricData => {
    const { name, help, kind } = metric
    const shared = {
      descriptor: {
        name: conventional[name] ?? name.replace(/_total$/, ''),
        description: help,
        unit: /_seconds(_total)?$/.test(name) ? 's' : /_bytes(_total)?$/.test(name) ? 'By' : '',
        valueType: ValueType.DOUBLE,
      },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
    }
    const point = ({ labels, value }: Point) => ({ ...at, attributes: attributesOf(labels), value })
    if (metric.kind === 'histogram')
      return {
        ...shared,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: metric.points.map((one) => histogramPoint(one, metric.bounds, at)),
      }
    return kind === 'counter'
      ? { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: metric.points.map(point) }
      : { ...shared, dataPointType: DataPointType.GAUGE, dataPoints: metric.points.map(point) }
  })
}

const histogramPoint = (
  { labels, counts, sum }: HistogramPoint,
  bounds: readonly number[],
  at: { readonly startTime: HrTime; readonly endTime: HrTime },
) => ({
  ...at,
  attributes: attributesOf(labels),
  value: { buckets: { boundaries: [...bounds], counts: [...counts] }, sum, count: counts.reduce((all, count) => all + count, 0) },
})

/** A label without a value is one that is not there. */
const attributesOf = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).flatMap(([name, value]) => (value === '' ? [] : [[conventionalLabels[name] ?? name, value]])))

const timeOf = (date: Date): HrTime => [Math.floor(date.getTime() / 1000), (date.getTime() % 1000) * 1e6]
