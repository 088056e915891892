/**
 * What is wrong with a source is its operator's to know: callers get a code, what it means for them and what to do, and no
 * variable, host, login, database, role or path. Each of these holds CANARY here.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyEnvelope, type Door, httpDoors } from '../support/doors.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const postgres = (address: string, more = '') => `{type: postgres, url: "${address}"${more}}`

/** Source, whether trying again may help, and what only the operator reads. */
const broken = (): Readonly<Record<string, readonly [settings: string, retryable: boolean, log: RegExp]>> => ({
  missing_variable: [`{type: postgres, url: "{{ env_var('CANARY_URL') }}"}`, false, /variable CANARY_URL is not set/],
  bad_variable: [`{type: postgres, url: "{{ env_var('CANARY_BAD') }}"}`, false, /variable CANARY_BAD holds no valid value/],
  literal_password: [postgres('postgres://canary:CANARY-word@127.0.0.1:1/canary'), true, /ECONNREFUSED/],
  no_host: [postgres('postgres://canary@canary.invalid/canary'), false, /canary\.invalid/],
  no_login: [postgres(postgresUrl('fixture', { user: 'canary', password: 'CANARY-word' })), false, /user \\?"canary/],
  no_database: [postgres(postgresUrl('canary', reader)), false, /database \\?"canary/],
  no_role: [postgres(postgresUrl('fixture', reader), ', role: canary'), false, /role \\?"canary/],
  other_role: [postgres(postgresUrl('fixture', reader), ', role: postgres'), false, /permission denied to set role/],
  no_socket: ['{type: postgres, host: /nonexistent/canary, dbname: canary}', true, /ENOENT/],
  no_tls: [postgres(`${postgresUrl('fixture', reader)}?sslmode=require`), false, /does not support SSL/],
  no_file: ['{type: duckdb, path: canary/canary.duckdb}', false, /canary\.duckdb/],
  no_database_file: ['{type: duckdb, path: package.json}', false, /package\.json/],
  no_csv: ['{type: csv, files: {t: canary/canary.csv}}', false, /./],
  no_data_package: ['{type: csv, datapackage: canary/canary.json, files: {t: node_modules/vega-datasets/data/airports.csv}}', false, /./],
})

let sources: ReturnType<typeof broken>
let started: Started
let call: Door
beforeAll(async () => {
  sources = broken()
  const lines = Object.entries(sources).map(([name, [settings]]) => `  ${name}: ${settings}\n`)
  started = await startDataface(`name: x\nsources:\n${lines.join('')}`, { CANARY_BAD: 'canary-is-no-address' })
  call = httpDoors(started).rest as Door
})
afterAll(() => started?.close())

const secrets = /canary|127\.0\.0\.1|\breader\b|postgres:\/\/|vega-datasets|package\.json|env_var|nonexistent|\/tmp/i

test('through no tool', async () => {
  const answers: AnyEnvelope[] = [await call('list_sources', {}), await call('catalog', { query: 'anything' }), await call('catalog', {})]
  for (const source of Object.keys(sources))
    answers.push(
      await call('execute_query', { source, sql: 'SELECT 1 FROM t' }),
      await call('list_tables', { source }),
      await call('describe_table', { source, table: 't' }),
      await call('get_metadata', { source }),
    )
  for (const answer of answers) expect(JSON.stringify(answer)).not.toMatch(secrets)
  expect(answers.filter(({ success }) => !success).length).toBeGreaterThan(40)
})

test('a source that is not served says in list_sources whether to try again, and what to do', async () => {
  const { data } = await call('list_sources', {})
  const listed = (data as { sources: { name: string; reason?: object }[] }).sources.filter(({ reason }) => reason !== undefined)
  const expected = Object.entries(sources).filter(([name]) => !['no_csv', 'no_data_package'].includes(name))
  expect(listed.map(({ name, reason }) => ({ name, reason }))).toEqual(
    expected
      .map(([name, [, retryable]]) => ({
        name,
        reason: { code: 'SOURCE_UNAVAILABLE', message: expect.stringMatching(/\.$/), hint: expect.stringContaining('operator'), retryable },
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  )
})

test('a call says how long to wait where waiting may help, and the log says what the operator must know', async () => {
  for (const [source, [, retryable, log]] of Object.entries(sources).filter(([name]) => !['no_csv', 'no_data_package'].includes(name))) {
    const { errors, meta } = await call('list_tables', { source })
    expect(errors, source).toEqual([
      expect.objectContaining({ code: 'SOURCE_UNAVAILABLE', hint: expect.stringContaining('operator'), retryable }),
    ])
    expect([source, errors?.[0] !== undefined && 'retry_after_ms' in errors[0]]).toEqual([source, retryable])
    const line = started.logged.find((one) => one.includes(String(meta.request_id)))
    expect(line, source).toMatch(log)
    expect(line, source).not.toContain('CANARY-word')
  }
})
