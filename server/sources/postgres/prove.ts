import type { ClientBase } from 'pg'
import type { ReadOnlyProof } from '../source.ts'

/** One row of booleans about the login and the session, without names. */
const proofQuery = `
SELECT
  current_setting('transaction_read_only') = 'on' AS read_only_session,
  r.rolsuper AS superuser,
  EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r','p','v','m','f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND pg_catalog.pg_has_role(c.relowner, 'USAGE')) AS owner,
  EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r','p','v','f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) AS writer,
  EXISTS (SELECT 1 FROM pg_catalog.pg_roles g
          WHERE g.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_write_all_data')
            AND pg_catalog.pg_has_role(g.oid, 'MEMBER')) AS file_or_program_member
FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`

/** What the live session and login say of themselves. */
export const provePostgres = async (client: ClientBase): Promise<ReadOnlyProof[]> => {
  const { rows } = await client.query<Record<string, boolean>>(proofQuery)
  const [found = {}] = rows
  const role = [
    found.superuser && 'is a superuser',
    found.owner && 'owns tables',
    found.writer && 'may write to tables',
    found.file_or_program_member && 'may touch files, programs or all data',
  ].filter((fault) => typeof fault === 'string')
  return [
    {
      layer: 'engine',
      holds: found.read_only_session === true,
      detail: 'Every query runs in a READ ONLY transaction that is rolled back, by the extended protocol, one statement at a time.',
    },
    {
      layer: 'role',
      holds: role.length === 0,
      detail: role.length === 0 ? 'The login can only read.' : `The login ${role.join(', ')}; give the source a login that can only read.`,
    },
  ]
}
