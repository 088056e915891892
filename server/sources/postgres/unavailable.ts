import { Fault } from '../../envelope/fault.ts'

/** Why a session cannot be had, as far as a caller may know it. */
interface Kind {
  readonly message: string
  /** How long to wait before the next try, milliseconds; absent where only the operator can change it. */
  readonly retryAfterMs?: number
}

const kinds = {
  starting: { message: 'The database is starting or stopping.', retryAfterMs: 2_000 },
  full: { message: 'The database has no free connection.', retryAfterMs: 1_000 },
  refusing: { message: 'The database cannot be reached: nothing takes connections at its address.', retryAfterMs: 5_000 },
  lost: { message: 'The connection to the database was lost.', retryAfterMs: 2_000 },
  silent: { message: 'The database cannot be reached: it did not answer in time.', retryAfterMs: 10_000 },
  unknownHost: { message: 'The database cannot be reached: no address is known for its host.' },
  login: { message: 'The database refused the login of this source.' },
  database: { message: 'The database that this source names does not exist.' },
  settings: { message: 'The database cannot be reached with the settings of this source.' },
  other: { message: 'The database cannot be reached.', retryAfterMs: 5_000 },
} as const satisfies Record<string, Kind>

/** The kind of a failure, and what whoever runs the server can do about it, by SQLSTATE, system error code or TLS error code. */
const byCode: Readonly<Record<string, readonly [kind: keyof typeof kinds, operatorHint: string]>> = {
  '28P01': ['login', 'Check user and password, or the variables that hold them. In a url, a % of the password is written as %25.'],
  '28000': ['login', 'The server admits no such login from here: check user and sslmode, and pg_hba.conf on the server.'],
  '42501': ['login', 'Let the login in: GRANT CONNECT ON DATABASE, and membership in the role that the source sets.'],
  '22023': ['settings', 'The server does not take a setting of the session: check role.'],
  '3D000': ['database', 'Check dbname; psql -l lists the databases of a server.'],
  '53300': ['full', 'Close other sessions, or raise max_connections of the server.'],
  '57P01': ['lost', 'The server is stopping, or its administrator ended the session; try again in a moment.'],
  '57P02': ['lost', 'The server has crashed and recovers; try again in a moment.'],
  '57P03': ['starting', 'The server is starting or stopping; try again in a moment.'],
  ENOTFOUND: ['unknownHost', 'Check host: no address is known for this name.'],
  EAI_AGAIN: ['silent', 'Check host, and that names can be looked up from here.'],
  ECONNREFUSED: ['refusing', 'Check host and port, and that the database runs there.'],
  ENOENT: ['refusing', 'Check host: there is no socket of a database in this folder.'],
  EACCES: ['settings', 'Check host: this user may not open the socket.'],
  EHOSTUNREACH: ['silent', 'Check host, and the network between here and there.'],
  ENETUNREACH: ['silent', 'Check host, and the network between here and there.'],
  ETIMEDOUT: ['silent', 'Check host and port, and whether a firewall stands between.'],
  ECONNRESET: ['lost', 'Check port: what listens there may be no PostgreSQL, or want another sslmode.'],
  NO_PASSWORD: ['login', 'The server wants a password and none is given: set password, or its variable.'],
  NO_TLS: ['settings', 'The server speaks no TLS: use sslmode: disable where the network is trusted.'],
  LOOSE_STRINGS: [
    'settings',
    'Set standard_conforming_strings to on for the login and the database: what stands between here and there drops what a session is told first.',
  ],
  NO_TRUST: [
    'settings',
    'The certificate of the server is not trusted: give its authority in NODE_EXTRA_CA_CERTS, or use sslmode: require.',
  ],
}

const certificateCodes = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_)/

/** The code of a failure. The driver has none for some of its own, and the server none for an empty password. */
const codeOf = ({ code = '', message = '' }: { code?: string; message?: string }): string => {
  if (/empty password|password must be a (non-empty )?string/.test(message)) return 'NO_PASSWORD'
  if (byCode[code] !== undefined) return code
  if (code.startsWith('28')) return '28000'
  if (certificateCodes.test(code)) return 'NO_TRUST'
  if (/does not support SSL/i.test(message)) return 'NO_TLS'
  if (/timeout|in time/i.test(message)) return 'ETIMEDOUT'
  if (/terminated unexpectedly|establishing an SSL/i.test(message)) return 'ECONNRESET'
  return code
}

/** SOURCE_UNAVAILABLE for a failure of the driver or the server to give a session. Tells callers no host, role or database. */
export const unavailable = (error: unknown): Fault => {
  if (error instanceof Fault) return error
  // Several addresses of one host were tried.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error]
  const [kind, operatorHint] = byCode[codeOf(first as { code?: string; message?: string })] ?? (['other', undefined] as const)
  const { message, retryAfterMs }: Kind = kinds[kind]
  return new Fault('SOURCE_UNAVAILABLE', message, {
    cause: error,
    operatorHint,
    retryable: retryAfterMs !== undefined,
    retryAfterMs,
    hint:
      retryAfterMs === undefined
        ? 'Trying again does not help. Ask the operator of the project, whom `dft doctor` tells what to correct.'
        : `Try again in ${retryAfterMs / 1000} s. If it lasts, ask the operator of the project, whom \`dft doctor\` tells the cause.`,
  })
}
