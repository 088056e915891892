import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'

export const countFindings = (diagnostics: readonly BoardDiagnostic[]): { errors: number; warnings: number } => {
  const errors = diagnostics.filter(({ level }) => level === 'error').length
  return { errors, warnings: diagnostics.length - errors }
}
