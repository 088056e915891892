/** Writes one batch after the other: what comes while one is written goes together with the next. */
export class BatchedWrites {
  readonly #write: (items: readonly string[]) => Promise<void>
  #waiting: string[] = []
  #next: Promise<void> | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(write: (items: readonly string[]) => Promise<void>) {
    this.#write = write
  }

  /** Resolves, or rejects, with the batch that the item is part of. */
  add(item: string): Promise<void> {
    this.#waiting.push(item)
    this.#next ??= this.#last
      .catch(() => {})
      .then(othersToEnd)
      .then(() => this.#flush())
    return this.#next
  }

  /** Resolves once nothing is left to be written, whatever became of it. */
  async settle(): Promise<void> {
    await this.#next?.catch(() => {})
    await this.#last.catch(() => {})
  }

  #flush(): Promise<void> {
    const items = this.#waiting
    this.#waiting = []
    this.#next = undefined
    this.#last = this.#write(items)
    return this.#last
  }
}

/** Resolves once what goes on now has come to a wait: calls that end together are written together. */
const othersToEnd = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))
