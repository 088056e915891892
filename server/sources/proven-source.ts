import type { Warning } from '../../contracts/v1/envelope.ts'
import { Fault } from '../envelope/fault.ts'
import { abortable, Kept } from './kept.ts'
import type { ReadOnlyProof, Source } from './source.ts'
import { withinTime } from './within-time.ts'

export interface ProvenSource extends Source {
  /** What keeps the source read-only, checked against the database at most about a minute ago. */
  proof(signal: AbortSignal): Promise<readonly ReadOnlyProof[]>
  /** Resolves when the source answers, or has some seconds ago. Throws what asking it throws: SOURCE_UNAVAILABLE when it cannot be reached. */
  reach(): Promise<void>
  /** What every answer from this source says: that its proof failed, where the project serves it all the same. */
  readonly warnings: readonly Warning[]
  /** Why the source could not be reached when it was last asked; undefined once it answered again. */
  readonly failure: Fault | undefined
  /** What was found when it was last asked. */
  readonly state: 'ready' | 'unproven' | 'unavailable' | 'unasked'
  /** Milliseconds since its proof was read; Infinity when it never was. */
  readonly proofAge: number
}

/** How long a failed proof is believed, milliseconds: a login that was mended is served soon. */
const failureMs = 1_000

/** How long a source that answered is taken to be there, milliseconds. */
const reachedMs = 5_000

const isProven = (proof: readonly ReadOnlyProof[]): boolean => proof.every(({ holds }) => holds)

const noWarnings: readonly Warning[] = []

/**
 * A source that touches its database only once it is proven that reading is all it can do there. When the proof fails,
 * everything but the proof itself is refused with SOURCE_UNPROVEN, unless the project allows it.
 */
export const provenSource = (source: Source, allowUnproven: boolean): ProvenSource => {
  let failure: Fault | undefined
  /** Remembers whether the source could be reached. */
  const noted = async <T>(asked: Promise<T>): Promise<T> => {
    try {
      const answer = await asked
      failure = undefined
      return answer
    } catch (error) {
      if (error instanceof Fault && error.code === 'SOURCE_UNAVAILABLE') failure = error
      throw error
    }
  }
  const kept = new Kept((signal) => noted(source.prove(signal)))
  const refused = (): Fault =>
    new Fault('SOURCE_UNPROVEN', `The source "${source.name}" is not served: its login may do more than read.`, {
      hint: `Use another source. For its operator: dft doctor says what the login may do, dft grant ${source.name} prints the SQL for one that can only read.`,
    })

  /** Resolves when the source may be used; undefined when that is known already. */
  const check = (signal: AbortSignal, withinMs?: number): Promise<void> | undefined => {
    const known = kept.fresh
    if (known !== undefined && (allowUnproven || isProven(known))) return undefined
    return withinMs === undefined || source.isRemote !== true ? prove(signal) : withinTime(source.name, withinMs, signal, prove)
  }
  const prove = async (signal: AbortSignal): Promise<void> => {
    const proof = await abortable(kept.age < failureMs ? kept.get(signal) : kept.refresh(), signal)
    if (!allowUnproven && !isProven(proof)) throw refused()
  }

  return {
    ...source,
    get state() {
      const proof = kept.last
      if (failure !== undefined) return 'unavailable'
      if (proof === undefined) return 'unasked'
      return allowUnproven || isProven(proof) ? 'ready' : 'unproven'
    },
    get proofAge() {
      return kept.age
    },
    query(query) {
      const proving = check(query.signal, query.limits.timeoutMs)
      return noted(proving === undefined ? source.query(query) : proving.then(() => source.query(query)))
    },
    async stream(query) {
      await check(query.signal, query.limits.timeoutMs)
      const rows = await noted(source.stream(query))
      return { columns: rows.columns, read: () => noted(rows.read()) }
    },
    async introspect(signal) {
      await check(signal)
      return noted(source.introspect(signal))
    },
    async sample(table, rows, signal, basis) {
      await check(signal)
      return noted(source.sample(table, rows, signal, basis))
    },
    proof: (signal) => kept.get(signal),
    async reach() {
      if (failure !== undefined || kept.age > reachedMs) await kept.refresh()
    },
    get failure() {
      return failure
    },
    get warnings() {
      const proof = kept.last
      if (!allowUnproven || proof === undefined || isProven(proof)) return noWarnings
      return [
        { code: 'SOURCE_UNPROVEN', message: `The login of the source "${source.name}" may do more than read; the project allows that.` },
      ]
    },
  }
}
