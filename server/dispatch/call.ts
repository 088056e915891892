import type { Warning } from '../../contracts/v1/envelope.ts'
import type { Envelope } from '../envelope/envelope.ts'

export type Door = 'mcp' | 'rest' | 'trpc' | 'cli' | 'inside'

/** Who calls. Identity comes from the door's credentials, never from an argument that a model fills. */
export interface Caller {
  readonly id: string
}

/** One request on its way. */
export interface Call {
  /** Tool name or alias, as the caller wrote it. */
  readonly tool: string
  /** Undecoded arguments; undefined and null mean none. */
  readonly input: unknown
  readonly door: Door
  readonly caller: Caller
  /** Aborted when the caller cancels, disconnects, or the server stops. */
  readonly signal: AbortSignal
  /** Called with a message while the call runs, when the caller asked for progress. */
  readonly onProgress?: (message: string) => void
}

/** Runs one call and answers with an envelope. Never throws. */
export type Dispatch = (call: Call) => Promise<Envelope>

/** What a handler is given beside its input. */
export interface CallContext {
  readonly signal: AbortSignal
  readonly requestId: string
  readonly caller: Caller
  readonly progress: (message: string) => void
}

/** What a handler gives back; dispatch makes the envelope of it. */
export interface HandlerResult {
  readonly data: Readonly<Record<string, unknown>>
  readonly warnings?: readonly Warning[]
  readonly source?: string
  readonly schema?: string
}
