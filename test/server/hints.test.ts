/** What callers write out of habit or by mistake: each answer tells the place, and what to write instead. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Failure } from '../../server/envelope/envelope.ts'
import { writeDatabase } from '../support/duckdb.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const tables = `
  CREATE TABLE teas (id integer, name text, price double precision, picked date, "unit price" numeric(9, 2), "order" integer);
  CREATE TABLE shops (id integer, name text);
  INSERT INTO teas VALUES (1, 'green', 2.5, '2026-01-31', 3, 1), (2, 'black', 0, '2026-02-01', 4, 2);
  INSERT INTO shops VALUES (1, 'corner');
  CREATE TABLE "window" ("from" integer)`

let dataface: Started
const folder = mkdtempSync(join(tmpdir(), 'dataface-hints-'))

beforeAll(async () => {
  writeDatabase(
    join(folder, 'hints.duckdb'),
    tables,
    'CREATE MACRO own_secret() AS TABLE SELECT * FROM duckdb_settings()',
    'CREATE MACRO own_words(x) AS current_setting(x)',
  )
  const admin = new pg.Client({ connectionString: postgresUrl('postgres') })
  await admin.connect()
  await admin.query('CREATE DATABASE hints')
  await admin.end()
  const owner = new pg.Client({ connectionString: postgresUrl('hints') })
  await owner.connect()
  await owner.query(`${tables};
    CREATE FUNCTION own_words(x text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN x; END';
    CREATE TYPE own_kind AS (a integer);
    CREATE FUNCTION own_cast(own_kind) RETURNS text LANGUAGE sql AS 'SELECT 1::text';
    CREATE CAST (own_kind AS text) WITH FUNCTION own_cast(own_kind);
    CREATE FUNCTION own_compare(integer, integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
    CREATE OPERATOR =~~= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = own_compare);
    CREATE TABLE readers (id integer, "user" text);
    GRANT SELECT ON teas, shops, readers, "window" TO reader`)
  await owner.end()
  dataface = await startDataface(
    `
name: hints
sources:
  postgres: { type: postgres, url: "{{ env_var('URL') }}" }
  duckdb: { type: duckdb, path: ${join(folder, 'hints.duckdb')} }
`,
    { URL: postgresUrl('hints', reader) },
  )
})
afterAll(async () => {
  await dataface?.close()
  rmSync(folder, { recursive: true, force: true })
})

const call = (source: string, sql: string, params?: unknown) =>
  dataface.dataface.dispatcher.dispatch({
    tool: 'execute_query',
    input: { source, sql, ...(params !== undefined && { params }) },
    door: 'inside',
    caller: { id: 'test' },
    signal: AbortSignal.timeout(20_000),
  })

const errorOf = async (...args: Parameters<typeof call>) => {
  const envelope = await call(...args)
  return envelope.success ? { code: 'SUCCESS', message: JSON.stringify(envelope.data) } : (envelope as Failure).errors[0]
}

interface Case {
  readonly sql: string
  readonly params?: unknown
  readonly code?: string
  /** Text that stands at the position of the error; undefined for none. */
  readonly at?: string
  readonly says?: RegExp
  readonly hint: RegExp
}

const parameters = /^Write parameters as \$1, \$2/
const describes = /describe_table/

/** In both databases. */
const both: Readonly<Record<string, readonly Case[]>> = {
  'syntax of MySQL': [
    { sql: 'SELECT id FROM teas ORDER BY id LIMIT 5, 10', at: 'LIMIT', hint: /^Write LIMIT 10 OFFSET 5\.$/ },
    { sql: 'SELECT * FROM `teas`', at: '`', hint: /double quotes/ },
    { sql: 'SHOW COLUMNS FROM teas', hint: describes },
  ],
  'syntax of SQL Server and Oracle': [
    { sql: 'SELECT TOP 10 * FROM teas', at: 'TOP', hint: /LIMIT 10 at the end/ },
    { sql: 'SELECT TOP (3) id FROM teas', code: 'SQL_REJECTED', at: 'TOP', hint: /LIMIT n at the end/ },
    { sql: 'SELECT id FROM [teas]', at: '[', hint: /"teas"/ },
    { sql: 'SELECT id FROM teas MINUS SELECT id FROM shops', at: 'MINUS', hint: /EXCEPT/ },
    { sql: 'EXPLAIN PLAN FOR SELECT 1', at: 'EXPLAIN', hint: /EXPLAIN right before/ },
  ],
  'placeholders of drivers': [
    { sql: 'SELECT id FROM teas WHERE id = :id', params: [1], at: ':', hint: parameters },
    { sql: 'SELECT id FROM teas WHERE id = %s', params: [1], at: '%', hint: parameters },
    { sql: 'SELECT id FROM teas WHERE id = %(id)s', params: [1], at: '%', hint: parameters },
    { sql: 'SELECT id FROM teas WHERE id = @tea_id', params: [1], at: 'tea_id', hint: parameters },
    { sql: "SELECT id FROM teas WHERE name = '{{ x }}' AND id = {{ id }}", at: '{', hint: /Nothing is put into the text/ },
  ],
  'quotes within a text': [
    { sql: "SELECT id FROM teas WHERE name = 'O'Brien'", at: "'O'", hint: /^Double a quote/ },
    { sql: "SELECT id FROM teas WHERE name = 'O'Brien' AND id = 1 OR name = 'x'", at: "'O'", hint: /^Double a quote/ },
    { sql: "SELECT 'a'AS b FORM teas", hint: /^Write the statement as/ },
  ],
  'functions that wait': ['pg_sleep(10)', 'sleep(10)', 'sleep_ms(10)'].map((written) => ({
    sql: `SELECT ${written}`,
    code: 'SQL_REJECTED',
    at: written,
    hint: /^It waits/,
  })),
  'commands of a client': [
    { sql: '\\d teas', at: '\\', hint: /describe_table with table "teas"/ },
    { sql: '\\dt', at: '\\', hint: /list_tables/ },
    { sql: '.tables', at: '.', hint: /list_tables/ },
    { sql: '```sql\nSELECT 1\n```', at: '`', hint: /fence of Markdown/ },
  ],
  'names that need quotes': [
    { sql: 'SELECT unit price, id FROM teas', at: 'unit', hint: /"unit price".*double quotes/ },
    { sql: 'SELECT max(unit price) FROM teas', at: 'unit', hint: /"unit price" in double quotes/ },
    { sql: 'SELECT id, order FROM teas', at: 'order', hint: /"order" is also a word of SQL/ },
    { sql: 'SELECT * FROM window', at: 'window', hint: /^"window" is also a word of SQL/ },
    { sql: 'SELECT * FROM (SELECT id FROM window) w', at: 'window', hint: /^"window" is also a word of SQL/ },
    { sql: 'SELECT id FROM teas WHERE name = "green"', at: '"green"', hint: /single quotes/ },
  ],
  'columns and tables': [
    { sql: 'SELECT id FROM teas, shops', at: 'id', hint: /the table or its alias before it/ },
    { sql: 'SELECT teas.id FROM teas t', at: 'teas.id', hint: /alias/ },
    { sql: 'SELECT x.id FROM teas t', at: 'x.id', hint: /FROM or JOIN/ },
    { sql: 'SELECT name, count(*) FROM teas', at: 'name', hint: /"name" to GROUP BY, or aggregate it/ },
    { sql: 'SELECT t.name, id FROM teas t GROUP BY id', at: 't.name', hint: /"name" to GROUP BY, or aggregate it/ },
    { sql: 'SELECT id FROM teas WHERE count(*) > 1', at: 'count', hint: /HAVING/ },
    { sql: 'SELECT teas.* FROM teas t', at: 'teas.*', hint: /alias.*t/ },
    { sql: 'SELECT date_trunc(month, picked) FROM teas', at: 'month', hint: /^Write 'month' in single quotes/ },
    { sql: 'SELECT nam FROM teas', at: 'nam', hint: /^Did you mean "name"\?$/ },
  ],
  types: [
    { sql: "SELECT id FROM teas WHERE id ILIKE '%1%'", at: 'ILIKE', hint: /x::(text|VARCHAR) ILIKE/ },
    { sql: "SELECT '31.01.2026'::date FROM teas", hint: /dates as 2026-01-31/ },
    { sql: "SELECT id FROM teas WHERE picked > '31.01.2026'", hint: /dates as 2026-01-31/ },
    { sql: "SELECT id FROM teas WHERE id = 'green'", at: "'green'", hint: /^The literal is no number/ },
    { sql: "SELECT id FROM teas WHERE id IN (1, 'green')", at: "'green'", hint: /^The literal is no number/ },
    { sql: "SELECT price + 'green' FROM teas", at: "'green'", hint: /^The literal is no number/ },
    { sql: "SELECT 'green'::int", hint: /^The literal is no number of that type/ },
    { sql: "SELECT CAST('green' AS integer)", hint: /^The literal is no number of that type/ },
    { sql: "SELECT 'green'::uuid", hint: /^The literal is no value of that type/ },
    { sql: "SELECT 'green'::int[]", hint: /^The literal is no value of that type/ },
    { sql: 'SELECT name::int FROM teas', hint: /^Leave out the rows whose text is not of that type/ },
    { sql: "SELECT CAST('31.01.2026' AS date)", hint: /^Write dates as 2026-01-31/ },
    { sql: 'SELECT name::date FROM teas', hint: /^Write dates as 2026-01-31/ },
    {
      sql: 'SELECT substr(name) FROM teas',
      at: 'substr',
      hint: /as many as it takes, where that is not 1|^substr takes 2 or 3 arguments, and 1 is given/,
    },
    { sql: 'SELECT lower(name, (1, 2)) FROM teas', at: 'lower', hint: /where that is not 2|^lower takes 1 argument, and 2 are given/ },
    { sql: 'SELECT sum(name) FROM teas', at: 'sum', hint: /^Cast the arguments to types that sum takes/ },
  ],
  parameters: [
    { sql: 'SELECT id FROM teas WHERE id = $1', params: ['green'], hint: /\$1.*a number as 1/ },
    { sql: 'SELECT id FROM teas WHERE picked = $1', params: ['31.01.2026'], hint: /a date as "2026-01-31"/ },
    {
      sql: 'SELECT id FROM teas WHERE id = $1 AND name = $2',
      params: [1],
      says: /^The statement has 2 parameters, and params has 1 value\.$/,
      hint: /one value for each of \$1, \$2/,
    },
    {
      sql: "SELECT id FROM teas WHERE id = $1 AND name <> '$2' -- $3",
      params: [1, 2],
      says: /^The statement has 1 parameter, and params has 2 values\.$/,
      hint: /one value for each of \$1, \$2/,
    },
    { sql: 'SELECT $1::integer', says: /has 1 parameter, and params has 0 values\.$/, hint: /one value for each/ },
    ...[
      { sql: 'SELECT $2::integer', params: [1] },
      { sql: 'SELECT $2::integer', params: [1, 2] },
      { sql: 'SELECT $1::integer, $3::text', params: [1, 2, 3] },
      { sql: 'SELECT $65535::integer', params: [] },
    ].map((one) => ({ ...one, says: /^The statement has no parameter \$[12], and one with a higher number\.$/, hint: /without a gap/ })),
    { sql: 'SELECT 1', params: [1], says: /has 0 parameters, and params has 1 value\.$/, hint: /^Leave out params/ },
    { sql: 'SELECT $1::integer', params: { id: 1 }, code: 'VALIDATION_ERROR', hint: /^Give a list with the values of \$1, \$2/ },
    { sql: 'SELECT $1::integer', params: 1, code: 'VALIDATION_ERROR', hint: /^Give a list with the values of \$1, \$2/ },
    { sql: 'SELECT $1::integer', params: [[1, 2]], code: 'VALIDATION_ERROR', hint: /as text, and cast it/ },
  ],
  'not one statement': [
    { sql: 'SELECT 1; SELECT 2', code: 'SQL_REJECTED', hint: /one statement per call/ },
    { sql: '-- nothing\n/* here */', code: 'SQL_REJECTED', hint: /Send one SELECT/ },
    { sql: '   ', code: 'SQL_REJECTED', hint: /Send one SELECT/ },
    { sql: '', code: 'VALIDATION_ERROR', hint: /1 character/ },
  ],
  'queries that write': [
    {
      sql: 'SELECT id FROM teas FOR UPDATE',
      code: 'SQL_REJECTED',
      says: /^The statement does more than read: a row lock/,
      hint: /^Remove/,
    },
    { sql: 'SELECT id FROM teas t FOR NO KEY UPDATE OF t', code: 'SQL_REJECTED', says: /: a row lock/, hint: /^Remove/ },
    { sql: 'SELECT id FROM teas FOR KEY SHARE', code: 'SQL_REJECTED', says: /: a row lock/, hint: /^Remove/ },
    { sql: 'EXPLAIN SELECT id FROM teas FOR SHARE', code: 'SQL_REJECTED', says: /: a row lock/, hint: /^Remove/ },
    { sql: 'SELECT * INTO more FROM teas', code: 'SQL_REJECTED', says: /read: SELECT INTO\.$/, hint: /^Remove/ },
    ...['INSERT INTO teas VALUES (1)', 'UPDATE teas SET id = 1', 'DELETE FROM teas'].map((write) => ({
      sql: `WITH d AS (${write} RETURNING *) SELECT * FROM d`,
      code: 'SQL_REJECTED',
      says: new RegExp(`read: ${write.slice(0, 6)} statement\\.$`),
      hint: /^Remove that part; every source is read-only\.$/,
    })),
    // Words of texts and quoted names are none of these.
    { sql: `SELECT 'into', "for" update FROM WHERE`, hint: /^Write the statement as/ },
  ],
  'statements about the session': [
    { sql: "SET timezone = 'UTC'", code: 'SQL_REJECTED', hint: /AT TIME ZONE/ },
    { sql: 'BEGIN', code: 'SQL_REJECTED', hint: /send the SELECT alone/ },
    { sql: 'SHOW tables', code: 'SQL_REJECTED', hint: /list_tables/ },
  ],
  'functions and types that do not exist': [
    { sql: 'SELECT id, lowr(name) FROM teas', code: 'SQL_REJECTED', at: 'lowr', hint: /^Did you mean "lower"\?$/ },
    { sql: 'SELECT id, nvl(name, 1) FROM teas', code: 'SQL_REJECTED', at: 'nvl', hint: /^Write coalesce\(x, y\)\.$/ },
    { sql: 'SELECT id::varchar2 FROM teas', code: 'SQL_REJECTED', hint: /^Write (text|varchar)\.$/ },
    { sql: 'SELECT id::smalint FROM teas', code: 'SQL_REJECTED', hint: /^Did you mean "(smallint|int\d)"\?$/ },
  ],
}

const onPostgres: readonly Case[] = [
  { sql: 'SELECT id FROM teas WHERE id = ?', params: [1], at: '?', hint: parameters },
  { sql: 'SELECT id FROM teas WHERE id IN (?, ?) AND name = ?', params: [1], at: '?', hint: parameters },
  { sql: 'DESCRIBE teas', at: 'DESCRIBE', hint: /describe_table with table "teas"/ },
  {
    sql: 'DELETE FROM teas',
    code: 'SQL_REJECTED',
    at: 'DELETE',
    hint: /^Only SELECT, VALUES, TABLE, WITH, SHOW and EXPLAIN.*describe_table/,
  },
  { sql: 'SELECT name, count(*) AS n FROM teas GROUP BY name HAVING n > 1', at: 'n > 1', hint: /^"n" is an alias.*repeat its expression/ },
  { sql: 'SELECT name, count(*) n FROM teas WHERE n > 1 GROUP BY name', at: 'n > 1', hint: /^"n" is an alias/ },
  { sql: 'SELECT id + 1 AS n, n * 2 FROM teas', at: 'n * 2', hint: /^"n" is an alias/ },
  // That of a subquery is out of sight.
  { sql: 'SELECT (SELECT 1 AS n FROM shops) FROM teas WHERE n > 1', at: 'n > 1', hint: /^Columns of shops, teas/ },
  { sql: 'FROM teas', at: 'FROM', hint: /^Begin with SELECT \* FROM/ },
  { sql: 'SELECT now() - INTERVAL 7 DAY', at: 'INTERVAL', hint: /^Write interval '7 day'\.$/ },
  { sql: 'SELECT 1 / 0', hint: /nullif/ },
  { sql: 'SELECT round(price, 2) FROM teas', at: 'round', hint: /x::numeric/ },
  { sql: 'SELECT id == 1 FROM teas', code: 'SQL_REJECTED', at: '==', hint: /^Write = in place of ==\.$/ },
  { sql: 'SELECT row_number() OVER () FROM teas WHERE row_number() OVER () = 1', at: 'row_number() OVER () =', hint: /subquery/ },
  { sql: 'SELECT id FROM teas WHERE id = name', at: '=', hint: /one type by a cast/ },
  { sql: 'SELECT pg_sleep(1)', code: 'SQL_REJECTED', at: 'pg_sleep', hint: /waits/ },
  { sql: 'SELECT version()', code: 'SQL_REJECTED', at: 'version', hint: /list_sources/ },
  { sql: 'SELECT name, count(*) FROM teas GROUP BY ALL', at: 'BY', hint: /GROUP BY 1, 2/ },
  { sql: 'SELECT id FROM teas WHERE id IN ()', at: 'IN', hint: /one value/ },
  { sql: "SELECT id FROM teas WHERE name ILIKE ANY ('a', 'b')", at: 'ILIKE', hint: /ANY \(ARRAY\[/ },
  { sql: "SELECT string_to_array(name, ' ')[1] FROM teas", at: ')', hint: /\(f\(x\)\)\[1\]/ },
  { sql: 'SELECT ARRAY[1, 2][1]', at: ']', hint: /into brackets/ },
  { sql: 'SELECT TRY_CAST(name AS int) FROM teas', at: 'TRY_CAST', hint: /CASE WHEN/ },
  { sql: 'SELECT * FROM teas PIVOT (sum(id) FOR name IN (1))', at: 'PIVOT', hint: /FILTER/ },
  { sql: 'SELECT * FROM teas TABLESAMPLE 10', at: 'TABLESAMPLE', hint: /system \(10\)/ },
  { sql: "SELECT * FROM unnest('{1}'::int[]) WITH OFFSET", at: 'WITH', hint: /ORDINALITY/ },
  { sql: 'SELECT now() - 7', at: '-', hint: /interval '7 days'/ },
  { sql: "SELECT date_trunc('weekday', now())", hint: /^Units are year/ },
  { sql: 'SELECT factorial(100000)', hint: /the number is too large/ },
  { sql: `SELECT (repeat('[', 100000) || repeat(']', 100000))::jsonb`, says: /^Stack depth/, hint: /less deep/ },
  { sql: 'SELECT user FROM readers', code: 'SQL_REJECTED', at: 'user', hint: /^Write the column as "user"\.$/ },
  { sql: 'SELECT user FROM teas', code: 'SQL_REJECTED', at: 'user', hint: /tells of the server/ },
  { sql: "SELECT id FROM teas WHERE name RLIKE 'g'", at: 'RLIKE', hint: /x ~ 'pattern'/ },
  { sql: "SELECT 'teas'::regclass", code: 'SQL_REJECTED', hint: /describe_table/ },
]

const onDuckdb: readonly Case[] = [
  { sql: "SELECT * FROM read_csv('x.csv')", code: 'SQL_REJECTED', at: 'read_csv', hint: /list_tables/ },
  { sql: "SELECT * FROM upper('x')", code: 'SQL_REJECTED', at: 'upper', hint: /list of SELECT/ },
  { sql: 'SELECT DATEDIFF(day, picked, picked) FROM teas', at: 'day', hint: /^Write 'day' in single quotes/ },
  {
    sql: 'PIVOT (SELECT range AS r FROM range(100001)) ON r USING count(*)',
    says: /^Pivot column limit of 100000 exceeded\.$/,
    hint: /fewer values/,
  },
  { sql: "SELECT id FROM teas ORDER BY 'id'", at: "'id'", says: /^(?!.*SET)/s, hint: /no column/ },
  { sql: 'SELECT (SELECT id FROM teas)', hint: /one row/ },
  { sql: "SELECT repeat(repeat('a', 1000000), 10000)", hint: /shorter texts/ },
  { sql: 'SELECT lag(id) FROM teas', at: 'lag', hint: /OVER \(ORDER BY/ },
  { sql: "SELECT date_trunc('weekend', picked) FROM teas", hint: /^Units are year/ },
  { sql: 'SELECT now()::TIMESTAMP - 7', at: '-', hint: /INTERVAL 7 DAY/ },
  { sql: 'SELECT ln(id - id) FROM teas', hint: /CASE WHEN x > 0/ },
  { sql: "SELECT string_agg(name, ',') WITHIN GROUP (ORDER BY id) FROM teas", at: 'WITHIN', hint: /ORDER BY y\)/ },
  { sql: "SELECT name #>> '{a}' FROM teas", at: '#', hint: /x ->> '\$\.key'/ },
  { sql: "SELECT id FROM teas WHERE name RLIKE 'g'", at: 'RLIKE', hint: /regexp_matches/ },
  { sql: 'UNPIVOT teas ON nam', says: /^Column "nam" does not exist\.$/, hint: /"name"/ },
  { sql: 'SELECT json_group_array(id ORDER BY id) FROM teas', says: /^The function "json_group_array" takes no/, hint: /to_json\(list/ },
  { sql: 'SELECT "teas".* FROM teas AS t', at: '"teas".*', hint: /^"teas" has the alias t here/ },
  { sql: 'SELECT x.* FROM teas t', at: 'x.*', hint: /^"x" is no table or alias/ },
  { sql: 'PRAGMA table_info(teas)', code: 'SQL_REJECTED', hint: describes },
  { sql: 'SELECT to_char(picked) FROM teas', code: 'SQL_REJECTED', at: 'to_char', hint: /^Write strftime/ },
  { sql: 'SELECT name, row_number() OVER () AS n FROM teas WHERE row_number() OVER () = 1', at: 'row_number() OVER () =', hint: /QUALIFY/ },
]

const check = async (source: string, { sql, params, code = 'SQL_ERROR', at, says = /^\S.*[.!]$/s, hint }: Case) => {
  const error = await errorOf(source, sql, params)
  expect({ sql, ...error }).toMatchObject({ sql, code, message: expect.stringMatching(says), hint: expect.stringMatching(hint) })
  const place =
    'position' in error && error.position !== undefined
      ? sql.slice(error.position.offset, error.position.offset + (at ?? '').length)
      : undefined
  if (at !== undefined) expect({ sql, at: place }).toEqual({ sql, at })
}

describe.each(['postgres', 'duckdb'])('on %s', (source) => {
  test.each(Object.entries(both))('%s', async (_title, cases) => {
    for (const one of cases) await check(source, one)
  })

  test.each(['SELECT 1;', 'SELECT 1 ; -- done', ';;SELECT 1;;', 'EXPLAIN ANALYZE SELECT id FROM teas', "SELECT '?' || ' :id %s `' AS a"])(
    'takes %s',
    async (sql) => {
      expect({ sql, ...(await call(source, sql)) }).toMatchObject({ sql, success: true })
    },
  )

  test('functions, types and operators of the database that are refused answer as those that do not exist', async () => {
    const alike = [
      ['SELECT own_words(name) FROM teas', 'SELECT own_wards(name) FROM teas'],
      ['SELECT * FROM own_secret()', 'SELECT * FROM own_sacret()'],
      ...(source === 'postgres'
        ? [
            ["SELECT '(1)'::own_kind", "SELECT '(1)'::own_kand"],
            ['SELECT 1 =~~= 2', 'SELECT 1 =~~~ 2'],
          ]
        : []),
    ] as const
    for (const [refused, missing] of alike) {
      const [a, b] = [await errorOf(source, refused as string), await errorOf(source, missing as string)]
      expect(a.code).not.toBe('SUCCESS')
      const said = (error: typeof a) => JSON.stringify(error).replaceAll(/own_\w+|=~~[=~]/g, 'NAME')
      expect({ refused, said: said(a) }).toEqual({ refused, said: said(b) })
    }
  })
})

test.each(onPostgres)('on postgres alone: $sql', (one) => check('postgres', one))
test.each(onDuckdb)('on duckdb alone: $sql', (one) => check('duckdb', one))

describe('the order of pages', () => {
  const warned = async (sql: string): Promise<boolean> => {
    const envelope = await dataface.dataface.dispatcher.dispatch({
      tool: 'execute_query',
      input: { source: 'duckdb', sql, limit: 1 },
      door: 'inside',
      caller: { id: 'test' },
      signal: AbortSignal.timeout(20_000),
    })
    expect(envelope).toMatchObject({ success: true, data: { truncated: true } })
    return JSON.stringify(envelope).includes('UNORDERED_PAGES')
  }

  test.each(['DESCRIBE teas', 'SHOW teas', 'SUMMARIZE teas', 'SUMMARIZE SELECT * FROM teas'])('is that of %s', async (sql) => {
    expect(await warned(sql)).toBe(false)
  })

  test.each(['SELECT * FROM teas', 'SELECT column_name FROM (DESCRIBE teas) GROUP BY 1', 'SELECT DISTINCT * FROM (DESCRIBE teas)'])(
    'is none with %s',
    async (sql) => {
      expect(await warned(sql)).toBe(true)
    },
  )
})
