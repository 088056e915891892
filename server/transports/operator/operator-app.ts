import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../envelope/fault.ts'
import type { Log } from '../../operations/log.ts'
import { prometheusText, prometheusType } from '../../telemetry/prometheus-text.ts'
import { recentMinutes } from '../../telemetry/recent-calls.ts'
import type { Status } from '../../telemetry/status.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { HttpApp } from '../http/create-app.ts'
import { createLocalGuard } from '../http/local-only.ts'
import { givesToken, operatorTokenVariable } from './operator-token.ts'

export interface OperatorAppOptions {
  readonly telemetry: Telemetry
  /** What opens the pages where callers need credentials. */
  readonly token: string | undefined
  readonly log: Log
}

/** What may be asked, and the answer to a request that was let in. */
const pages: Readonly<Record<string, (telemetry: Telemetry, request: Request) => Promise<Response>>> = {
  '/metrics': async (telemetry) => new Response(prometheusText(telemetry.read()), { headers: { 'content-type': prometheusType } }),
  '/status': async (telemetry, { headers }) =>
    headers.get('accept')?.includes('application/json') === true ? statusJson(telemetry) : statusHtml(telemetry),
  '/status.json': (telemetry) => statusJson(telemetry),
}

/** `/metrics` and `/status` for whoever operates the server, before the doors for its callers; everything else is theirs. */
export const withOperatorPages = (app: HttpApp, { telemetry, token, log }: OperatorAppOptions): HttpApp => {
  let isTold = false
  const answer = async (request: Request, path: string): Promise<Response> => {
    const isClosed = telemetry.projects.some(({ access }) => access.isClosed)
    const foreign = createLocalGuard({ anyHost: isClosed })(request)
    if (foreign !== undefined) return refusal(403, foreign)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, onlyRead(), { allow: 'GET, HEAD' })
    if (isClosed && token === undefined && !isTold) {
      isTold = true
      log('warn', `Somebody asked for ${path}, which is closed: set ${operatorTokenVariable} to a secret that opens it.`)
    }
    if (isClosed && (token === undefined || !givesToken(request.headers.get('authorization'), token)))
      return refusal(401, notOperator(), { 'www-authenticate': 'Basic realm="Dataface operator", charset="UTF-8"' })
    const response = await (pages[path] as (typeof pages)[string])(telemetry, request)
    for (const [name, value] of Object.entries(secured)) response.headers.set(name, value)
    return response
  }
  /** Which of ours is asked for. */
  const pageOf = ({ url }: Request): string | undefined => {
    const { pathname } = new URL(url)
    return Object.hasOwn(pages, pathname) ? pathname : undefined
  }
  return {
    request: app.request,
    fetch(request, ...rest) {
      const page = pageOf(request)
      return page === undefined ? app.fetch(request, ...rest) : answer(request, page)
    },
    quickPath: app.quickPath,
    open: app.open,
  }
}

const secured = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }

/** How long whoever opens the status page waits for what it is about; what is not known by then is told as it was, milliseconds. */
const patienceMs = 1_000

/** The status as it is now: nobody may have looked for hours. */
const statusNow = async (telemetry: Telemetry): Promise<Status> => {
  const [{ readStatus }, { lookBehind }] = await Promise.all([
    import('../../telemetry/status.ts'),
    import('../../telemetry/observe-projects.ts'),
  ])
  await Promise.race([Promise.all(telemetry.projects.map(lookBehind)), sleep(patienceMs, undefined, { ref: false })])
  return readStatus(telemetry)
}

const statusJson = async (telemetry: Telemetry): Promise<Response> => Response.json(await statusNow(telemetry))

const statusHtml = async (telemetry: Telemetry): Promise<Response> => {
  const [status, { statusPage, statusPolicy }] = await Promise.all([statusNow(telemetry), import('./status-page.ts')])
  return new Response(statusPage(status, recentMinutes, new Date()), {
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': statusPolicy },
  })
}

const refusal = (status: number, { code, message, details }: Fault, headers: Readonly<Record<string, string>> = {}): Response =>
  Response.json({ error: { code, message, ...(details.hint !== undefined && { hint: details.hint }) } }, { status, headers })

const onlyRead = (): Fault => new Fault('VALIDATION_ERROR', 'This page is read by GET.')

const notOperator = (): Fault =>
  new Fault('UNAUTHENTICATED', 'This page is for whoever operates the server.', {
    hint: `Send the value of ${operatorTokenVariable} as a bearer token, or as the password of Basic.`,
  })
