import type { Source } from '../../server/sources/source.ts'
import { type BareResult, differenceOf } from './compare-rows.ts'
import type { Answer } from './serve-source.ts'
import type { Benign } from './sql-cases.ts'

/** What came of comparing many answers with those of the bare driver. */
export interface Comparison {
  /** Id and what differs. */
  readonly differences: string[]
  /** Queries whose answers agree, the rows in them, and the values of which more was compared than whether they are null. */
  equal: number
  rows: number
  values: number
  /** Ids of queries that the bare engine itself refuses, as ours does then too. */
  readonly failed: string[]
  /** Ids of queries that have no one answer: by their words, or since the bare engine answers them anew a moment later. */
  readonly undetermined: string[]
}

export const startComparison = (): Comparison => ({ differences: [], equal: 0, rows: 0, values: 0, failed: [], undetermined: [] })

export interface Sides {
  readonly source: Source
  readonly ask: (sql: string) => Promise<Answer>
  readonly bare: (sql: string) => Promise<BareResult>
  /** Most rows that ours answers with. */
  readonly cap: number
}

const chance = /\b(?:random|setseed|gen_random_uuid|uuid|now|today|current_(?:date|time|timestamp)|(?:table)?sample)\b/i

/** Whether a query asks for chance, for the time of day, or for some of its rows in no order. */
const mayVary = (sql: string, isOrdered: boolean): boolean => chance.test(sql) || (!isOrdered && /\b(?:limit|offset|fetch)\b/i.test(sql))

/** Asks both sides each query, and notes what comes of it. */
export const compareAll = async (cases: readonly Benign[], { source, ask, bare, cap }: Sides, comparison: Comparison): Promise<void> => {
  for (const { id, sql } of cases) {
    const answer = await ask(sql).catch((error: Error) => error)
    if (answer instanceof Error) {
      comparison.differences.push(`${id}: ${answer.message} | ${sql.slice(0, 100)}`)
      continue
    }
    const expected = await bare(sql).catch((error: Error) => error)
    if (expected instanceof Error) {
      // What the engine cannot run still has to pass the guard.
      if (answer.reachedEngine && answer.refusal !== undefined) comparison.failed.push(id)
      else comparison.differences.push(`${id}: ${answer.refusal ?? 'answered'}, where the engine says ${expected.message}`)
      continue
    }
    const { ordered } = await source.analyze(sql, AbortSignal.timeout(10_000))
    const difference = answer.refusal ?? differenceOf(answer, expected, cap, ordered)
    if (difference === undefined) {
      comparison.equal++
      comparison.rows += answer.rows.length
      comparison.values += answer.rows.length * expected.compared.filter((isCompared) => isCompared).length
    } else if (answer.refusal === undefined && (mayVary(sql, ordered) || JSON.stringify(await bare(sql)) !== JSON.stringify(expected)))
      comparison.undetermined.push(id)
    else comparison.differences.push(`${id}: ${difference} | ${sql.slice(0, 100)}`)
  }
}
