import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dataface, Serving } from '../main.ts'
import { ProjectError } from '../projects/diagnostic.ts'
import type { Project } from '../projects/project.ts'
import { openState } from '../state/open-state.ts'
import { stateVariable } from '../state/shared-state.ts'
import { projectPath } from '../transports/http/project-path.ts'
import { operatorTokenVariable } from '../transports/operator/operator-token.ts'
import { apiVersionFlag, readApiVersion } from './api-version.ts'
import { type Command, exitCodes, numberOf, stoppedCode, textOf } from './command.ts'
import { createCommandLog } from './locate-project.ts'
import { openServed, projectsFlag } from './open-served.ts'
import { openTelemetry } from './open-telemetry.ts'
import { printDiagnostics } from './print-diagnostics.ts'
import { printDoors, printGreeting } from './print-greeting.ts'
import { readGreeting } from './read-greeting.ts'
import { reloadProjects } from './reload-projects.ts'
import { checkServerVariables, findUnknownVariables, readDrainMs } from './server-variables.ts'

const defaultPort = 4321
/** How long calls are taken after a request to end, milliseconds: whoever sends them here must see first that it is not ready. */
const defaultDrainMs = 5_000
/** How long calls in flight may take to finish when the server stops, milliseconds. */
const graceMs = 10_000

export const command: Command = {
  usage: '[PATH...]',
  positionals: [0, 1000],
  flags: {
    project: projectsFlag,
    port: { value: 'N', about: `Port. Default ${defaultPort}; 0 takes any that is free.` },
    host: { value: 'H', about: 'Address of this machine to listen on. Default 127.0.0.1.' },
    'api-version': apiVersionFlag,
    json: { about: 'Print the addresses and sources as one line of JSON.' },
  },
  details: [
    'With paths of csv, tsv, json, ndjson, parquet or DuckDB files, or of a folder of them, it serves those without any',
    'configuration; a dbt project needs none either. Of several projects each is at /p/<name>.',
    'Ctrl-C stops it: calls in flight may finish first; a second Ctrl-C stops at once. On SIGTERM it says at /readyz that it',
    'is not ready and takes calls for DATAFACE_DRAIN_SECONDS more, 5 unless that is set, before it stops as at Ctrl-C.',
  ],
  examples: [
    'dft serve',
    'dft serve --project sales --project support --port 8080',
    'dft serve --project analytics --port 8080',
    'dft serve flights.parquet airports.csv',
  ],
  async run(invocation) {
    const { terminal, signal, flags, env } = invocation
    const faults = checkServerVariables(env)
    if (faults.length > 0) throw new ProjectError(faults)
    const port = numberOf(invocation, 'port', 0, 65_535) ?? defaultPort
    const log = createCommandLog(invocation, 'warn')
    // What becomes of the server, to a person or, as lines of the log, to what collects them.
    const said = createCommandLog(invocation, 'info')
    const say = (text: string): void => (terminal.isErrRead ? terminal.err(`${text}\n`) : said('info', text))
    const mcpVersion = readApiVersion(invocation)
    const state = openState({ url: invocation.env[stateVariable], log })
    const { projects, leftOut, parents } = await openServed(invocation, log, state)
    await state.prepare()
    const [{ openDataface, openServer }, { checkHost, listen }, { LiveApp }, { withOperatorPages }] = await Promise.all([
      import('../main.ts'),
      import('../transports/http/listen.ts'),
      import('../transports/http/live-app.ts'),
      import('../transports/operator/operator-app.ts'),
    ])
    const { telemetry, close: closeTelemetry } = await openTelemetry(invocation, log)
    const makeDataface = (project: Project) => openDataface({ project, log, telemetry, ...(mcpVersion !== undefined && { mcpVersion }) })
    const first = projects.map(makeDataface)
    const serverOf = (datafaces: readonly Dataface[]): Serving =>
      datafaces.length === 1 ? (datafaces[0] as Dataface) : openServer(datafaces, log, telemetry)
    let served = serverOf(first)
    const app = new LiveApp(await served.app())
    const withPages = withOperatorPages(app, { telemetry, token: invocation.env[operatorTokenVariable], log })
    const host = textOf(invocation, 'host') ?? '127.0.0.1'
    const reloading = reloadProjects({
      datafaces: first,
      leftOut,
      parents,
      open: async (dir) => (await import('../projects/open-project.ts')).openProject({ dir, env: invocation.env, log, state }),
      makeDataface,
      async serve(datafaces) {
        const before = served
        const next = serverOf(datafaces)
        const nextApp = await next.app()
        try {
          checkHost(nextApp, host)
        } catch (error) {
          await next.closeOwn?.()
          throw error
        }
        // Else it would be starting for a moment.
        await next.readiness()
        if (signal.aborted) next.drain()
        served = next
        return { settled: app.replace(nextApp).then(() => before.closeOwn?.()) }
      },
      say,
      log,
      onReload(project, isOk) {
        telemetry.reloaded(project, isOk)
        observe()
      },
    })
    const observe = () =>
      telemetry.observe(
        () => reloading.datafaces.map(({ project }) => project),
        () => reloading.leftOut,
      )
    observe()
    const goOn = (): void =>
      say('SIGHUP changes nothing: settings are read anew when they change, and files that were moved away are made anew.')
    // Supervisors and programs that rotate logs send it to a service; where somebody types, it says that the terminal was closed.
    if (!process.stdin.isTTY) process.on('SIGHUP', goOn)
    // Those of a project that could not be opened are not known.
    if (leftOut.length === 0) printDiagnostics(findUnknownVariables(env, new Set(projects.flatMap(({ variables }) => variables))), terminal)
    try {
      const server = await listen({ app: withPages, port, host })
      // In a folder of projects it may not stay so, and what is told here is to hold then too.
      const isAlone = projects.length + leftOut.length === 1 && parents.length === 0
      const urlOf = ({ name }: Project) => (isAlone ? server.url : server.url + projectPath(name))
      try {
        // The doors are open before any database is asked.
        if (flags.json !== true) for (const project of projects) printDoors(project, urlOf(project), terminal)
        const greetings = await Promise.all(
          first.map(async ({ project, dispatcher }) => ({
            project,
            greeting: await readGreeting(project, dispatcher.dispatch, signal),
          })),
        )
        if (flags.json === true) {
          const told = greetings.map(({ project, greeting }) => ({
            project: project.name,
            url: urlOf(project),
            ...greeting,
            diagnostics: project.diagnostics,
          }))
          terminal.out(`${JSON.stringify({ success: true, ...(isAlone ? told[0] : { url: server.url, projects: told }) })}\n`)
        } else if (!signal.aborted) {
          for (const { project, greeting } of greetings) printGreeting(project, greeting, urlOf(project), terminal, !isAlone)
          terminal.out('Ctrl-C stops.\n')
        }
        if (!signal.aborted) await once(signal, 'abort')
        reloading.stop()
        served.drain()
        server.drain()
        say('Stopping: calls in flight may finish. Once more stops at once.')
        if (stoppedCode(signal) === exitCodes.terminated) await sleep(readDrainMs(env, defaultDrainMs))
      } finally {
        reloading.stop()
        served.stopTaking()
        await server.close(graceMs, async () => {
          await Promise.all([served, ...reloading.replaced].map((one) => one.cancelCalls()))
        })
      }
    } finally {
      process.off('SIGHUP', goOn)
      reloading.stop()
      await Promise.all([served, ...reloading.replaced].map((one) => one.close()))
      await closeTelemetry()
      await state.close()
    }
    return exitCodes.ok
  },
}
