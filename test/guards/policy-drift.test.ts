/**
 * A policy holds at every moment: what changes in the database after its metadata was read is judged as it is when a
 * statement runs, through every way that rows are read.
 */
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresUrl } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const policy = "tables: { deny: ['*_secret', public.shadowed] }\n    columns: { deny: ['*ssn'], mask: [salary] }"

/** The answer of a tool as text; `stream`: as NDJSON. */
const askOf =
  (started: Started) =>
  async (tool: string, input: object, stream = false): Promise<string> => {
    const response = await fetch(`${started.url}/api/v1/${tool}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: stream ? 'application/x-ndjson' : 'application/json' },
      body: JSON.stringify({ source: 'drift', ...input }),
    })
    return response.text()
  }

type Case = [what: string, setup: string, sql: string, change: string]

describe('on Postgres', () => {
  const database = 'policy_drift'
  const login = { user: 'drift_reader', password: 'drift-Pa55word' }
  let admin: pg.Client
  let started: Started
  let ask: ReturnType<typeof askOf>
  let open: Started
  /** Asks for the plan of each statement first. */
  let gated: Started

  const reading = "SECURITY DEFINER STABLE LANGUAGE sql AS 'SELECT note FROM public.a_secret'"
  /** What a statement comes to call, which is as closed to a source without a policy. */
  const calls: Case[] = [
    ['a function of a row', '', 'SELECT o.d1row FROM orders o', `CREATE FUNCTION d1row(orders) RETURNS text ${reading}`],
    ['a function of a value', '', 'SELECT (o.id).d1int FROM orders o', `CREATE FUNCTION d1int(bigint) RETURNS text ${reading}`],
    [
      "an overload of the engine's function",
      '',
      'SELECT upper(o.id::text) FROM orders o JOIN orders p ON upper(p.id) IS NOT NULL',
      `CREATE FUNCTION upper(bigint) RETURNS text ${reading}`,
    ],
    [
      "an overload of the engine's operator",
      '',
      "SELECT o.id % 'a'::text FROM orders o",
      `CREATE FUNCTION d1mod(bigint, text) RETURNS text ${reading}; CREATE OPERATOR % (FUNCTION = d1mod, LEFTARG = bigint, RIGHTARG = text)`,
    ],
    [
      'a trusted function that is replaced',
      "CREATE FUNCTION d1own() RETURNS text STABLE LANGUAGE sql AS 'SELECT ''x'''",
      'SELECT d1own()',
      `CREATE OR REPLACE FUNCTION d1own() RETURNS text ${reading}`,
    ],
    [
      'one that planning calls',
      "CREATE FUNCTION d1fixed() RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT ''x'''",
      'SELECT d1fixed()',
      `CREATE OR REPLACE FUNCTION d1fixed() RETURNS text IMMUTABLE LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN RAISE EXCEPTION 'CANARY'; END $$`,
    ],
    [
      'one that another calls',
      `CREATE FUNCTION d1inner() RETURNS text STABLE LANGUAGE sql AS 'SELECT ''x''';
       CREATE FUNCTION d1outer() RETURNS text STABLE LANGUAGE sql AS 'SELECT public.d1inner()'`,
      'SELECT d1outer()',
      `CREATE OR REPLACE FUNCTION d1inner() RETURNS text ${reading}`,
    ],
    [
      'one of a schema that takes the name of another',
      `CREATE SCHEMA d1a; CREATE SCHEMA d1b; GRANT USAGE ON SCHEMA d1a, d1b TO drift_reader;
       CREATE FUNCTION d1a.f() RETURNS text STABLE LANGUAGE sql AS 'SELECT ''x'''; CREATE FUNCTION d1b.f() RETURNS text ${reading}`,
      'SELECT d1a.f()',
      'ALTER SCHEMA d1a RENAME TO d1c; ALTER SCHEMA d1b RENAME TO d1a',
    ],
    [
      'the check of a domain',
      `CREATE DOMAIN d1text AS text; CREATE FUNCTION d1check(text) RETURNS boolean VOLATILE SECURITY DEFINER LANGUAGE plpgsql
         AS $$ BEGIN RAISE EXCEPTION 'CANARY'; END $$`,
      "SELECT 'a'::d1text",
      'ALTER DOMAIN d1text ADD CHECK (d1check(VALUE))',
    ],
    [
      'a cast',
      `CREATE TYPE d1mood AS ENUM ('a'); CREATE FUNCTION d1cast(d1mood) RETURNS date ${reading.replace('SELECT note', 'SELECT date(1 / 0 || note)')}`,
      "SELECT 'a'::d1mood::date",
      'CREATE CAST (d1mood AS date) WITH FUNCTION d1cast(d1mood)',
    ],
  ]

  const cases: Case[] = [
    [
      'a function behind a view',
      "CREATE FUNCTION f20() RETURNS text STABLE LANGUAGE sql AS 'SELECT ''x'''; CREATE VIEW v20 AS SELECT f20() AS name",
      'SELECT name FROM v20',
      `CREATE OR REPLACE FUNCTION f20() RETURNS text ${reading}`,
    ],
    [
      'a column that is added, in *',
      'CREATE TABLE t1 AS SELECT 1 AS id',
      'SELECT * FROM t1',
      "ALTER TABLE t1 ADD ssn text DEFAULT 'CANARY'",
    ],
    ['in TABLE', 'CREATE TABLE t2 AS SELECT 1 AS id', 'TABLE t2', "ALTER TABLE t2 ADD ssn text DEFAULT 'CANARY'"],
    ['in a row', 'CREATE TABLE t3 AS SELECT 1 AS id', 'SELECT to_jsonb(t) FROM t3 t', "ALTER TABLE t3 ADD my_ssn text DEFAULT 'CANARY'"],
    [
      'in a subquery, masked',
      'CREATE TABLE t4 AS SELECT 1 AS id',
      'SELECT * FROM (SELECT t.* FROM t4 t, orders) x',
      "ALTER TABLE t4 ADD salary text DEFAULT 'CANARY'",
    ],
    [
      'a column of a new name',
      "CREATE TABLE t5 AS SELECT 'CANARY'::text AS code",
      'SELECT length(t5::text) FROM t5',
      'ALTER TABLE t5 RENAME code TO ssn',
    ],
    [
      'a name that was missing',
      'CREATE TABLE t6 AS SELECT 1 AS id',
      'SELECT max(ssn) FROM t6',
      "ALTER TABLE t6 ADD ssn text DEFAULT 'CANARY'",
    ],
    [
      'a view that is replaced',
      "CREATE VIEW v7 AS SELECT 'x'::text AS name",
      'SELECT name FROM v7',
      'CREATE OR REPLACE VIEW v7 AS SELECT ssn AS name FROM people',
    ],
    [
      'a view that comes to read a denied table',
      "CREATE VIEW v8 AS SELECT 'x'::text AS name",
      'SELECT * FROM v8',
      'CREATE OR REPLACE VIEW v8 AS SELECT note AS name FROM a_secret',
    ],
    [
      'a view of whole rows',
      'CREATE TABLE t9 AS SELECT 1 AS id; CREATE VIEW v9 AS SELECT to_jsonb(t) AS j FROM t9 t; CREATE VIEW v9b AS SELECT j FROM v9',
      'SELECT j FROM v9b',
      "ALTER TABLE t9 ADD ssn text DEFAULT 'CANARY'",
    ],
    [
      'a column behind a view',
      "CREATE TABLE t10 AS SELECT 'CANARY'::text AS code; CREATE VIEW v10 AS SELECT 1 AS one, code FROM t10",
      'SELECT length(code) FROM v10',
      'ALTER TABLE t10 RENAME code TO ssn',
    ],
    [
      'a grant',
      'CREATE TABLE t11 AS SELECT 1 AS id',
      'SELECT * FROM t11',
      "ALTER TABLE t11 ADD ssn text DEFAULT 'CANARY'; GRANT SELECT ON t11 TO drift_reader",
    ],
    [
      'a partition that is attached',
      'CREATE TABLE t12 (id int, note text) PARTITION BY LIST (id)',
      'SELECT note FROM t12',
      "CREATE TABLE part_secret PARTITION OF t12 FOR VALUES IN (1); INSERT INTO t12 VALUES (1, 'CANARY')",
    ],
    [
      'a child that is added',
      'CREATE TABLE t13 (note text)',
      'SELECT note FROM t13',
      "CREATE TABLE child_secret () INHERITS (t13); INSERT INTO child_secret VALUES ('CANARY')",
    ],
    [
      'a table that is found earlier',
      "CREATE TABLE second.t14 AS SELECT 'x'::text AS code",
      'SELECT * FROM t14',
      "CREATE TABLE t14 AS SELECT 'CANARY'::text AS ssn",
    ],
    [
      'a table that is made anew',
      "CREATE TABLE t15 AS SELECT 'x'::text AS code",
      'SELECT * FROM t15',
      "DROP TABLE t15; CREATE TABLE t15 AS SELECT 'CANARY'::text AS ssn",
    ],
    [
      'a table behind a function',
      "CREATE TABLE t16 AS SELECT 1 AS id; CREATE FUNCTION first16() RETURNS text LANGUAGE sql STABLE AS 'SELECT t::text FROM public.t16 t'",
      'SELECT first16()',
      "ALTER TABLE t16 ADD ssn text DEFAULT 'CANARY'",
    ],
    [
      'a function that is replaced',
      "CREATE FUNCTION f18() RETURNS text LANGUAGE sql STABLE AS 'SELECT ''x'''",
      'SELECT f18()',
      "CREATE OR REPLACE FUNCTION f18() RETURNS text LANGUAGE sql STABLE AS 'SELECT note FROM public.a_secret'",
    ],
    [
      'a function behind an operator',
      `CREATE FUNCTION f19(integer, integer) RETURNS text LANGUAGE sql STABLE AS 'SELECT ''x''';
       CREATE OPERATOR ## (FUNCTION = f19, LEFTARG = integer, RIGHTARG = integer)`,
      'SELECT 1 ## 2',
      "CREATE OR REPLACE FUNCTION f19(integer, integer) RETURNS text LANGUAGE sql STABLE AS 'SELECT note FROM public.a_secret'",
    ],
    [
      'a join',
      'CREATE TABLE t17 AS SELECT 1 AS id',
      'SELECT t17.* FROM orders JOIN t17 USING (id)',
      "ALTER TABLE t17 ADD ssn text DEFAULT 'CANARY'",
    ],
  ]

  beforeAll(async () => {
    admin = new pg.Client({ connectionString: postgresUrl('postgres') })
    await admin.connect()
    await admin.query(`CREATE DATABASE ${database}`)
    await admin.query(`CREATE ROLE ${login.user} LOGIN PASSWORD '${login.password}'`)
    await admin.end()
    admin = new pg.Client({ connectionString: postgresUrl(database) })
    await admin.connect()
    await admin.query(`
      CREATE SCHEMA second;
      GRANT USAGE ON SCHEMA public, second TO ${login.user};
      ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${login.user};
      CREATE TABLE people AS SELECT 1 AS id, 'CANARY'::text AS ssn;
      CREATE TABLE a_secret AS SELECT 'CANARY'::text AS note;
      CREATE TABLE orders AS SELECT 1 AS id;
      CREATE VIEW sampled AS SELECT 'x'::text AS name;
      CREATE TABLE pages AS SELECT g AS id FROM generate_series(1, 5) g;
      CREATE TABLE plain AS SELECT 1 AS id;
      CREATE TABLE busy AS SELECT 1 AS id;
      CREATE VIEW busier AS SELECT to_jsonb(b) AS j FROM busy b;
      CREATE TABLE second.shadowed AS SELECT 'x'::text AS code;
      CREATE TABLE shadowed AS SELECT 'CANARY'::text AS code`)
    for (const [, setup] of [...calls, ...cases]) await admin.query(setup)
    started = await startDataface(`
name: drift
sources:
  drift:
    type: postgres
    url: ${postgresUrl(database, login)}
    schemas: [public, second, d1a, d1b, d1c]
    ${policy}
`)
    ask = askOf(started)
    open = await startDataface(`
name: drift
sources:
  drift:
    type: postgres
    url: ${postgresUrl(database, login)}
`)
    gated = await startDataface(`
name: drift
limits: {max_estimated_rows: 1000000}
sources:
  drift:
    type: postgres
    url: ${postgresUrl(database, login)}
`)
  })
  afterAll(async () => {
    await started?.close()
    await open?.close()
    await gated?.close()
    await admin?.end()
  })

  test.each(calls)('is not called, with a policy or without: %s', async (_what, _setup, sql, change) => {
    const asks = [ask, askOf(open), askOf(gated)]
    for (const one of asks) await one('execute_query', { sql })
    await admin.query(change)
    for (const one of asks)
      for (const stream of [false, true]) {
        const answer = await one('execute_query', { sql }, stream)
        expect(answer).toMatch(/"code":"(SQL_REJECTED|SQL_ERROR)"/)
        expect(answer).not.toContain('CANARY')
      }
  })

  test.each(cases)('is not read: %s', async (_what, _setup, sql, change) => {
    await ask('execute_query', { sql })
    await admin.query(change)
    for (const stream of [false, true]) {
      const answer = await ask('execute_query', { sql }, stream)
      expect(answer).toMatch(/"code":"(SQL_REJECTED|SQL_ERROR|TABLE_NOT_FOUND)"/)
      expect(answer).not.toMatch(/CANARY|SOURCE_UNAVAILABLE/)
    }
  })

  test('is not read while the tables change all the time', async () => {
    let changing = true
    const read = async (sql: string, stream: boolean): Promise<string[]> => {
      const answers: string[] = []
      while (changing) answers.push(await ask('execute_query', { sql }, stream))
      return answers
    }
    const reading = Promise.all([
      read('SELECT * FROM busy', false),
      read('SELECT b::text FROM busy b', true),
      read('SELECT j FROM busier', false),
    ])
    for (let turn = 0; turn < 40; turn++) {
      await admin.query("ALTER TABLE busy ADD ssn text DEFAULT 'CANARY'")
      await admin.query('ALTER TABLE busy DROP ssn')
    }
    changing = false
    const answers = (await reading).flat()
    expect(answers.filter((answer) => answer.includes('CANARY'))).toEqual([])
    expect(answers.length).toBeGreaterThan(2)
  })

  test('is not read by a name that means a served table further down the search path', async () => {
    expect(await ask('execute_query', { sql: 'SELECT code FROM shadowed' })).toContain('TABLE_NOT_FOUND')
    expect(await ask('execute_query', { sql: 'SELECT code FROM second.shadowed' })).toContain('"rows":[["x"]]')
  })

  test('is not read on a later page', async () => {
    const page = await ask('execute_query', { sql: 'SELECT * FROM pages ORDER BY id', limit: 2 })
    const { data } = JSON.parse(page) as { data: { next_cursor: string } }
    await admin.query("ALTER TABLE pages ADD ssn text DEFAULT 'CANARY'")
    const next = await ask('execute_query', { sql: 'SELECT * FROM pages ORDER BY id', limit: 2, cursor: data.next_cursor })
    expect(next).toContain('SQL_REJECTED')
    expect(next).not.toContain('CANARY')
  })

  test('is not sampled', async () => {
    await ask('list_tables', {})
    await admin.query('CREATE OR REPLACE VIEW sampled AS SELECT ssn AS name FROM people')
    const answer = await ask('describe_table', { table: 'sampled' })
    expect(answer).toMatch(/SAMPLES_UNAVAILABLE|TABLE_NOT_FOUND/)
    expect(answer).not.toContain('CANARY')
  })

  test('and what is open is read at once', async () => {
    expect(await ask('execute_query', { sql: 'SELECT * FROM plain' })).toContain('"rows":[[1]]')
    await admin.query("ALTER TABLE plain ADD name text DEFAULT 'new'")
    expect(await ask('execute_query', { sql: 'SELECT * FROM plain' })).toContain('"rows":[[1,"new"]]')
  })
})

describe('on DuckDB', () => {
  let folder: string
  let started: Started
  let ask: ReturnType<typeof askOf>

  /** Puts a database file of these statements in place of the one that is served. */
  const serve = async (...statements: string[]): Promise<void> => {
    const next = join(folder, 'next.duckdb')
    const instance = await DuckDBInstance.create(next)
    const connection = await instance.connect()
    await connection.run(
      "CREATE TABLE orders AS SELECT 1 AS id; CREATE TABLE people AS SELECT 1 AS id, 'CANARY' AS ssn; CREATE TABLE a_secret AS SELECT 'CANARY' AS note; CREATE VIEW sampled AS SELECT 'x' AS name; CREATE MACRO m() AS 'x'",
    )
    for (const statement of statements) await connection.run(statement)
    connection.disconnectSync()
    instance.closeSync()
    renameSync(next, join(folder, 'drift.duckdb'))
  }
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dataface-drift-'))
    await serve()
    started = await startDataface(`
name: drift
sources:
  drift:
    type: duckdb
    path: ${join(folder, 'drift.duckdb')}
    ${policy}
`)
    ask = askOf(started)
  })
  afterAll(async () => {
    await started?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const withSsn = "CREATE TABLE t AS SELECT 1 AS id, 'CANARY' AS ssn"
  test.each<Case>([
    ['a column that is added, in *', 'CREATE TABLE t AS SELECT 1 AS id', 'SELECT * FROM t', withSsn],
    ['in FROM', 'CREATE TABLE t AS SELECT 1 AS id', 'FROM t', withSsn],
    ['in a row', 'CREATE TABLE t AS SELECT 1 AS id', 'SELECT to_json(t) FROM t', withSsn],
    ['in COLUMNS', 'CREATE TABLE t AS SELECT 1 AS id', "SELECT COLUMNS('.*') FROM t", withSsn],
    ['in SUMMARIZE', 'CREATE TABLE t AS SELECT 1 AS id', 'SUMMARIZE t', withSsn],
    ['in DESCRIBE', 'CREATE TABLE t AS SELECT 1 AS id', 'DESCRIBE t', withSsn],
    ['in a place', "CREATE TABLE t AS SELECT 1 AS id, 'x' AS code", 'SELECT #2 FROM t', withSsn],
    ['masked', 'CREATE TABLE t AS SELECT 1 AS id', 'SELECT t.* FROM t, orders', "CREATE TABLE t AS SELECT 1 AS id, 'CANARY' AS salary"],
    ['a name that was missing', 'CREATE TABLE t AS SELECT 1 AS id', 'SELECT ssn FROM t', withSsn],
    [
      'a view that is replaced',
      "CREATE VIEW v AS SELECT 'x' AS name",
      'SELECT name FROM v',
      'CREATE VIEW v AS SELECT ssn AS name FROM people',
    ],
    [
      'a view that comes to read a denied table',
      "CREATE VIEW v AS SELECT 'x' AS name",
      'SELECT * FROM v',
      'CREATE VIEW v AS SELECT note AS name FROM a_secret',
    ],
    ['a macro', 'SELECT 1', 'SELECT m()', 'CREATE OR REPLACE MACRO m() AS (SELECT max(ssn) FROM people)'],
  ])('is not read: %s', async (_what, setup, sql, change) => {
    await serve(setup)
    await ask('execute_query', { sql })
    await serve(change)
    for (const stream of [false, true]) {
      const answer = await ask('execute_query', { sql }, stream)
      expect(answer).toMatch(/"code":"(SQL_REJECTED|SQL_ERROR|TABLE_NOT_FOUND)"/)
      expect(answer).not.toMatch(/CANARY|SOURCE_UNAVAILABLE/)
    }
  })

  test('is not sampled', async () => {
    await serve()
    await ask('list_tables', {})
    await serve('CREATE OR REPLACE VIEW sampled AS SELECT ssn AS name FROM people')
    const answer = await ask('describe_table', { table: 'sampled' })
    expect(answer).toMatch(/SAMPLES_UNAVAILABLE|TABLE_NOT_FOUND/)
    expect(answer).not.toContain('CANARY')
  })

  test('and what is open is read at once', async () => {
    await serve()
    expect(await ask('execute_query', { sql: 'SELECT * FROM orders' })).toContain('"rows":[[1]]')
    await serve("ALTER TABLE orders ADD name VARCHAR DEFAULT 'new'")
    expect(await ask('execute_query', { sql: 'SELECT * FROM orders' })).toContain('"rows":[[1,"new"]]')
  })
})
