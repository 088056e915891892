/** The Python client, by a test program of its own language, against a real server. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { root } from '../support/project-files.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

const run = promisify(execFile)
const client = resolve(root, 'clients/python')

let started: Started
let folder: string
beforeAll(async () => {
  started = await startDataface(`name: demo\nsources:${vegaSource}`)
  folder = mkdtempSync(join(tmpdir(), 'python-client-'))
})
afterAll(async () => {
  await started?.close()
  rmSync(folder, { recursive: true, force: true })
})

const python = (args: readonly string[], cwd: string): Promise<{ stdout: string; stderr: string }> =>
  run('python3', args, {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PYTHONPATH: join(client, 'src'),
      PYTHONDONTWRITEBYTECODE: '1',
      DATAFACE_URL: started.url,
      DATAFACE_TOOLS: JSON.stringify(contracts.map(({ name }) => name)),
    },
  })

test('its own tests pass', async () => {
  const { stderr } = await python(['-W', 'error', '-m', 'unittest', 'test_client'], resolve(root, 'test/clients/python')).catch(
    (error: unknown) => expect.unreachable((error as { stderr: string }).stderr.slice(-4000)),
  )
  const ran = /Ran (\d+) tests/.exec(stderr)?.[1]
  expect(Number(ran)).toBeGreaterThan(20)
  expect(stderr.trim().endsWith('OK')).toBe(true)
}, 300_000)

test('the examples of its README run', async () => {
  const [, code = ''] = /```python\n(.*?)```/s.exec(readFileSync(join(client, 'README.md'), 'utf8')) ?? []
  writeFileSync(join(folder, 'example.py'), code.replace('http://127.0.0.1:4321', started.url))
  const { stdout } = await python(['example.py'], folder)
  expect(stdout).toContain("[{'flights': 3000000}]")
  expect(stdout).toContain('SQL_ERROR')
}, 60_000)
