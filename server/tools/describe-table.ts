import type { Warning } from '../../contracts/v1/envelope.ts'
import { describeTable } from '../../contracts/v1/tools/describe-table.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { Fault } from '../envelope/fault.ts'
import { fitItems } from '../envelope/fit-items.ts'
import { looksSensitiveName, looksSensitiveValue, shownDefault } from '../guards/sensitive-values.ts'
import type { OpenSource } from '../projects/project.ts'
import { dbtOfColumn } from '../search/dbt-of-column.ts'
import { findTable, tableNotFound } from '../search/find-table.ts'
import { readDescribed, readDescribedAfterMiss } from '../search/read-described.ts'
import type { CatalogTable, SourceCatalog } from '../sources/source.ts'

const sampleCount = 3

export const handler = defineHandler(describeTable, async (input, { source, cursors, signal, progress }) => {
  progress?.({ message: 'Reading the metadata' })
  const find = (catalog: SourceCatalog) => findTable(catalog, input.table, input.schema, source.source.defaultSchema)
  let catalog = await readDescribed(source, signal)
  let table = find(catalog)
  if (table === undefined) {
    catalog = await readDescribedAfterMiss(source, signal)
    table = find(catalog)
    if (table === undefined)
      throw tableNotFound(catalog, input.schema === undefined ? input.table : `${input.schema}.${input.table}`, 'table')
  }

  const warnings: Warning[] = []
  const rows = await readSamples(source, table, signal, warnings)
  const { schema, name, kind, comment, rowEstimate, primaryKey, foreignKeys, indexes } = table
  const request = ['describe_table', input.source, schema, name]
  const start = input.cursor === undefined ? 0 : (cursors.open(request, input.cursor) as number)
  const columns = table.columns.map((column, index) => ({
    name: column.name,
    type: column.type,
    database_type: column.databaseType,
    nullable: column.nullable,
    ...shownDefault(column),
    ...(column.comment !== undefined && { comment: column.comment }),
    ...(column.enumValues !== undefined && { enum_values: [...column.enumValues] }),
    ...dbtOfColumn(column),
    ...(table.unreadColumns?.includes(column.name) === true
      ? { samples: [], masked: true, readable: false }
      : sampleColumn(
          column.name,
          rows.map((row) => row[index]),
        )),
  }))
  // A table may have thousands.
  const page = await fitItems(columns.slice(start), source.limits.defaultTokens)
  const end = start + page.length
  return {
    schema,
    warnings,
    data: {
      name,
      schema,
      kind,
      ...(comment !== undefined && { comment }),
      ...(rowEstimate !== undefined && { row_estimate: rowEstimate }),
      columns: [...page],
      primary_key: [...primaryKey],
      ...(table.primaryKeyFromDbt === true && { primary_key_from_dbt: true }),
      foreign_keys: foreignKeys.map((key) => ({
        ...(key.name !== undefined && { name: key.name }),
        columns: [...key.columns],
        references: { ...key.references, columns: [...key.references.columns] },
        ...(key.fromDbt === true && { from_dbt: true }),
      })),
      referenced_by: incomingKeys(catalog, table),
      indexes: indexes.map((index) => ({ name: index.name, columns: [...index.columns], unique: index.unique })),
      ...(table.dbt !== undefined && { dbt: table.dbt }),
      ...(end < columns.length && { next_cursor: cursors.seal(request, end) }),
    },
  }
})

/** Sample rows; a table that cannot be sampled is still described. */
const readSamples = async (source: OpenSource, table: CatalogTable, signal: AbortSignal, warnings: Warning[]): Promise<unknown[][]> => {
  try {
    return await source.catalog.samples(table, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Fault)) throw error
    warnings.push({ code: 'SAMPLES_UNAVAILABLE', message: `No sample values: ${error.message}` })
    return []
  }
}

/** Up to three distinct values, or none when the name or any value looks sensitive. */
const sampleColumn = (name: string, values: readonly unknown[]): { samples: unknown[]; masked: boolean } => {
  if (looksSensitiveName(name) || values.some(looksSensitiveValue)) return { samples: [], masked: true }
  const distinct = new Map<string, unknown>()
  for (const value of values) {
    if (value === null || value === undefined) continue
    distinct.set(JSON.stringify(value), value)
    if (distinct.size === sampleCount) break
  }
  return { samples: [...distinct.values()], masked: false }
}

const incomingKeys = (catalog: SourceCatalog, table: CatalogTable) =>
  catalog.tables.flatMap((other) =>
    other.foreignKeys
      .filter((key) => key.references.schema === table.schema && key.references.table === table.name)
      .map((key) => ({
        ...(key.name !== undefined && { name: key.name }),
        columns: [...key.references.columns],
        referenced_by: { schema: other.schema, table: other.name, columns: [...key.columns] },
        ...(key.fromDbt === true && { from_dbt: true }),
      })),
  )
