import type { IncomingMessage } from 'node:http'
import { Rotation } from '../../envelope/rotation.ts'

/** Requests that are begun in one turn of the event loop. */
const perTurn = 8

/**
 * Has a server begin only so many requests in each turn of the event loop, and callers take turns: whoever sends hundreds at
 * once waits for itself, and not others for it.
 */
export class RequestTurns {
  #isScheduled = false
  /** That may be begun before the next turn. */
  #left = perTurn
  readonly #waiting = new Rotation<() => void>()

  /** Calls `begin` now, where it is the first of its turn, or in a turn to come; never, when the client is gone by then. */
  take(incoming: IncomingMessage, begin: () => void): void {
    if (!this.#isScheduled) {
      this.#left = perTurn - 1
      this.#schedule()
      begin()
      return
    }
    // Who it is stands in the credentials; to check them is a part of what is bounded.
    const { authorization, cookie } = incoming.headers
    const caller = authorization ?? cookie ?? incoming.socket.remoteAddress ?? ''
    this.#waiting.add(caller, () => {
      if (!incoming.destroyed) begin()
    })
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    this.#isScheduled = false
    for (; this.#left > 0 && !this.#waiting.isEmpty; this.#left--) this.#waiting.next()?.()
    this.#left = perTurn
    if (!this.#waiting.isEmpty) this.#schedule()
  }
}
