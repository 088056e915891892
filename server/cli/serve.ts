import { once } from 'node:events'
import type { Log } from '../operations/log.ts'
import type { Project } from '../projects/project.ts'
import { apiVersionFlag, readApiVersion } from './api-version.ts'
import { type Command, exitCodes, type Invocation, numberOf, projectFlag, textOf, UsageError } from './command.ts'
import { createCommandLog, openNamedProject, projectFolder } from './locate-project.ts'
import { printDoors, printGreeting } from './print-greeting.ts'
import { readGreeting } from './read-greeting.ts'

const defaultPort = 4321
/** How long calls in flight may take to finish when the server stops, milliseconds. */
const graceMs = 10_000

export const command: Command = {
  usage: '[PATH...]',
  positionals: [0, 1000],
  flags: {
    project: projectFlag,
    port: { value: 'N', about: `Port. Default ${defaultPort}; 0 takes any that is free.` },
    host: { value: 'H', about: 'Address of this machine to listen on. Default 127.0.0.1.' },
    'api-version': apiVersionFlag,
    json: { about: 'Print the addresses and sources as one line of JSON.' },
  },
  details: [
    'With paths of csv, tsv, json, ndjson, parquet or DuckDB files, or of a folder of them, it serves those without any',
    'configuration. Ctrl-C stops it: calls in flight may finish first; a second Ctrl-C stops at once.',
  ],
  examples: ['dft serve', 'dft serve --project analytics --port 8080', 'dft serve flights.parquet airports.csv'],
  async run(invocation) {
    const { terminal, signal, flags } = invocation
    const port = numberOf(invocation, 'port', 0, 65_535) ?? defaultPort
    const log = createCommandLog(invocation, 'warn')
    const project = await openServed(invocation, log)
    const [{ openDataface }, { listen }] = await Promise.all([import('../main.ts'), import('../transports/http/listen.ts')])
    const mcpVersion = readApiVersion(invocation)
    const dataface = openDataface({ project, log, ...(mcpVersion !== undefined && { mcpVersion }) })
    try {
      const server = await listen({ app: await dataface.app(), port, host: textOf(invocation, 'host') ?? '127.0.0.1' })
      try {
        // The doors are open before any database is asked.
        if (flags.json !== true) printDoors(project, server.url, terminal)
        const greeting = await readGreeting(project, dataface.dispatcher.dispatch, signal)
        if (flags.json === true)
          terminal.out(
            `${JSON.stringify({ success: true, project: project.name, url: server.url, ...greeting, diagnostics: project.diagnostics })}\n`,
          )
        else if (!signal.aborted) printGreeting(project, greeting, server.url, terminal)
        if (!signal.aborted) await once(signal, 'abort')
        terminal.err('Stopping: calls in flight may finish. Once more stops at once.\n')
      } finally {
        dataface.stopTaking()
        await server.close(graceMs, dataface.close)
      }
    } finally {
      await dataface.close()
    }
    return exitCodes.ok
  },
}

/** The project that is meant: files, a folder given as a path, or a project. */
const openServed = async (invocation: Invocation, log: Log): Promise<Project> => {
  const { positionals, env } = invocation
  const [first] = positionals
  if (first === undefined) return openNamedProject(invocation, log)
  if (textOf(invocation, 'project') !== undefined) throw new UsageError('Give paths or --project, not both.')
  const folder = projectFolder(first)
  const { openConfig, openProject } = await import('../projects/open-project.ts')
  if (positionals.length === 1 && folder !== undefined) return openProject({ dir: folder, env, log })
  const { projectFromFiles } = await import('../projects/project-from-files.ts')
  return openConfig({ ...(await projectFromFiles(positionals)), log })
}
