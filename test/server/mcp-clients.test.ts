import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client'
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { projectFolder } from '../support/doors.ts'
import { root } from '../support/project-files.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

const yaml = `name: clients\nsources:${vegaSource}`
const calls: Record<string, Record<string, unknown>> = {
  catalog: { query: 'weather' },
  describe_table: { source: 'vega', table: 'penguins' },
  execute_query: { source: 'vega', sql: 'SELECT count(*) AS n FROM flights_3m' },
  get_metadata: { source: 'vega', detail: 'names' },
  list_sources: {},
  list_tables: { source: 'vega' },
  render_dashboard: { path: 'boards/penguins.yml', format: 'png' },
}
const names = contracts.map((contract) => contract.name).sort()

let started: Started
let folder: string
beforeAll(async () => {
  started = await startDataface(yaml)
  folder = projectFolder(yaml)
})
afterAll(() => started?.close())

const stdio = () => ({
  command: process.execPath,
  args: ['--import', 'tsx', resolve(root, 'server/cli/main.ts'), 'mcp', '--project', folder],
  cwd: root,
  stderr: 'inherit' as const,
})
const mcpUrl = () => new URL(`${started.url}/mcp`)

interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}

const connect: Record<string, () => Promise<AnyClient>> = {
  'the v1 SDK client over HTTP': async () => {
    const client = new LegacyClient({ name: 'test', version: '1' })
    await client.connect(new LegacyHttp(mcpUrl()) as never)
    return client as AnyClient
  },
  'the v1 SDK client over stdio': async () => {
    const client = new LegacyClient({ name: 'test', version: '1' })
    await client.connect(new LegacyStdio(stdio()) as never)
    return client as AnyClient
  },
  'the v2 client over HTTP': async () => {
    const client = new ModernClient({ name: 'test', version: '1' })
    await client.connect(new ModernHttp(mcpUrl()))
    return client as unknown as AnyClient
  },
  'the v2 client over stdio': async () => {
    const client = new ModernClient({ name: 'test', version: '1' })
    await client.connect(new ModernStdio(stdio()))
    return client as unknown as AnyClient
  },
}

describe.each(Object.keys(connect))('%s', (name) => {
  test('lists every tool and gets an answer of each that its output schema accepts', async () => {
    const client = await (connect[name] as () => Promise<AnyClient>)()
    const { tools } = await client.listTools()
    expect(tools.map((tool) => tool.name).sort()).toEqual(names)
    for (const [tool, input] of Object.entries(calls)) {
      // Both clients check structured content against the output schema they were given.
      expect(await client.callTool({ name: tool, arguments: input }), tool).toMatchObject({
        isError: false,
        structuredContent: { success: true },
      })
    }
    expect(await client.callTool({ name: 'execute_query', arguments: { source: 'vega', sql: 'DROP TABLE x' } })).toMatchObject({
      isError: true,
      structuredContent: { success: false, errors: [{ code: 'SQL_REJECTED' }] },
    })
    await client.close()
  })
})

const run = promisify(execFile)
const inspector = (args: readonly string[]) =>
  run(resolve(root, 'node_modules/.bin/mcp-inspector'), ['--cli', '--format', 'json', ...args], { cwd: root, maxBuffer: 16 * 1024 * 1024 })

describe.each(['legacy', 'modern'])('the Inspector, in the %s era', (era) => {
  test('lists every tool and calls every tool over HTTP', async () => {
    const target = [`${started.url}/mcp`, '--transport', 'http', '--protocol-era', era]
    const listed = JSON.parse((await inspector([...target, '--method', 'tools/list'])).stdout) as {
      tools?: { name: string }[]
      result?: { tools: { name: string }[] }
    }
    expect((listed.tools ?? listed.result?.tools ?? []).map((tool) => tool.name).sort()).toEqual(names)
    for (const [tool, input] of Object.entries(calls)) {
      const { stdout } = await inspector([
        ...target,
        '--method',
        'tools/call',
        '--tool-name',
        tool,
        '--tool-args-json',
        JSON.stringify(input),
      ])
      expect(stdout, tool).toMatch(/"success":\s*true/)
    }
  }, 180_000)
})

test('the Inspector calls a tool over stdio', async () => {
  const { command, args } = stdio()
  const { stdout } = await inspector([
    '--transport',
    'stdio',
    '--method',
    'tools/call',
    '--tool-name',
    'list_tables',
    '--tool-arg',
    'source=vega',
    '--',
    command,
    ...args,
  ])
  expect(stdout).toMatch(/"success":\s*true/)
}, 120_000)
