import type { Client } from 'pg'
import { ProjectError } from '../../projects/diagnostic.ts'
import { loginOptions } from '../../sources/postgres/connect.ts'
import type { Connected } from '../link.ts'
import { migrations } from './migrations.ts'

/** Nobody waits for all of it. Milliseconds. */
const connectMs = 10_000
/** Below the deadline of whoever asks, so that the server stops by itself, milliseconds. */
const statementMs = 2_500
/** How long tables may be made, milliseconds. */
const migrateMs = 60_000
/** Held while tables are made, so that replicas which start together do not clash. A number that nobody else uses. */
const migrationLock = 6_021_991_404

/** Where the address was given, for messages: `DATAFACE_STATE_URL`, `audit.url`. */
export interface PostgresPlace {
  readonly url: string
  readonly place: string
}

/** Connects, with the tables of this version there. Throws `ProjectError` when they are of a later one. */
export const connectPostgres = async (
  { url, place }: PostgresPlace,
  lost: (error: unknown) => void,
): Promise<Connected<Client> & { readonly host: string }> => {
  const { default: pg } = await import('pg')
  const login = await loginOptions({ type: 'postgres', url })
  const client = new pg.Client({
    ...login,
    application_name: 'dataface state',
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
  })
  let isReady = false
  // Without a listener a connection that breaks would end the process.
  client.on('error', (error) => {
    if (isReady) lost(error)
  })
  const destroy = (): void => {
    isReady = false
    void client.end().catch(() => {})
    // A server that does not answer would keep it open.
    ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
  }
  try {
    await client.connect()
    await migrate(client, place)
    await client.query(`SET statement_timeout = ${statementMs}`)
    isReady = true
    return { client, destroy, host: String(login.host) }
  } catch (error) {
    destroy()
    throw error
  }
}

/** Whether a failure is of the session, or of a database that takes no writes or lacks tables or rights, and not of what it was asked. */
export const isSessionLost = (error: unknown): boolean => {
  const { code } = error as { code?: string }
  // What has no SQLSTATE is of the driver or the network.
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(08|25|3F|42|53|57P|58|XX)/.test(code)
}

/** Makes the tables that are missing. */
const migrate = async (client: Client, place: string): Promise<void> => {
  const found = await versionOf(client)
  if (found === migrations.length) return
  if (found > migrations.length) throw tooNew(found, place)
  await client.query(`BEGIN; SET LOCAL statement_timeout = ${migrateMs}; SELECT pg_advisory_xact_lock(${migrationLock})`)
  try {
    // Even where the schema is there, IF NOT EXISTS wants the right to make one.
    const { rows } = await client.query<{ there: boolean }>(`SELECT to_regnamespace('dataface') IS NOT NULL AS there`)
    if (rows[0]?.there !== true) await client.query('CREATE SCHEMA dataface')
    await client.query(
      `CREATE TABLE IF NOT EXISTS dataface.migrations (version integer PRIMARY KEY, name text NOT NULL, made_at timestamptz NOT NULL DEFAULT now())`,
    )
    // Another may have made them while this one waited.
    const version = await versionOf(client)
    if (version > migrations.length) throw tooNew(version, place)
    for (const [index, { name, sql }] of migrations.entries()) {
      if (index < version) continue
      await client.query(sql)
      await client.query('INSERT INTO dataface.migrations (version, name) VALUES ($1, $2)', [index + 1, name])
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

/** The version of the tables; 0 when there are none. */
const versionOf = async (client: Client): Promise<number> => {
  const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass('dataface.migrations') IS NOT NULL AS there`)
  if (rows[0]?.there !== true) return 0
  const found = await client.query<{ version: number }>('SELECT coalesce(max(version), 0) AS version FROM dataface.migrations')
  return found.rows[0]?.version ?? 0
}

const tooNew = (version: number, place: string): ProjectError =>
  new ProjectError([
    {
      level: 'error',
      code: 'BAD_VARIABLE',
      file: place,
      line: 1,
      column: 1,
      message: `The tables of Dataface there are of version ${version}, and this release knows version ${migrations.length} at most.`,
      hint: 'Run the release that made them or a later one, or name another database.',
    },
  ])
