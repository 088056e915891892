import type { SourceConfig } from '../../contracts/v1/project.ts'
import { Fault } from '../envelope/fault.ts'
import { checkReadOnly } from '../guards/read-only.ts'
import { type Diagnostic, formatPlace } from '../projects/diagnostic.ts'
import { policyOf } from '../projects/open-project.ts'
import type { OpenSource } from '../projects/project.ts'
import { projectFileName, type ReadProject } from '../projects/read-project.ts'
import type { CatalogTable, ReadOnlyProof, SourceCatalog } from '../sources/source.ts'
import { applyPolicy } from '../sources/table-policy.ts'

/** One thing that was looked at. */
export interface Check {
  readonly state: 'ok' | 'warning' | 'problem'
  /** `dataface.yml:3:5`, `variable PGPASSWORD`, `source sales`. */
  readonly subject: string
  readonly message: string
  /** What to do. */
  readonly hint?: string
}

/** How long one source may take, milliseconds. */
const patienceMs = 15_000

/** Warnings that leave a source out. */
const switchesOff = /^(MISSING_VARIABLE|BAD_VARIABLE|DBT_(?!SETTING_IGNORED).*)$/

/** A finding about the configuration as a check. */
export const describeDiagnostic = (diagnostic: Diagnostic): Check => {
  const { level, code, message, hint } = diagnostic
  return {
    state: level === 'error' || switchesOff.test(code) ? 'problem' : 'warning',
    subject: formatPlace(diagnostic),
    message: `${code}: ${message}`,
    ...(hint !== undefined && { hint }),
  }
}

/** Checks the project file and its variables. */
export const examineConfig = ({ config, diagnostics, variables, dir, projectFile = projectFileName }: ReadProject): Check[] => {
  const checks: Check[] = diagnostics.map(describeDiagnostic)
  if (config !== undefined)
    checks.unshift({ state: 'ok', subject: projectFile, message: `the project "${config.name}" in ${dir} is well formed` })
  for (const { name, set } of variables) if (set) checks.push({ state: 'ok', subject: `variable ${name}`, message: 'is set' })
  return checks
}

export interface ExamineSourceOptions {
  readonly opened: OpenSource
  readonly config: SourceConfig
  readonly signal: AbortSignal
}

/** Connects a source, looks for its files, and tries every layer that keeps it read-only. */
export const examineSource = async ({ opened, config, signal }: ExamineSourceOptions): Promise<Check[]> => {
  const subject = `source ${opened.source.name}`
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  const checks: Check[] = []
  try {
    for (const { layer, holds, detail } of await opened.source.prove(bounded))
      checks.push({
        state: holds ? 'ok' : config.allow_unproven === true ? 'warning' : 'problem',
        subject,
        message: `read-only by ${layer}: ${detail}`,
        ...(!holds && { hint: proofHint(layer, opened.source.name, config) }),
      })
    const catalog = await opened.source.introspect(bounded)
    checks.push(...examineCatalog(subject, config, catalog), ...examineGrants(opened.source.name, config, catalog))
    checks.push(await examineGuard(subject, opened, bounded))
  } catch (error) {
    signal.throwIfAborted()
    if (bounded.aborted) checks.push({ state: 'problem', subject, ...tooLate })
    // The proof above has said so already, and what to do.
    else if (!(error instanceof Fault && error.code === 'SOURCE_UNPROVEN'))
      checks.push({ state: 'problem', subject, ...describeFailure(error, await placeOf(config)) })
  }
  return checks
}

const proofHint = (layer: ReadOnlyProof['layer'], name: string, config: SourceConfig): string => {
  if (layer !== 'role') return 'Report this.'
  const meanwhile =
    config.allow_unproven === true ? 'Until then every answer warns.' : 'Until then it is not served, unless it says allow_unproven: true.'
  return `dft grant ${name} prints the SQL for a login that can only read. ${meanwhile}`
}

/** What it shows, and every file that could not be read. */
const examineCatalog = (subject: string, config: SourceConfig, { tables, unread = [] }: SourceCatalog): Check[] => {
  const count = tables.length - unread.filter(({ schema }) => schema !== undefined).length
  const unreadChecks = unread.map(
    ({ schema, table, reason, hint }): Check => ({
      state: schema === undefined ? 'problem' : 'warning',
      subject,
      message: `${table === undefined ? 'the data package' : `the table ${table}`} cannot be read: ${reason}`,
      hint,
    }),
  )
  if (count === 0 && unread.length > 0) return unreadChecks
  const found: Check =
    count === 0
      ? { state: 'warning', subject, message: 'connects, but shows no tables', hint: emptyHint(config) }
      : { state: 'ok', subject, message: `connects and shows ${count} ${count === 1 ? 'table' : 'tables'}` }
  return [found, ...unreadChecks, ...examineColumns(subject, tables)]
}

/** A CSV file that the engine could not split into columns is served as one column, named by its first line. */
const examineColumns = (subject: string, tables: readonly CatalogTable[]): Check[] =>
  tables
    .filter(({ kind, columns: [first, ...rest] }) => kind === 'file' && rest.length === 0 && /[,;\t|]/.test(first?.name ?? ''))
    .map(({ name, columns: [first] }) => ({
      state: 'warning',
      subject,
      message: `the table ${name} is one column, "${first?.name}"`,
      hint: 'Look for a quote that is not closed, or for lines with another number of values.',
    }))

/** Columns that the login may not read although the policy shows them: they came after the login was granted the others. */
const examineGrants = (name: string, config: SourceConfig, catalog: SourceCatalog): Check[] => {
  const open = { ...catalog, tables: catalog.tables.map(({ closedColumns: _, ...table }) => table) }
  const shown = new Map(applyPolicy(open, policyOf(config)).tables.map((table) => [`${table.schema}.${table.name}`, table]))
  return catalog.tables.flatMap(({ schema, name: table, closedColumns = [] }): Check[] => {
    const { columns = [], unreadColumns = [] } = shown.get(`${schema}.${table}`) ?? {}
    const missing = closedColumns.filter((column) => columns.some((one) => one.name === column) && !unreadColumns.includes(column))
    if (missing.length === 0) return []
    return [
      {
        state: 'warning',
        subject: `source ${name}`,
        message: `the login may not read ${missing.join(', ')} of ${schema}.${table}, so nobody sees ${missing.length === 1 ? 'it' : 'them'}`,
        hint: `Run what dft grant ${name} --admin ADMIN_URL prints, without its first statement; or hide ${missing.length === 1 ? 'it' : 'them'} on purpose with columns.deny.`,
      },
    ]
  })
}

const emptyHint = (config: SourceConfig): string => {
  if (config.type === 'postgres')
    return `Check ${config.schemas === undefined ? 'dbname' : 'schemas'}, and whether the login may use the schemas and read their tables.`
  return 'Check whether the file is the right one, and the schemas that are named.'
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

const tooLate = {
  message: `did not answer within ${patienceMs / 1000} seconds`,
  hint: 'Check that it runs, is not overloaded and can be reached from here.',
}

/** Where the server of a source is, for what does not name it itself. */
const placeOf = async (config: SourceConfig): Promise<string | undefined> => {
  if (config.type !== 'postgres') return undefined
  const { addressOf } = await import('../sources/postgres/connect.ts')
  const { host, port } = await addressOf(config)
  return host.startsWith('/') ? host : `${host}:${port}`
}

/** The operator's own terminal may show what the driver said, and where; credentials in it are covered. */
export const describeFailure = (error: unknown, place?: string): { message: string; hint?: string } => {
  if (!(error instanceof Fault)) return { message: String(error) }
  const { hint, operatorHint = hint, cause } = error.details
  const said = cause instanceof Error ? causeText(cause).replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s@/]+@/gi, '$1***@') : ''
  const where = place === undefined || said.includes(place) ? '' : place
  const details = [where, said].filter((part) => part !== '').join(': ')
  return {
    message: `${error.code}: ${error.message}${details === '' ? '' : ` (${details})`}`,
    ...(operatorHint !== undefined && { hint: operatorHint }),
  }
}

/** An error of several attempts has no message of its own, and that of a request says nothing. */
const causeText = (cause: Error): string => {
  if (cause.message === 'fetch failed' && cause.cause instanceof Error) return causeText(cause.cause)
  if (cause instanceof AggregateError) return cause.errors.map((one) => (one instanceof Error ? one.message : String(one))).join('; ')
  return cause.message
}
