import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeKey } from '../../server/access/api-key.ts'
import { serverVariables } from '../../server/cli/server-variables.ts'
import { root } from '../support/project-files.ts'
import { folderOf, runDft } from './run-dft.ts'

interface Checked {
  readonly success: boolean
  readonly projects: readonly string[]
  readonly diagnostics: readonly {
    about: string
    file: string
    line: number
    column: number
    code: string
    message: string
    hint?: string
  }[]
}

const sources = 'sources:\n  files: {type: csv, files: {a: a.csv}}\n'
const project = (more: string, files: Readonly<Record<string, string>> = {}) =>
  folderOf({ 'dataface.yml': `name: shop\n${sources}${more}`, 'a.csv': 'a\n1\n', ...files })

const check = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { code, out, err } = await runDft(['config', 'check', '--json', ...args], { env })
  expect(err).toBe('')
  return { code, ...(JSON.parse(out) as Checked) }
}

/** `dataface.yml:4:1 NO_KEYS` of each finding. */
const placesOf = ({ diagnostics }: Checked) => diagnostics.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`)

const keysFile = (expires_at: string) =>
  JSON.stringify({ format: 1, keys: [makeKey({ name: 'x', scopes: ['dataface:read'], expires_at }, new Date()).kept] })

describe('dft config check', () => {
  test('finds nothing wrong with a project that could be served', async () => {
    const dir = project('access: {}\naudit: {}\nquotas: {tools: {execute_query: {concurrent_calls: 2}}}\n', {
      '.dataface/keys.json': keysFile('2999-01-01T00:00:00.000Z'),
    })
    expect(await check(['--project', dir], { DATAFACE_LOG: 'info', DATAFACE_DRAIN_SECONDS: '0' })).toMatchObject({
      code: 0,
      success: true,
      projects: ['shop'],
      diagnostics: [],
    })
  })

  test.each([
    ['a tool that does not exist', 'quotas: {tools: {execute_qurey: {concurrent_calls: 2}}}\n', {}, 'dataface.yml:4:18 UNKNOWN_TOOL', 3],
    ['no key', 'access: {}\n', {}, 'dataface.yml:4:1 NO_KEYS', 0],
    ['keys that expired', 'access: {}\n', { '.dataface/keys.json': keysFile('2001-01-01T00:00:00.000Z') }, 'dataface.yml:4:1 NO_KEYS', 0],
    ['keys that are no keys', 'access: {keys_file: k.json}\n', { 'k.json': '{"format":1' }, 'dataface.yml:4:10 KEYS_UNREADABLE', 1],
    ['an audit behind a file', 'audit: {file: a.csv/audit.jsonl}\n', {}, 'dataface.yml:4:9 AUDIT_UNWRITABLE', 1],
    ['an audit that is a folder', 'audit: {file: logs}\n', { 'logs/x': '' }, 'dataface.yml:4:9 AUDIT_UNWRITABLE', 1],
    [
      'an issuer without TLS',
      'access: {oauth: {issuer: "http://id.example.com", resource: "https://data.example.com/mcp"}}\n',
      {},
      'dataface.yml:4:18 INSECURE_ADDRESS',
      0,
    ],
    ['a variable that is not set', '  db: {type: postgres, url: "{{ env_var(\'NOPE\') }}"}\n', {}, 'dataface.yml:4:29 MISSING_VARIABLE', 1],
    ['a mistyped key', 'acess: {}\n', {}, 'dataface.yml:4:1 UNKNOWN_KEY', 3],
    [
      'a profile of dbt that is not there',
      '  db: {type: dbt, project_dir: warehouse}\n',
      {},
      'warehouse/dbt_project.yml:1:1 DBT_PROJECT_NOT_FOUND',
      1,
    ],
  ] as const)('tells of %s, with its place', async (_title, yaml, files, place, code) => {
    const found = await check(['--project', project(yaml, files)])
    expect(placesOf(found)).toEqual([place])
    expect(found.code).toBe(code)
  })

  test('tells of variables that nothing reads, with the nearest name, and of those that hold what cannot be used', async () => {
    const dir = folderOf({
      'dataface.yml': `name: shop\nsources:\n  db: {type: postgres, url: "{{ env_var('DATAFACE_SHOP_URL') }}"}\n`,
    })
    const found = await check(['--project', dir], {
      DATAFACE_SHOP_URL: 'postgres://u@127.0.0.1/d',
      DATAFACE_DRAIN_SECOND: '1',
      DATAFACE_SHOP_ULR: 'x',
      DATAFACE_ZZZZZZZZZZ: 'x',
      DATAFACE_LOG: 'loud-Secret-1234',
      DATAFACE_STATE_URL: 'mysql://u:Secret-1234@h/d',
    })
    expect(found.code).toBe(1)
    expect(
      found.diagnostics.map(({ code, message, hint }) => [code, /DATAFACE_\w+/.exec(message)?.[0], /"(\w+)"/.exec(hint ?? '')?.[1]]),
    ).toEqual([
      ['BAD_VARIABLE', 'DATAFACE_LOG', undefined],
      ['BAD_VARIABLE', 'DATAFACE_STATE_URL', undefined],
      ['UNKNOWN_VARIABLE', 'DATAFACE_DRAIN_SECOND', 'DATAFACE_DRAIN_SECONDS'],
      ['UNKNOWN_VARIABLE', 'DATAFACE_SHOP_ULR', 'DATAFACE_SHOP_URL'],
      ['UNKNOWN_VARIABLE', 'DATAFACE_ZZZZZZZZZZ', undefined],
    ])
    expect(JSON.stringify(found)).not.toContain('Secret-1234')
  })

  test('checks several projects at once, which must differ in name', async () => {
    const file = `name: shop\n${sources}`
    const folder = folderOf({
      'one/dataface.yml': file,
      'two/dataface.yml': file,
      'three/dataface.yml': 'name: X!\n',
      'one/a.csv': 'a\n1\n',
    })
    const found = await check(['--project', folder])
    expect(found.code).toBe(3)
    expect(found.diagnostics.map(({ about, code }) => `${about} ${code}`)).toEqual([
      'three WRONG_VALUE',
      'three MISSING_KEY',
      'projects DUPLICATE_NAME',
    ])
  })

  test('prints findings for a person, and touches no database', async () => {
    const dir = project('audit: {file: logs}\n  ', { 'logs/x': '' })
    expect(await runDft(['config', 'check', '--project', dir])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^dataface\.yml:4:9 AUDIT_UNWRITABLE: .*its path is a folder.*\n.*\nshop: 1 wrong, 0 to look at\n$/),
    })
    const dead = folderOf({
      'dataface.yml': 'name: dead\nsources:\n  db: {type: postgres, host: 127.0.0.1, port: 1, dbname: d, user: u}\n',
    })
    expect(await check(['--project', dead])).toMatchObject({ code: 0, diagnostics: [] })
  })

  test('dft doctor says the same', async () => {
    const dir = project('audit: {file: logs}\naccess: {}\n', { 'logs/x': '' })
    const { code, out } = await runDft(['doctor', '--project', dir, '--json'], { env: { DATAFACE_LOGS: 'x' } })
    const { checks } = JSON.parse(out) as { checks: { state: string; message: string }[] }
    expect(code).toBe(1)
    for (const [state, name] of [
      ['problem', 'AUDIT_UNWRITABLE'],
      ['problem', 'UNKNOWN_VARIABLE'],
      ['warning', 'NO_KEYS'],
    ])
      expect(checks).toContainEqual(expect.objectContaining({ state, message: expect.stringContaining(`${name}: `) }))
  })
})

describe('dft config show', () => {
  test('prints what is in force, and no secret', async () => {
    const dir = folderOf({
      'dataface.yml': `name: shop
limits: {max_rows: 70}
sources:
  a: {type: postgres, url: "{{ env_var('A_URL') }}"}
  b: {type: postgres, host: h, dbname: d, user: u, password: "{{ env_var('B_PASSWORD') }}"}
  c: {type: postgres, url: "postgres://u@h/d?password=Secret-1234&sslmode=require", limits: {max_rows: 7}}
  off: {type: postgres, url: "{{ env_var('NOPE') }}"}
`,
    })
    const env = {
      A_URL: 'postgres://u:Secret-1234@h:5432/d',
      B_PASSWORD: 'Secret-1234',
      DATAFACE_STATE_URL: 'redis://:Secret-1234@h',
      DATAFACE_LOG: 'info',
    }
    const text = await runDft(['config', 'show', '--project', dir], { env })
    expect(text.code).toBe(0)
    const json = await runDft(['config', 'show', '--project', dir, '--json'], { env })
    expect(JSON.parse(json.out)).toMatchObject({
      success: true,
      environment: { DATAFACE_STATE_URL: '***', DATAFACE_LOG: 'info' },
      projects: [
        {
          name: 'shop',
          sources: {
            a: { url: 'postgres://u:***@h:5432/d', limits: { max_rows: 70, timeout_ms: 30_000 } },
            b: { password: '***' },
            c: { url: 'postgres://u@h/d?password=***&sslmode=require', limits: { max_rows: 7 } },
          },
          off: { off: expect.stringContaining('NOPE') },
        },
      ],
    })
    expect(text.out + json.out).not.toContain('Secret-1234')
  })
})

test('the page of configuration has every variable of the server, and no other', () => {
  const page = readFileSync(resolve(root, 'docs/configuration.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `(DATAFACE_\w+)` \| (.*) \|$/gm)].map(([, name, about]) => [name, about])
  expect(rows).toEqual(Object.entries(serverVariables).map(([name, { about }]) => [name, about]))
})

test('projects that have the same callers are told', async () => {
  const oauth = 'access: { keys: false, oauth: { issuer: "https://id.example.com", resource: "https://data.example.com/mcp" } }'
  const folder = folderOf({
    'a/dataface.yml': `name: a\n${oauth}\nsources: {}\n`,
    'b/dataface.yml': `name: b\n${oauth}\nsources: {}\n`,
    'c/dataface.yml': `name: c\n${oauth.replace('/mcp', '/p/c/mcp')}\nsources: {}\n`,
    'd/dataface.yml': 'name: d\naccess: { keys_file: ../keys.json }\nsources: {}\n',
    'e/dataface.yml': 'name: e\naccess: { keys_file: ../keys.json }\nsources: {}\n',
    'f/dataface.yml': 'name: f\naccess: {}\nsources: {}\n',
  })
  const { out } = await runDft(['config', 'check', '--json', '--project', folder])
  const { diagnostics } = JSON.parse(out) as { diagnostics: { code: string; message: string }[] }
  expect(diagnostics.filter(({ code }) => code === 'SHARED_CALLERS').map(({ message }) => message)).toEqual([
    'Who may call "a" may call "b" too.',
    'Who may call "d" may call "e" too.',
  ])
})
