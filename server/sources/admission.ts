import { Fault } from '../envelope/fault.ts'

/** How long a call waits for its turn before it is refused, milliseconds. */
const patienceMs = 5_000

/**
 * Lets at most `limit` queries of one source run at once; others wait in order of arrival, for at most five seconds.
 */
export class Admission {
  readonly #limit: number
  #running = 0
  readonly #waiting = new Set<() => void>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Resolves when it is this call's turn; call `leave` afterwards. Throws RATE_LIMITED or the signal's reason. */
  enter(signal: AbortSignal): Promise<void> | undefined {
    if (this.#running < this.#limit && this.#waiting.size === 0) {
      this.#running++
      return undefined
    }
    return new Promise((resolve, reject) => {
      const settle = (run: () => void) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        this.#waiting.delete(admit)
        run()
      }
      const admit = () => settle(resolve)
      const abort = () => settle(() => reject(signal.reason as Error))
      const timer = setTimeout(
        () =>
          settle(() =>
            reject(
              new Fault('RATE_LIMITED', 'Too many queries run on this source at once.', {
                retryAfterMs: 1_000,
                hint: 'Retry after a short wait, or send fewer queries at once.',
              }),
            ),
          ),
        patienceMs,
      )
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.add(admit)
    })
  }

  leave(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#running--
    else next()
  }
}
