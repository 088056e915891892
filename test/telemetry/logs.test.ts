import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folderOf, runDft } from '../cli/run-dft.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

let started: Started
beforeAll(async () => {
  started = await startDataface(
    `name: shop
sources:
  postgres: { type: postgres, url: "{{ env_var('URL') }}" }
  duckdb: { type: csv, files: { airports: node_modules/vega-datasets/data/airports.csv } }`,
    { URL: postgresUrl('fixture', reader) },
  )
})
afterAll(() => started?.close())

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const query = (source: string, sql: string, params: readonly unknown[] = []) =>
  fetch(`${started.url}/api/v2/execute_query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'user-agent': 'se-cret/1' },
    body: JSON.stringify({ source, sql, params }),
  })

/** Statements that fail with a value that the database quotes in its message. */
const failing: readonly (readonly [sql: string, params?: readonly unknown[]])[] = [
  ["SELECT CAST('se-cret' AS integer)"],
  ["SELECT CAST('se-cret' AS date) FROM airports"],
  ["SELECT CAST(name AS integer) FROM (SELECT 'se-cret' || chr(65) AS name) AS t"],
  ["SELECT 1 WHERE 'a' ~ '(se-cret'"],
  ["SELECT regexp_replace('a', '(se-cret', '')"],
  ["SELECT CAST('{\"se-cret' AS json)"],
  ["SELECT 'se-cret"],
  ["SELECT 1 + 'se-cret' 'se-cret' FROM"],
  ["SELECT 1 AS 'se-cret'::name FROM $$se-cret$$"],
  ["SELECT nothing FROM (SELECT 'se-cret' AS name) AS t"],
  ['SELECT CAST($1 AS integer)', ['se-cret']],
  ["DELETE FROM airports WHERE name = 'se-cret'"],
  ["SELECT set_config('se-cret', 'se-cret', false)"],
]

describe.each(['postgres', 'duckdb'])('what is logged of calls to %s that fail', (source) => {
  test('says which call, and holds no value of it and no secret', async () => {
    const from = started.logged.length
    for (const [sql, params] of failing) expect((await query(source, sql, params)).status).not.toBe(200)
    const lines = started.logged.slice(from)
    const ofCalls = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ code }) => code !== undefined)
    expect(ofCalls.length).toBeGreaterThanOrEqual(failing.length)
    for (const line of ofCalls)
      expect(line).toMatchObject({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        trace_id: traceId,
        project: 'shop',
        tool: 'execute_query',
        door: 'rest',
      })
    expect(lines.join('')).not.toMatch(/se-cret|Pa55/)
  })
})

test('dft doctor says what opens the pages of the operator', async () => {
  const cwd = folderOf({ 'dataface.yml': 'name: shop\naccess: {}\nsources: {}\n' })
  expect((await runDft(['doctor'], { cwd })).out).toContain('DATAFACE_OPERATOR_TOKEN: is not set')
  expect((await runDft(['doctor'], { cwd, env: { DATAFACE_OPERATOR_TOKEN: 'x' } })).out).toContain('DATAFACE_OPERATOR_TOKEN: is set')
})
