/** The TypeScript client in runtimes other than Node and Chromium, unbundled, against the real server. */
import { execFile, spawn } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOutcome, clientProgram } from '../support/client-program.ts'
import { makeProgramFolder, type ProgramFolder } from '../support/program-folder.ts'
import { root } from '../support/project-files.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

const run = promisify(execFile)
const binary = (name: string): string => resolve(root, 'node_modules/.bin', name)

let started: Started
let folder: ProgramFolder
beforeAll(async () => {
  started = await startDataface(`name: demo\nsources:${vegaSource}`)
  folder = makeProgramFolder()
})
afterAll(async () => {
  await started?.close()
  folder?.remove()
})

describe.each([
  ['Deno', 'deno', ['run', '--allow-net=127.0.0.1', '--node-modules-dir=manual', '--no-lock']],
  ['Bun', 'bun', ['run']],
] as const)('%s', (_title, name, args) => {
  test('runs a program of it', async () => {
    writeFileSync(
      join(folder.path, 'program.mjs'),
      `import * as client from '@dataface/client'\nconsole.log(JSON.stringify(await (${clientProgram})(client, '${started.url}')))\n`,
    )
    const env = { PATH: process.env.PATH, HOME: folder.path, DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1' }
    const { stdout } = await run(binary(name), [...args, 'program.mjs'], { cwd: folder.path, env })
    expect(JSON.parse(stdout)).toEqual(clientOutcome)
  })
})

test('a Worker runs a program of it', async () => {
  const files = readdirSync(resolve(root, 'clients/typescript')).filter((file) => file.endsWith('.js'))
  const modules = files.map((file) => `(name = "${file}", esModule = embed "node_modules/@dataface/client/${file}")`)
  writeFileSync(
    join(folder.path, 'worker.js'),
    `import * as client from './index.js'
export default { fetch: async () => Response.json(await (${clientProgram})(client, '${started.url}')) }
`,
  )
  writeFileSync(
    join(folder.path, 'worker.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (modules = [(name = "worker.js", esModule = embed "worker.js"), ${modules.join(', ')}], compatibilityDate = "2026-10-01")),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  )
  const worker = spawn(binary('workerd'), ['serve', 'worker.capnp', '--control-fd=1'], { cwd: folder.path, detached: true })
  try {
    const port = await new Promise<number>((listening, fail) => {
      let err = ''
      worker.stderr.on('data', (chunk: Buffer) => {
        err += chunk
      })
      worker.stdout.on('data', (chunk: Buffer) => {
        const told = /"event":"listen".*"port":(\d+)/.exec(String(chunk))
        if (told !== null) listening(Number(told[1]))
      })
      worker.once('close', () => fail(new Error(err)))
    })
    const answer = await (await fetch(`http://127.0.0.1:${port}/`)).text()
    expect(JSON.parse(answer)).toEqual(clientOutcome)
  } finally {
    // workerd is started by a script, and both end.
    if (worker.pid !== undefined) process.kill(-worker.pid, 'SIGKILL')
  }
})
