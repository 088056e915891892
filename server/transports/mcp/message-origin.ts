import { type CallOrigin, clientName, type McpOrigin } from '../../telemetry/call-origin.ts'
import { readTraceparent } from '../../telemetry/trace-context.ts'

/** Where in `_meta` a client of 2026 says who it is. */
export const clientInfoKey = 'io.modelcontextprotocol/clientInfo'

export interface OriginOptions {
  readonly mcp: McpOrigin
  /** `_meta` of the request. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined
  /** What the client said of itself elsewhere. */
  readonly clientInfo?: { readonly name?: unknown } | undefined
  /** Of the HTTP request that the message came in. */
  readonly request?: CallOrigin | undefined
}

/** Where a message of MCP comes from. What it says itself is nearer than what its HTTP request says. */
export const originOfMessage = ({ mcp, meta, clientInfo, request }: OriginOptions): CallOrigin => {
  const own = readTraceparent(meta?.traceparent, meta?.tracestate)
  const told = (meta?.[clientInfoKey] ?? clientInfo) as { readonly name?: unknown } | undefined
  return {
    client: clientName(told?.name) ?? request?.client,
    trace: own ?? request?.trace,
    ...(own !== undefined && { httpTrace: request?.trace }),
    mcp,
  }
}
