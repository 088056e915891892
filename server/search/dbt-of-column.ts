import type { CatalogColumn } from '../sources/source.ts'

/** What dbt says of a column, as answers have it. */
export const dbtOfColumn = ({ enumFromDbt, tests }: CatalogColumn): { enum_values_from_dbt?: true; tests?: string[] } => ({
  ...(enumFromDbt === true && { enum_values_from_dbt: true }),
  ...(tests !== undefined && { tests: [...tests] }),
})
