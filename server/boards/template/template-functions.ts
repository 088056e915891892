/** The functions that SQL of a board may call. */
export const templateFunctions: ReadonlySet<string> = new Set([
  'filter',
  'filter_date_range',
  'ref',
  'source',
  'range',
  'dbt.date_trunc',
  'dbt_utils.safe_divide',
  'fivetran_utils.percentile',
])
