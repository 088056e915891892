/** Code of a Postgres database that a statement calls without naming it: what SQL means by its words, and how values are put in order. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withClient } from '../field/databases.ts'
import { createGuardDatabase, type GuardedSource, openGuarded } from '../support/guarded-source.ts'
import { postgresUrl } from '../support/postgres.ts'

const canary = 'SELECT note FROM secret.salaries'
const raises = (name: string, takes: string, gives: string, how = 'IMMUTABLE SECURITY DEFINER') =>
  `CREATE FUNCTION ${name}(${takes}) RETURNS ${gives} ${how} LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', (${canary}); END $$`

const setup = [
  // Operators that SQL's own words stand for, between types of the engine's.
  raises('compares', 'integer, text', 'boolean', 'VOLATILE'),
  ...['=', '<', '>', '<=', '>='].map((name) => `CREATE OPERATOR ${name} (LEFTARG = integer, RIGHTARG = text, FUNCTION = compares)`),
  // A type whose values are put in order by code, and what is made of it.
  'CREATE TYPE pair AS (a integer, b integer)',
  raises('pair_cmp', 'pair, pair', 'integer'),
  raises('pair_is', 'pair, pair', 'boolean'),
  ...['<#', '<=#', '=#', '>=#', '>#'].map((name) => `CREATE OPERATOR ${name} (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_is)`),
  `CREATE OPERATOR CLASS pair_ops DEFAULT FOR TYPE pair USING btree AS OPERATOR 1 <#, OPERATOR 2 <=#, OPERATOR 3 =#,
     OPERATOR 4 >=#, OPERATOR 5 >#, FUNCTION 1 pair_cmp(pair, pair)`,
  'CREATE TYPE pairs AS RANGE (subtype = pair)',
  'CREATE DOMAIN own_pair AS pair',
  'CREATE TABLE matches (id integer, one pair, two pair, list pair[], span pairs, own own_pair)',
  `INSERT INTO matches VALUES (1, '(1,2)', '(1,3)', '{"(1,2)"}', 'empty', '(1,2)')`,
  // One whose values are put in order by code that only computes.
  'CREATE TYPE version AS (major integer, minor integer)',
  `CREATE FUNCTION version_cmp(version, version) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT btint4cmp(($1).major, ($2).major)'`,
  ...['<', '<=', '=', '>=', '>'].flatMap((name, at) => [
    `CREATE FUNCTION version_is${at}(version, version) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT ($1).major ${name} ($2).major'`,
    `CREATE OPERATOR ${name}# (LEFTARG = version, RIGHTARG = version, FUNCTION = version_is${at})`,
  ]),
  `CREATE OPERATOR CLASS version_ops DEFAULT FOR TYPE version USING btree AS OPERATOR 1 <#, OPERATOR 2 <=#, OPERATOR 3 =#,
     OPERATOR 4 >=#, OPERATOR 5 >#, FUNCTION 1 version_cmp(version, version)`,
  'CREATE TABLE releases (id integer, version version)',
  `INSERT INTO releases VALUES (1, '(2,0)'), (2, '(1,5)')`,
  // Columns called as functions of the engine are.
  'CREATE TABLE jobs (id integer, pg_sleep float8, pg_read_file text)',
  `INSERT INTO jobs VALUES (1, 0, 'PG_VERSION')`,
  // Views whose code fails.
  `CREATE FUNCTION lacks() RETURNS integer STABLE LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT canary FROM secret.canary); END $$`,
  `CREATE FUNCTION tells() RETURNS integer STABLE LANGUAGE plpgsql AS $$ BEGIN RAISE 'CANARY' USING HINT = 'CANARY', ERRCODE = '22012'; END $$`,
  `CREATE FUNCTION casts() RETURNS integer STABLE LANGUAGE sql AS $$ SELECT note::integer FROM secret.salaries LIMIT 1 $$`,
  raises('asks', 'integer', 'integer', 'STABLE'),
  ...['lacks()', 'tells()', 'casts()', 'asks(1)'].map((call) => `CREATE VIEW v_${call.replace(/\W.*/, '')} AS SELECT ${call} AS x`),
  'GRANT SELECT ON matches, releases, jobs, v_lacks, v_tells, v_casts, v_asks TO reader',
]

let source: GuardedSource
beforeAll(async () => {
  await createGuardDatabase('guard_implied')
  await withClient(postgresUrl('guard_implied'), async (client) => {
    for (const statement of setup) await client.query(statement)
  })
  source = openGuarded('guard_implied', { schemas: ['public'] })
})
afterAll(() => source?.close())

describe('refuses', () => {
  test.each([
    "SELECT CASE 1 WHEN 'x'::text THEN 2 END",
    "SELECT 1 IN (SELECT 'x'::text)",
    "SELECT 1 NOT IN (SELECT 'x'::text)",
    "SELECT 1 BETWEEN 'a'::text AND 'b'::text",
    "SELECT 1 NOT BETWEEN 'a'::text AND 'b'::text",
    "SELECT 1 BETWEEN SYMMETRIC 'a'::text AND 'b'::text",
    "SELECT 1 NOT BETWEEN SYMMETRIC 'a'::text AND 'b'::text",
    "SELECT NULLIF(1, 'x'::text)",
    "SELECT 1 IS DISTINCT FROM 'x'::text",
    "SELECT (1, 2) IN (SELECT 'a'::text, 2)",
    "SELECT 1 FROM (SELECT 1 AS x) a JOIN (SELECT 'x'::text AS x) b USING (x)",
    "SELECT 1 FROM (SELECT 1 AS x) a NATURAL JOIN (SELECT 'x'::text AS x) b",
    'SELECT one FROM matches ORDER BY one',
    'SELECT DISTINCT two FROM matches',
    'SELECT count(*) FROM matches GROUP BY one',
    'SELECT greatest(one, two) FROM matches',
    'SELECT one FROM matches UNION SELECT two FROM matches',
    'SELECT row_number() OVER (PARTITION BY one) FROM matches',
    'SELECT array_agg(DISTINCT one) FROM matches',
    'SELECT array_sort(list) FROM matches',
    'SELECT own FROM matches ORDER BY 1',
    'SELECT span FROM matches',
    'SELECT matches FROM matches ORDER BY matches',
    'SELECT * FROM (VALUES (ROW(1, 2)::pair), (ROW(3, 4)::pair)) v(x) ORDER BY x',
    "SELECT '[(1,2),(3,4)]'::pairs",
    "SELECT '{[(1,2),(3,4)]}'::pairsmultirange",
    "SELECT '{}'::pair[]",
    'SELECT (id::float8).pg_sleep FROM jobs',
    "SELECT ('PG_VERSION'::text).pg_read_file FROM jobs",
    'SELECT g.pg_sleep FROM jobs, generate_series(1.0::float8, 2) g',
    'SELECT (x.a).pg_sleep FROM jobs, (SELECT 1::float8 AS a) x',
    'SELECT (jobs).pg_sleep FROM (SELECT 1::float8 AS jobs) jobs, jobs j',
  ])('%s', async (sql) => {
    const fault = await source.judge(sql)
    expect({ sql, code: fault?.code }).toEqual({ sql, code: 'SQL_REJECTED' })
    expect(fault?.details).toMatchObject({ hint: expect.any(String), position: expect.anything() })
  })
})

describe('accepts and runs', () => {
  test.each([
    'SELECT id FROM matches',
    'SELECT version FROM releases ORDER BY version',
    'SELECT DISTINCT version FROM releases',
    'SELECT pg_sleep, pg_read_file FROM jobs',
    'SELECT j.pg_sleep, j.* FROM jobs j',
    'SELECT CASE WHEN id IS NULL THEN 2 END FROM jobs',
    'SELECT id FROM orders WHERE EXISTS (SELECT FROM jobs)',
  ])('%s', async (sql) => {
    expect((await source.judge(sql))?.message).toBeUndefined()
    expect(await source.run(sql)).toBeUndefined()
  })
})

test.each(['v_lacks', 'v_tells', 'v_casts', 'v_asks'])('what code of the database says as it fails is not told: %s', async (view) => {
  const told = await source.run(`SELECT x FROM ${view}`)
  expect(told).toBe(view === 'v_casts' ? 'Invalid input syntax for type integer.' : 'A function of the database failed.')
})
