import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { parse as parseJsonc } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mcpClients } from '../../server/cli/mcp-clients.ts'
import { mergeSettings } from '../../server/cli/merge-settings.ts'
import { root } from '../support/project-files.ts'
import { type Outcome, runDft } from './run-dft.ts'

/** A folder to work in, and one of a person. */
const places = (): { folder: string; home: string } => {
  const made = [mkdtempSync(join(tmpdir(), 'init-folder-')), mkdtempSync(join(tmpdir(), 'init-home-'))] as const
  onTestFinished(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true })
  })
  return { folder: made[0], home: made[1] }
}

const demo = resolve(root, 'docs/examples/demo')
const init = ({ folder, home }: ReturnType<typeof places>, ...args: readonly string[]): Promise<Outcome> =>
  runDft(['init', 'mcp', ...args], { cwd: folder, env: { HOME: home, CODEX_HOME: join(home, '.codex') } })

/** The clients that keep their settings in a file, and where. */
const filed = {
  vscode: 'folder/.vscode/mcp.json',
  cursor: 'folder/.cursor/mcp.json',
  'claude-code': 'folder/.mcp.json',
  'claude-desktop': 'home/.config/Claude/claude_desktop_config.json',
  codex: 'home/.codex/config.toml',
} as const
type Filed = keyof typeof filed
const names = Object.keys(filed) as Filed[]

const fileOf = (client: Filed, { folder, home }: ReturnType<typeof places>): string =>
  filed[client].replace(/^folder/, folder).replace(/^home/, home)
const parsed = (client: Filed, text: string): Record<string, Record<string, Record<string, unknown>>> =>
  (mcpClients[client].format === 'toml' ? parseToml(text) : parseJsonc(text)) as never
const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

describe.each(names)('dft init mcp %s', (client) => {
  const { section } = mcpClients[client]

  test('makes the settings, and says no more when it is run again', async () => {
    const at = places()
    const { code, out } = await init(at, client, '--project', demo)
    expect([code, out]).toEqual([0, `Added "dataface" to ${fileOf(client, at)}\n`])
    const text = readFileSync(fileOf(client, at), 'utf8')
    expect(parsed(client, text)[section]?.dataface).toMatchObject({
      command: 'npm',
      args: ['--prefix', root, 'run', '-s', 'dft', '--', 'mcp', '--project', demo],
    })
    const again = await init(at, client, '--project', demo)
    expect([again.code, again.out]).toEqual([0, `"dataface" is in ${fileOf(client, at)} already\n`])
    expect(readFileSync(fileOf(client, at), 'utf8')).toBe(text)
    expect(readdirSync(dirname(fileOf(client, at))).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('keeps what is there, and refuses to replace a server or to touch what it does not understand', async () => {
    const at = places()
    const file = fileOf(client, at)
    const isToml = mcpClients[client].format === 'toml'
    const there = isToml
      ? `# mine\nmodel = "x"\n\n[${section}.other]\ncommand = "true"  # keep\n`
      : `{\n\t// mine\n\t"${section}": {\n\t\t"other": { "command": "true" }, // keep\n\t},\n\t"more": [1],\n}\n`
    write(file, there)
    chmodSync(file, 0o600)
    expect((await init(at, client, '--project', demo)).code).toBe(0)
    const text = readFileSync(file, 'utf8')
    expect(Object.keys(parsed(client, text)[section] ?? {})).toEqual(['other', 'dataface'])
    for (const comment of ['mine', 'keep']) expect(text).toContain(comment)
    expect(statSync(file).mode & 0o777).toBe(0o600)

    const other = await init(at, client, '--url', 'http://127.0.0.1:1/mcp', '--name', 'other').then((outcome) =>
      client === 'claude-desktop' ? init(at, client, '--project', demo, '--name', 'other') : outcome,
    )
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('another server "other" already')])
    expect(readFileSync(file, 'utf8')).toBe(text)

    for (const broken of isToml
      ? ['[mcp_servers', 'mcp_servers = 1', 'mcp_servers = { other = { command = "a" } }']
      : ['{', '[]', `{"${section}": []}`, `{"${section}": null}`, '"x"']) {
      write(file, broken)
      const refused = await init(at, client, '--project', demo)
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('not understood')])
      expect(readFileSync(file, 'utf8')).toBe(broken)
    }
  })

  test('prints and writes nothing when asked to', async () => {
    const at = places()
    const { code, out } = await init(at, client, '--project', demo, '--print', '--name', 'shop')
    expect(code).toBe(0)
    expect(Object.keys(parsed(client, out)[section] ?? {})).toEqual(['shop'])
    expect(existsSync(fileOf(client, at))).toBe(false)
  })
})

test('a server that runs is named by its address, in the form of each client', async () => {
  const at = places()
  const entry = async (client: string): Promise<unknown> => {
    const { out } = await init(at, client, '--url', 'http://127.0.0.1:4321/mcp', '--print', '--json')
    return (JSON.parse(out) as { entry: unknown }).entry
  }
  const url = 'http://127.0.0.1:4321/mcp'
  expect(await entry('vscode')).toEqual({ type: 'http', url })
  expect(await entry('claude-code')).toEqual({ type: 'http', url })
  expect(await entry('cursor')).toEqual({ url })
  expect(await entry('codex')).toEqual({ url })
  const desktop = await init(at, 'claude-desktop', '--url', url)
  expect([desktop.code, desktop.err]).toEqual([2, expect.stringContaining('starts its servers itself')])
})

test('the agent of GitHub gets the tools that write nothing, to be pasted', async () => {
  const at = places()
  writeFileSync(join(at.folder, 'dataface.yml'), 'name: shop\nsources: {}\n')
  const { code, out, err } = await init(at, 'copilot-agent')
  const { mcpServers } = JSON.parse(out) as { mcpServers: { dataface: { type: string; args: string[]; tools: string[] } } }
  expect([code, mcpServers.dataface.type, mcpServers.dataface.args]).toEqual([0, 'local', ['dft', 'mcp', '--project', '.']])
  expect(mcpServers.dataface.tools).toContain('execute_query')
  expect(mcpServers.dataface.tools).not.toContain('save_dashboard')
  expect(err).toContain('settings of the repository')
  expect(readdirSync(at.folder)).toEqual(['dataface.yml'])
})

test('VS Code is told the folder that is open, where the project is in it', async () => {
  const at = places()
  write(join(at.folder, 'analytics/dataface.yml'), 'name: shop\nsources: {}\n')
  const { out } = await init(at, 'vscode', '--project', 'analytics', '--print')
  expect(out).toContain(`"$${'{workspaceFolder}'}/analytics"`)
})

test('a file that is not written in UTF-8 is left as it is', async () => {
  const at = places()
  const latin = Buffer.from('{ // caf\u00e9\n}', 'latin1')
  writeFileSync(join(at.folder, '.mcp.json'), latin)
  const refused = await init(at, 'claude-code', '--project', demo)
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('not written in UTF-8')])
  expect(readFileSync(join(at.folder, '.mcp.json'))).toEqual(latin)
})

test('a file that is a link stays one', async () => {
  const at = places()
  write(join(at.home, 'dotfiles/mcp.json'), '{}')
  symlinkSync(join(at.home, 'dotfiles/mcp.json'), join(at.folder, '.mcp.json'))
  expect((await init(at, 'claude-code', '--project', demo)).code).toBe(0)
  expect(readFileSync(join(at.home, 'dotfiles/mcp.json'), 'utf8')).toContain('dataface')
})

test('lists the clients without one, and refuses what it does not know', async () => {
  const at = places()
  const list = await init(at)
  expect([list.code, Object.keys(mcpClients).every((name) => list.out.includes(name))]).toEqual([0, true])
  const cases: [string[], number, string][] = [
    [['emacs'], 2, 'no known client'],
    [['vscode'], 3, 'dataface.yml'],
    [['vscode', '--url', 'ftp://x'], 2, 'no address'],
    [['vscode', '--url', 'http://x/mcp', '--name', 'a b'], 2, '--name takes'],
  ]
  for (const [args, code, said] of cases) expect(await init(at, ...args)).toMatchObject({ code, err: expect.stringContaining(said) })
  expect(await runDft(['init', 'board'])).toMatchObject({ code: 2 })
})

test('what is written starts a server that answers', async () => {
  const at = places()
  await init(at, 'cursor', '--project', demo)
  const { mcpServers } = parsed('cursor', readFileSync(fileOf('cursor', at), 'utf8'))
  const { command, args } = (mcpServers?.dataface ?? {}) as { command: string; args: string[] }
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(
    new StdioClientTransport({ command, args, cwd: at.folder, env: { PATH: process.env.PATH ?? '', HOME: at.home }, stderr: 'ignore' }),
  )
  try {
    const answer = await client.callTool({ name: 'list_sources', arguments: {} })
    expect(answer.structuredContent).toMatchObject({ success: true })
  } finally {
    await client.close()
  }
})

test.each([
  ['an empty file', '', '{\n  "servers": {\n    "a": {\n      "url": "b"\n    }\n  }\n}\n'],
  [
    'windows line ends and a mark at the start',
    '\uFEFF{\r\n    "x": 1\r\n}\r\n',
    '\uFEFF{\r\n    "x": 1,\r\n    "servers": {\r\n        "a": {\r\n            "url": "b"\r\n        }\r\n    }\r\n}\r\n',
  ],
  [
    'what stands in one line, comments behind it and trailing commas',
    '{\n\t"servers": {\n\t\t"x": { "url": "y" }, // mine\n\t},\n}',
    '{\n\t"servers": {\n\t\t"x": { "url": "y" }, // mine\n\t\t"a": {\n\t\t\t"url": "b"\n\t\t},\n\t},\n}',
  ],
  ['a file of one line', '{"servers":{"x":{}},"y":[1]}', '{"servers":{"x":{}, "a": {"url":"b"}},"y":[1]}'],
  [
    'a list that only holds a comment',
    '{\n  "servers": {\n    // none\n  }\n}',
    '{\n  "servers": {\n    "a": {\n      "url": "b"\n    }\n    // none\n  }\n}',
  ],
  [
    'a comment before the end',
    '{\n  "x": 1 /* one */\n}',
    '{\n  "x": 1, /* one */\n  "servers": {\n    "a": {\n      "url": "b"\n    }\n  }\n}',
  ],
])('settings in JSON keep their form to the letter: %s', async (_title, before, after) => {
  expect(await mergeSettings(before, 'json', { section: 'servers', name: 'a', entry: { url: 'b' } })).toBe(after)
})

test.each([
  ['no line end', 'a = 1', 'a = 1\n\n[s.n]\nurl = "b"\n'],
  ['whole numbers of 64 bits', 'a = 9223372036854775807\n', 'a = 9223372036854775807\n\n[s.n]\nurl = "b"\n'],
  ['a name that needs quotes', '', '[s."n.m"]\nurl = "b"\n'],
])('settings in TOML grow at their end: %s', async (_title, before, after) => {
  const name = after.includes('n.m') ? 'n.m' : 'n'
  expect(await mergeSettings(before, 'toml', { section: 's', name, entry: { url: 'b' } })).toBe(after)
})
