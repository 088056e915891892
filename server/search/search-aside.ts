import { entryBeside } from '../envelope/entry-beside.ts'
import { ThreadAside } from '../envelope/thread-aside.ts'
import type { OpenSource } from '../projects/project.ts'
import { Admission } from '../sources/admission.ts'
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

/** A long query of a large catalog takes seconds: callers take turns, and who has gone is not searched for. */
const turns = new Admission(1)

/** A number for each catalog as it was read and as its policy leaves it: another has another. */
const ids = new WeakMap<SourceCatalog, number>()
let lastId = 0
/** Those that the thread has. */
const given = new Set<number>()
/** The one that a source was searched by last: it is forgotten with the next, and with its source. */
const latest = new WeakMap<OpenSource, number>()
let forgotten: number[] = []
const forget = (id: number): void => {
  if (given.delete(id)) forgotten.push(id)
}
const gone = new FinalizationRegistry<number>(forget)

/**
 * What matches a query in these sources. Typing errors of about a fifth of a word and word beginnings match too. Throws the
 * signal's reason while others have their turn.
 */
export const searchCatalogs = async (
  query: string,
  searched: readonly SearchedSource[],
  { kinds, limit, caller, signal }: Pick<SearchRequest, 'kinds' | 'limit'> & { readonly caller: string; readonly signal: AbortSignal },
): Promise<SearchReply> => {
  const turn = turns.enter(caller, signal, true)
  if (turn !== undefined) await turn
  try {
    const request: SearchRequest = { query, kinds, limit, ...tellCatalogs(searched) }
    return await thread.ask(request)
  } finally {
    turns.leave()
  }
}

/** What the thread is to know before it searches these. */
const tellCatalogs = (searched: readonly SearchedSource[]): Pick<SearchRequest, 'catalogs' | 'added' | 'forgotten'> => {
  if (!thread.isRunning) {
    given.clear()
    forgotten = []
  }
  const added = searched.flatMap(({ entry, catalog }) => {
    const id = idOf(catalog)
    const before = latest.get(entry)
    if (before !== undefined && before !== id) forget(before)
    latest.set(entry, id)
    if (given.has(id)) return []
    given.add(id)
    return { id, entries: entriesOf(entry.source, catalog) }
  })
  const told = { catalogs: searched.map(({ catalog }) => idOf(catalog)), added, forgotten }
  forgotten = []
  return told
}

const idOf = (catalog: SourceCatalog): number => {
  const known = ids.get(catalog)
  if (known !== undefined) return known
  ids.set(catalog, ++lastId)
  gone.register(catalog, lastId)
  return lastId
}
