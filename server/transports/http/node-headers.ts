import type { IncomingHttpHeaders } from 'node:http'

/** The headers of Node, asked as those of the web are. Of a header that comes several times Node gives the first, or all joined. */
export const lookupOf = (headers: IncomingHttpHeaders) => ({
  get: (name: string): string | null => (headers[name] as string | undefined) ?? null,
})

/** Whether a body is said to be JSON. */
export const isJson = (headers: IncomingHttpHeaders): boolean =>
  headers['content-type']?.toLowerCase().startsWith('application/json') === true
