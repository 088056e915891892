import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let dataface: Started

beforeAll(async () => {
  dataface = await startDataface(
    `
name: gated
limits: { max_estimated_rows: 100000 }
sources:${vegaSource}
  pg: { type: postgres, url: "{{ env_var('URL') }}" }
  cheap: { type: postgres, url: "{{ env_var('URL') }}", limits: { max_estimated_rows: 100000000, max_estimated_cost: 1000 } }
`,
    { URL: postgresUrl('fixture', reader) },
  )
})

afterAll(() => dataface.close())

const run = (source: string, sql: string, params: unknown[] = []) =>
  dataface.dataface.dispatcher.dispatch({
    tool: 'execute_query',
    input: { source, sql, params },
    door: 'inside',
    caller: { id: 'test' },
    signal: AbortSignal.timeout(30_000),
  })

describe('a plan that is estimated above the limits of its source', () => {
  test.each([
    ['pg', 'SELECT * FROM orders a CROSS JOIN orders b', /Nested Loop.*1,000,000 rows.*100,000/],
    ['pg', 'SELECT count(*) FROM generate_series(1, 200000)', /Function Scan.*200,000 rows/],
    ['pg', 'WITH p AS (SELECT * FROM orders a, orders b WHERE a.id > $1::int OR b.id > 0) SELECT count(*) FROM p', /rows/],
    ['cheap', 'SELECT count(*) FROM orders a JOIN orders b ON a.id <> b.id', /estimated to cost [\d,]+; this source allows 1,000/],
    ['vega', 'SELECT * FROM flights_3m', /PARQUET.*3,000,000 rows/],
    ['vega', 'SELECT count(*) FROM airports a, airports b WHERE $1 = 1', /JOIN|PRODUCT/],
  ])('is not run on %s: %s', async (source, sql, message) => {
    expect(await run(source, sql, sql.includes('$1') ? [1] : [])).toMatchObject({
      success: false,
      errors: [
        { code: 'QUERY_TOO_COSTLY', message: expect.stringMatching(message), path: 'sql', hint: expect.any(String), retryable: false },
      ],
    })
  })
})

describe('a plan within the limits', () => {
  test.each([
    ['pg', 'SELECT * FROM orders WHERE id = $1'],
    ['pg', 'EXPLAIN SELECT * FROM orders a CROSS JOIN orders b'],
    ['cheap', 'SELECT count(*) FROM orders WHERE id > $1'],
    ['vega', 'SELECT count(*) FROM airports WHERE latitude > $1'],
  ])('is run on %s: %s', async (source, sql) => {
    expect(await run(source, sql, sql.includes('$1') ? [7] : [])).toMatchObject({ success: true })
  })

  test.each(['pg', 'vega'])('has its errors placed in the text of the caller, on %s', async (source) => {
    expect(await run(source, 'SELECT\n  nothing FROM (SELECT 1 AS x) t')).toMatchObject({
      success: false,
      errors: [{ code: 'SQL_ERROR', position: { line: 2, column: 3 } }],
    })
  })
})
