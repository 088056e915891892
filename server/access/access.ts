import { resolve } from 'node:path'
import type { AccessConfig } from '../../contracts/v1/project.ts'
import { Fault } from '../envelope/fault.ts'
import { readKey } from './api-key.ts'
import { type Caller, localCaller } from './caller.ts'
import { type CredentialHeaders, credentialsOf, noCredentials, unknownCredentials } from './credentials.ts'
import { KeyCallers } from './key-callers.ts'
import { defaultKeysFile, KeyFile } from './key-file.ts'
import { OAuthTokens } from './oauth.ts'

/** Who may call a project. */
export interface Access {
  /** Whether a caller without credentials is refused. */
  readonly isClosed: boolean
  readonly keys: KeyFile | undefined
  readonly oauth: AccessConfig['oauth']
  /** Who calls, by the headers of a request. Throws UNAUTHENTICATED, or NOT_READY when that cannot be told now. */
  identify(headers: CredentialHeaders): Promise<Caller>
  /** Whether these may be credentials that were good before; false says nothing. Nothing is read for it. */
  mayKnow(headers: CredentialHeaders): boolean
  /** Looks whether credentials can be checked now. Never throws; see `failure`. */
  look(): Promise<void>
  /** Why credentials could not be checked when that was last looked at, or last needed. */
  readonly failure: Fault | undefined
}

/** Anyone on this machine. */
export const openAccess: Access = {
  isClosed: false,
  keys: undefined,
  oauth: undefined,
  identify: async () => localCaller,
  mayKnow: () => true,
  look: async () => {},
  failure: undefined,
}

/** What a project says of who may call. `dir`: its folder, absolute. */
export const accessOf = (config: AccessConfig | undefined, dir: string | undefined): Access => {
  if (config === undefined) return openAccess
  const { keys: hasKeys = true, keys_file: file = defaultKeysFile, oauth, local = false } = config
  const keys = hasKeys && dir !== undefined ? new KeyFile(resolve(dir, file)) : undefined
  const callers = keys && new KeyCallers(keys)
  const tokens = oauth && new OAuthTokens(oauth)
  return {
    isClosed: !local,
    keys,
    oauth,
    async identify(headers) {
      const credentials = credentialsOf(headers)
      if (credentials === undefined) {
        if (local) return localCaller
        throw noCredentials()
      }
      const caller = await callers?.callerOf(credentials)
      if (caller !== undefined) return caller
      if (tokens === undefined || readKey(credentials) !== undefined) throw unknownCredentials()
      return tokens.callerOf(credentials)
    },
    mayKnow(headers) {
      try {
        const credentials = credentialsOf(headers)
        if (credentials === undefined) return local
        return callers?.mayKnow(credentials) === true || (tokens !== undefined && readKey(credentials) === undefined)
      } catch {
        return false
      }
    },
    async look() {
      await Promise.all([keys?.list().catch(() => {}), tokens?.look()])
    },
    get failure() {
      return keys?.failure ?? tokens?.failure
    },
  }
}

/** Access to what is not there: nobody is let in, for the reason that those who were asked give together. */
export const accessOfNobody = (asked: readonly Access[]): Access => ({
  isClosed: true,
  keys: undefined,
  oauth: undefined,
  async identify(headers) {
    if (credentialsOf(headers) === undefined) throw noCredentials()
    const answers = await Promise.allSettled(asked.map((access) => access.identify(headers)))
    const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
    // One that cannot tell now may be the one.
    throw refusals.find((error) => !(error instanceof Fault && error.code === 'UNAUTHENTICATED')) ?? unknownCredentials()
  },
  mayKnow(headers) {
    // Looked at like one that is there, which would else be told by the time it takes.
    asked[0]?.mayKnow(headers)
    return false
  },
  look: async () => {},
  failure: undefined,
})
