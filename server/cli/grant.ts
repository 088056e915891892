import { Fault } from '../envelope/fault.ts'
import { ProjectError } from '../projects/diagnostic.ts'
import { mergeLimits, policyOf } from '../projects/open-project.ts'
import { readProject } from '../projects/read-project.ts'
import { openSource } from '../sources/open.ts'
import { applyPolicy } from '../sources/table-policy.ts'
import { type Command, exitCodes, projectFlag, textOf, UsageError } from './command.ts'
import { createCommandLog, locateProject } from './locate-project.ts'

export const command: Command = {
  usage: 'SOURCE',
  positionals: [1, 1],
  flags: {
    role: { value: 'NAME', about: 'Name of the login. Default: dataface_ and the name of the source.' },
    project: projectFlag,
    json: { about: 'Print the SQL within JSON.' },
  },
  details: [
    'Prints the SQL that makes a Postgres login which can read what the project serves of a source, and nothing else.',
    'Changes nothing itself. The tables are looked up with the login that the source has now.',
  ],
  examples: ['dft grant sales', 'dft grant sales --role reporting_reader | psql "$ADMIN_URL"'],
  async run(invocation) {
    const { terminal, env, signal, flags } = invocation
    const [name = ''] = invocation.positionals
    const { config, disabled, diagnostics } = await readProject(locateProject(invocation), env)
    if (config === undefined) throw new ProjectError(diagnostics)
    const settings = config.sources[name]
    if (settings === undefined) {
      const reason = disabled.find((entry) => entry.name === name)
      if (reason !== undefined) throw new Fault('SOURCE_UNAVAILABLE', reason.message, { hint: reason.hint })
      throw new UsageError(`The project has no source "${name}".`, `Sources: ${Object.keys(config.sources).join(', ') || 'none'}.`)
    }
    if (settings.type !== 'postgres')
      throw new UsageError(
        `The source "${name}" needs no login: its files are opened read-only.`,
        'dft grant is for sources of type postgres.',
      )

    const log = createCommandLog(invocation, 'error')
    const source = openSource({ name, config: settings, limits: mergeLimits(config.limits, settings.limits), log })
    try {
      const { databaseName } = await import('../sources/postgres/connect.ts')
      const { readerRoleSql } = await import('../sources/postgres/reader-role.ts')
      const sql = readerRoleSql({
        source: name,
        role: textOf(invocation, 'role') ?? `dataface_${name}`,
        database: await databaseName(settings),
        catalog: applyPolicy(await source.introspect(signal), policyOf(settings)),
      })
      terminal.out(flags.json === true ? `${JSON.stringify({ success: true, sql })}\n` : sql)
      return exitCodes.ok
    } finally {
      await source.close()
    }
  },
}
