import type { DuckDBConnection } from '@duckdb/node-api'

/**
 * The call that reads Parquet files. The engine reads all of them with the columns and types of the first: further columns
 * are left out and fractions rounded. Files that differ are read with the columns of all, of types that hold all values.
 */
export const callOfParquet = async (connection: DuckDBConnection, list: string): Promise<string> => {
  const found = await connection.runAndReadAll(
    `SELECT count(DISTINCT form) FROM (
      SELECT string_agg(concat_ws(' ', to_json(name), type, duckdb_type, logical_type, num_children), ',') AS form
      FROM parquet_schema(${list}) GROUP BY file_name)`,
  )
  const differ = Number(found.getRows()[0]?.[0]) > 1
  return differ ? `read_parquet(${list}, union_by_name = true)` : `read_parquet(${list})`
}
