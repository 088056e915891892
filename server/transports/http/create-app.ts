import { Hono } from 'hono'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import { unknownVersion } from '../../dispatch/load-version.ts'
import { type Envelope, encodeBody } from '../../envelope/envelope.ts'
import { Fault } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import type { Project } from '../../projects/project.ts'
import { serveBoards } from '../boards/serve.ts'
import type { McpDoor } from '../mcp/create-mcp-door.ts'
import { encodeResponse } from '../rest/encode.ts'
import { serveRest } from '../rest/serve.ts'
import { statusOf } from '../rest/status.ts'
import { serveTrpc } from '../trpc/serve.ts'
import { createLocalGuard } from './local-only.ts'
import { createQuickPath, type QuickPath } from './quick-path.ts'
import { serveReference } from './reference-page.ts'
import { parseVersion, versionHeader } from './versions.ts'

export interface AppOptions {
  readonly dispatcher: Dispatcher
  readonly mcp: McpDoor
  /** The door for another version of the contracts; undefined for one that is not served. */
  readonly mcpAt: (version: number) => Promise<McpDoor> | undefined
  /** The OpenAPI document as JSON text. */
  readonly openapi: () => Promise<string>
  readonly project: Project
  readonly log: Log
  /** Host names served beside the loopback names. */
  readonly allowedHosts?: readonly string[]
  /** False while the server is stopping: calls are refused with NOT_READY. */
  readonly isReady: () => boolean
}

/** Paths that tell of the server itself, also while it stops. */
const alwaysAnswered: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** An app, and what answers some of its requests before it. */
export type HttpApp = Hono & { readonly quickPath?: QuickPath | undefined }

/** The HTTP doors on one Hono app: `/mcp`, `/api/v1`, `/trpc`, `/boards`, `/docs`, `/openapi.json`, `/healthz`, `/readyz`. */
export const createApp = ({ dispatcher, mcp, mcpAt, openapi, project, log, allowedHosts, isReady }: AppOptions): HttpApp => {
  const app = new Hono()
  const refuseForeign = createLocalGuard(allowedHosts)
  // One middleware for all that comes before a door: each costs a call some microseconds.
  app.use(async (context, next) => {
    const refused = refuseForeign(context.req.raw)
    if (refused !== undefined) return encodeResponse(dispatcher.refuse(undefined, refused))
    if (isReady() || alwaysAnswered.has(context.req.path)) return next()
    return encodeResponse(dispatcher.refuse(undefined, new Fault('NOT_READY', 'The server is stopping.', { retryAfterMs: 1000 })))
  })
  app.all('/mcp', async (context) => {
    const named = context.req.header(versionHeader)
    const door = named === undefined ? mcp : await mcpAt(parseVersion(named))
    if (door !== undefined) return door.fetch(context.req.raw)
    const fault = unknownVersion(dispatcher.versions, versionHeader)
    return context.json(
      { jsonrpc: '2.0', id: null, error: { code: -32600, message: fault.message, data: dispatcher.refuse(undefined, fault) } },
      400,
    )
  })
  app.get('/healthz', (context) => context.json({ status: 'alive' }))
  app.get('/readyz', (context) => (isReady() ? context.json({ status: 'ready' }) : context.json({ status: 'stopping' }, 503)))
  serveRest(app, dispatcher)
  serveTrpc(app, dispatcher)
  serveReference(app, { project: project.name, openapi })
  serveBoards(app, { project, dispatcher, isReady })
  app.get('/', (context) => context.redirect('/docs'))
  app.notFound((context) =>
    context.json({ error: 'Nothing is served here.', try: ['/boards', '/docs', '/openapi.json', '/mcp', '/api/v1', '/trpc'] }, 404),
  )
  const failed = (error: unknown): Envelope => {
    const refusal = dispatcher.refuse(undefined, new Fault('INTERNAL_ERROR', 'The server could not answer this request.'))
    log('error', 'A request failed for a fault of ours.', { request_id: refusal.meta.request_id, error })
    return refusal
  }
  app.onError((error) => encodeResponse(failed(error)))
  const quickPath =
    mcp.quick &&
    createQuickPath({
      path: '/mcp',
      door: mcp.quick,
      isReady,
      refuseForeign,
      failed(error) {
        const envelope = failed(error)
        return { status: statusOf(envelope), body: encodeBody(envelope) }
      },
    })
  return Object.assign(app, { quickPath })
}
