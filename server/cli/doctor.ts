import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ProjectConfig } from '../../contracts/v1/project.ts'
import { errorItem, Fault } from '../envelope/fault.ts'
import type { Log } from '../operations/log.ts'
import { formatDiagnostic } from '../projects/diagnostic.ts'
import type { OpenSource } from '../projects/project.ts'
import { type ReadProject, readProject } from '../projects/read-project.ts'
import { type Command, exitCodes, projectOption } from './command.ts'
import { findProject } from './open-here.ts'
import { paint } from './terminal.ts'

/** How long one source may take, milliseconds. */
const patienceMs = 15_000

interface Check {
  readonly level: 'ok' | 'warning' | 'error'
  readonly about: string
  readonly message: string
  /** What to do. */
  readonly hint?: string
}

export const command: Command = {
  usage: 'doctor [options]',
  summary: 'Checks the configuration, the files, every connection and what keeps it read-only, and says what to do.',
  options: projectOption,
  positionals: [0, 0],
  examples: ['doctor', 'doctor --project ./analytics --json'],
  async run({ text, flag }) {
    const read = await readProject(findProject(text('project')), process.env)
    const checks: Check[] = [
      ...checkConfiguration(read),
      ...(read.config === undefined ? [] : checkPaths(read.config)),
      ...(await checkSources(read)),
    ]
    if (flag('json')) process.stdout.write(`${JSON.stringify({ healthy: !checks.some(isError), checks })}\n`)
    else for (const check of checks) print(check)
    return checks.some(isError) ? exitCodes.failed : exitCodes.ok
  },
}

const isError = ({ level }: Check): boolean => level === 'error'

const print = ({ level, about, message, hint }: Check): void => {
  const mark = { ok: paint('green', 'ok     '), warning: paint('yellow', 'warning'), error: paint('red', 'error  ') }[level]
  process.stdout.write(`${mark} ${about}: ${message}\n${hint === undefined ? '' : `        ${hint}\n`}`)
}

const checkConfiguration = ({ diagnostics, variables }: ReadProject): Check[] => [
  ...diagnostics.map(
    ({ hint, ...diagnostic }): Check => ({
      level: diagnostic.level,
      about: 'configuration',
      message: formatDiagnostic(diagnostic),
      ...(hint !== undefined && { hint }),
    }),
  ),
  ...(diagnostics.some(({ level }) => level === 'error')
    ? []
    : [{ level: 'ok', about: 'configuration', message: 'dataface.yml was read.' } as const]),
  ...variables.filter(({ set }) => set).map(({ name }): Check => ({ level: 'ok', about: 'environment', message: `${name} is set.` })),
]

/** Files that the configuration names and that are not there. The operator, unlike a caller, is shown paths. */
const checkPaths = ({ sources }: ProjectConfig): Check[] =>
  Object.entries(sources).flatMap(([name, source]) => {
    if (source.type === 'postgres') return []
    const paths = [...('path' in source ? [source.path] : []), ...Object.values(source.files ?? {}), source.datapackage]
    return paths
      .filter((path) => path !== undefined)
      .filter((path) => !existsSync(/[*?[]/.test(path) ? dirname(path.replace(/[*?[].*$/, 'x')) : path))
      .map(
        (path): Check => ({ level: 'error', about: name, message: `${path} does not exist.`, hint: 'Correct the path, or make the file.' }),
      )
  })

const checkSources = async ({ config, disabled }: ReadProject): Promise<Check[]> => {
  if (config === undefined) return []
  const causes: Check[] = []
  const log: Log = (_level, message, fields) => {
    const detail = JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? value.message : value))
    causes.push({ level: 'warning', about: 'log', message: `${message} ${detail}` })
  }
  const { openConfig } = await import('../projects/open-project.ts')
  const project = openConfig({ config, disabled, log })
  const checks = await Promise.all([...project.sources.values()].map(checkSource))
  await project.close()
  return [...checks.flat(), ...causes]
}

const checkSource = async ({ source, catalog }: OpenSource): Promise<Check[]> => {
  const signal = AbortSignal.timeout(patienceMs)
  const about = source.name
  try {
    const { tables } = await catalog.read(signal)
    const proof = await catalog.proof(signal)
    return [
      tables.length > 0
        ? { level: 'ok', about, message: `connected; ${tables.length} tables are visible.` }
        : {
            level: 'warning',
            about,
            message: 'connected, but no table is visible.',
            hint: 'Grant SELECT to the login, or check `schemas`.',
          },
      ...proof.map(
        ({ layer, holds, detail }): Check => ({
          level: holds ? 'ok' : 'warning',
          about,
          message: `read-only by ${layer}: ${detail}`,
          ...(!holds && { hint: 'Use a login that owns nothing and was granted SELECT only.' }),
        }),
      ),
    ]
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault('SOURCE_UNAVAILABLE', 'It did not answer in time.')
    const { message, hint } = errorItem(fault)
    const cause = fault.details.cause instanceof Error ? ` (${fault.details.cause.message.split('\n', 1)[0]})` : ''
    return [{ level: 'error', about, message: `${message}${cause}`, ...(hint !== undefined && { hint }) }]
  }
}
