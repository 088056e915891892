import { expect, test } from 'vitest'
import { Counter, Histogram } from '../../server/telemetry/metrics.ts'
import { prometheusText } from '../../server/telemetry/prometheus-text.ts'

test('a counter and a histogram are told as Prometheus reads them, with every special sign of a label', () => {
  const calls = new Counter('calls_total', 'Calls.\nOf \\ all.', ['project'])
  calls.add(1, 'a"b\\c\nd')
  calls.add(2, 'a"b\\c\nd')
  const time = new Histogram('time_seconds', 'Time.', [0.5, 1], ['tool'])
  for (const value of [0.5, 0.75, 3]) time.record(value, 'query')
  expect(prometheusText([calls.read(), time.read()])).toBe(
    [
      '# HELP calls_total Calls.\\nOf \\\\ all.',
      '# TYPE calls_total counter',
      'calls_total{project="a\\"b\\\\c\\nd"} 3',
      '# HELP time_seconds Time.',
      '# TYPE time_seconds histogram',
      'time_seconds_bucket{tool="query",le="0.5"} 1',
      'time_seconds_bucket{tool="query",le="1"} 2',
      'time_seconds_bucket{tool="query",le="+Inf"} 3',
      'time_seconds_sum{tool="query"} 4.25',
      'time_seconds_count{tool="query"} 3',
      '',
    ].join('\n'),
  )
})
