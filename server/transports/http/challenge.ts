import type { OAuthConfig } from '../../access/oauth.ts'
import type { Fault } from '../../envelope/fault.ts'

/** The headers that say which credentials would do. */
export type TellChallenge = (fault: Fault) => Readonly<Record<string, string>>

/** Where a protected resource describes itself (RFC 9728): the well-known path goes before that of the resource. */
export const metadataPath = '/.well-known/oauth-protected-resource'

/** The address of the description of a resource. */
export const metadataUrl = (resource: string): string => {
  const { origin, pathname } = new URL(resource)
  return `${origin}${metadataPath}${pathname === '/' ? '' : pathname}`
}

/** `WWW-Authenticate` by RFC 6750; with OAuth it leads to the description of the resource, where clients begin to get a token. */
export const createChallenge =
  (oauth: OAuthConfig | undefined): TellChallenge =>
  ({ details: { challenge } }) => {
    if (challenge === undefined) return {}
    const { error, scope } = challenge
    const parts = [
      ...(error === undefined ? [] : [`error="${error}"`]),
      ...(scope === undefined ? [] : [`scope="${scope}"`]),
      ...(oauth === undefined ? [] : [`resource_metadata="${metadataUrl(oauth.resource)}"`]),
    ]
    return { 'www-authenticate': ['Bearer', parts.join(', ')].join(' ').trim() }
  }
