import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderOf, runDft, startDft, waitFor } from './run-dft.ts'

const project = () => folderOf({ 'dataface.yml': 'name: x\naccess: {}\nsources: {}\n' })
const keys = (folder: string, ...args: readonly string[]) => runDft(['keys', ...args, '--project', folder])

describe('dft keys', () => {
  test('prints a key alone, and keeps nothing that can be used to call where only its owner reads it', async () => {
    const folder = project()
    const { out, err, code } = await keys(folder, 'create', 'reporting')
    expect([code, out]).toEqual([0, expect.stringMatching(/^dft_[0-9a-z]{10}_[0-9a-z]{40}\n$/)])
    expect(err).toMatch(/only time.*"reporting".*expires on \d{4}-\d\d-\d\d.*dataface:read/)
    const file = join(folder, '.dataface/keys.json')
    expect(readFileSync(file, 'utf8')).not.toContain(out.trim().split('_')[2])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, '.dataface/.gitignore'), 'utf8')).toBe('*\n')
  })

  test('lists and revokes', async () => {
    const folder = project()
    const made = JSON.parse((await keys(folder, 'create', 'agent', '--tool', 'catalog', '--expires', 'never', '--json')).out) as {
      id: string
      key: string
    }
    await keys(folder, 'create', 'other', '--write')
    expect((await keys(folder, 'revoke', made.id)).out).toContain('"agent" is refused')
    const { out } = await keys(folder, 'list', '--json')
    expect(JSON.parse(out)).toMatchObject({
      keys: [
        { id: made.id, name: 'agent', state: 'revoked', scopes: ['dataface:tool:catalog'] },
        { name: 'other', state: 'active', scopes: ['dataface:write'], expires_at: expect.any(String) as string },
      ],
    })
    expect(out).not.toMatch(/hash|dft_/)
    expect((await keys(folder, 'list')).out).toMatch(/agent +revoked +never/)
  })

  test('several at once lose none', async () => {
    const folder = project()
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => keys(folder, 'create', name)))
    const { keys: kept } = JSON.parse((await keys(folder, 'list', '--json')).out) as { keys: readonly { name: string }[] }
    expect(kept.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  test('a file of keys and records belongs to who owns the folder, whoever gives the commands, and stays for whom it was', async () => {
    const folder = folderOf({ 'dataface.yml': 'name: x\naccess: { keys_file: state/deep/keys.json }\naudit: {}\nsources: {}\n' })
    // A server that is not root, and commands that are, where the test may have it so.
    const isRoot = process.getuid?.() === 0
    const owners = (paths: readonly string[]) =>
      paths.map((path) => [path, statSync(join(folder, path)).uid, statSync(join(folder, path)).gid])
    const { uid, gid } = isRoot ? { uid: 65534, gid: 65533 } : statSync(folder)
    chownSync(folder, uid, gid)
    await keys(folder, 'create', 'first')
    await runDft(['sources', '--project', folder])
    const made = ['state', 'state/deep', 'state/deep/keys.json', '.dataface', '.dataface/audit.jsonl']
    expect(owners(made)).toEqual(made.map((path) => [path, uid, gid]))

    const file = join(folder, 'state/deep/keys.json')
    chownSync(file, isRoot ? 65532 : uid, gid)
    chmodSync(file, 0o640)
    await keys(folder, 'create', 'second')
    expect(owners(['state/deep/keys.json'])).toEqual([['state/deep/keys.json', isRoot ? 65532 : uid, gid]])
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(readFileSync(file, 'utf8')).toMatch(/"first"[\s\S]*"second"/)
  })

  test('a file that is linked where the next one is written is left alone', async () => {
    const folder = project()
    await keys(folder, 'create', 'first')
    writeFileSync(join(folder, 'other'), 'whole')
    symlinkSync('../other', join(folder, '.dataface/keys.json.next'))
    expect((await keys(folder, 'create', 'second')).code).toBe(0)
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('whole')
  })

  test('a lock that a killed command left behind is taken over, and a link to the file stays one', async () => {
    const folder = project()
    await keys(folder, 'create', 'first')
    const file = join(folder, '.dataface/keys.json')
    renameSync(file, join(folder, 'elsewhere.json'))
    symlinkSync('../elsewhere.json', file)
    const lock = join(folder, 'elsewhere.json.lock')
    writeFileSync(lock, '')
    utimesSync(lock, new Date(0), new Date(0))
    expect((await keys(folder, 'create', 'second')).code).toBe(0)
    expect([lstatSync(file).isSymbolicLink(), existsSync(lock)]).toEqual([true, false])
    expect(readFileSync(join(folder, 'elsewhere.json'), 'utf8')).toMatch(/"first"[\s\S]*"second"/)
  })

  test.each([
    [['create'], 'dft keys create needs a NAME'],
    [['revoke'], 'dft keys revoke needs an ID'],
    [['create', 'a', 'b'], 'does not take'],
    [['make', 'a'], 'Usage'],
    [['list', 'x'], 'Usage'],
    [['list', '--write'], '--write is of dft keys create'],
    [['create', 'a', '--expires', '0'], '1 to 9999'],
    [['create', 'a', '--expires', 'soon'], '1 to 9999'],
    [['create', 'a', '--tool', 'execute_qery'], 'Did you mean "execute_query"'],
    [['create', 'a', '--tool', 'catalog', '--write'], 'not both'],
    [['create', '\u001b[31m'], 'letters'],
  ])('%j is refused', async (args, told) => {
    const { code, out, err } = await keys(project(), ...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(told)
  })

  test('a key that is not there cannot be revoked', async () => {
    const { code, out, err } = await keys(project(), 'revoke', 'zzzz')
    expect([code, out, err]).toEqual([1, '', expect.stringContaining('No key has the id "zzzz"')])
  })

  test('a file of keys that is broken is told, and is not written over', async () => {
    const folder = folderOf({ 'dataface.yml': 'name: x\naccess: {}\nsources: {}\n', '.dataface/keys.json': '{"format":1,"keys":[{}]}' })
    const { code, err } = await keys(folder, 'create', 'a')
    expect([code, err]).toEqual([1, expect.stringContaining('cannot be read') as string])
    expect(readFileSync(join(folder, '.dataface/keys.json'), 'utf8')).toBe('{"format":1,"keys":[{}]}')
  })

  test('says when the project does not ask for keys', async () => {
    const told = async (access: string) => (await keys(folderOf({ 'dataface.yml': `name: x\n${access}sources: {}\n` }), 'create', 'a')).err
    expect(await told('')).toContain('write "access: {}"')
    const oauth = 'oauth: { issuer: "https://auth.example.com", resource: "https://data.example.com/mcp" }'
    const { 0: only, 1: both } = await Promise.all([told(`access: { keys: false, ${oauth} }\n`), told(`access: { ${oauth} }\n`)])
    expect([only, both]).toEqual([expect.stringContaining('remove "keys: false"'), expect.not.stringContaining('server of this project')])
  })
})

describe('dft serve with several projects', () => {
  const csv = 'a,b\n1,2\n'
  const yaml = (name: string) => `name: ${name}\naccess: {}\nsources:\n  s: { type: csv, files: { t: t.csv } }\n`
  const teams = { 'sales/dataface.yml': yaml('sales'), 'sales/t.csv': csv, 'support/dataface.yml': yaml('support'), 'support/t.csv': csv }

  const served = async (args: readonly string[]): Promise<{ text: string; url: string }> => {
    const { child, done } = startDft(['serve', ...args, '--port', '0'])
    let text = ''
    child.stdout?.on('data', (chunk: string) => {
      text += chunk
    })
    await Promise.race([waitFor(() => (text.includes('Ctrl-C stops.') ? true : undefined)), done])
    return { text, url: /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? '' }
  }

  test('from a folder of them: each has its doors, and the example works with a key', async () => {
    const folder = folderOf(teams)
    const { text, url } = await served(['--project', folder])
    for (const name of ['sales', 'support']) expect(text).toContain(`${url}/p/${name}/mcp\n`)
    const key = (await keys(join(folder, 'support'), 'create', 'k')).out.trim()
    const [, address, body] =
      /curl -s (\S+support\S+) -H "authorization: Bearer \$DATAFACE_KEY" -H 'content-type: application\/json' -d '(.*)'\n/.exec(text) ?? []
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    expect(await (await fetch(address as string, { method: 'POST', headers, body: body as string })).json()).toMatchObject({
      success: true,
      meta: { project: 'support' },
    })
  })

  test('leaves out one that has errors, and says what they are', async () => {
    const folder = folderOf({ ...teams, 'broken/dataface.yml': 'name: broken\nsorces: {}\n' })
    const { child, done } = startDft(['serve', folder, '--port', '0', '--json'])
    let out = ''
    child.stdout?.on('data', (chunk: string) => {
      out += chunk
    })
    await waitFor(() => (out.includes('\n') ? true : undefined))
    expect((JSON.parse(out) as { projects: { project: string }[] }).projects.map(({ project }) => project)).toEqual(['sales', 'support'])
    child.kill('SIGINT')
    expect((await done).err).toMatch(/project in broken is not served[\s\S]*Did you mean "sources"/)
  })

  test('says of which project a warning is', async () => {
    const wrong = 'name: wrong\nsources:\n  s: { type: postgres, url: "postgres://u:Pa55word@127.0.0.1:1/d" }\n'
    const folder = folderOf({ ...teams, 'wrong/dataface.yml': wrong })
    const { child, done } = startDft(['serve', folder, '--port', '0'])
    let out = ''
    child.stdout?.on('data', (chunk: string) => {
      out += chunk
    })
    await waitFor(() => (out.includes('Ctrl-C stops.') ? true : undefined))
    child.kill('SIGINT')
    expect((await done).err).toMatch(/^wrong:\ndataface\.yml:3:\d+ LITERAL_PASSWORD: /m)
  })

  test('refuses two of one name, and beyond this machine those that ask nobody who calls', async () => {
    const folder = folderOf({ ...teams, 'twin/dataface.yml': yaml('sales'), 'twin/t.csv': csv })
    expect(await runDft(['serve', folder, '--port', '0'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Two projects are named "sales"') as string,
    })
    const open = folderOf({ ...teams, 'open/dataface.yml': 'name: open\nsources: {}\n' })
    expect(await runDft(['serve', '--project', open, '--port', '0', '--host', '0.0.0.0'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('access: {}') as string,
    })
  })
})
