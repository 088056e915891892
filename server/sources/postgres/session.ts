import type { ClientBase } from 'pg'
import { preparedNames } from './guarded-query.ts'

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

/** What a session is told once it is open, since it depends on the server; all else is in its first packet. */
const lateSettings = { client_connection_check_interval: '1s', work_mem: '64MB' }
const lateNames = quoted(Object.keys(lateSettings))

/**
 * PostgreSQL 14 and later notice a vanished client in the middle of a query when told to; a server that is generous with
 * memory is not so to us. The files a query may spill to are bounded by the login, see reader-role.ts, since only a
 * superuser may set that.
 */
export const bindSession = `SELECT set_config(name, value, false) FROM pg_catalog.pg_settings
JOIN (VALUES ${Object.entries(lateSettings).map((entry) => `(${quoted(entry)})`)}) AS late (name, value) USING (name)
WHERE name <> 'work_mem' OR setting::bigint > 65536`

/**
 * Whether an earlier statement has left something in the session that the next would find. A rollback takes back settings,
 * temporary objects, cursors and LISTEN; it leaves what is asked for here.
 */
const leftovers = `
SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid())
  OR (SELECT array_agg(name ORDER BY name) FROM pg_catalog.pg_prepared_statements) IS DISTINCT FROM ARRAY[${quoted(Object.values(preparedNames).sort())}]
  OR EXISTS (SELECT FROM pg_catalog.pg_cursors WHERE is_holdable)
  OR EXISTS (SELECT FROM pg_catalog.pg_settings WHERE source = 'session' AND name NOT IN (${lateNames}))
  OR EXISTS (SELECT FROM pg_catalog.pg_listening_channels())
  OR EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema())`

/**
 * Brings a session back to where it was before a query: true when the next may have it. `keepsNothing` is true of a query
 * that can have left nothing but a failed transaction.
 */
export const isAsNew = async (client: ClientBase, isFailed: boolean, keepsNothing: boolean): Promise<boolean> => {
  try {
    if (isFailed) await client.query('ROLLBACK')
    if (keepsNothing) return true
    const { rows } = await client.query<{ found: boolean }>(`SELECT (${leftovers}) AS found`)
    return rows[0]?.found === false
  } catch {
    return false
  }
}

/**
 * Whether an error of the server ends the use of the session: a broken connection, a shutdown, a prepared statement that
 * is gone. A cancelled query does not.
 */
export const breaksSession = (error: Error | undefined): boolean => {
  const { code } = (error ?? {}) as { code?: string }
  return code !== undefined && code !== '57014' && (code === '26000' || code.startsWith('08') || code.startsWith('57'))
}
