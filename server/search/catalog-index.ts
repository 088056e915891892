import type MiniSearch from 'minisearch'
import type { DbtTable } from '../../contracts/v1/tables.ts'
import { toThousandths } from '../envelope/to-thousandths.ts'
import type { OpenSource } from '../projects/project.ts'
import type { SourceCatalog } from '../sources/source.ts'

/** One thing that can be found. */
export interface CatalogEntry {
  readonly kind: 'source' | 'table' | 'column'
  readonly source: string
  readonly schema?: string
  readonly table?: string
  readonly column?: string
  readonly type?: string
  readonly comment?: string
  /** Words beside it that are searched and not shown: tags, owners, metrics, exposures of dbt. */
  readonly related?: string
  readonly masked?: true
}

export interface CatalogHit extends CatalogEntry {
  readonly score: number
}

/** A source with its metadata, as it was read for this search. */
export interface SearchedSource {
  readonly entry: OpenSource
  readonly catalog: SourceCatalog
}

interface Indexed {
  readonly index: MiniSearch
  readonly entries: readonly CatalogEntry[]
}

/** Kinds in the order a reader wants them when words match alike. */
const kindBoost = { source: 1.2, table: 1.5, column: 1 } as const

/**
 * The search index of a project: one part per source, built when the source is first searched and built again when
 * its metadata has changed.
 */
export class CatalogIndex {
  readonly #parts = new Map<string, Indexed & { version: string }>()

  /** Every entry that matches, best first. Typing errors of about a fifth of a word and word beginnings match too. */
  async search(query: string, sources: readonly SearchedSource[]): Promise<CatalogHit[]> {
    const hits: CatalogHit[] = []
    for (const source of sources) {
      const { index, entries } = await this.#part(source)
      for (const { id, score } of index.search(query))
        hits.push({ ...(entries[id as number] as CatalogEntry), score: toThousandths(score) })
    }
    return hits.sort((a, b) => b.score - a.score || comparePlaces(a, b))
  }

  async #part({ entry, catalog }: SearchedSource): Promise<Indexed> {
    const { name } = entry.source
    const kept = this.#parts.get(name)
    if (kept?.version === catalog.version) return kept
    const { default: MiniSearch } = await import('minisearch')
    const entries = entriesOf(entry, catalog)
    const index = new MiniSearch({
      fields: ['name', 'words', 'context', 'comment', 'related'],
      tokenize: (text) =>
        text
          .toLowerCase()
          .split(/[^\p{L}\p{N}]+/u)
          .filter(Boolean),
      searchOptions: {
        boost: { name: 4, words: 3, comment: 1.5, context: 0.5, related: 0.8 },
        prefix: (term) => term.length >= 3,
        fuzzy: (term) => (term.length >= 4 ? 0.2 : false),
        boostDocument: (id) => kindBoost[(entries[id as number] as CatalogEntry).kind],
      },
    })
    index.addAll(
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
    const part = { index, entries, version: catalog.version }
    this.#parts.set(name, part)
    return part
  }
}

const wordsOf = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ')

/** A name and the singular of its words: a table is `customers`, and the keys that point to it are `customer_id`. */
const withSingulars = (name: string): string => [name, ...(wordsOf(name).match(/\p{L}{3,}(?=s\b)(?<!s)/gu) ?? [])].join(' ')

/** Everything in one source that can be found: itself, its tables, their columns. */
export const entriesOf = ({ source }: OpenSource, catalog: SourceCatalog): CatalogEntry[] => [
  { kind: 'source', source: source.name, type: source.type, ...(source.description !== undefined && { comment: source.description }) },
  ...catalog.tables.flatMap((table): CatalogEntry[] => {
    const place = { source: source.name, schema: table.schema, table: table.name }
    return [
      {
        kind: 'table',
        ...place,
        type: table.kind,
        ...(table.comment !== undefined && { comment: table.comment }),
        ...(table.dbt !== undefined && { related: wordsOfDbt(table.dbt) }),
      },
      ...table.columns.map(
        (column): CatalogEntry => ({
          kind: 'column',
          ...place,
          column: column.name,
          type: column.type,
          ...(column.comment !== undefined && { comment: column.comment }),
          ...(table.unreadColumns?.includes(column.name) === true && { masked: true }),
        }),
      ),
    ]
  }),
]

/** What a table is looked for by that dbt knows. */
const wordsOfDbt = ({ name, tags = [], owner = '', group = '', exposures = [], metrics = [] }: DbtTable): string =>
  [
    name,
    ...tags,
    owner,
    group,
    ...[...exposures, ...metrics].flatMap(({ name: one = '', label: title = '' }) => [wordsOf(one), title]),
    ...metrics.map(({ description = '' }) => description),
  ].join(' ')

/** The order of what matches alike, which may be thousands: by name, from the source to the column. */
const comparePlaces = (a: CatalogEntry, b: CatalogEntry): number =>
  compare(a.source, b.source) || compare(a.schema, b.schema) || compare(a.table, b.table) || compare(a.column, b.column)

const compare = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0)
