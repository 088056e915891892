import type { Warning } from '../../contracts/v1/envelope.ts'
import type { Column } from '../../contracts/v1/values.ts'
import type { Caller } from '../access/caller.ts'
import type { Envelope } from '../envelope/envelope.ts'
import type { RowBatch } from '../envelope/row-batch.ts'
import type { QueryWatch } from '../sources/query-watch.ts'
import type { RowStream, StreamEnd } from '../sources/source.ts'
import type { CallOrigin } from '../telemetry/call-origin.ts'
import type { Progress, Step } from './progress.ts'

/** `page` is that of the boards; `inside` a call that a tool makes. */
export type Door = 'mcp' | 'rest' | 'trpc' | 'page' | 'cli' | 'inside'

/** One request on its way. */
export interface Call {
  /** Tool name or alias, as the caller wrote it. */
  readonly tool: string
  /** The version of the contracts that the caller was written for: a tool answers as it was then. Default: the newest. */
  readonly version?: number | undefined
  /** Undecoded arguments; undefined and null mean none. */
  readonly input: unknown
  readonly door: Door
  readonly caller: Caller
  /** The tool that this call is a part of, which is asked for in its place whether the caller may call it: a query of a page. */
  readonly within?: string | undefined
  /** The request that this call is a part of, for one from `inside`. */
  readonly parent?: string | undefined
  /** Where it comes from, for telemetry alone. */
  readonly origin?: CallOrigin | undefined
  /** Aborted when the caller cancels, disconnects, or the server stops. */
  readonly signal: AbortSignal
  /** Called while the call runs, every second at least, when the caller asked for progress; never after the answer. */
  readonly onProgress?: (progress: Progress) => void
}

/** Runs one call and answers with an envelope. Never throws. */
export type Dispatch = (call: Call) => Promise<Envelope>

/** An answer whose rows are read one batch after the other. */
export interface StreamAnswer {
  readonly requestId: string
  readonly columns: readonly Column[]
  /** The next rows, then the envelope that ends the answer: its data without rows, or what went wrong. Never throws. */
  read(): Promise<RowBatch | Envelope>
  /** The rows cannot be sent for this reason: stops the query and gives the envelope that says so. */
  fail(error: unknown): Envelope
  /** The reader is gone: stops the query in the database. Idempotent. */
  close(): void
}

/** Runs one call whose rows are wanted as a stream. A call that fails before its first row answers with an envelope. Never throws. */
export type DispatchStream = (call: Call) => Promise<StreamAnswer | Envelope>

/** What a handler is given beside its input. */
export interface CallContext {
  readonly signal: AbortSignal
  readonly requestId: string
  readonly caller: Caller
  /** Tells the caller how far the call is; undefined when nobody asked. */
  readonly progress: ((step: Step) => void) | undefined
  /** Begins to follow the query that the call makes of its source; undefined when nobody does. */
  readonly watchQuery: () => QueryWatch | undefined
  /** Makes a call of its own for the same caller, guarded and limited like any, which ends when this one does, or by a signal of its own. */
  readonly call: (tool: string, input: unknown, signal?: AbortSignal) => Promise<Envelope>
}

/** What a handler gives back when rows are wanted as a stream. */
export interface HandlerStream {
  readonly rows: RowStream
  /** The rest of the answer, once it is known how the stream ended. */
  finish(end: StreamEnd['end']): HandlerResult
}

/** What a handler gives back; dispatch makes the envelope of it. */
export interface HandlerResult {
  readonly data: Readonly<Record<string, unknown>>
  readonly warnings?: readonly Warning[]
  readonly source?: string
  readonly schema?: string
  /** Rows of sources that the answer is made of. Default: the `row_count` of its data. */
  readonly rows?: number
}
