import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { postgresUrl, reader } from '../support/postgres.ts'
import { endlessQuery, slowQuery } from '../support/slow-query.ts'
import { folderOf, runDft, startDft, waitFor } from './run-dft.ts'

interface Started {
  readonly project: string
  readonly url: string
  readonly sources: { name: string; state: string; reason?: { code: string } }[]
  readonly diagnostics: { file: string; line: number; column: number; code: string }[]
}

/** Starts a server and waits until it says where it is. */
const serve = async (args: readonly string[], options: Parameters<typeof startDft>[1] = {}) => {
  const { child, done } = startDft(['serve', ...args, '--port', '0', '--json'], options)
  let text = ''
  child.stdout?.on('data', (chunk: string) => {
    text += chunk
  })
  const ended = done.then(({ code, err }) => {
    throw new Error(`dft serve ended with ${code}: ${err}`)
  })
  ended.catch(() => {})
  const line = await Promise.race([waitFor(() => (text.split('\n', 2).length === 2 ? text.split('\n', 1)[0] : undefined)), ended])
  return { child, done, ...(JSON.parse(line as string) as Started) }
}

const query = (url: string, source: string, sql: string) =>
  fetch(`${url}/api/v1/execute_query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source, sql }),
  })

const database = () => folderOf({ 'dataface.yml': `name: x\nsources:\n  db: {type: postgres, url: "{{ env_var('DB') }}"}\n` })

const countRunning = async (client: pg.Client, mark: string): Promise<number> =>
  (
    await client.query('SELECT 1 FROM pg_stat_activity WHERE query LIKE $1 AND pid <> pg_backend_pid() AND state = $2', [
      `%${mark}%`,
      'active',
    ])
  ).rowCount ?? 0

const withClient = async (use: (client: pg.Client) => Promise<void>): Promise<void> => {
  const client = new pg.Client({ connectionString: postgresUrl() })
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}

describe('dft serve', () => {
  test('prints the project, its doors, its sources and an example that works as it stands', async () => {
    const folder = folderOf({
      'dataface.yml':
        'name: shop\ndescription: A shop.\nsources:\n  files: {type: csv, files: {Order Items: t.csv}}\n  off: {type: postgres, url: "{{ env_var(\'NOPE\') }}"}\n',
      't.csv': 'a,b\n1,2\n',
    })
    const { child, done } = startDft(['serve', '--project', folder, '--port', '0'])
    let text = ''
    child.stdout?.on('data', (chunk: string) => {
      text += chunk
    })
    await waitFor(() => (text.includes('Ctrl-C stops.') ? true : undefined))
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] as string
    expect(text).toContain('Dataface serves shop: A shop.')
    for (const path of ['/mcp', '/api/v1', '/trpc', '/docs']) expect(text).toContain(`${url}${path}\n`)
    expect(text).toMatch(/files +csv +ready, 1 table\n/)
    expect(text).toMatch(/off +postgres +disabled\n/)
    expect(text).not.toContain('\u001b')

    const example = /curl -s (\S+) -H '([^:]+): ([^']+)' -d '(.*)'\n/.exec(text)
    expect(example).not.toBeNull()
    const [, address, header, value, body] = example as RegExpExecArray
    const answer = await fetch(address as string, {
      method: 'POST',
      headers: { [header as string]: value as string },
      body: body as string,
    })
    expect(await answer.json()).toMatchObject({ success: true, data: { row_count: 1 } })

    child.kill('SIGINT')
    expect(await done).toMatchObject({ code: 0 })
  })

  const warned = {
    'dataface.yml': `name: x
limits: {default_rows: 20, max_rows: 10}
sources:
  off: {type: postgres, url: "{{ env_var('NOPE') }}"}
  down: {type: postgres, url: "postgres://u:hunter2@127.0.0.1:1/d"}
`,
  }
  const places = ['dataface.yml:2:10 WRONG_VALUE', 'dataface.yml:4:30 MISSING_VARIABLE', 'dataface.yml:5:26 LITERAL_PASSWORD']

  test('says at its start what the configuration is warned about, and where', async () => {
    const cwd = folderOf(warned)
    const { child, done } = startDft(['serve', '--port', '0'], { cwd })
    let text = ''
    child.stdout?.on('data', (chunk: string) => {
      text += chunk
    })
    await waitFor(() => (text.includes('No source is ready') ? true : undefined))
    child.kill('SIGINT')
    const { err } = await done
    for (const place of places) expect(err).toContain(place)
    expect(err).not.toContain('hunter2')

    const json = await serve([], { cwd })
    expect(json.diagnostics.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`)).toEqual(places)

    const mcp = await runDft(['mcp'], { cwd })
    const logged = mcp.err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { message: string })
    expect(logged.map(({ message }) => message.replace(/ warning (\w+):.*/, ' $1'))).toEqual(places)
  })

  test('serves a file and a folder without any configuration', async () => {
    const folder = folderOf({ 'sales.csv': 'a\n1\n', 'people.json': '[{"b":2}]' })
    const file = await serve([`${folder}/sales.csv`])
    expect(file.project).toBe('sales')
    expect(await (await query(file.url, 'files', 'SELECT a FROM sales')).json()).toMatchObject({ success: true, data: { row_count: 1 } })
    file.child.kill('SIGTERM')
    expect(await file.done).toMatchObject({ code: 0 })

    const all = await serve([folder])
    expect(await (await query(all.url, 'files', 'SELECT a, b FROM sales, people')).json()).toMatchObject({
      success: true,
      data: { row_count: 1 },
    })
  })

  test('starts while a database is down, and says so', async () => {
    const { sources, url } = await serve([], { cwd: database(), env: { DB: 'postgres://u@127.0.0.1:1/d' } })
    expect(sources).toMatchObject([{ name: 'db', state: 'unavailable', reason: { code: 'SOURCE_UNAVAILABLE' } }])
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  test('shows a source as ready that takes longer to open than a call would wait', async () => {
    const { hostname, port } = new URL(postgresUrl())
    const late = createServer((client) => {
      const server = connect(Number(port), hostname)
      server.pipe(client)
      client.on('data', (data) => setTimeout(() => server.write(data), data.includes('read_only_session') ? 4_000 : 0))
      client.on('error', () => {}).on('close', () => server.destroy())
      server.on('error', () => {}).on('close', () => client.destroy())
    }).listen(0, '127.0.0.1')
    await once(late, 'listening')
    onTestFinished(() => void late.close())
    const address = new URL(postgresUrl('fixture', reader))
    address.port = String((late.address() as AddressInfo).port)
    const { sources } = await serve([], { cwd: database(), env: { DB: `${address.href}?sslmode=disable` } })
    expect(sources).toMatchObject([{ name: 'db', state: 'ready' }])
  })

  test('ends with a message when its port is taken, when the host is not local, and when a path does not exist', async () => {
    const folder = folderOf({ 'a.csv': 'a\n1\n' })
    const { url } = await serve([folder])
    const port = new URL(url).port
    expect(await runDft(['serve', folder, '--port', port])).toMatchObject({
      code: 1,
      err: expect.stringContaining(`The port ${port} is in use.`),
    })
    expect(await runDft(['serve', folder, '--host', '0.0.0.0'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/PERMISSION_DENIED[\s\S]*the data of "/) as string,
    })
    const closed = folderOf({ 'dataface.yml': 'name: x\naccess: {}\nsources: {}\n' })
    for (const host of ['203.0.113.7', 'no-such-host.invalid', 'not an address'])
      expect(await runDft(['serve', '--project', closed, '--port', '0', '--host', host])).toMatchObject({
        code: 1,
        err: expect.stringContaining(`VALIDATION_ERROR: "${host}" is no address of this machine.`) as string,
      })
    expect(await runDft(['serve', `${folder}/none.parquet`])).toMatchObject({
      code: 3,
      err: expect.stringContaining('There is no file or folder'),
    })
  })

  test('a variable that nothing reads is told at the start, with the nearest name', async () => {
    const { child, done } = await serve([], {
      cwd: folderOf({ 'dataface.yml': 'name: x\nsources: {}\n' }),
      env: { DATAFACE_DRAIN_SECOND: '3' },
    })
    child.kill('SIGINT')
    expect((await done).err).toContain('Did you mean "DATAFACE_DRAIN_SECONDS"?')
  })

  test('lets a query in flight finish after Ctrl-C', async () => {
    await withClient(async (client) => {
      const { child, done, url } = await serve([], { cwd: database(), env: { DB: postgresUrl('fixture', reader) } })
      const answer = query(url, 'db', slowQuery('finishes-after-ctrl-c'))
      await waitFor(async () => ((await countRunning(client, 'finishes-after-ctrl-c')) > 0 ? true : undefined))
      // A runner passes on what the terminal has sent to the whole group.
      child.kill('SIGINT')
      child.kill('SIGINT')
      expect(await (await answer).json()).toMatchObject({ success: true, data: { row_count: 1 } })
      expect(await done).toMatchObject({ code: 0, err: expect.stringContaining('Stopping') })
    })
  })

  test('stops at once at the second Ctrl-C, and the database stops working', async () => {
    await withClient(async (client) => {
      const { child, done, url } = await serve([], { cwd: database(), env: { DB: postgresUrl('fixture', reader) } })
      const answer = query(url, 'db', endlessQuery('dies-at-second-ctrl-c')).catch(() => undefined)
      await waitFor(async () => ((await countRunning(client, 'dies-at-second-ctrl-c')) > 0 ? true : undefined))
      child.kill('SIGINT')
      await new Promise<void>((resolve) => child.stderr?.once('data', () => resolve()))
      const again = setInterval(() => child.kill('SIGINT'), 200)
      expect((await done).code).toBe(130)
      clearInterval(again)
      expect(await answer).toBeUndefined()
      await waitFor(async () => ((await countRunning(client, 'dies-at-second-ctrl-c')) === 0 ? true : undefined))
    })
  })
})

describe('dft mcp', () => {
  test('answers on standard output and ends with its input', async () => {
    const folder = folderOf({ 'dataface.yml': 'name: x\nsources:\n  files: {type: csv, files: {t: t.csv}}\n', 't.csv': 'a\n1\n' })
    const { child, done } = startDft(['mcp', '--project', folder])
    let text = ''
    child.stdout?.on('data', (chunk: string) => {
      text += chunk
    })
    const send = (message: object) => child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
    send({
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    })
    await waitFor(() => (text.includes('\n') ? true : undefined))
    send({ method: 'notifications/initialized' })
    send({ id: 2, method: 'tools/call', params: { name: 'execute_query', arguments: { source: 'files', sql: 'SELECT a FROM t' } } })
    await waitFor(() => (text.split('\n').length > 2 ? true : undefined))
    const [first, second] = text.split('\n').map((line) => (line === '' ? undefined : (JSON.parse(line) as unknown)))
    expect(first).toMatchObject({ id: 1, result: { serverInfo: { name: 'dataface' } } })
    expect(second).toMatchObject({ id: 2, result: { structuredContent: { success: true, data: { row_count: 1 } } } })
    child.stdin?.end()
    expect(await done).toMatchObject({ code: 0, err: '' })
  })

  const start = [
    {
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    },
    { method: 'notifications/initialized' },
  ]
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const lines = (messages: readonly object[]) => messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join('')

  test.each([
    ['2025', start, undefined],
    ['2026', [], meta],
  ])('answers every call it was sent before its input ended, in the era of %s', async (_era, opening, _meta) => {
    const call = (id: number, sql: string) => ({
      id,
      method: 'tools/call',
      params: { name: 'execute_query', arguments: { source: 'db', sql }, ...(_meta !== undefined && { _meta }) },
    })
    const calls = [call(7, slowQuery('after-the-end')), call(8, 'SELECT 8'), call(9, 'DROP TABLE nothing')]
    const { code, out } = await runDft(['mcp'], {
      cwd: database(),
      env: { DB: postgresUrl('fixture', reader) },
      input: lines([...opening, ...calls]),
    })
    const answers = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; result: { structuredContent: { success: boolean } } })
      .filter(({ id }) => id > 1)
    expect(code).toBe(0)
    expect(answers.map(({ id, result }) => [id, result.structuredContent.success]).sort()).toEqual([
      [7, true],
      [8, true],
      [9, false],
    ])
  })

  test('ends at once when nothing is in flight, and when it is told to', async () => {
    expect(await runDft(['mcp'], { cwd: database(), env: { DB: postgresUrl('fixture', reader) } })).toMatchObject({ code: 0, out: '' })
    await withClient(async (client) => {
      const { child, done } = startDft(['mcp'], { cwd: database(), env: { DB: postgresUrl('fixture', reader) } })
      const sql = endlessQuery('told-to-end')
      child.stdin?.end(
        lines([...start, { id: 2, method: 'tools/call', params: { name: 'execute_query', arguments: { source: 'db', sql } } }]),
      )
      await waitFor(async () => ((await countRunning(client, 'told-to-end')) > 0 ? true : undefined))
      child.kill('SIGTERM')
      expect(await done).toMatchObject({ code: 0 })
      await waitFor(async () => ((await countRunning(client, 'told-to-end')) === 0 ? true : undefined))
    })
  })

  test('says on standard error why it cannot start, and nothing on standard output', async () => {
    const { code, out, err } = await runDft(['mcp'], { cwd: folderOf({ 'dataface.yml': 'nam: x\n' }) })
    expect([code, out]).toEqual([3, ''])
    expect(err).toContain('UNKNOWN_KEY')
  })
})
