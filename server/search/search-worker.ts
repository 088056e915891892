/** The thread in which catalogs are searched, see search-aside.ts. */
import { answerAside } from '../envelope/thread-aside.ts'
import { CatalogIndex, compareHits } from './catalog-index.ts'
import type { SearchReply, SearchRequest } from './search-aside.ts'

const indexes = new Map<number, CatalogIndex>()

answerAside<SearchRequest, SearchReply>(({ query, kinds, limit, catalogs, added, forgotten }) => {
  for (const id of forgotten) indexes.delete(id)
  for (const { id, entries } of added) indexes.set(id, new CatalogIndex(entries))
  const hits = catalogs
    .flatMap((id) => (indexes.get(id) as CatalogIndex).search(query))
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
  return { hits: hits.sort(compareHits).slice(0, limit), total: hits.length }
})
