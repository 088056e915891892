import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import Provider, { type ClientMetadata } from 'oidc-provider'

export interface AuthorizationServer {
  readonly issuer: string
  /** A token of its own for a client, for a resource, with what of the scopes it may have. */
  token(client: string, resource: string, scope: string): Promise<string>
  stop(): Promise<void>
}

const secret = 'a-secret-of-a-test'

/** A real OAuth 2.1 authorization server on a free port; tokens live for `tokenS` seconds, and are signed with a key of its own, named `kid`. */
export const startAuthorizationServer = async ({
  clients = ['agent'],
  tokenS = 600,
  port = 0,
  kid = 'first',
} = {}): Promise<AuthorizationServer> => {
  const http = createServer()
  await new Promise<void>((done) => http.listen(port, '127.0.0.1', done))
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const scopes = 'dataface:read dataface:write'
  const provider = new Provider(issuer, {
    clients: clients.map(
      (id): ClientMetadata => ({
        client_id: id,
        client_secret: secret,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      }),
    ),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid }] },
    ttl: { ClientCredentials: tokenS },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: scopes,
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  })
  http.on('request', provider.callback())
  return {
    issuer,
    async token(client, resource, scope) {
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope }),
      })
      const { access_token } = (await response.json()) as { access_token?: string }
      if (access_token === undefined) throw new Error(`no token: ${response.status}`)
      return access_token
    },
    async stop() {
      http.closeAllConnections()
      await new Promise((done) => http.close(done))
    },
  }
}

export const clientSecret = secret
