/** The rules of review about SQL go by the trees of both grammars, with no database. */
import { describe, expect, test } from 'vitest'
import { compileBoard } from '../../server/boards/compile/compile-board.ts'
import { readQueries } from '../../server/boards/compile/read-queries.ts'
import { checkQueries } from '../../server/boards/review/check-queries.ts'

const review = async (dialect: 'postgres' | 'duckdb', sql: string, base = 'SELECT 1 AS n'): Promise<string[]> => {
  const queries = { base, q: sql }
  const yaml = JSON.stringify({
    variables: { count: { default: 5, input: 'number' } },
    queries,
    charts: { t: { type: 'table', query: 'q' } },
  })
  const board = await compileBoard(yaml, 'board.yml', { read: async () => undefined, sources: ['shop'] })
  const read = await readQueries(board, {
    dialectOf: () => dialect,
    dialects: [dialect],
    today: '2026-01-01',
    signal: new AbortController().signal,
  })
  expect(read.filter(({ fault }) => fault !== undefined)).toEqual([])
  return checkQueries(board, read).flatMap(({ code, query }) => (query === 'q' ? [code] : []))
}

describe.each(['postgres', 'duckdb'] as const)('%s', (dialect) => {
  test.each<[string, string[]]>([
    ['SELECT a, b FROM t', []],
    ['SELECT * FROM t', ['SELECT_STAR']],
    ['SELECT t.* FROM t', ['SELECT_STAR']],
    ['SELECT "t" . * FROM t', ['SELECT_STAR']],
    ['SELECT/* all */* FROM t', ['SELECT_STAR']],
    ['SELECT a, * FROM t', ['SELECT_STAR']],
    ['WITH x AS (SELECT * FROM t) SELECT a FROM x', ['SELECT_STAR']],
    ['SELECT a FROM t UNION ALL SELECT * FROM u', ['SELECT_STAR']],
    ['SELECT count(*) FROM t', []],
    ['SELECT a * b FROM t', []],
    ['SELECT \'*, *\' AS "select *" FROM t -- select *', []],
    ['SELECT a FROM t WHERE EXISTS (SELECT * FROM u WHERE u.a = t.a LIMIT 1)', []],
    ['SELECT a FROM t ORDER BY a LIMIT 5', []],
    ['SELECT a FROM t LIMIT 5', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT a FROM t LIMIT {{ count }}', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT a FROM t LIMIT 2 + 3', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT a, row_number() OVER (ORDER BY b) AS n FROM t LIMIT 5', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT a FROM (SELECT a FROM t ORDER BY a) AS x LIMIT 5', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT a FROM (SELECT a FROM t LIMIT 5) AS x ORDER BY a', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT a FROM t UNION SELECT b FROM u LIMIT 5', ['LIMIT_WITHOUT_ORDER']],
    ["SELECT 'größe' AS a, b FROM t LIMIT 5", ['LIMIT_WITHOUT_ORDER']],
    ['SELECT count(*) AS n FROM t LIMIT 1', []],
    ['SELECT round(sum(a) / count(*), 2) AS n, max(b) AS b FROM t WHERE a > 1 LIMIT 1', []],
    ['SELECT 1 AS n LIMIT 1', []],
    ['SELECT a FROM (SELECT sum(a) AS a FROM t LIMIT 1) AS x', []],
    ['SELECT sum(a) AS n, b FROM t GROUP BY b LIMIT 1', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT sum(a) OVER () AS n FROM t LIMIT 1', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT a, (SELECT sum(b) FROM u) AS n FROM t LIMIT 1', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT sum(a) AS n FROM t UNION ALL SELECT sum(b) FROM u LIMIT 1', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT unnest(array_agg(a)) AS n FROM t LIMIT 1', ['LIMIT_WITHOUT_ORDER']],
    ['SELECT a AS "limit 5" FROM t', []],
    ['SELECT base.n FROM {{ queries.base }}', []],
  ])('%s', async (sql, codes) => {
    expect(await review(dialect, sql)).toEqual(codes)
  })

  test('what stands in a query that is used is told of that one', async () => {
    expect(await review(dialect, 'SELECT base.n FROM {{ queries.base }}', 'SELECT * FROM t LIMIT 5')).toEqual([])
  })
})

test('what DuckDB adds is not written', async () => {
  for (const sql of ['FROM t', 'PIVOT t ON a USING sum(b)', 'SUMMARIZE t', "SELECT COLUMNS('n.*') FROM t", 'SELECT columns(*) FROM t'])
    expect(await review('duckdb', sql), sql).toEqual([])
  expect(await review('duckdb', 'FROM t SELECT * EXCLUDE (a)')).toEqual(['SELECT_STAR'])
})

test('what PostgreSQL takes for a limit of its own', async () => {
  expect(await review('postgres', 'SELECT a FROM t FETCH FIRST 5 ROWS ONLY')).toEqual(['LIMIT_WITHOUT_ORDER'])
  expect(await review('postgres', 'SELECT a FROM t LIMIT ALL')).toEqual([])
})
