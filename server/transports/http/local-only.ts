import type { MiddlewareHandler } from 'hono'

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether a `Host` header, with or without port, names this machine. */
export const isLoopbackHost = (host: string): boolean => loopbackNames.has(host.replace(/:\d+$/, '').toLowerCase())

/**
 * Refuses requests that a browser was tricked into sending: a foreign `Host` (DNS rebinding) or a foreign `Origin`.
 * `allowedHosts` are accepted beside the loopback names.
 */
export const localOnly = (allowedHosts: readonly string[] = []): MiddlewareHandler => {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()))
  const isAllowed = (host: string): boolean =>
    isLoopbackHost(host) || allowed.has(host.toLowerCase()) || allowed.has(host.replace(/:\d+$/, '').toLowerCase())
  return async (context, next) => {
    const host = context.req.header('host') ?? ''
    const origin = context.req.header('origin')
    if (!isAllowed(host)) return context.json({ error: 'This host name is not served.' }, 403)
    if (origin !== undefined && !(URL.canParse(origin) && isAllowed(new URL(origin).host)))
      return context.json({ error: 'This origin is not allowed.' }, 403)
    return next()
  }
}
