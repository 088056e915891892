import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dataface, openDataface } from '../../server/main.ts'
import { openProject } from '../../server/projects/open-project.ts'
import { type Listening, listen } from '../../server/transports/http/listen.ts'
import { root } from '../support/project-files.ts'

const page = readFileSync(resolve(root, 'docs/streaming.md'), 'utf8')
const pageUrl = 'http://127.0.0.1:4321'

let demo: Dataface
let listening: Listening
beforeAll(async () => {
  const log = () => {}
  demo = openDataface({ project: await openProject({ dir: resolve(root, 'docs/examples/demo'), env: {}, log }), log })
  listening = await listen({ app: await demo.app(), port: 0, host: '127.0.0.1' })
})
afterAll(() => listening?.close(500, demo.close))

const run = async (file: string, args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(file, args, { cwd: root, encoding: 'utf8' })).stdout

test('the example of NDJSON answers as the page shows', async () => {
  const [, command = '', shown = ''] = /```sh\n(curl .*?)\n```\n\n```json\n(.*?)```/s.exec(page) ?? []
  const told = (await run('sh', ['-c', command.replace(pageUrl, listening.url)]))
    .replace(/"(elapsed_ms|timing_ms)":[\d.]+/g, '"$1":0')
    .replace(/"request_id":"[^"]+"/, '"request_id":""')
  expect(told).toBe(shown)
})

test('the example of Arrow prints what the page shows', async () => {
  const [, code = '', shown = ''] = /```js\n(.*?)```\n\n```\n(.*?)```/s.exec(page) ?? []
  expect(await run(process.execPath, ['--input-type=module', '-e', code.replace(pageUrl, listening.url)])).toBe(shown)
}, 60_000)
