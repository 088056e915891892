/**
 * Answers the hot methods without the SDK, whose handler costs several times the call itself. Only a request that is
 * certainly well-formed is answered here; everything else, and everything doubtful, is left to the SDK as it came. What is answered equals what the SDK answers, but for SSE framing; test/server/mcp-parity.test.ts
 * holds both to it. See docs/decisions/0006.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Reading } from '../../../contracts/define-contract.ts'
import type { Caller } from '../../access/caller.ts'
import type { DeprecatedVersion } from '../../dispatch/load-version.ts'
import type { Envelope } from '../../envelope/envelope.ts'
import type { CallOrigin } from '../../telemetry/call-origin.ts'
import { tryJson } from '../http/body.ts'
import { isJson, lookupOf } from '../http/node-headers.ts'
import type { QuickAnswer } from '../http/quick-path.ts'
import { originOfRequest } from '../http/request-origin.ts'
import { versionHeader } from '../http/versions.ts'
import { clientInfoKey, originOfMessage } from './message-origin.ts'
import { legacyVersions, modernVersion } from './protocol-versions.ts'
import { deprecationMeta, encodeToolResult } from './tool-result.ts'

export interface HotCalls {
  /** Whether a tool of this name is served, and to this caller. */
  knows(tool: string, caller: Caller): boolean
  /** What of the answers of a contract is read as it is. */
  readingOf(contract: string): Reading | undefined
  /** That a contract will go. */
  deprecationOf(contract: string): DeprecatedVersion | undefined
  /** Runs a tool. */
  call(tool: string, args: unknown, from: Asking): Promise<Envelope>
  /** The members of the result of `tools/list` for both eras, as JSON text without braces. */
  listResult(caller: Caller): { readonly modern: string; readonly legacy: string }
  /** The member of `_meta` with the server's info, as JSON text. */
  readonly resultMeta: string
}

/** Who asks, and until when. */
export interface Asking {
  readonly caller: Caller
  readonly signal: AbortSignal
  readonly origin?: CallOrigin | undefined
}

const metaVersion = 'io.modelcontextprotocol/protocolVersion'
const metaCapabilities = 'io.modelcontextprotocol/clientCapabilities'
/** `_meta` keys that ask for nothing this codec cannot give; trace context and client identity. */
const harmlessMeta: ReadonlySet<string> = new Set([metaVersion, metaCapabilities, clientInfoKey, 'traceparent', 'tracestate', 'baggage'])

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

/** Whether a request with such headers may be one of the hot ones. */
export const mayBeHot = (headers: IncomingHttpHeaders): boolean =>
  isJson(headers) &&
  headers['mcp-session-id'] === undefined &&
  headers[versionHeader] === undefined &&
  headers['last-event-id'] === undefined

/** The answer; undefined when this is not a request to answer here. */
export const answerHot = (
  headers: IncomingHttpHeaders,
  body: string,
  from: Asking,
  hot: HotCalls,
): QuickAnswer | Promise<QuickAnswer> | undefined => {
  const message = tryJson(body) as Message | null | undefined
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return undefined
  const { id, method, params, jsonrpc } = message
  if (jsonrpc !== '2.0' || (typeof id !== 'string' && !Number.isInteger(id)) || typeof method !== 'string') return undefined
  if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params))) return undefined

  const era = eraOf(headers, method, params)
  if (era === undefined) return undefined
  if (method === 'tools/list' && params?.cursor === undefined)
    return {
      status: 200,
      headers: jsonHeaders,
      body: `{"result":{${hot.listResult(from.caller)[era]}},"jsonrpc":"2.0","id":${JSON.stringify(id)}}`,
    }
  if (method !== 'tools/call') return undefined
  const { name, arguments: args } = params ?? {}
  if (typeof name !== 'string' || !hot.knows(name, from.caller)) return undefined
  const origin = originOfMessage({
    mcp: {
      method,
      requestId: id as string | number,
      protocolVersion: headers['mcp-protocol-version'] as string | undefined,
      transport: 'http',
    },
    meta: params?._meta,
    request: originOfRequest(lookupOf(headers)),
  })
  return hot.call(name, args, { ...from, origin }).then((envelope) => {
    const { contract } = envelope.meta
    const meta = deprecationMeta(hot.deprecationOf(contract), era === 'modern' ? hot.resultMeta : undefined)
    const after = `${era === 'modern' ? ',"resultType":"complete"' : ''}${meta}},"jsonrpc":"2.0","id":${JSON.stringify(id)}}`
    const out = encodeToolResult(envelope, hot.readingOf(contract), '{"result":{', after)
    return { status: 200, headers: jsonHeaders, body: out.finish(), sent: () => out.release() }
  })
}

const jsonHeaders = { 'content-type': 'application/json' } as const

/** The era of a request that keeps every rule of it; undefined when a rule is broken or cannot be judged here. */
const eraOf = (headers: IncomingHttpHeaders, method: string, params: Message['params']): 'modern' | 'legacy' | undefined => {
  const version = headers['mcp-protocol-version']
  const meta = params?._meta
  if (version === modernVersion) {
    if (typeof meta !== 'object' || meta === null || meta[metaVersion] !== modernVersion) return undefined
    if (typeof meta[metaCapabilities] !== 'object' || meta[metaCapabilities] === null || Array.isArray(meta[metaCapabilities]))
      return undefined
    for (const key in meta) if (!harmlessMeta.has(key)) return undefined
    const client = meta[clientInfoKey] as { name?: unknown; version?: unknown } | undefined
    if (client !== undefined && (typeof client?.name !== 'string' || typeof client.version !== 'string')) return undefined
    if (headers['mcp-method'] !== method) return undefined
    if (method === 'tools/call' && headers['mcp-name'] !== params?.name) return undefined
    return 'modern'
  }
  if (version !== undefined && !legacyVersions.includes(version as string)) return undefined
  if (meta !== undefined && (typeof meta !== 'object' || meta === null || metaVersion in meta || 'progressToken' in meta)) return undefined
  // The SDK wants both types accepted of a 2025 client; one that accepts both may be answered with either.
  const accept = headers.accept ?? ''
  return accept.includes('application/json') && accept.includes('text/event-stream') ? 'legacy' : undefined
}
