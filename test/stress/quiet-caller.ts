import { Worker } from 'node:worker_threads'
import { Tally } from './tally.ts'

/** What the caller beside a load asks, over REST. */
export interface QuietCall {
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly tool: string
  readonly input: unknown
}

export interface QuietOrder extends QuietCall {
  /** Of the server. */
  readonly url: string
  readonly seconds: number
  /** The pause between two calls, milliseconds. */
  readonly pauseMs: number
}

/** Calls again and again from a thread of its own: in that of the load it would wait for what the load does there. */
export const callQuietly = (order: QuietOrder): Promise<Tally> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./quiet-worker.ts', import.meta.url), { workerData: order })
    worker.once('message', (told: Tally) => resolve(Object.assign(new Tally(), told)))
    worker.once('error', reject)
  })
