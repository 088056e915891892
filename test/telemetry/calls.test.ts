import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorDefinitions } from '../../contracts/v1/errors.ts'
import { createTelemetry } from '../../server/main.ts'
import { waitFor } from '../cli/run-dft.ts'
import { httpDoors } from '../support/doors.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { readMetrics, sumOf } from '../support/read-metrics.ts'
import { postForStream } from '../support/read-stream.ts'
import { endlessQuery } from '../support/slow-query.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
beforeAll(async () => {
  const text = `name: shop
quotas: { tools: { list_tables: { calls_per_minute: 2 } }, project: { rows_per_day: 1000000 } }
sources:
  orders: { type: postgres, url: "{{ env_var('URL') }}", limits: { max_concurrency: 4 } }${vegaSource}`
  started = await startDataface(text, { URL: postgresUrl('fixture', reader) })
})
afterAll(() => started?.close())

const call = (tool: string, input: unknown, signal?: AbortSignal) =>
  fetch(`${started.url}/api/v2/${tool}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'shop-report/3.1 (secret-host)' },
    body: JSON.stringify(input),
    ...(signal !== undefined && { signal }),
  })

const query = (source: string, sql: string, more: object = {}, signal?: AbortSignal) =>
  call('execute_query', { source, sql, ...more }, signal)

const endless = { orders: endlessQuery('mixed load'), vega: 'SELECT sum(hash(range)) FROM range(1000000000000)' }

/** A client that goes away after so many milliseconds. */
const vanish = (ms: number) => (ask: (signal: AbortSignal) => Promise<unknown>) => ask(AbortSignal.timeout(ms)).catch(() => {})

describe('calls under a mixed load', () => {
  beforeAll(async () => {
    const stream = async (signal?: AbortSignal) => {
      const response = await postForStream(
        started.url,
        { source: 'orders', sql: 'SELECT * FROM generate_series(1, 200000)' },
        'application/x-ndjson',
        signal,
      )
      await response.text()
    }
    const doors = Object.entries(httpDoors(started)).filter(([door]) => door !== 'inside')
    for (const source of ['orders', 'vega'] as const) {
      // Opening a source takes its time, and would use up that of the next call.
      await query(source, 'SELECT 1')
      await query(source, endless[source], { timeout_ms: 1000 })
    }
    await Promise.all([
      ...Array.from({ length: 20 }, (_, index) => query(index % 2 === 0 ? 'orders' : 'vega', `SELECT ${index} AS n, 'se-cret' AS word`)),
      ...doors.map(([, door]) => door('execute_query', { source: 'vega', sql: 'SELECT count(*) FROM airports' })),
      ...doors.map(([, door]) => door('execute_query', { source: 'vega', sql: 'DELETE FROM airports' })),
      query('orders', 'SELECT pg_sleep(1)'),
      query('orders', 'SELECT 1; SELECT 2'),
      query('orders', 'SELEC'),
      query('orders', 'SELECT * FROM nowhere'),
      query('nowhere', 'SELECT 1'),
      call('no_such_tool', {}),
      call('execute_query', { source: 7 }),
      ...[5, 50, 300].flatMap((ms) => [
        vanish(ms)((signal) => query('orders', endless.orders, {}, signal)),
        vanish(ms)((signal) => query('vega', endless.vega, {}, signal)),
        vanish(ms)((signal) => stream(signal)),
      ]),
      stream(),
      ...[1, 2, 3].map(() => call('list_tables', { source: 'vega' })),
      call('render_dashboard', { path: 'boards/flights.yml', format: 'text' }),
    ])
    await waitFor(async () => sumOf(await readMetrics(started.url), 'dataface_calls_in_flight') === 0 || undefined)
  })

  test('are all answered: none is dropped, and none is in flight when nobody asks', async () => {
    const series = await readMetrics(started.url)
    const accepted = sumOf(series, 'dataface_calls_accepted_total')
    expect(accepted).toBeGreaterThan(40)
    expect(sumOf(series, 'dataface_calls_answered_total')).toBe(accepted)
    expect(series.filter(({ name, value }) => name === 'dataface_calls_dropped' && value !== 0)).toEqual([])
    expect(sumOf(series, 'dataface_call_duration_seconds_count')).toBe(accepted)
  })

  test('are counted by what became of them', async () => {
    const series = await readMetrics(started.url)
    const answered = (code: string) => sumOf(series, 'dataface_calls_answered_total', { code })
    expect(answered('QUERY_TIMEOUT')).toBe(2)
    expect(sumOf(series, 'dataface_timeouts_total', { tool: 'execute_query' })).toBe(2)
    expect(answered('CANCELLED')).toBeGreaterThanOrEqual(4)
    expect(sumOf(series, 'dataface_cancels_total')).toBe(answered('CANCELLED'))
    expect(answered('SOURCE_NOT_FOUND')).toBe(1)
    expect(sumOf(series, 'dataface_calls_answered_total', { tool: 'unknown', code: 'UNKNOWN_TOOL' })).toBe(1)
    expect(sumOf(series, 'dataface_limit_refusals_total', { limit: 'calls' })).toBe(1)
    const refused = (rule: string) => sumOf(series, 'dataface_guard_verdicts_total', { verdict: 'refused', rule })
    expect(
      Object.fromEntries(['function', 'several_statements', 'SQL_ERROR', 'TABLE_NOT_FOUND'].map((rule) => [rule, refused(rule)])),
    ).toEqual({
      function: 1,
      several_statements: 1,
      SQL_ERROR: 1,
      TABLE_NOT_FOUND: 1,
    })
    const perDoor = series.filter(
      ({ name, labels }) => name === 'mcp_server_operation_duration_seconds_count' && labels.error_type === 'tool_error',
    )
    expect(perDoor.map(({ labels, value }) => [labels.mcp_method_name, labels.gen_ai_tool_name, value])).toEqual([
      ['tools/call', 'execute_query', refused('not_a_read') - 3],
    ])
    expect(sumOf(series, 'dataface_rows_total')).toBeGreaterThanOrEqual(200_000)
    expect(sumOf(series, 'dataface_budget_used_ratio', { budget: 'rows' })).toBeCloseTo(sumOf(series, 'dataface_rows_total') / 1e6, 3)
    expect(sumOf(series, 'dataface_queue_wait_seconds_count', { source: 'orders' })).toBeGreaterThan(10)
  })

  test('are told by names of settings and contracts alone', async () => {
    const series = await readMetrics(started.url)
    const valuesOf = (label: string) => [...new Set(series.flatMap(({ labels }) => labels[label] ?? []))].sort()
    const { toolNames } = started.dataface.dispatcher
    const known: Record<string, readonly string[]> = {
      project: ['shop'],
      source: ['orders', 'vega'],
      tool: [...toolNames, 'unknown'],
      code: [...Object.keys(errorDefinitions), 'OK'],
      door: ['mcp', 'rest', 'trpc', 'page', 'cli', 'inside'],
    }
    for (const [label, names] of Object.entries(known)) expect(valuesOf(label).filter((value) => !names.includes(value))).toEqual([])
    expect(JSON.stringify(series)).not.toMatch(/se-cret|secret-host|reader|nowhere|no_such_tool/)
  })
})

test('a call that is over without an answer counts as dropped', () => {
  const telemetry = createTelemetry()
  const take = () => telemetry.take({ project: 'shop', tool: 'catalog', door: 'rest', requestId: '1', version: 1 })
  take().end()
  expect(telemetry.dropped).toBe(1)
  take()
  expect(telemetry.dropped).toBe(1)
})

test('calls add to series that are there, and make none of their own', () => {
  const telemetry = createTelemetry()
  const envelope = {
    success: true as const,
    data: {},
    warnings: [],
    meta: { request_id: '1', contract: 'catalog@1.0.0', project: 'shop', timing_ms: 1 },
  }
  const before = telemetry.read().find(({ name }) => name === 'dataface_calls_answered_total')?.points.length
  for (let index = 0; index < 10_000; index++) {
    const watch = telemetry.take({ project: 'shop', tool: 'catalog', door: 'rest', requestId: '1', version: 1 })
    watch.answered(envelope, { rows: 1, bytes: 10, tokens: 3 })
    watch.end()
  }
  const after = telemetry.read().find(({ name }) => name === 'dataface_calls_answered_total')?.points.length
  expect([before, (after as number) < 20, telemetry.recent.tools[0]?.calls]).toEqual([0, true, 10_000])
})

describe('who may read what the server knows of itself', () => {
  let closed: Started
  let unset: Started
  beforeAll(async () => {
    const text = 'name: closed\naccess: {}\nsources: {}\n'
    closed = await startDataface(text, { DATAFACE_OPERATOR_TOKEN: 'op-token' })
    unset = await startDataface(text)
  })
  afterAll(() => Promise.all([closed?.close(), unset?.close()]))

  const asked = async (url: string, headers: Record<string, string> = {}) => (await fetch(`${url}/metrics`, { headers })).status
  const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}` })

  test('is whoever has the token of the operator, where callers need credentials', async () => {
    expect(await asked(closed.url)).toBe(401)
    expect(await asked(closed.url, { authorization: 'Bearer op-tokem' })).toBe(401)
    expect(await asked(closed.url, basic('op-token '))).toBe(401)
    expect(await asked(closed.url, { authorization: 'Bearer op-token' })).toBe(200)
    expect(await asked(closed.url, basic('op-token'))).toBe(200)
  })

  test('is nobody where there is no token, and the log says what to set, once', async () => {
    expect([await asked(unset.url), await asked(unset.url, { authorization: 'Bearer ' }), await asked(unset.url, basic(''))]).toEqual([
      401, 401, 401,
    ])
    expect(unset.logged.filter((line) => line.includes('DATAFACE_OPERATOR_TOKEN'))).toHaveLength(1)
  })

  test('is anyone on this machine where callers need none, but no page of another site', async () => {
    expect(await asked(started.url)).toBe(200)
    const { port } = new URL(started.url)
    const rebound = await new Promise((done) =>
      request({ port, path: '/metrics', headers: { host: 'evil.example' } }, (response) => done(response.resume().statusCode)).end(),
    )
    expect([rebound, await asked(started.url, { origin: 'https://evil.example' })]).toEqual([403, 403])
  })
})
