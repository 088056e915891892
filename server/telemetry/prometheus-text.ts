import type { HistogramPoint, Labels, Metric } from './metrics.ts'

/** The type of the text. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

/** Metrics in the text format that Prometheus reads. One that has no values yet is told all the same, so that it is known. */
export const prometheusText = (metrics: readonly Metric[]): string => metrics.map(metricText).join('')

const metricText = (metric: Metric): string => {
  const { name, help, kind } = metric
  const head = `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${kind}\n`
  const lines =
    metric.kind === 'histogram'
      ? metric.points.flatMap((point) => histogramLines(name, metric.bounds, point))
      : metric.points.map(({ labels, value }) => line(name, labels, value))
  return head + lines.join('')
}

const histogramLines = (name: string, bounds: readonly number[], { labels, counts, sum }: HistogramPoint): string[] => {
  let total = 0
  const buckets = counts.map((count, index) => {
    total += count
    return line(`${name}_bucket`, { ...labels, le: bounds[index] === undefined ? '+Inf' : String(bounds[index]) }, total)
  })
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total)]
}

const line = (name: string, labels: Labels, value: number): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeValue(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`
}

const escapeValue = (text: string): string => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"')
