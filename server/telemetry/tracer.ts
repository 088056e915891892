import type { TraceContext } from './trace-context.ts'

export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface SpanOptions {
  readonly kind: 'server' | 'client' | 'internal'
  /** What it is a part of; undefined where it begins a trace. */
  readonly parent?: TraceContext | undefined
  /** Another that led to it. */
  readonly link?: TraceContext | undefined
  /** Asked for where the span is recorded. */
  readonly attributes?: () => Attributes
}

/** A part of a trace that is under way. */
export interface Span {
  readonly context: TraceContext
  /** Whether anything but its context is kept. */
  readonly isRecorded: boolean
  set(attributes: Attributes): void
  /** Ends it, as failed where `error`, the type of an error, is given. Once. */
  end(error?: string): void
}

/** Makes spans, where somebody collects them. */
export interface Tracer {
  start(name: string, options: SpanOptions): Span
}
