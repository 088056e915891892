import { formatPlace } from '../projects/diagnostic.ts'
import type { Located } from '../yaml/parse-yaml.ts'
import { printable, type Terminal } from './terminal.ts'

/** Findings about a project or its boards for a person, on standard error. */
export const printDiagnostics = (diagnostics: readonly Located<string>[], terminal: Terminal): void => {
  for (const diagnostic of diagnostics) {
    const { level, code, message, hint } = diagnostic
    const name = terminal.paintError(level === 'error' ? 'red' : 'yellow', code)
    terminal.err(`${printable(formatPlace(diagnostic))} ${name}: ${printable(message)}\n`)
    if (hint !== undefined) terminal.err(`  ${printable(hint)}\n`)
  }
}
