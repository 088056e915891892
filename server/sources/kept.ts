import { Fault } from '../envelope/fault.ts'

/** How long a value is served without a new look, milliseconds. */
export const freshMs = 60_000

/** The longest that reading a value anew may take, milliseconds. */
const readMs = 20_000

/**
 * A value that is read once and kept. Readers share one running read; a read that failed is not kept. After `freshMs` the
 * old value is served once more while a new one is read behind it.
 */
export class Kept<T> {
  readonly #read: (signal: AbortSignal) => Promise<T>
  #kept: { value: T; at: number } | undefined
  #running: Promise<T> | undefined

  constructor(read: (signal: AbortSignal) => Promise<T>) {
    this.#read = read
  }

  /** The value, at most about a minute old. Throws what reading throws when there is none yet. */
  async get(signal: AbortSignal): Promise<T> {
    return this.fresh ?? abortable(this.refresh(), signal)
  }

  /** The value without waiting, undefined when there is none yet; one that is old is read anew behind it. */
  get fresh(): T | undefined {
    if (this.#kept !== undefined && performance.now() - this.#kept.at > freshMs) this.refresh().catch(() => {})
    return this.#kept?.value
  }

  /** What was read last, however old. */
  get last(): T | undefined {
    return this.#kept?.value
  }

  /** Milliseconds since it was read; Infinity when it never was. */
  get age(): number {
    return this.#kept === undefined ? Number.POSITIVE_INFINITY : performance.now() - this.#kept.at
  }

  /** Reads it now, or joins the read that runs. Bound by its own deadline, since it is shared. */
  refresh(): Promise<T> {
    this.#running ??= this.#readInTime()
      .then((value) => {
        this.#kept = { value, at: performance.now() }
        return value
      })
      .finally(() => {
        this.#running = undefined
      })
    return this.#running
  }

  async #readInTime(): Promise<T> {
    const deadline = AbortSignal.timeout(readMs)
    try {
      return await this.#read(deadline)
    } catch (error) {
      if (!deadline.aborted) throw error
      throw new Fault('SOURCE_UNAVAILABLE', 'The source did not answer in time.', { cause: error, retryAfterMs: 1_000 })
    }
  }

  /** Reads it after any read that runs, which may have begun too early. */
  async renew(): Promise<T> {
    await this.#running?.catch(() => {})
    return this.refresh()
  }
}

/** The promise, or the signal's reason when that comes first. */
export const abortable = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
