/** What a client that asks for progress hears of a call that takes long, through real clients and both transports. */
import { resolve } from 'node:path'
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client'
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../support/doors.ts'
import { openDuck, query } from '../support/duckdb.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { root } from '../support/project-files.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const endless = 'SELECT count(*) FROM generate_series(1, 1000000000000) s(g) WHERE g % 3 = 4'

let started: Started
let folder: string
beforeAll(async () => {
  const yaml = `
name: progress
limits: { timeout_ms: 2600 }
sources:
  postgres: { type: postgres, url: "${postgresUrl('fixture', reader)}" }
  duckdb: { type: csv, files: { airports: node_modules/vega-datasets/data/airports.csv } }
`
  started = await startDataface(yaml)
  folder = projectFolder(yaml)
})
afterAll(() => started?.close())

interface Message {
  readonly id?: unknown
  readonly method?: string
  readonly params?: { readonly progress: number; readonly total?: number; readonly message: string }
}
type Transport = ModernHttp | ModernStdio | LegacyHttp | LegacyStdio

const httpUrl = () => new URL(`${started.url}/mcp`)
const stdio = () => ({
  command: process.execPath,
  args: ['--import', 'tsx', resolve(root, 'server/cli/main.ts'), 'mcp', '--project', folder],
  cwd: root,
  stderr: 'inherit' as const,
})

const open: Record<string, () => [ModernClient | LegacyClient, Transport]> = {
  'the v1 SDK client over HTTP': () => [new LegacyClient({ name: 'test', version: '1' }), new LegacyHttp(httpUrl())],
  'the v1 SDK client over stdio': () => [new LegacyClient({ name: 'test', version: '1' }), new LegacyStdio(stdio())],
  'the v2 client over HTTP': () => [new ModernClient({ name: 'test', version: '1' }), new ModernHttp(httpUrl())],
  'the v2 client over stdio': () => [new ModernClient({ name: 'test', version: '1' }), new ModernStdio(stdio())],
}

/** A connected client, with all that its transport hears. */
const connect = async (name: string) => {
  const [client, transport] = (open[name] as () => [ModernClient, ModernHttp])()
  await client.connect(transport)
  const heard: Message[] = []
  const receive = transport.onmessage as NonNullable<typeof transport.onmessage>
  transport.onmessage = (...given: Parameters<typeof receive>) => {
    heard.push(given[0] as Message)
    receive(...given)
  }
  return {
    heard,
    close: () => client.close(),
    call(tool: string, input: Record<string, unknown>, onprogress?: (progress: unknown) => void) {
      const params = { name: tool, arguments: input }
      const options = onprogress === undefined ? {} : { onprogress }
      // The v1 client has the schema of the result before its options.
      return (client as unknown) instanceof LegacyClient
        ? (client as unknown as LegacyClient).callTool(params, undefined, options)
        : client.callTool(params, options)
    },
  }
}

const isProgress = ({ method }: Message): boolean => method === 'notifications/progress'
const told = (heard: readonly Message[]) => heard.filter(isProgress).map(({ params }) => params as NonNullable<Message['params']>)

describe.each(Object.keys(open))('%s', (name) => {
  test('hears of a slow query until its answer, and nothing without asking', async () => {
    const { call, heard, close } = await connect(name)
    const received: unknown[] = []
    const slow = { source: 'duckdb', sql: endless }
    expect(await call('execute_query', slow, (one) => received.push(one))).toMatchObject({
      structuredContent: { errors: [{ code: 'QUERY_TIMEOUT' }] },
    })
    const beats = told(heard)
    expect(received).toHaveLength(beats.length)
    expect(beats.length).toBeGreaterThan(0)
    for (const { message } of beats) expect(message).toMatch(/^Running, [1-9]\d* s$/)
    for (const [index, { progress }] of beats.entries()) expect(progress).toBeGreaterThan(beats[index - 1]?.progress ?? 0)
    expect(isProgress(heard.at(-1) as Message)).toBe(false)

    heard.length = 0
    await call('execute_query', slow)
    expect(heard.filter(isProgress)).toEqual([])
    await close()
  }, 60_000)
})

describe('a client that asked', () => {
  let client: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    client = await connect('the v2 client over HTTP')
  })
  afterAll(() => client?.close())
  const listen = async (tool: string, input: Record<string, unknown>) => {
    client.heard.length = 0
    await client.call(tool, input, () => {})
    expect(isProgress(client.heard.at(-1) as Message)).toBe(false)
    const beats = told(client.heard)
    for (const [index, { progress, total = Number.POSITIVE_INFINITY }] of beats.entries()) {
      expect(progress).toBeGreaterThan(beats[index - 1]?.progress ?? -1)
      expect(progress).toBeLessThan(total)
    }
    return { beats, messages: beats.map(({ message }) => message) }
  }

  test('hears how many rows were read', async () => {
    const rows = `SELECT g, 'x' AS t FROM generate_series(1, 5000) s(g)`
    const sql = `${rows} UNION ALL ${endless.replace('count(*)', "count(*), 'y'")}`
    const { messages } = await listen('execute_query', { source: 'postgres', sql, limit: 10_000 })
    expect(messages.at(-1)).toMatch(/^[1-9]\d* rows read, \d+ s$/)
  })

  const board = `source: duckdb
queries:
  one: SELECT 1 AS n
  two: SELECT 2 AS n
  slow: ${endless}
charts:
  first: { query: one, type: kpi, value: n }
  second: { query: two, type: kpi, value: n }
  third: { query: slow, type: kpi, value: n }
rows: [first, second, third]
`
  test.each(['render_dashboard', 'test_yaml_execution', 'review_dashboard'])('hears how many queries %s has done of all', async (tool) => {
    const { messages, beats } = await listen(tool, { yaml: board })
    expect(messages).toEqual(expect.arrayContaining(['1 of 3 queries done', '2 of 3 queries done', '3 of 3 queries done']))
    expect(messages).toContainEqual(expect.stringMatching(/^2 of 3 queries done, [1-9]\d* s$/))
    expect(beats.at(-1)?.total).toBe(4)
  })

  test('hears how many sources the catalog has read', async () => {
    expect((await listen('catalog', {})).messages).toEqual(expect.arrayContaining(['1 of 2 sources read', '2 of 2 sources read']))
  })
})

test('DuckDB tells of its rows while they are read', async () => {
  const source = openDuck({})
  const told: number[] = []
  const sql = 'SELECT * FROM generate_series(1, 9000)'
  await query(source, sql, { limits: { maxRows: 10_000 }, onRows: (rowCount) => told.push(rowCount) })
  await source.close()
  expect(told.length).toBeGreaterThan(1)
  expect(told).toEqual(told.toSorted((a, b) => a - b))
  expect(told.at(-1)).toBe(9000)
})
