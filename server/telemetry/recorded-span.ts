import { randomFillSync } from 'node:crypto'
import type { TraceContext } from './trace-context.ts'
import type { Attributes, SpanOptions, Tracer } from './tracer.ts'

/** A span that is over, as it is sent to the thread that exports it. */
export interface RecordedSpan {
  readonly name: string
  readonly kind: SpanOptions['kind']
  readonly context: TraceContext
  readonly parent: TraceContext | undefined
  readonly link: TraceContext | undefined
  /** Milliseconds since 1970, with fractions. */
  readonly startedAt: number
  readonly endedAt: number
  readonly attributes: Attributes
  /** The type of the error that it ended with. */
  readonly error: string | undefined
}

export interface RecordingOptions {
  /** Whether a trace that begins here, or that comes from elsewhere, is recorded. Its parts here follow it. */
  isSampled(traceId: string, parent: TraceContext | undefined): boolean
  /** Takes each span as it ends. */
  take(span: RecordedSpan): void
}

/** A context that was made here. */
class OwnContext implements TraceContext {
  readonly traceId: string
  readonly isSampled: boolean
  readonly state: string | undefined
  #spanId: string | undefined

  constructor(traceId: string, isSampled: boolean, state: string | undefined) {
    this.traceId = traceId
    this.isSampled = isSampled
    this.state = state
  }

  /** Made when somebody asks for it. */
  get spanId(): string {
    this.#spanId ??= randomHex(8)
    return this.#spanId
  }

  /** As it can be sent to a thread. */
  get plain(): TraceContext {
    const { traceId, spanId, isSampled, state } = this
    return { traceId, spanId, isSampled, state }
  }
}

/** Makes spans that cost little: one that is not sampled is its ids and nothing more. */
export const recordingTracer = ({ isSampled, take }: RecordingOptions): Tracer => ({
  start(name, { kind, parent, link, attributes }) {
    const traceId = parent?.traceId ?? randomHex(16)
    const sampled = parent instanceof OwnContext ? parent.isSampled : isSampled(traceId, parent)
    const context = new OwnContext(traceId, sampled, parent?.state)
    if (!sampled) return { context, isRecorded: false, set: nothing, end: nothing }
    const startedAt = now()
    const all = { ...attributes?.() }
    return {
      context,
      isRecorded: true,
      set: (more) => void Object.assign(all, more),
      end(error) {
        const from = parent instanceof OwnContext ? parent.plain : parent
        take({ name, kind, context: context.plain, parent: from, link, startedAt, endedAt: now(), attributes: all, error })
      },
    }
  },
})

const nothing = (): void => {}

const now = (): number => performance.timeOrigin + performance.now()

/** Random bytes for the ids to come, and how many are used. */
const random = Buffer.alloc(4096)
let used = random.length

const randomHex = (bytes: number): string => {
  if (used + bytes > random.length) {
    randomFillSync(random)
    used = 0
  }
  used += bytes
  return random.toString('hex', used - bytes, used)
}
