import type { CallToolResult, Server, ServerContext } from '@modelcontextprotocol/server'
import type { Caller } from '../../access/caller.ts'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import type { Progress } from '../../dispatch/progress.ts'
import type { Failure } from '../../envelope/envelope.ts'
import { cutText } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import type { CallOrigin } from '../../telemetry/call-origin.ts'
import type { TellChallenge } from '../http/challenge.ts'
import { originOfRequest } from '../http/request-origin.ts'
import { carriedArguments, carryArguments } from './carried-arguments.ts'
import { type AskedMessage, createMcpDoor, type McpDoor } from './create-mcp-door.ts'
import type { HotCalls } from './fast-codec.ts'
import { originOfMessage } from './message-origin.ts'
import { createResources, ResourceRefusal, toolOfResource } from './resources.ts'
import { deprecationMeta, encodeToolResult } from './tool-result.ts'

/** An entry of `tools/list`. */
export interface McpEntry {
  readonly name: string
  readonly title: string
}

export interface DatafaceDoorOptions {
  readonly dispatcher: Dispatcher
  /** Entries of `tools/list`, frozen when the contracts were compiled. */
  readonly tools: readonly McpEntry[]
  /** Of the server. */
  readonly version: string
  /** The version of the contracts that `tools` is of. Default: the newest. */
  readonly contracts?: number
  /** The headers of the answer to a caller that may not call a tool. */
  readonly challenge: TellChallenge
  readonly log: Log
  /** False sends every request through the SDK. Default true. */
  readonly codec?: boolean
}

/** How long a client may keep the list of tools, milliseconds; a new list needs a new server. */
const listTtlMs = 60_000

const instructions =
  'Read-only access to databases. Start with list_sources or catalog, look at a table with describe_table, then run SQL with execute_query in the dialect of its source. Answers are cut at limits and say so; aggregate in SQL. Dashboards are YAML: search_dashboards before writing one, get_schema for the language, validate_yaml and test_yaml_execution before save_dashboard.'

/** The data tools over MCP: a call is dispatched, and its envelope written as a result. */
export const createDatafaceDoor = ({
  dispatcher,
  tools,
  version,
  contracts,
  challenge,
  log,
  codec = true,
}: DatafaceDoorOptions): McpDoor => {
  const { dispatch, refuse, refusalOf, resolveName, readingOf, deprecationOf } = dispatcher
  const serverInfo = { name: 'dataface', version }
  const toolsFor = (caller: Caller): readonly McpEntry[] => {
    const names = new Set(dispatcher.toolNamesFor(caller))
    return tools.filter(({ name }) => names.has(name))
  }
  const resourcesFor = (caller: Caller) =>
    createResources({
      ask: (tool, input, { signal, origin }) => dispatch({ tool, version: contracts, input, door: 'mcp', caller, origin, signal }),
      tools: toolsFor(caller),
      pages: async () => (await import('../../generated/tool-pages.json', { with: { type: 'json' } })).default,
    })
  const resultMeta = `"io.modelcontextprotocol/serverInfo":${JSON.stringify(serverInfo)}`

  const listOf = (caller: Caller) => {
    const list = `"tools":${JSON.stringify(toolsFor(caller))}`
    return {
      legacy: list,
      modern: `${list},"resultType":"complete","ttlMs":${listTtlMs},"cacheScope":"private","_meta":{${resultMeta}}`,
    }
  }
  const wholeList = listOf({ id: '' })

  const hot: HotCalls = {
    knows: (tool, caller) => resolveName(tool) !== undefined && refusalOf(caller, tool) === undefined,
    readingOf,
    deprecationOf,
    call: (tool, input, from) => dispatch({ tool, version: contracts, input, door: 'mcp', ...from }),
    listResult: (caller) => (caller.scopes === undefined ? wholeList : listOf(caller)),
    resultMeta,
  }

  return createMcpDoor({
    serverInfo,
    // Prompts are an empty list; hosts ask for them all the same.
    capabilities: { tools: {}, resources: {}, prompts: {}, logging: {} },
    instructions,
    cacheHints: { 'tools/list': { ttlMs: listTtlMs, cacheScope: 'private' } },
    refuse: (fault) => refuse(undefined, fault),
    async forbid(caller, message, { headers, signal }) {
      const tool = toolAsked(message)
      const fault = tool === undefined ? undefined : refusalOf(caller, tool)
      if (tool === undefined || fault === undefined) return undefined
      const origin = originOfMessage({ mcp: { method: String(message.method), transport: 'http' }, request: originOfRequest(headers) })
      // Dispatch refuses it too, and keeps the record of it.
      const data = await dispatch({ tool, version: contracts, input: undefined, door: 'mcp', caller, origin, signal })
      return { message: fault.message, data, headers: challenge(fault) }
    },
    prepare: carryArguments,
    log,
    ...(codec && { hot }),
    register(server, caller) {
      const resources = resourcesFor(caller)
      const asking = (context: ServerContext) => ({ signal: context.mcpReq.signal, origin: originOfContext(server, context) })
      server.setRequestHandler('resources/list', ({ params }, context) => told(resources.list(params?.cursor, asking(context))))
      server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [...resources.templates] }))
      server.setRequestHandler('resources/read', async ({ params: { uri } }, context) => {
        const contents = await told(resources.read(uri, asking(context)))
        if (contents !== undefined) return { contents: [contents] }
        const { ResourceNotFoundError } = await import('@modelcontextprotocol/server')
        throw new ResourceNotFoundError(cutText(uri))
      })
      server.setRequestHandler('prompts/list', () => ({ prompts: [] }))
      server.setRequestHandler('tools/list', () => ({ tools: toolsFor(caller) as never }))
      server.setRequestHandler('tools/call', async ({ params }, context): Promise<CallToolResult> => {
        const { mcpReq } = context
        const { name } = params
        const input = carriedArguments(params.arguments)
        const progressToken = mcpReq._meta?.progressToken
        const onProgress =
          progressToken === undefined
            ? undefined
            : (progress: Progress) => {
                sent = mcpReq.notify({ method: 'notifications/progress', params: { progressToken, ...progress } }).catch(() => {})
              }
        let sent: Promise<void> | undefined
        const envelope = await dispatch({
          tool: name,
          version: contracts,
          input,
          door: 'mcp',
          caller,
          ...asking(context),
          ...(onProgress !== undefined && { onProgress }),
        })
        // None may follow the answer.
        await sent
        if (resolveName(name) === undefined && !envelope.success && envelope.errors[0].code === 'UNKNOWN_TOOL')
          throw await unknownToolError(envelope)
        const { contract } = envelope.meta
        const out = encodeToolResult(envelope, readingOf(contract), '{', `${deprecationMeta(deprecationOf(contract))}}`)
        const result = JSON.parse(out.finish().toString()) as CallToolResult
        out.release()
        return result
      })
    },
  })

  /** The tool that answers a message. */
  function toolAsked({ method, params }: AskedMessage): string | undefined {
    if (method === 'tools/call') return typeof params?.name === 'string' ? params.name : undefined
    if (method !== 'resources/read' || typeof params?.uri !== 'string') return undefined
    return toolOfResource(params.uri, (name) => resolveName(name) !== undefined)
  }

  /** What a tool refused is an error of the protocol, whose data is the envelope. */
  async function told<Result>(asked: Promise<Result>): Promise<Result> {
    try {
      return await asked
    } catch (error) {
      if (!(error instanceof ResourceRefusal)) throw error
      const { ProtocolError } = await import('@modelcontextprotocol/server')
      const isTheirs = error.envelope.errors[0].code === 'VALIDATION_ERROR'
      throw new ProtocolError(isTheirs ? -32602 : -32603, error.message, error.envelope)
    }
  }

  /** An unknown tool is an error of the protocol; its data is the envelope that other doors answer with. */
  async function unknownToolError(envelope: Failure): Promise<Error> {
    const { ProtocolError } = await import('@modelcontextprotocol/server')
    const [{ message, hint }] = envelope.errors
    return new ProtocolError(-32602, `${message} ${hint}`, envelope)
  }
}

/** Where a request that the SDK has read comes from. */
const originOfContext = (server: Server, { mcpReq, http }: ServerContext): CallOrigin =>
  originOfMessage({
    mcp: {
      method: mcpReq.method,
      requestId: mcpReq.id,
      protocolVersion:
        (mcpReq.envelope as Readonly<Record<string, string>> | undefined)?.['io.modelcontextprotocol/protocolVersion'] ??
        http?.req?.headers.get('mcp-protocol-version') ??
        server.getNegotiatedProtocolVersion(),
      transport: http === undefined ? 'stdio' : 'http',
    },
    meta: { ...mcpReq._meta, ...mcpReq.envelope },
    clientInfo: server.getClientVersion(),
    ...(http?.req !== undefined && { request: originOfRequest(http.req.headers) }),
  })
