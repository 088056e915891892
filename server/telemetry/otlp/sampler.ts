import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import type { Log } from '../../operations/log.ts'
import type { TraceContext } from '../trace-context.ts'
import { spanContextOf } from './span-context.ts'

/** Traces that may begin here at once unless the variables say something else: more would cost as much as the calls. */
export const tracesAtOnce = 1_000
/** And each second over time. */
const tracesPerSecond = 100

/** Begins a trace for every call up to a rate. */
class BoundedSampler implements Sampler {
  #left: number = tracesAtOnce
  #at = performance.now()

  shouldSample(): SamplingResult {
    const now = performance.now()
    this.#left = Math.min(tracesAtOnce, this.#left + ((now - this.#at) * tracesPerSecond) / 1000)
    this.#at = now
    if (this.#left < 1) return { decision: SamplingDecision.NOT_RECORD }
    this.#left--
    return { decision: SamplingDecision.RECORD_AND_SAMPLED }
  }

  toString(): string {
    return 'BoundedSampler'
  }
}

const usual = (): Sampler => new ParentBasedSampler({ root: new BoundedSampler() })

/** By the names that OTEL_TRACES_SAMPLER may have; `ratio` is OTEL_TRACES_SAMPLER_ARG. */
const samplers: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
}

/** Which traces are recorded, as the variables of OpenTelemetry say. What they say wrongly is logged and left out. */
export const samplerOf = (
  { OTEL_TRACES_SAMPLER: given = '', OTEL_TRACES_SAMPLER_ARG: share = '' }: NodeJS.ProcessEnv,
  log: Log,
): ((traceId: string, parent: TraceContext | undefined) => boolean) => {
  const name = given.trim()
  const make = Object.hasOwn(samplers, name) ? samplers[name] : undefined
  if (name !== '' && make === undefined) log('warn', `OTEL_TRACES_SAMPLER names no sampler. It may be ${Object.keys(samplers).join(', ')}.`)
  const ratio = share.trim() === '' ? 1 : Number(share)
  const isRatio = ratio >= 0 && ratio <= 1
  if (!isRatio && name.endsWith('traceidratio')) log('warn', 'OTEL_TRACES_SAMPLER_ARG is no share from 0 to 1, so it is taken for 1.')
  const sampler = (make ?? usual)(isRatio ? ratio : 1)
  return (traceId, parent) => {
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent))
    return sampler.shouldSample(context, traceId, '', SpanKind.SERVER, {}, []).decision === SamplingDecision.RECORD_AND_SAMPLED
  }
}
