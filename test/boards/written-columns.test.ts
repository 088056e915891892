/** Which columns a query gives is known from its text where that tells all of them, and then told without a database. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOffline } from '../../server/sources/duckdb/read-offline.ts'
import { analyzePostgres } from '../../server/sources/postgres/analyze.ts'
import type { BoardProject } from '../support/board-project.ts'
import { warehouseProject } from '../support/warehouse.ts'

const { signal } = new AbortController()
const resultsOf = async (dialect: 'duckdb' | 'postgres', sql: string) =>
  (await (dialect === 'duckdb' ? readOffline : analyzePostgres)(sql, signal)).results

const tables = ['CREATE TABLE sales AS SELECT 1 AS id, \'North\' AS region, 2.5 AS amount, 3 AS "Odd Name"']

/** SQL that tells its columns, on both databases. */
const told: readonly string[] = [
  'SELECT region, amount AS money FROM sales',
  'SELECT s.region, "Odd Name", s."Odd Name" AS "other name" FROM sales s',
  'SELECT region AS a FROM sales UNION ALL SELECT region FROM sales ORDER BY 1',
  'WITH base AS (SELECT region, amount FROM sales), final AS (SELECT *, 1 AS one FROM base) SELECT * FROM final',
  'WITH base(x, y) AS (SELECT region, amount FROM sales) SELECT y AS z, base.* FROM base WHERE false',
  'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT * FROM n',
  'WITH a AS (SELECT 1 AS x) SELECT b.* FROM (WITH a AS (SELECT 2 AS y) SELECT * FROM a) AS b, a',
  'SELECT * FROM (SELECT 1 AS a, 2 AS b) AS t JOIN (SELECT 3 AS c) AS u ON true',
  'SELECT t.* FROM (SELECT 1 AS a, 2 AS b) AS t(p, q)',
  'SELECT t.*, u.c FROM (SELECT 1 AS a, 2 AS b) AS t(p) CROSS JOIN (SELECT 3 AS c) AS u',
  'SELECT DISTINCT region, count(*) AS n FROM sales GROUP BY region ORDER BY n DESC LIMIT 3',
]

/** SQL of which only the database knows the columns. */
const open: readonly string[] = [
  'SELECT * FROM sales',
  'SELECT s.*, 1 AS one FROM sales s',
  'SELECT region, amount + 1 FROM sales',
  'WITH base AS (SELECT * FROM sales) SELECT * FROM base',
  'SELECT * FROM (SELECT 1 AS id) AS t JOIN sales USING (id)',
  'SELECT * FROM (SELECT 1 AS a) AS t, (SELECT 2 AS a) AS u',
  'VALUES (1, 2)',
]

describe.each(['duckdb', 'postgres'] as const)('%s', (dialect) => {
  let project: BoardProject
  beforeAll(async () => {
    project = await warehouseProject(dialect, tables, ['warehouse'], {})
  })
  afterAll(() => project?.close())

  test.each(told)('the text tells the columns that the database gives: %s', async (sql) => {
    const { columns } = await project.data<{ columns: { name: string }[] }>('execute_query', { source: 'warehouse', sql })
    expect(await resultsOf(dialect, sql)).toEqual(columns.map(({ name }) => name))
  })

  test.each(open)('the text does not tell the columns of %s', async (sql) => {
    expect(await resultsOf(dialect, sql)).toBeUndefined()
  })

  test('stars of stars end', async () => {
    const ctes = Array.from({ length: 40 }, (_, index) => `t${index + 1} AS (SELECT a.*, b.x AS y${index} FROM t${index} a, t${index} b)`)
    expect(await resultsOf(dialect, `WITH t0 AS (SELECT 1 AS x), ${ctes.join(', ')} SELECT * FROM t40`)).toHaveLength(41)
    const wide = Array.from({ length: 40 }, (_, index) => `t${index + 1} AS (SELECT a.*, b.* FROM t${index} a, t${index} b(x${index}))`)
    expect(await resultsOf(dialect, `WITH t0 AS (SELECT 1 AS x), ${wide.join(', ')} SELECT * FROM t40`)).toBeUndefined()
  })

  const findings = async (tool: string, yaml: string): Promise<string[]> =>
    (await project.data<{ diagnostics: { line: number; column: number; code: string; level: string }[] }>(tool, { yaml })).diagnostics
      .filter(({ level }) => level === 'error')
      .map(({ line, column, code }) => `${line}:${column} ${code}`)
      .sort()

  const board = (query: string, charts: string) => `notes: x
variables: {by: {default: region}}
queries:
  q: ${query}
  good: SELECT region, amount AS money FROM sales
  rows: {columns: [a, b], values: [[x, 1]]}
charts:
${charts}
`
  const mistaken = `  a: {type: bar, query: q, title: T, x: region, y: mony}
  b: {type: bar, query: good, title: T, x: regio, y: money, layers: [{type: line, query: q, y: gone}]}
  c: {type: table, query: rows, title: T, style: {columns: {c: {label: C}}}}`

  /** The places of mony, regio, gone and c. */
  const mistakes = ['8:49', '9:41', '9:93', '10:61'].map((place) => `${place} UNKNOWN_COLUMN`).sort()

  test('a column that a chart names and no query gives is told without a database, and by all alike', async () => {
    const yaml = board('SELECT region, amount AS money FROM sales', mistaken)
    const found = await findings('validate_yaml', yaml)
    expect(found).toEqual(mistakes)
    for (const tool of ['test_yaml_execution', 'render_dashboard']) expect(await findings(tool, yaml)).toEqual(found)
  })

  test('a query that fails hides no column that its charts name wrong', async () => {
    const yaml = board('SELECT region, amount AS money FROM sales WHERE nothing = 1', mistaken)
    const found = await findings('validate_yaml', yaml)
    expect(found).toEqual(mistakes)
    for (const tool of ['test_yaml_execution', 'render_dashboard'])
      expect(await findings(tool, yaml)).toEqual([...found, '4:54 QUERY_FAILED'].sort())
  })

  test('columns that depend on a variable, or are written in other letters, are not told', async () => {
    const chart = '  a: {type: bar, query: q, title: T, x: Region, y: money}'
    for (const query of [
      'SELECT region {% if by == \'Region\' %} AS "Region" {% endif %}, amount AS money FROM sales',
      'SELECT region, amount AS money FROM sales',
    ])
      expect(await findings('validate_yaml', board(JSON.stringify(query), chart))).toEqual([])
  })
})
