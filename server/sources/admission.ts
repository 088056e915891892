import { Fault } from '../envelope/fault.ts'

/** How long a call waits for its turn before it is refused, milliseconds. */
const patienceMs = 5_000

interface Waiter {
  readonly since: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  gone: boolean
}

/**
 * Lets at most `limit` queries of one source run at once; others wait in order of arrival, for at most five seconds.
 */
export class Admission {
  readonly #limit: number
  #running = 0
  /** In order of arrival. Those that gave up stay in it, marked, until their turn. */
  readonly #waiting: Waiter[] = []
  /** One timer for all that wait: a timer for each costs every call. */
  #sweep: NodeJS.Timeout | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Resolves when it is this call's turn; call `leave` afterwards. Throws RATE_LIMITED or the signal's reason. */
  enter(signal: AbortSignal): Promise<void> | undefined {
    if (this.#running < this.#limit) {
      this.#running++
      return undefined
    }
    return new Promise((resolve, reject) => {
      const giveUp = () => waiter.reject(signal.reason)
      const settle =
        <T>(run: (value: T) => void) =>
        (value: T) => {
          waiter.gone = true
          signal.removeEventListener('abort', giveUp)
          run(value)
        }
      const waiter: Waiter = { since: performance.now(), resolve: settle(resolve), reject: settle(reject), gone: false }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(waiter)
      this.#sweep ??= setTimeout(() => this.#refuseLate(), patienceMs)
    })
  }

  /** Gives the turn to the next that waits. */
  leave(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (next.gone) continue
      next.resolve()
      return
    }
    this.#running--
    clearTimeout(this.#sweep)
    this.#sweep = undefined
  }

  #refuseLate(): void {
    const now = performance.now()
    for (const waiter of this.#waiting)
      if (!waiter.gone && now - waiter.since >= patienceMs)
        waiter.reject(
          new Fault('RATE_LIMITED', 'Too many queries run on this source at once.', {
            retryAfterMs: 1_000,
            hint: 'Retry after a short wait, or send fewer queries at once.',
          }),
        )
    const next = this.#waiting.find((waiter) => !waiter.gone)
    this.#sweep = next === undefined ? undefined : setTimeout(() => this.#refuseLate(), patienceMs - (now - next.since) + 1)
  }
}
