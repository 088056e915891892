import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AnyEnvelope, type Door, httpDoors, withoutTimes } from '../support/doors.ts'
import { queryOf } from '../support/query.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'
import { type Guarded, openShop, type Shop } from './duckdb-shop.ts'

const tables = [
  'CREATE SCHEMA secret',
  'CREATE SCHEMA analytics',
  "CREATE TYPE rank AS ENUM ('S3CRET', 'low')",
  "CREATE TYPE mood AS ENUM ('sad', 'happy')",
  'CREATE TYPE holder AS STRUCT(r rank)',
  'CREATE TYPE money AS DECIMAL(18, 2)',
  "CREATE TABLE customers (id INTEGER, name VARCHAR, email VARCHAR DEFAULT 'S3CRET', password VARCHAR, level rank, feels mood)",
  'CREATE SCHEMA recurring',
  "CREATE TABLE recurring.wages AS SELECT 'S3CRET' AS note",
  "INSERT INTO customers VALUES (1, 'Ann', 'S3CRET@x.example', 'S3CRET', 'S3CRET', 'sad'), (2, 'Bob', 'S3CRET@y.example', 'S3CRET', 'low', 'happy')",
  'CREATE TABLE orders AS SELECT 1 AS id, 1 AS customer_id, 9.5 AS amount',
  "CREATE TABLE wages AS SELECT 1 AS id, 'S3CRET' AS note",
  "CREATE TABLE secret.wages2 AS SELECT 1 AS id, 'S3CRET' AS note",
  "CREATE TABLE analytics.wages AS SELECT 1 AS id, 'fine' AS note",
  'CREATE VIEW v_wages AS SELECT * FROM wages',
  'CREATE VIEW v_wages_upper AS SELECT * FROM MAIN.WAGES',
  'CREATE VIEW v_of_view AS SELECT * FROM V_WAGES',
  'CREATE VIEW v_full_name AS SELECT * FROM shop.secret.wages2',
  'CREATE VIEW analytics.v_own AS SELECT * FROM wages',
  'CREATE VIEW v_in_with AS WITH w AS (FROM wages) SELECT * FROM w',
  'CREATE VIEW v_in_subquery AS SELECT (SELECT max(note) FROM wages) AS note FROM orders',
  'CREATE VIEW v_catalog AS SELECT table_name FROM duckdb_tables()',
  'CREATE VIEW v_catalog_view AS SELECT * FROM duckdb_tables',
  'CREATE VIEW v_passwords AS SELECT id, password FROM CUSTOMERS',
  'CREATE VIEW v_passwords_called AS SELECT id, customers.password.upper() AS p FROM customers',
  'CREATE MACRO longest() AS (SELECT max(password.length()) FROM customers)',
  'CREATE VIEW v_orders AS SELECT * FROM orders',
  'CREATE VIEW vouched AS SELECT note FROM wages',
  'CREATE MACRO peek() AS (SELECT max(note) FROM wages)',
  'CREATE MACRO peek_at(t) AS TABLE SELECT * FROM query_table(t)',
  'CREATE MACRO peek_table() AS TABLE SELECT * FROM secret.wages2',
  'CREATE MACRO peek_twice() AS peek() || peek()',
  'CREATE MACRO best(c) AS (SELECT max(c) FROM customers)',
  'CREATE MACRO lower(x) AS (SELECT max(note) FROM wages)',
  'CREATE MACRO double(x) AS x * 2',
  'CREATE MACRO secret.hidden_sum(x) AS x + 1',
  'CREATE VIEW v_by_macro AS SELECT peek() AS note',
]

let shop: Shop
beforeAll(async () => {
  shop = await openShop(tables)
})
afterAll(() => shop?.close())

describe('a table that is denied', () => {
  let guarded: Guarded
  let hiding: Guarded
  beforeAll(() => {
    guarded = shop.under({ schemas: ['main', 'analytics'], tables: { deny: ['main.wages'] } })
    hiding = shop.under({ schemas: ['main'], tables: { deny: ['wages', 'customers'] } })
  })

  test.each([
    'SELECT * FROM wages',
    'SELECT * FROM WAGES',
    'SELECT * FROM main.wages',
    'SELECT * FROM shop.wages',
    'SELECT * FROM shop.main.wages',
    'SELECT * FROM "Main"."Wages"',
    'FROM secret.wages2',
    'FROM shop.secret.wages2',
    "FROM 'wages'",
    'TABLE wages',
    'DESCRIBE wages',
    'SUMMARIZE wages',
    'SHOW wages',
    'EXPLAIN FROM wages',
    'PIVOT wages ON note IN (1) USING count(*)',
    'PIVOT wages ON note',
    'UNPIVOT wages ON note',
    'FROM histogram(wages, note)',
    'WITH wages AS (SELECT * FROM wages) FROM wages',
    'WITH a AS (FROM wages), wages AS (SELECT 1) FROM a',
    'WITH wages AS (SELECT 1) FROM main.wages',
    'WITH wages AS (SELECT 1) FROM shop.wages',
    'WITH "main.wages" AS (SELECT 1) FROM main.wages',
    'WITH "shop.main.wages" AS (SELECT 1) FROM shop.main.wages',
    'WITH wages AS (SELECT 1) FROM recurring.wages',
    'WITH RECURSIVE wages AS (SELECT 1) FROM recurring.wages',
    'WITH RECURSIVE "recurring.wages" AS (SELECT 1 UNION ALL SELECT 2 FROM recurring.wages) FROM "recurring.wages"',
    'WITH RECURSIVE wages AS (SELECT 1 AS a UNION ALL SELECT a FROM wages WHERE false) FROM main.wages',
    'SELECT * FROM (WITH wages AS (SELECT 1) FROM wages), wages',
    'WITH RECURSIVE wages AS (FROM wages) FROM wages',
    'SELECT wages FROM orders, wages',
    'SELECT 1 WHERE EXISTS (FROM wages)',
    'SELECT * REPLACE ((SELECT max(note) FROM wages) AS amount) FROM orders',
    'FROM v_wages',
    'FROM v_wages_upper',
    'FROM v_of_view',
    'FROM v_full_name',
    'FROM v_in_with',
    'FROM v_in_subquery',
    'FROM v_catalog',
    'FROM v_catalog_view',
    'FROM v_by_macro',
    'FROM vouched',
  ])('is not there: %s', async (sql) => {
    expect(await guarded.refusal(sql)).toMatchObject({ code: 'TABLE_NOT_FOUND' })
  })

  test.each([
    'SELECT peek()',
    'SELECT main.peek()',
    'SELECT shop.main.peek()',
    'FROM peek_table()',
    "FROM peek_at('wages')",
    'SELECT peek_twice()',
    "SELECT lower('x')",
    "SELECT ('x').lower()",
    'SELECT enum_range(NULL::rank)',
    'SELECT NULL::main.rank',
    'SELECT NULL::shop.main.RANK[]',
    'SELECT NULL::STRUCT(a rank)',
    'SELECT typeof(NULL::holder)',
    "SELECT from_json('1', '\"rank\"')",
    'SELECT json_transform(\'{}\', \'{"a": ["STRUCT(b main.Rank)"]}\')',
    "SELECT from_json('1', '\"r\\u0061nk\"')",
    'SELECT from_json(\'1\', \'"\\"rank\\""\'::JSON)',
    'PIVOT orders ON id IN rank USING count(*)',
    'FROM orders PIVOT (count(*) FOR id IN rank)',
    "SELECT rank 'low'",
  ])('is not reached by what the database defines: %s', async (sql) => {
    expect(await hiding.refusal(sql)).toMatchObject({ code: 'SQL_REJECTED' })
  })

  test.each(['secret.#(1)', 'shop.secret.#(1)', '#(1)', '(1).#()'])(
    'a macro of a schema whose every table is denied is told as a missing one: %s',
    async (call) => {
      const denying = shop.under({ tables: { deny: ['secret.*'] } })
      const told = async (name: string) => JSON.stringify(await denying.refusal(`SELECT ${call.replace('#', name)}`)).replaceAll(name, '#')
      expect(await told('hidden_sum')).toContain('SQL_REJECTED')
      expect(await told('hidden_sum')).toBe(await told('hidden_sxm'))
    },
  )

  test.each([
    'SELECT * FROM orders',
    'FROM v_orders',
    'FROM analytics.wages',
    'FROM analytics.v_own',
    'SELECT double(amount), amount.double() FROM orders',
    'SELECT 1::money',
    "SELECT 'sad'::mood, enum_range(NULL::mood)",
    'WITH wages AS (SELECT 1 AS a) FROM wages',
    'WITH RECURSIVE wages(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM wages WHERE a < 3) FROM wages',
    'SELECT wages.id FROM orders AS wages',
    'SELECT id AS wages FROM orders',
  ])('leaves the rest: %s', async (sql) => {
    expect(await guarded.run(sql)).toEqual(expect.any(Array))
  })
})

describe('a column that is denied', () => {
  let guarded: Guarded
  beforeAll(() => {
    guarded = shop.under({ columns: { deny: ['password', 'level'], mask: ['customers.email'] } })
  })

  test.each([
    'SELECT password FROM customers',
    'SELECT PASSWORD FROM customers',
    'SELECT c.email FROM customers c',
    'SELECT c.email FROM orders o, customers c',
    'SELECT email.x FROM orders o, customers c',
    'SELECT shop.customers.email FROM customers',
    'SELECT main.customers.email FROM main.customers',
    'SELECT * FROM customers',
    'FROM customers',
    'TABLE customers',
    'SELECT customers.* FROM customers',
    'SELECT c.* FROM customers c, orders',
    'SELECT * EXCLUDE (password, level) FROM customers',
    'SELECT * EXCLUDE (password, email, level) FROM customers',
    'SELECT c.* EXCLUDE (c.password, c.email, level) FROM customers c',
    'SELECT * EXCLUDE (o.password, o.level, o.email) FROM customers c, (SELECT 1 AS password, 2 AS level, 3 AS email) o',
    'SELECT * EXCLUDE (o.password, o.level, email) FROM customers c, customers o',
    "SELECT * REPLACE ('x' AS name) FROM customers",
    'SELECT * RENAME (email AS e) FROM customers',
    "SELECT COLUMNS('pass.*') FROM customers",
    'SELECT COLUMNS(*) FROM customers',
    'SELECT max(COLUMNS(* EXCLUDE (id))) FROM customers',
    "SELECT COLUMNS(c -> c = 'email') FROM customers",
    "SELECT * LIKE 'p%' FROM customers",
    'SELECT customers FROM customers',
    'SELECT main.customers FROM main.customers',
    'SELECT shop.main.customers FROM shop.main.customers',
    'SELECT c FROM customers c',
    'SELECT c::VARCHAR FROM customers c',
    'SELECT to_json(c) FROM customers c',
    'SELECT (c).password FROM customers c',
    "SELECT c['password'] FROM customers c",
    'SELECT unnest(c) FROM customers c',
    'SELECT #4 FROM customers',
    'SELECT row(#3) FROM customers',
    'SELECT id FROM customers ORDER BY password',
    "SELECT id FROM customers WHERE password LIKE 'S%'",
    'SELECT count(*) FROM customers GROUP BY password',
    "SELECT count(*) FILTER (password > 'a') FROM customers",
    'SELECT DISTINCT ON (email) id FROM customers',
    'SELECT id FROM customers QUALIFY row_number() OVER (PARTITION BY email) = 1',
    "SELECT id FROM customers JOIN (SELECT 'S3CRET' AS password) USING (password)",
    "SELECT id FROM customers NATURAL JOIN (SELECT 'S3CRET' AS password)",
    'SELECT id FROM customers c JOIN orders o ON c.password = o.id::VARCHAR',
    'SELECT (SELECT c.password) FROM customers c',
    'SELECT l.x FROM customers c, LATERAL (SELECT c.password AS x) l',
    'SELECT x FROM customers AS c(a, b, x, d, e, f)',
    'SELECT [password FOR x IN [1]] FROM customers',
    'SELECT list_transform([1], lambda x: password) FROM customers',
    "PIVOT customers ON name IN ('Ann') USING first(password)",
    "PIVOT customers ON name IN ('Ann')",
    'PIVOT customers ON name USING first(id)',
    'UNPIVOT customers ON name, password',
    'UNPIVOT customers ON COLUMNS(* EXCLUDE id)',
    'SUMMARIZE customers',
    'DESCRIBE customers',
    'FROM histogram(customers, password)',
    'SELECT id FROM orders UNION ALL SELECT password FROM customers',
    'SELECT name FROM customers ORDER BY *',
    'SELECT name FROM customers ORDER BY customers.*',
    'SELECT name FROM customers ORDER BY name, COLUMNS(*)',
    "SELECT name FROM customers ORDER BY COLUMNS('pass.*')",
    'SELECT name AS password FROM customers ORDER BY customers.password',
    'SELECT DISTINCT ON (customers.password) name AS password FROM customers',
    'SELECT row_number() OVER (ORDER BY password) AS password FROM customers',
    'SELECT list(name ORDER BY password) AS password FROM customers',
    'SELECT ARRAY(SELECT password FROM customers)',
    'SELECT ARRAY(FROM customers)',
    'SELECT 1 IN (FROM customers)',
    'WITH c AS (FROM customers) SELECT id FROM c',
    'SELECT best(password)',
    'SELECT best(id)',
    'SELECT longest()',
    'SELECT password.upper() FROM customers',
    'SELECT customers.email.upper() FROM customers',
    "SELECT EXISTS (SELECT * FROM customers WHERE password > 'a')",
    'SELECT EXISTS (SELECT DISTINCT * FROM customers OFFSET 1)',
    'SELECT EXISTS (SELECT * FROM customers GROUP BY ALL HAVING count(*) > 1)',
    'SELECT EXISTS (SELECT * FROM customers GROUP BY 1, 2, 3, 4, 5, 6 HAVING count(*) > 1)',
    'EXPLAIN SELECT password FROM customers',
    'SELECT any_value(password), password: 1 FROM customers',
  ])('is not read: %s', async (sql) => {
    expect(await guarded.refusal(sql)).toMatchObject({
      code: expect.stringMatching(/^SQL_(REJECTED|ERROR)$/),
      hint: expect.not.stringMatching(/password|level/),
    })
  })

  test('is not read through a view, under any spelling', async () => {
    expect(await guarded.refusal('FROM v_passwords')).toMatchObject({ code: 'TABLE_NOT_FOUND' })
    expect(await guarded.refusal('FROM v_passwords_called')).toMatchObject({ code: 'TABLE_NOT_FOUND' })
  })

  test.each([
    'SELECT id, name FROM customers',
    'SELECT name.upper(), customers.name.upper(), main.upper(name) FROM customers',
    'SELECT count(*) FROM customers',
    'SELECT * FROM orders o WHERE EXISTS (SELECT * FROM customers c WHERE c.id = o.customer_id)',
    'SELECT * FROM orders o WHERE NOT EXISTS (FROM customers c WHERE c.id = o.customer_id)',
    'SELECT o.* FROM orders o JOIN customers c ON c.id = o.customer_id',
    "SELECT x.email FROM (SELECT 1 AS id, 'mine' AS email) x JOIN customers c USING (id)",
    "SELECT s.email FROM (SELECT {'email': 1} AS s), customers",
    'SELECT name, (SELECT max(x.amount) FROM (SELECT * FROM orders) x) FROM customers',
    'SELECT ARRAY(SELECT id FROM customers)',
    'SELECT name, count(*) FROM customers GROUP BY ALL ORDER BY ALL',
    'SELECT name FROM customers ORDER BY ALL DESC NULLS LAST LIMIT 1',
    'SELECT name AS Password FROM customers ORDER BY password DESC',
    'SELECT DISTINCT ON (password) name AS password, id FROM customers',
    'SELECT name, ARRAY(SELECT amount FROM orders) FROM customers',
    'DESCRIBE SELECT id, name FROM customers',
    'SUMMARIZE SELECT id FROM customers',
    "PIVOT (SELECT id, name FROM customers) ON name IN ('Ann') USING sum(id)",
    'SELECT id FROM customers JOIN (SELECT 1 AS id) USING (id)',
    'WITH c AS (SELECT id FROM customers) SELECT * FROM c',
  ])('leaves the rest: %s', async (sql) => {
    expect(await guarded.run(sql)).toEqual(expect.any(Array))
  })
})

test('a view that the policy names is read, and its plan is not shown', async () => {
  const vouching = shop.under({ tables: { allow: ['vouched', 'orders', 'v_orders'] } })
  expect(await vouching.run('FROM vouched')).toEqual([['S3CRET']])
  expect(await vouching.refusal('EXPLAIN FROM vouched')).toMatchObject({ code: 'SQL_REJECTED' })
  expect(await vouching.refusal('EXPLAIN ANALYZE SELECT 1 FROM orders, (FROM vouched)')).toMatchObject({ code: 'SQL_REJECTED' })
  expect(await vouching.run('EXPLAIN FROM v_orders')).toHaveLength(1)
})

describe('through every tool', () => {
  let started: Started
  let call: Door
  beforeAll(async () => {
    started = await startDataface(`name: shop
sources:
  shop:
    type: duckdb
    path: ${shop.path}
    schemas: [main, analytics]
    tables: { deny: [wages] }
    columns: { deny: [password], mask: [email, level] }
`)
    call = Object.values(httpDoors(started))[0] as Door
  })
  afterAll(() => started?.close())

  const asked = async (tool: string, input: object, name: string): Promise<unknown> =>
    JSON.parse(JSON.stringify(withoutTimes(await call(tool, { source: 'shop', ...input }))).replaceAll(name, 'NAME'))

  test.each([
    ['execute_query', (name: string) => ({ sql: `SELECT * FROM ${name}` })],
    ['execute_query', (name: string) => ({ sql: `SELECT * FROM main.${name} WHERE id = 1` })],
    ['execute_query', (name: string) => ({ sql: `DESCRIBE ${name}` })],
    ['execute_query', (name: string) => ({ sql: `SELECT ${name}.id FROM orders, ${name}` })],
    ['execute_query', (name: string) => ({ sql: `EXPLAIN FROM ${name}` })],
    ['describe_table', (name: string) => ({ table: name })],
    ['describe_table', (name: string) => ({ table: name, schema: 'main' })],
    ['catalog', (name: string) => ({ query: name })],
  ])('a denied table answers as a missing one does: %s', async (tool, input) => {
    expect(await asked(tool, input('v_wages'), 'v_wages')).toEqual(await asked(tool, input('v_wagez'), 'v_wagez'))
  })

  test.each([
    ['list_tables', {}],
    ['list_tables', { schema: 'main' }],
    ['catalog', {}],
    ['catalog', { query: 'wages password rank' }],
    ['get_metadata', {}],
    ['describe_table', { table: 'customers' }],
    ['describe_table', { table: 'wage' }],
    ['execute_query', { sql: 'SELECT * FROM wage' }],
    ['execute_query', { sql: 'SELECT passwor FROM customers' }],
    ['execute_query', { sql: 'SELECT c.passwor FROM customers c' }],
    ['execute_query', { sql: 'SELECT name::INT FROM customers' }],
    ['execute_query', { sql: 'SELECT x.id FROM customers' }],
    ['execute_query', { sql: 'SELECT NULL::ran' }],
    ['execute_query', { sql: 'SELECT pee()' }],
    ['execute_query', { sql: 'FROM secre.x' }],
    ['execute_query', { sql: 'SELECT id FROM customers GROUP BY name' }],
    ['execute_query', { sql: 'EXPLAIN SELECT id, name FROM customers' }],
  ])('nothing that is hidden shows: %s %o', async (tool, input) => {
    const answer = JSON.stringify(await call(tool, { source: 'shop', ...input }))
    expect(answer).not.toMatch(/S3CRET|\bv?_?wages2?"|"secret|"password"|peek|v_catalog|holder|shop\.duckdb/)
  })

  test('a misspelt column is answered with one that can be read', async () => {
    const errors = async (sql: string) => ((await call('execute_query', { source: 'shop', sql })) as AnyEnvelope).errors?.[0]
    expect(await errors('SELECT nam FROM customers')).toMatchObject({
      code: 'SQL_ERROR',
      hint: 'Did you mean "name"?',
      position: { column: 8 },
    })
    expect(await errors('SELECT c.nam FROM main.customers c')).toMatchObject({ hint: 'Did you mean "name"?' })
    expect(await errors('SELECT * EXCLUDE (amoun) FROM orders')).toMatchObject({ hint: 'Did you mean "amount"?' })
    expect(await errors('SELECT passwords FROM customers')).toMatchObject({ hint: 'Columns of customers: id, name, feels.' })
    expect(await errors('SELECT emailed FROM customers')).toMatchObject({ hint: expect.not.stringContaining('email') })
    expect(await errors('SELECT lowr(name) FROM customers')).toMatchObject({ code: 'SQL_REJECTED', hint: 'Did you mean "lower"?' })
  })
})

test('a source that serves one schema reads unqualified names there', async () => {
  const { openDuckdb } = await import('../../server/sources/duckdb/source.ts')
  const { defaultLimits } = await import('../../server/projects/project.ts')
  const source = openDuckdb({
    name: 's',
    type: 'duckdb',
    config: { path: shop.path, schema: 'analytics' },
    limits: defaultLimits,
    log: () => {},
  })
  expect((await source.query(queryOf('SELECT note FROM wages'))).rows?.text).toBe('[["fine"]]')
  await source.close()
})

describe('a source that names its one schema', () => {
  const setup = [
    'CREATE SCHEMA hr',
    'CREATE TABLE hr.wages AS SELECT 1 AS id, 900001 AS wage',
    'CREATE TABLE people AS SELECT 1 AS id',
    'CREATE VIEW leak AS SELECT p.id, w.wage FROM people p JOIN hr.wages w USING (id)',
    'CREATE VIEW plain AS SELECT id FROM people',
    'CREATE MACRO twice(a) AS 2 * a',
    'CREATE TABLE computed (id INTEGER, hid INTEGER, g INTEGER GENERATED ALWAYS AS (hid * 2))',
  ]
  let own: Shop
  let served: Started
  let ask: Door
  beforeAll(async () => {
    own = await openShop(setup)
    served = await startDataface(
      `name: one\nsources:\n  one: { type: duckdb, path: ${own.path}, schema: main, columns: { deny: [computed.hid] } }\n`,
    )
    ask = Object.values(httpDoors(served))[0] as Door
  })
  afterAll(async () => {
    await served?.close()
    await own?.close()
  })
  const query = (sql: string) => ask('execute_query', { source: 'one', sql })

  test('serves no view that reads another', async () => {
    expect(await query('FROM leak')).toMatchObject({ errors: [{ code: 'TABLE_NOT_FOUND' }] })
    expect(await ask('describe_table', { source: 'one', table: 'leak' })).toMatchObject({ errors: [{ code: 'TABLE_NOT_FOUND' }] })
    expect(JSON.stringify(await ask('list_tables', { source: 'one' }))).not.toMatch(/leak|wages/)
    expect(await query('FROM plain')).toMatchObject({ data: { rows: [[1]] } })
  })

  test('shows no plan that would name a hidden column', async () => {
    expect(await query('EXPLAIN SELECT id FROM computed WHERE g > 5')).toMatchObject({ errors: [{ code: 'SQL_REJECTED' }] })
    expect(await query('EXPLAIN SELECT id FROM people')).toMatchObject({ success: true })
  })

  test('keeps its engine through statements that change nothing', async () => {
    for (const sql of [
      "SELECT 'query' AS q",
      "SELECT 'execute' AS logs",
      'SELECT twice(2)',
      "SELECT current_setting('threads') IS NULL AS parser",
    ])
      await query(sql)
    expect(served.logged.filter((line) => line.includes('changed the engine'))).toEqual([])
  })
})

describe('names and structures that only look otherwise', () => {
  const setup = [
    "CREATE TABLE api_keys AS SELECT 1 AS id, 'S3CRET' AS k",
    "CREATE TABLE links AS SELECT 1 AS id, 'S3CRET' AS k",
    "CREATE TABLE places AS SELECT 1 AS id, {'a': 1, 'b': 'S3CRET'} AS st",
  ]
  let own: Shop
  let guarded: Guarded
  beforeAll(async () => {
    own = await openShop(setup)
    guarded = own.under({ tables: { deny: ['api_keys'] }, columns: { deny: ['links.k'], mask: ['places.st'] } })
  })
  afterAll(() => own.close())

  test.each([
    'WITH "api_\u212Aeys" AS (SELECT 1) SELECT * FROM api_keys',
    'WITH RECURSIVE "api_\u212Aeys" AS (SELECT 1) SELECT (SELECT k FROM api_keys)',
    'WITH "lin\u212As" AS (SELECT 1) SELECT * FROM links',
    'SELECT "\u212A".* FROM links AS k, (SELECT 1) AS "\u212A"',
    'SELECT st.* FROM places',
    'SELECT st.* EXCLUDE (a) FROM places',
    'SELECT COLUMNS(st.*) FROM places',
    'SELECT p.st.* FROM places p',
  ])('hide nothing from the guard: %s', async (sql) => {
    expect(JSON.stringify(await guarded.run(sql))).not.toContain('S3CRET')
  })

  test.each(['SELECT id FROM links', 'SELECT places.id FROM places', 'WITH k AS (SELECT 1 AS a) SELECT k.* FROM k'])(
    '%s is served',
    async (sql) => {
      expect(await guarded.run(sql)).toEqual([[1]])
    },
  )
})
