import { quoteName } from '../quote-name.ts'
import type { CatalogTable, SourceCatalog } from '../source.ts'

const qualified = (table: CatalogTable): string => `${quoteName(table.schema)}.${quoteName(table.name)}`

export interface ReaderRoleOptions {
  readonly source: string
  readonly role: string
  readonly database: string
  readonly host: string
  readonly port: number
  /** What the policy of the source leaves of its metadata. */
  readonly catalog: SourceCatalog
}

/**
 * The SQL that makes a login which can read exactly what a source serves, for its operator to run as a superuser. The
 * login has no password until it is given one, so that none stands in a file or a history.
 */
export const readerRoleSql = ({ source, role, database, host, port, catalog }: ReaderRoleOptions): string => {
  const { tables } = catalog
  const schemas = [...new Set(tables.map((table) => table.schema))].map(quoteName)
  const isWhole = ({ unreadColumns = [] }: CatalogTable): boolean => unreadColumns.length === 0
  const login = quoteName(role)
  const columnGrants = tables
    .filter((table) => !isWhole(table))
    .map((table) => {
      const readable = table.columns.filter(({ name }) => table.unreadColumns?.includes(name) !== true).map(({ name }) => quoteName(name))
      return readable.length === 0 ? [] : [`GRANT SELECT (${readable.join(', ')}) ON ${qualified(table)} TO ${login};`]
    })
  const whole = tables.filter(isWhole).map(qualified)
  return `${[
    comment(`A login that can read what dataface.yml serves of the source "${source}", and can do nothing else.`),
    comment(`1. Run this in the database ${quoteName(database)} as a superuser.`),
    comment(`2. Give the login a password; in psql: \\password ${login}`),
    comment(`3. Let the source connect as it: ${readerUrl(role, host, port, database)}`),
    '-- 4. dft doctor checks that it can read, and only that.',
    '-- Tables that come later, and columns of tables that are granted by column, are granted by running it again without its',
    '-- first statement; dft doctor names such columns.',
    `CREATE ROLE ${login} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;`,
    `ALTER ROLE ${login} SET default_transaction_read_only = on;`,
    '-- The files a query may spill to. Only a superuser may set this; leave it out where the server gives you none.',
    `ALTER ROLE ${login} SET temp_file_limit = '1GB';`,
    `GRANT CONNECT ON DATABASE ${quoteName(database)} TO ${login};`,
    ...(schemas.length > 0 ? [`GRANT USAGE ON SCHEMA ${schemas.join(', ')} TO ${login};`] : []),
    ...(whole.length > 0 ? [`GRANT SELECT ON\n  ${whole.join(',\n  ')}\nTO ${login};`] : []),
    ...columnGrants.flat(),
    '-- What everyone may do, this login may do too. If dft doctor still says that it may write or create, look here:',
    ...schemas.flatMap((schema) => [
      `-- REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC;`,
      `-- REVOKE INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER ON ALL TABLES IN SCHEMA ${schema} FROM PUBLIC;`,
    ]),
    "-- Functions that run with their owner's rights and that everyone may call are open to it as well. This lists what closes them:",
    "-- SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC;', oid::regprocedure) FROM pg_proc",
    "--   WHERE prosecdef AND pronamespace <> 'pg_catalog'::regnamespace AND has_function_privilege('public', oid, 'EXECUTE');",
  ].join('\n')}\n`
}

/** A name may hold line ends. */
const comment = (text: string): string => `-- ${text.replace(/\s+/g, ' ')}`

const readerUrl = (role: string, host: string, port: number, database: string): string =>
  host.startsWith('/')
    ? `host ${host}, port ${port}, dbname ${database}, user ${role}`
    : `postgres://${encodeURIComponent(role)}:PASSWORD@${host}:${port}/${encodeURIComponent(database)}`
