/**
 * What a policy closes, on Postgres: a table that is denied is not told from one that does not exist, and a column that
 * is denied or masked is not read, whatever way is taken.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withClient } from '../field/databases.ts'
import { createGuardDatabase, type GuardedSource, openGuarded } from '../support/guarded-source.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const database = 'guard_policy'
const policy = {
  schemas: ['public', 'analytics'],
  tables: { deny: ['users', 'arch*'] },
  columns: { deny: ['public.customers.email'], mask: ['orders.amount'] },
}
let started: Started
let source: GuardedSource

beforeAll(async () => {
  await createGuardDatabase(database)
  source = openGuarded(database, policy)
  started = await startDataface(`
name: policy
sources:
  shop:
    type: postgres
    url: ${postgresUrl(database, reader)}
    schemas: [public, analytics]
    tables: { deny: [users, 'arch*'] }
    columns: { deny: [public.customers.email], mask: [orders.amount] }
`)
})
afterAll(async () => {
  await source?.close()
  await started?.close()
})

/** The answer of a tool as text. */
const ask = async (tool: string, input: object): Promise<string> => {
  const response = await fetch(`${started.url}/api/v1/${tool}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: 'shop', ...input }),
  })
  return response.text()
}

/** An answer without what differs from call to call. */
const settled = (answer: string): unknown =>
  JSON.parse(answer, (key, value: unknown) => (/^(request_id|timing_ms|elapsed_ms)$/.test(key) ? undefined : value))

describe('a denied table', () => {
  test('is not told from one that does not exist, whatever is asked', async () => {
    const ways: [tool: string, input: (name: string) => object][] = [
      ['execute_query', (name) => ({ sql: `SELECT * FROM ${name}` })],
      ['execute_query', (name) => ({ sql: `SELECT 1 FROM public.${name} WHERE secret = 1` })],
      ['execute_query', (name) => ({ sql: `EXPLAIN SELECT * FROM orders JOIN ${name} USING (id)` })],
      ['execute_query', (name) => ({ sql: `SELECT NULL::${name}` })],
      ['execute_query', (name) => ({ sql: `SELECT '${name}'::regclass` })],
      ['execute_query', (name) => ({ sql: `SELECT (NULL::public.${name}).id` })],
      ['describe_table', (name) => ({ table: name })],
      ['describe_table', (name) => ({ table: name, schema: 'public' })],
      ['describe_table', (name) => ({ table: `public.${name}` })],
    ]
    for (const [tool, input] of ways) {
      const [denied, missing] = await Promise.all([ask(tool, input('users')), ask(tool, input('usors'))])
      expect(settled(denied.replaceAll('users', 'usors'))).toEqual(settled(missing))
    }
    const [denied, missing] = await Promise.all([ask('list_tables', { schema: 'secret' }), ask('list_tables', { schema: 'sacret' })])
    expect(settled(denied.replaceAll('secret', 'sacret'))).toEqual(settled(missing))
  })

  test('and a denied column are named in no listing, description or search', async () => {
    const { data } = JSON.parse(await ask('list_tables', {})) as { data: { tables: { name: string }[] } }
    const names = data.tables.map((table) => table.name)
    expect(names).toEqual(expect.arrayContaining(['customers', 'orders', 'happy_customers', 'customer_names', 'daily', 'events']))
    for (const hidden of [
      'users',
      'logins',
      'second_hand',
      'salary_notes',
      'salary_copy',
      'salary_call',
      'salary_xml',
      'letters',
      'notes',
      'archive_1',
    ])
      expect(names).not.toContain(hidden)

    const answers = await Promise.all([
      ask('list_tables', {}),
      ask('get_metadata', { detail: 'full', max_tokens: 50_000 }),
      ask('catalog', { query: 'email password salaries note' }),
      ask('catalog', {}),
      ...names.map((name) => ask('describe_table', { table: name })),
    ])
    for (const answer of answers)
      expect(answer.replaceAll('email password salaries note', '')).not.toMatch(
        /customers_by_email|"email"|\(email|password_hash|salaries|CANARY|"users"|logins|letters/,
      )
  })

  test('lets a view over it be read when the view is allowed by name, and its plan not', async () => {
    const vouched = openGuarded(database, { tables: { allow: ['salary_notes', 'orders'] } })
    expect(await vouched.judge('SELECT * FROM salary_notes')).toBeUndefined()
    expect((await vouched.judge('EXPLAIN SELECT * FROM salary_notes'))?.code).toBe('SQL_REJECTED')
    expect(await vouched.judge('EXPLAIN SELECT * FROM orders')).toBeUndefined()
    expect((await vouched.catalog()).tables.map((table) => table.name)).toEqual(['orders', 'salary_notes'])
    await vouched.close()
  })

  test('is any that a glob names, in any case of letters, and deny is stronger than allow', async () => {
    const seen = async (tables: { allow?: string[]; deny?: string[] }) => {
      const one = openGuarded(database, { tables })
      const names = (await one.catalog()).tables.map((table) => `${table.schema}.${table.name}`)
      await one.close()
      return names
    }
    expect(await seen({ allow: ['analytics.*', 'ORDERS'], deny: ['*.second*'] })).toEqual(['analytics.daily', 'public.orders'])
    expect(await seen({ allow: ['public.customer?'] })).toEqual(['public.customers'])
    expect(await seen({ allow: ['orders', 'users'], deny: ['public.user*'] })).toEqual(['public.orders'])
    expect(await seen({ allow: ['*'], deny: ['*'] })).toEqual([])
  })

  test('closes its partitions, and a column its', async () => {
    const judge = async (given: Parameters<typeof openGuarded>[1], sql: string) => {
      const one = openGuarded(database, given)
      const fault = await one.judge(sql)
      await one.close()
      return fault?.code
    }
    expect(await judge({}, 'SELECT * FROM events_2026')).toBeUndefined()
    expect(await judge({ tables: { deny: ['events'] } }, 'SELECT * FROM events_2026')).toBe('TABLE_NOT_FOUND')
    expect(await judge({ tables: { deny: ['events_2026'] } }, 'SELECT * FROM events')).toBe('TABLE_NOT_FOUND')
    expect(await judge({ columns: { deny: ['events.body'] } }, 'SELECT id FROM events')).toBeUndefined()
    expect(await judge({ columns: { deny: ['events.body'] } }, 'SELECT body FROM events_2026')).toBe('TABLE_NOT_FOUND')
    expect(await judge({ columns: { mask: ['events_2026.body'] } }, 'SELECT body FROM events_2026')).toBe('TABLE_NOT_FOUND')
    expect(await judge({ schemas: ['public'] }, 'SELECT * FROM archive_1')).toBe('TABLE_NOT_FOUND')
  })
})

describe('an enumeration', () => {
  const made = `CREATE TYPE grade AS ENUM ('S3CRET', 'low'); CREATE DOMAIN own_grade AS grade; CREATE TYPE graded AS (g grade, n integer);
    CREATE TYPE size AS ENUM ('s', 'm'); CREATE DOMAIN own_size AS size; CREATE TYPE sized AS (s size);
    CREATE TYPE hue AS ENUM ('red'); CREATE TYPE shape AS (h hue);
    CREATE TABLE ranks (id integer, grade grade, list own_grade[], mask graded, size size, shapes shape[]);
    GRANT SELECT ON ranks TO reader`
  let hiding: GuardedSource
  let open: GuardedSource
  beforeAll(async () => {
    await withClient(postgresUrl(database), (client) => client.query(made))
    hiding = openGuarded(database, { columns: { deny: ['ranks.grade', 'ranks.list'], mask: ['ranks.mask'] } })
    open = openGuarded(database)
  })
  afterAll(async () => {
    await hiding?.close()
    await open?.close()
  })

  const ofHidden = ["'low'::grade", 'enum_range(NULL::grade)', "'low'::own_grade", "'{low}'::grade[]", 'enum_last((NULL::graded).g)']
  const ofShown = [
    "'m'::size",
    'enum_range(NULL::size)',
    "'m'::own_size",
    'enum_range((NULL::sized).s)',
    'enum_range(NULL::hue)',
    "'{red}'::hue[]",
  ]

  test.each(ofHidden)('that only hidden columns are made of tells no values: %s', async (value) => {
    expect((await hiding.judge(`SELECT ${value}`))?.code).toBe('SQL_REJECTED')
    expect(await hiding.judge(`SELECT ${value}`)).toMatchObject({ message: expect.stringMatching(/^There is no type "/) })
  })

  test.each([...ofHidden, ...ofShown])('is one to use where nothing of it is hidden: %s', async (value) => {
    if (ofShown.includes(value)) expect((await hiding.judge(`SELECT ${value}`))?.message).toBeUndefined()
    expect((await open.judge(`SELECT ${value}`))?.message).toBeUndefined()
    expect(await open.run(`SELECT ${value}`)).toBeUndefined()
  })
})

describe('a denied column', () => {
  test('is answered as one that does not exist', async () => {
    const texts = [
      'SELECT id, # FROM customers',
      'SELECT c.# FROM customers c',
      'SELECT public.customers.# FROM customers',
      'SELECT id FROM customers ORDER BY lower(#)',
      'SELECT 1 FROM customers JOIN (SELECT 1 AS #) b USING (#)',
      'SELECT 1 FROM (SELECT 1 AS #) b JOIN customers USING (#)',
    ]
    for (const text of texts) {
      const [denied, missing] = await Promise.all([
        ask('execute_query', { sql: text.replaceAll('#', 'email') }),
        ask('execute_query', { sql: text.replaceAll('#', 'emajl') }),
      ])
      expect(JSON.parse(denied)).toMatchObject({ success: false, errors: [{ code: 'SQL_ERROR' }] })
      expect(settled(denied.replaceAll('email', 'emajl'))).toEqual(settled(missing))
    }
  })

  test.each<[way: string, statements: string[]]>([
    [
      'by its name',
      [
        'SELECT email FROM customers',
        'SELECT c.email FROM customers c',
        'SELECT customers.email FROM public.customers',
        'SELECT public.customers.email FROM customers',
        `SELECT ${database}.public.customers.email FROM customers`,
        'SELECT EMAIL FROM CUSTOMERS',
        'SELECT "email" FROM "customers"',
        'SELECT U&"\\0065mail" FROM customers',
        'SELECT max(email) FROM customers',
        "SELECT count(*) FILTER (WHERE email > 'a') FROM customers",
        "SELECT 1 FROM customers WHERE email LIKE 'a%'",
        'SELECT count(*) FROM customers GROUP BY email',
        'SELECT id FROM customers ORDER BY email',
        'SELECT DISTINCT ON (email) id FROM customers',
        'SELECT sum(1) OVER (ORDER BY email) FROM customers',
        'SELECT 1 FROM customers WINDOW w AS (PARTITION BY email)',
        'SELECT id FROM customers UNION SELECT length(email) FROM customers',
        "SELECT (id, email) = (1, 'a') FROM customers",
        'SELECT email FROM ONLY customers',
        'EXPLAIN SELECT email FROM customers',
      ],
    ],
    [
      'through a join',
      [
        "SELECT 1 FROM customers NATURAL JOIN (SELECT 'a' AS email) b",
        "SELECT 1 FROM customers JOIN (SELECT 'a' AS email) b USING (email)",
        "SELECT 1 FROM (SELECT 'a' AS email) b JOIN customers c USING (email)",
        'SELECT 1 FROM customers a JOIN customers b ON a.email = b.email',
        'SELECT email FROM (customers c CROSS JOIN orders o) j',
        'SELECT j.email FROM (customers c CROSS JOIN staff s) AS j',
        'SELECT j.* FROM (customers c CROSS JOIN staff s) AS j',
        'SELECT j.x FROM (customers CROSS JOIN staff) AS j(a, b, x)',
        'SELECT j FROM (customers c CROSS JOIN staff) AS j',
      ],
    ],
    [
      'from a subquery',
      [
        'SELECT x FROM (SELECT email AS x FROM customers) t',
        'SELECT t.email FROM (SELECT * FROM customers) t',
        'WITH c AS (TABLE customers) SELECT email FROM c',
        'SELECT (SELECT z.email) FROM customers z',
        "SELECT 1 FROM orders WHERE EXISTS (SELECT 1 FROM customers WHERE email = 'a')",
        'SELECT s.* FROM customers c, LATERAL (SELECT c.email) s',
        'SELECT s.* FROM customers c, LATERAL (SELECT c.*) s',
        'SELECT f FROM customers c, concat(c.email) f',
        'SELECT f FROM customers c, ROWS FROM (to_json(c)) f',
        'SELECT ARRAY(SELECT email FROM customers)',
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t, customers WHERE email > 'a' AND n < 3) SELECT * FROM t",
        "SELECT j.e FROM customers c, JSON_TABLE(to_jsonb(c), '$' COLUMNS (e text PATH '$.email')) j",
        "SELECT x.e FROM customers c, XMLTABLE('/a' PASSING xmlelement(name a, c.email) COLUMNS e text PATH '.') x",
      ],
    ],
    [
      'in a whole row',
      [
        'SELECT * FROM customers',
        'TABLE customers',
        'SELECT c.* FROM customers c',
        'SELECT public.customers.* FROM customers',
        'SELECT c FROM customers c',
        'SELECT c::text FROM customers c',
        'SELECT (c).email FROM customers c',
        'SELECT (c.*).email FROM customers c',
        'SELECT count(c) FROM customers c',
        'SELECT count(c.*) FROM customers c',
        'SELECT row_to_json(c) FROM customers c',
        'SELECT c.row_to_json FROM customers c',
        'SELECT c.to_jsonb FROM customers c',
        'SELECT json_agg(c) FROM customers c',
        'SELECT ROW(c.*) FROM customers c',
        'SELECT c = c FROM customers c',
        'SELECT c IS NULL FROM customers c',
        'SELECT e FROM customers AS c(a, b, e)',
        'EXPLAIN VERBOSE SELECT count(*) FROM customers',
        'SELECT NULL::customers',
        'SELECT (NULL::customers).email',
        "SELECT * FROM json_populate_record(NULL::customers, '{}')",
        'SELECT c.label FROM customers c',
        'SELECT label(c) FROM customers c',
      ],
    ],
    [
      'behind a name that stands further right, or only looks like the column',
      [
        'SELECT (SELECT f::text FROM row_to_json(c) f, orders c LIMIT 1) FROM customers c',
        'SELECT (SELECT f FROM row_to_json(t) f, (VALUES (1)) t LIMIT 1) FROM orders t',
        'SELECT (SELECT f FROM upper(c.email::text) f, (VALUES (1)) c LIMIT 1) FROM customers c',
        'SELECT (SELECT f FROM upper(email::text) f, (SELECT 1 AS email) q LIMIT 1) FROM customers',
        'SELECT (SELECT f.email FROM (SELECT 1) x, LATERAL (SELECT n.email) f, (VALUES (1)) n) FROM customers n',
        "SELECT (SELECT count(*) FROM (VALUES (1)) a JOIN (VALUES (1)) b ON c.email::text LIKE 'c1%', orders c) FROM customers c",
        'SELECT (SELECT email FROM (SELECT email.* FROM (VALUES (1)) email(z)) q LIMIT 1) FROM customers',
        'WITH s AS (SELECT email.* FROM (VALUES (1)) email(z)) SELECT (SELECT email FROM s LIMIT 1) FROM customers',
        'SELECT c.id, email.* FROM customers c, (VALUES (1)) email(z) ORDER BY email DESC',
        'SELECT day FROM customers day, (VALUES (1)) v LEFT JOIN analytics.daily d(x, y) ON true',
      ],
    ],
    ['behind a view', ['SELECT * FROM customer_emails', 'SELECT * FROM customer_rows']],
    [
      'when it is masked',
      [
        'SELECT amount FROM orders',
        'SELECT sum(o.amount) FROM orders o',
        'SELECT * FROM orders',
        'SELECT o FROM orders o',
        'SELECT id FROM orders ORDER BY orders.amount',
        'SELECT * FROM orders_of(1)',
        'SELECT * FROM monthly',
      ],
    ],
  ])('is not read %s', async (_way, statements) => {
    const answers = await Promise.all(statements.map(async (sql) => ({ sql, code: (await source.judge(sql))?.code })))
    expect(answers.filter(({ code }) => code === undefined)).toEqual([])
  })

  test('hinders no query that does not read it', async () => {
    const statements = [
      'SELECT id, name FROM customers',
      'SELECT public.customers.id FROM customers',
      'SELECT count(*) FROM customers',
      'SELECT c.id, o.status FROM customers c JOIN orders o ON o.customer_id = c.id',
      'SELECT * FROM customer_names',
      'SELECT * FROM happy_customers',
      'SELECT x FROM (SELECT id, name FROM customers) x',
      'SELECT row_to_json(x) FROM (SELECT id, name FROM customers) x',
      'WITH c AS (SELECT id, name FROM customers) SELECT * FROM c',
      "SELECT c.email FROM orders o, (SELECT id, 'none' AS email FROM customers) c WHERE c.id = o.id",
      'SELECT id AS email FROM customers ORDER BY email',
      "SELECT (SELECT max(email) FROM (SELECT 'a' AS email) s) FROM customers",
      'SELECT id FROM customers c WHERE EXISTS (SELECT * FROM staff s WHERE s.id = c.id)',
      'SELECT j.id FROM (customers c CROSS JOIN (SELECT 1 AS k) b) AS j',
      'SELECT s.* FROM customers c CROSS JOIN LATERAL (SELECT c.id, c.name) s',
      'SELECT id FROM customers JOIN (SELECT 1 AS id) z USING (id)',
      'EXPLAIN SELECT id FROM staff',
      'SELECT ctid, customers.tableoid FROM customers',
      'SELECT id, status FROM orders',
      'SELECT amount FROM (SELECT 1 AS amount) x, customers',
    ]
    const refused = await Promise.all(statements.map(async (sql) => ({ sql, why: (await source.judge(sql))?.message })))
    expect(refused.filter(({ why }) => why !== undefined)).toEqual([])
    const failed = await Promise.all(statements.map(async (sql) => ({ sql, why: await source.run(sql) })))
    expect(failed.filter(({ why }) => why !== undefined)).toEqual([])
  })

  test('has no sample, and one that is masked is described without values', async () => {
    type Described = { data: { columns: { name: string; samples: unknown[]; masked: boolean }[]; indexes: { name: string }[] } }
    const orders = JSON.parse(await ask('describe_table', { table: 'orders' })) as Described
    expect(orders.data.columns.find((column) => column.name === 'amount')).toMatchObject({ samples: [], masked: true })
    expect(orders.data.columns.find((column) => column.name === 'status')).toMatchObject({ samples: ['paid', 'new'], masked: false })
    const customers = JSON.parse(await ask('describe_table', { table: 'customers' })) as Described
    expect(customers.data.columns.map((column) => column.name)).not.toContain('email')
    expect(customers.data.columns.find((column) => column.name === 'region')?.samples.length).toBe(2)
    expect(customers.data.indexes.map((index) => index.name)).toEqual(['customers_pkey'])
  })
})
