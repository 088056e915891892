import { randomBytes } from 'node:crypto'
import packageJson from '../package.json' with { type: 'json' }
import { createCursors } from './dispatch/cursors.ts'
import { createDispatcher, type Dispatcher } from './dispatch/dispatch.ts'
import { servedTools } from './generated/handlers.ts'
import { mcpLists } from './generated/mcp-lists.ts'
import type { Log } from './operations/log.ts'
import type { Project } from './projects/project.ts'
import type { HttpApp } from './transports/http/create-app.ts'
import type { McpDoor } from './transports/mcp/create-mcp-door.ts'
import { createDatafaceDoor, type McpEntry } from './transports/mcp/dataface-door.ts'

export const { version } = packageJson

export interface Dataface {
  readonly project: Project
  readonly dispatcher: Dispatcher
  /** The MCP door for a version of the contracts, made on first use. Undefined for one that is not served. Default: that of the options. */
  mcp(version?: number): Promise<McpDoor> | undefined
  /** The HTTP doors, made on first use. */
  app(): Promise<HttpApp>
  /** From now on new calls over HTTP are refused with NOT_READY. */
  stopTaking(): void
  /** Closes every door and source. */
  close(): Promise<void>
}

export interface DatafaceOptions {
  readonly project: Project
  readonly log: Log
  /** At least 32 bytes; servers that share it accept each other's cursors. Default: random, for this process. */
  readonly cursorSecret?: Buffer
  readonly allowedHosts?: readonly string[]
  /** The version of the contracts that MCP clients get which ask for none. Default: the newest. */
  readonly mcpVersion?: number
}

/** Builds every part once and passes it down; parts that a caller does not use are never loaded. */
export const openDataface = ({
  project,
  log,
  cursorSecret = randomBytes(32),
  allowedHosts = [],
  mcpVersion,
}: DatafaceOptions): Dataface => {
  // The one thing that is ever written is a board; a project without a place for boards, or that says so, has no such tool.
  const mayWrite = project.boards?.isReadOnly === false
  const tools = servedTools.filter(({ readOnly }) => mayWrite || readOnly)
  const dispatcher = createDispatcher({ project, tools, cursors: createCursors(cursorSecret), log })
  let ready = true
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
          isReady: () => ready,
        })
      })
      return app
    },
    stopTaking() {
      ready = false
    },
    async close() {
      ready = false
      for (const door of doors.values()) await (await door).close()
      await project.close()
    },
  }
}
