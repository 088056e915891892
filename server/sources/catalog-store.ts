import type { CatalogTable, ReadOnlyProof, Source, SourceCatalog } from './source.ts'
import { applyPolicy, type TablePolicy } from './table-policy.ts'

/** How long metadata is served without a look at the database, milliseconds. */
const freshMs = 60_000
/** A miss (unknown table) re-reads metadata at most this often. */
const missMs = 1_000

/** Rows looked at for sample values. */
const sampledRows = 200
/** Tables whose samples are kept. */
const keptSamples = 500

/**
 * What is known of one source, read once and kept: its metadata as its policy leaves it, sample rows, and what proves it
 * read-only. Readers share one running read; a read that failed is not kept.
 * After `freshMs` the old answer is served once more while a new one is read behind it.
 */
export class CatalogStore {
  readonly #source: Source
  readonly #policy: TablePolicy
  #kept: { catalog: SourceCatalog; at: number } | undefined
  #running: Promise<SourceCatalog> | undefined
  readonly #samples = new Map<string, { rows: unknown[][]; at: number; version: string }>()
  #proof: { proof: ReadOnlyProof[]; at: number } | undefined

  constructor(source: Source, policy: TablePolicy = {}) {
    this.#source = source
    this.#policy = policy
  }

  /** The metadata, at most about a minute old. Throws what `introspect` throws when there is none yet. */
  async read(signal: AbortSignal): Promise<SourceCatalog> {
    if (this.#kept === undefined) return abortable(this.#refresh(), signal)
    if (performance.now() - this.#kept.at > freshMs) this.#refresh().catch(() => {})
    return this.#kept.catalog
  }

  /** Called when something was not found: reads again unless the metadata is brand new. */
  async readAfterMiss(signal: AbortSignal): Promise<SourceCatalog> {
    if (this.#kept !== undefined && performance.now() - this.#kept.at < missMs) return this.#kept.catalog
    return abortable(this.#refresh(), signal)
  }

  /** What is known without asking the database. */
  get known(): SourceCatalog | undefined {
    return this.#kept?.catalog
  }

  /** The first rows of a table, at most about a minute old. Throws what `Source.sample` throws. */
  async samples(table: CatalogTable, signal: AbortSignal): Promise<unknown[][]> {
    const key = JSON.stringify([table.schema, table.name])
    const version = this.#kept?.catalog.version ?? ''
    const kept = this.#samples.get(key)
    if (kept !== undefined && kept.version === version && performance.now() - kept.at < freshMs) return kept.rows
    const rows = await this.#source.sample(table, sampledRows, signal)
    if (this.#samples.size >= keptSamples) this.#samples.delete(this.#samples.keys().next().value as string)
    this.#samples.set(key, { rows, at: performance.now(), version })
    return rows
  }

  /** What keeps the source read-only, checked against the database at most about a minute ago. */
  async proof(signal: AbortSignal): Promise<ReadOnlyProof[]> {
    if (this.#proof !== undefined && performance.now() - this.#proof.at < freshMs) return this.#proof.proof
    const proof = await this.#source.prove(signal)
    this.#proof = { proof, at: performance.now() }
    return proof
  }

  #refresh(): Promise<SourceCatalog> {
    // The read is shared, so it is bound by its own deadline and not by one caller's signal.
    this.#running ??= this.#source
      .introspect(AbortSignal.timeout(20_000))
      .then((catalog) => {
        const same = this.#kept?.catalog.version === catalog.version
        const shown = same ? (this.#kept as { catalog: SourceCatalog }).catalog : applyPolicy(catalog, this.#policy)
        this.#kept = { catalog: shown, at: performance.now() }
        return this.#kept.catalog
      })
      .finally(() => {
        this.#running = undefined
      })
    return this.#running
  }
}

const abortable = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
