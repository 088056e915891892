import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import { cutText } from '../envelope/fault.ts'

/** Findings that an answer tells. */
export const maxFindings = 100

/** As many findings as an answer holds, errors before warnings, in the order in which they stand; one more says how many are not told. */
export const tellFindings = (diagnostics: readonly BoardDiagnostic[]): BoardDiagnostic[] => {
  if (diagnostics.length <= maxFindings) return diagnostics.map(cutTexts)
  const { error = [], warning = [] } = Object.groupBy(diagnostics, ({ level }) => level)
  const told = new Set([...error, ...warning].slice(0, maxFindings))
  const rest = diagnostics.filter((one) => !told.has(one))
  const [first] = rest as [BoardDiagnostic]
  const { level, code, file, line, column } = rest.find((one) => one.level === 'error') ?? first
  const message = `There are ${rest.length} more findings, from here on.`
  return [
    ...diagnostics.filter((one) => told.has(one)).map(cutTexts),
    { level, code, file, line, column, message, fix: 'Correct the others first.' },
  ]
}

const cutTexts = (one: BoardDiagnostic): BoardDiagnostic => ({
  ...one,
  message: cutText(one.message),
  ...(one.fix !== undefined && { fix: cutText(one.fix) }),
})
