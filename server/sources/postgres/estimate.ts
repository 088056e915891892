import type { ClientBase } from 'pg'
import type { Estimate } from '../check-estimate.ts'
import type { ParamValue } from '../source.ts'
import { type BasisValues, basisChecks } from './check-basis.ts'

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Plan Rows': number
  readonly 'Total Cost': number
  readonly Plans?: readonly PlanNode[]
}

/** Stands before the statement whose plan is asked for. */
export const explainPrefix = 'EXPLAIN (FORMAT JSON) '

/**
 * Plans a statement without running it. `text` begins with `explainPrefix`, after comments. Throws when the functions that it
 * was judged upon have changed, since planning may call them.
 */
export const estimatePostgres = async (
  client: ClientBase,
  text: string,
  params: readonly ParamValue[],
  { functions }: BasisValues,
): Promise<Estimate> => {
  if (functions !== undefined) await client.query({ text: basisChecks.functions, values: [...functions] })
  const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>({
    text,
    values: params.map((value) => (value === null ? null : String(value))),
    queryMode: 'extended',
  } as never)
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan as PlanNode
  const largest = nodesOf(plan).reduce((a, b) => (b['Plan Rows'] > a['Plan Rows'] ? b : a))
  return { rows: largest['Plan Rows'], step: largest['Node Type'], cost: plan['Total Cost'] }
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]
