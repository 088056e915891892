import { createServer, type Server } from 'node:http'
import { Fault } from '../../envelope/fault.ts'
import type { HttpApp } from './create-app.ts'
import { isLoopbackHost } from './local-only.ts'

/** How long the answers of cancelled calls may take to leave, milliseconds. */
const answerMs = 1_000

export interface ListenOptions {
  readonly app: Pick<HttpApp, 'fetch' | 'quickPath'>
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
}

export interface Listening {
  /** `http://127.0.0.1:4321`. */
  readonly url: string
  /**
   * Stops taking connections. Calls in flight may finish within `graceMs`; then `cancel` ends those that are left, and
   * once their answers are out every connection is closed.
   */
  close(graceMs: number, cancel: () => Promise<void>): Promise<void>
}

/**
 * Listens on a loopback address. Throws PERMISSION_DENIED for any other, until callers can be told apart, and CONFLICT
 * when the port is taken.
 */
export const listen = async ({ app, port, host }: ListenOptions): Promise<Listening> => {
  if (!isLoopbackHost(host) && host !== '::1')
    throw new Fault('PERMISSION_DENIED', `Listening on "${host}" is refused: anyone who reaches it could read your data.`, {
      hint: 'Listen on 127.0.0.1, and put a proxy that authenticates before it.',
    })
  const { getRequestListener } = await import('@hono/node-server')
  const answer = getRequestListener(app.fetch, { hostname: host })
  const { quickPath } = app
  const server = await new Promise<Server>((resolve, reject) => {
    const started = createServer((incoming, outgoing) => {
      if (quickPath === undefined) answer(incoming, outgoing)
      else quickPath(incoming, outgoing, () => answer(incoming, outgoing))
    })
    started.listen(port, host, () => resolve(started))
    started.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Fault('CONFLICT', `The port ${port} is in use.`, { hint: 'Stop the other server, or choose another with --port.' })
          : error.code === 'EACCES'
            ? new Fault('PERMISSION_DENIED', `The port ${port} may not be used.`, { hint: 'Choose one above 1023 with --port.' })
            : error,
      )
    })
  })
  const address = server.address()
  const bound = address !== null && typeof address === 'object' ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: (graceMs, cancel) =>
      new Promise((resolve) => {
        let force = setTimeout(() => {
          force = setTimeout(() => server.closeAllConnections(), answerMs)
          cancel().catch(() => {})
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
