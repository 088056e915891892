import MiniSearch from 'minisearch'
import { toThousandths } from '../envelope/to-thousandths.ts'
import type { CatalogEntry } from './catalog-entry.ts'
import { wordsOf } from './words-of.ts'

export interface CatalogHit extends CatalogEntry {
  readonly score: number
}

/** Kinds in the order a reader wants them when words match alike. */
const kindBoost = { source: 1.2, table: 1.5, column: 1 } as const

/** The search index of what is in one source. Loaded by the thread of search-aside.ts alone: to build one of thousands takes long. */
export class CatalogIndex {
  readonly #index: MiniSearch
  readonly #entries: readonly CatalogEntry[]

  constructor(entries: readonly CatalogEntry[]) {
    this.#entries = entries
    this.#index = new MiniSearch({
      fields: ['name', 'words', 'context', 'comment', 'related'],
      tokenize: wordsIn,
      searchOptions: {
        // One that is said again finds nothing more, and takes as long.
        tokenize: (text) => [...new Set(wordsIn(text))],
        boost: { name: 4, words: 3, comment: 1.5, context: 0.5, related: 0.8 },
        prefix: (term) => term.length >= 3,
        fuzzy: (term) => (term.length >= 4 ? 0.2 : false),
        boostDocument: (id) => kindBoost[(entries[id as number] as CatalogEntry).kind],
      },
    })
    this.#index.addAll(
      entries.map((found, id) => {
        const own = found.column ?? found.table ?? found.source
        return {
          id,
          name: withSingulars(own),
          words: withSingulars(wordsOf(own)),
          context: found.kind === 'column' ? found.table : found.kind === 'table' ? found.source : undefined,
          related: found.related,
          comment: found.comment,
        }
      }),
    )
  }

  /** Every entry that matches, in no order. Typing errors of about a fifth of a word and word beginnings match too. */
  search(query: string): CatalogHit[] {
    return this.#index
      .search(query)
      .map(({ id, score }) => ({ ...(this.#entries[id as number] as CatalogEntry), score: toThousandths(score) }))
  }
}

const wordsIn = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)

/** A name and the singular of its words: a table is `customers`, and the keys that point to it are `customer_id`. */
const withSingulars = (name: string): string => [name, ...(wordsOf(name).match(/\p{L}{3,}(?=s\b)(?<!s)/gu) ?? [])].join(' ')

/** The order of what is found: best first; what matches alike, which may be thousands, by name, from the source to the column. */
export const compareHits = (a: CatalogHit, b: CatalogHit): number =>
  b.score - a.score ||
  compare(a.source, b.source) ||
  compare(a.schema, b.schema) ||
  compare(a.table, b.table) ||
  compare(a.column, b.column)

const compare = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0)
