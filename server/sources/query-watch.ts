/** What a database is told of who asks: the tool and the request. */
export interface QueryTag {
  readonly tool: string
  /** Absent for what no request asked for alone, such as samples, which are kept. */
  readonly requestId?: string
}

/** Hears of a query on its way. */
export interface QueryWatch {
  /** Its turn has come, for which it waited so long, milliseconds. Gives the trace that the rest of it is a part of, as a `traceparent`. */
  onTurn(waitedMs: number): string | undefined
  /** It has its answer, or failed with this; also when its turn never came. */
  onEnd(error?: unknown): void
}

/** What of a source is in use. */
export interface PoolState {
  /** Queries that run. */
  readonly active: number
  /** Sessions that wait for a query. */
  readonly idle: number
  /** Queries that wait for their turn. */
  readonly waiting: number
}
