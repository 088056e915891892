/** What DuckDB itself holds with no guard before it; test/field/engine-duckdb.test.ts runs the attacks of the field. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faultOf, openDuck, query, rowsOf } from '../support/duckdb.ts'
import { openUnguarded, type Unguarded } from '../support/unguarded-duckdb.ts'

const setup = [
  'CREATE TABLE t AS SELECT range AS a FROM range(10)',
  'CREATE SEQUENCE s',
  'CREATE MACRO run_it(text) AS TABLE FROM query(text)',
  "CREATE VIEW passwords AS SELECT * FROM read_csv('/etc/passwd', header = false, delim = '|', columns = {'line': 'VARCHAR'})",
]

/** `@` is the folder beside the served file, `$` the address of a server. */
const everywhere = [
  // Files that are not declared, by every way there is to name one.
  "FROM '@/secret.csv'",
  'FROM "@/secret.csv"',
  "FROM read_csv('@/secret.csv')",
  "FROM read_csv('@/link.csv')",
  "FROM read_csv('@/secret.csv', store_rejects = true)",
  "FROM read_blob('@/*')",
  "FROM read_text(['@/secret.csv'])",
  "FROM glob('@/*')",
  "FROM sniff_csv('@/secret.csv')",
  "FROM read_parquet('@/secret.parquet')",
  "FROM parquet_metadata('@/secret.parquet')",
  "FROM read_json('@/secret.json')",
  "FROM read_duckdb('@/other.duckdb', table_name = 't')",
  "FROM '@/other.duckdb'",
  "FROM query('FROM read_text(''/etc/passwd'')')",
  "FROM read_text('/proc/self/environ')",
  "FROM read_text('declared.parquet.d/secret.csv')",
  "DESCRIBE FROM '@/secret.csv'",
  "SUMMARIZE '@/secret.csv'",
  "PIVOT '@/secret.csv' ON id IN (1) USING first(note)",
  // Ways out.
  "FROM read_text('http://$/x')",
  "FROM 'http://$/x.csv'",
  "ATTACH 'http://$/x.duckdb' AS x",
  "ATTACH '@/other.duckdb' AS other",
  "ATTACH ':memory:' AS other",
  'INSTALL httpfs',
  'LOAD icu',
  // Writes.
  "COPY (SELECT 1) TO '@/out.csv'",
  "EXPLAIN ANALYZE COPY (SELECT 1) TO '@/out.csv'",
  "EXPORT DATABASE '@/out'",
  "IMPORT DATABASE '@/imp'",
  "FROM enable_logging(storage = 'file', storage_path = '@/logs')",
  "FROM enable_profiling(format = 'json', save_location = '@/profile.json')",
  "SELECT 1; COPY (SELECT 1) TO '@/out.csv'",
  'CHECKPOINT',
  'FROM force_checkpoint()',
  "CREATE PERSISTENT SECRET x (TYPE http, BEARER_TOKEN 'x')",
  // What the next call would find.
  'SET VARIABLE x = 1',
  "SET search_path = 'information_schema'",
  'USE information_schema',
  'SET threads = 64',
  "SET GLOBAL TimeZone = 'Asia/Tokyo'",
  'RESET memory_limit',
  'CREATE TEMP TABLE x AS SELECT 1',
  'CREATE TEMP VIEW t AS SELECT 1',
  "CREATE TEMP MACRO lower(x) AS 'changed'",
  'EXPLAIN ANALYZE CREATE TEMP TABLE x AS SELECT 1',
  // A text that could be a PIVOT, whose first statement makes a type.
  'CREATE TEMP TABLE pivot AS SELECT 1; SELECT 1',
  "CREATE SECRET pivot (TYPE http, BEARER_TOKEN 'x'); SELECT 1",
  "CREATE TEMP MACRO lower(x) AS 'pivot'; SELECT 1",
  'PREPARE p AS SELECT 1',
  'EXPLAIN ANALYZE PREPARE p AS SELECT 1',
  'BEGIN',
  'PRAGMA enable_profiling',
  'PRAGMA enable_verification',
  'FROM enable_profiling()',
  'FROM enable_logging()',
  "FROM enable_logging('QueryLog')",
  'FROM disable_logging()',
  'FROM enable_peg_parser()',
  "FROM query('FROM enable_' || 'peg_parser()')",
  'CALL enable_logging()',
  "PRAGMA add_parquet_key('k', '0123456789112345')",
]

describe.each(['database', 'held database'] as const)('a %s', (served) => {
  let unguarded: Unguarded
  beforeAll(async () => {
    unguarded = await openUnguarded(setup, served)
  })
  afterAll(() => unguarded?.close())

  test.each([
    ...everywhere,
    "FROM read_blob('@/attackdb.duckdb')",
    "FROM read_duckdb('@/attackdb.duckdb', table_name = 't')",
    "FROM read_blob('@/attackdb.duckdb.wal')",
    'FROM read_blob((SELECT path FROM duckdb_databases() WHERE path IS NOT NULL LIMIT 1))',
    'FROM passwords',
    'INSERT INTO t VALUES (1)',
    "SELECT nextval('s')",
    "FROM run_it('FROM enable_lo' || 'gging()')",
  ])('%s', async (sql) => {
    expect(await unguarded.attack(aimAt(unguarded, sql))).toEqual([])
  })

  test('finds no file at all, not even its own', async () => {
    for (const sql of ["FROM read_blob('@/attackdb.duckdb')", "FROM glob('/*')", "FROM read_blob('/etc/hostname')"])
      expect(await faultOf(query(unguarded.source, aimAt(unguarded, sql))), sql).toMatchObject({ code: 'SQL_REJECTED' })
  })

  test('starts every call with a connection of its own, also where numbers are drawn', async () => {
    const drawn = async () => {
      await query(unguarded.source, 'SELECT setseed(0.5)')
      return (await rowsOf(unguarded.source, 'SELECT random()'))[0]?.[0]
    }
    expect(await drawn()).not.toBe(await drawn())
  })

  test('serves the next call from another engine when a statement turned on its log', async () => {
    await query(unguarded.source, "FROM enable_logging('QueryLog')")
    await query(unguarded.source, "SELECT 'of another caller'")
    expect(await rowsOf(unguarded.source, 'SELECT count(*) FROM duckdb_logs()')).toEqual([['0']])
  })
})

describe('a declared file that is read in place', () => {
  let unguarded: Unguarded
  beforeAll(async () => {
    unguarded = await openUnguarded([], 'file')
  })
  afterAll(() => unguarded?.close())

  test.each([
    ...everywhere,
    "COPY (SELECT 5 AS id) TO '@/declared.parquet'",
    "COPY (SELECT 5 AS id) TO '@/declared.parquet' (USE_TMP_FILE false)",
    "EXPLAIN ANALYZE COPY (SELECT 5 AS id) TO '@/declared.parquet' (USE_TMP_FILE false)",
    "EXPLAIN (ANALYZE) COPY (SELECT 5 AS id) TO '@/declared.parquet' (USE_TMP_FILE false)",
    "EXPLAIN ANALYZE /* ( */ COPY (SELECT 5 AS id) TO '@/declared.parquet' (USE_TMP_FILE false)",
    "FROM enable_logging(storage = 'file', storage_path = '@/declared.parquet')",
    "FROM read_parquet('@/declared.parquet/../secret.parquet')",
    "FROM read_text('@/declared.parquet.d/secret.csv')",
    "FROM read_blob('@/declared.parque?')",
    "FROM glob('@/declared*')",
    "FROM read_blob((SELECT current_setting('temp_directory')) || '/*')",
  ])('%s', async (sql) => {
    expect(await unguarded.attack(aimAt(unguarded, sql))).toEqual([])
  })

  test('is read, and nothing else is', async () => {
    expect(await rowsOf(unguarded.source, 'FROM declared')).toEqual([[1]])
    for (const sql of ["FROM '@/secret.parquet'", "FROM glob('@/*')", "FROM read_csv('@/link.csv')"])
      expect(await faultOf(query(unguarded.source, aimAt(unguarded, sql))), sql).toMatchObject({ code: 'SQL_REJECTED' })
  })
})

const aimAt = ({ folder, address }: Unguarded, sql: string): string => sql.replaceAll('@', folder).replaceAll('$', address)

test('an empty database in memory, which nothing opens read-only, takes no statement before a PIVOT', async () => {
  const source = openDuck({})
  const pivot = "PIVOT (SELECT 'a' AS a) ON a"
  for (const sql of [
    `CREATE TABLE kept AS SELECT 1; ${pivot}`,
    `-- ;\rCREATE MACRO abs(x) AS 666; ${pivot}`,
    `CREATE VIEW kept AS SELECT ';'; ${pivot}`,
  ])
    expect(await faultOf(query(source, sql)), sql).toMatchObject({ code: 'SQL_REJECTED' })
  expect(await rowsOf(source, `SELECT abs(-1), (SELECT count(*) FROM duckdb_tables()), (FROM (${pivot}))`)).toEqual([[1, '0', '1']])
  await source.close()
})
