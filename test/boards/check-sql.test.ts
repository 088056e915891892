import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BoardProject, boardProject } from '../support/board-project.ts'

/** Neither of them is there: what is checked here touches no database. */
const project = `name: test
sources:
  shop: {type: postgres, url: "postgres://nobody@127.0.0.1:1/none"}
  lake: {type: duckdb, path: gone.duckdb}
`
let served: BoardProject
beforeAll(async () => {
  served = await boardProject({ 'dataface.yml': project })
})
afterAll(() => served?.close())

const findingsOf = async (sql: string, source: string): Promise<string[]> => {
  const yaml = `source: ${source}
variables: {region: {}, day: {default: 2026-01-01, input: date}, list: {default: [a, b]}}
queries:
  base: SELECT 1 AS n
  q: |
${sql.replace(/^/gm, '    ')}
charts: {t: {type: table, query: q}, u: {type: table, query: base}}
`
  const { diagnostics } = await served.data<{ diagnostics: { line: number; column: number; code: string; level: string }[] }>(
    'validate_yaml',
    { yaml },
  )
  return diagnostics.filter(({ level }) => level === 'error').map(({ line, column, code }) => `${line}:${column} ${code}`)
}

test.each<[string, string, string, string[]]>([
  [
    'an honest query of PostgreSQL',
    'shop',
    "SELECT date_trunc('month', d) FROM t WHERE {{ filter('region', region) }} AND d >= '{{ day }}'",
    [],
  ],
  ['an honest query of DuckDB', 'lake', 'FROM t SELECT * EXCLUDE (x) WHERE r IN ({{ list }})', []],
  ['a query that uses another', 'shop', 'SELECT base.n FROM {{ queries.base }}', []],
  [
    'ref() and source(), whose names are not looked up',
    'shop',
    "SELECT * FROM {{ ref('orders') }} JOIN {{ source('a', 'b') }} USING (id)",
    [],
  ],
  [
    'a syntax error, where it stands in the file',
    'shop',
    'SELECT a,\n  FROM t\n  WHERE {{ filter("region", region) }} x x',
    ['7:7 SQL_ERROR'],
  ],
  ['a syntax error of DuckDB, where it stands in the file', 'lake', 'FROM t\n  SELECT a, {{ day }},\n  WHERE WHERE x', ['8:13 SQL_ERROR']],
  ['a syntax error of DuckDB behind letters of several bytes', 'lake', "SELECT 'größe 🦆' AS a FORM t", ['6:28 SQL_ERROR']],
  ['a syntax error in a query that is used', 'lake', 'SELECT * FROM {{ queries.base }} x x', ['6:40 SQL_ERROR']],
  ['a misspelt word of DuckDB', 'lake', 'SELEC 1', ['6:5 SQL_ERROR']],
  ['a pivot, a description and a summary of DuckDB', 'lake', 'PIVOT t ON a USING sum(b)', []],
  ['a write in a CTE of DuckDB', 'lake', 'WITH d AS (DELETE FROM t RETURNING 1) SELECT * FROM d', ['6:5 SQL_REJECTED']],
  ['a setting of DuckDB', 'lake', 'SET threads = 1', ['6:5 SQL_REJECTED']],
  ['a second statement', 'shop', 'SELECT 1; DELETE FROM t', ['6:5 SQL_REJECTED']],
  ['a second statement of DuckDB', 'lake', 'SELECT 1; DROP TABLE t', ['6:5 SQL_REJECTED']],
  ['a write', 'shop', "UPDATE t SET a = '{{ day }}'", ['6:5 SQL_REJECTED']],
  ['a write in a CTE', 'shop', 'WITH d AS (DELETE FROM t RETURNING 1) SELECT * FROM d', ['6:5 SQL_REJECTED']],
  ['a write of DuckDB', 'lake', 'COPY t TO {{ day }}', ['6:5 SQL_REJECTED']],
  ['a value in the place of a name', 'shop', 'SELECT * FROM {{ region }}', ['6:22 TEMPLATE_POSITION']],
])('%s', async (_title, source, sql, expected) => {
  expect(await findingsOf(sql, source)).toEqual(expected)
})

test('a board whose SQL writes is not saved', async () => {
  const yaml = 'source: shop\ncharts: {t: {type: table, query: "DELETE FROM t RETURNING 1 AS n"}}\n'
  expect(await served.call('save_dashboard', { path: 'boards/x.yml', yaml })).toMatchObject({
    success: false,
    errors: [{ code: 'VALIDATION_ERROR' }],
  })
})
