import { execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../support/project-files.ts'

const run = promisify(execFile)

let folder: string
let files: string[]

/** The package as someone gets it: packed, and installed with its dependencies in a folder that knows nothing of this one. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dataface-package-'))
  const { stdout } = await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], { cwd: root, maxBuffer: 1 << 26 })
  const parsed = JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as unknown
  const [packed] = (Array.isArray(parsed) ? parsed : Object.values(parsed as object)) as { filename: string; files: { path: string }[] }[]
  files = packed?.files.map(({ path }) => path) ?? []
  writeFileSync(join(folder, 'package.json'), '{"name":"elsewhere","private":true}')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, packed?.filename as string)], {
    cwd: folder,
    maxBuffer: 1 << 26,
  })
  cpSync(join(root, 'node_modules/vega-datasets/data/flights-3m.parquet'), join(folder, 'flights.parquet'))
}, 600_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the package holds what runs, and neither sources nor tests', () => {
  expect(files).toContain('dist/main.js')
  expect(files).toContain('dist/duckdb-child.js')
  expect(files).toContain('dist/parse-worker.js')
  expect(files).toContain('dist/token-worker.js')
  expect(files).toContain('dist/search-worker.js')
  expect(files).toContain('dist/export-worker.js')
  expect(files).toContain('dist/render-worker.js')
  expect(files).toContain('dist/paint-child.js')
  expect(files).toContain('dist/assets/api-reference.js')
  expect(files).toEqual(
    expect.arrayContaining(['board.js', 'list.js', 'scheme.js', 'style.css'].map((name) => `dist/assets/boards/${name}`)),
  )
  expect(files).toContain('LICENSE')
  expect(files).toContain('clients/editor/dataface.schema.json')
  expect(files.filter((file) => !/^(dist\/|clients\/|docs\/|README\.md$|CHANGELOG\.md$|LICENSE$|package\.json$)/.test(file))).toEqual([])
})

test('every link of the README leads to a file of the package', () => {
  const readme = readFileSync(join(folder, 'node_modules/dataface/README.md'), 'utf8')
  const targets = [...readme.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, target]) => target as string)
    .filter((target) => !/^[a-z]+:/.test(target))
  expect(targets.length).toBeGreaterThan(20)
  expect(targets.filter((target) => !files.some((file) => file === target || file.startsWith(`${target}/`)))).toEqual([])
})

test('the package brings every dependency it loads', async () => {
  const { stdout } = await run('npm', ['ls', '--omit=dev', '--json'], { cwd: folder })
  expect(JSON.parse(stdout)).not.toHaveProperty('problems')
  const manifest = JSON.parse(readFileSync(join(folder, 'node_modules/dataface/package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const dist = join(folder, 'node_modules/dataface/dist')
  const imported = new Set<string>()
  for (const file of files.filter((name) => /^dist\/[^/]+\.js$/.test(name))) {
    const text = readFileSync(join(dist, '..', file), 'utf8')
    for (const [, name] of text.matchAll(/(?:^import [^;]*?from |^import |\bimport\()"([^."][^"]*)"/gm))
      if (name !== undefined && !name.startsWith('node:'))
        imported.add(
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        )
  }
  const { builtinModules } = await import('node:module')
  const missing = [...imported].filter((name) => !builtinModules.includes(name) && !(name in manifest.dependencies))
  expect(missing).toEqual([])
})

test('npx dft runs a query and serves a file elsewhere, with its API reference', async () => {
  const version = await run('npx', ['--no-install', 'dft', '--version'], { cwd: folder })
  expect(version.stdout).toBe(`${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version}\n`)

  const child = spawn(
    process.execPath,
    [join(folder, 'node_modules/dataface/dist/main.js'), 'serve', 'flights.parquet', '--port', '0', '--json'],
    { cwd: folder },
  )
  try {
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk
    })
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(String(chunk)))
      child.once('close', (code) => reject(new Error(`dft ended with ${code}: ${err}`)))
    })
    const { url, sources } = JSON.parse(line) as { url: string; sources: unknown }
    expect(sources).toMatchObject([{ name: 'files', state: 'ready', table_count: 1 }])
    const answer = await fetch(`${url}/api/v1/execute_query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"source":"files","sql":"SELECT count(*) AS n FROM flights"}',
    })
    expect(await answer.json()).toMatchObject({ success: true, data: { rows: [['3000000']] } })
    const counted = await fetch(`${url}/api/v1/get_metadata`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"source":"files"}',
    })
    expect(await counted.json()).toMatchObject({ success: true, data: { total: 1, tokens: expect.any(Number) } })
    expect((await fetch(`${url}/openapi.json`)).status).toBe(200)
    const script = await fetch(`${url}/docs/assets/api-reference.js`)
    expect(script.status).toBe(200)
    expect((await script.text()).length).toBeGreaterThan(100_000)

    for (const path of ['', '/quickstart', '/tools/catalog', '/changes', '/clients/python', '/api'])
      expect((await fetch(`${url}/docs${path}`)).status, path).toBe(200)
    for (const name of [
      'board.js',
      'list.js',
      'docs.js',
      'scheme.js',
      'style.css',
      'docs-style.css',
      'reference-style.css',
      'inter-regular.ttf',
    ])
      expect((await fetch(`${url}/boards-assets/${name}`)).status).toBe(200)

    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    }
    const mcp = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify(initialize),
    })
    expect(mcp.status).toBe(200)
    expect(await mcp.text()).toContain('"serverInfo"')
  } finally {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('close', resolve))
  }
  expect(existsSync(join(folder, 'node_modules/dataface/dist/main.js'))).toBe(true)
})
