import type { DbtTable } from '../../contracts/v1/tables.ts'
import type { CatalogTable, Source, SourceCatalog } from '../sources/source.ts'
import { wordsOf } from './words-of.ts'

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

type Described = Pick<Source, 'name' | 'type' | 'description'>

export const sourceEntry = ({ name, type, description }: Described): CatalogEntry => ({
  kind: 'source',
  source: name,
  type,
  ...(description !== undefined && { comment: description }),
})

export const tableEntry = ({ name: source }: Described, { schema, name, kind, comment, dbt }: CatalogTable): CatalogEntry => ({
  kind: 'table',
  source,
  schema,
  table: name,
  type: kind,
  ...(comment !== undefined && { comment }),
  ...(dbt !== undefined && { related: wordsOfDbt(dbt) }),
})

/** Everything in one source that can be found: itself, its tables, their columns. */
export const entriesOf = (source: Described, { tables }: SourceCatalog): CatalogEntry[] => [
  sourceEntry(source),
  ...tables.flatMap((table): CatalogEntry[] => [
    tableEntry(source, table),
    ...table.columns.map(
      ({ name, type, comment }): CatalogEntry => ({
        kind: 'column',
        source: source.name,
        schema: table.schema,
        table: table.name,
        column: name,
        type,
        ...(comment !== undefined && { comment }),
        ...(table.unreadColumns?.includes(name) === true && { masked: true }),
      }),
    ),
  ]),
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
