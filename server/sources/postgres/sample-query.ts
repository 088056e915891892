import { quoteName } from '../quote-name.ts'
import type { Basis, CatalogTable, Query } from '../source.ts'

/** A table that is slow to show its first rows, such as a view, is described without; milliseconds. */
const timeoutMs = 2_000
const maxBytes = 4 * 1024 * 1024
/** Longest sample value, as JSON in bytes, and as it is shown in characters. */
const [maxCellBytes, shownLength] = [4096, 256]

/** The query for the first rows of a table; see `Source.sample`. */
export const sampleQuery = (table: CatalogTable, rows: number, signal: AbortSignal, basis?: Basis): Query => ({
  sql: `SELECT ${table.columns.map((column) => quoteName(column.name)).join(', ')} FROM ${quoteName(table.schema)}.${quoteName(table.name)} LIMIT ${rows}`,
  params: [],
  offset: 0,
  limits: { maxRows: rows, maxBytes, maxCellBytes, timeoutMs },
  format: 'rows',
  signal,
  tag: { tool: 'sample' },
  caller: '',
  keepsNothing: false,
  ...(basis !== undefined && { basis }),
})

/** A value as it is shown. */
export const sampleValue = (value: unknown): unknown => {
  if (typeof value === 'string') return value.slice(0, shownLength)
  const json = JSON.stringify(value)
  return json.length > shownLength ? json.slice(0, shownLength) : value
}
