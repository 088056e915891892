import { hash, timingSafeEqual } from 'node:crypto'

/** The variable that holds the token of whoever operates the server. */
export const operatorTokenVariable = 'DATAFACE_OPERATOR_TOKEN'

/** Whether an Authorization header gives the token: as `Bearer TOKEN`, or as the password of Basic, whoever the user is. */
export const givesToken = (authorization: string | null, token: string): boolean => {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+)$/i.exec(authorization ?? '') ?? []
  if (value === '') return false
  const given = scheme.toLowerCase() === 'bearer' ? value : passwordOf(value)
  // Digests have one length, so that how long it takes tells nothing.
  return timingSafeEqual(digest(given), digest(token))
}

const passwordOf = (encoded: string): string => {
  const pair = Buffer.from(encoded, 'base64').toString()
  return pair.slice(pair.indexOf(':') + 1)
}

const digest = (text: string): Buffer => hash('sha256', text, 'buffer')
