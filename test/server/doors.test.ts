import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { type AnyEnvelope, type Door, httpDoors, openStdioDoor, projectFolder, withoutTimes } from '../support/doors.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { root } from '../support/project-files.ts'
import { endlessQuery } from '../support/slow-query.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
let stdio: Awaited<ReturnType<typeof openStdioDoor>>
let doors: [string, Door][]

beforeAll(async () => {
  const yaml = `
name: matrix
limits: { timeout_ms: 700 }
sources:${vegaSource}
  shop:
    type: postgres
    description: The shop.
    url: ${postgresUrl('fixture', reader)}
    tables: { deny: [sales.regions] }
  powerful:
    type: postgres
    url: ${postgresUrl('fixture')}
  gated:
    type: postgres
    url: ${postgresUrl('fixture', reader)}
    limits: { max_estimated_rows: 100 }
  dead:
    type: postgres
    url: postgres://nobody:Secret-1234@127.0.0.1:1/none
  off:
    type: postgres
    url: "{{ env_var('NOT_SET_ANYWHERE') }}"
`
  started = await startDataface(yaml)
  stdio = await openStdioDoor(projectFolder(yaml))
  doors = [...Object.entries(httpDoors(started)), ['mcp over stdio', stdio.door]]
  // The metadata is read once here, so that every door then answers from the same state.
  for (const [, door] of doors) for (const source of ['vega', 'shop']) await door('list_tables', { source })
})
afterAll(async () => {
  await stdio?.close()
  await started?.close()
})

/** Calls every door and expects one answer. */
const answerOfAll = async (tool: string, input: unknown): Promise<AnyEnvelope> => {
  const [first, ...rest] = await Promise.all(doors.map(async ([name, door]) => ({ name, envelope: await door(tool, input) })))
  const expected = withoutTimes(first?.envelope as AnyEnvelope)
  for (const { name, envelope } of rest) expect({ door: name, answer: withoutTimes(envelope) }).toEqual({ door: name, answer: expected })
  return first?.envelope as AnyEnvelope
}

const working: readonly (readonly [tool: string, input: unknown])[] = [
  ['list_sources', {}],
  ['list_tables', { source: 'shop', limit: 3 }],
  ['list_tables', { source: 'vega', search: 'AIR' }],
  ['describe_table', { source: 'shop', table: 'ORDERS' }],
  ['describe_table', { source: 'vega', table: 'main.penguins' }],
  ['get_metadata', { source: 'shop', detail: 'full' }],
  ['get_metadata', { source: 'vega', max_tokens: 300 }],
  ['catalog', { query: 'weather' }],
  ['catalog', {}],
  ['execute_query', { source: 'shop', sql: 'SELECT * FROM orders ORDER BY id', limit: 3 }],
  ['execute_query', { source: 'vega', sql: 'FROM penguins', format: 'csv' }],
  ['execute_query', { source: 'vega', sql: 'SELECT $1::INT AS a, $2 AS b', params: [1, null], format: 'markdown' }],
  ['query', { source: 'shop', sql: 'SELECT 1 AS a', cursor: null }],
  ['list_dashboards', { limit: 2 }],
  ['get_dashboard', { path: 'boards/weather.yml' }],
  ['search_dashboards', { query: 'temperature' }],
  ['get_schema', { topic: 'kpi', format: 'json_schema' }],
  ['validate_yaml', { yaml: 'titel: x', format: 'sarif' }],
  ['test_yaml_execution', { path: 'boards/penguins.yml' }],
  ['render_dashboard', { path: 'boards/penguins.yml', format: 'svg' }],
  ['render_dashboard', { path: 'boards/weather.yml', variables: { kinds: ['rain'] } }],
  ['review_dashboard', { path: 'boards/weather.yml' }],
  ['save_dashboard', { path: 'boards/penguins.yml', yaml: readFileSync(resolve(root, 'docs/examples/demo/boards/penguins.yml'), 'utf8') }],
]

describe('every tool gives the same answer through every door', () => {
  test.each(working)('%s %j', async (tool, input) => {
    expect(await answerOfAll(tool, input)).toMatchObject({ success: true })
  })

  test('and every tool is among them', () => {
    expect([...new Set(working.map(([tool]) => tool).filter((tool) => tool !== 'query'))].sort()).toEqual(
      contracts.map((contract) => contract.name).sort(),
    )
  })
})

type Failing = readonly [code: string, tool: string, input: unknown, expected?: object]

const failing: readonly Failing[] = [
  ['VALIDATION_ERROR', 'execute_query', { source: 'shop', sqll: 'SELECT 1' }, { path: 'sql' }],
  ['VALIDATION_ERROR', 'execute_query', { source: 'shop', sql: 7 }, { path: 'sql' }],
  ['VALIDATION_ERROR', 'execute_query', { source: 'shop', sql: `SELECT '${'x'.repeat(1_000_000)}'` }, { path: 'sql' }],
  ['VALIDATION_ERROR', 'list_tables', { source: 'shop', cursor: 'made-up' }, { path: 'cursor' }],
  ['VALIDATION_ERROR', 'list_tables', { source: 'shop', schema: 'publik' }, { hint: 'Did you mean "public"?' }],
  ['BOARD_NOT_FOUND', 'get_dashboard', { path: 'boards/pengins.yml' }, { hint: expect.stringContaining('"boards/penguins.yml"') }],
  ['VALIDATION_ERROR', 'save_dashboard', { path: 'boards/x.yml', yaml: 'titel: x' }, { position: { line: 1, column: 1, offset: 0 } }],
  ['CONFLICT', 'save_dashboard', { path: 'boards/penguins.yml', yaml: 'text: x' }],
  ['UNKNOWN_TOOL', 'write_to_editor', { yaml: 'title: x' }],
  ['UNKNOWN_TOOL', 'execute_qurey', { source: 'shop' }, { hint: 'Did you mean "execute_query"?' }],
  [
    'SOURCE_NOT_FOUND',
    'execute_query',
    { source: 'shopp', sql: 'SELECT 1' },
    { hint: 'Did you mean "shop"? Sources: vega, shop, powerful, gated, dead, off.' },
  ],
  ['SOURCE_NOT_FOUND', 'list_tables', { source: 'warehouse' }, { hint: 'Sources: vega, shop, powerful, gated, dead, off.' }],
  ['VALIDATION_ERROR', 'describe_table', { table: 'x' }, { path: 'source', hint: 'Sources: vega, shop, powerful, gated, dead, off.' }],
  ['VALIDATION_ERROR', 'get_metadata', { source: 7 }, { path: 'source', hint: 'Sources: vega, shop, powerful, gated, dead, off.' }],
  ['SOURCE_UNAVAILABLE', 'execute_query', { source: 'dead', sql: 'SELECT 1' }, { retryable: true }],
  ['SOURCE_UNAVAILABLE', 'execute_query', { source: 'off', sql: 'SELECT 1' }, { retryable: false }],
  [
    'TABLE_NOT_FOUND',
    'execute_query',
    { source: 'shop', sql: 'SELECT * FROM custommers' },
    { hint: expect.stringContaining('"customers"') },
  ],
  ['TABLE_NOT_FOUND', 'execute_query', { source: 'vega', sql: 'SELECT * FROM airport' }, { hint: expect.stringContaining('"airports"') }],
  ['TABLE_NOT_FOUND', 'describe_table', { source: 'vega', table: 'pengins' }, { hint: expect.stringContaining('"penguins"') }],
  ['SQL_REJECTED', 'execute_query', { source: 'shop', sql: 'SELECT 1; DROP TABLE orders' }],
  ['SQL_REJECTED', 'execute_query', { source: 'shop', sql: 'DELETE FROM orders' }],
  ['SQL_REJECTED', 'execute_query', { source: 'shop', sql: 'WITH d AS (DELETE FROM orders RETURNING 1) SELECT * FROM d' }],
  ['SQL_REJECTED', 'execute_query', { source: 'vega', sql: "COPY airports TO 'x.csv'" }],
  ['SQL_REJECTED', 'execute_query', { source: 'vega', sql: "SELECT * FROM read_text('/etc/hostname')" }],
  ['SQL_REJECTED', 'execute_query', { source: 'shop', sql: "SELECT ('/etc/passwd'::text).pg_read_file" }],
  ['SQL_REJECTED', 'execute_query', { source: 'shop', sql: "SELECT set_config('statement_timeout', '0', false)" }],
  ['SQL_REJECTED', 'execute_query', { source: 'vega', sql: "SELECT getenv('HOME')" }],
  ['TABLE_NOT_FOUND', 'execute_query', { source: 'shop', sql: 'WITH regions AS (SELECT 1) SELECT * FROM sales.regions' }],
  ['TABLE_NOT_FOUND', 'execute_query', { source: 'vega', sql: "FROM '/etc/passwd'" }],
  ['TABLE_NOT_FOUND', 'describe_table', { source: 'shop', table: 'sales.regions' }],
  ['SOURCE_UNPROVEN', 'execute_query', { source: 'powerful', sql: 'SELECT 1' }, { hint: expect.stringContaining('dft grant powerful') }],
  ['SOURCE_UNPROVEN', 'get_metadata', { source: 'powerful' }],
  ['QUERY_TOO_COSTLY', 'execute_query', { source: 'gated', sql: 'SELECT * FROM orders' }],
  ['SQL_ERROR', 'execute_query', { source: 'shop', sql: 'SELECT 1 +\n  FROM orders' }, { position: { line: 2, column: 3, offset: 13 } }],
  ['SQL_ERROR', 'execute_query', { source: 'vega', sql: 'SELEC 1' }, { position: { line: 1, column: 1, offset: 0 } }],
  ['SQL_ERROR', 'execute_query', { source: 'vega', sql: 'SELECT nope FROM airports' }],
  ['PERMISSION_DENIED', 'execute_query', { source: 'shop', sql: 'SELECT cost FROM rightless' }],
  ['QUERY_TIMEOUT', 'execute_query', { source: 'shop', sql: endlessQuery('past-its-time') }, { retryable: false }],
  [
    'QUERY_TIMEOUT',
    'execute_query',
    { source: 'vega', sql: 'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7' },
    { retryable: false },
  ],
  [
    'RESULT_TOO_LARGE',
    'execute_query',
    { source: 'shop', sql: `SELECT ${Array.from({ length: 40 }, () => "repeat('x', 60000)").join(', ')}` },
  ],
]

describe('every failure gives the same answer through every door', () => {
  test.each(failing.map((one) => ({ title: `${one[0]} of ${one[1]} ${JSON.stringify(one[2]).slice(0, 90)}`, one })))(
    '$title',
    async ({ one }) => {
      const [code, tool, input, expected = {}] = one
      const { success, errors } = await answerOfAll(tool, input)
      expect(success).toBe(false)
      expect(errors).toContainEqual(expect.objectContaining({ code, ...expected }))
      expect(JSON.stringify(errors)).not.toMatch(/Secret-1234|127\.0\.0\.1|nobody|reader|CANARY|\bat .*\.ts/)
    },
  )
})

test('nothing that was logged holds a secret', () => {
  expect(started.logged.join('\n')).not.toMatch(/Secret-1234|reader-Pa55word/)
})

test('a project of one source names it to who left it out or misspelt it', async () => {
  const single = await startDataface(
    'name: single\nsources:\n  sales: { type: csv, files: { a: node_modules/vega-datasets/data/airports.csv } }',
  )
  for (const [name, door] of Object.entries(httpDoors(single)))
    for (const input of [{}, { source: null }, { source: 'saels' }, { source: 'warehouse' }])
      expect({ name, answer: await door('list_tables', input) }).toMatchObject({
        name,
        answer: { errors: [{ path: 'source', hint: 'The only source is "sales".' }] },
      })
  await single.close()
})

test('of many sources the first are named', async () => {
  const sources = Array.from(
    { length: 25 },
    (_, index) => `  s${index}: { type: csv, files: { a: node_modules/vega-datasets/data/airports.csv } }`,
  )
  const many = await startDataface(`name: many\nsources:\n${sources.join('\n')}`)
  const names = Array.from({ length: 20 }, (_, index) => `s${index}`).join(', ')
  expect(await (httpDoors(many).rest as Door)('list_tables', {})).toMatchObject({
    errors: [{ hint: `Sources: ${names} and 5 more, which list_sources gives.` }],
  })
  await many.close()
})
