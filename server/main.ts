import packageJson from '../package.json' with { type: 'json' }
import { createCursors } from './dispatch/cursors.ts'
import { createDispatcher, type Dispatcher } from './dispatch/dispatch.ts'
import { contractsDigest, servedTools } from './generated/handlers.ts'
import { mcpLists } from './generated/mcp-lists.ts'
import type { Log } from './operations/log.ts'
import type { Project } from './projects/project.ts'
import { anyReady, createReadiness, type ReadyState } from './projects/readiness.ts'
import { Telemetry } from './telemetry/telemetry.ts'
import type { Tracer } from './telemetry/tracer.ts'
import { createChallenge } from './transports/http/challenge.ts'
import type { HttpApp } from './transports/http/create-app.ts'
import type { McpDoor } from './transports/mcp/create-mcp-door.ts'
import { createDatafaceDoor, type McpEntry } from './transports/mcp/dataface-door.ts'

export const { version } = packageJson

/** What serves at an address: one project or several. */
export interface Serving {
  /** The HTTP doors, made on first use. */
  app(): Promise<HttpApp>
  /** Whether calls should be sent here, for any of the projects. */
  readiness(): Promise<ReadyState>
  /** From now on it says that it is stopping, and still takes calls. */
  drain(): void
  /** From now on new calls over HTTP are refused with NOT_READY. */
  stopTaking(): void
  /** Closes the sources, so that calls in flight are answered with NOT_READY; the doors stay open for their answers. */
  cancelCalls(): Promise<void>
  /** Closes every door and source. */
  close(): Promise<void>
  /** Closes what is not of a project, where something else serves the projects from now on. Absent where there is nothing. */
  closeOwn?(): Promise<void>
}

export interface Dataface extends Serving {
  readonly project: Project
  readonly dispatcher: Dispatcher
  /** The MCP door for a version of the contracts, made on first use. Undefined for one that is not served. Default: that of the options. */
  mcp(version?: number): Promise<McpDoor> | undefined
}

export interface DatafaceOptions {
  readonly project: Project
  readonly log: Log
  /** At least 32 bytes; servers that share it accept each other's cursors. Default: that of the state of the project. */
  readonly cursorSecret?: Buffer
  readonly allowedHosts?: readonly string[]
  /** Whether what is asked of `/p/<name>` is for this project. Default: that of its own name. */
  readonly servesName?: (name: string) => boolean
  /** The version of the contracts that MCP clients get which ask for none. Default: the newest. */
  readonly mcpVersion?: number
  /** Follows every call. Default: nobody does. */
  readonly telemetry?: Telemetry | undefined
}

/** Builds every part once and passes it down; parts that a caller does not use are never loaded. */
export const openDataface = ({
  project,
  log,
  cursorSecret,
  allowedHosts = [],
  servesName,
  mcpVersion,
  telemetry,
}: DatafaceOptions): Dataface => {
  // The one thing that is ever written is a board; a project without a place for boards, or that says so, has no such tool.
  const mayWrite = project.boards?.isReadOnly === false
  const tools = servedTools.filter(({ readOnly }) => mayWrite || readOnly)
  const dispatcher = createDispatcher({
    project,
    tools,
    cursors: createCursors(() => cursorSecret ?? project.state.cursorSecret()),
    log,
    telemetry,
  })
  let ready = true
  let draining = false
  const askReadiness = createReadiness(project)
  const readiness = async (): Promise<ReadyState> => (draining ? { status: 'stopping' } : askReadiness())
  const cancelCalls = async (): Promise<void> => {
    draining = true
    ready = false
    await project.close()
  }
  const doors = new Map<number, Promise<McpDoor>>()
  let app: Promise<HttpApp> | undefined

  const newest = dispatcher.versions.at(-1) ?? 1
  const mcp = (wanted = mcpVersion ?? newest): Promise<McpDoor> | undefined => {
    const list = (mcpLists as Readonly<Record<number, () => Promise<readonly McpEntry[]>>>)[wanted]
    if (list === undefined) return undefined
    const door =
      doors.get(wanted) ??
      list().then((listed) =>
        createDatafaceDoor({
          dispatcher,
          tools: listed.filter(({ name }) => dispatcher.toolNames.includes(name)),
          version,
          challenge: createChallenge(project.access.oauth),
          ...(wanted !== newest && { contracts: wanted }),
          log,
        }),
      )
    doors.set(wanted, door)
    return door
  }
  return {
    project,
    dispatcher,
    mcp,
    app() {
      app ??= Promise.all([import('./transports/http/create-app.ts'), mcp()]).then(([{ createApp }, served]) => {
        if (served === undefined) throw new Error(`there is no version ${mcpVersion} of the contracts`)
        return createApp({
          dispatcher,
          mcp: served,
          mcpAt: mcp,
          openapi: async () => JSON.stringify((await import('./generated/openapi.json', { with: { type: 'json' } })).default),
          project,
          log,
          allowedHosts,
          ...(servesName !== undefined && { servesName }),
          isReady: () => ready,
          readiness,
        })
      })
      return app
    },
    readiness,
    drain() {
      draining = true
    },
    stopTaking() {
      draining = true
      ready = false
    },
    cancelCalls,
    async close() {
      await cancelCalls()
      for (const door of doors.values()) await (await door).close()
    },
  }
}

/** What a server knows of itself, for `DatafaceOptions.telemetry`. */
export const createTelemetry = (tracer?: Tracer): Telemetry => new Telemetry({ version, contract: contractsDigest, tracer })

/** Serves projects together, each with its own sources, boards, policies and callers. Their names must differ. */
export const openServer = (datafaces: readonly Dataface[], log: Log, telemetry?: Telemetry): Required<Serving> => {
  const readiness = () => anyReady(datafaces.map((dataface) => dataface.readiness))
  // Answers for projects that are not there, as one that is there answers who is not known to it.
  const closed = datafaces.map(({ project: { access } }) => access).filter(({ isClosed }) => isClosed)
  const missing = Promise.all([import('./projects/open-project.ts'), import('./access/access.ts')]).then(
    ([{ openConfig }, { accessOfNobody }]) => {
      const project = { ...openConfig({ config: { name: 'unknown', sources: {} }, log }), access: accessOfNobody(closed) }
      return openDataface({ project, servesName: () => true, log, telemetry })
    },
  )
  const closeOwn = async (): Promise<void> => (await missing).close()
  return {
    async app() {
      const { createProjectsApp } = await import('./transports/http/projects-app.ts')
      const apps = await Promise.all(datafaces.map((dataface) => dataface.app()))
      const { dispatcher, app, project } = await missing
      return createProjectsApp({
        projects: datafaces.map(({ project: { name, access } }, index) => ({ name, access, app: apps[index] as HttpApp })),
        missing: { dispatcher, access: project.access, app: await app() },
        readiness,
        log,
      })
    },
    readiness,
    drain() {
      for (const dataface of datafaces) dataface.drain()
    },
    stopTaking() {
      for (const dataface of datafaces) dataface.stopTaking()
      void missing.then((dataface) => dataface.stopTaking())
    },
    async cancelCalls() {
      await Promise.all(datafaces.map((dataface) => dataface.cancelCalls()))
    },
    async close() {
      await Promise.all([closeOwn(), ...datafaces.map((dataface) => dataface.close())])
    },
    closeOwn,
  }
}
