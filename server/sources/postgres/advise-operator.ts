/** What helps against a failure to connect, by SQLSTATE, system error code or TLS error code. */
const adviceByCode: Readonly<Record<string, string>> = {
  '28P01': 'Check user and password, or the variables that hold them.',
  '28000': 'The server admits no such login from here: check user and sslmode, and pg_hba.conf on the server.',
  '3D000': 'Check dbname; psql -l lists the databases of a server.',
  '42501': 'Let the login in: GRANT CONNECT ON DATABASE, GRANT USAGE ON SCHEMA and GRANT SELECT ON ALL TABLES IN SCHEMA.',
  '53300': 'Close other sessions, or raise max_connections of the server.',
  '57P03': 'The server is starting or stopping; try again in a moment.',
  ENOTFOUND: 'Check host: no address is known for this name.',
  EAI_AGAIN: 'Check host, and that names can be looked up from here.',
  ECONNREFUSED: 'Check host and port, and that the database runs there.',
  ENOENT: 'Check host: there is no socket of a database in this folder.',
  EACCES: 'Check host: this user may not open the socket.',
  EHOSTUNREACH: 'Check host, and the network between here and there.',
  ENETUNREACH: 'Check host, and the network between here and there.',
  ETIMEDOUT: 'Check host and port, and whether a firewall stands between.',
  ECONNRESET: 'Check port: what listens there may be no PostgreSQL, or want another sslmode.',
}

const certificateCodes = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_)/

/** What whoever runs the server can do about a failure of the driver or the server to connect. */
export const adviseOperator = (error: unknown): string | undefined => {
  // Several addresses of one host were tried.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error]
  const { code = '', message = '' } = first as { code?: string; message?: string }
  if (/empty password|password must be a (non-empty )?string/.test(message))
    return 'The server wants a password and none is given: set password, or its variable.'
  const known = adviceByCode[code]
  if (known !== undefined) return known
  if (certificateCodes.test(code))
    return 'The certificate of the server is not trusted: give its authority in NODE_EXTRA_CA_CERTS, or use sslmode: require.'
  if (/does not support SSL/i.test(message)) return 'The server speaks no TLS: use sslmode: disable where the network is trusted.'
  if (/timeout|in time/i.test(message)) return adviceByCode.ETIMEDOUT
  if (/terminated unexpectedly|establishing an SSL/i.test(message)) return adviceByCode.ECONNRESET
  return undefined
}
