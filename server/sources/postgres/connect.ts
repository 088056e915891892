import { connect as connectTcp } from 'node:net'
import type { ClientConfig, Pool, PoolConfig } from 'pg'
import type { PostgresSourceConfig } from '../../../contracts/v1/project.ts'
import type { Log } from '../../operations/log.ts'
import { quoteName } from '../quote-name.ts'
import { bindSession } from './session.ts'

const connectTimeoutMs = 5_000

/** What a session is told in its first packet. A rollback brings it back to these whatever a statement has set. */
const sessionSettings = (config: PostgresSourceConfig, timeoutMs: number): Record<string, string> => ({
  default_transaction_read_only: 'on',
  // Where a string ends: the guard reads statements so, and a login or a database may have set it otherwise.
  standard_conforming_strings: 'on',
  statement_timeout: String(timeoutMs),
  lock_timeout: '2000',
  idle_in_transaction_session_timeout: '10000',
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  IntervalStyle: 'iso_8601',
  bytea_output: 'hex',
  extra_float_digits: '1',
  ...(config.role !== undefined && { role: config.role }),
  ...(config.schemas !== undefined && { search_path: config.schemas.map(quoteName).join(',') }),
})

/** `-c name=value`, with blanks and backslashes escaped, as libpq's `options` wants it. */
const settingsOption = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ')

/** A setting of a session, as the server tells it. */
interface ParameterStatus {
  readonly parameterName: string
  readonly parameterValue: string
}

/** Opens a pool of sessions that are read-only from their first moment. Connects on first use. */
export const openPool = async (config: PostgresSourceConfig, timeoutMs: number, max: number, log: Log): Promise<Pool> => {
  const { default: pg } = await import('pg')
  const { RowConnection } = await import('./row-connection.ts')
  const options: PoolConfig = {
    ...(await loginOptions(config)),
    application_name: 'dataface',
    options: settingsOption(sessionSettings(config, timeoutMs)),
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    max,
  }
  class RowClient extends pg.Client {
    /** Why no statement may be run. */
    refusal: Error | undefined

    constructor() {
      const connection = new RowConnection(options)
      super({ ...options, connection } as ClientConfig)
      // A server tells each session, and a pooler between may have dropped what we told it.
      connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
        if (parameterName !== 'standard_conforming_strings' || parameterValue === 'on') return
        this.refusal = Object.assign(new Error('The session reads strings otherwise than the guard.'), { code: 'LOOSE_STRINGS' })
        connection.stream.destroy(this.refusal)
      })
    }
  }
  const verify: NonNullable<PoolConfig['verify']> = (client, done) => done((client as unknown as RowClient).refusal)
  const pool = new pg.Pool({ ...options, verify, Client: RowClient })
  // A session that breaks while nobody uses it is replaced; without a listener the error would end the process.
  pool.on('error', (error) => log('debug', 'An idle Postgres session was lost.', { error }))
  pool.on('connect', (client) => {
    client.on('error', () => {})
    client.query(bindSession).catch(() => {})
  })
  return pool
}

/** Where the server is, as whom to log in and whether by TLS, in the words of the driver. */
export const loginOptions = async (config: PostgresSourceConfig): Promise<ClientConfig> => {
  const fromUrl = await parseUrl(config)
  const { host, port } = await addressOf(config)
  const sslmode = config.sslmode ?? sslmodeOfUrl(config.url)
  return {
    host,
    port,
    user: config.user ?? fromUrl?.user,
    password: config.password ?? fromUrl?.password,
    database: config.dbname ?? fromUrl?.database ?? undefined,
    ssl: await resolveSsl(sslmode, host, port),
  }
}

/** Where the server is; the host may be the folder of a socket. */
export const addressOf = async (config: PostgresSourceConfig): Promise<{ host: string; port: number }> => {
  const fromUrl = await parseUrl(config)
  // What an address leaves out is an empty text.
  return { host: config.host ?? (fromUrl?.host || 'localhost'), port: config.port ?? Number(fromUrl?.port || 5432) }
}

/** The database that a source names, or the one libpq would take: that of the user's name. */
export const databaseName = async (config: PostgresSourceConfig): Promise<string> => {
  const fromUrl = await parseUrl(config)
  return config.dbname ?? (fromUrl?.database || config.user || fromUrl?.user || 'postgres')
}

/** The parts of an address. The parser warns of modes that are resolved here. */
const parseUrl = async ({ url }: PostgresSourceConfig) =>
  url === undefined ? undefined : (await import('pg-connection-string')).default.parse(url.replace(/([?&])sslmode=[^&]*&?/, '$1'))

type SslMode = NonNullable<PostgresSourceConfig['sslmode']>

const sslmodeOfUrl = (url: string | undefined): SslMode => {
  const mode = url === undefined || !URL.canParse(url) ? null : new URL(url).searchParams.get('sslmode')
  return mode === 'disable' || mode === 'require' || mode === 'verify-ca' || mode === 'verify-full' ? mode : 'prefer'
}

/** The modes of libpq; `prefer` asks the server whether it speaks TLS. */
const resolveSsl = async (mode: SslMode, host: string, port: number): Promise<PoolConfig['ssl']> => {
  switch (mode) {
    case 'disable':
      return false
    case 'prefer':
      return (await offersTls(host, port)) ? { rejectUnauthorized: false } : false
    case 'require':
      return { rejectUnauthorized: false }
    case 'verify-ca':
      return { rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-full':
      return { rejectUnauthorized: true }
  }
}

/** Sends SSLRequest and reads the one-byte answer. False when the server refuses connections, or breaks this one off; connecting will say why. */
const offersTls = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = host.startsWith('/') ? undefined : connectTcp({ host, port, timeout: connectTimeoutMs })
    if (socket === undefined) return resolve(false)
    const answer = (offered: boolean) => {
      socket.destroy()
      resolve(offered)
    }
    socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])))
    socket.once('data', (data) => answer(data[0] === 83))
    socket.once('error', () => answer(false))
    socket.once('close', () => answer(false))
    socket.once('timeout', () => {
      socket.destroy()
      reject(new Error('The server did not answer in time.'))
    })
  })

/** What a promise of the server gives, unless that takes longer. */
export const within = async <T>(promise: Promise<T>, ms: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The server did not answer in time.')), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
