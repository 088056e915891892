/** A located, coded finding about a file of a project. */
export interface Diagnostic {
  readonly level: 'error' | 'warning'
  readonly code: DiagnosticCode
  /** File name, relative to the project. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  readonly message: string
  /** What to do. */
  readonly hint?: string
  /** Dotted place in the file: `sources.main.host`. */
  readonly path: string
}

export type DiagnosticCode =
  | 'FILE_NOT_FOUND'
  | 'YAML_INVALID'
  | 'KEY_UNKNOWN'
  | 'KEY_MISSING'
  | 'VALUE_INVALID'
  | 'TEMPLATE_INVALID'
  | 'VARIABLE_MISSING'
  | 'LITERAL_PASSWORD'

/** `dataface.yml:3:5 error KEY_UNKNOWN: message` with the hint behind it. */
export const printDiagnostic = ({ file, line, column, level, code, message, hint }: Diagnostic): string =>
  `${file}:${line}:${column} ${level} ${code}: ${message}${hint === undefined ? '' : ` ${hint}`}`
