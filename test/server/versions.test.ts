/** Two versions of one tool are served at once, through every door; who asks for none gets what was there before. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testYamlExecution as first } from '../../contracts/v1/tools/test-yaml-execution.ts'
import { testYamlExecution as second } from '../../contracts/v2/tools/test-yaml-execution.ts'
import { runDft } from '../cli/run-dft.ts'
import { type AnyEnvelope, httpDoors, openStdioDoor, projectFolder, readRpc, withoutTimes } from '../support/doors.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
beforeAll(async () => {
  started = await startDataface(`name: versions\nsources:${vegaSource}`)
})
afterAll(() => started?.close())

const yaml = `
title: Birds
source: vega
queries:
  gone: SELECT * FROM pinguins
  broken: |
    SELECT count(*)
    FROM penguins WHERE spezies = 'Adelie'
  none: SELECT 1 AS a WHERE false
charts:
  one: { query: none, type: bar, x: a, y: a }
`
const tool = 'test_yaml_execution'

interface Report {
  readonly queries: readonly { readonly name: string; readonly error?: unknown; readonly hint?: string }[]
  readonly charts: readonly { readonly findings: readonly unknown[] }[]
}
const reportOf = (answer: AnyEnvelope): Report => answer.data as unknown as Report
const errorOf = (answer: AnyEnvelope, name: string) => reportOf(answer).queries.find((query) => query.name === name)

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${started.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify(body),
  })

const rpc = (method: string, params: unknown = {}) => ({ jsonrpc: '2.0', id: 1, method, params })
const legacy = { 'mcp-protocol-version': '2025-06-18' }

describe.each([1, 2])('version %i', (version) => {
  test('is the same through every door, and says so', async () => {
    const answers = await Promise.all(Object.values(httpDoors(started, version)).map((door) => door(tool, { yaml })))
    const contract = version === 1 ? first : second
    for (const answer of answers) {
      expect(answer.meta.contract).toBe(`test_yaml_execution@${contract.version}`)
      expect(contract.output.strict().safeParse(answer.data).error).toBeUndefined()
      expect(withoutTimes(answer)).toEqual(withoutTimes(answers[0] as AnyEnvelope))
    }
  })

  test('answers for the tools that have no other as ever', async () => {
    for (const door of Object.values(httpDoors(started, version)))
      expect((await door('list_sources', {})).meta.contract).toBe('list_sources@1.0.0')
  })

  test('refuses with the same codes through every door', async () => {
    const doors = Object.values(httpDoors(started, version))
    const answers = await Promise.all(doors.map((door) => door(tool, { yaml, limmit: 5 })))
    for (const answer of answers) expect(withoutTimes(answer)).toEqual(withoutTimes(answers[0] as AnyEnvelope))
    expect(answers[0]).toMatchObject({ errors: [{ code: 'VALIDATION_ERROR', path: 'limmit' }] })
  })
})

test('version 1 tells errors and findings in sentences, version 2 in parts', async () => {
  const [before, after] = await Promise.all(
    [1, 2].map(async (version) => httpDoors(started, version).rest?.(tool, { yaml }) as Promise<AnyEnvelope>),
  )
  if (before === undefined || after === undefined) expect.unreachable()
  expect(errorOf(after, 'gone')).toMatchObject({
    error: { code: 'TABLE_NOT_FOUND', hint: expect.stringContaining('penguins'), retryable: false },
  })
  expect(errorOf(before, 'gone')).toMatchObject({
    error: expect.stringMatching(/^TABLE_NOT_FOUND: /),
    hint: expect.stringContaining('penguins'),
  })
  expect(errorOf(after, 'broken')).toMatchObject({ error: { code: 'SQL_ERROR', line: 2 } })
  expect(errorOf(before, 'broken')?.error).toMatch(/^SQL_ERROR: .* \(line 2 of the query broken\)$/)
  expect(reportOf(after).charts[0]?.findings[0]).toMatchObject({ level: 'warning', code: expect.any(String), message: expect.any(String) })
  expect(reportOf(before).charts[0]?.findings[0]).toMatch(/^[A-Z_]+: /)
})

test('who names no version over tRPC was written for the first, and over MCP reads the list of the newest', async () => {
  const trpc = (await (await post(`/trpc/${tool}`, { yaml })).json()) as { result: { data: AnyEnvelope } }
  expect(trpc.result.data.meta.contract).toBe('test_yaml_execution@1.0.0')
  const mcp = (await readRpc(await post('/mcp', rpc('tools/call', { name: tool, arguments: { yaml } }), legacy))) as {
    result: { structuredContent: AnyEnvelope }
  }
  expect(mcp.result.structuredContent.meta.contract).toBe('test_yaml_execution@2.0.0')
})

describe('that a version will go', () => {
  const warning = { code: 'CONTRACT_DEPRECATED', message: expect.stringContaining('test_yaml_execution@1.0.0 answers until 2027-12-31') }

  test('is told by REST in headers and a warning', async () => {
    const old = await post(`/api/v1/${tool}`, { yaml })
    expect(Object.fromEntries(['deprecation', 'sunset', 'link'].map((name) => [name, old.headers.get(name)]))).toEqual({
      deprecation: `@${Date.parse('2026-11-21') / 1000}`,
      sunset: 'Fri, 31 Dec 2027 23:59:59 GMT',
      link: '</api/v2/test_yaml_execution>; rel="successor-version"',
    })
    expect(((await old.json()) as AnyEnvelope).warnings).toContainEqual(warning)
    const failed = await post(`/api/v1/${tool}`, { path: 'boards/none.yml' })
    expect([failed.headers.get('sunset'), ((await failed.json()) as AnyEnvelope).warnings]).toEqual([expect.any(String), [warning]])
    const current = await post(`/api/v2/${tool}`, { yaml })
    expect(current.headers.get('deprecation')).toBeNull()
    expect(((await current.json()) as AnyEnvelope).warnings).toEqual([])
  })

  test('is told by tRPC in headers', async () => {
    const batch = await fetch(
      `${started.url}/trpc/list_sources,${tool}?batch=1&input=${encodeURIComponent(JSON.stringify({ 1: { yaml } }))}`,
    )
    expect(batch.headers.get('sunset')).toBe('Fri, 31 Dec 2027 23:59:59 GMT')
  })

  test('is told by MCP in its list and its results', async () => {
    const headers = { ...legacy, 'dataface-version': '1' }
    const list = (await readRpc(await post('/mcp', rpc('tools/list'), headers))) as {
      result: { tools: { name: string; _meta?: Record<string, unknown> }[] }
    }
    const entry = list.result.tools.find(({ name }) => name === tool)
    expect(entry?._meta?.['io.dataface/deprecated']).toEqual({ since: '2026-11-21', sunset: '2027-12-31' })
    expect(JSON.stringify(entry)).toContain('"findings":{"type":"array","items":{"type":"string"}}')
    const called = (await readRpc(await post('/mcp', rpc('tools/call', { name: tool, arguments: { yaml } }), headers))) as {
      result: { _meta: Record<string, unknown>; structuredContent: AnyEnvelope }
    }
    expect(called.result._meta['io.dataface/deprecated']).toMatchObject({ version: 1, newest: 2, sunset: '2027-12-31' })
    expect(called.result.structuredContent.warnings).toContainEqual(warning)
  })
})

test.each(['0', '3', '02', '-1', 'x', '1.0.0', '99999999999'])('version "%s" is refused with those there are', async (version) => {
  const refused = { code: 'VALIDATION_ERROR', hint: 'Versions: 1, 2.' }
  if (/^\d+$/.test(version))
    expect(await (await post(`/api/v${version}/list_sources`, {})).json()).toMatchObject({ success: false, errors: [refused] })
  const named = { 'dataface-version': version }
  expect(await (await post('/trpc/list_sources', {}, named)).json()).toMatchObject({ result: { data: { errors: [refused] } } })
  const mcp = await post('/mcp', rpc('tools/list'), { ...legacy, ...named })
  expect(mcp.status).toBe(400)
  expect(await mcp.json()).toMatchObject({ error: { code: -32600, data: { errors: [refused] } } })
})

test('a header that says another version than the path is refused, and one that says the same is taken', async () => {
  const answer = async (path: string, version: string): Promise<unknown> =>
    (await post(`/api/${path}/list_sources`, {}, { 'dataface-version': version })).json()
  expect(await answer('v1', '2')).toMatchObject({ errors: [{ code: 'VALIDATION_ERROR', path: 'dataface-version' }] })
  expect(await answer('v1', 'x')).toMatchObject({ errors: [{ code: 'VALIDATION_ERROR', path: 'dataface-version' }] })
  expect(await answer('v2', '2')).toMatchObject({ success: true })
})

test('a host that starts the server says its version on the command line', async () => {
  const folder = projectFolder(`name: versions\nsources:${vegaSource}`)
  const { door, close } = await openStdioDoor(folder, ['--api-version', '1'])
  expect((await door(tool, { yaml })).meta.contract).toBe('test_yaml_execution@1.0.0')
  await close()
  const { code, err } = await runDft(['mcp', '--project', folder, '--api-version', '3'])
  expect([code, err]).toEqual([2, expect.stringContaining('Versions: 1, 2.')])
})
