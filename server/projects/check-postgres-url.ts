import { nearestName } from '../envelope/nearest-name.ts'

/** What is wrong with a connection string, in words that never quote it. */
export interface UrlFault {
  /** Follows the name of the key: "is no address of a database". */
  readonly message: string
  readonly hint: string
}

/** The modes of libpq. */
const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']
const form = 'postgres://user:password@host:port/dbname'
const escaping =
  'In user and password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25; or give host, port, dbname, user and password as keys of their own.'

/** Why the driver would not understand a connection string, or would take it for something else; undefined when it is right. */
export const checkPostgresUrl = (url: string): UrlFault | undefined => {
  // The driver's forms for a socket of this machine.
  if (/^(\/|socket:)/.test(url)) return undefined
  if (/^["'\s]|["'\s]$/.test(url)) return { message: 'has blanks or quotes around it', hint: 'Remove them.' }
  if (/^jdbc:/i.test(url)) return { message: 'is an address for Java', hint: `Write ${form}.` }
  if (/^\w+\s*=/.test(url)) return { message: 'is a list of keywords', hint: `Write ${form}, or give host, port, dbname and user instead.` }
  if (!/^postgres(ql)?:\/\//i.test(url)) return { message: 'is no address of a PostgreSQL database', hint: `Write ${form}.` }
  // As in the driver: the host may be left out after a user.
  const readable = [url, url.replace('@/', '@localhost/')].find((text) => URL.canParse(text))
  if (readable === undefined)
    return {
      message: 'cannot be read as an address',
      hint: `Ports go up to 65535. ${escaping}`,
    }
  if (isCutShort(new URL(readable)) || hasBarePercent(readable))
    return { message: 'has characters in it that an address gives another meaning', hint: escaping }
  const mode = new URL(readable).searchParams.get('sslmode')
  if (mode === null || sslModes.includes(mode)) return undefined
  const near = nearestName(mode, sslModes)
  return {
    message: 'has an sslmode that is not known',
    hint: near === undefined ? `Use one of: ${sslModes.join(', ')}.` : `Did you mean "${near}"?`,
  }
}

/** The address ends before its host: a `/`, `?` or `#` of the password was taken for the end of it. */
const isCutShort = ({ pathname, search, hash }: URL): boolean =>
  hash !== '' || pathname.includes('@') || /^[^=]*@/.test(search) || (pathname === '' && search.includes('@'))

/** A `%` without two hexadecimal digits. The parser of the driver escapes all others anew when it meets one. */
const hasBarePercent = (url: string): boolean => /%(?![\da-f]{2})/i.test(url)
