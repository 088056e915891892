import { hash as digest, randomBytes, timingSafeEqual } from 'node:crypto'

/** An API key as it is kept: nothing of it can be used to call. */
export interface KeptKey {
  /** Stands in the key itself, so that one is found without trying all. */
  readonly id: string
  /** What its owner calls it. */
  readonly name: string
  /** SHA-256 of the secret part, hexadecimal. The secret is random and long, so that a slow hash would protect nothing more. */
  readonly hash: string
  readonly scopes: readonly string[]
  /** ISO 8601, UTC. */
  readonly created_at: string
  /** Absent: it does not expire. */
  readonly expires_at?: string
  readonly revoked_at?: string
}

const prefix = 'dft'
const alphabet = '0123456789abcdefghijkmnopqrstuvwxyz'
const [idLength, secretLength] = [10, 40]
const form = new RegExp(`^${prefix}_([${alphabet}]{${idLength}})_([${alphabet}]{${secretLength}})$`)

/** Characters without bias: bytes that do not fit evenly are left out. */
const randomText = (length: number): string => {
  const most = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length)
    for (const byte of randomBytes(length)) if (byte < most && text.length < length) text += alphabet[byte % alphabet.length]
  return text
}

/** A new key, `dft_<id>_<secret>`, to be shown once, and what is kept of it. Its secret holds 200 bits. */
export const makeKey = (
  about: Pick<KeptKey, 'name' | 'scopes' | 'expires_at'>,
  now: Date,
): { readonly text: string; readonly kept: KeptKey } => {
  const [id, secret] = [randomText(idLength), randomText(secretLength)]
  const { name, scopes, expires_at } = about
  const kept = {
    id,
    name,
    hash: digest('sha256', secret),
    scopes,
    created_at: now.toISOString(),
    ...(expires_at !== undefined && { expires_at }),
  }
  return { text: `${prefix}_${id}_${secret}`, kept }
}

/** The parts of a text that has the form of a key. */
export const readKey = (text: string): { readonly id: string; readonly secret: string } | undefined => {
  const [, id, secret] = form.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

/** Whether a secret is that of a key; takes as long for a wrong one. */
export const isSecretOf = (secret: string, { hash }: KeptKey): boolean =>
  timingSafeEqual(digest('sha256', secret, 'buffer'), Buffer.from(hash, 'hex'))

/** What keeps a key from being used, if anything. */
export const stateOfKey = ({ expires_at, revoked_at }: KeptKey, now: Date): 'active' | 'expired' | 'revoked' => {
  if (revoked_at !== undefined) return 'revoked'
  return expires_at !== undefined && Date.parse(expires_at) <= now.getTime() ? 'expired' : 'active'
}
