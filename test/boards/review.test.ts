import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diagnosticDefinitions } from '../../contracts/v1/board/diagnostics.ts'
import { passOf, severityOf } from '../../server/boards/review/severities.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

interface Review {
  findings: { severity: string; pass: string; code: string; line: number; file: string; chart?: string; query?: string }[]
  counts: { blockers: number; warnings: number; nits: number }
  verdict: string
}

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({
    'dataface.yml': 'name: test\nsources: {shop: {type: duckdb, files: {orders: orders.csv}}}\n',
    'orders.csv': 'region,revenue,margin_pct,delay\nNorth,120,0.2,3\nSouth,80,0.1,4\n',
  })
})
afterAll(() => project.close())

const review = (yaml: string, input: object = {}): Promise<Review> =>
  project.data('review_dashboard', { yaml: `title: T\nnotes: N\nsource: shop\n${yaml}`, ...input })

/** Findings as `severity [pass] line CODE`. */
const told = async (yaml: string): Promise<string[]> =>
  (await review(yaml, { max_findings: 50 })).findings.map(({ severity, pass, line, code }) => `${severity} [${pass}] ${line} ${code}`)

const byRegion =
  "{type: bar, title: Orders by region, query: 'SELECT region, count(*) AS orders FROM orders GROUP BY region', x: region, y: orders}"
const kpi = "{type: kpi, label: Orders, query: 'SELECT count(*) AS n FROM orders', value: n}"

test('a board in which nothing is found says exactly so', async () => {
  expect(await review(`charts: {a: ${kpi}, b: ${byRegion}}`)).toEqual({
    findings: [],
    counts: { blockers: 0, warnings: 0, nits: 0 },
    verdict: '**No findings.**',
  })
})

describe('rules', () => {
  test('KPIs come first, in each tab', async () => {
    expect(await told(`charts:\n  b: ${byRegion}\n  a: ${kpi}`)).toEqual(['warning [design] 6 KPI_NOT_FIRST'])
    expect(await told(`charts: {b: ${byRegion}, a: ${kpi}}\ntabs: {items: [{title: One, rows: [b]}, {title: Two, rows: [a]}]}`)).toEqual([])
  })

  test('a view has at most eight visuals, a row of KPIs being one of them', async () => {
    const bars = (count: number) =>
      Array.from({ length: count }, (_, at) => `b${at}: ${byRegion.replace('GROUP', `WHERE revenue > ${at} GROUP`)}`)
    const kpis = Array.from({ length: 4 }, (_, at) => `k${at}: ${kpi.replace('orders', `orders WHERE revenue > ${at}`)}`)
    expect(await told(`charts: {${[...kpis, ...bars(7)].join(', ')}}`)).toEqual([])
    expect(await told(`charts: {${[...kpis, ...bars(8)].join(', ')}}`)).toEqual(['warning [design] 1 TOO_MANY_CHARTS'])
  })

  test.each([
    ['a chart has a title', `charts: {a: ${byRegion.replace('title: Orders by region, ', '')}}`, ['MISSING_TITLE']],
    ['a KPI has a label', `charts: {a: ${kpi.replace('label: Orders, ', '')}}`, ['MISSING_TITLE']],
    ['a variable is used', `variables: {v: {default: 1}}\ncharts: {a: ${kpi}, b: {type: callout, text: x}}`, ['UNREFERENCED_VARIABLE']],
    ['a query is written once', `charts: {a: ${kpi}, b: ${kpi.replace('SELECT', 'SELECT  ')}}`, ['DUPLICATE_QUERY']],
    [
      'queries of sources that are not there are not the same',
      'queries: {a: {sql: SELECT 1 AS n, source: nope}, b: {sql: SELECT 1 AS n, source: nada}}\ncharts: {a: {type: table, title: A, query: a}, b: {type: table, title: B, query: b}}',
      ['UNKNOWN_SOURCE', 'UNKNOWN_SOURCE'],
    ],
    [
      'a query names its columns',
      "charts: {a: {type: table, title: T, query: 'SELECT * FROM (SELECT region, count(*) AS n FROM orders GROUP BY region)'}}",
      ['SELECT_STAR'],
    ],
    ['a limit has an order', "charts: {a: {type: table, title: T, query: 'SELECT region FROM orders LIMIT 5'}}", ['LIMIT_WITHOUT_ORDER']],
    ['a pie has two slices', "charts: {a: {type: pie, title: T, query: 'SELECT 1 AS n, 2 AS c', theta: n, color: c}}", ['PIE_ONE_SLICE']],
    [
      'a pie has at most six slices',
      "charts: {a: {type: pie, title: T, query: 'SELECT range AS c, 1 AS n FROM range(7)', theta: n, color: c}}",
      ['PIE_TOO_MANY_SLICES'],
    ],
    [
      'money and shares have formats, in tables too',
      "charts: {a: {type: table, title: T, query: 'SELECT revenue, margin_pct, region FROM orders'}}",
      ['MISSING_FORMAT', 'MISSING_FORMAT'],
    ],
    [
      'a format that has a name is called by it',
      "charts: {a: {type: kpi, label: R, query: 'SELECT sum(revenue) AS revenue FROM orders', value: revenue, style: {value: {format: '$,.0f'}}}}",
      ['FORMAT_NOT_NAMED'],
    ],
    [
      'a measure is one kind of figure everywhere',
      'queries: {q: SELECT sum(revenue) AS revenue FROM orders}\ncharts: {a: {type: kpi, label: R, query: q, value: revenue, style: {value: {format: currency}}}, b: {type: table, title: T, query: q, style: {columns: {revenue: {format: integer}}}}}',
      ['MIXED_FORMATS'],
    ],
    [
      'a quantity has its unit',
      "charts: {a: {type: kpi, label: Mean delay, query: 'SELECT avg(delay) AS delay FROM orders', value: delay}}",
      ['MISSING_UNIT'],
    ],
    [
      'a unit may stand beside the figure',
      "charts: {a: {type: kpi, label: Mean delay, query: 'SELECT avg(delay) AS delay FROM orders', value: delay, support: {label: minutes}}}",
      [],
    ],
  ])('%s', async (_, yaml, codes) => {
    expect((await review(yaml, { max_findings: 50 })).findings.map(({ code }) => code)).toEqual(codes)
  })

  test('a board without notes is told, and only that', async () => {
    const { verdict } = await project.data<Review>('review_dashboard', { yaml: `title: T\nsource: shop\ncharts: {a: ${kpi}}` })
    expect(verdict).toBe('nit [design] board.yml:1 The board has no notes. — Add notes.')
  })

  test('what a chart or a query says it knows is not told', async () => {
    expect(
      await told(
        'queries: {q: {sql: SELECT region FROM orders LIMIT 5, ignore: [LIMIT_WITHOUT_ORDER]}}\ncharts: {a: {type: table, query: q, warnings_ignore: [MISSING_TITLE]}}',
      ),
    ).toEqual([])
  })

  test('words in comments, strings and names are no SQL', async () => {
    expect(
      await told(
        `charts: {a: {type: table, title: T, query: "SELECT region AS \\"select * limit 5\\", ' limit 5, *' AS x FROM orders -- select * limit 5\\n"}}`,
      ),
    ).toEqual([])
  })
})

const broken = `charts:
  late: {type: table, query: SELECT * FROM (SELECT region FROM orders) LIMIT 1}
  gone: {type: bar, title: T, query: SELECT 1 AS n, x: region, y: n}
  failed: {type: table, title: T, query: SELECT nothing FROM orders}
  many: {type: kpi, label: L, query: SELECT region FROM orders, value: region}
`

test('the worst stands first, then the first in the file; all are counted, and the rest is cut', async () => {
  const { findings, counts, verdict } = await review(broken)
  expect(findings.map(({ severity, line, code }) => `${severity} ${line} ${code}`)).toEqual([
    'blocker 6 UNKNOWN_COLUMN',
    'blocker 7 QUERY_FAILED',
    'blocker 8 KPI_MULTIROW',
    'warning 5 MISSING_TITLE',
    'warning 5 LIMIT_WITHOUT_ORDER',
  ])
  expect(counts).toEqual({ blockers: 3, warnings: 3, nits: 1 })
  expect(verdict.split('\n')[0]).toBe('blocker [data] board.yml:6 x names "region"; the query gives n. — Use one of the columns it lists.')
  expect(verdict.split('\n')).toHaveLength(5)
})

test('no blocker is ever dropped', async () => {
  const { findings, counts } = await review(broken, { max_findings: 1 })
  expect(findings.map(({ severity }) => severity)).toEqual(['blocker', 'blocker', 'blocker'])
  expect(counts).toEqual({ blockers: 3, warnings: 3, nits: 1 })
})

test('a query that fails under several charts is told once', async () => {
  const { findings } = await review(
    'queries: {q: SELECT nothing FROM orders}\ncharts: {a: {type: table, title: A, query: q}, b: {type: table, title: B, query: q}}',
  )
  expect(findings.map(({ code, query }) => [code, query])).toEqual([['QUERY_FAILED', 'q']])
})

test('an error is a blocker and a warning is none, for every code there is', () => {
  for (const [code, { level, found }] of Object.entries(diagnosticDefinitions)) {
    expect([code, severityOf(code) === 'blocker']).toEqual([code, level === 'error'])
    expect(passOf(code)).toBe(found === 'compile' ? 'structure' : found)
  }
})
