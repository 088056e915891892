import { Fault } from '../envelope/fault.ts'
import { scopeNames } from './scope.ts'

/** The headers that credentials are looked for in. */
export interface CredentialHeaders {
  get(name: 'authorization' | 'cookie'): string | null
}

/** The cookie that holds the API key of a person who signed in to the pages. */
export const keyCookie = 'dataface_key'

/** What a request gives to say who calls; undefined for none. Throws UNAUTHENTICATED for what is of no known form. */
export const credentialsOf = (headers: CredentialHeaders): string | undefined => {
  const authorization = headers.get('authorization')
  if (authorization === null) return cookieOf(headers.get('cookie') ?? '')
  const [, token] = /^bearer +([\w.~+/=-]+) *$/i.exec(authorization) ?? []
  if (token !== undefined) return token
  throw new Fault('UNAUTHENTICATED', 'The header Authorization is not of the form "Bearer <key>".', {
    hint: 'Send `Authorization: Bearer` with an API key or a token.',
    challenge: { error: 'invalid_token' },
  })
}

const cookieOf = (cookies: string): string | undefined =>
  cookies
    .split(/; */)
    .find((cookie) => cookie.startsWith(`${keyCookie}=`))
    ?.slice(keyCookie.length + 1)

/** The refusal of a call without credentials. */
export const noCredentials = (): Fault =>
  new Fault('UNAUTHENTICATED', 'This server answers only callers that it knows.', {
    hint: 'Send `Authorization: Bearer` with an API key, which the operator makes with `dft keys create`, or with a token.',
    // Clients ask for what they are told here: to read is enough to begin with.
    challenge: { scope: scopeNames.read },
  })

/** The refusal of credentials that are not, or no longer, good; it does not say which. */
export const unknownCredentials = (cause?: unknown): Fault =>
  new Fault('UNAUTHENTICATED', 'These credentials are wrong, expired or revoked.', {
    cause,
    hint: 'Ask the operator of the project for a new API key, or get a new token.',
    challenge: { error: 'invalid_token' },
  })
