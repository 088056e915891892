import type { Answer } from './serve-source.ts'

/**
 * The rows of the bare driver, each value as one text: the value itself where its type has only one spelling (whole
 * numbers, decimals, text, booleans, dates), else `present`; null as null.
 */
export interface BareResult {
  readonly names: readonly string[]
  /** Whether the values of each column are compared, or only whether they are null. */
  readonly compared: readonly boolean[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** Stands for a value whose type has more than one spelling. */
export const present = '(present)'

/**
 * What tells our answer from that of the bare driver; undefined when they agree. Rows are compared as they come where
 * the statement orders them, else as a multiset. A cut answer is the first rows, or any of them when nothing orders.
 */
export const differenceOf = (answer: Answer, bare: BareResult, cap: number, isOrdered: boolean): string | undefined => {
  const names = answer.columns.map(({ name }) => name)
  if (JSON.stringify(names) !== JSON.stringify(bare.names)) return `columns ${names} instead of ${bare.names}`
  const rowCount = Math.min(cap, bare.rows.length)
  if (answer.rows.length !== rowCount) return `${answer.rows.length} rows instead of ${rowCount}`
  if (answer.isTruncated !== bare.rows.length > cap) return `truncated is ${answer.isTruncated} of ${bare.rows.length} rows`
  const ours = answer.rows.map((row) => JSON.stringify(row.map((value, column) => textOf(value, bare.compared[column] === true))))
  const theirs = bare.rows.map((row) => JSON.stringify(row))
  if (isOrdered) {
    const at = ours.findIndex((row, index) => row !== theirs[index])
    return at < 0 ? undefined : `row ${at} is ${ours[at]} instead of ${theirs[at]}`
  }
  const left = new Map<string, number>()
  for (const row of theirs) left.set(row, (left.get(row) ?? 0) + 1)
  for (const row of ours) {
    const count = left.get(row) ?? 0
    if (count === 0) return `row ${row} is none of ${theirs.slice(0, 3)}`
    left.set(row, count - 1)
  }
  return undefined
}

const textOf = (value: unknown, isCompared: boolean): string | null => (value === null ? null : isCompared ? String(value) : present)
