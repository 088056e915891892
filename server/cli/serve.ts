import type { z } from 'zod'
import type { listSources } from '../../contracts/v1/tools/list-sources.ts'
import type { Dataface } from '../main.ts'
import type { Log } from '../operations/log.ts'
import type { Project } from '../projects/project.ts'
import { type Command, exitCodes, projectOption, UsageError, wholeNumber } from './command.ts'
import { commandLog, openHere, printDiagnostics } from './open-here.ts'
import { paint } from './terminal.ts'

const defaultPort = 4321
/** How long calls in flight may take to finish after Ctrl-C, milliseconds. */
const graceMs = 10_000
/** How long the start waits for the state of the sources before it prints what it has, milliseconds. */
const stateWaitMs = 4_000

type SourceState = z.output<typeof listSources.output>['sources'][number]

export const command: Command = {
  usage: 'serve [FILE|FOLDER ...] [options]',
  summary: 'Serves a project over MCP, REST and tRPC with an API reference. Data files and folders are served without any configuration.',
  options: {
    ...projectOption,
    port: { type: 'string', short: 'p', value: 'N', help: `Port. Default ${defaultPort}; 0 takes any free one.` },
    host: { type: 'string', value: 'H', help: 'Address to listen on. Default 127.0.0.1.' },
  },
  positionals: [0, 100],
  examples: ['serve --project ./analytics', 'serve sales.parquet', 'serve ./exports --port 8080'],
  async run({ positionals, text, flag }) {
    const port = wholeNumber(text('port'), 'port', 0, 65_535) ?? defaultPort
    const log = commandLog()
    const [project, { openDataface }] = await Promise.all([openServed(positionals, text('project'), log), import('../main.ts')])
    const dataface = openDataface({ project, log })
    const { listen } = await import('../transports/http/listen.ts')
    const listening = await listen({ app: await dataface.app(), port, host: text('host') ?? '127.0.0.1' })

    const stopped = waitForStop(async () => {
      dataface.stopTaking()
      await listening.close(graceMs)
      await dataface.close()
    })
    const sources = await readStates(dataface)
    const example = await exampleCall(dataface, sources, listening.url)
    if (flag('json'))
      process.stdout.write(
        `${JSON.stringify({ project: project.name, url: listening.url, doors: doorsOf(listening.url), sources, example })}\n`,
      )
    else process.stdout.write(banner(project, listening.url, sources, example))
    return stopped
  },
}

const openServed = async (paths: readonly string[], named: string | undefined, log: Log): Promise<Project> => {
  if (paths.length > 0 && named !== undefined) throw new UsageError('Give files or --project, not both.')
  const [only] = paths
  const { existsSync } = await import('node:fs')
  const { join } = await import('node:path')
  if (only === undefined) return openHere(named, log)
  if (paths.length === 1 && existsSync(join(only, 'dataface.yml'))) return openHere(only, log)
  const [{ projectFromFiles }, { openConfig }] = await Promise.all([
    import('../projects/project-from-files.ts'),
    import('../projects/open-project.ts'),
  ])
  const { config, diagnostics } = await projectFromFiles(paths)
  printDiagnostics(diagnostics)
  return openConfig({ config, diagnostics, log })
}

/** Resolves with the exit code once a signal came and everything is closed; a second signal ends at once. */
const waitForStop = (stop: () => Promise<void>): Promise<number> =>
  new Promise((resolve) => {
    let stopping = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(exitCodes.interrupted)
      stopping = true
      process.stderr.write(`\n${signal}: finishing calls in flight, at most ${graceMs / 1000} s; again to stop at once\n`)
      void stop().then(() => resolve(exitCodes.ok))
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })

const call = async (dataface: Dataface, tool: string, input: unknown): Promise<Record<string, unknown> | undefined> => {
  const envelope = await dataface.dispatcher.dispatch({
    tool,
    input,
    door: 'cli',
    caller: { id: 'local' },
    signal: AbortSignal.timeout(stateWaitMs),
  })
  return envelope.success ? { ...envelope.data } : undefined
}

const readStates = async (dataface: Dataface): Promise<SourceState[]> =>
  ((await call(dataface, 'list_sources', {}))?.sources as SourceState[] | undefined) ?? []

const doorsOf = (url: string) => ({ mcp: `${url}/mcp`, rest: `${url}/api/v1`, trpc: `${url}/trpc`, reference: `${url}/docs` })

/** A command that works on this project as it is: it reads the largest table that is ready. */
const exampleCall = async (dataface: Dataface, sources: readonly SourceState[], url: string): Promise<string> => {
  const ready = sources.find((source) => source.state === 'ready' && (source.table_count ?? 0) > 0)
  if (ready === undefined) return `curl -s ${url}/api/v1/list_sources -X POST`
  const found = await call(dataface, 'catalog', { source: ready.name, kinds: ['table'], limit: 1 })
  const [table] = (found?.results as { schema: string; table: string }[] | undefined) ?? []
  if (table === undefined) return `curl -s ${url}/api/v1/list_sources -X POST`
  const plain = /^[a-z_][a-z0-9_]*$/.test(table.table) ? table.table : `\\"${table.table}\\"`
  const name = ready.dialect === 'postgres' && table.schema !== 'public' ? `${table.schema}.${plain}` : plain
  return `curl -s ${url}/api/v1/execute_query -H 'content-type: application/json' \\\n    -d '{"source":"${ready.name}","sql":"SELECT * FROM ${name} LIMIT 3","format":"markdown"}'`
}

const banner = (project: Project, url: string, sources: readonly SourceState[], example: string): string => {
  const doors = doorsOf(url)
  const names = Math.max(...sources.map((source) => source.name.length), 0) + 2
  const lines = sources.map(({ name, type, state, table_count, reason, read_only }) => {
    const proven = read_only.every((proof) => proof.holds)
    const note =
      state === 'ready'
        ? `${table_count} tables${proven ? ', read-only' : ', read-only by session, not by role'}`
        : `${reason?.message ?? ''} ${reason?.hint ?? ''}`.trim()
    const mark = state === 'ready' ? paint('green', 'ready') : paint('red', state)
    return `  ${name.padEnd(names)}${type.padEnd(10)}${mark}  ${note}`
  })
  return [
    '',
    `${paint('bold', `Dataface: ${project.name}`)}${project.description === undefined ? '' : `  ${paint('dim', project.description)}`}`,
    '',
    'Sources',
    ...(lines.length > 0 ? lines : ['  (not answered yet)']),
    '',
    'Doors',
    `  MCP            ${paint('cyan', doors.mcp)}`,
    `  REST           ${paint('cyan', doors.rest)}`,
    `  tRPC           ${paint('cyan', doors.trpc)}`,
    `  API reference  ${paint('cyan', doors.reference)}`,
    '',
    'Try',
    `  ${example}`,
    '',
    paint('dim', 'Ctrl-C stops.'),
    '',
  ].join('\n')
}
