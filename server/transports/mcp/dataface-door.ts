import type { CallToolResult } from '@modelcontextprotocol/server'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import type { Progress } from '../../dispatch/progress.ts'
import { cutText } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import { carriedArguments, carryArguments } from './carried-arguments.ts'
import { createMcpDoor, type McpDoor } from './create-mcp-door.ts'
import type { HotCalls } from './fast-codec.ts'
import { createResources, ResourceRefusal } from './resources.ts'
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
  readonly log: Log
  /** False sends every request through the SDK. Default true. */
  readonly codec?: boolean
}

const caller = { id: 'local' }
/** How long a client may keep the list of tools, milliseconds; a new list needs a new server. */
const listTtlMs = 60_000

const instructions =
  'Read-only access to databases. Start with list_sources or catalog, look at a table with describe_table, then run SQL with execute_query in the dialect of its source. Answers are cut at limits and say so; aggregate in SQL. Dashboards are YAML: search_dashboards before writing one, get_schema for the language, validate_yaml and test_yaml_execution before save_dashboard.'

/** The data tools over MCP: a call is dispatched, and its envelope written as a result. */
export const createDatafaceDoor = ({ dispatcher, tools, version, contracts, log, codec = true }: DatafaceDoorOptions): McpDoor => {
  const { dispatch, refuse, unknownTool, resolveName, readingOf, deprecationOf } = dispatcher
  const serverInfo = { name: 'dataface', version }
  const resources = createResources({
    ask: (tool, input, signal) => dispatch({ tool, version: contracts, input, door: 'mcp', caller, signal }),
    tools,
    pages: async () => (await import('../../generated/tool-pages.json', { with: { type: 'json' } })).default,
  })
  const list = `"tools":${JSON.stringify(tools)}`
  const resultMeta = `"io.modelcontextprotocol/serverInfo":${JSON.stringify(serverInfo)}`

  const hot: HotCalls = {
    knows: (tool) => resolveName(tool) !== undefined,
    readingOf,
    deprecationOf,
    call: (tool, input, signal) => dispatch({ tool, version: contracts, input, door: 'mcp', caller, signal }),
    listResult: {
      legacy: list,
      modern: `${list},"resultType":"complete","ttlMs":${listTtlMs},"cacheScope":"private","_meta":{${resultMeta}}`,
    },
    resultMeta,
  }

  return createMcpDoor({
    serverInfo,
    // Prompts are an empty list; hosts ask for them all the same.
    capabilities: { tools: {}, resources: {}, prompts: {}, logging: {} },
    instructions,
    cacheHints: { 'tools/list': { ttlMs: listTtlMs, cacheScope: 'private' } },
    refuse: (fault) => refuse(undefined, fault),
    prepare: carryArguments,
    log,
    ...(codec && { hot }),
    register(server) {
      server.setRequestHandler('resources/list', ({ params }, { mcpReq }) => told(resources.list(params?.cursor, mcpReq.signal)))
      server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [...resources.templates] }))
      server.setRequestHandler('resources/read', async ({ params: { uri } }, { mcpReq }) => {
        const contents = await told(resources.read(uri, mcpReq.signal))
        if (contents !== undefined) return { contents: [contents] }
        const { ResourceNotFoundError } = await import('@modelcontextprotocol/server')
        throw new ResourceNotFoundError(cutText(uri))
      })
      server.setRequestHandler('prompts/list', () => ({ prompts: [] }))
      server.setRequestHandler('tools/list', () => ({ tools: tools as never }))
      server.setRequestHandler('tools/call', async ({ params }, { mcpReq }): Promise<CallToolResult> => {
        const { name } = params
        const input = carriedArguments(params.arguments)
        if (resolveName(name) === undefined) throw await unknownToolError(name)
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
          signal: mcpReq.signal,
          ...(onProgress !== undefined && { onProgress }),
        })
        // None may follow the answer.
        await sent
        const { contract } = envelope.meta
        const out = encodeToolResult(envelope, readingOf(contract), '{', `${deprecationMeta(deprecationOf(contract))}}`)
        const result = JSON.parse(out.finish().toString()) as CallToolResult
        out.release()
        return result
      })
    },
  })

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
  async function unknownToolError(name: string): Promise<Error> {
    const { ProtocolError } = await import('@modelcontextprotocol/server')
    const fault = unknownTool(name)
    return new ProtocolError(-32602, `${fault.message} ${fault.details.hint}`, refuse(name, fault))
  }
}
