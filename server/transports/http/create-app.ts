import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import { faultLevels } from '../../dispatch/fault-levels.ts'
import { unknownVersion } from '../../dispatch/load-version.ts'
import { type Envelope, encodeBody } from '../../envelope/envelope.ts'
import { Fault } from '../../envelope/fault.ts'
import type { Log, LogLevel } from '../../operations/log.ts'
import type { Project } from '../../projects/project.ts'
import { serveBoards } from '../boards/serve.ts'
import { serveDocs } from '../docs/serve.ts'
import type { McpDoor } from '../mcp/create-mcp-door.ts'
import { invalidRequest, refusal } from '../mcp/read-message.ts'
import { encodeResponse, headersOf } from '../rest/encode.ts'
import { quickRest } from '../rest/quick-rest.ts'
import { serveRest } from '../rest/serve.ts'
import { statusOf } from '../rest/status.ts'
import { serveTrpc } from '../trpc/serve.ts'
import type { CallerVariables } from './caller-app.ts'
import { createChallenge } from './challenge.ts'
import { createLocalGuard, isPageOpened } from './local-only.ts'
import { createFailure, healthPaths, type Readiness, serveHealth } from './own-answers.ts'
import { basePath, projectOfPath, projectPath } from './project-path.ts'
import { createQuickPath, type QuickPath } from './quick-path.ts'
import { describeResource, isResourcePath } from './resource-metadata.ts'
import { serveSignIn, signInAddress, signInPath } from './sign-in.ts'
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
  /** Whether what is served at `/p/<name>` is this. Default: that of the project's own name. */
  readonly servesName?: (name: string) => boolean
  /** Host names served beside the loopback names. */
  readonly allowedHosts?: readonly string[] | undefined
  /** False while the server is stopping: calls are refused with NOT_READY. */
  readonly isReady: () => boolean
  /** Whether calls should be sent here. */
  readonly readiness: () => Promise<Readiness>
}

/** How often the log says that callers cannot be told apart, at the level of what an operator must mend, milliseconds. */
const tellEveryMs = 60_000

/** Of an error of JSON-RPC for a caller that is not known; HTTP says the same by its status. */
const unknownCallerCode = -32001

/** An app, and what answers some of its requests before it. */
export type HttpApp = Pick<Hono, 'fetch' | 'request'> & {
  readonly quickPath?: QuickPath | undefined
  /** The projects whose callers need no credentials. */
  readonly open?: readonly string[] | undefined
}

/** The HTTP doors on one Hono app: `/mcp`, `/api/v1`, `/trpc`, `/boards`, `/docs`, `/openapi.json`, `/healthz`, `/readyz`. */
export const createApp = ({
  dispatcher,
  mcp,
  mcpAt,
  openapi,
  project,
  servesName = (name) => name === project.name,
  log,
  allowedHosts,
  isReady,
  readiness,
}: AppOptions): HttpApp => {
  const app = new Hono<{ Variables: CallerVariables }>({
    getPath(request) {
      const path = getPath(request)
      const name = projectOfPath(path)
      return name !== undefined && servesName(name) ? path.slice(projectPath(name).length) || '/' : path
    },
  })
  const { access } = project
  const challenge = createChallenge(access.oauth)
  const refuseForeign = createLocalGuard({ allowedHosts, anyHost: access.isClosed })
  /** The answer to someone who is not known, who is not told what is here. */
  const refuseUnknown = (fault: Fault): Envelope => untold(dispatcher.refuse(undefined, fault))
  const untold = (envelope: Envelope): Envelope =>
    access.isClosed ? { ...envelope, meta: { ...envelope.meta, project: 'unknown' } } : envelope
  let toldAt = Number.NEGATIVE_INFINITY
  const levelOf = ({ code, details }: Fault): LogLevel => {
    if (details.operatorHint === undefined || performance.now() - toldAt < tellEveryMs) return faultLevels[code]
    toldAt = performance.now()
    return 'warn'
  }
  // One middleware for all that comes before a door: each costs a call some microseconds.
  app.use(async (context, next) => {
    const refused = refuseForeign(context.req.raw)
    if (refused !== undefined) return encodeResponse(refuseUnknown(refused))
    const { path } = context.req
    if (healthPaths.has(path)) return next()
    if (!isReady()) return encodeResponse(refuseUnknown(new Fault('NOT_READY', 'The server is stopping.', { retryAfterMs: 1000 })))
    if (access.isClosed && (path === signInPath || isResourcePath(path))) return next()
    try {
      context.set('caller', await access.identify(context.req.raw.headers))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const headers = challenge(error)
      if (path.startsWith('/trpc/')) {
        context.set('refused', error)
        await next()
        for (const [name, value] of Object.entries(headers)) context.header(name, value)
        return
      }
      const envelope = refuseUnknown(error)
      log(levelOf(error), error.message, {
        request_id: envelope.meta.request_id,
        project: project.name,
        operator_hint: error.details.operatorHint,
        cause: error.cause,
      })
      if (path === '/mcp')
        return Response.json(
          refusal(error, () => envelope, unknownCallerCode),
          { status: statusOf(envelope), headers },
        )
      if (error.code === 'UNAUTHENTICATED' && isPageOpened(context.req.raw.headers)) return context.redirect(signInAddress(context.req.url))
      return encodeResponse(envelope, { headers })
    }
    return next()
  })
  if (access.isClosed) {
    serveSignIn(app, access)
    if (access.oauth !== undefined) describeResource(app, access.oauth)
  }
  app.all('/mcp', async (context) => {
    const named = context.req.header(versionHeader)
    const door = named === undefined ? mcp : await mcpAt(parseVersion(named))
    if (door !== undefined) return door.fetch(context.req.raw, context.get('caller'))
    const fault = unknownVersion(dispatcher.versions, versionHeader)
    return Response.json(
      refusal(fault, (refused) => dispatcher.refuse(undefined, refused), invalidRequest),
      { status: 400 },
    )
  })
  serveHealth(app, readiness)
  serveRest(app, dispatcher, challenge)
  serveTrpc(app, dispatcher, untold)
  serveDocs(app, { project: project.name, openapi, versions: dispatcher.versions })
  serveBoards(app, { project, dispatcher, challenge, isReady })
  app.get('/', (context) => context.redirect(`${basePath(context.req.url)}/docs`))
  app.notFound((context) =>
    context.json({ error: 'Nothing is served here.', try: ['/boards', '/docs', '/openapi.json', '/mcp', '/api/v1', '/trpc'] }, 404),
  )
  const failed = createFailure(dispatcher, log)
  app.onError((error) => encodeResponse(failed(error)))
  const doors = new Map([...quickRest(dispatcher), ...(mcp.quick === undefined ? [] : [['/mcp', mcp.quick] as const])])
  const quickPath = createQuickPath({
    doors: new Map([...doors].flatMap(([path, door]) => [path, `${projectPath(project.name)}${path}`].map((one) => [one, door]))),
    isReady,
    identify: access.identify,
    mayKnow: access.mayKnow,
    refuseForeign,
    failed(error) {
      const envelope = failed(error)
      return { status: statusOf(envelope), headers: headersOf(envelope), body: encodeBody(envelope) }
    },
  })
  return Object.assign(app, { quickPath, open: access.isClosed ? [] : [project.name] })
}
