import type { DuckDBResult, DuckDBType } from '@duckdb/node-api'
import { type ColumnHead, takeColumns } from '../column-head.ts'
import { canonicalOf, typeName } from './values.ts'

/** The columns of a result; see `takeColumns`. The driver's own lists of them are as long as the statement makes them. */
export const columnsOf = (result: DuckDBResult, maxBytes: number): ColumnHead & { readonly types: readonly DuckDBType[] } => {
  const types: DuckDBType[] = []
  const head = takeColumns(
    result.columnCount,
    (index) => {
      const type = result.columnType(index)
      types.push(type)
      return { name: result.columnName(index), type: canonicalOf(type), database_type: typeName(type) }
    },
    maxBytes,
  )
  return { ...head, types }
}
