/**
 * Answers the hot methods without the SDK, whose handler costs several times the call itself. Only a request that is
 * certainly well-formed is answered here; everything else, and everything doubtful, is left to the SDK with the body as
 * it was parsed. What is answered equals what the SDK answers, but for SSE framing; test/server/mcp-parity.test.ts
 * holds both to it. See docs/decisions/0006.
 */
import { JsonBytes } from '../../envelope/json-bytes.ts'
import { maxBodyBytes } from '../http/body.ts'
import { legacyVersions, modernVersion } from './protocol-versions.ts'

export interface HotCalls {
  /** Whether a tool of this name is served. */
  knows(tool: string): boolean
  /** Runs a tool; `pieces` joined are the JSON of the answer. */
  call(
    tool: string,
    args: unknown,
    signal: AbortSignal,
  ): Promise<{ readonly pieces: readonly (string | Buffer)[]; readonly isError: boolean }>
  /** The members of the result of `tools/list` for both eras, as JSON text without braces. */
  readonly listResult: { readonly modern: string; readonly legacy: string }
  /** `"_meta":{...}` with the server's info, as JSON text. */
  readonly resultMeta: string
}

const metaVersion = 'io.modelcontextprotocol/protocolVersion'
const metaCapabilities = 'io.modelcontextprotocol/clientCapabilities'
const metaClient = 'io.modelcontextprotocol/clientInfo'
/** `_meta` keys that ask for nothing this codec cannot give; trace context and client identity. */
const harmlessMeta: ReadonlySet<string> = new Set([metaVersion, metaCapabilities, metaClient, 'traceparent', 'tracestate', 'baggage'])

interface Message {
  readonly jsonrpc?: unknown
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: {
    readonly name?: unknown
    readonly arguments?: unknown
    readonly cursor?: unknown
    readonly _meta?: Record<string, unknown>
  }
}

/** The answer, or the parsed body for the SDK when this is not a request to answer here. */
export const answerHot = async (request: Request, hot: HotCalls): Promise<Response | { readonly parsedBody: unknown }> => {
  const { headers } = request
  const isJson = headers.get('content-type')?.toLowerCase().startsWith('application/json') === true
  if (!isJson || headers.has('mcp-session-id') || headers.has('last-event-id')) return { parsedBody: undefined }
  if (Number(headers.get('content-length') ?? Number.NaN) > maxBodyBytes || !headers.has('content-length')) return { parsedBody: undefined }

  let body: unknown
  try {
    body = JSON.parse(await request.text())
  } catch {
    return jsonResponse('{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error: Invalid JSON"},"id":null}', 400)
  }
  const message = body as Message | null
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return { parsedBody: body }
  const { id, method, params, jsonrpc } = message
  if (jsonrpc !== '2.0' || (typeof id !== 'string' && !Number.isInteger(id)) || typeof method !== 'string') return { parsedBody: body }
  if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params))) return { parsedBody: body }

  const era = eraOf(headers, method, params)
  if (era === undefined) return { parsedBody: body }
  const wrap = (result: string): Response => jsonResponse(`{"result":{${result}},"jsonrpc":"2.0","id":${JSON.stringify(id)}}`, 200)

  if (method === 'tools/list' && params?.cursor === undefined) return wrap(hot.listResult[era])
  if (method !== 'tools/call') return { parsedBody: body }
  const { name, arguments: args } = params ?? {}
  if (
    typeof name !== 'string' ||
    !hot.knows(name) ||
    (args !== undefined && (typeof args !== 'object' || args === null || Array.isArray(args)))
  )
    return { parsedBody: body }
  const { pieces, isError } = await hot.call(name, args, request.signal)
  const tail = `"isError":${isError}${era === 'modern' ? `,"resultType":"complete",${hot.resultMeta}` : ''}},"jsonrpc":"2.0","id":${JSON.stringify(id)}}`
  return jsonResponse(encodeResult(pieces, tail), 200)
}

/** The answer twice, as the text that older clients read and as structured content. */
const encodeResult = (pieces: readonly (string | Buffer)[], tail: string): string | Buffer => {
  const head = '{"result":{"content":[{"type":"text","text":"'
  const between = '"}],"structuredContent":'
  if (pieces.length === 1) {
    const text = pieces[0] as string
    return `${head.slice(0, -1)}${JSON.stringify(text)}${between.slice(1)}${text},${tail}`
  }
  const parts = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece))
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  // Twice the answer and its escapes, which are seldom more than a tenth; it grows when they are.
  const out = new JsonBytes(Math.ceil(size * 3) + 1024)
  out.text(head)
  for (const part of parts) out.escaped(part, 0, part.length)
  out.text(between)
  for (const part of parts) out.copy(part, 0, part.length)
  out.text(`,${tail}`)
  return out.finish()
}

/** The era of a request that keeps every rule of it; undefined when a rule is broken or cannot be judged here. */
const eraOf = (headers: Headers, method: string, params: Message['params']): 'modern' | 'legacy' | undefined => {
  const version = headers.get('mcp-protocol-version')
  const meta = params?._meta
  if (version === modernVersion) {
    if (typeof meta !== 'object' || meta === null || meta[metaVersion] !== modernVersion) return undefined
    if (typeof meta[metaCapabilities] !== 'object' || meta[metaCapabilities] === null || Array.isArray(meta[metaCapabilities]))
      return undefined
    for (const key in meta) if (!harmlessMeta.has(key)) return undefined
    const client = meta[metaClient] as { name?: unknown; version?: unknown } | undefined
    if (client !== undefined && (typeof client?.name !== 'string' || typeof client.version !== 'string')) return undefined
    if (headers.get('mcp-method') !== method) return undefined
    if (method === 'tools/call' && headers.get('mcp-name') !== params?.name) return undefined
    return 'modern'
  }
  if (version !== null && !legacyVersions.includes(version)) return undefined
  if (meta !== undefined && (typeof meta !== 'object' || meta === null || metaVersion in meta || 'progressToken' in meta)) return undefined
  // The SDK wants both types accepted of a 2025 client; one that accepts both may be answered with either.
  const accept = headers.get('accept') ?? ''
  return accept.includes('application/json') && accept.includes('text/event-stream') ? 'legacy' : undefined
}

const jsonHeaders = { 'content-type': 'application/json' }
const jsonResponse = (body: string | Buffer, status: number): Response =>
  new Response(body as string | Buffer<ArrayBuffer>, { status, headers: jsonHeaders })
