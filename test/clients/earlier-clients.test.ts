/**
 * Clients that this repository generated when there was one version of the contracts, frozen as they were with their own
 * tests: what an integrator was given then works against the server of today.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { root } from '../support/project-files.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

const run = promisify(execFile)

let started: Started
let folder: string
beforeAll(async () => {
  started = await startDataface(`name: demo\nsources:${vegaSource}`)
  folder = mkdtempSync(join(tmpdir(), 'earlier-clients-'))
  await run('tar', ['-xzf', resolve(root, 'test/fixtures/clients-of-version-1.tar.gz'), '-C', folder])
})
afterAll(async () => {
  await started?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the Python client passes its own tests', { timeout: 300_000 }, async () => {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    PYTHONPATH: join(folder, 'clients/python/src'),
    PYTHONDONTWRITEBYTECODE: '1',
    DATAFACE_URL: started.url,
    DATAFACE_TOOLS: JSON.stringify(contracts.map(({ name }) => name)),
  }
  const ran = await run('python3', ['-W', 'error', '-m', 'unittest', 'test_client'], {
    cwd: join(folder, 'test/clients/python'),
    env,
  }).catch((error: unknown) => expect.unreachable((error as { stderr: string }).stderr.slice(-4000)))
  expect(Number(/Ran (\d+) tests/.exec(ran.stderr)?.[1])).toBeGreaterThan(20)
  expect(ran.stderr.trim().endsWith('OK')).toBe(true)
})

test('the tRPC client gets the answers of its version, and is told that they will end', async () => {
  const client = join(folder, 'clients/trpc')
  mkdirSync(join(client, 'node_modules/@trpc'), { recursive: true })
  for (const name of ['@trpc/client', '@trpc/server'])
    symlinkSync(resolve(root, 'node_modules', name), join(client, 'node_modules', name), 'dir')
  writeFileSync(
    join(client, 'use.ts'),
    `import { createDatafaceClient } from './index.ts'
const client = createDatafaceClient({ url: '${started.url}' })
const yaml = 'title: x\\nsource: vega\\nqueries: {q: SELECT * FROM pinguins}\\ncharts: {t: {type: table, query: q}}'
const [tested, listed] = await Promise.all([client.test_yaml_execution.query({ yaml }), client.list_sources.query()])
console.log(JSON.stringify([tested, listed.success]))
`,
  )
  const { stdout } = await run(process.execPath, ['--no-warnings', 'use.ts'], { cwd: client })
  const [tested, listed] = JSON.parse(stdout) as [Record<string, unknown>, boolean]
  expect(listed).toBe(true)
  expect(tested).toMatchObject({
    success: true,
    data: { queries: [{ name: 'q', works: false, error: expect.stringMatching(/^TABLE_NOT_FOUND: /) }] },
    meta: { contract: 'test_yaml_execution@1.0.0' },
    warnings: [{ code: 'CONTRACT_DEPRECATED' }],
  })
})
