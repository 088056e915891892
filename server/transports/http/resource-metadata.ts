import type { OAuthConfig } from '../../access/oauth.ts'
import { scopeNames } from '../../access/scope.ts'
import type { CallerApp } from './caller-app.ts'
import { metadataPath } from './challenge.ts'

/** Whether a path is that of the description of a resource, which callers read before they have a token. */
export const isResourcePath = (path: string): boolean => path === metadataPath || path.startsWith(`${metadataPath}/`)

/** What this server takes for a token, for clients to find out by themselves (RFC 9728). */
export const describeResource = (app: CallerApp, { issuer, resource }: OAuthConfig): void => {
  const { pathname } = new URL(resource)
  const metadata = {
    resource,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: [scopeNames.read, scopeNames.write],
    resource_name: 'Dataface',
  }
  // Clients of the web ask for it from pages of their own; it is public.
  const headers = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' }
  for (const path of new Set([metadataPath, `${metadataPath}${pathname === '/' ? '' : pathname}`]))
    app.get(path, (context) => context.json(metadata, 200, headers))
}
