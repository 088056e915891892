import type { ClientBase } from 'pg'

/**
 * Whether an earlier statement has left something in the session that the next would find. A rollback takes back settings,
 * temporary objects, cursors and LISTEN; it leaves what is asked for here. Both names of `GuardedQuery` are our own.
 */
const leftovers = `
SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid())
  OR (SELECT array_agg(name ORDER BY name) FROM pg_catalog.pg_prepared_statements) IS DISTINCT FROM ARRAY['dft_begin', 'dft_rollback']
  OR EXISTS (SELECT FROM pg_catalog.pg_cursors WHERE is_holdable)
  OR EXISTS (SELECT FROM pg_catalog.pg_settings WHERE source = 'session' AND name NOT IN ('client_connection_check_interval', 'work_mem'))
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
