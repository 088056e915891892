/**
 * Random nesting: whatever honest SQL an attack stands in, it is refused, and the same SQL without it passes; random
 * honest SQL passes and runs.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGuardDatabase, type GuardedSource, openGuarded } from '../support/guarded-source.ts'

let source: GuardedSource
beforeAll(async () => {
  await createGuardDatabase('guard_nesting')
  source = openGuarded('guard_nesting', { schemas: ['public', 'analytics'], tables: { deny: ['users'] } })
})
afterAll(() => source?.close())

/** Whole numbers, as attacks give them or seem to. */
const attackValues = [
  "length(pg_read_file('PG_VERSION'))",
  "length(('PG_VERSION'::text).pg_read_file)",
  "nextval('numbers')::int",
  'pg_backend_pid()',
  'pg_catalog.pg_backend_pid()',
  "length(current_setting('data_directory'))",
  '(pg_advisory_lock(1) IS NULL)::int',
  "length(query_to_xml('SELECT 1', true, true, '')::text)",
  "length(run('SELECT 1'))",
  'length(read_quietly())',
  '(1 =#= 2)',
  "length(~>~ 'alice')",
  "length('x'::touchy)",
  "('orders'::regclass)::oid::int",
  '(SELECT length(password_hash) FROM public.users)',
  '(SELECT count(*)::int FROM secret.salaries)',
  '(SELECT count(*)::int FROM pg_catalog.pg_authid)',
  '(SELECT length(o.note_of) FROM orders o LIMIT 1)',
  '(SELECT length(x.note_of) FROM (SELECT * FROM orders) x LIMIT 1)',
  '(SELECT count(*)::int FROM read_salaries())',
  "(SELECT count(*)::int FROM pg_ls_dir('.'))",
  '(SELECT count(*)::int FROM salary_notes)',
  '(SELECT id::int FROM orders LIMIT 1 FOR UPDATE)',
  '(WITH d AS (DELETE FROM orders RETURNING id) SELECT count(*)::int FROM d)',
  "(SELECT 1 FROM json_to_record('{}') AS t(a touchy))",
  '(SELECT count(*)::int FROM public.orders TABLESAMPLE system (pg_backend_pid()))',
] as const

type Wrap = (inner: string) => string

/** A number in a number. */
const valueInValue: readonly Wrap[] = [
  (x) => `coalesce(${x}, 0)`,
  (x) => `(${x} + 1)`,
  (x) => `CASE WHEN ${x} > 0 THEN 1 ELSE 0 END`,
  (x) => `CASE 1 WHEN 2 THEN 3 ELSE ${x} END`,
  (x) => `greatest(1, ${x})`,
  (x) => `nullif(${x}, 0)`,
  (x) => `(ARRAY[1, ${x}])[1]`,
  (x) => `(ARRAY[1, 2])[${x}]`,
  (x) => `(${x} IN (1, 2))::int`,
  (x) => `(1 BETWEEN 0 AND ${x})::int`,
  (x) => `(ROW(1, ${x}) = ROW(1, 1))::int`,
  (x) => `(1 = ANY (ARRAY[${x}]))::int`,
  (x) => `(${x} IS DISTINCT FROM 1)::int`,
  (x) => `(NOT (true AND ${x} > 0))::int`,
  (x) => `length(format('%s', ${x}) || 'a' COLLATE "C")`,
  (x) => `abs(-${x})`,
  (x) => `(jsonb_build_object('a', ${x}) ->> 'a')::int`,
  (x) => `JSON_VALUE(JSON_ARRAY(${x} RETURNING jsonb), '$[0]' RETURNING int)`,
  (x) => `length(xmlforest(${x} AS a)::text)`,
  (x) => `extract(day FROM make_interval(days => ${x}))::int`,
  (x) => `CAST(${x} AS numeric(10, 0))::int`,
]
/** A number in a SELECT of one number. */
const valueInSelect: readonly Wrap[] = [
  (x) => `SELECT ${x} AS n`,
  (x) => `SELECT 1 AS n WHERE ${x} >= 0`,
  (x) => `SELECT 1 AS n FROM orders HAVING count(*) > ${x}`,
  (x) => `SELECT id::int AS n FROM orders ORDER BY id + ${x} LIMIT 1`,
  (x) => `SELECT 1 AS n LIMIT ${x}`,
  (x) => `SELECT 1 AS n OFFSET ${x}`,
  (x) => `SELECT count(*)::int AS n FROM orders GROUP BY id % 2, id * ${x} LIMIT 1`,
  (x) => `SELECT count(*)::int AS n FROM orders GROUP BY GROUPING SETS ((id), (id + ${x}), ()) LIMIT 1`,
  (x) => `SELECT sum(1) OVER (PARTITION BY ${x})::int AS n`,
  (x) => `SELECT (count(*) OVER w)::int AS n FROM orders WINDOW w AS (ORDER BY id + ${x}) LIMIT 1`,
  (x) => `SELECT count(*) FILTER (WHERE ${x} > 0)::int AS n FROM orders`,
  (x) => `SELECT max(a)::int AS n FROM (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ${x}) AS a) q`,
  (x) => `SELECT DISTINCT ON (${x}) 1 AS n`,
  (x) => `SELECT a.id::int AS n FROM orders a JOIN customers b ON b.id = a.id + ${x} LIMIT 1`,
  (x) => `SELECT n::int FROM generate_series(1, ${x}) AS g(n) LIMIT 1`,
  (x) => `SELECT v.n FROM (VALUES (${x}), (2)) AS v(n)`,
  (x) => `SELECT l.n FROM customers c, LATERAL (SELECT c.id::int + ${x} AS n) l LIMIT 1`,
  (x) => `SELECT j.n FROM JSON_TABLE(jsonb_build_array(${x}), '$[*]' COLUMNS (n int PATH '$' DEFAULT 0 ON EMPTY)) j`,
  (x) => `SELECT t.n FROM XMLTABLE('/a' PASSING xmlelement(name a, coalesce(${x}, 0)) COLUMNS n int PATH '.') t`,
  (x) => `SELECT 1 AS n UNION ALL SELECT ${x}`,
  (x) => `VALUES (1), (${x})`,
]
const selectInSelect: readonly Wrap[] = [
  (q) => `(${q})`,
  (q) => `SELECT * FROM (${q}) s(n)`,
  (q) => `SELECT a.n FROM orders o, LATERAL (${q}) a(n) LIMIT 2`,
  (q) => `WITH c(n) AS (${q}) SELECT n FROM c`,
  (q) => `WITH users(n) AS (SELECT 1), c(n) AS MATERIALIZED (${q}) SELECT c.n FROM c, users`,
  (q) => `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT c.n + 1 FROM c WHERE n < 3 AND EXISTS (${q})) SELECT n FROM c`,
  (q) => `WITH secret AS (SELECT 1), pg_authid AS (SELECT 2) SELECT n FROM (${q}) s(n), pg_authid`,
  (q) => `(${q}) UNION (SELECT 2)`,
  (q) => `SELECT 1 AS n EXCEPT (${q})`,
  (q) => `SELECT id::int AS n FROM orders WHERE EXISTS (${q}) LIMIT 2`,
  (q) => `SELECT id::int AS n FROM orders WHERE id IN (${q}) LIMIT 2`,
  (q) => `SELECT o.id::int AS n FROM orders o LEFT JOIN (customers c CROSS JOIN (${q}) x(n)) ON true LIMIT 2`,
  (q) => `SELECT (ARRAY(${q}))[1] AS n`,
  (q) => `SELECT 1 AS n FROM orders ORDER BY (SELECT min(n) FROM (${q}) z(n)) LIMIT 1`,
  (q) => `SELECT cardinality(ARRAY(${q})) AS n FROM customers GROUP BY 1`,
  (q) => `SELECT json_array_length(JSON_ARRAY(SELECT n FROM (${q}) s(n))) AS n`,
]
const selectInValue: Wrap = (q) => `(SELECT max(n) FROM (${q}) v(n))`

/** Honest SQL around one value, as a function of it. */
const nest = fc
  .array(
    fc.record({
      values: fc.array(fc.constantFrom(...valueInValue), { maxLength: 3 }),
      value: fc.constantFrom(...valueInSelect),
      selects: fc.array(fc.constantFrom(...selectInSelect), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .chain((levels) =>
    fc
      .constantFrom<Wrap[]>(
        (q) => q,
        (q) => `EXPLAIN ${q}`,
        (q) => `EXPLAIN (ANALYZE, FORMAT JSON) ${q}`,
        (q) => `/* ; */ ${q} -- ;`,
      )
      .map((last) => ({ levels, last })),
  )
  .map(
    ({ levels, last }): Wrap =>
      (inner) => {
        const within = (wraps: readonly Wrap[], text: string): string => wraps.reduce((found, wrap) => wrap(found), text)
        let query = ''
        for (const { values, value, selects } of levels)
          query = within(selects, value(within(values, query === '' ? inner : selectInValue(query))))
        return last(query)
      },
  )

test('an attack is refused wherever it stands, and what it stands in passes without it', async () => {
  await fc.assert(
    fc.asyncProperty(nest, fc.constantFrom(...attackValues), async (wrap, attack) => {
      expect({ sql: wrap('1'), refused: (await source.judge(wrap('1')))?.message }).toEqual({ sql: wrap('1') })
      expect({ sql: wrap(attack), code: (await source.judge(wrap(attack)))?.code ?? 'passed' }).toMatchObject({
        code: expect.stringMatching(/^(SQL_REJECTED|SQL_ERROR|TABLE_NOT_FOUND)$/),
      })
    }),
    { numRuns: 800 },
  )
})

test('what attacks are nested in is honest SQL that the database runs', async () => {
  await fc.assert(
    fc.asyncProperty(
      nest,
      fc.constantFrom('1', '(SELECT count(*)::int FROM customers)', "length('DROP TABLE x')", 'twice(2)'),
      async (wrap, value) => {
        const sql = wrap(value)
        expect({ sql, refused: (await source.judge(sql))?.message, failed: await source.run(sql) }).toEqual({ sql })
      },
    ),
    { numRuns: 200 },
  )
})
