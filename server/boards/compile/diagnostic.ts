import { type BoardDiagnostic, type BoardDiagnosticCode, diagnosticDefinitions } from '../../../contracts/v1/board/diagnostics.ts'

/** Makes a finding; its level and what to do come from the list of codes where nothing else is said. */
export const diagnostic = (
  code: BoardDiagnosticCode,
  { file, line, column }: { readonly file: string; readonly line: number; readonly column: number },
  message: string,
  fix: string = diagnosticDefinitions[code].fix,
  about: { readonly chart?: string; readonly query?: string } = {},
): BoardDiagnostic => ({ level: diagnosticDefinitions[code].level, code, message, fix, file, line, column, ...about })
