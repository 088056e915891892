/**
 * What holds when the guard is off: statements that it would refuse are sent straight to the source, with a login that
 * may only read. Each is stopped by the database or leaves nothing behind.
 */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fault } from '../../server/envelope/fault.ts'
import { defaultLimits } from '../../server/projects/project.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { QueryResult, Source } from '../../server/sources/source.ts'
import { postgresUrl } from '../support/postgres.ts'
import { queryOf } from '../support/query.ts'

const database = `engine_${randomBytes(4).toString('hex')}`
const login = { user: `engine_${randomBytes(4).toString('hex')}`, password: 'engine-Pa55word' }
let admin: pg.Client
let source: Source

beforeAll(async () => {
  const main = new pg.Client({ connectionString: postgresUrl() })
  await main.connect()
  await main.query(`CREATE DATABASE ${database}`)
  await main.query(`CREATE ROLE ${login.user} LOGIN PASSWORD '${login.password}'`)
  await main.end()
  admin = new pg.Client({ connectionString: postgresUrl(database) })
  await admin.connect()
  await admin.query(`
    CREATE TABLE open_data (id integer PRIMARY KEY, note text);
    INSERT INTO open_data SELECT g, 'row ' || g FROM generate_series(1, 100) g;
    CREATE TABLE private_data (note text);
    INSERT INTO private_data VALUES ('CANARY-private');
    CREATE SEQUENCE numbers;
    GRANT USAGE ON SCHEMA public TO ${login.user};
    GRANT SELECT ON open_data TO ${login.user}`)
  source = openPostgres({
    name: 'engine',
    config: { type: 'postgres', url: postgresUrl(database, login) },
    // One session, so that the next query gets the one that the last has left.
    limits: { ...defaultLimits, maxConcurrency: 1, timeoutMs: 2_000 },
    log: () => {},
  })
}, 60_000)

afterAll(async () => {
  await source.close()
  await admin.end()
  const main = new pg.Client({ connectionString: postgresUrl() })
  await main.connect()
  await main.query(`DROP DATABASE ${database} WITH (FORCE)`)
  await main.query(`DROP ROLE ${login.user}`)
  await main.end()
})

const run = (sql: string): Promise<QueryResult> => source.query(queryOf(sql, { limits: { timeoutMs: 2_000 } }))

const rowsOf = async (sql: string): Promise<unknown> => JSON.parse((await run(sql)).rows?.text ?? 'null')

/** Everything that a statement could have changed in the database. */
const contents = async (): Promise<unknown> => {
  const { rows } = await admin.query(`SELECT
    (SELECT md5(string_agg(o::text, ',' ORDER BY id)) FROM open_data o) AS data,
    (SELECT count(*) FROM private_data) AS private,
    (SELECT array_agg(relname::text ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace) AS relations,
    (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace) AS functions,
    (SELECT count(*) FROM pg_largeobject_metadata) AS large_objects,
    (SELECT last_value FROM numbers) AS sequence,
    (SELECT array_agg(rolname::text ORDER BY rolname) FROM pg_roles WHERE rolname NOT LIKE 'p%') IS NOT NULL AS roles`)
  return rows[0]
}

/** What the one session holds that a later query could find. */
const session = async (): Promise<unknown> =>
  rowsOf(`SELECT
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
    (SELECT count(*) FROM pg_prepared_statements WHERE name NOT LIKE 'dft%'),
    (SELECT count(*) FROM pg_cursors WHERE is_holdable),
    (SELECT count(*) FROM pg_listening_channels()),
    pg_my_temp_schema()::bigint::int,
    current_setting('statement_timeout'), current_setting('search_path'), current_setting('transaction_read_only'),
    nullif(current_setting('app.marker', true), ''), current_user = session_user`)

const writes = [
  "INSERT INTO open_data VALUES (1000, 'x')",
  "UPDATE open_data SET note = 'x'",
  'DELETE FROM open_data',
  'TRUNCATE open_data',
  'MERGE INTO open_data USING (SELECT 1 AS id) s ON open_data.id = s.id WHEN MATCHED THEN DELETE',
  'WITH gone AS (DELETE FROM open_data RETURNING *) SELECT * FROM gone',
  'CREATE TABLE made (x integer)',
  'CREATE TEMP TABLE made_for_now AS SELECT 1 AS x',
  'SELECT 1 AS x INTO made_too',
  "CREATE FUNCTION made_f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
  'DROP TABLE open_data',
  'ALTER TABLE open_data ADD COLUMN x integer',
  'GRANT SELECT ON private_data TO PUBLIC',
  'CREATE ROLE made_role',
  'SELECT * FROM open_data FOR UPDATE',
  'LOCK TABLE open_data',
  "SELECT nextval('numbers')",
  "SELECT setval('numbers', 77)",
  'SELECT lo_create(4711)',
  "SELECT lo_from_bytea(4712, 'x')",
  "COPY open_data FROM PROGRAM 'true'",
  "COPY (SELECT 1) TO '/tmp/dataface-copied'",
  "DO $$ BEGIN EXECUTE 'INSERT INTO open_data VALUES (1001)'; END $$",
  'EXPLAIN ANALYZE DELETE FROM open_data',
  'VACUUM open_data',
  'REFRESH MATERIALIZED VIEW nothing',
  'COMMIT',
  'COMMIT; DELETE FROM open_data',
  'ROLLBACK; DELETE FROM open_data; COMMIT',
  'SET TRANSACTION READ WRITE',
  'SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE',
  "SELECT set_config('transaction_read_only', 'off', false), (SELECT count(*) FROM open_data)",
  "SELECT set_config('default_transaction_read_only', 'off', false)",
  "NOTIFY news, 'x'",
  "SELECT pg_notify('news', 'x')",
  "SELECT query_to_xml('DELETE FROM open_data RETURNING *', true, false, '')",
]

const leftovers = [
  'SELECT pg_advisory_lock(42)',
  'SELECT pg_try_advisory_lock_shared(1, 2)',
  'PREPARE kept AS SELECT 1',
  'DECLARE kept CURSOR WITH HOLD FOR SELECT 1',
  'LISTEN news',
  "SELECT set_config('statement_timeout', '0', false)",
  "SELECT set_config('search_path', 'pg_catalog', false)",
  "SELECT set_config('app.marker', 'kept', false)",
  "SET app.marker = 'kept'",
  "SET SESSION statement_timeout = '1h'",
  'SET ROLE NONE',
  'CREATE TEMP TABLE kept (x integer)',
  'DISCARD ALL',
  'DEALLOCATE ALL',
  'RESET ALL',
  'BEGIN',
  'START TRANSACTION READ WRITE',
]

const escapes = [
  'SELECT * FROM private_data',
  "SELECT pg_read_file('/etc/passwd')",
  "SELECT ('/etc/passwd'::text).pg_read_file",
  "SELECT * FROM pg_ls_dir('/')",
  "SELECT pg_stat_file('/etc/passwd')",
  "SELECT lo_import('/etc/passwd')",
  'COPY (SELECT 1) TO STDOUT',
  'SELECT * FROM pg_authid',
  'SELECT * FROM pg_user_mapping',
  "SELECT query_to_xml('SELECT * FROM private_data', true, false, '')",
  'SET ROLE postgres',
  "SELECT set_config('role', 'postgres', false)",
  'SET SESSION AUTHORIZATION postgres',
  "LOAD '/tmp/evil.so'",
  'CREATE EXTENSION dblink',
  "ALTER SYSTEM SET work_mem = '1GB'",
  'SELECT pg_reload_conf()',
]

describe('behind the guard, PostgreSQL', () => {
  test.each([...writes, ...leftovers, ...escapes])('%s', async (sql) => {
    const before = [await contents(), await session()]
    const answer = await run(sql).then(
      (result) => result.rows?.text,
      (error: unknown) => {
        expect(error).toBeInstanceOf(Fault)
        return JSON.stringify([(error as Fault).message, (error as Fault).details.hint])
      },
    )
    expect(answer).not.toMatch(/CANARY|root:/)
    expect([await contents(), await session()]).toEqual(before)
  })

  test.each([
    'SELECT pg_sleep(60)',
    'SELECT count(*) FROM generate_series(1, 100000000000)',
    'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r',
    "SELECT set_config('statement_timeout', '0', true), pg_sleep(60)",
  ])('ends at its time limit: %s', async (sql) => {
    await expect(run(sql)).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
    const running = await admin.query("SELECT FROM pg_stat_activity WHERE usename = $1 AND state = 'active'", [login.user])
    expect(running.rowCount).toBe(0)
    expect(await rowsOf('SELECT 1')).toEqual([[1]])
  })
})
