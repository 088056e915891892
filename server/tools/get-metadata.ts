import type { z } from 'zod'
import { getMetadata } from '../../contracts/v1/tools/get-metadata.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { countTokens } from '../envelope/tokens-aside.ts'
import { shownDefault } from '../guards/sensitive-values.ts'
import { dbtOfColumn } from '../search/dbt-of-column.ts'
import { requireSchema } from '../search/find-table.ts'
import { readDescribed } from '../search/read-described.ts'
import { unreadWarnings } from '../search/unread-warnings.ts'
import type { CatalogColumn, CatalogTable } from '../sources/source.ts'

type Detail = z.output<typeof getMetadata.input>['detail']
type Output = z.output<typeof getMetadata.output>
type TableEntry = Output['tables'][number]
type Relationship = Output['relationships'][number]

/** Tokens of what surrounds the tables in the answer. */
const frameTokens = 20
/** Characters of JSON that have a token at most, by and large: so much is counted at once. */
const tokenLength = 5

export const handler = defineHandler(getMetadata, async (input, { source, cursors, signal, progress }) => {
  progress?.({ message: 'Reading the metadata' })
  const catalog = await readDescribed(source, signal)
  const { tables, schemas } = catalog
  const schema = input.schema === undefined ? undefined : requireSchema(schemas, input.schema)
  const shown = schema === undefined ? tables : tables.filter((table) => table.schema === schema)

  const request = ['get_metadata', input.source, input.detail, input.schema]
  const [afterSchema, afterName] = input.cursor === undefined ? ['', ''] : (cursors.open(request, input.cursor) as [string, string])
  const start = shown.findIndex((table) => table.schema > afterSchema || (table.schema === afterSchema && table.name > afterName))

  const page: TableEntry[] = []
  const relationships: Relationship[] = []
  let spent = frameTokens
  let last: CatalogTable | undefined
  const rest = start === -1 ? [] : shown.slice(start)
  filling: for (let next = 0; next < rest.length; ) {
    const batch: { table: CatalogTable; entry: TableEntry; links: Relationship[]; text: string }[] = []
    for (let length = 0; next < rest.length && length <= (input.max_tokens - spent) * tokenLength; next++) {
      const table = rest[next] as CatalogTable
      const entry = describe(table, input.detail)
      const links = input.detail === 'names' ? [] : relationshipsOf(table)
      const text = JSON.stringify([entry, ...links]).slice(1, -1)
      batch.push({ table, entry, links, text })
      length += text.length
    }
    const costs = await countTokens(batch.map(({ text }) => text))
    for (const [index, { table, entry, links }] of batch.entries()) {
      const cost = (costs[index] as number) + 1
      const fits = spent + cost <= input.max_tokens
      if (!fits && page.length > 0) break filling
      const shownEntry = fits ? entry : await cutColumns(entry, input.max_tokens - spent)
      page.push(shownEntry)
      if (shownEntry.columns_omitted === undefined) relationships.push(...links)
      last = table
      spent += cost
      if (!fits) break filling
    }
  }
  const more = last !== undefined && last !== shown.at(-1)

  return {
    warnings: unreadWarnings(source.source.name, catalog),
    data: {
      tables: page,
      relationships,
      ...(catalog.dbt !== undefined && { dbt: catalog.dbt }),
      total: shown.length,
      tokens: (await countTokens([JSON.stringify({ tables: page, relationships })]))[0] as number,
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
  entry.columns = table.columns.map((column) => ({
    ...(detail === 'full' ? describeColumn(column) : { name: column.name, type: column.type }),
    ...(table.unreadColumns?.includes(column.name) === true && { masked: true }),
  }))
  if (table.primaryKey.length > 0) entry.primary_key = [...table.primaryKey]
  if (table.primaryKeyFromDbt === true) entry.primary_key_from_dbt = true
  if (detail === 'full' && table.dbt !== undefined) entry.dbt = table.dbt
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
  ...dbtOfColumn(column),
})

/** The table with as many of its columns as fit; a table too wide for any page is still shown, and says what is missing. */
const cutColumns = async (entry: TableEntry, budget: number): Promise<TableEntry> => {
  const columns = entry.columns ?? []
  const { comment: _comment, dbt: _dbt, ...cut } = entry
  const [frame = 0, ...costs] = await countTokens(
    [{ ...cut, columns: [], columns_omitted: 9999 }, ...columns].map((part) => JSON.stringify(part)),
  )
  let kept = 0
  for (let cost = frame; kept < columns.length; kept++) {
    cost += (costs[kept] as number) + 1
    if (cost > budget) break
  }
  return kept === columns.length ? { ...cut, columns } : { ...cut, columns: columns.slice(0, kept), columns_omitted: columns.length - kept }
}

const relationshipsOf = (table: CatalogTable): Relationship[] =>
  table.foreignKeys.map((key) => ({
    from: { schema: table.schema, table: table.name, columns: [...key.columns] },
    to: { schema: key.references.schema, table: key.references.table, columns: [...key.references.columns] },
    ...(key.fromDbt === true && { from_dbt: true }),
  }))
