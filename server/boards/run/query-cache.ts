import type { CacheSetting } from '../../../contracts/v1/board/queries.ts'
import type { Envelope } from '../../envelope/envelope.ts'
import type { Project } from '../../projects/project.ts'

type Success = Extract<Envelope, { success: true }>

interface KeptRows {
  readonly envelope: Success
  readonly bytes: number
  readonly at: number
  /** The metadata of the source that the statement was judged by. */
  readonly catalog: unknown
}

/** A statement as it is sent to its source, and who asks for it. */
export interface AskedQuery {
  readonly caller: string
  readonly source: string
  readonly sql: string
  readonly params: readonly unknown[]
  readonly limit: number
  /** Whether the call that gives the rows is counted; one inside a tool is a part of that. */
  readonly isCounted: boolean
}

/** How long rows are kept where neither the query nor its board says so. */
export const defaultKeptMs = 60_000

/** Bytes of rows, as JSON, that are kept for a project. */
const maxKeptBytes = 64 * 1024 * 1024

/** What an entry takes beside its rows, about; bytes. */
const entryBytes = 500

/** Past this age the metadata of the source is read anew before kept rows are served. */
const checkedMs = 60_000

/**
 * The rows of queries, kept for a while and shared by all boards that ask the same of the same source for the same caller. Pages
 * share them apart from tools: what a page shows was counted, and is counted once.
 *
 * Rows are served again only while the metadata of their source is the very one by which their statement was judged: a
 * table, view, column or right that changes drops them, and the next call is judged anew. That metadata is at most about a
 * minute old, as it is for every call.
 */
export class QueryCache {
  /** How often rows were asked for, and whether they were there. */
  readonly requests = { hit: 0, miss: 0 }
  readonly #project: Project
  readonly #kept = new Map<string, KeptRows>()
  readonly #running = new Map<string, Promise<Envelope>>()
  #bytes = 0

  constructor(project: Project) {
    this.#project = project
  }

  /** The rows of a query: kept, of a call that runs, or of a new one. A failure is not kept. */
  async get(asked: AskedQuery, keptMs: number, signal: AbortSignal, run: () => Promise<Envelope>): Promise<Envelope> {
    if (keptMs <= 0) return run()
    const key = JSON.stringify([asked.caller, asked.isCounted, asked.source, asked.limit, asked.params, asked.sql])
    const kept = this.#kept.get(key)
    if (kept !== undefined) {
      if (performance.now() - kept.at < keptMs && (await this.#isJudged(asked.source, kept, signal))) {
        this.#kept.delete(key)
        this.#kept.set(key, kept)
        this.requests.hit++
        return kept.envelope
      }
      this.#drop(key)
    }
    this.requests.miss++
    const running = this.#running.get(key)
    if (running !== undefined) {
      const envelope = await running
      // The call that was joined ended because its own caller went away.
      return !envelope.success && envelope.errors[0].code === 'CANCELLED' ? run() : envelope
    }
    const started = run()
    this.#running.set(key, started)
    try {
      const envelope = await started
      if (envelope.success) this.#keep(key, asked, envelope)
      return envelope
    } finally {
      this.#running.delete(key)
    }
  }

  async #isJudged(name: string, { catalog, at }: KeptRows, signal: AbortSignal): Promise<boolean> {
    const store = this.#project.sources.get(name)?.catalog
    if (store === undefined) return false
    const read = performance.now() - at < checkedMs ? store.read(signal) : store.readAfterMiss(signal)
    return (await read.catch(() => undefined)) === catalog
  }

  #keep(key: string, { source }: AskedQuery, envelope: Success): void {
    const catalog = this.#project.sources.get(source)?.catalog.known
    const bytes = Number(envelope.data.bytes) + 2 * key.length + entryBytes
    if (catalog === undefined || !(bytes <= maxKeptBytes)) return
    this.#drop(key)
    this.#kept.set(key, { envelope, bytes, at: performance.now(), catalog })
    this.#bytes += bytes
    // A map gives its keys in the order they were set: the first is the one not asked for longest.
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= maxKeptBytes) break
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0
    this.#kept.delete(key)
  }
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds that `cache:` asks for: none, the default, a time such as "1h30m", or for ever. */
export const keptMsOf = (setting: CacheSetting | undefined): number => {
  if (setting === undefined || setting === true) return defaultKeptMs
  if (setting === false) return 0
  const text = typeof setting === 'string' ? setting : setting.ttl
  if (text === 'forever') return Number.POSITIVE_INFINITY
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit as string] ?? 0), 0)
}

const caches = new WeakMap<Project, QueryCache>()

/** The kept rows of a project. */
export const queryCacheOf = (project: Project): QueryCache => {
  const cache = caches.get(project) ?? new QueryCache(project)
  caches.set(project, cache)
  return cache
}
