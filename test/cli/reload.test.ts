/** A server that runs while its configuration changes. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderOf, startDft, waitFor } from './run-dft.ts'

/** Takes some seconds in DuckDB. */
const slow = 'SELECT count(*) FROM range(100000000) a(i) WHERE sqrt(i) + sin(i) + cos(i) + ln(i + 1) < 0'

const csv = 'a,b\n1,2\n'
const yaml = (name: string, source: string, more = '') =>
  `name: ${name}\n${more}sources:\n  ${source}: { type: csv, files: { t: t.csv } }\n`

const serve = async (args: readonly string[]) => {
  const { child, done } = startDft(['serve', ...args, '--port', '0', '--json'])
  const text = { out: '', err: '' }
  child.stdout?.on('data', (chunk: string) => {
    text.out += chunk
  })
  child.stderr?.on('data', (chunk: string) => {
    text.err += chunk
  })
  const line = await Promise.race([
    waitFor(() => (text.out.includes('\n') ? text.out : undefined)),
    done.then(({ err }) => Promise.reject(new Error(err))),
  ])
  const { url } = JSON.parse(line) as { url: string }
  const call = async (path: string, tool: string, input: unknown = {}) => {
    const response = await fetch(`${url}${path}/api/v1/${tool}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    })
    return (await response.json()) as {
      success: boolean
      data?: { sources?: { name: string }[]; rows?: unknown[] }
      errors?: { code: string }[]
    }
  }
  const sourcesOf = async (path = '') => (await call(path, 'list_sources')).data?.sources?.map(({ name }) => name)
  return { url, text, call, sourcesOf, child, done }
}

test('a changed file is served soon, and calls under way are answered by what they began with', async () => {
  const folder = folderOf({ 'dataface.yml': yaml('x', 'before'), 't.csv': csv })
  const { call, sourcesOf, text } = await serve(['--project', folder])
  const running = call('', 'execute_query', { source: 'before', sql: slow })
  await new Promise((done) => setTimeout(done, 300))
  writeFileSync(join(folder, 'dataface.yml'), yaml('x', 'after'))
  await expect.poll(() => sourcesOf(), { timeout: 10_000 }).toEqual(['after'])
  expect(text.err).toContain('x: dataface.yml was read anew.')
  expect((await call('', 'execute_query', { source: 'before', sql: 'SELECT 1' })).errors?.[0]?.code).toBe('SOURCE_NOT_FOUND')
  expect(await running).toMatchObject({ success: true })
})

test.each([
  ['broken', 'name: x\nsorces: {}\n', 'Did you mean \\"sources\\"'],
  ['gone', undefined, 'FILE_NOT_FOUND'],
  ['empty', '', 'MISSING'],
])('a file that is %s changes nothing, and what is wrong is told', async (_how, content, told) => {
  const folder = folderOf({ 'dataface.yml': yaml('x', 'kept'), 't.csv': csv })
  const { sourcesOf, text, child, done } = await serve(['--project', folder])
  if (content === undefined) rmSync(join(folder, 'dataface.yml'))
  else writeFileSync(join(folder, 'dataface.yml'), content)
  await expect.poll(() => text.err, { timeout: 10_000 }).toContain('What was served before stays.')
  expect(text.err).toContain(told)
  expect(await sourcesOf()).toEqual(['kept'])
  writeFileSync(join(folder, 'dataface.yml'), yaml('x', 'mended'))
  await expect.poll(() => sourcesOf(), { timeout: 10_000 }).toEqual(['mended'])
  child.kill('SIGINT')
  await done
  const lines = text.err.trim().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { message?: unknown }).message)).toContain('x: dataface.yml was read anew.')
  expect(lines.at(-1)).toContain('Stopping')
})

test('of several projects the changed one alone is opened anew, also under another name, but never under that of another', async () => {
  const folder = folderOf({ 'a/dataface.yml': yaml('a', 'one'), 'a/t.csv': csv, 'b/dataface.yml': yaml('b', 'two'), 'b/t.csv': csv })
  const { sourcesOf, text } = await serve(['--project', folder])
  expect([await sourcesOf('/p/a'), await sourcesOf('/p/b')]).toEqual([['one'], ['two']])
  writeFileSync(join(folder, 'a/dataface.yml'), yaml('c', 'three'))
  await expect.poll(() => sourcesOf('/p/c'), { timeout: 10_000 }).toEqual(['three'])
  expect([await sourcesOf('/p/a'), await sourcesOf('/p/b')]).toEqual([undefined, ['two']])
  writeFileSync(join(folder, 'b/dataface.yml'), yaml('c', 'four'))
  await expect.poll(() => text.err, { timeout: 10_000 }).toContain('b: dataface.yml was changed and cannot be served')
  expect([await sourcesOf('/p/b'), await sourcesOf('/p/c')]).toEqual([['two'], ['three']])
})

test('what was used of quotas stays used, and pages are continued', async () => {
  const quotas = (limit: number) => `quotas: { caller: { rows_per_day: ${limit} } }\n`
  const folder = folderOf({ 'dataface.yml': yaml('x', 's', quotas(100)), 't.csv': 'a\n1\n2\n3\n' })
  const { call, text } = await serve(['--project', folder])
  const ask = async (cursor?: string) =>
    (await call('', 'execute_query', { source: 's', sql: 'SELECT a FROM t ORDER BY a', limit: 1, cursor })) as unknown as {
      data: { rows: unknown[]; next_cursor: string }
      meta: { quota: { rows_left: number } }
    }
  const first = await ask()
  expect(first.meta.quota.rows_left).toBe(99)
  writeFileSync(join(folder, 'dataface.yml'), yaml('x', 's', quotas(50)))
  await expect.poll(() => text.err, { timeout: 10_000 }).toContain('was read anew')
  const next = await ask(first.data.next_cursor)
  expect([next.data.rows, next.meta.quota.rows_left]).toEqual([[['2']], 48])
})

type Call = Awaited<ReturnType<typeof serve>>['call']

const typesOf = async (call: Call) =>
  (await call('', 'list_sources')).data?.sources?.map((source) => (source as unknown as { type: string }).type)

const profile = (file: string) => `shop:\n  target: dev\n  outputs:\n    dev: { type: duckdb, path: ${file} }\n`

const dbtProject = 'name: shop\nprofile: shop\n'

test.each([
  ['profiles.yml', profile('gone.duckdb'), { 'dbt_project.yml': dbtProject }],
  ['dbt_project.yml', dbtProject, { 'profiles.yml': profile('gone.duckdb') }],
] as const)('a %s that a source of dbt lacks is read once it comes', async (name, text, files) => {
  const folder = folderOf({ 'dataface.yml': 'name: x\nsources:\n  s: { type: dbt, profiles_dir: . }\n', ...files })
  const { call } = await serve(['--project', folder])
  expect(await typesOf(call)).toEqual(['dbt'])
  writeFileSync(join(folder, name), text)
  await expect.poll(() => typesOf(call), { timeout: 10_000 }).toEqual(['duckdb'])
})

test('the profile of a dbt project is read anew as well', async () => {
  const folder = folderOf({ 'dbt_project.yml': dbtProject, 'profiles.yml': profile('gone.duckdb') })
  const { call, text } = await serve(['--project', folder])
  expect(await typesOf(call)).toEqual(['duckdb'])
  writeFileSync(join(folder, 'profiles.yml'), profile('gone.duckdb').replace('duckdb, path', 'trino, path'))
  await expect.poll(() => typesOf(call), { timeout: 10_000 }).toEqual(['dbt'])
  expect(text.err).toContain('shop: dbt_project.yml was read anew.')
})

test.each(['profiles.yml', 'dbt_project.yml'])('a %s of a source of dbt that breaks leaves what was served', async (name) => {
  const files: Readonly<Record<string, string>> = { 'dbt_project.yml': dbtProject, 'profiles.yml': profile('gone.duckdb') }
  const folder = folderOf({ 'dataface.yml': 'name: x\nsources:\n  s: { type: dbt }\n', ...files })
  const { call, text } = await serve(['--project', folder])
  writeFileSync(join(folder, name), 'shop: [')
  await expect.poll(() => text.err, { timeout: 10_000 }).toContain('What was served before stays.')
  expect(text.err).toContain('DBT_FILE_UNREADABLE')
  expect(await typesOf(call)).toEqual(['duckdb'])
  writeFileSync(join(folder, name), `${files[name]}# mended\n`)
  await expect.poll(() => text.err, { timeout: 10_000 }).toContain('x: dataface.yml was read anew.')
  expect(await typesOf(call)).toEqual(['duckdb'])
})

test('a server for other machines does not begin to answer anyone', async () => {
  const folder = folderOf({ 'dataface.yml': yaml('x', 's', 'access: {}\n'), 't.csv': csv })
  const { text, call } = await serve(['--project', folder, '--host', '0.0.0.0'])
  writeFileSync(join(folder, 'dataface.yml'), yaml('x', 's'))
  await expect.poll(() => text.err, { timeout: 10_000 }).toContain('What was served before stays.')
  expect((await call('', 'list_sources')).errors?.[0]?.code).toBe('UNAUTHENTICATED')
})

test('a caller who reads slowly, and a page that is open, hold up no change, and lose nothing', async () => {
  const folder = folderOf({ 'a/dataface.yml': yaml('a', 'one'), 'a/t.csv': csv, 'b/dataface.yml': yaml('b', 'two'), 'b/t.csv': csv })
  const { url, sourcesOf, child, done } = await serve(['--project', folder])
  const page = await fetch(`${url}/p/b/boards-events`)
  const rows = 500_000
  const stream = await fetch(`${url}/p/b/api/v1/execute_query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
    body: JSON.stringify({ source: 'two', sql: `SELECT i, repeat('x', 100) AS x FROM range(${rows}) r(i)` }),
  })
  for (const source of ['three', 'four']) {
    writeFileSync(join(folder, 'b/dataface.yml'), yaml('b', source))
    await expect.poll(() => sourcesOf('/p/b'), { timeout: 10_000 }).toEqual([source])
    writeFileSync(join(folder, 'a/dataface.yml'), yaml('a', source))
    await expect.poll(() => sourcesOf('/p/a'), { timeout: 10_000 }).toEqual([source])
  }
  expect((await stream.text()).split('\n').filter((line) => line.startsWith('['))).toHaveLength(rows)
  await page.body?.cancel()
  child.kill('SIGINT')
  expect((await done).code).toBe(0)
})

test('a project that was left out at the start is told to the operator, and served once it is mended', async () => {
  const folder = folderOf({ 'a/dataface.yml': yaml('a', 'one'), 'a/t.csv': csv, 'b/dataface.yml': 'name: b\nsorces: {}\n', 'b/t.csv': csv })
  const { url, text } = await serve(['--project', folder])
  // The one that is served has its own path already, so that nothing moves when the other comes.
  expect(JSON.parse(text.out)).toMatchObject({ projects: [{ project: 'a', url: `${url}/p/a` }] })
  const sourcesOf = async (name: string) => {
    const response = await fetch(`${url}/p/${name}/api/v1/list_sources`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    return ((await response.json()) as { data?: { sources: { name: string }[] } }).data?.sources.map((source) => source.name)
  }
  const told = async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const { state, findings } = (await (await fetch(`${url}/status.json`)).json()) as { state: string; findings: { project: string }[] }
    return [
      state,
      findings.map(({ project }) => project),
      [...metrics.matchAll(/^dataface_config_last_reload_ok\{project="(\w)"\} (\d)$/gm)].map(([, name, ok]) => `${name} ${ok}`),
    ]
  }
  expect(await told()).toEqual(['error', ['b'], ['a 1', 'b 0']])
  expect(await sourcesOf('a')).toEqual(['one'])
  writeFileSync(join(folder, 'b/dataface.yml'), 'name: b\nsources: 7\n')
  await expect.poll(() => text.err, { timeout: 10_000 }).toContain('b: the project cannot be served yet.')
  writeFileSync(join(folder, 'b/dataface.yml'), yaml('b', 'two'))
  await expect.poll(() => sourcesOf('b'), { timeout: 10_000 }).toEqual(['two'])
  expect([await told(), await sourcesOf('a')]).toEqual([['ok', [], ['a 1', 'b 1']], ['one']])
})

describe('in a folder of projects', () => {
  const lay = (folder: string, name: string, text = yaml(name, name)) => {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 't.csv'), csv)
    writeFileSync(join(folder, name, 'dataface.yml'), text)
  }
  const started = async (...names: readonly string[]) => {
    const folder = folderOf({})
    for (const name of names) lay(folder, name)
    const { url, text, call, sourcesOf } = await serve(['--project', folder])
    const told = async () => {
      const { findings } = (await (await fetch(`${url}/status.json`)).json()) as { findings: { project: string }[] }
      const metrics = await (await fetch(`${url}/metrics`)).text()
      return {
        found: findings.map(({ project }) => project),
        settings: [...metrics.matchAll(/^dataface_config_last_reload_ok\{project="(\w)"\} (\d)$/gm)].map(([, name, ok]) => `${name} ${ok}`),
      }
    }
    const becomes = (name: string, sources: readonly string[] | undefined) =>
      expect.poll(() => sourcesOf(`/p/${name}`), { timeout: 10_000 }).toEqual(sources)
    return { folder, url, text, call, told, becomes }
  }

  test('one that comes is served where those that were there stay, and one that goes no longer', async () => {
    const { folder, url, text, call, told, becomes } = await started('a')
    expect(JSON.parse(text.out)).toMatchObject({ projects: [{ url: `${url}/p/a` }] })
    await becomes('a', ['a'])
    mkdirSync(join(folder, 'none'))
    lay(folder, 'b')
    await becomes('b', ['b'])
    expect(await told()).toEqual({ found: [], settings: ['a 1', 'b 1'] })
    expect(text.err).toContain('b: the project is served from now on.')

    const running = [call('/p/a', 'execute_query', { source: 'a', sql: slow }), call('/p/b', 'execute_query', { source: 'b', sql: slow })]
    await new Promise((done) => setTimeout(done, 300))
    rmSync(join(folder, 'b'), { recursive: true })
    await becomes('b', undefined)
    expect(text.err).toContain('b: the folder is gone, and the project is served no longer.')
    expect(await told()).toEqual({ found: [], settings: ['a 1'] })
    expect((await Promise.all(running)).map(({ success }) => success)).toEqual([true, true])
    await becomes('a', ['a'])
  })

  test('one that cannot be opened is told, and served once it is mended; nothing is told of it when it goes', async () => {
    const { folder, text, told, becomes } = await started('a')
    lay(folder, 'b', 'name: b\nsorces: {}\n')
    lay(folder, 'c', yaml('a', 'other'))
    await expect.poll(() => text.err, { timeout: 10_000 }).toContain('Another project is named \\"a\\".')
    expect(await told()).toEqual({ found: ['b', 'c'], settings: ['a 1', 'b 0', 'c 0'] })
    expect(text.err).toContain('b: the project cannot be served yet.')
    expect(text.err).toContain('Did you mean \\"sources\\"')
    writeFileSync(join(folder, 'b', 'dataface.yml'), yaml('b', 'mended'))
    await becomes('b', ['mended'])
    rmSync(join(folder, 'c'), { recursive: true })
    await expect.poll(told, { timeout: 10_000 }).toEqual({ found: [], settings: ['a 1', 'b 1'] })
    await becomes('a', ['a'])
    expect(text.err.match(/served from now on/g)).toHaveLength(1)
  })

  test('a folder may have another name, and one that waits for the name of another gets it', async () => {
    const { folder, text, told, becomes } = await started('a', 'b')
    renameSync(join(folder, 'b'), join(folder, 'z'))
    await expect.poll(() => text.err, { timeout: 10_000 }).toContain('b: the project is served from now on.')
    lay(folder, 'c', yaml('b', 'next'))
    await expect.poll(told, { timeout: 10_000 }).toMatchObject({ found: ['c'] })
    await becomes('b', ['b'])
    rmSync(join(folder, 'z'), { recursive: true })
    await becomes('b', ['next'])
    expect(await told()).toMatchObject({ found: [] })
  })

  test('where all are gone they stay, and it is told', async () => {
    const { folder, text, becomes } = await started('a', 'b')
    renameSync(folder, `${folder}-away`)
    await expect.poll(() => text.err.match(/What was served before stays/g)?.length, { timeout: 10_000 }).toBe(2)
    await new Promise((done) => setTimeout(done, 2_500))
    await becomes('a', ['a'])
    await becomes('b', ['b'])
    renameSync(`${folder}-away`, folder)
    await expect.poll(() => text.err.match(/was read anew/g)?.length, { timeout: 10_000 }).toBe(2)
  })
})

test('Ctrl-C ends it after a change as before one', async () => {
  const folder = folderOf({ 'dataface.yml': yaml('x', 'before'), 't.csv': csv })
  const { sourcesOf, child, done } = await serve(['--project', folder])
  writeFileSync(join(folder, 'dataface.yml'), yaml('x', 'after'))
  await expect.poll(() => sourcesOf(), { timeout: 10_000 }).toEqual(['after'])
  child.kill('SIGINT')
  expect((await done).code).toBe(0)
})
