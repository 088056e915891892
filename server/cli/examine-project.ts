import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SourceConfig } from '../../contracts/v1/project.ts'
import { Fault } from '../envelope/fault.ts'
import { checkReadOnly } from '../guards/read-only.ts'
import type { OpenSource } from '../projects/project.ts'
import { projectFileName, type ReadProject } from '../projects/read-project.ts'
import type { SourceCatalog } from '../sources/source.ts'

/** One thing that was looked at. */
export interface Check {
  readonly state: 'ok' | 'warning' | 'problem'
  /** `dataface.yml:3`, `variable PGPASSWORD`, `source sales`. */
  readonly subject: string
  readonly message: string
  /** What to do. */
  readonly hint?: string
}

/** How long one source may take, milliseconds. */
const patienceMs = 15_000

/** Checks the project file and its variables. */
export const examineConfig = ({ config, diagnostics, variables, dir }: ReadProject): Check[] => {
  const checks: Check[] = diagnostics.map(({ level, code, file, line, message, hint }) => ({
    state: level === 'error' || code === 'MISSING_VARIABLE' || code === 'BAD_VARIABLE' ? 'problem' : 'warning',
    subject: `${file}:${line}`,
    message: `${code}: ${message}`,
    ...(hint !== undefined && { hint }),
  }))
  if (config !== undefined)
    checks.unshift({ state: 'ok', subject: projectFileName, message: `the project "${config.name}" in ${dir} is well formed` })
  for (const { name, set } of variables) if (set) checks.push({ state: 'ok', subject: `variable ${name}`, message: 'is set' })
  return checks
}

export interface ExamineSourceOptions {
  readonly opened: OpenSource
  readonly config: SourceConfig
  readonly signal: AbortSignal
}

/** Checks the files of a source, connects it, and tries every layer that keeps it read-only. */
export const examineSource = async ({ opened, config, signal }: ExamineSourceOptions): Promise<Check[]> => {
  const subject = `source ${opened.source.name}`
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  const checks = await examineFiles(subject, config)
  try {
    for (const { layer, holds, detail } of await opened.source.prove(bounded))
      checks.push({
        state: holds ? 'ok' : config.allow_unproven === true ? 'warning' : 'problem',
        subject,
        message: `read-only by ${layer}: ${detail}`,
        ...(!holds &&
          layer === 'role' && {
            hint: `dft grant ${opened.source.name} prints the SQL for a login that can only read; until then: ${unprovenHint(config)}`,
          }),
      })
    const catalog = await opened.source.introspect(bounded)
    const count = catalog.tables.length
    checks.push(
      count === 0
        ? { state: 'warning', subject, message: 'connects, but shows no tables', hint: 'Check its schemas, and the rights of its login.' }
        : { state: 'ok', subject, message: `connects and shows ${count} ${count === 1 ? 'table' : 'tables'}` },
    )
    checks.push(...unreadTables(subject, config, catalog), await examineGuard(subject, opened, bounded))
  } catch (error) {
    signal.throwIfAborted()
    // The proof above has said so already, and what to do.
    if (!(error instanceof Fault && error.code === 'SOURCE_UNPROVEN')) checks.push({ state: 'problem', subject, ...describeFailure(error) })
  }
  return checks
}

const unprovenHint = (config: SourceConfig): string =>
  config.allow_unproven === true
    ? 'it is served, and every answer warns.'
    : 'it is not served, unless dataface.yml says allow_unproven: true.'

/** A table of a file source that is not in its catalog could not be read. */
const unreadTables = (subject: string, config: SourceConfig, { tables }: SourceCatalog): Check[] => {
  if (config.type === 'postgres') return []
  const known = new Set(tables.map((table) => table.name))
  return Object.keys(config.files ?? {})
    .filter((name) => !known.has(name))
    .map((name) => ({
      state: 'problem',
      subject,
      message: `the table ${name} cannot be read`,
      hint: 'Check its file: DATAFACE_LOG=debug dft doctor shows why.',
    }))
}

/** Sends the guard a statement that writes, which it must refuse before any database sees it. */
const examineGuard = async (subject: string, source: OpenSource, signal: AbortSignal): Promise<Check> => {
  try {
    await checkReadOnly(source, 'CREATE TABLE dataface_doctor (x integer)', signal)
  } catch (error) {
    if (error instanceof Fault && error.code === 'SQL_REJECTED')
      return { state: 'ok', subject, message: 'read-only by guard: a statement that writes is refused' }
    throw error
  }
  return {
    state: 'problem',
    subject,
    message: 'the guard let a statement through that writes',
    hint: 'Stop serving this source and report it.',
  }
}

/** Files and folders that are named but not there. */
const examineFiles = async (subject: string, config: SourceConfig): Promise<Check[]> => {
  if (config.type === 'postgres') return []
  const named: [string, string | undefined][] = [
    ['path', config.type === 'duckdb' ? config.path : undefined],
    ['datapackage', config.datapackage],
    ...Object.entries(config.files ?? {}).map(([table, path]): [string, string] => [`files.${table}`, beforeGlob(path)]),
  ]
  const checks: Check[] = []
  for (const [key, path] of named) {
    if (path === undefined || (await stat(path).catch(() => undefined)) !== undefined) continue
    checks.push({
      state: 'problem',
      subject,
      message: `${key}: there is no ${path}`,
      hint: `Correct the path in ${projectFileName}; it is relative to that file.`,
    })
  }
  return checks
}

/** The path, or of a glob the folder that it starts from. */
const beforeGlob = (path: string): string => {
  const magic = path.search(/[*?[]/)
  return magic === -1 ? path : dirname(`${path.slice(0, magic)}x`)
}

/** The operator's own terminal may show what the driver said; credentials in it are covered. */
const describeFailure = (error: unknown): { message: string; hint?: string } => {
  if (!(error instanceof Fault)) return { message: 'did not answer in time', hint: 'Check that it runs and can be reached from here.' }
  const { hint, cause } = error.details
  const said = cause instanceof Error ? causeText(cause) : undefined
  return {
    message: `${error.code}: ${error.message}${said === undefined ? '' : ` (${said.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s@/]+@/gi, '$1***@')})`}`,
    ...(hint !== undefined && { hint }),
  }
}

/** An error of several attempts has no message of its own. */
const causeText = (cause: Error): string => {
  if (cause instanceof AggregateError) return cause.errors.map((one) => (one instanceof Error ? one.message : String(one))).join('; ')
  return cause.message
}
