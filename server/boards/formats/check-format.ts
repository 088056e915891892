import type { BoardDiagnosticCode } from '../../../contracts/v1/board/diagnostics.ts'
import type { Column } from '../../../contracts/v1/values.ts'
import { greatestOf } from '../charts/extent.ts'
import type { ResolvedFormat } from './resolve-format.ts'
import { toNumber, toTime, valueKind } from './value-kind.ts'

/** What speaks against a format for the values of a column. */
export interface FormatProblem {
  readonly code: BoardDiagnosticCode
  readonly message: string
}

/**
 * Finds a number format on text, a time format on numbers, and a percent format on values that look like 0 to 100. Values
 * above 1 alone prove nothing (growth of 250 % is real): at least half of them must be 1.5 or more, and the largest above 10.
 */
export function checkFormat(name: string, format: ResolvedFormat, column: Column, values: readonly unknown[]): FormatProblem | undefined {
  const kind = valueKind(column.type)
  const wanted = format.kind === 'time' ? 'time' : 'number'
  const present = values.filter((value) => value !== null && value !== undefined)
  const fits =
    kind === wanted ||
    present.length === 0 ||
    (wanted === 'time' && kind === 'text' && present.every((value) => toTime(value) !== undefined)) ||
    (wanted === 'number' && kind === 'text' && present.every((value) => toNumber(value) !== undefined))
  if (!fits) {
    return {
      code: 'FORMAT_KIND_MISMATCH',
      message: `The format "${name}" writes ${wanted === 'time' ? 'dates' : 'numbers'}, and "${column.name}" is of type ${column.type}.`,
    }
  }
  if (format.kind === 'number' && format.spec.endsWith('%') && looksLikeHundred(present)) {
    return {
      code: 'PERCENT_RANGE',
      message: `The format "${name}" takes 0.25 for 25 %, and "${column.name}" has values such as ${String(largest(present))}.`,
    }
  }
  return undefined
}

function looksLikeHundred(values: readonly unknown[]): boolean {
  const sizes = values.flatMap((value) => toNumber(value) ?? []).map(Math.abs)
  const large = sizes.filter((size) => size >= 1.5).length
  return sizes.some((size) => size > 10) && sizes.every((size) => size <= 1000) && large * 2 >= sizes.length
}

const largest = (values: readonly unknown[]): number => greatestOf(values.flatMap((value) => toNumber(value) ?? []))
