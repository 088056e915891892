import { Fault } from '../envelope/fault.ts'
import type { QueryLimits } from './source.ts'

/** What a database expects of a query before it runs it. */
export interface Estimate {
  /** Rows that the largest step of the plan gives. */
  readonly rows: number
  /** What that step does, in the words of the database; names no table. */
  readonly step: string
  /** Cost of the whole plan, in the database's own units. */
  readonly cost?: number
}

type Gates = Pick<QueryLimits, 'maxEstimatedRows' | 'maxEstimatedCost'>

/** Whether a query must be planned before it may run. */
export const isGated = ({ maxEstimatedRows, maxEstimatedCost }: Gates): boolean =>
  maxEstimatedRows !== undefined || maxEstimatedCost !== undefined

/** Throws QUERY_TOO_COSTLY when an estimate is above the limits. */
export const checkEstimate = ({ rows, step, cost }: Estimate, { maxEstimatedRows, maxEstimatedCost }: Gates): void => {
  if (maxEstimatedRows !== undefined && rows > maxEstimatedRows)
    throw new Fault(
      'QUERY_TOO_COSTLY',
      `A step of the plan (${step}) is estimated at ${whole(rows)} rows; this source allows ${whole(maxEstimatedRows)}.`,
      { path: 'sql', hint: 'Filter earlier, join on keys, or ask for one period or group; EXPLAIN shows the plan.' },
    )
  if (maxEstimatedCost !== undefined && cost !== undefined && cost > maxEstimatedCost)
    throw new Fault('QUERY_TOO_COSTLY', `The plan is estimated to cost ${whole(cost)}; this source allows ${whole(maxEstimatedCost)}.`, {
      path: 'sql',
      hint: 'Filter on indexed columns, read fewer tables, or aggregate a smaller part; EXPLAIN shows the plan.',
    })
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US')
