import { createServer, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../envelope/fault.ts'
import type { HttpApp } from './create-app.ts'
import { isLoopbackHost } from './local-only.ts'
import { RequestTurns } from './request-turns.ts'

/** How long calls may take to be cancelled, milliseconds. */
const cancelMs = 5_000
/** How long the answers of cancelled calls may take to leave, milliseconds. */
const answerMs = 1_000

export interface ListenOptions {
  readonly app: Pick<HttpApp, 'fetch' | 'quickPath' | 'open'>
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
}

export interface Listening {
  /** `http://127.0.0.1:4321`. */
  readonly url: string
  /** From now on every connection ends with its next answer, so that whoever keeps some open goes elsewhere. */
  drain(): void
  /**
   * Stops taking connections. Calls in flight may finish within `graceMs`; then `cancel` ends those that are left, and
   * once their answers are out every connection is closed.
   */
  close(graceMs: number, cancel: () => Promise<void>): Promise<void>
}

/**
 * Listens on an address. Throws PERMISSION_DENIED for any but a loopback one where callers need no credentials, CONFLICT when the
 * port is taken, and VALIDATION_ERROR for an address that is none of this machine.
 */
export const listen = async ({ app, port, host }: ListenOptions): Promise<Listening> => {
  checkHost(app, host)
  const { getRequestListener } = await import('@hono/node-server')
  const answer = getRequestListener(app.fetch, { hostname: host })
  const { quickPath } = app
  const turns = new RequestTurns()
  let draining = false
  const server = await new Promise<Server>((resolve, reject) => {
    const started = createServer((incoming, outgoing) =>
      turns.take(incoming, () => {
        if (draining) outgoing.shouldKeepAlive = false
        if (quickPath === undefined) answer(incoming, outgoing)
        else quickPath(incoming, outgoing, () => answer(incoming, outgoing))
      }),
    )
    started.listen(port, host, () => resolve(started))
    started.once('error', (error: NodeJS.ErrnoException) => {
      reject(refusalOf(error, host, port) ?? error)
    })
  })
  const address = server.address()
  const bound = address !== null && typeof address === 'object' ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    drain() {
      draining = true
    },
    close: (graceMs, cancel) =>
      new Promise((resolve) => {
        const force = setTimeout(async () => {
          await Promise.race([cancel().catch(() => {}), sleep(cancelMs, undefined, { ref: false })])
          await sleep(answerMs, undefined, { ref: false })
          server.closeAllConnections()
        }, graceMs)
        // A connection that is kept alive after its last answer would hold the server until its own timeout.
        const sweep = setInterval(() => server.closeIdleConnections(), 50)
        server.close(() => {
          clearTimeout(force)
          clearInterval(sweep)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

/** Why an address cannot be listened on, where it is not a fault of ours. */
const refusalOf = ({ code = '' }: NodeJS.ErrnoException, host: string, port: number): Fault | undefined => {
  if (code === 'EADDRINUSE')
    return new Fault('CONFLICT', `The port ${port} is in use.`, { hint: 'Stop the other server, or choose another with --port.' })
  if (code === 'EACCES')
    return new Fault('PERMISSION_DENIED', `The port ${port} may not be used.`, { hint: 'Choose one above 1023 with --port.' })
  if (['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code))
    return new Fault('VALIDATION_ERROR', `"${host}" is no address of this machine.`, {
      hint: 'Give one that it has with --host: 127.0.0.1, or 0.0.0.0 for all of them.',
    })
  return undefined
}

/** Throws PERMISSION_DENIED for an address that other machines reach, where callers need no credentials. */
export const checkHost = ({ open }: Pick<HttpApp, 'open'>, host: string): void => {
  if (open?.length === 0 || isLoopbackHost(host) || host === '::1') return
  const names = (open ?? []).map((name) => `"${name}"`).join(', ')
  throw new Fault('PERMISSION_DENIED', `Listening on "${host}" is refused: anyone who reaches it could read the data of ${names}.`, {
    hint: 'Say who may call: write `access: {}`, without `local: true`, into dataface.yml and make a key with `dft keys create`; or listen on 127.0.0.1.',
  })
}
