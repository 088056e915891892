/** Rendered templates through dispatch and the guard, on real databases: a value has the type that its place gives. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Values } from './render.ts'
import { openSales, type Sales } from './sales.ts'

let sales: Sales
beforeAll(async () => {
  sales = await openSales()
})
afterAll(() => sales?.close())

const queries = {
  open: "SELECT * FROM sales WHERE is_open AND region <> '{{ except }}' -- open",
  sums: 'SELECT region, sum(amount) AS amount FROM {{ queries.open }} WHERE units >= {{ units }} GROUP BY region',
}

/** Conditions on `sales`, and the ids of the rows that fit. */
const conditions: [string, Values, number[]][] = [
  ["region = '{{ v }}'", { v: "O'Brien" }, [3]],
  ['region = {{ v }}', { v: "O'Brien" }, [3]],
  ["region = '{{ v }}'", { v: "x' OR '1'='1" }, []],
  ["region LIKE '%{{ v }}%'", { v: 'or' }, [1]],
  ["region LIKE '%{{ v }}%'", { v: "'; DROP TABLE sales; --" }, []],
  ["region LIKE E'\\x25{{ v }}%'", { v: 'ou' }, [2]],
  ["region = $q$O'{{ v }}$q$", { v: 'Brien' }, [3]],
  ["'{{ v }}' = '' OR region = '{{ v }}'", { v: null }, [1, 2, 3, 4]],
  ["'{{ v }}' = '' OR region = '{{ v }}'", { v: 'North' }, [1]],
  ['{{ v }} IS NULL OR region = {{ v }}', { v: null }, [1, 2, 3, 4]],
  ['{{ v }} IS NULL OR region = {{ v }}', { v: 'North' }, [1]],
  ['{{ v }} IS NULL OR units = {{ v }}', { v: 2 }, [2]],
  ['region = {{ v }}', { v: null }, []],
  ['id = {{ v }}', { v: 2 }, [2]],
  ['id = {{ v }}', { v: '2' }, [2]],
  ["id = '{{ v }}'", { v: 2 }, [2]],
  ['units = 5 -{{ v }}', { v: -1 }, []],
  ['units = 3 -{{ v }}', { v: -1 }, [4]],
  ['amount = {{ v }}', { v: 30.25 }, [3]],
  ['amount > {{ v }} * 2', { v: 10.05 }, [3, 4]],
  ['round(amount, {{ v }}) = 10.5', { v: 1 }, [1]],
  ['is_open = {{ v }}', { v: true }, [1, 3]],
  ["is_open = '{{ v }}'", { v: false }, [2]],
  ["day >= '{{ v }}'", { v: '2026-02-01' }, [3, 4]],
  ["sold_at >= '{{ v }}'", { v: '2026-02-01' }, [3, 4]],
  ["sold_in >= '{{ v }}'", { v: '2026-02-01' }, [3, 4]],
  ['day BETWEEN {{ a }} AND {{ b }}', { a: '2026-01-31', b: '2026-02-01' }, [2, 3]],
  ["day = date '{{ v }}' + {{ n }}", { v: '2026-01-31', n: 1 }, [3]],
  ["sold_at >= timestamp '{{ v }}'", { v: '2026-01-31 23:30' }, [2, 3, 4]],
  ["day > (SELECT max(day) FROM sales) - interval '{{ n }} days'", { n: 60 }, [1, 2, 3, 4]],
  ["day > date '2026-02-02' - interval '{{ n }}' day", { n: 2 }, [3, 4]],
  ["date_trunc('{{ v }}', sold_at) = timestamp '2026-01-01'", { v: 'month' }, [1, 2]],
  ['region IN ({{ v }})', { v: ['North', "O'Brien"] }, [1, 3]],
  ['region IN {{ v }}', { v: ["x') OR ('1'='1"] }, []],
  ['id IN ({{ v }})', { v: [1, 4] }, [1, 4]],
  ['id IN ({{ v }})', { v: [] }, []],
  ["{{ filter('region', v) }}", { v: 'North' }, [1]],
  ["{{ filter('sales.region', v) }}", { v: ['North', 'South'] }, [1, 2]],
  ["{{ filter('region', v) }}", { v: [] }, [1, 2, 3, 4]],
  ["{{ filter('region', v, 'like') }}", { v: '%t%' }, [1, 2]],
  ["{{ filter('amount', v, 'between') }}", { v: [20, 30.25] }, [2, 3]],
  ["NOT {{ filter('amount', v, 'between') }}", { v: [20, 30.25] }, [1, 4]],
  ["{{ filter('units', v, '!=') }}", { v: [1, 2] }, [3, 4]],
  ["{{ filter_date_range('day', v) }}", { v: ['2026-01-30', '2026-01-31'] }, [1, 2]],
  ["{{ filter_date_range('sold_at', v) }}", { v: ['2026-01-30', '2026-01-31'] }, [1, 2]],
  ["{{ filter_date_range('sold_in', v) }}", { v: [null, '2026-01-31'] }, [1, 2]],
  ["{{ filter_date_range('day', v) }}", { v: ['2026-02-01', null] }, [3, 4]],
  ["concat('{{ v }}', region) = '>North'", { v: '>' }, [1]],
  ["coalesce(region, '{{ v }}') = '{{ v }}'", { v: 'none' }, [4]],
  ["id = length(substring('{{ v }}' from {{ n }}))", { v: 'abcd', n: 2 }, [3]],
  ["CASE WHEN '{{ v }}' = 'a' THEN id = 1 ELSE id = 2 END", { v: 'a' }, [1]],
]

/** Statements and their rows. */
const statements: [string, Values, unknown[][]][] = [
  ["SELECT '{{ v }}' || '!' AS text", { v: '--' }, [['--!']]],
  ['SELECT {{ v }} + 1', { v: 41 }, [[42]]],
  [
    "SELECT date_trunc('{{ g }}', sold_at) AS m, count(*) FROM sales GROUP BY date_trunc('{{ g }}', sold_at) ORDER BY 1 LIMIT {{ n }}",
    { g: 'month', n: 1 },
    [['2026-01-01T00:00:00', '2']],
  ],
  ["SELECT '{{ a }}' AS k, count(*) FROM sales GROUP BY 1", { a: 'all' }, [['all', '4']]],
  ['SELECT id FROM sales ORDER BY id LIMIT {{ n }} OFFSET {{ n }}', { n: 2 }, [[3], [4]]],
  [
    'SELECT sums.region, sums.amount FROM {{ queries.sums }} ORDER BY sums.region{% if desc %} DESC{% endif %}',
    { units: 1, except: 'x', desc: true },
    [
      ["O'Brien", '30.25'],
      ['North', '10.50'],
    ],
  ],
  ['SELECT o.id, n.id FROM {{ queries.open }} o JOIN {{ queries.open }} AS n ON n.id > o.id', { units: 1, except: 'x' }, [[1, 3]]],
  [
    "SELECT CASE WHEN region = '{{ v }}' THEN '{{ v }}' ELSE '{{ other }}' END, count(*) FROM sales GROUP BY CASE WHEN region = '{{ v }}' THEN '{{ v }}' ELSE '{{ other }}' END ORDER BY 1",
    { v: 'North', other: 'other' },
    [
      ['North', '1'],
      ['other', '3'],
    ],
  ],
  ['SELECT concat({{ l }}), coalesce({{ l }}) FROM sales WHERE id = 1', { l: ['a', 'b', 'a'] }, [['aba', 'a']]],
  ["SELECT {{ dbt_utils.safe_divide('sum(units)', 'sum(id) - 10') }} FROM sales", {}, [[null]]],
]

describe.each(['postgres', 'duckdb'] as const)('%s', (dialect) => {
  test.each(conditions)('%s of %j', async (condition, values, ids) => {
    const answer = await sales.ask(dialect, `SELECT id FROM sales WHERE ${condition} ORDER BY id`, values)
    expect(answer.refusal).toBeUndefined()
    expect(answer.rows.map(([id]) => id)).toEqual(ids)
  })

  test.each(statements)('%s', async (statement, values, rows) => {
    const answer = await sales.ask(dialect, statement, values, { queries })
    expect(answer.refusal).toBeUndefined()
    expect(answer.rows).toEqual(rows)
  })

  test('a text where a number is declared fails cleanly, and nothing of it runs', async () => {
    const values = ['0 UNION SELECT 1', '(SELECT 1)', '$1', 'id', '1; DELETE FROM sales', '1 --']
    for (const v of values) {
      const answer = await sales.ask(dialect, 'SELECT id FROM sales WHERE id = {{ v }}', { v })
      expect(answer.refusal).toMatch(/^SQL_ERROR/)
    }
    expect((await sales.ask(dialect, 'SELECT count(*) FROM sales')).rows).toEqual([['4']])
  })

  test('the guard judges what a template renders to', async () => {
    const answer = await sales.ask(dialect, '{% if v %}DELETE FROM sales{% else %}SELECT 1{% endif %}', { v: true })
    expect(answer.refusal).toMatch(/^SQL_REJECTED/)
    expect(answer.reachedEngine).toBe(false)
  })
})
