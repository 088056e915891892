/** What hosts can read over MCP without calling a tool: boards, and the reference. */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Listening, listen } from '../../server/transports/http/listen.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

interface Client {
  listResources(params?: { cursor?: string }): Promise<{ resources: { uri: string; name: string }[]; nextCursor?: string }>
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string }[] }>
  readResource(params: { uri: string }): Promise<{ contents: { uri: string; mimeType?: string; text?: string }[] }>
  close(): Promise<void>
}

const board = 'title: Séance\ntext: Hello\n'

let project: BoardProject
let server: Listening
beforeAll(async () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`boards/z${at}.yml`, 'text: x\n']))
  project = await boardProject({ 'boards/a/été 1.yml': board, 'boards/b.md': '# B\n', 'boards/bad.yml': 'title: [', ...many })
  server = await listen({ app: await project.served.app(), port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  project?.served.stopTaking()
  await server?.close(500, project.served.close)
  await project?.close()
})

const connect: Record<string, () => Promise<Client>> = {
  legacy: async () => {
    const client = new LegacyClient({ name: 'test', version: '1' })
    await client.connect(new LegacyHttp(new URL(`${server.url}/mcp`)) as never)
    return client as unknown as Client
  },
  modern: async () => {
    const client = new ModernClient({ name: 'test', version: '1' })
    await client.connect(new ModernHttp(new URL(`${server.url}/mcp`)))
    return client as unknown as Client
  },
}

describe.each(Object.keys(connect))('a client of the %s era', (era) => {
  let client: Client
  beforeAll(async () => {
    client = await (connect[era] as () => Promise<Client>)()
  })
  afterAll(() => client?.close())
  const read = async (uri: string) => (await client.readResource({ uri })).contents

  test('is told of every board, topic and tool, page by page, and can read each', async () => {
    const uris: string[] = []
    // The client of the modern era turns the pages itself.
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await client.listResources(cursor === undefined ? undefined : { cursor })
      uris.push(...page.resources.map(({ uri }) => uri))
      cursor = page.nextCursor
    }
    for (const uri of ['dataface://boards', 'dataface://docs/kpi', 'dataface://docs/execute_query']) expect(uris).toContain(uri)
    expect(uris.filter((uri) => uri.startsWith('dataface://board/'))).toHaveLength(503)
    expect(new Set(uris).size).toBe(uris.length)
    const small = uris.filter((uri) => !uri.includes('/z'))
    for (const uri of small) expect((await read(uri))[0], uri).toMatchObject({ uri, text: expect.stringMatching(/\S/) })
  })

  test('reads the source text of a board by its path', async () => {
    expect(await read('dataface://board/boards/a/%C3%A9t%C3%A9%201.yml')).toEqual([
      { uri: 'dataface://board/boards/a/%C3%A9t%C3%A9%201.yml', mimeType: 'application/yaml', text: board },
    ])
    expect(await read('dataface://board/boards/b.md')).toMatchObject([{ mimeType: 'text/markdown', text: '# B\n' }])
  })

  test('reads the list, a topic of the language and the page of a tool', async () => {
    expect(JSON.parse((await read('dataface://boards'))[0]?.text ?? '')).toMatchObject({ total: 503 })
    expect((await read('dataface://docs/formats'))[0]?.text).toContain('currency_whole')
    const page = (await read('dataface://docs/list_tables'))[0]?.text
    expect(page).toMatch(/^# list_tables\n/)
    expect(page).not.toContain('](')
  })

  test('knows what the addresses are made of', async () => {
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['dataface://board/{+path}', 'dataface://docs/{topic}'])
  })

  test.each([
    'dataface://board/boards/none.yml',
    'dataface://board/../dataface.yml',
    'dataface://board/%2e%2e/dataface.yml',
    'dataface://board/%E0%A4%A',
    'dataface://board/',
    'dataface://docs/nothing',
    'dataface://docs/write_to_editor',
    'file:///etc/passwd',
  ])('is refused what is none: %s', async (uri) => {
    await expect(read(uri)).rejects.toMatchObject({ code: expect.any(Number), message: expect.stringMatching(/not found/i) })
  })

  test('is told what is wrong with a cursor that was made up', async () => {
    await expect(client.listResources({ cursor: 'made-up' })).rejects.toMatchObject({
      code: -32602,
      data: { success: false, errors: [{ path: 'cursor' }] },
    })
  })
})

test('names of topics and of tools are told apart', async () => {
  const { topics } = await project.data<{ topics: { name: string }[] }>('get_schema', {})
  expect(topics.filter(({ name }) => project.served.dispatcher.toolNames.includes(name))).toEqual([])
})
