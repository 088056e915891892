import { describe, expect, test } from 'vitest'
import { Fault } from '../../../server/envelope/fault.ts'
import { bind, bound, faultOf, type Rendering, refusal, type Values } from './render.ts'

const oBrien = "O'Brien"

describe('values become parameters, wherever they stand', () => {
  test.each<[string, Values, ...unknown[]]>([
    ['SELECT * FROM t WHERE a = {{ v }}', { v: oBrien }, 'SELECT * FROM t WHERE a = $1', oBrien],
    ["SELECT * FROM t WHERE a = '{{ v }}'", { v: oBrien }, 'SELECT * FROM t WHERE a = $1', oBrien],
    ["SELECT * FROM t WHERE a LIKE '%{{ v }}_''{{ v }}'", { v: oBrien }, 'SELECT * FROM t WHERE a LIKE $1', `%${oBrien}_'${oBrien}`],
    ["SELECT now() - interval '{{ n }} days'", { n: 30 }, 'SELECT now() - CAST($1 AS interval)', '30 days'],
    ["SELECT now() - interval '{{ n }}' day", { n: 30 }, 'SELECT now() - CAST($1 AS interval)', '30 day'],
    [
      "SELECT date '{{ d }}', TIMESTAMP '{{ d }}'",
      { d: '2026-01-31' },
      'SELECT CAST($1 AS date), CAST($2 AS timestamp)',
      '2026-01-31',
      '2026-01-31',
    ],
    ["SELECT timestamp with time zone '{{ d }}'", { d: '2026-01-31' }, 'SELECT CAST($1 AS timestamp with time zone)', '2026-01-31'],
    ["SELECT created AT TIME ZONE '{{ z }}'", { z: 'UTC' }, 'SELECT created AT TIME ZONE $1', 'UTC'],
    ["SELECT E'a\\n\\'\\x41{{ v }}\\\\'", { v: '\\' }, 'SELECT $1', "a\n'A\\\\"],
    ["SELECT U&'\\0061''{{ v }}'", { v: '\\0062' }, 'SELECT $1', "a'\\0062"],
    ["SELECT $$it's {{ v }}$$, $q$ $$ {{ v }}$q$", { v: '$$' }, 'SELECT $1, $2', "it's $$", ' $$ $$'],
    ["SELECT n'{{ v }}'", { v: 'a' }, 'SELECT $1', 'a'],
    ["SELECT 1 WHERE a LIKE'{{ v }}'OR b", { v: 'a' }, 'SELECT 1 WHERE a LIKE $1 OR b', 'a'],
    ['SELECT a -- {{ v }} \n /* {{ v }} /* {{ v }} */ */ FROM t', { v: '*/\n' }, 'SELECT a --  \n /*  /*  */ */ FROM t'],
    ['SELECT * FROM t LIMIT {{ n }} OFFSET {{ n }}', { n: 5 }, 'SELECT * FROM t LIMIT CAST($1 AS integer) OFFSET CAST($1 AS integer)', 5],
    ['SELECT 10 -{{ n }}', { n: -1 }, 'SELECT 10 -CAST($1 AS integer)', -1],
    [
      'SELECT {{ n }}, {{ b }}, {{ x }}',
      { n: 3e9, b: true, x: 0.5 },
      'SELECT CAST($1 AS bigint), CAST($2 AS boolean), CAST($3 AS numeric)',
      3e9,
      true,
      '0.5',
    ],
    ["SELECT {{ 'a' ~ v }}, '{{ v | upper }}'", { v: "x'" }, 'SELECT $1, $2', "ax'", "X'"],
    ['SELECT a{% if v %}, b{% endif %} FROM t WHERE c = {{ v }}', { v: 'x' }, 'SELECT a, b FROM t WHERE c = $1', 'x'],
    [
      "SELECT * FROM t WHERE {% for v in list %}a = '{{ v }}' OR {% endfor %}FALSE",
      { list: ['x', "y'"] },
      'SELECT * FROM t WHERE a = $1 OR a = $2 OR FALSE',
      'x',
      "y'",
    ],
    ['{% set half = n / 2 %}SELECT {{ half }}', { n: 8 }, 'SELECT CAST($1 AS integer)', 4],
    ["SELECT a FROM t WHERE b = '{% raw %}{{ v }}{% endraw %}'", {}, "SELECT a FROM t WHERE b = '{{ v }}'"],
    ["SELECT '{{ v }}'", { v: '{{ other }}{% if %}' }, 'SELECT $1', '{{ other }}{% if %}'],
    [
      'SELECT extract(year FROM {{ d }}), a IS DISTINCT FROM {{ d }}',
      { d: 'x' },
      'SELECT extract(year FROM $1), a IS DISTINCT FROM $2',
      'x',
      'x',
    ],
    ["SELECT 'a''b' || \"c''d\" || '{{ v }}'", { v: 1 }, "SELECT 'a''b' || \"c''d\" || $1", '1'],
    ['SELECT \'{{ v }}\' AS "{% raw %}{{ v }}{% endraw %}"', { v: 'x' }, 'SELECT $1 AS "{{ v }}"', 'x'],
  ])('%s', (template, values, ...expected) => {
    expect(bound(template, values)).toEqual(expected)
  })
})

describe('null, lists and what is unset', () => {
  test.each<[string, Values, ...unknown[]]>([
    ["SELECT * FROM t WHERE a = '{{ v }}' OR '{{ v }}' = ''", { v: null }, "SELECT * FROM t WHERE a = $1 OR $2 = ''", '', ''],
    ['SELECT * FROM t WHERE a = {{ v }}', { v: null }, 'SELECT * FROM t WHERE a = $1', null],
    [
      'SELECT * FROM t WHERE {{ v }} IS NULL OR a = {{ v }}',
      { v: null },
      'SELECT * FROM t WHERE CAST($1 AS text) IS NULL OR a = $2',
      null,
      null,
    ],
    ["SELECT concat('{{ v }}', a)", { v: 'x' }, 'SELECT concat(CAST($1 AS text), a)', 'x'],
    ['SELECT * FROM t WHERE a IN ({{ l }})', { l: ['x', "y'"] }, 'SELECT * FROM t WHERE a IN ($1, $2)', 'x', "y'"],
    ['SELECT * FROM t WHERE a IN {{ l }}', { l: [1, 2] }, 'SELECT * FROM t WHERE a IN (CAST($1 AS integer), CAST($2 AS integer))', 1, 2],
    ['SELECT * FROM t WHERE a IN ({{ l }}) AND b IN {{ l }}', { l: [] }, 'SELECT * FROM t WHERE a IN (NULL) AND b IN (NULL)'],
    ["SELECT * FROM t WHERE a IN ('z', {{ l }})", { l: ['x'] }, "SELECT * FROM t WHERE a IN ('z', $1)", 'x'],
    ['SELECT ARRAY[{{ l }}]', { l: ['x', 'y'] }, 'SELECT ARRAY[$1, $2]', 'x', 'y'],
    ['SELECT {% if v is defined %}{{ v }}{% else %}0{% endif %}', { v: null }, 'SELECT 0'],
  ])('%s of %j', (template, values, ...expected) => {
    expect(bound(template, values)).toEqual(expected)
  })
})

test('one expression twice is one expression, so that GROUP BY knows it again', () => {
  const sql = "SELECT date_trunc('{{ g }}', d), a FROM t WHERE b = '{{ g }}' AND c = '{{ g }}' GROUP BY date_trunc('{{ g }}', d), a"
  expect(bound(sql, { g: 'month' })).toEqual([
    'SELECT date_trunc($1, d), a FROM t WHERE b = $2 AND c = $3 GROUP BY date_trunc($1, d), a',
    'month',
    'month',
    'month',
  ])
})

test('texts in conditions each have a parameter of their own, whose type follows from the column', () => {
  const sql = "SELECT a FROM t WHERE (id = '{{ v }}') UNION SELECT b FROM s WHERE (id = '{{ v }}') AND lower(c) = lower('{{ v }}')"
  expect(bound(sql, { v: '1' })).toEqual([
    'SELECT a FROM t WHERE (id = $1) UNION SELECT b FROM s WHERE (id = $2) AND lower(c) = lower($3)',
    '1',
    '1',
    '1',
  ])
})

test('numbers with a fraction are decimals in DuckDB too', () => {
  expect(bound('SELECT {{ a }}, {{ b }}', { a: 19.99, b: 1e-9 }, { dialect: 'duckdb' })).toEqual([
    'SELECT CAST($1 AS decimal(4, 2)), CAST($2 AS double)',
    '19.99',
    '1e-9',
  ])
  expect(bound('SELECT d + INTERVAL {{ n }} DAY', { n: 3 }, { dialect: 'duckdb' })).toEqual([
    'SELECT d + INTERVAL (CAST($1 AS integer)) DAY',
    3,
  ])
})

describe('words that stand in braces as they are', () => {
  test.each([
    ["SELECT SUM(t.{{ 'units' if v else 'revenue' }}) FROM t", 'SELECT SUM(t.units) FROM t', []],
    ["SELECT * FROM {{ 'orders' if v else 'returns' }} WHERE a = {{ v }}", 'SELECT * FROM orders WHERE a = $1', ['x']],
    ["SELECT {{ 'sum' if v else 'avg' }}(a) FROM t", 'SELECT sum(a) FROM t', []],
    ["SELECT a FROM t ORDER BY {{ 'a' if v == 'x' else 'b' }} {{ 'desc' if v else 'asc' }}", 'SELECT a FROM t ORDER BY a desc', []],
    ["SELECT a::{{ 'int' if not v else ('text' if v == 'x' else 'date') }} FROM t", 'SELECT a::text FROM t', []],
    // Where a value can stand, it is one.
    ["SELECT * FROM t WHERE a = {{ 'north' if v else 'south' }}", 'SELECT * FROM t WHERE a = $1', ['north']],
  ])('choose names where no value can stand: %s', (template, sql, params) => {
    expect(bind(template, { v: 'x' })).toMatchObject({ sql, params })
  })

  test.each([
    "SELECT * FROM {{ v if v else 'returns' }}",
    "SELECT * FROM {{ 'orders' ~ v }}",
    "SELECT * FROM {{ ('or' if v else 'x') ~ 'ders' }}",
    "SELECT * FROM {{ 'orders, secrets' if v else 'returns' }}",
    "SELECT * FROM {{ 'a.b' if v else 'returns' }}",
    "SELECT * FROM {{ 'orders' if v }} WHERE FALSE",
    "{% set name = 'orders' if v else 'returns' %}SELECT * FROM {{ name }}",
    "SELECT a_{{ 'b' if v else 'c' }} FROM t",
    "SELECT {{ 'E' if v else 'N' }}'a' FROM t",
  ])('are nothing else than words: %s', (template) => {
    expect(faultOf(() => bind(template, { v: 'x' })).code).toBe('TEMPLATE_POSITION')
  })
})

describe('where SQL takes no parameter a value is refused', () => {
  test.each([
    'SELECT * FROM {{ v }}',
    'SELECT * FROM s.{{ v }}',
    "SELECT * FROM '{{ v }}'",
    'SELECT * FROM t JOIN {{ v }} ON TRUE',
    'SELECT {{ v }}.a FROM t',
    'SELECT {{ v }}(1)',
    'SELECT "{{ v }}" FROM t',
    'SELECT U&"{{ v }}" FROM t',
    'SELECT a AS {{ v }}',
    'SELECT CAST(a AS {{ v }})',
    'SELECT a::{{ v }}',
    'SELECT a_{{ v }} FROM t',
    'SELECT {{ v }}_a FROM t',
    'SELECT 1{{ v }}',
    "SELECT b'{{ v }}'",
    "SELECT E'\\{{ v }}'",
    "SELECT U&'{{ v }}' UESCAPE '!'",
    'SELECT {{ v }} {{ v }}',
    "SELECT '{{ v }}' 'a'",
    'SELECT * FROM t ORDER BY {{ v }}',
    'SELECT * FROM t ORDER BY a, {{ v }} DESC',
    'SELECT * FROM t ORDER BY a {{ v }}',
    'SELECT a FROM t GROUP BY {{ v }}',
    'SELECT {{ filter(v, v) }}',
    "SELECT {{ filter('a = b OR c', v) }}",
    "SELECT {{ filter('a; DROP TABLE t', v) }}",
    "SELECT {{ filter('lower(a)', v) }}",
    "SELECT '{{ filter('a', v) }}'",
    "SELECT a_{{ filter('a', v) }}",
    'SELECT {{ v | safe }}',
    'SELECT {{ v | sqlsafe }}',
    "SELECT {{ dbt.date_trunc('month', v) }}",
    "SELECT '{{ [v] }}'",
    "SELECT __proto__'{{ v }}'",
    "SELECT constructor'{{ v }}'",
    'SELECT a = ANY({{ [v] }})',
    'SELECT {{ [v] }}',
  ])('%s', (template) => {
    expect(faultOf(() => bind(template, { v: 'x' })).code).toBe('TEMPLATE_POSITION')
  })

  test.each([
    ["SELECT {{ filter('a', v) ~ 'b' }}", 'There is no text of filter().'],
    ["SELECT {{ filter('a', v) | upper }}", 'There is no text of filter().'],
    ["SELECT {{ [filter('a', v)] | join }}", 'There is no text of filter().'],
    ["SELECT {{ filter('a', filter('b', v)) }}", 'filter() takes a variable, and filter() is there.'],
    [
      '{% set x %}a = {{ v }}{% endset %}SELECT {{ x }}',
      'A block that is kept as text cannot be SQL. Write {% set name = value %}, or use a query.',
    ],
    [
      "SELECT a IN ('{{ [v, v] | join(\"','\") }}')",
      'A list is not joined with quotes. Write IN ({{ list }}): each element is bound by itself.',
    ],
    ['SELECT $1', '$1 is no value here. Write {{ name }} with the name of a variable.'],
    ["SELECT 'a {{ v }}", 'A text in quotes has no end.'],
    ['SELECT (a', 'The parentheses do not match.'],
    ['SELECT a /* b', 'A comment has no end.'],
    ['', 'The template renders to no SQL.'],
    ['{% if not v %}SELECT 1{% endif %}\n', 'The template renders to no SQL.'],
    ['SELECT \u0000', 'The character U+0000 is not allowed in SQL.'],
    [
      "SELECT {{ filter('a', v, 'is') }}",
      'filter() has no such operator. Did you mean in? It has =, ==, !=, <>, <, <=, >, >=, in, not in, like, not like, ilike, not ilike, between.',
    ],
  ])('%s is refused clearly', (template, says) => {
    expect(refusal(() => bind(template, { v: 'x' })).says).toBe(says)
  })

  test('a value that no database holds is refused', () => {
    for (const v of ['a\u0000b', '\ud800'])
      for (const template of ['SELECT {{ v }}', "SELECT 'a{{ v }}'"])
        expect(refusal(() => bind(template, { v })).code).toBe('BAD_VARIABLE_VALUE')
    expect(refusal(() => bind('SELECT {{ n | int }}', { n: '12; DROP' })).code).toBe('BAD_VARIABLE_VALUE')
  })

  test('? is an operator in Postgres and a parameter in DuckDB', () => {
    expect(bound('SELECT a ? {{ v }}', { v: 'x' })).toEqual(['SELECT a ? $1', 'x'])
    expect(refusal(() => bind('SELECT ? + 1', {}, { dialect: 'duckdb' })).at).toBe('1:8')
  })
})

describe('filter()', () => {
  test.each<[string, Values, ...unknown[]]>([
    ["filter('o.region', v)", { v: oBrien }, 'o.region = $1', oBrien],
    ["filter('o.region', v)", { v: ['a', 'b'] }, 'o.region IN ($1, $2)', 'a', 'b'],
    ["filter('region', v)", { v: null }, 'TRUE'],
    ["filter('region', v)", { v: '' }, 'TRUE'],
    ["filter('region', v)", { v: [] }, 'TRUE'],
    ["filter('revenue', v, '>=')", { v: 0 }, 'revenue >= CAST($1 AS integer)', 0],
    ["filter('a.b.\"C d\"', v, op='!=')", { v: ['x'] }, 'a.b."C d" NOT IN ($1)', 'x'],
    ["filter('name', v, 'not  LIKE')", { v: '%x%' }, 'name NOT LIKE $1', '%x%'],
    ["filter('name', v, 'in')", { v: 'x' }, 'name IN ($1)', 'x'],
    ["filter('n', v, 'between')", { v: [1, 5] }, '(n >= CAST($1 AS integer) AND n <= CAST($2 AS integer))', 1, 5],
    ["filter('n', v, 'between')", { v: [null, 5] }, '(n <= CAST($1 AS integer))', 5],
    ["filter_date_range('d', v)", { v: ['2026-01-01', '2026-01-31'] }, '(d >= $1 AND d < $2)', '2026-01-01', '2026-02-01'],
    ["filter_date_range('d', v)", { v: [null, '2025-12-31'] }, '(d < $1)', '2026-01-01'],
    ["filter_date_range('d', v)", { v: ['2026-01-01', null] }, '(d >= $1)', '2026-01-01'],
    ["filter_date_range('d', v)", { v: [null, null] }, 'TRUE'],
    ["filter_date_range('d', v)", { v: '2026-01-01' }, '(d >= $1 AND d < $2)', '2026-01-01', '2026-01-02'],
  ])('%s of %j', (call, values, ...expected) => {
    const [sql, ...params] = bound(`SELECT * FROM t WHERE NOT {{ ${call} }}`, values)
    expect([sql.replace('SELECT * FROM t WHERE NOT ', ''), ...params]).toEqual(expected)
  })

  test.each<[string, Values]>([
    ["filter('n', v, '<')", { v: ['a', 'b'] }],
    ["filter('n', v, 'between')", { v: 3 }],
    ["filter_date_range('n', v)", { v: ['2026-02-30', null] }],
    ["filter_date_range('n', v)", { v: ['a', 'b', 'c'] }],
  ])('%s does not take %j', (call, values) => {
    expect(faultOf(() => bind(`SELECT {{ ${call} }}`, values)).code).toBe('BAD_VARIABLE_VALUE')
  })
})

describe('queries within queries', () => {
  const queries = {
    orders: "SELECT * FROM orders WHERE region = '{{ region }}'; -- all of them",
    sums: 'SELECT region, sum(amount) AS amount FROM {{ queries.orders }} GROUP BY region -- by region',
    Mixed: 'SELECT 1 AS a',
    left: 'SELECT * FROM {{ queries.right }}',
    right: 'SELECT * FROM {{ queries.left }}',
    broken: "SELECT 'a",
    open: 'SELECT 1) + (SELECT 2',
  }
  const rendering: Rendering = { queries: { ...queries, orders: queries.orders.replace('; -- all of them', ' ;\n') } }
  const run = (sql: string, values: Values = {}, more: Rendering = {}) =>
    bound(sql, { region: 'North', ...values }, { ...rendering, ...more })

  test('a query is a subquery with its name', () => {
    expect(run('SELECT orders.id FROM {{ queries.orders }} WHERE id > {{ n }}', { n: 3 })).toEqual([
      'SELECT orders.id FROM (SELECT * FROM orders WHERE region = $1) AS "orders" WHERE id > CAST($2 AS integer)',
      'North',
      3,
    ])
    expect(run('SELECT * FROM {{ queries.sums }}')).toEqual([
      'SELECT * FROM (SELECT region, sum(amount) AS amount FROM (SELECT * FROM orders WHERE region = $1) AS "orders" GROUP BY region -- by region\n) AS "sums"',
      'North',
    ])
    expect(run('SELECT * FROM a JOIN {{ queries.Mixed }} ON TRUE')[0]).toBe('SELECT * FROM a JOIN (SELECT 1 AS a) AS Mixed ON TRUE')
  })

  test.each([
    ['SELECT * FROM {{ queries.Mixed }} m', ' m'],
    ['SELECT * FROM {{ queries.Mixed }} AS m', ' AS m'],
    ['SELECT a IN {{ queries.Mixed }}', ''],
    ['SELECT a, {{ queries.Mixed }} FROM b', ' FROM b'],
    ['SELECT * FROM a, {{ queries.Mixed.cache }} WHERE TRUE', ' AS Mixed WHERE TRUE'],
  ])('%s keeps the alias of the author', (sql, end) => {
    expect(run(sql)[0]).toBe(`${sql.slice(0, sql.indexOf('{{'))}(SELECT 1 AS a)${end}`)
  })

  test.each([
    ['SELECT * FROM {{ queries.ordesr }}', 'UNKNOWN_QUERY', 'There is no query ordesr. Did you mean orders?', undefined],
    ['SELECT * FROM {{ queries.left }}', 'QUERY_CYCLE', 'Queries use each other in a circle: left -> right -> left.', 'right'],
    ['SELECT * FROM {{ queries.broken }}', 'TEMPLATE_ERROR', 'A text in quotes has no end.', 'broken'],
    ['SELECT * FROM {{ queries.open }}', 'TEMPLATE_ERROR', 'The parentheses do not match.', 'open'],
    ["SELECT '{{ queries.Mixed }}'", 'TEMPLATE_POSITION', 'queries.Mixed cannot stand in quotes.', undefined],
    ['SELECT * FROM {{ queries.Mixed.rows }}', 'TEMPLATE_ERROR', 'queries.Mixed has no rows.', undefined],
  ])('%s is refused', (sql, code, says, query) => {
    const found = faultOf(() => run(sql))
    expect([found.code, found.hint === undefined ? found.message : `${found.message} ${found.hint}`, found.template.query]).toEqual([
      code,
      says,
      query,
    ])
  })

  test('a query that uses itself, or that is of another source or no SQL, is refused', () => {
    expect(faultOf(() => run(queries.left, {}, { id: 'left' })).code).toBe('QUERY_CYCLE')
    expect(faultOf(() => run('SELECT * FROM {{ queries.Mixed.cache }}', {}, { sources: { Mixed: 'other' } })).code).toBe(
      'QUERY_UNSUPPORTED',
    )
  })

  test('queries that use each other twice over end at a limit', () => {
    const doubled = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`q${n}`, `SELECT * FROM {{ queries.q${n + 1} }}, {{ queries.q${n + 1} }} b`]),
    )
    expect(refusal(() => bound('SELECT * FROM {{ queries.q0 }}', {}, { queries: { ...doubled, q40: 'SELECT 1' } }))).toMatchObject({
      code: 'TEMPLATE_ERROR',
      says: 'The statement has more than 100000 characters.',
    })
  })
})

describe('dbt', () => {
  const resolve = (kind: 'ref' | 'source', names: readonly string[]) =>
    names.includes('missing')
      ? new Fault('TABLE_NOT_FOUND', 'There is no model missing.', { hint: 'Did you mean orders?' })
      : `"${kind}"."${names.at(-1)}"`

  test('relations and macros are SQL', () => {
    expect(bound("SELECT a.id FROM {{ ref('orders') }} a JOIN {{ source('raw', 'items') }} ON TRUE", {}, { resolve })[0]).toBe(
      'SELECT a.id FROM "ref"."orders" a JOIN "source"."items" ON TRUE',
    )
    expect(
      bound(
        "SELECT {{ dbt.date_trunc('month', 'created_at') }}, {{ dbt_utils.safe_divide('a', 'b - 1') }}{% if target.type == 'postgres' %}, 1{% endif %}",
      )[0],
    ).toBe("SELECT date_trunc('month', created_at), ((a) / nullif((b - 1), 0)), 1")
    expect(bound("SELECT {{ dbt_utils.safe_divide('a -- all', 'b') }}")[0]).toBe('SELECT ((a -- all\n) / nullif((b), 0))')
    expect(bound("SELECT {{ fivetran_utils.percentile('days', '', '0.5') }}")[0]).toBe(
      'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY days)',
    )
  })

  test.each([
    ["SELECT * FROM {{ ref('missing') }}", 'REF_UNKNOWN', 'There is no model missing. Did you mean orders?'],
    [
      'SELECT * FROM {{ ref(v) }}',
      'TEMPLATE_ERROR',
      'ref() takes the names of a model or of a package and a model that are written in the template.',
    ],
    [
      "SELECT * FROM {{ source('raw') }}",
      'TEMPLATE_ERROR',
      'source() takes the names of a source and a table that are written in the template.',
    ],
    ["SELECT {{ dbt.date_trnc('month', 'a') }}", 'TEMPLATE_ERROR', 'dbt has no date_trnc. Did you mean date_trunc?'],
    [
      "SELECT {{ dbt.date_trunc('moon', 'a') }}",
      'TEMPLATE_ERROR',
      'dbt.date_trunc() takes one of second, minute, hour, day, week, month, quarter, year.',
    ],
    ["SELECT {{ dbt_utils.safe_divide('a /*', 'b') }}", 'TEMPLATE_ERROR', 'A comment has no end.'],
    ["SELECT {{ dbt_utils.safe_divide('a)', 'b') }}", 'TEMPLATE_ERROR', 'The parentheses do not match.'],
  ])('%s is refused', (sql, code, says) => {
    expect(refusal(() => bound(sql, { v: 'orders' }, { resolve }))).toMatchObject({ code, says })
  })

  test('without a project there are no relations', () => {
    expect(refusal(() => bound("SELECT * FROM {{ ref('m') }}"))).toMatchObject({ code: 'REF_UNKNOWN', at: '1:18' })
  })
})

test('an offset of the statement leads to what was written', () => {
  const queries = { q: "SELECT 'x' AS a\nFROM missing WHERE b = '{{ v }}'" }
  const sql = "{# note #}SELECT a{% if v %}, nowhere{% endif %} FROM {{ queries.q }} WHERE c = '%{{ v }}' AND lost"
  const statement = bind(sql, { v: 'x' }, { queries })
  for (const word of ['SELECT a', 'nowhere', 'lost', 'missing']) {
    const { template, at } = statement.originOf(statement.sql.indexOf(word))
    expect(template.text.slice(at, at + word.length)).toBe(word)
    expect(template.query).toBe(word === 'missing' ? 'q' : undefined)
  }
  expect(statement.originOf(statement.sql.indexOf('$2')).at).toBe(sql.lastIndexOf('v }}'))
})
