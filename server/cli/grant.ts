import type { PostgresSourceConfig } from '../../contracts/v1/project.ts'
import { Fault } from '../envelope/fault.ts'
import { checkPostgresUrl } from '../projects/check-postgres-url.ts'
import { mergeLimits, policyOf } from '../projects/open-project.ts'
import type { ReadProject } from '../projects/read-project.ts'
import { openSource } from '../sources/open.ts'
import { applyPolicy } from '../sources/table-policy.ts'
import { type Command, exitCodes, type Invocation, projectFlag, textOf, UsageError } from './command.ts'
import { createCommandLog, readNamedProject } from './locate-project.ts'

export const command: Command = {
  usage: 'SOURCE',
  positionals: [1, 1],
  flags: {
    role: { value: 'NAME', about: 'Name of the login. Default: dataface_ and the name of the source.' },
    admin: { value: 'VARIABLE', about: 'Environment variable that holds the address of an administrator of the database.' },
    project: projectFlag,
    json: { about: 'Print the SQL within JSON.' },
  },
  details: [
    'Prints the SQL that makes a Postgres login which can read what the project serves of a source, and nothing else.',
    'Changes nothing itself. The tables are looked up as the administrator whose address --admin names, so it works before',
    'the login is there; without --admin, with the login that the source has now.',
  ],
  examples: ['dft grant sales --admin ADMIN_URL', 'dft grant sales --role reporting_reader --admin ADMIN_URL | psql "$ADMIN_URL"'],
  async run(invocation) {
    const { terminal, signal, flags } = invocation
    const [name = ''] = invocation.positionals
    const project = await readNamedProject(invocation)
    const own = ownSettings(project, name)
    const settings = settingsOfAdmin(invocation, project, name) ?? own
    if (settings instanceof Fault) throw withAdminHint(settings, name)

    const { addressOf, databaseName } = await import('../sources/postgres/connect.ts')
    const { readerRoleSql } = await import('../sources/postgres/reader-role.ts')
    const database = await databaseName(settings)
    if (!(own instanceof Fault) && (await databaseName(own)) !== database)
      throw new UsageError(
        `The source "${name}" is the database "${await databaseName(own)}", and the address of the administrator names "${database}".`,
        'Let the address end with the database of the source.',
      )
    const log = createCommandLog(invocation, 'error')
    const source = openSource({ name, config: settings, limits: mergeLimits(project.config.limits, settings.limits), log })
    try {
      const found = await source.introspect(signal).catch((error: unknown) => {
        throw error instanceof Fault && settings === own ? withAdminHint(error, name) : error
      })
      const catalog = applyPolicy(found, policyOf(settings))
      const sql = readerRoleSql({
        source: name,
        role: textOf(invocation, 'role') ?? `dataface_${name}`,
        database,
        ...(await addressOf(settings)),
        catalog,
      })
      if (catalog.tables.length === 0) terminal.err(noTables(found.tables.length))
      terminal.out(flags.json === true ? `${JSON.stringify({ success: true, sql })}\n` : sql)
      return exitCodes.ok
    } finally {
      await source.close()
    }
  },
}

/** The settings of a Postgres source, or why it is switched off. */
const ownSettings = ({ config, disabled }: ReadProject, name: string): PostgresSourceConfig | Fault => {
  const off = disabled.find((entry) => entry.name === name)
  const settings = config?.sources[name]
  const type = settings?.type ?? off?.type
  if (type === undefined) {
    const names = [...Object.keys(config?.sources ?? {}), ...disabled.map((entry) => entry.name)]
    throw new UsageError(`The project has no source "${name}".`, `Sources: ${names.join(', ') || 'none'}.`)
  }
  if (settings?.type === 'postgres') return settings
  if (off?.type === 'postgres') return new Fault('SOURCE_UNAVAILABLE', off.message, { hint: off.hint })
  throw new UsageError(`The source "${name}" needs no login: its files are opened read-only.`, 'dft grant is for sources of type postgres.')
}

/** The source as its administrator connects to it; undefined when none is named. Throws `UsageError` for what is no address. */
const settingsOfAdmin = (invocation: Invocation, { config, disabled }: ReadProject, name: string): PostgresSourceConfig | undefined => {
  const variable = textOf(invocation, 'admin')
  if (variable === undefined) return undefined
  if (!/^\w+$/.test(variable))
    throw new UsageError(
      '--admin takes the name of an environment variable; an address on the command line would be seen by others.',
      `Put the address into a variable such as ADMIN_URL: dft grant ${name} --admin ADMIN_URL.`,
    )
  const url = invocation.env[variable]
  if (url === undefined || url === '')
    throw new UsageError(`The environment variable ${variable} is not set.`, 'Set it to postgres://user:password@host:port/dbname.')
  const fault = checkPostgresUrl(url)
  if (fault !== undefined) throw new UsageError(`What the environment variable ${variable} holds ${fault.message}.`, fault.hint)
  const settings = config?.sources[name]
  const policy = settings === undefined ? disabled.find((entry) => entry.name === name)?.policy : policyOf(settings)
  if (policy === undefined)
    throw new UsageError(
      `What the source "${name}" serves hangs on variables that are not set.`,
      'Set those in its schemas, tables and columns.',
    )
  return { type: 'postgres', url, ...policy } as PostgresSourceConfig
}

const withAdminHint = (fault: Fault, name: string): Fault => {
  const { hint, operatorHint = hint } = fault.details
  const advice = `To look up the tables before the source has a login, put the address of an administrator into a variable: dft grant ${name} --admin ADMIN_URL.`
  return new Fault(fault.code, fault.message, { ...fault.details, hint: [operatorHint, advice].filter(Boolean).join(' ') })
}

const noTables = (found: number): string =>
  found === 0
    ? 'The login that looked sees no tables, so the SQL grants none. Check its database, or look as an administrator: --admin.\n'
    : `The project serves none of the ${found} tables there are, so the SQL grants none. Check schemas, tables and columns.\n`
