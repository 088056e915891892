import type { DuckDBConnection } from '@duckdb/node-api'
import type { Estimate } from '../check-estimate.ts'
import type { ParamValue } from '../source.ts'
import { bindParams } from './bind-params.ts'

interface PlanNode {
  readonly name: string
  readonly children: readonly PlanNode[]
  readonly extra_info: Readonly<Record<string, unknown>>
}

/** Steps that look at every pair of rows; DuckDB estimates no rows for them. */
const pairing = /^(CROSS_PRODUCT|NESTED_LOOP_JOIN|BLOCKWISE_NL_JOIN)$/

/** Plans a statement without running it. */
export const estimateDuckdb = async (connection: DuckDBConnection, sql: string, params: readonly ParamValue[]): Promise<Estimate> => {
  const statement = await connection.prepare(`EXPLAIN (FORMAT JSON) ${sql}`)
  try {
    bindParams(statement, params)
    const [row] = (await statement.runAndReadAll()).getRows()
    return largest((JSON.parse(String(row?.[1])) as PlanNode[])[0] as PlanNode).most
  } finally {
    statement.destroySync()
  }
}

/** Rows that a step gives, and the largest step in it or below it. */
const largest = ({ name, children, extra_info }: PlanNode): { rows: number; most: Estimate } => {
  const below = children.map(largest)
  const told = Number(extra_info['Estimated Cardinality'])
  const counts = below.map(({ rows }) => rows)
  const rows = Number.isFinite(told) ? told : pairing.test(name) ? counts.reduce((a, b) => a * b, 1) : Math.max(0, ...counts)
  const most = [...below.map((part) => part.most), { rows, step: name }].reduce((a, b) => (b.rows > a.rows ? b : a))
  return { rows, most }
}
