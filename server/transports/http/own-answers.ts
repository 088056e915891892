import type { Dispatcher } from '../../dispatch/dispatch.ts'
import type { Envelope } from '../../envelope/envelope.ts'
import { Fault } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import type { CallerApp } from './caller-app.ts'

/** Paths that tell of the server itself, to anyone and also while it stops. */
export const healthPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** Whether calls should be sent here, and if not, why. */
export interface Readiness {
  readonly status: string
}

/** Whether the process is alive, and whether calls should be sent to it. */
export const serveHealth = (app: CallerApp, readiness: () => Promise<Readiness>): void => {
  app.get('/healthz', (context) => context.json({ status: 'alive' }))
  app.get('/readyz', async (context) => {
    const state = await readiness()
    return context.json(state, state.status === 'ready' ? 200 : 503, { 'cache-control': 'no-store' })
  })
}

/** The answer to a request that failed for a fault of ours; its cause goes to the log under the request id. */
export const createFailure =
  ({ refuse }: Pick<Dispatcher, 'refuse'>, log: Log) =>
  (error: unknown): Envelope => {
    const refusal = refuse(undefined, new Fault('INTERNAL_ERROR', 'The server could not answer this request.'))
    log('error', 'A request failed for a fault of ours.', { request_id: refusal.meta.request_id, error })
    return refusal
  }
