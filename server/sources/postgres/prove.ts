import type { ClientBase } from 'pg'
import type { ReadOnlyProof } from '../source.ts'

/** Roles of the system whose members reach files, programs, the data of everyone or the sessions of others. */
const strongRoles = [
  'pg_read_server_files',
  'pg_write_server_files',
  'pg_execute_server_program',
  'pg_write_all_data',
  'pg_maintain',
  'pg_signal_backend',
  'pg_signal_autovacuum_worker',
  'pg_checkpoint',
  'pg_create_subscription',
]

/**
 * One row of booleans about the session and what its login can be: itself and every role it is a member of, since it can
 * become those. Names no role and no object.
 */
const proofQuery = `
WITH roles AS (
  SELECT oid, rolname, rolsuper, rolcreaterole OR rolcreatedb OR rolreplication AS administers
  FROM pg_catalog.pg_roles WHERE pg_catalog.pg_has_role(session_user, oid, 'MEMBER')
), spaces AS (
  SELECT oid, nspowner FROM pg_catalog.pg_namespace
  WHERE nspname !~ '^pg_(catalog|toast|temp_|toast_temp_)' AND nspname <> 'information_schema'
), relations AS (
  SELECT c.oid, c.relkind, c.relowner FROM pg_catalog.pg_class c JOIN spaces s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
)
SELECT
  current_setting('transaction_read_only') = 'on' AS read_only_session,
  EXISTS (SELECT FROM roles WHERE rolsuper) AS superuser,
  EXISTS (SELECT FROM roles WHERE administers) AS administers,
  EXISTS (SELECT FROM relations WHERE relowner IN (SELECT oid FROM roles))
    OR EXISTS (SELECT FROM spaces WHERE nspowner IN (SELECT oid FROM roles))
    OR EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace WHERE p.proowner IN (SELECT oid FROM roles))
    OR EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata WHERE lomowner IN (SELECT oid FROM roles))
    OR EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = current_database() AND datdba IN (SELECT oid FROM roles)) AS owner,
  EXISTS (SELECT FROM roles r, relations c WHERE c.relkind <> 'S' AND (
      pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
      OR pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE')))
    OR EXISTS (SELECT FROM roles r, relations c WHERE c.relkind = 'S' AND pg_catalog.has_sequence_privilege(r.oid, c.oid, 'USAGE, UPDATE'))
    AS writer,
  EXISTS (SELECT FROM roles r, spaces s WHERE pg_catalog.has_schema_privilege(r.oid, s.oid, 'CREATE'))
    OR EXISTS (SELECT FROM roles r WHERE pg_catalog.has_database_privilege(r.oid, current_database(), 'CREATE')) AS creator,
  EXISTS (SELECT FROM roles WHERE rolname = ANY ($1)) AS strong_member`

const powers: readonly (readonly [string, string])[] = [
  ['superuser', 'is a superuser or can become one'],
  ['administers', 'may make roles or databases, or replicate'],
  ['owner', 'owns tables, schemas, functions or the database'],
  ['writer', 'may write to tables or sequences'],
  ['creator', 'may create objects in a schema or the database'],
  ['strong_member', 'may reach files, programs, all data or the sessions of others'],
]

/** What the live session and login say of themselves. */
export const provePostgres = async (client: ClientBase): Promise<ReadOnlyProof[]> => {
  const { rows } = await client.query<Record<string, boolean>>({ text: proofQuery, values: [strongRoles] })
  const [found = {}] = rows
  const role = found.superuser === true ? powers.slice(0, 1) : powers.filter(([power]) => found[power] !== false)
  return [
    {
      layer: 'engine',
      holds: found.read_only_session === true,
      detail: 'Every query runs in a READ ONLY transaction that is rolled back, by the extended protocol, one statement at a time.',
    },
    {
      layer: 'role',
      holds: role.length === 0,
      detail: role.length === 0 ? 'The login can only read.' : `The login ${role.map(([, words]) => words).join('; it ')}.`,
    },
  ]
}
