import { Fault } from '../envelope/fault.ts'
import { basisOf, staleSource } from './basis.ts'
import { abortable, freshMs, Kept } from './kept.ts'
import type { CatalogTable, Source, SourceCatalog } from './source.ts'
import { applyPolicy, type Hidden, hiddenBy, type TablePolicy } from './table-policy.ts'

/** A miss (unknown table) re-reads metadata at most this often, milliseconds. */
const missMs = 1_000

/** Rows looked at for sample values. */
const sampledRows = 1000
/** Tables whose samples are kept. */
const keptSamples = 100

/** What is known of one source, read once and kept: its metadata as its policy leaves it, and sample rows. */
export class CatalogStore {
  readonly #source: Source
  readonly #catalog: Kept<SourceCatalog>
  /** Made on demand: few sources are asked for it. */
  #hidden: () => Hidden
  /** How often the metadata was asked for, and whether it was there. */
  readonly requests = { hit: 0, miss: 0 }
  readonly #samples = new Map<string, { rows: unknown[][]; at: number; version: string }>()

  constructor(source: Source, policy: TablePolicy = {}) {
    this.#source = source
    const keep = (...read: readonly SourceCatalog[]): void => {
      let made: Hidden | undefined
      this.#hidden = () => {
        made ??= hiddenBy(policy, ...read)
        return made
      }
    }
    this.#hidden = () => hiddenBy(policy)
    let read: { version: string; shown: SourceCatalog } | undefined
    this.#catalog = new Kept(async (signal) => {
      const catalog = await source.introspect(signal)
      if (read?.version !== catalog.version) {
        read = { version: catalog.version, shown: applyPolicy(catalog, policy) }
        keep(catalog, read.shown)
      }
      return read.shown
    })
  }

  /** The metadata, at most about a minute old. Throws what `introspect` throws when there is none yet. */
  read(signal: AbortSignal): Promise<SourceCatalog> {
    this.requests[this.#catalog.last === undefined ? 'miss' : 'hit']++
    return this.#catalog.get(signal)
  }

  /** Called when something was not found: reads again unless the metadata is brand new. */
  readAfterMiss(signal: AbortSignal): Promise<SourceCatalog> {
    return this.#catalog.age < missMs ? this.#catalog.get(signal) : abortable(this.#catalog.refresh(), signal)
  }

  /** Called when the source was found to be another than its metadata says: reads what is there from now on. */
  readAnew(signal: AbortSignal): Promise<SourceCatalog> {
    return abortable(this.#catalog.renew(), signal)
  }

  /** Milliseconds since the metadata was read; Infinity when it never was. */
  get age(): number {
    return this.#catalog.age
  }

  /** What is known without asking the database. */
  get known(): SourceCatalog | undefined {
    return this.#catalog.last
  }

  /** What the policy keeps from callers, by the metadata that was read last. */
  get hidden(): Hidden {
    return this.#hidden()
  }

  /** The first rows of a table, at most about a minute old. Throws what `Source.sample` throws. */
  async samples(table: CatalogTable, signal: AbortSignal): Promise<unknown[][]> {
    const key = JSON.stringify([table.schema, table.name])
    const version = this.known?.version ?? ''
    const kept = this.#samples.get(key)
    if (kept !== undefined && kept.version === version && performance.now() - kept.at < freshMs) return kept.rows
    const rows = await this.#readSamples(table, signal)
    if (this.#samples.size >= keptSamples) this.#samples.delete(this.#samples.keys().next().value as string)
    this.#samples.set(key, { rows, at: performance.now(), version })
    return rows
  }

  /** Columns that the policy leaves unread have no values. */
  async #readSamples(table: CatalogTable, signal: AbortSignal): Promise<unknown[][]> {
    const { known } = this
    const shown = known?.tables.find(({ schema, name }) => schema === table.schema && name === table.name)
    if (known === undefined || shown === undefined) throw staleSource()
    const unread = new Set([...(table.unreadColumns ?? []), ...(shown.unreadColumns ?? [])])
    const read = table.columns.filter((column) => !unread.has(column.name))
    if (read.length === 0) return []
    const basis = basisOf(known, [{ relation: table, name: table }])
    const rows = await this.#source.sample({ ...table, columns: read }, sampledRows, signal, basis).catch((error: unknown) => {
      if (error instanceof Fault && error.details.isStale === true) this.#catalog.renew().catch(() => {})
      throw error
    })
    if (read.length === table.columns.length) return rows
    const places = table.columns.map((column) => read.indexOf(column))
    return rows.map((row) => places.map((place) => (place < 0 ? null : row[place])))
  }
}
