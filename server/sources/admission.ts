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

  /**
   * Resolves when it is this call's turn, undefined when it is now; call `leave` afterwards. Throws RATE_LIMITED or the signal's
   * reason. `isPatient`: waits however long it takes, and is not refused, as a query that gave its turn back and wants one again.
   */
  enter(caller: string, signal: AbortSignal, isPatient = false): Promise<void> | undefined {
    if (this.#running < this.#limit) {
      this.#running++
      return undefined
    }
    if (signal.aborted) return Promise.reject(signal.reason)
    if (!isPatient && this.#waiting.sizeOf(caller) >= this.#limit * waitingPerTurn) return Promise.reject(this.#refusal())
    return new Promise((resolve, reject) => {
      const settled = () => signal.removeEventListener('abort', giveUp)
      const waiter: Waiter = {
        since: isPatient ? Number.POSITIVE_INFINITY : performance.now(),
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

/** How long a stream works before it leaves its turn to those that wait, milliseconds: little to wait for, and enough to get on. */
const sliceMs = 100

/** Who wants a turn, and until when. */
interface Asker {
  readonly caller: string
  readonly signal: AbortSignal
}

/** How many streams of a source there may be, which last as long as their readers take. */
export const mostStreams = (limit: number): number => Math.max(1, Math.floor(limit / 2))

/**
 * The turn of a stream among the queries of its source. It is given back while its reader is behind, when the database has nothing
 * to do for it, and to whoever waits once it has worked for a while: no reader keeps others waiting, a slow one or one of very many rows.
 */
export class StreamTurn {
  readonly #streams: Admission
  readonly #queries: Admission
  readonly #query: Asker
  #state: 'working' | 'resting' | 'waiting' | 'over' = 'working'
  /** When its turn came, by the clock of `performance`. */
  #since = performance.now()
  /** What is to be done at its next turn. */
  #work: (() => void)[] = []

  private constructor(streams: Admission, queries: Admission, query: Asker) {
    this.#streams = streams
    this.#queries = queries
    this.#query = query
  }

  /** Waits for a turn as a stream and as a query. Throws as `Admission.enter`. */
  static async take(streams: Admission, queries: Admission, query: Asker): Promise<StreamTurn> {
    await streams.enter(query.caller, query.signal)
    try {
      await queries.enter(query.caller, query.signal)
    } catch (error) {
      streams.leave()
      throw error
    }
    return new StreamTurn(streams, queries, query)
  }

  /** Gives the turn back until the stream is to go on. */
  rest(): void {
    if (this.#state !== 'working') return
    this.#state = 'resting'
    this.#queries.leave()
  }

  /** Calls `work` when it is the stream's turn, at once when nobody waits; never, when the stream is over by then. */
  goOn(work: () => void): void {
    if (this.#queries.waiting > 0 && performance.now() - this.#since >= sliceMs) this.rest()
    if (this.#state === 'working') work()
    else if (this.#state !== 'over') this.#work.push(work)
    if (this.#state !== 'resting') return
    this.#state = 'waiting'
    const turn = this.#queries.enter(this.#query.caller, this.#query.signal, true)
    const begin = () => this.#begin()
    if (turn === undefined) begin()
    // Whoever aborted it ends it.
    else turn.then(begin, () => {})
  }

  /** The stream is over. Idempotent. */
  leave(): void {
    if (this.#state === 'over') return
    if (this.#state === 'working') this.#queries.leave()
    this.#state = 'over'
    this.#streams.leave()
  }

  #begin(): void {
    if (this.#state === 'over') {
      this.#queries.leave()
      return
    }
    this.#state = 'working'
    this.#since = performance.now()
    const work = this.#work
    this.#work = []
    for (const one of work) one()
  }
}
