import { RecentMap } from '../envelope/recent-map.ts'
import { isSecretOf, type KeptKey, readKey, stateOfKey } from './api-key.ts'
import type { Caller } from './caller.ts'
import { unknownCredentials } from './credentials.ts'
import type { KeyFile } from './key-file.ts'

/** Keys that are remembered with their secrets. */
const maxProven = 1_000

/** A key whose secret was right, and what the file said of it then. */
interface Proven {
  readonly kept: KeptKey
  readonly caller: Caller
}

/** Who calls with the API keys of a project. */
export class KeyCallers {
  readonly #keys: KeyFile
  /**
   * By the text of the key: to hash it for every call takes as long as counting and recording it. The file is asked each time all the
   * same, and a key of which it says something else is hashed anew.
   */
  readonly #proven = new RecentMap<Proven>(maxProven)

  constructor(keys: KeyFile) {
    this.#keys = keys
  }

  /** Whether a text may be a key that was good before; nothing is read for it. */
  mayKnow(text: string): boolean {
    const id = this.#proven.get(text)?.kept.id ?? readKey(text)?.id
    return id !== undefined && this.#keys.hasRead(id)
  }

  /** Undefined for a text that has not the form of a key. Throws UNAUTHENTICATED, or NOT_READY when the keys cannot be read. */
  async callerOf(text: string): Promise<Caller | undefined> {
    const proven = this.#proven.get(text)
    if (proven !== undefined && proven.kept === (await this.#keys.find(proven.kept.id))) return this.#active(proven)
    const key = readKey(text)
    if (key === undefined) return undefined
    const kept = await this.#keys.find(key.id)
    if (kept === undefined || !isSecretOf(key.secret, kept)) throw unknownCredentials()
    const found = { kept, caller: { id: `key:${kept.id}`, scopes: kept.scopes } }
    this.#proven.set(text, found)
    return this.#active(found)
  }

  /** Throws UNAUTHENTICATED for one that was revoked or has expired. */
  #active({ kept, caller }: Proven): Caller {
    if (stateOfKey(kept, new Date()) !== 'active') throw unknownCredentials()
    return caller
  }
}
