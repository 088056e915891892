import { Fault } from '../../envelope/fault.ts'

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether a `Host` header, with or without port, names this machine. */
export const isLoopbackHost = (host: string): boolean => loopbackNames.has(host.replace(/:\d+$/, '').toLowerCase())

interface GuardedHeaders {
  get(name: GuardedHeader): string | null
}

/** Whether a browser sends a request for the page of another site, or of another port, which it does not name by `Origin`. */
const isOfOtherPage = (headers: GuardedHeaders): boolean =>
  headers.get('origin') === null && /^(cross|same)-site$/.test(headers.get('sec-fetch-site') ?? '')

/** Whether such a page opened the address itself, as a link does: let through where there is nothing but pages to see. */
export const isOpenedByOtherPage = (headers: GuardedHeaders): boolean =>
  isOfOtherPage(headers) && headers.get('sec-fetch-mode') === 'navigate'

/** Whether a browser opens an address to show it to a person. */
export const isPageOpened = (headers: { get(name: 'accept' | 'sec-fetch-mode'): string | null }): boolean =>
  headers.get('sec-fetch-mode') === 'navigate' || headers.get('accept')?.startsWith('text/html') === true

export const refusedOrigin = (): Fault =>
  new Fault('PERMISSION_DENIED', 'This origin is not allowed.', { hint: 'Pages of other sites may not call this server.' })

/** What the guard looks at. */
type GuardedHeader = 'host' | 'origin' | 'sec-fetch-site' | 'sec-fetch-mode'

export type LocalGuard = (request: { readonly headers: GuardedHeaders }) => Fault | undefined

export interface LocalGuardOptions {
  readonly allowedHosts?: readonly string[] | undefined
  readonly anyHost?: boolean
}

/**
 * Refuses requests that a browser was tricked into sending: a foreign `Host` (DNS rebinding), a foreign `Origin`, or what
 * another page loads as an image or a script, whose answer it cannot read but can time.
 * Gives the refusal, or undefined. `allowedHosts` are accepted beside the loopback names; with `anyHost` every name is,
 * which is for servers that ask for credentials: a browser keeps those by the name of the host.
 */
export const createLocalGuard = ({ allowedHosts = [], anyHost = false }: LocalGuardOptions = {}): LocalGuard => {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()))
  /** The host that was last found to be allowed: most requests name the same. */
  let last: string | undefined
  const isAllowed = (host: string, own?: string): boolean => {
    if (host === last || host === own) return true
    if (!isLoopbackHost(host) && !allowed.has(host.toLowerCase()) && !allowed.has(host.replace(/:\d+$/, '').toLowerCase())) return false
    last = host
    return true
  }
  return ({ headers }) => {
    const origin = headers.get('origin')
    const host = headers.get('host') ?? ''
    const own = anyHost ? host : undefined
    if (!isAllowed(host, own))
      return new Fault('PERMISSION_DENIED', 'This host name is not served.', { hint: 'Call the server by the address it printed.' })
    if (origin !== null && !(URL.canParse(origin) && isAllowed(new URL(origin).host, own))) return refusedOrigin()
    return isOfOtherPage(headers) && !isOpenedByOtherPage(headers) ? refusedOrigin() : undefined
  }
}
