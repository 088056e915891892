import type { Diagnostic, DiagnosticCode } from '../projects/diagnostic.ts'
import { printable, type Terminal } from './terminal.ts'

const aboutWholeFile: ReadonlySet<DiagnosticCode> = new Set(['FILE_NOT_FOUND', 'FILE_UNREADABLE', 'UNKNOWN_FILE_TYPE'])

/** Findings about a project for a person, on standard error. */
export const printDiagnostics = (diagnostics: readonly Diagnostic[], terminal: Terminal): void => {
  for (const { level, code, file, line, column, message, hint } of diagnostics) {
    const name = terminal.paintError(level === 'error' ? 'red' : 'yellow', code)
    const place = aboutWholeFile.has(code) ? '' : `:${line}:${column}`
    terminal.err(`${printable(file)}${place} ${name}: ${printable(message)}\n`)
    if (hint !== undefined) terminal.err(`  ${printable(hint)}\n`)
  }
}
