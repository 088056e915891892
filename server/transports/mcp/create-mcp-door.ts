import type { AuthInfo, McpHttpHandler, McpRequestContext, Server, ServerOptions } from '@modelcontextprotocol/server'
import { type Caller, localCaller } from '../../access/caller.ts'
import type { Fault } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import { isTooLarge, readBody, tooLargeHeaders } from '../http/body.ts'
import type { QuickDoor } from '../http/quick-path.ts'
import { answerHot, type HotCalls, mayBeHot } from './fast-codec.ts'
import { protocolVersions } from './protocol-versions.ts'
import { idIn, invalidParams, readMessage, refusal } from './read-message.ts'
import type { SessionLeg } from './session-leg.ts'

export interface McpDoorOptions {
  readonly serverInfo: { readonly name: string; readonly version: string }
  readonly capabilities: NonNullable<ServerOptions['capabilities']>
  readonly instructions?: string
  readonly cacheHints?: ServerOptions['cacheHints']
  /** Checks the state that a client sends back when it was asked something. */
  readonly requestState?: ServerOptions['requestState']
  /** Puts the handlers on a server; called once per HTTP request, or once per stdio connection. */
  readonly register: (server: Server, caller: Caller) => void
  /** What the codec of our own answers; without it everything goes through the SDK. */
  readonly hot?: HotCalls
  /** Keeps sessions for the revisions of 2025, so that the server can ask the client; without it they are served without state. */
  readonly sessions?: boolean
  /** The data of an error that is answered before a tool is reached. Default: none. */
  readonly refuse?: (fault: Fault) => unknown
  /** The answer to a caller that may not call the tool that a message asks; undefined for one that may. Default: anyone may call any. */
  readonly forbid?: (caller: Caller, message: AskedMessage, request: Request) => Promise<Forbidden | undefined>
  /** Makes what the SDK reads of a message. Default: the message. */
  readonly prepare?: (message: unknown) => unknown
  readonly log: Log
}

/** What of a message says which tool it asks. */
export interface AskedMessage {
  readonly method?: unknown
  readonly params?: { readonly name?: unknown; readonly uri?: unknown } | null
}

/** What a caller is told who may not call a tool. */
export interface Forbidden {
  readonly message: string
  readonly data: unknown
  /** Which credentials would do. */
  readonly headers: Readonly<Record<string, string>>
}

export interface McpDoor {
  /** Answers the hot methods before a request is made for `fetch`; undefined when everything goes through the SDK. */
  readonly quick: QuickDoor | undefined
  /** Answers one HTTP request; Host, Origin and credentials were checked before. */
  fetch(request: Request, caller: Caller): Promise<Response>
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
    forbid,
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
      // Over stdio it is whoever started the process.
      register(server, (context.authInfo?.extra?.caller as Caller | undefined) ?? localCaller)
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
    quick:
      hot === undefined
        ? undefined
        : { takes: mayBeHot, answer: (headers, body, signal, caller) => answerHot(headers, body, { caller, signal }, hot) },
    async fetch(request, caller) {
      if (request.method === 'POST') {
        const text = await textOf(request)
        if (isTooLarge(text)) return Response.json(refusal(text, refuse, tooLargeCode), { status: 413, headers: tooLargeHeaders })
        if (typeof text !== 'string') return Response.json(refusal(text, refuse), { status: 400 })
        let body = text
        // Any other type is for the SDK to refuse.
        if (isJson.test(request.headers.get('content-type') ?? '')) {
          const read = readMessage(text, refuse, { batches: true })
          if ('refused' in read) return Response.json(read.refused, { status: read.refused.error.code === invalidParams ? 200 : 400 })
          for (const message of [read.message].flat() as readonly AskedMessage[]) {
            const forbidden = await forbid?.(caller, message, request)
            if (forbidden !== undefined) return forbiddenResponse(forbidden, idIn(read.message))
          }
          if (prepare !== undefined) body = JSON.stringify(prepare(read.message))
        }
        request = new Request(request.url, { method: 'POST', headers: request.headers, signal: request.signal, body })
      }
      handler ??= loadHandler()
      const { http, sessionLeg } = await handler
      if (sessionLeg !== undefined) {
        const { isLegacyRequest } = await import('@modelcontextprotocol/server')
        if (await isLegacyRequest(request.clone() as Request)) return untied(await sessionLeg.fetch(request, authInfoOf(caller)))
      }
      return untied(await http.fetch(request, { authInfo: authInfoOf(caller) }))
    },
    async serveStdio() {
      const [{ serveStdio }, { openStdio }, factory] = await Promise.all([
        import('@modelcontextprotocol/server/stdio'),
        import('./open-stdio.ts'),
        createServer(),
      ])
      const { transport, whenAnswered } = await openStdio((line) => {
        if (typeof line !== 'string') return { refused: refusal(line, refuse) }
        // A batch is no message over stdio, where no other answer to it would come.
        const read = readMessage(line, refuse, { batches: false })
        if ('refused' in read) return read
        return { text: prepare === undefined ? line : JSON.stringify(prepare(read.message)) }
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

/** The SDK asks that connections be kept, also of a client that wants its own closed; HTTP decides that. */
const untied = (response: Response): Response => {
  response.headers.delete('connection')
  return response
}

/** As the SDK answers. */
const tooLargeCode = -32000

/** A caller as the SDK carries one. */
const authInfoOf = (caller: Caller): AuthInfo => ({ token: '', clientId: caller.id, scopes: [...(caller.scopes ?? [])], extra: { caller } })

/** The refusal of a call, which HTTP tells by its status; no code of JSON-RPC is for it. */
const forbiddenCode = -32003

const forbiddenResponse = ({ message, data, headers }: Forbidden, id: string | number | null): Response =>
  Response.json({ jsonrpc: '2.0', id, error: { code: forbiddenCode, message, data } }, { status: 403, headers })

const isJson = /^application\/json\b/i

/** The body of a request, or why it is refused. */
const textOf = (request: Request): Promise<string | Fault> => readBody(request).catch((error: Fault) => error)
