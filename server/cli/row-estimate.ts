import type { RowEstimate } from '../../contracts/v1/tables.ts'

/** `1,234` for a count, `~1,234` for an estimate, nothing where there is none. */
export const rowEstimateText = (estimate: RowEstimate | undefined): string =>
  estimate === undefined ? '' : `${estimate.exact ? '' : '~'}${estimate.rows.toLocaleString('en-US')}`
