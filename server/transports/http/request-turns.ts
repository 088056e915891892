import type { IncomingMessage } from 'node:http'

/** Requests that are begun in one turn of the event loop. */
const perTurn = 16

/**
 * Has a server begin only so many requests in each turn of the event loop, and callers take turns: whoever sends hundreds at
 * once waits for itself, and not others for it.
 */
export class RequestTurns {
  #left = perTurn
  #isScheduled = false
  /** Of each caller that waits, its requests in order of arrival; callers in the order of their turns. */
  readonly #waiting = new Map<string, (() => void)[]>()

  /** Calls `begin` now or in a turn to come; never, when the client is gone by then. */
  take(incoming: IncomingMessage, begin: () => void): void {
    this.#schedule()
    if (this.#left > 0 && this.#waiting.size === 0) {
      this.#left--
      begin()
      return
    }
    // Who it is stands in the credentials; to check them is a part of what is bounded.
    const { authorization, cookie } = incoming.headers
    const caller = authorization ?? cookie ?? incoming.socket.remoteAddress ?? ''
    const queue = this.#waiting.get(caller)
    const run = () => {
      if (!incoming.destroyed) begin()
    }
    if (queue === undefined) this.#waiting.set(caller, [run])
    else queue.push(run)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    this.#isScheduled = false
    this.#left = perTurn
    for (const [caller, queue] of this.#waiting) {
      if (this.#left === 0) break
      this.#left--
      const run = queue.shift()
      // Those behind it come first the next time.
      this.#waiting.delete(caller)
      if (queue.length > 0) this.#waiting.set(caller, queue)
      run?.()
    }
    if (this.#waiting.size > 0) this.#schedule()
  }
}
