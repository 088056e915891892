import type { TraceContext } from './trace-context.ts'

/** What a door knows of where a call comes from. For telemetry alone: nothing is decided by it. */
export interface CallOrigin {
  /** The program that calls, as it names itself: "claude-code", or what its User-Agent begins with. */
  readonly client?: string | undefined
  /** The trace that the call is a part of. */
  readonly trace?: TraceContext | undefined
  /** That of the HTTP request, where the message in it says another. */
  readonly httpTrace?: TraceContext | undefined
  readonly mcp?: McpOrigin | undefined
}

/** A request over MCP. */
export interface McpOrigin {
  readonly method: string
  readonly requestId?: string | number | undefined
  readonly protocolVersion?: string | undefined
  readonly transport: 'http' | 'stdio'
}

/** Characters of the name of a client. */
const maxClient = 60

/** The name of a client as it may be shown: cut, and without what is no printable ASCII. */
export const clientName = (given: unknown): string | undefined => {
  if (typeof given !== 'string') return undefined
  const shown = given
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, maxClient)
  return shown === '' ? undefined : shown
}

/** The program in a User-Agent: "curl" of "curl/8.5.0 (...)"; browsers, which all begin alike, are one. */
export const clientOfAgent = (agent: string | null | undefined): string | undefined => clientName(agent?.split(/[/\s]/, 1)[0])
