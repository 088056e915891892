import type { CallRecord } from './audit.ts'

/** How long refusals that are alike are counted before they are told, milliseconds. */
const windowMs = 60_000
/** Kinds of refusals that are counted at once; beyond them the one that began first is told early. */
const maxKinds = 10_000

interface Repeated {
  last: CallRecord
  /** How many came after the one that was recorded. */
  count: number
  readonly until: number
}

/**
 * Keeps a caller that is refused again and again from filling the audit: of refusals that are alike the first is recorded at once, and
 * those of the next minute by one record more, with their number.
 */
export class RepeatedRefusals {
  readonly #record: (call: CallRecord, repeated: number) => Promise<void>
  readonly #kinds = new Map<string, Repeated>()
  #timer: NodeJS.Timeout | undefined

  /** `record` is not to throw. */
  constructor(record: (call: CallRecord, repeated: number) => Promise<void>) {
    this.#record = record
  }

  /** Whether a refusal is only counted; else it is to be recorded now. */
  counts(call: CallRecord): boolean {
    const kind = [call.caller, call.door, call.contract, ...call.errors].join(' ')
    const found = this.#kinds.get(kind)
    if (found !== undefined) {
      found.last = call
      found.count++
      return true
    }
    this.#kinds.set(kind, { last: call, count: 0, until: performance.now() + windowMs })
    if (this.#kinds.size > maxKinds) {
      const [[first, repeated]] = this.#kinds as unknown as [[string, Repeated]]
      this.#kinds.delete(first)
      if (repeated.count > 0) void this.#record(repeated.last, repeated.count)
    }
    this.#timer ??= setInterval(() => void this.#tell(performance.now()), windowMs / 10).unref()
    return false
  }

  /** Records what was counted. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#tell(Number.POSITIVE_INFINITY)
  }

  async #tell(now: number): Promise<void> {
    const due = [...this.#kinds].filter(([, { until }]) => until <= now)
    for (const [kind] of due) this.#kinds.delete(kind)
    await Promise.all(due.map(([, { last, count }]) => (count === 0 ? undefined : this.#record(last, count))))
  }
}
