import type { McpHttpHandler, McpRequestContext, Server, ServerOptions } from '@modelcontextprotocol/server'
import { Fault } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import { isTooLarge, readBody, tooLargeHeaders } from '../http/body.ts'
import type { QuickDoor } from '../http/quick-path.ts'
import { answerHot, type HotCalls, mayBeHot } from './fast-codec.ts'
import { protocolVersions } from './protocol-versions.ts'
import { readMessage, refusal, refuseUnread } from './read-message.ts'
import type { SessionLeg } from './session-leg.ts'

export interface McpDoorOptions {
  readonly serverInfo: { readonly name: string; readonly version: string }
  readonly capabilities: NonNullable<ServerOptions['capabilities']>
  readonly instructions?: string
  readonly cacheHints?: ServerOptions['cacheHints']
  /** Checks the state that a client sends back when it was asked something. */
  readonly requestState?: ServerOptions['requestState']
  /** Puts the handlers on a server; called once per HTTP request, or once per stdio connection. */
  readonly register: (server: Server, context: McpRequestContext) => void
  /** What the codec of our own answers; without it everything goes through the SDK. */
  readonly hot?: HotCalls
  /** Keeps sessions for the revisions of 2025, so that the server can ask the client; without it they are served without state. */
  readonly sessions?: boolean
  /** The data of an error that is answered before a tool is reached. Default: none. */
  readonly refuse?: (fault: Fault) => unknown
  /** Makes what the SDK reads of a message. Default: the message. */
  readonly prepare?: (message: unknown) => unknown
  readonly log: Log
}

export interface McpDoor {
  /** Answers the hot methods before a request is made for `fetch`; undefined when everything goes through the SDK. */
  readonly quick: QuickDoor | undefined
  /** Answers one HTTP request; Host and Origin were checked before. */
  fetch(request: Request): Promise<Response>
  /** Serves standard input and output until input ends and what it asked is answered. */
  serveStdio(): Promise<void>
  close(): Promise<void>
}

/** MCP over HTTP and stdio, every revision from one registration. The SDK is loaded on the first request that needs it. */
export const createMcpDoor = (options: McpDoorOptions): McpDoor => {
  const {
    serverInfo,
    capabilities,
    instructions,
    cacheHints,
    requestState,
    register,
    hot,
    sessions = false,
    refuse,
    prepare,
    log,
  } = options
  let handler: Promise<{ http: McpHttpHandler; sessionLeg: SessionLeg | undefined }> | undefined

  const createServer = async () => {
    const { Server: SdkServer } = await import('@modelcontextprotocol/server')
    return (context: McpRequestContext): Server => {
      const server = new SdkServer(serverInfo, {
        capabilities,
        // Without it, the refusal of any other revision names those of 2024 and 2025 alone.
        supportedProtocolVersions: [...protocolVersions],
        ...(instructions !== undefined && { instructions }),
        ...(cacheHints !== undefined && { cacheHints }),
        ...(requestState !== undefined && { requestState }),
      })
      register(server, context)
      return server
    }
  }

  const loadHandler = async () => {
    const [{ createMcpHandler }, factory] = await Promise.all([import('@modelcontextprotocol/server'), createServer()])
    const onerror = (error: Error) => log('debug', 'An MCP request was refused.', { error })
    return {
      http: createMcpHandler(factory, { legacy: sessions ? 'reject' : 'stateless', onerror }),
      sessionLeg: sessions ? (await import('./session-leg.ts')).createSessionLeg(factory) : undefined,
    }
  }

  return {
    quick: hot === undefined ? undefined : { takes: mayBeHot, answer: (headers, body, signal) => answerHot(headers, body, signal, hot) },
    async fetch(request) {
      if (request.method === 'POST') {
        const text = await textOf(request)
        if (isTooLarge(text)) return Response.json(refusal(text, refuse, tooLargeCode), { status: 413, headers: tooLargeHeaders })
        if (typeof text !== 'string') return Response.json(refusal(text, refuse), { status: 400 })
        let body = text
        // Any other type is for the SDK to refuse.
        if (isJson.test(request.headers.get('content-type') ?? '')) {
          const read = readMessage(text, refuse)
          if ('refused' in read) return Response.json(read.refused, { status: 400 })
          if (prepare !== undefined) body = JSON.stringify(prepare(read.message))
        }
        request = new Request(request.url, { method: 'POST', headers: request.headers, signal: request.signal, body })
      }
      handler ??= loadHandler()
      const { http, sessionLeg } = await handler
      if (sessionLeg !== undefined) {
        const { isLegacyRequest } = await import('@modelcontextprotocol/server')
        if (await isLegacyRequest(request.clone() as Request)) return sessionLeg.fetch(request)
      }
      return http.fetch(request)
    },
    async serveStdio() {
      const [{ serveStdio }, { openStdio }, factory] = await Promise.all([
        import('@modelcontextprotocol/server/stdio'),
        import('./open-stdio.ts'),
        createServer(),
      ])
      const { transport, whenAnswered } = await openStdio((line) => {
        if (typeof line !== 'string') return { refused: refusal(line, refuse) }
        const read = readMessage(line, refuse)
        if ('refused' in read) return read
        const refused = refuseUnread(read.message, refuse)
        return refused === undefined ? { text: prepare === undefined ? line : JSON.stringify(prepare(read.message)) } : { refused }
      })
      const handle = serveStdio(factory, { transport, onerror: (error) => log('debug', 'An MCP message was refused.', { error }) })
      await whenAnswered
      await handle.close()
    },
    async close() {
      if (handler === undefined) return
      const { http, sessionLeg } = await handler
      await Promise.all([http.close(), sessionLeg?.close()])
    },
  }
}

/** As the SDK answers. */
const tooLargeCode = -32000

const isJson = /^application\/json\b/i

/** The body of a request, or why it is refused; nothing of one that broke off. */
const textOf = (request: Request): Promise<string | Fault> =>
  readBody(request).catch((error: unknown) => (error instanceof Fault ? error : ''))
