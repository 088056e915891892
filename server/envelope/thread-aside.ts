import { parentPort, Worker } from 'node:worker_threads'

interface Asked<Request> {
  readonly id: number
  readonly request: Request
}

interface Answered<Reply> {
  readonly id: number
  readonly value: Reply
}

interface Waiter<Reply> {
  readonly resolve: (value: Reply) => void
  readonly reject: (error: unknown) => void
}

/** Work that takes long is done in a thread of its own, in the order it is asked for, so that nobody else waits for it. */
export class ThreadAside<Request, Reply> {
  readonly #entry: string
  #worker: Worker | undefined
  readonly #waiting = new Map<number, Waiter<Reply>>()
  #lastId = 0

  /** `entry`: the file of the thread, which calls `answerAside`. It is started on first use, and again when it has failed. */
  constructor(entry: string) {
    this.#entry = entry
  }

  /** Whether what it was told before is known to it still. */
  get isRunning(): boolean {
    return this.#worker !== undefined
  }

  /** The thread's answer. Throws what ended the thread, for all who wait then. */
  ask(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#worker ??= this.#start()
      this.#worker.ref()
      this.#waiting.set(++this.#lastId, { resolve, reject })
      this.#worker.postMessage({ id: this.#lastId, request } satisfies Asked<Request>)
    })
  }

  #start(): Worker {
    const started = new Worker(this.#entry)
    started.on('message', ({ id, value }: Answered<Reply>) => {
      this.#waiting.get(id)?.resolve(value)
      this.#waiting.delete(id)
      // The server may end while nobody waits.
      if (this.#waiting.size === 0) started.unref()
    })
    const over = (error: unknown): void => {
      if (this.#worker !== started) return
      this.#worker = undefined
      for (const { reject } of this.#waiting.values()) reject(error)
      this.#waiting.clear()
    }
    started.on('error', over)
    started.on('messageerror', (error) => {
      over(error)
      void started.terminate()
    })
    started.on('exit', (code) => over(new Error(`The thread ended with ${code}.`)))
    return started
  }
}

/** Has this thread answer what it is asked. An error ends it. */
export const answerAside = <Request, Reply>(answer: (request: Request) => Reply | Promise<Reply>): void => {
  parentPort?.on('message', async ({ id, request }: Asked<Request>) => {
    parentPort?.postMessage({ id, value: await answer(request) } satisfies Answered<Reply>)
  })
}
