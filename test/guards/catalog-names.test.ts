/**
 * Values that hold names of the catalog (regclass and its kin) and plans, on Postgres: neither tells of what is hidden.
 * A string beside such a value is looked up as a name, and a number told as one.
 */
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresFunctions } from '../../server/guards/postgres-allowed.ts'
import { type AnyEnvelope, type Door, httpDoors } from '../support/doors.ts'
import { postgresUrl } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const database = 'catalog_names'
const login = { user: 'names_reader', password: 'names-Pa55word' }
let admin: pg.Client
let started: Started
let call: Door

beforeAll(async () => {
  const first = new pg.Client({ connectionString: postgresUrl('postgres') })
  await first.connect()
  await first.query(`CREATE DATABASE ${database}`)
  await first.query(`CREATE ROLE ${login.user} LOGIN PASSWORD '${login.password}'`)
  await first.end()
  admin = new pg.Client({ connectionString: postgresUrl(database) })
  await admin.connect()
  await admin.query(`
    CREATE SCHEMA hr;
    CREATE TYPE hr.grade AS ENUM ('zebra');
    CREATE TABLE hr.wages AS SELECT 1 AS person_id, 900001 AS wage;
    CREATE TABLE people AS SELECT 1 AS id, 'Ann'::text AS name, 'CANARY'::text AS ssn, 'zebra'::hr.grade AS grade;
    CREATE DOMAIN named AS regclass;
    CREATE DOMAIN twice AS named;
    CREATE TYPE pair AS (id int, rel regclass);
    CREATE TYPE spans AS RANGE (subtype = int);
    CREATE TABLE logged AS SELECT 1 AS id, 'hr.wages'::regclass AS rel, ARRAY['hr.wages'::regclass] AS rels,
      ROW(1, 'hr.wages')::pair AS pairs, 'postgres'::regrole AS who, 'hr'::regnamespace AS ns, 'hr.wages'::twice AS deep;
    CREATE VIEW logs AS SELECT id, rel AS renamed FROM logged;
    CREATE TABLE rows_of (id int, owner text);
    INSERT INTO rows_of VALUES (1, 'reader'), (2, 'boss');
    ALTER TABLE rows_of ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON rows_of USING (owner = 'reader' OR EXISTS (SELECT FROM hr.wages w WHERE w.person_id = rows_of.id AND w.wage = 900001));
    CREATE VIEW seen_rows AS SELECT id FROM rows_of;
    CREATE TABLE computed (id int, hid int, g int GENERATED ALWAYS AS (hid * 2) STORED);
    CREATE TABLE indexed AS SELECT g AS id, 'c' || g % 1000 AS country, g AS hid FROM generate_series(1, 20000) g;
    CREATE INDEX indexed_country_hid ON indexed (country, hid);
    CREATE TABLE carried AS SELECT g AS id, 'c' || g % 1000 AS country, g AS hid FROM generate_series(1, 20000) g;
    CREATE INDEX carried_hid ON carried (country) INCLUDE (hid);
    CREATE TABLE partial AS SELECT g AS id, g AS hid FROM generate_series(1, 100) g;
    CREATE INDEX partial_id ON partial (id) WHERE hid > 10;
    CREATE TABLE quoted (id integer, "h""i d" integer);
    CREATE INDEX quoted_plain ON quoted ("h""i d");
    CREATE INDEX quoted_expression ON quoted (abs("h""i d"));
    CREATE INDEX quoted_partial ON quoted (id) WHERE "h""i d" > 10;
    GRANT USAGE ON SCHEMA public, hr TO ${login.user};
    GRANT SELECT ON ALL TABLES IN SCHEMA public, hr TO ${login.user};
    ANALYZE`)
  started = await startDataface(`
name: names
sources:
  shop:
    type: postgres
    url: ${postgresUrl(database, login)}
    schemas: [public]
    columns: { deny: [people.ssn, '*.hid', 'quoted.h"i d'] }
`)
  call = httpDoors(started).rest as Door
})
afterAll(async () => {
  await started?.close()
  await admin?.end()
})

const query = (sql: string, params: readonly unknown[] = []): Promise<AnyEnvelope> => call('execute_query', { source: 'shop', sql, params })

describe('the name of a type', () => {
  test.each([
    "SELECT t::text FROM unnest(array_cat(ARRAY[(SELECT x.pg_typeof FROM (SELECT 1 a) x)], '{16384,16385}')) t",
    "SELECT COALESCE(x.pg_typeof, '#') FROM (SELECT 1 a) x",
    "SELECT CASE WHEN true THEN x.pg_typeof ELSE '#' END FROM (SELECT 1 a) x",
    "SELECT (ROW(pg_typeof(1))).f1 = '#'",
    "SELECT ARRAY[(ROW(pg_typeof(1))).f1, '#']",
    "SELECT COALESCE((x.r).f1, '#') FROM (SELECT ROW(pg_typeof(1)) r) x",
    "SELECT COALESCE(f1, '#') FROM (SELECT ROW(pg_typeof(1)) r) x, LATERAL (SELECT (x.r).*) f",
    "SELECT pg_typeof(1) = '#'",
    "SELECT pg_typeof(1) IN ('#')",
    "SELECT pg_typeof(1) BETWEEN '#' AND '#'",
    "SELECT NULLIF(pg_typeof(1), '#')",
    "SELECT pg_typeof(1) IS DISTINCT FROM '#'",
    "SELECT concat(VARIADIC ARRAY[pg_typeof(1), '#'])",
    'SELECT COALESCE(pg_typeof(1), $1)',
    "WITH t AS (SELECT pg_typeof(1) AS n) SELECT n = '#' FROM t",
    "SELECT 1 FROM people GROUP BY pg_typeof(id) HAVING pg_typeof(id) = '#'",
    "SELECT lag(x.pg_typeof, 1, '#') OVER () FROM (SELECT 1 a) x",
  ])('is not given where a string could be looked up beside it: %s', async (sql) => {
    const answers = await Promise.all(
      ['hr.wages', 'hr.nosuch'].map((name) => query(sql.replaceAll('#', name), sql.includes('$1') ? [name] : [])),
    )
    for (const answer of answers) expect(answer).toMatchObject({ success: false, errors: [{ code: 'SQL_REJECTED' }] })
  })

  test.each([
    'SELECT pg_typeof(id) FROM people',
    'SELECT DISTINCT pg_typeof(id) AS type, count(*) FROM people GROUP BY pg_typeof(id) ORDER BY pg_typeof(id)',
    'WITH p AS (SELECT id FROM people) SELECT pg_typeof(id) FROM p',
    "SELECT pg_typeof(id)::text = 'integer', pg_typeof(id) = pg_typeof(id), format('%s', pg_typeof(id)) FROM people",
  ])('is given where it stands alone: %s', async (sql) => {
    const answer = await query(sql)
    expect(answer.success, JSON.stringify(answer.errors)).toBe(true)
  })

  test('is given by no other function that may be called', async () => {
    const { rows } = await admin.query<{ name: string }>(`
      SELECT DISTINCT p.proname AS name FROM pg_proc p
      WHERE p.pronamespace = 'pg_catalog'::regnamespace AND EXISTS (
        SELECT FROM unnest(p.prorettype || COALESCE(p.proallargtypes, '{}')) WITH ORDINALITY a(type, n)
        JOIN pg_type t ON t.oid = a.type LEFT JOIN pg_type e ON e.oid = t.typelem
        WHERE (a.n = 1 OR (p.proargmodes)[a.n - 1] IN ('o', 't', 'b'))
          AND COALESCE(e.typname, t.typname) ~ '^reg(class|proc|procedure|oper|operator|type|role|namespace|collation)$')`)
    expect(rows.length).toBeGreaterThan(20)
    expect(rows.map(({ name }) => name).filter((name) => postgresFunctions.has(name))).toEqual(['pg_typeof'])
  })
})

describe('a type or a column of such names', () => {
  test.each([
    "SELECT 'hr.wages'::named",
    "SELECT 'hr.wages'::twice",
    "SELECT '{hr.wages}'::named[]",
    `SELECT '(1,hr.wages)'::pair`,
    'SELECT (jsonb_populate_record(NULL::pair, \'{"rel":"16444"}\')).rel',
    'SELECT (jsonb_populate_record(NULL::logged, \'{"rel":"16444"}\')).rel',
    "SELECT COALESCE(rel, 'hr.wages') FROM logged",
    "SELECT array_cat(ARRAY[who], '{10,3373}') FROM logged",
    "SELECT array_cat(rels, '{16385,16386}') FROM logged",
    "SELECT COALESCE(ns, 'hr') FROM logged",
    "SELECT (pairs).rel = 'hr.wages' FROM logged",
    "SELECT COALESCE(deep, 'hr.wages') FROM logged",
    "SELECT COALESCE(renamed, 'hr.wages') FROM logs",
    'SELECT * FROM logged',
    'SELECT l FROM logged l',
  ])('is refused: %s', async (sql) => {
    expect(await query(sql)).toMatchObject({ success: false, errors: [{ code: 'SQL_REJECTED' }] })
  })

  test('is described as masked, and what stands beside it is read', async () => {
    const { data } = await call('describe_table', { source: 'shop', table: 'logged' })
    const columns = (data as { columns: { name: string; masked: boolean; readable?: boolean }[] }).columns
    expect(columns.filter(({ masked }) => masked).map(({ name }) => name)).toEqual(['rel', 'rels', 'pairs', 'who', 'ns', 'deep'])
    expect(await query('SELECT id FROM logged')).toMatchObject({ data: { rows: [[1]] } })
    expect(await query("SELECT '[1,3)'::spans")).toMatchObject({ success: true })
  })
})

describe('a plan', () => {
  test.each([
    'EXPLAIN SELECT id FROM rows_of',
    'EXPLAIN VERBOSE SELECT id FROM rows_of',
    'EXPLAIN ANALYZE SELECT id FROM rows_of',
    'EXPLAIN (COSTS OFF) SELECT id FROM seen_rows',
    'EXPLAIN SELECT p.id FROM people p WHERE EXISTS (SELECT FROM rows_of r WHERE r.id = p.id)',
    'EXPLAIN SELECT id FROM computed WHERE g > 5',
    "EXPLAIN SELECT id FROM indexed WHERE country = 'c5'",
    "EXPLAIN SELECT id FROM carried WHERE country = 'c5'",
    'EXPLAIN SELECT id FROM partial WHERE id = 5',
  ])('that would name what is hidden is refused: %s', async (sql) => {
    expect(await query(sql)).toMatchObject({
      success: false,
      errors: [{ code: 'SQL_REJECTED', message: expect.stringContaining('The plan of') }],
    })
  })

  test('of a table of which another column is hidden is shown', async () => {
    expect(await query('EXPLAIN SELECT id FROM people')).toMatchObject({ success: true })
  })

  test('an index that says more than may be seen is not described, nor is the number of rows that policies hide', async () => {
    for (const table of ['indexed', 'carried', 'partial', 'quoted'])
      expect((await call('describe_table', { source: 'shop', table })).data).toMatchObject({ indexes: [] })
    expect((await call('describe_table', { source: 'shop', table: 'rows_of' })).data).not.toHaveProperty('row_estimate')
    expect(await query('SELECT id FROM rows_of ORDER BY id')).toMatchObject({ success: true })
  })
})

test('a type of another schema is told without it', async () => {
  for (const sql of ['SELECT grade + 1 FROM people', "SELECT grade = 'nothing' FROM people", 'SELECT grade::int FROM people']) {
    const [error] = (await query(sql)).errors ?? []
    expect(error?.message).toContain('grade')
    expect(JSON.stringify(error)).not.toContain('hr.')
  }
  expect(JSON.stringify((await call('describe_table', { source: 'shop', table: 'people' })).data)).not.toContain('hr.')
  expect(await query('SELECT p.nothing FROM people p')).toMatchObject({ errors: [{ message: 'Column p.nothing does not exist.' }] })
})
