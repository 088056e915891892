import type { Query, QueryLimits } from '../../server/sources/source.ts'

/** What differs from the usual query. */
export type QueryChange = Partial<Omit<Query, 'limits'>> & { limits?: Partial<QueryLimits> }

/** A query as dispatch makes one, for tests that speak to a source without the guard. */
export const queryOf = (sql: string, { limits, ...changed }: QueryChange = {}): Query => ({
  sql,
  params: [],
  offset: 0,
  format: 'rows',
  signal: new AbortController().signal,
  tag: { tool: 'test' },
  caller: 'test',
  keepsNothing: false,
  ...changed,
  limits: { maxRows: 100, maxBytes: 1_000_000, maxCellBytes: 65_536, timeoutMs: 20_000, ...limits },
})
