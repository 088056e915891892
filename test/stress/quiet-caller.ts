import { fork } from 'node:child_process'
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

/**
 * Calls again and again from a process of its own: in that of the load it would wait for what the load does there. It has a
 * session of its own as well, see `startServed`.
 */
export const callQuietly = (order: QuietOrder): Promise<Tally> =>
  new Promise((resolve, reject) => {
    const child = fork(new URL('./quiet-process.ts', import.meta.url), { serialization: 'advanced', detached: true })
    child.once('message', (told: Tally) => resolve(Object.assign(new Tally(), told)))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The quiet caller ended with ${code}.`)))
    child.send(order)
  })
