import { Hono } from 'hono'
import type { Access } from '../../access/access.ts'
import type { CredentialHeaders } from '../../access/credentials.ts'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import { Fault } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import { encodeResponse } from '../rest/encode.ts'
import type { CallerVariables } from './caller-app.ts'
import { metadataUrl } from './challenge.ts'
import type { HttpApp } from './create-app.ts'
import { createLocalGuard } from './local-only.ts'
import { createFailure, healthPaths, type Readiness, serveHealth } from './own-answers.ts'
import { projectOfPath, projectPath } from './project-path.ts'
import { serveSignIn, signInPath } from './sign-in.ts'

/** A project, and the app that serves it at its path. */
export interface ServedProject {
  readonly name: string
  readonly access: Access
  readonly app: HttpApp
}

export interface ProjectsAppOptions {
  readonly projects: readonly ServedProject[]
  /** A project that is not there, for the answers to who asks for one: they are those of one that is there. */
  readonly missing: Omit<ServedProject, 'name'> & { readonly dispatcher: Dispatcher }
  /** Whether calls should be sent here. */
  readonly readiness: () => Promise<Readiness>
  readonly log: Log
}

/**
 * Several projects on one server: `/p/<name>/mcp` and so on, or the same paths without that for callers whose credentials
 * are of one project. A project that is not the caller's answers as one that is not there.
 */
export const createProjectsApp = ({ projects, missing, readiness, log }: ProjectsAppOptions): HttpApp => {
  const byName = new Map(projects.map((project) => [project.name, project]))
  const closed = projects.filter(({ access }) => access.isClosed)

  /** The projects whose caller this is. All are asked, whichever is meant: how long it takes tells nothing. */
  const callerOf = async (headers: CredentialHeaders): Promise<readonly ServedProject[]> => {
    const answers = await Promise.all(closed.map(({ access }) => isCallerOf(access, headers)))
    return closed.filter((_project, index) => answers[index])
  }

  /** The project that describes itself at an address, which stands before its path. */
  const describedAt = (path: string): ServedProject | undefined =>
    closed.find(({ access: { oauth } }) => oauth !== undefined && new URL(metadataUrl(oauth.resource)).pathname === path)

  // Projects guard what is theirs; this is for what is answered here.
  const guard = createLocalGuard({ anyHost: closed.length > 0 })
  const refuseForeign = (request: Request): Response | undefined => {
    const refused = guard(request)
    return refused && encodeResponse(missing.dispatcher.refuse(undefined, refused))
  }

  const notThere = (): Response => {
    const fault = new Fault('PERMISSION_DENIED', 'No such project is served to this caller.', {
      hint: 'Check the name in the address, and whose credentials these are.',
    })
    return encodeResponse(missing.dispatcher.refuse(undefined, fault), { status: 404 })
  }

  /** For a caller of several projects: none of them is a guess. */
  const notOne = (owners: readonly ServedProject[]): Response => {
    const fault = new Fault('VALIDATION_ERROR', 'These credentials are of several projects.', {
      hint: `Name one in the address: ${owners.map(({ name }) => projectPath(name)).join(', ')}.`,
    })
    return encodeResponse(missing.dispatcher.refuse(undefined, fault))
  }

  const app = new Hono<{ Variables: CallerVariables }>()
  for (const path of [...healthPaths, signInPath]) app.use(path, async ({ req }, next) => refuseForeign(req.raw) ?? next())
  serveHealth(app, readiness)
  serveSignIn(app, {
    async identify(headers) {
      const [owner] = await callerOf(headers)
      return (owner ?? missing).access.identify(headers)
    },
  })
  app.all('*', async ({ req, env }) => {
    const request = req.raw
    const { pathname } = new URL(request.url)
    const name = projectOfPath(pathname)
    if (name === undefined) {
      const described = describedAt(pathname)
      if (described !== undefined) return described.app.fetch(request, env)
      const [owner, ...others] = await callerOf(request.headers)
      if (owner !== undefined && others.length > 0) return refuseForeign(request) ?? notOne([owner, ...others])
      // Who is not known is refused as by a project; where no project asks who calls, one must be named.
      if (owner === undefined && closed.length === 0) return refuseForeign(request) ?? listProjects(projects)
      return (owner?.app ?? missing.app).fetch(request, env)
    }
    const project = byName.get(name)
    const isServed = async ({ access }: ServedProject): Promise<boolean> =>
      !access.isClosed || (access.mayKnow(request.headers) && (await isCallerOf(access, request.headers)))
    const theirs = project === undefined || !(await isServed(project)) ? await callerOf(request.headers) : [project]
    if (project !== undefined && theirs.includes(project)) return atBase(await project.app.fetch(request, env), projectPath(name))
    if (closed.length === 0 || theirs.length > 0) return refuseForeign(request) ?? notThere()
    // Where tokens are taken, a refusal leads to the description of the resource, which is public.
    return (project?.access.oauth === undefined ? missing : project).app.fetch(request, env)
  })
  const failed = createFailure(missing.dispatcher, log)
  app.onError((error) => encodeResponse(failed(error)))

  const quickPaths = new Map(projects.map(({ name, app }) => [name, app.quickPath]))
  return {
    fetch: app.fetch,
    request: app.request,
    open: projects.filter((project) => !closed.includes(project)).map(({ name }) => name),
    quickPath(incoming, outgoing, pass) {
      const name = projectOfPath(incoming.url ?? '')
      const quick = name === undefined ? undefined : (quickPaths.get(name) ?? missing.app.quickPath)
      if (quick === undefined) pass()
      else quick(incoming, outgoing, pass)
    },
  }
}

/** A page whose links lead to paths of its project. Most pages are written as if they stood at the top of an address. */
const atBase = async (response: Response, base: string): Promise<Response> => {
  if (response.headers.get('content-type')?.startsWith('text/html') !== true) return response
  const html = await response.text()
  const other = new RegExp(` (href|src|action|data-document)="/(?!/|${base.slice(1)}/)`, 'g')
  return new Response(html.replace(other, ` $1="${base}/`), response)
}

const isCallerOf = (access: Access, headers: CredentialHeaders): Promise<boolean> =>
  access.identify(headers).then(
    () => true,
    () => false,
  )

/** For who asks a server without saying which project, where every project may be known. */
const listProjects = (projects: readonly ServedProject[]): Response =>
  Response.json({ error: 'Name a project in the address.', projects: projects.map(({ name }) => projectPath(name)) }, { status: 404 })
