import { randomUUID } from 'node:crypto'
import { type AuthInfo, type McpRequestContext, type Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'

export interface SessionLeg {
  /** A session is opened for who first asks. */
  fetch(request: Request, authInfo: AuthInfo): Promise<Response>
  close(): Promise<void>
}

/** Sessions kept at once; the one that was idle longest goes first. */
const maxSessions = 1_000

/**
 * Streamable HTTP with sessions, as the revisions of 2025 have it: one server and transport per session, from
 * `initialize` to DELETE. Needed only where a server asks its client something.
 */
export const createSessionLeg = (factory: (context: McpRequestContext) => Server): SessionLeg => {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()

  const open = async (authInfo: AuthInfo): Promise<WebStandardStreamableHTTPServerTransport> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        const [oldest] = sessions.keys()
        if (sessions.size >= maxSessions && oldest !== undefined) void sessions.get(oldest)?.close()
        sessions.set(id, transport)
      },
      onsessionclosed: (id) => {
        sessions.delete(id)
      },
    })
    transport.onclose = () => {
      if (transport.sessionId !== undefined) sessions.delete(transport.sessionId)
    }
    await factory({ era: 'legacy', authInfo }).connect(transport)
    return transport
  }

  return {
    async fetch(request, authInfo) {
      const id = request.headers.get('mcp-session-id')
      const known = id === null ? undefined : sessions.get(id)
      if (id !== null && known === undefined)
        return Response.json({ jsonrpc: '2.0', error: { code: -32001, message: 'Session not found' }, id: null }, { status: 404 })
      if (id !== null && known !== undefined) {
        sessions.delete(id)
        sessions.set(id, known)
      }
      return (known ?? (await open(authInfo))).handleRequest(request)
    },
    async close() {
      await Promise.all([...sessions.values()].map((transport) => transport.close()))
    },
  }
}
