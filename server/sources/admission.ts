import { Fault } from '../envelope/fault.ts'
import { Rotation } from '../envelope/rotation.ts'

/** How long a call waits for its turn before it is refused, milliseconds. */
const usualPatienceMs = 5_000
/** Calls of one caller that may wait, for each query that may run. */
const waitingPerTurn = 32

interface Waiter {
  readonly since: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const tooMany = (): Fault =>
  new Fault('RATE_LIMITED', 'Too many queries run on this source at once.', {
    retryAfterMs: 1_000,
    limit: 'concurrent',
    hint: 'Retry after a short wait, or send fewer queries at once.',
  })

/**
 * Lets at most `limit` queries of one source run at once. Others wait, for five seconds unless another time is given, and
 * callers take turns: one that sends many queries waits for itself, not others for it.
 */
export class Admission {
  readonly #limit: number
  readonly #refusal: () => Fault
  readonly #patienceMs: number
  #running = 0
  readonly #waiting = new Rotation<Waiter>()
  /** One timer for all that wait: a timer for each costs every call. */
  #sweep: NodeJS.Timeout | undefined

  /** `refusal` is what those are told that cannot wait, or waited for `patienceMs`. */
  constructor(limit: number, { refusal = tooMany, patienceMs = usualPatienceMs }: { refusal?: () => Fault; patienceMs?: number } = {}) {
    this.#limit = limit
    this.#refusal = refusal
    this.#patienceMs = patienceMs
  }

  /** Queries that run. */
  get running(): number {
    return this.#running
  }

  /** Queries that wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Resolves when it is this call's turn, undefined when it is now; call `leave` afterwards. Throws RATE_LIMITED or the signal's reason. */
  enter(caller: string, signal: AbortSignal): Promise<void> | undefined {
    if (this.#running < this.#limit) {
      this.#running++
      return undefined
    }
    if (signal.aborted) return Promise.reject(signal.reason)
    if (this.#waiting.sizeOf(caller) >= this.#limit * waitingPerTurn) return Promise.reject(this.#refusal())
    return new Promise((resolve, reject) => {
      const settled = () => signal.removeEventListener('abort', giveUp)
      const waiter: Waiter = {
        since: performance.now(),
        resolve: () => {
          settled()
          resolve()
        },
        reject: (error) => {
          settled()
          this.#waiting.remove(caller, waiter)
          reject(error)
        },
      }
      const giveUp = () => waiter.reject(signal.reason)
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.add(caller, waiter)
      this.#sweep ??= setTimeout(() => this.#refuseLate(), this.#patienceMs)
    })
  }

  /** Gives the turn to the caller that has waited longest for one. */
  leave(): void {
    const next = this.#waiting.next()
    if (next === undefined) {
      this.#running--
      clearTimeout(this.#sweep)
      this.#sweep = undefined
      return
    }
    next.resolve()
  }

  #refuseLate(): void {
    const now = performance.now()
    for (const waiter of this.#waiting.items()) if (now - waiter.since >= this.#patienceMs) waiter.reject(this.#refusal())
    const first = Math.min(...this.#waiting.items().map(({ since }) => since))
    this.#sweep = Number.isFinite(first) ? setTimeout(() => this.#refuseLate(), this.#patienceMs - (now - first) + 1) : undefined
  }
}

/** Streams last as long as their readers take, so they are given half of a source's queries. */
export const streamAdmission = (limit: number): Admission => new Admission(Math.max(1, Math.floor(limit / 2)))

/** Waits for a turn as a stream and as a query. Gives what ends both, once, however often it is called. */
export const enterStream = async (
  streams: Admission,
  queries: Admission,
  { caller, signal }: { readonly caller: string; readonly signal: AbortSignal },
): Promise<() => void> => {
  await streams.enter(caller, signal)
  try {
    await queries.enter(caller, signal)
  } catch (error) {
    streams.leave()
    throw error
  }
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    queries.leave()
    streams.leave()
  }
}
