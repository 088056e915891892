import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { ErrorItem } from '../../contracts/v1/errors.ts'
import type { Envelope } from '../envelope/envelope.ts'
import type { Dataface } from '../main.ts'
import { createJsonLog, type Log, type LogLevel } from '../operations/log.ts'
import { type Diagnostic, formatDiagnostic, ProjectError } from '../projects/diagnostic.ts'
import type { Project } from '../projects/project.ts'
import { exitCodes, UsageError } from './command.ts'
import { paint } from './terminal.ts'

const projectFile = 'dataface.yml'

/** The folder of the project: the one that is named, or the nearest with dataface.yml here or above. */
export const findProject = (named: string | undefined): string => {
  if (named !== undefined) {
    const dir = named.endsWith('.yml') ? dirname(resolve(named)) : resolve(named)
    if (!existsSync(join(dir, projectFile)))
      throw new UsageError(`There is no ${projectFile} in ${named}.`, 'Name a folder that has one, or serve files with `dft serve FILE`.')
    return dir
  }
  for (let dir = process.cwd(); ; dir = dirname(dir)) {
    if (existsSync(join(dir, projectFile))) return dir
    if (dir === dirname(dir))
      throw new UsageError(
        `There is no ${projectFile} here or above.`,
        'Name its folder with --project, or serve files without one: `dft serve FILE.parquet`.',
      )
  }
}

/** The log of the command line: JSON lines on standard error, warnings and worse unless DATAFACE_LOG says otherwise. */
export const commandLog = (): Log =>
  createJsonLog((line) => process.stderr.write(line), (process.env.DATAFACE_LOG as LogLevel | undefined) ?? 'error')

/** Reads and opens the project. Throws ProjectError, which holds every finding, when one is an error; warnings are printed. */
export const openHere = async (named: string | undefined, log: Log): Promise<Project> => {
  const dir = findProject(named)
  const [{ openConfig }, { readProject }] = await Promise.all([
    import('../projects/open-project.ts'),
    import('../projects/read-project.ts'),
  ])
  const { config, disabled, diagnostics } = await readProject(dir, process.env)
  if (config === undefined) throw new ProjectError(diagnostics)
  printDiagnostics(diagnostics)
  return openConfig({ config, disabled, diagnostics, log })
}

export const printDiagnostics = (diagnostics: readonly Diagnostic[]): void => {
  for (const diagnostic of diagnostics)
    process.stderr.write(`${paint(diagnostic.level === 'error' ? 'red' : 'yellow', formatDiagnostic(diagnostic), process.stderr)}\n`)
}

/** Calls one tool as a command does: through dispatch, stopped by Ctrl-C. */
export const callTool = async (dataface: Dataface, tool: string, input: unknown): Promise<Envelope> => {
  const controller = new AbortController()
  const stop = () => controller.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    return await dataface.dispatcher.dispatch({ tool, input, door: 'cli', caller: { id: 'local' }, signal: controller.signal })
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

/** Opens the project, calls one tool, prints its envelope as JSON or by `print`, and gives the exit code. */
export const runTool = async (
  { project, json }: { project: string | undefined; json: boolean },
  tool: string,
  input: unknown,
  print: (data: Record<string, unknown>) => void,
): Promise<number> => {
  const log = commandLog()
  const opened = await openHere(project, log)
  const { openDataface } = await import('../main.ts')
  const dataface = openDataface({ project: opened, log })
  try {
    const envelope = await callTool(dataface, tool, input)
    if (json) {
      const { encodeEnvelope } = await import('../envelope/envelope.ts')
      process.stdout.write(`${encodeEnvelope(envelope)}\n`)
    } else if (envelope.success) {
      for (const { code, message } of envelope.warnings)
        process.stderr.write(`${paint('yellow', `warning ${code}: ${message}`, process.stderr)}\n`)
      print(JSON.parse(JSON.stringify(envelope.data)) as Record<string, unknown>)
    } else for (const error of envelope.errors) printError(error)
    if (envelope.success) return exitCodes.ok
    return envelope.errors[0].code === 'CANCELLED' ? exitCodes.interrupted : exitCodes.failed
  } finally {
    await dataface.close()
  }
}

export const printError = ({ code, message, hint, position }: Pick<ErrorItem, 'code' | 'message' | 'hint' | 'position'>): void => {
  const place = position === undefined ? '' : ` (line ${position.line}, column ${position.column})`
  process.stderr.write(`${paint('red', `error ${code}`, process.stderr)}: ${message}${place}\n`)
  if (hint !== undefined) process.stderr.write(`  ${hint}\n`)
}
