import { hash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import type { AccessConfig } from '../../contracts/v1/project.ts'
import { Fault } from '../envelope/fault.ts'
import type { Caller } from './caller.ts'
import { unknownCredentials } from './credentials.ts'

export type OAuthConfig = NonNullable<AccessConfig['oauth']>

/** Signatures that are made with a private key; with the others, whoever can check a token can make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
/** Clocks of two machines differ by so much, seconds. */
const clockToleranceS = 5
/** How long a request to the authorization server may take, milliseconds. */
const fetchMs = 5_000
/** Keys are not fetched again sooner for a token that names an unknown one, which anybody can send; milliseconds. */
const newKeysMs = 5_000
/** Tokens that were found to be good and are not checked again until they expire. */
const keptTokens = 1_000

/** How long the authorization server is believed to be as it was found, well or failing, milliseconds. */
const [believedMs, failingMs] = [60_000, 5_000]

/** What checks tokens with the keys of the server, and fetches those anew. */
interface Keys {
  readonly verify: (token: string) => Promise<JWTPayload>
  readonly fetchAnew: () => Promise<void>
}

/** Checks the tokens of one authorization server. Its keys are fetched with the first, and when a token names a new one. */
export class OAuthTokens {
  readonly #config: OAuthConfig
  #keys: Promise<Keys> | undefined
  #failure: Fault | undefined
  #looking: Promise<void> | undefined
  #lookAgainAt = 0
  readonly #kept = new Map<string, { readonly caller: Caller; readonly until: number }>()

  constructor(config: OAuthConfig) {
    this.#config = config
  }

  /** Whose token it is. Throws UNAUTHENTICATED, or NOT_READY when the authorization server cannot be reached. */
  async callerOf(token: string): Promise<Caller> {
    const key = hash('sha256', token, 'base64')
    const known = this.#kept.get(key)
    if (known !== undefined && known.until > Date.now()) return known.caller
    const { verify } = await this.#open()
    const payload = await verify(token).catch((error: unknown) => {
      throw isOfToken(error) ? unknownCredentials(error) : this.#failed(error)
    })
    // What an empty name has used or done could be anybody's.
    if (typeof payload.sub !== 'string' || payload.sub === '') throw unknownCredentials()
    const caller = callerOf(payload)
    if (this.#kept.size >= keptTokens) this.#kept.delete(this.#kept.keys().next().value as string)
    this.#kept.set(key, { caller, until: (payload.exp as number) * 1000 })
    return caller
  }

  /** Why the server could not be asked when it was last. */
  get failure(): Fault | undefined {
    return this.#failure
  }

  /** Looks whether the server can be asked: once a minute at most, and soon again while it cannot. Never throws; see `failure`. */
  async look(): Promise<void> {
    if (performance.now() < this.#lookAgainAt) return
    this.#looking ??= this.#fetchAnew().finally(() => {
      this.#lookAgainAt = performance.now() + (this.#failure === undefined ? believedMs : failingMs)
      this.#looking = undefined
    })
    await this.#looking
  }

  async #fetchAnew(): Promise<void> {
    const isNew = this.#keys === undefined
    try {
      const keys = await this.#open()
      if (!isNew) await keys.fetchAnew()
      this.#failure = undefined
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Throws NOT_READY. */
  #open(): Promise<Keys> {
    this.#keys ??= this.#load().then(
      (keys) => {
        this.#failure = undefined
        return keys
      },
      (error: unknown) => {
        this.#keys = undefined
        throw this.#failed(error)
      },
    )
    return this.#keys
  }

  /** The fault of a server that could not be asked; it is asked soon again. */
  #failed(error: unknown): Fault {
    const fault = error instanceof Fault ? error : unreachable(error)
    if (this.#failure === undefined) this.#lookAgainAt = 0
    this.#failure = fault
    return fault
  }

  async #load(): Promise<Keys> {
    const { createRemoteJWKSet, jwtVerify } = await import('jose')
    const { issuer, resource, jwks_uri = await findKeys(issuer) } = this.#config
    const keys = createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: fetchMs, cooldownDuration: newKeysMs })
    await keys.reload()
    const options = { issuer, audience: resource, algorithms, clockTolerance: clockToleranceS, requiredClaims: ['exp', 'sub'] }
    return { verify: async (token) => (await jwtVerify(token, keys, options)).payload, fetchAnew: () => keys.reload() }
  }
}

/** Scopes come as one text (RFC 9068), and from some servers as a list. */
const callerOf = ({ sub, scope, client_id }: JWTPayload): Caller => {
  const scopes = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope.map(String) : []
  // A client that calls for itself has its own name as the subject.
  return { id: `${sub === client_id ? 'client' : 'user'}:${sub}`, scopes: scopes.filter((one) => one !== '') }
}

/** The address of the keys, from the metadata of the server (RFC 8414), or of OpenID Connect, which came before. */
const findKeys = async (issuer: string): Promise<string> => {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const places = [`${origin}/.well-known/oauth-authorization-server${path}`, `${origin}${path}/.well-known/openid-configuration`]
  for (const place of places) {
    const response = await fetch(place, { signal: AbortSignal.timeout(fetchMs), redirect: 'error' })
    if (!response.ok) continue
    const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown }
    if (metadata.issuer !== issuer) throw new Error(`${place} is of another issuer: ${String(metadata.issuer)}`)
    if (typeof metadata.jwks_uri === 'string') return metadata.jwks_uri
  }
  throw new Error(`no metadata of the authorization server at ${places.join(' or ')}`)
}

/** Whether an error is about the token; others are about its server. */
const isOfToken = (error: unknown): boolean => {
  const { code } = error as { code?: unknown }
  return (
    typeof code === 'string' && /^ERR_(JWT|JWS|JOSE_ALG|JOSE_NOT_SUPPORTED|JWKS_NO_MATCHING_KEY|JWKS_MULTIPLE_MATCHING_KEYS)/.test(code)
  )
}

const unreachable = (cause: unknown): Fault =>
  new Fault('NOT_READY', 'The authorization server cannot be asked now.', {
    cause,
    retryAfterMs: 5_000,
    operatorHint: 'Check access.oauth.issuer, and that this machine reaches it.',
  })
