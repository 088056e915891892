import { basename, resolve } from 'node:path'
import type { ProjectConfig, SourceConfig } from '../../contracts/v1/project.ts'
import { defaultKeysFile } from '../access/key-file.ts'
import { type Diagnostic, ProjectError } from '../projects/diagnostic.ts'
import { mergeLimits } from '../projects/open-project.ts'
import { type ReadProject, readProject } from '../projects/read-project.ts'
import { type Command, exitCodes, type Invocation, UsageError } from './command.ts'
import { describeDiagnostic } from './examine-project.ts'
import { examineSettings, examineVariables } from './examine-settings.ts'
import { projectsFlag, servedFolders } from './open-served.ts'
import { printDiagnostics } from './print-diagnostics.ts'
import { serverVariables } from './server-variables.ts'

export const command: Command = {
  usage: 'check | show',
  positionals: [1, 1],
  flags: { project: projectsFlag, json: { about: 'Print it as one line of JSON.' } },
  details: [
    'check looks at all that dft serve would need, before it is started: the project files, the variables they name and those',
    'of the server, profiles of dbt, the keys of callers, a place for the record of calls. It asks no database; dft doctor',
    'does. Exit code 0 when nothing is wrong, 1 when a part would not be served, 3 when a project would not.',
    'show prints the settings in force, defaults of limits included, without their secrets.',
  ],
  examples: ['dft config check', 'dft config check --project teams --json', 'dft config show --project sales'],
  async run(invocation) {
    const [verb] = invocation.positionals
    if (verb !== 'check' && verb !== 'show')
      throw new UsageError(`dft config does not take "${verb}".`, `Usage: dft config ${command.usage}`)
    const projects = await Promise.all(servedFolders(invocation).map((folder) => readProject(folder, invocation.env)))
    return verb === 'check' ? check(projects, invocation) : show(projects, invocation)
  },
}

/** Findings of one project, or of the environment. */
interface Findings {
  readonly about: string
  readonly diagnostics: readonly Diagnostic[]
}

const check = async (projects: readonly ReadProject[], { env, terminal, flags }: Invocation): Promise<number> => {
  const found: readonly Findings[] = [
    { about: 'environment', diagnostics: examineVariables(projects, env) },
    ...(await Promise.all(
      projects.map(async (read) => ({ about: nameOf(read), diagnostics: [...read.diagnostics, ...(await examineSettings(read))] })),
    )),
    { about: 'projects', diagnostics: [...findDoubled(projects), ...findShared(projects)] },
  ]
  const all = found.flatMap(({ diagnostics }) => diagnostics)
  const problems = all.filter((one) => describeDiagnostic(one).state === 'problem').length
  if (flags.json === true) {
    const told = found.flatMap(({ about, diagnostics }) => diagnostics.map((one) => ({ about, ...one })))
    terminal.out(`${JSON.stringify({ success: problems === 0, projects: projects.map(nameOf), diagnostics: told })}\n`)
  } else {
    for (const { about, diagnostics } of found) {
      if (projects.length > 1 && diagnostics.length > 0) terminal.err(`${about}:\n`)
      printDiagnostics(diagnostics, terminal)
    }
    terminal.err(`${projects.map(nameOf).join(', ')}: ${problems} wrong, ${all.length - problems} to look at\n`)
  }
  if (problems === 0) return exitCodes.ok
  const isStopped = projects.some(({ config }) => config === undefined) || all.some(({ code }) => code === 'DUPLICATE_NAME')
  return isStopped ? exitCodes.configuration : exitCodes.failed
}

/** The name of a project, or of its folder while it has none. */
const nameOf = ({ config, dir }: ReadProject): string => config?.name ?? basename(dir)

/** Projects that cannot be served together, since a name is part of an address. */
const findDoubled = (projects: readonly ReadProject[]): readonly Diagnostic[] => {
  const doubled = [...Map.groupBy(projects, nameOf)].filter(([, all]) => all.length > 1)
  return doubled.flatMap(([name, all]) =>
    all.slice(1).map(
      ({ dir }): Diagnostic => ({
        level: 'error',
        code: 'DUPLICATE_NAME',
        file: basename(dir),
        line: 1,
        column: 1,
        message: `Another project is named "${name}" too.`,
        hint: 'Give one another name in its dataface.yml.',
      }),
    ),
  )
}

/** What tells the callers of a project: the file of its keys, and the tokens that it takes. */
const tellersOf = ({ config, dir }: ReadProject): readonly string[] => {
  if (config?.access === undefined) return []
  const { keys = true, keys_file: file = defaultKeysFile, oauth } = config.access
  return [...(keys ? [resolve(dir, file)] : []), ...(oauth === undefined ? [] : [`${oauth.issuer} ${oauth.resource}`])]
}

/** Projects whose callers are the same, which may be meant, and is easily copied. */
const findShared = (projects: readonly ReadProject[]): readonly Diagnostic[] =>
  projects.flatMap((project, index) => {
    const tellers = tellersOf(project)
    const other = projects.slice(0, index).find((one) => tellersOf(one).some((teller) => tellers.includes(teller)))
    return other === undefined
      ? []
      : [
          {
            level: 'warning',
            code: 'SHARED_CALLERS',
            file: basename(project.dir),
            line: 1,
            column: 1,
            message: `Who may call "${nameOf(other)}" may call "${nameOf(project)}" too.`,
            hint: 'Unless it is meant, give each its own access.oauth.resource, or access.keys_file.',
          } satisfies Diagnostic,
        ]
  })

/** Prints what is in force. Throws `ProjectError` where a project has errors. */
const show = async (projects: readonly ReadProject[], { env, terminal, flags }: Invocation): Promise<number> => {
  const broken = projects.filter(({ config }) => config === undefined)
  if (broken.length > 0) throw new ProjectError(broken.flatMap(({ diagnostics }) => diagnostics))
  const shown = {
    environment: Object.fromEntries(
      Object.entries(serverVariables).flatMap(([name, { isSecret }]) =>
        env[name] === undefined ? [] : [[name, isSecret === true ? secret : env[name]]],
      ),
    ),
    projects: projects.map(({ config, dir, disabled }) => shownProject(config as ProjectConfig, dir, disabled)),
  }
  if (flags.json === true) terminal.out(`${JSON.stringify({ success: true, ...shown })}\n`)
  else terminal.out((await import('yaml')).stringify(shown))
  return exitCodes.ok
}

const shownProject = (config: ProjectConfig, folder: string, disabled: ReadProject['disabled']) => ({
  folder,
  ...(withoutSecrets(config) as ProjectConfig),
  sources: Object.fromEntries(
    Object.entries(config.sources).map(([name, source]) => [
      name,
      { ...(withoutSecrets(source) as typeof source), limits: limitsOf(config, source) },
    ]),
  ),
  ...(disabled.length > 0 && { off: Object.fromEntries(disabled.map(({ name, message }) => [name, message])) }),
})

/** The limits of a source by the names that the project file has for them. */
const limitsOf = ({ limits }: ProjectConfig, source: SourceConfig): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(mergeLimits(limits, source.limits))
      .filter(([key, value]) => value !== undefined && !key.endsWith('Set'))
      .map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  )

const secret = '***'

/** A copy of settings without passwords, by themselves or within an address. */
const withoutSecrets = (value: unknown, key = ''): unknown => {
  if (key === 'password') return secret
  if (typeof value === 'string')
    return value
      .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*):[^/?#@]*@/i, `$1:${secret}@`)
      .replace(/([?&](?:ssl)?password=)[^&#]*/gi, `$1${secret}`)
  if (Array.isArray(value)) return value.map((one) => withoutSecrets(one))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutSecrets(one, name)]))
}
