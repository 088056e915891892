import type { Hono } from 'hono'
import type { Caller } from '../../access/caller.ts'
import type { Fault } from '../../envelope/fault.ts'

/** What is known of a request before it comes to its door. */
export interface CallerVariables {
  readonly caller: Caller
  /** Why the caller is refused, at a door that says so in its own form; `caller` is then absent. */
  readonly refused?: Fault | undefined
}

/** An app whose requests have a caller. */
export type CallerApp = Hono<{ Variables: CallerVariables }>
