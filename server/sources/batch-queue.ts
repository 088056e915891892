import type { RowBatch } from '../envelope/row-batch.ts'
import type { StreamEnd } from './source.ts'

/** Batches that wait before the producer is told to stop. */
const roomFor = 4

/**
 * Hands batches from a producer that is told when to pause to a reader that may be slow, so that memory holds a few
 * batches whatever the result.
 */
export class BatchQueue {
  readonly #batches: RowBatch[] = []
  readonly #onTaken: () => void
  #end: StreamEnd | undefined
  #error: unknown
  #isDone = false
  #wake: (() => void) | undefined

  /** `onTaken`: a batch was taken, so there is room again. */
  constructor(onTaken: () => void) {
    this.#onTaken = onTaken
  }

  get isFull(): boolean {
    return this.#batches.length >= roomFor
  }

  push(batch: RowBatch): void {
    this.#batches.push(batch)
    this.#wake?.()
  }

  /** No batch comes any more. */
  end(end: StreamEnd): void {
    this.#end = end
    this.#isDone = true
    this.#wake?.()
  }

  /** No batch comes any more, and the reader is told why. */
  fail(error: unknown): void {
    this.#error = error
    this.#isDone = true
    this.#wake?.()
  }

  /** The next batch, or how the result ended. One reader at a time. Throws what `fail` was given. */
  async read(): Promise<RowBatch | StreamEnd> {
    while (this.#batches.length === 0 && !this.#isDone)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#wake = undefined
    const batch = this.#batches.shift()
    if (batch !== undefined) {
      this.#onTaken()
      return batch
    }
    if (this.#end === undefined) throw this.#error
    return this.#end
  }
}
