import type { Located } from '../yaml/parse-yaml.ts'

export type DiagnosticCode =
  | 'FILE_NOT_FOUND'
  | 'FILE_UNREADABLE'
  | 'YAML_ERROR'
  | 'DUPLICATE_KEY'
  | 'BAD_TEMPLATE'
  | 'UNKNOWN_KEY'
  | 'MISSING_KEY'
  | 'MISSING_VALUE'
  | 'WRONG_TYPE'
  | 'WRONG_VALUE'
  | 'BAD_NAME'
  | 'MISSING_VARIABLE'
  | 'BAD_VARIABLE'
  | 'UNKNOWN_VARIABLE'
  | 'LITERAL_PASSWORD'
  | 'INSECURE_ADDRESS'
  | 'UNKNOWN_TOOL'
  | 'NO_KEYS'
  | 'KEYS_UNREADABLE'
  | 'AUDIT_UNWRITABLE'
  | 'DUPLICATE_NAME'
  | 'SHARED_CALLERS'
  | 'NO_SOURCES'
  | 'UNKNOWN_FILE_TYPE'
  | 'DBT_PROJECT_NOT_FOUND'
  | 'DBT_PROFILE_NOT_FOUND'
  | 'DBT_TARGET_NOT_FOUND'
  | 'DBT_ADAPTER_UNSUPPORTED'
  | 'DBT_FILE_UNREADABLE'
  | 'DBT_TEMPLATE'
  | 'DBT_SETTING_IGNORED'

/**
 * One finding about the configuration of a project: an error stops start-up; with a warning the project opens, if need be
 * without one source. Never holds the value of a variable or a password.
 */
export type Diagnostic = Located<DiagnosticCode>

const aboutWholeFile: ReadonlySet<string> = new Set(['FILE_NOT_FOUND', 'FILE_UNREADABLE', 'DBT_PROJECT_NOT_FOUND'])

/** Where a finding stands: `dataface.yml:3:5`, or only the file, or folder, where it has no lines of ours. */
export const formatPlace = ({ code, file, line, column }: Located<string>): string =>
  aboutWholeFile.has(code) || !/\.(ya?ml|md)$/.test(file) ? file : `${file}:${line}:${column}`

/** One line for a terminal or a log: `dataface.yml:3:5 error UNKNOWN_KEY: ... `. */
export const formatDiagnostic = (diagnostic: Diagnostic): string => {
  const { level, code, message, hint } = diagnostic
  return `${formatPlace(diagnostic)} ${level} ${code}: ${message}${hint === undefined ? '' : ` ${hint}`}`
}

/** Thrown when a project cannot be opened; holds every finding, not just the first. */
export class ProjectError extends Error {
  readonly diagnostics: readonly Diagnostic[]
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join('\n'))
    this.name = 'ProjectError'
    this.diagnostics = diagnostics
  }
}
