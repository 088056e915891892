import type { z } from 'zod'
import { getMetadata } from '../../contracts/v1/tools/get-metadata.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { loadTokenCounter, type TokenCounter } from '../envelope/count-tokens.ts'
import { shownDefault } from '../guards/sensitive-values.ts'
import { requireSchema } from '../search/find-table.ts'
import { unreadWarnings } from '../search/unread-warnings.ts'
import type { CatalogColumn, CatalogTable } from '../sources/source.ts'

type Detail = z.output<typeof getMetadata.input>['detail']
type Output = z.output<typeof getMetadata.output>
type TableEntry = Output['tables'][number]
type Relationship = Output['relationships'][number]

/** Tokens of what surrounds the tables in the answer. */
const frameTokens = 20

export const handler = defineHandler(getMetadata, async (input, { source, cursors, signal }) => {
  const catalog = await source.catalog.read(signal)
  const { tables, schemas } = catalog
  const countTokens = await loadTokenCounter()
  const schema = input.schema === undefined ? undefined : requireSchema(schemas, input.schema)
  const shown = schema === undefined ? tables : tables.filter((table) => table.schema === schema)

  const request = ['get_metadata', input.source, input.detail, input.schema]
  const [afterSchema, afterName] = input.cursor === undefined ? ['', ''] : (cursors.open(request, input.cursor) as [string, string])
  const start = shown.findIndex((table) => table.schema > afterSchema || (table.schema === afterSchema && table.name > afterName))

  const page: TableEntry[] = []
  const relationships: Relationship[] = []
  let spent = frameTokens
  let last: CatalogTable | undefined
  for (const table of start === -1 ? [] : shown.slice(start)) {
    const links = input.detail === 'names' ? [] : relationshipsOf(table)
    let entry = describe(table, input.detail)
    let cost = countTokens(JSON.stringify([entry, ...links]).slice(1, -1)) + 1
    if (spent + cost > input.max_tokens) {
      if (page.length > 0) break
      entry = cutColumns(entry, input.max_tokens - spent, countTokens)
      cost = countTokens(JSON.stringify(entry))
    }
    page.push(entry)
    relationships.push(...(entry.columns_omitted === undefined ? links : []))
    spent += cost
    last = table
  }
  const more = last !== undefined && last !== shown.at(-1)

  return {
    warnings: unreadWarnings(source.source.name, catalog),
    data: {
      tables: page,
      relationships,
      total: shown.length,
      tokens: countTokens(JSON.stringify({ tables: page, relationships })),
      ...(more && last !== undefined && { next_cursor: cursors.seal(request, [last.schema, last.name]) }),
    },
    ...(schema !== undefined && { schema }),
  }
})

const describe = (table: CatalogTable, detail: Detail): TableEntry => {
  const entry: TableEntry = { name: table.name, schema: table.schema, kind: table.kind }
  if (detail === 'names') return entry
  if (table.rowEstimate !== undefined) entry.row_estimate = table.rowEstimate
  if (detail === 'full' && table.comment !== undefined) entry.comment = table.comment
  entry.columns = table.columns.map((column) => (detail === 'full' ? describeColumn(column) : { name: column.name, type: column.type }))
  if (table.primaryKey.length > 0) entry.primary_key = [...table.primaryKey]
  return entry
}

const describeColumn = (column: CatalogColumn): NonNullable<TableEntry['columns']>[number] => ({
  name: column.name,
  type: column.type,
  database_type: column.databaseType,
  nullable: column.nullable,
  ...shownDefault(column),
  ...(column.comment !== undefined && { comment: column.comment }),
  ...(column.enumValues !== undefined && { enum_values: [...column.enumValues] }),
})

/** The table with as many of its columns as fit; a table too wide for any page is still shown, and says what is missing. */
const cutColumns = (entry: TableEntry, budget: number, countTokens: TokenCounter): TableEntry => {
  const columns = entry.columns ?? []
  const { comment: _comment, ...cut } = entry
  let kept = 0
  let cost = countTokens(JSON.stringify({ ...cut, columns: [], columns_omitted: 9999 }))
  for (const column of columns) {
    cost += countTokens(JSON.stringify(column)) + 1
    if (cost > budget) break
    kept++
  }
  return kept === columns.length ? { ...cut, columns } : { ...cut, columns: columns.slice(0, kept), columns_omitted: columns.length - kept }
}

const relationshipsOf = (table: CatalogTable): Relationship[] =>
  table.foreignKeys.map((key) => ({
    from: { schema: table.schema, table: table.name, columns: [...key.columns] },
    to: { schema: key.references.schema, table: key.references.table, columns: [...key.references.columns] },
  }))
