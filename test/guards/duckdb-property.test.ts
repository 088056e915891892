import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shop as tables } from './duckdb-honest.ts'
import { type Guarded, openShop, type Shop } from './duckdb-shop.ts'

let shop: Shop
let guarded: Guarded
beforeAll(async () => {
  shop = await openShop(tables)
  guarded = shop.under({ schemas: ['main', 'analytics'] })
})
afterAll(() => shop?.close())

type Wrap = (inner: string) => string

/** Values that no statement may compute. */
const attackValues = [
  "getenv('HOME')",
  'sleep_ms(10)',
  "('home_directory').current_setting()",
  "getvariable('x')",
  "nextval('s')",
  'current_database()',
  '1::main.nosuch',
  "json_serialize_plan('SELECT 1')",
  "from_json('1', status)",
]
/** Relations that no statement may read. */
const attackTables = [
  "read_csv('/etc/passwd')",
  "read_text('/etc/passwd')",
  "glob('*')",
  "'secret.csv'",
  '"https://example.com/x.parquet"',
  'duckdb_settings()',
  'information_schema.tables',
  'sqlite_master',
  "query('SELECT 1')",
  "query_table('orders')",
  '(SHOW TABLES)',
  'secret.salaries',
  'shop.secret.salaries',
  '(DESCRIBE secret.salaries)',
  '(SUMMARIZE secret.salaries)',
  'histogram(secret.salaries, amount)',
  "enable_logging(storage = 'file')",
  '(UNPIVOT secret.salaries ON amount)',
  "(PIVOT secret.salaries ON note IN ('x'))",
  '(WITH salaries AS (SELECT 1) FROM secret.salaries)',
]

const aroundValue: readonly Wrap[] = [
  (e) => `CASE WHEN true THEN ${e} ELSE NULL END`,
  (e) => `CASE ${e} WHEN 1 THEN 2 END`,
  (e) => `[1, ${e}]`,
  (e) => `{'a': {'b': ${e}}}`,
  (e) => `MAP {'k': ${e}}`,
  (e) => `(${e}, 1)`,
  (e) => `coalesce(NULL, ${e})`,
  (e) => `concat('a', ${e}).upper()`,
  (e) => `(${e})::VARCHAR`,
  (e) => `TRY_CAST(${e} AS VARCHAR)`,
  (e) => `(SELECT ${e})`,
  (e) => `(FROM (SELECT ${e}))`,
  (e) => `(${e} IS NULL)`,
  (e) => `(${e} BETWEEN 1 AND 2)`,
  (e) => `(1 IN (2, ${e}))`,
  (e) => `(1 IN (SELECT ${e}))`,
  (e) => `(1 = ANY (SELECT ${e}))`,
  (e) => `EXISTS (SELECT 1 WHERE ${e} IS NULL)`,
  (e) => `ARRAY(SELECT ${e})`,
  (e) => `list_transform([1], lambda x: ${e})`,
  (e) => `list_transform([1], x -> ${e})`,
  (e) => `[${e} FOR x IN [1]]`,
  (e) => `[x FOR x IN [1] IF ${e} IS NULL]`,
  (e) => `struct_pack(a := ${e})`,
  (e) => `try(${e})`,
  (e) => `([1, 2])[(${e})::INT]`,
  (e) => `(${e} || 'x' LIKE 'a')`,
  (e) => `(-(${e})::INT + 1)`,
  (e) => `(NOT (${e} IS NOT NULL))`,
  (e) => `extract(year FROM (${e})::DATE)`,
  (e) => `(WITH c AS (SELECT ${e} AS v) SELECT v FROM c)`,
]

const aroundTable: readonly Wrap[] = [
  (t) => `(SELECT count(*) FROM ${t})`,
  (t) => `EXISTS (FROM ${t})`,
  (t) => `NOT EXISTS (SELECT * FROM ${t})`,
  (t) => `(1 IN (FROM ${t}))`,
  (t) => `ARRAY(FROM ${t})`,
  (t) => `(SELECT 1 FROM orders, LATERAL (SELECT * FROM ${t}))`,
  (t) => `(SELECT 1 FROM orders LEFT JOIN ${t} ON true)`,
  (t) => `(SELECT 1 FROM orders SEMI JOIN ${t} ON true)`,
  (t) => `(SELECT 1 FROM orders POSITIONAL JOIN ${t})`,
  (t) => `(SELECT 1 FROM orders NATURAL JOIN ${t})`,
  (t) => `(SELECT 1 FROM ${t} AS t(a))`,
  (t) => `(WITH c AS MATERIALIZED (FROM ${t}) FROM c)`,
  (t) => `(WITH RECURSIVE c AS (SELECT 1 UNION ALL FROM ${t}) FROM c)`,
  (t) => `(SELECT 1 UNION ALL (FROM ${t}))`,
  (t) => `(SELECT 1 EXCEPT SELECT 1 FROM ${t})`,
  (t) => `(SELECT column_name FROM (DESCRIBE FROM ${t}))`,
  (t) => `(SELECT 1 FROM (SUMMARIZE FROM ${t}))`,
  (t) => `(FROM (PIVOT (FROM ${t}) ON a IN (1) USING count(*)))`,
  (t) => `(FROM (UNPIVOT (FROM ${t}) ON COLUMNS(*)))`,
]

const queryOfValue: readonly Wrap[] = [
  (e) => `SELECT ${e}`,
  (e) => `SELECT id FROM orders WHERE ${e} IS NULL`,
  (e) => `FROM orders SELECT id, ${e} AS v`,
  (e) => `SELECT v: ${e} FROM orders`,
  (e) => `SELECT * REPLACE (${e} AS id) FROM orders`,
  (e) => `SELECT COLUMNS(lambda c: ${e} IS NULL) FROM orders`,
  (e) => `SELECT * FROM orders o JOIN customers c ON ${e} IS NULL`,
  (e) => `SELECT count(*) FROM orders GROUP BY ${e}`,
  (e) => `SELECT count(*) FROM orders GROUP BY GROUPING SETS ((status, ${e}), ())`,
  (e) => `SELECT count(*) FROM orders GROUP BY ALL HAVING ${e} IS NULL`,
  (e) => `SELECT id FROM orders QUALIFY ${e} IS NULL`,
  (e) => `SELECT id FROM orders ORDER BY id, ${e}`,
  (e) => `SELECT id FROM orders LIMIT (SELECT ${e})`,
  (e) => `SELECT id FROM orders LIMIT 1 OFFSET (SELECT ${e})`,
  (e) => `SELECT DISTINCT ON (${e}) id FROM orders`,
  (e) => `SELECT sum(id) FILTER (WHERE ${e} IS NULL) FROM orders`,
  (e) => `SELECT string_agg(status, ',' ORDER BY ${e}) FROM orders`,
  (e) => `SELECT sum(id) OVER (PARTITION BY ${e}) FROM orders`,
  (e) => `SELECT sum(id) OVER (ORDER BY ${e} ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders`,
  (e) => `SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN (${e})::INT PRECEDING AND CURRENT ROW) FROM orders`,
  (e) => `SELECT sum(id) OVER w FROM orders WINDOW w AS (PARTITION BY ${e})`,
  (e) => `SELECT lag(id, 1, ${e}) OVER (ORDER BY id) FROM orders`,
  (e) => `VALUES (1), (${e})`,
  (e) => `SELECT * FROM (VALUES (${e})) v(a)`,
  (e) => `SELECT * FROM orders, LATERAL (SELECT ${e})`,
  (e) => `SELECT * FROM range((${e})::INT)`,
  (e) => `SELECT unnest([${e}])`,
  (e) => `SELECT 1 UNION ALL SELECT ${e}`,
  (e) => `SELECT 1 INTERSECT (SELECT ${e} ORDER BY 1)`,
  (e) => `WITH c AS (SELECT 1) SELECT ${e} FROM c`,
  (e) => `WITH c AS (SELECT ${e}), d AS (FROM c) FROM d`,
  (e) => `WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3 AND ${e} IS NULL) FROM r`,
  (e) => `PIVOT (SELECT ${e} AS a, 1 AS b) ON b IN (1) USING first(a)`,
  (e) => `PIVOT sales ON quarter IN ('q1') USING max(${e})`,
  (e) => `PIVOT sales ON quarter USING max(${e})`,
  (e) => `PIVOT (SELECT ${e} AS a, 1 AS b) ON b`,
  (e) => `UNPIVOT (SELECT ${e} AS a) ON a`,
  (e) => `FROM histogram(orders, ${e})`,
]

const aroundQuery: readonly Wrap[] = [
  (q) => `SELECT * FROM (${q}) q`,
  (q) => `WITH z AS (${q}) SELECT * FROM z`,
  (q) => `(${q}) UNION ALL (SELECT 1)`,
  (q) => `SELECT 1 WHERE 1 IN (SELECT 1 FROM (${q}))`,
  (q) => `/* SELECT 1; */ ${q} -- ;`,
  (q) => `${q};`,
]
const outermost: readonly Wrap[] = [
  (q) => q,
  (q) => `EXPLAIN ${q}`,
  (q) => `EXPLAIN (ANALYZE) ${q}`,
  (q) => `SUMMARIZE ${q}`,
  (q) => `DESCRIBE ${q}`,
]

const some = (wraps: readonly Wrap[], most: number) =>
  fc.array(fc.constantFrom(...wraps), { maxLength: most }).map(
    (list): Wrap =>
      (inner) =>
        list.reduce((text, wrap) => wrap(text), inner),
  )
const one = (wraps: readonly Wrap[]) => fc.constantFrom(...wraps)

/** A way to hide a value deep inside honest SQL. */
const hidingValue = fc.record({
  value: some(aroundValue, 4),
  query: one(queryOfValue),
  // A semicolon ends the text.
  around: some(aroundQuery.slice(0, -2), 2),
  last: one(aroundQuery.slice(-2)),
  outer: one(outermost),
})
const hide = (
  { value, query, around, last, outer }: Record<'value' | 'query' | 'around' | 'last' | 'outer', Wrap>,
  inner: string,
): string => outer(last(around(query(value(inner)))))

/** EXPLAIN of a PIVOT without values is not served, and SUMMARIZE of a statement that ends otherwise is none. */
const isServed = (sql: string): boolean => !/^EXPLAIN[^']*PIVOT (?:sales ON quarter USING|\(SELECT [^;]* AS b\) ON b(?! IN))/.test(sql)

test('an attack is refused wherever in honest SQL it hides, and the same SQL without it is not', { timeout: 300_000 }, async () => {
  const attack = fc.oneof(
    fc.constantFrom(...attackValues),
    fc.tuple(one(aroundTable), fc.constantFrom(...attackTables)).map(([wrap, table]) => wrap(table)),
  )
  await fc.assert(
    fc.asyncProperty(hidingValue, attack, one(aroundTable), async (hiding, value, wrap) => {
      const honest = hide(hiding, wrap('orders'))
      fc.pre(isServed(honest))
      expect({ sql: honest, refusal: await guarded.refusal(honest) }).toEqual({ sql: honest, refusal: undefined })
      const hidden = hide(hiding, value)
      expect((await guarded.refusal(hidden))?.code, hidden).toMatch(/^(SQL_REJECTED|TABLE_NOT_FOUND)$/)
    }),
    { numRuns: 400 },
  )
})

/** Honest SQL over orders, with types that fit. */
const expressions = fc.letrec<{ number: string; text: string; truth: string }>((tie) => ({
  number: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('id', 'customer_id', 'amount', '1', '2.5', '1_000', 'id % 7'),
    fc.tuple(tie('number'), fc.constantFrom('+', '-', '*'), tie('number')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(fc.constantFrom('abs', 'round', 'floor', 'sign', 'coalesce'), tie('number')).map(([name, a]) => `${name}(${a})`),
    tie('text').map((a) => `length(${a})`),
    fc.tuple(tie('truth'), tie('number'), tie('number')).map(([t, a, b]) => `CASE WHEN ${t} THEN ${a} ELSE ${b} END`),
    tie('number').map((a) => `list_sum(list_transform([${a}, 2], lambda x: x + 1))`),
    tie('number').map((a) => `{'a': ${a}}.a`),
    tie('number').map((a) => `[${a}, 1][1]`),
    tie('number').map((a) => `TRY_CAST(${a} AS DOUBLE)`),
    fc.constantFrom('id', 'customer_id', '7').map((a) => `(SELECT max(c.id) FROM customers c WHERE c.id < ${a})`),
  ),
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('status', "'x'", "'it''s'", "'DROP TABLE x;'", "strftime(created_at, '%Y-%m')"),
    fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a} || ${b})`),
    tie('text').map((a) => `(${a}).upper()`),
    tie('text').map((a) => `replace(${a}, 'a', 'b')`),
    tie('number').map((a) => `(${a})::VARCHAR`),
    tie('text')
      .map((a) => `json_object('k', ${a}) ->> 'k'`)
      .map((a) => `(${a})`),
  ),
  truth: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('true', 'id > 10', "status = 'paid'", "status IN ('new', 'paid')"),
    fc.tuple(tie('number'), fc.constantFrom('<', '>=', '<>', 'IS DISTINCT FROM'), tie('number')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(tie('truth'), fc.constantFrom('AND', 'OR'), tie('truth')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('truth').map((a) => `(NOT ${a})`),
    tie('text').map((a) => `(${a} LIKE '%a%')`),
    tie('number').map((a) => `(${a} IN (SELECT id FROM customers))`),
    fc.constant('EXISTS (SELECT * FROM customers c WHERE c.id = orders.customer_id)'),
  ),
}))
const { number, text, truth } = expressions
const statement = fc.oneof(
  fc.tuple(number, text, truth).map(([n, t, c]) => `SELECT id, ${n} AS n, ${t} AS t FROM orders WHERE ${c} ORDER BY ALL LIMIT 5`),
  fc.tuple(number, truth).map(([n, c]) => `FROM orders SELECT status, sum(${n}) FILTER (${c}) AS s GROUP BY ALL HAVING count(*) > 1`),
  fc.tuple(number, text).map(([n, t]) => `SELECT id, rank() OVER (PARTITION BY ${t} ORDER BY ${n}) AS r FROM orders QUALIFY r < 4`),
  fc
    .tuple(number, text)
    .map(([n, t]) => `WITH a AS (SELECT ${t} AS k, ${n} AS v FROM orders) SELECT k, median(v) FROM a GROUP BY ROLLUP (k)`),
  fc.tuple(number, truth).map(([n, c]) => `SELECT DISTINCT ON (status) * REPLACE (${n} AS amount) FROM orders WHERE ${c}`),
  fc.tuple(number, number).map(([a, b]) => `SELECT ${a} AS v FROM orders UNION ALL BY NAME SELECT ${b} AS v FROM orders`),
  fc.tuple(text, number).map(([t, n]) => `PIVOT (SELECT ${t} AS k, ${n} AS v, status FROM orders) ON status USING sum(v)`),
  fc
    .tuple(text, number)
    .map(([t, n]) => `PIVOT (SELECT ${t} AS k, ${n} AS v, status FROM orders) ON status IN ('new', 'paid') USING sum(v)`),
  fc
    .tuple(number, truth)
    .map(
      ([n, c]) => `SELECT c.name, l.v FROM customers c, LATERAL (SELECT max(${n}) AS v FROM orders WHERE ${c} AND customer_id = c.id) l`,
    ),
  fc.tuple(number, text).map(([n, t]) => `SUMMARIZE SELECT ${n} AS n, ${t} AS t FROM orders`),
  fc.tuple(number, truth).map(([n, c]) => `EXPLAIN SELECT ${n} FROM orders WHERE ${c}`),
)

test('honest SQL of a grammar is accepted and runs', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(statement, async (sql) => {
      expect({ sql, rows: await guarded.run(sql) }).toEqual({ sql, rows: expect.any(Array) })
    }),
    { numRuns: 250 },
  )
})
