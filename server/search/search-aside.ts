import { entryBeside } from '../envelope/entry-beside.ts'
import { ThreadAside } from '../envelope/thread-aside.ts'
import type { OpenSource } from '../projects/project.ts'
import type { SourceCatalog } from '../sources/source.ts'
import { type CatalogEntry, entriesOf } from './catalog-entry.ts'
import type { CatalogHit } from './catalog-index.ts'

export interface SearchRequest {
  readonly query: string
  /** Only these kinds of entries. */
  readonly kinds: readonly string[] | undefined
  /** Hits at most. */
  readonly limit: number
  /** Those that are searched. */
  readonly catalogs: readonly number[]
  /** Those that the thread has not been given yet. */
  readonly added: readonly { readonly id: number; readonly entries: readonly CatalogEntry[] }[]
  /** Those that nobody can ask for any more. */
  readonly forgotten: readonly number[]
}

export interface SearchReply {
  /** Best first. */
  readonly hits: readonly CatalogHit[]
  /** How many there are. */
  readonly total: number
}

/** A source with its metadata, as it was read for this search. */
export interface SearchedSource {
  readonly entry: OpenSource
  readonly catalog: SourceCatalog
}

/** To search thousands of columns takes milliseconds, and to index them a fraction of a second, in which nobody else may wait. */
const thread = new ThreadAside<SearchRequest, SearchReply>(entryBeside(import.meta.url, 'search-worker'))

/** A number for each catalog as it was read and as its policy leaves it: another has another. */
const ids = new WeakMap<SourceCatalog, number>()
let lastId = 0
/** Those that the thread has. */
const given = new Set<number>()
let forgotten: number[] = []
const gone = new FinalizationRegistry<number>((id) => {
  if (given.delete(id)) forgotten.push(id)
})

/** What matches a query in these sources. Typing errors of about a fifth of a word and word beginnings match too. */
export const searchCatalogs = (
  query: string,
  searched: readonly SearchedSource[],
  { kinds, limit }: Pick<SearchRequest, 'kinds' | 'limit'>,
): Promise<SearchReply> => {
  if (!thread.isRunning) {
    given.clear()
    forgotten = []
  }
  const catalogs = searched.map(({ catalog }) => idOf(catalog))
  const added = searched.flatMap(({ entry, catalog }, index) => {
    const id = catalogs[index] as number
    if (given.has(id)) return []
    given.add(id)
    return { id, entries: entriesOf(entry.source, catalog) }
  })
  const request: SearchRequest = { query, kinds, limit, catalogs, added, forgotten }
  forgotten = []
  return thread.ask(request)
}

const idOf = (catalog: SourceCatalog): number => {
  const known = ids.get(catalog)
  if (known !== undefined) return known
  ids.set(catalog, ++lastId)
  gone.register(catalog, lastId)
  return lastId
}
