import { Fault } from '../envelope/fault.ts'
import type { Log } from '../operations/log.ts'
import { ProjectError } from '../projects/diagnostic.ts'

/** How long anyone waits for the store, milliseconds: it stands on the way of every call. */
const deadlineMs = 3_000
/** How long a connection may take until it can be used, with the tables made, milliseconds. */
const connectingMs = 75_000
/** How long a store that could not be reached is not tried again, milliseconds. */
const pauseMs = 500

/** A connection that was made. */
export interface Connected<Client> {
  readonly client: Client
  /** Ends it at once, whatever runs. Idempotent; never throws. */
  destroy(): void
}

export interface LinkOptions<Client> {
  /** Connects, and makes ready for use. `lost` is to be called when the connection breaks later. */
  readonly connect: (lost: (error: unknown) => void) => Promise<Connected<Client>>
  /**
   * Whether a failure says that the connection is of no use any more, or that the store does for nobody what it is there for: to connect
   * anew tells which, and makes ready again what is not. Deadlines always do.
   */
  readonly isLost: (error: unknown) => boolean
  /** What it is for, as in "cannot be reached": "The store of counts". */
  readonly subject: string
  /** For whoever runs the server. */
  readonly operatorHint: string
  readonly log: Log
}

/** One connection, which is made on first use, made anew when it is lost, and never waited for beyond a deadline. */
export class Link<Client> {
  readonly #options: LinkOptions<Client>
  #current: Promise<Connected<Client>> | undefined
  /** What `#current` gives, once it does. */
  #made: Connected<Client> | undefined
  #beganAt = 0
  #failure: { readonly error: unknown; readonly until: number } | undefined
  #isClosed = false

  constructor(options: LinkOptions<Client>) {
    this.#options = options
  }

  /** Throws NOT_READY when the store cannot be reached or does not answer in time, and for whatever else it says. */
  async use<Result>(act: (client: Client) => Promise<Result>): Promise<Result> {
    let connected: Connected<Client> | undefined
    try {
      return await within(deadlineMs, async () => {
        connected = await this.#connection()
        return act(connected.client)
      })
    } catch (error) {
      // One that is not made yet goes on: it has a deadline of its own, which is longer.
      if (connected !== undefined) this.#refused(connected, error)
      throw this.#told(error)
    }
  }

  /** Connects, where that was not done. Throws `ProjectError` where waiting does not help, else as `use`. */
  async reach(): Promise<void> {
    await within(deadlineMs, () => this.#connection()).catch((error: unknown) => {
      throw error instanceof ProjectError ? error : this.#told(error)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const current = this.#current
    this.#current = undefined
    void current?.then(({ destroy }) => destroy()).catch(() => {})
  }

  #connection(): Promise<Connected<Client>> {
    if (this.#isClosed) throw new Error('the connection is closed')
    if (this.#current !== undefined) {
      // Whoever came first has waited for it; nobody else does.
      const isSlow = this.#made === undefined && performance.now() - this.#beganAt > deadlineMs
      if (isSlow) throw new DeadlineError(`it has not been connected for ${deadlineMs} ms`)
      return this.#current
    }
    if (this.#failure !== undefined && performance.now() < this.#failure.until) throw this.#failure.error
    const { connect, subject, log } = this.#options
    let connected: Connected<Client> | undefined
    const connecting = connect((error) => {
      log('warn', `${subject}: the connection was lost.`, { error })
      if (connected !== undefined) this.#drop(connected, error)
    })
    const made = within(connectingMs, () => connecting)
    this.#current = made
    this.#beganAt = performance.now()
    made.then(
      (done) => {
        connected = done
        this.#made = done
        this.#failure = undefined
        if (this.#isClosed) done.destroy()
      },
      (error: unknown) => {
        log('error', `${subject} cannot be reached.`, { error })
        this.#fail(error)
        // What comes too late is not used.
        connecting.then(({ destroy }) => destroy()).catch(() => {})
      },
    )
    return made
  }

  #refused(connected: Connected<Client>, error: unknown): void {
    const { subject, isLost, log } = this.#options
    // What is lost already was logged.
    if (this.#made === connected) log('error', `${subject} did not do what it was asked.`, { error })
    if (error instanceof DeadlineError || isLost(error)) this.#drop(connected, error)
  }

  /** Ends a connection, unless another has taken its place already. */
  #drop(connected: Connected<Client>, error: unknown): void {
    connected.destroy()
    if (this.#made === connected) this.#fail(error)
  }

  #fail(error: unknown): void {
    this.#current = undefined
    this.#made = undefined
    this.#failure = { error, until: performance.now() + pauseMs }
  }

  #told(cause: unknown): Fault {
    if (cause instanceof Fault) return cause
    const { subject, operatorHint } = this.#options
    return new Fault('NOT_READY', `${subject} cannot be reached, so nothing is answered.`, {
      cause,
      hint: 'Try again in 2 s. If it lasts, ask the operator of the project, whom `dft doctor` tells the cause.',
      operatorHint,
      retryAfterMs: 2_000,
    })
  }
}

class DeadlineError extends Error {}

const within = <Result>(ms: number, act: () => Promise<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineError(`there was no answer within ${ms} ms`)), ms)
    const acting = (async () => act())()
    acting.then(resolve, reject).finally(() => clearTimeout(timer))
  })
