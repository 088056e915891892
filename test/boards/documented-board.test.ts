/** What docs/boards/README.md shows, typed. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../support/project-files.ts'

const run = promisify(execFile)
const page = readFileSync(resolve(root, 'docs/boards/README.md'), 'utf8')

/** Files of the page: the block that follows their name. */
const files = [...page.matchAll(/`(shop\/[\w./]+)`:\n\n```\w+\n(.*?)^```/gms)].map(
  ([, path, text]) => [path as string, text as string] as const,
)
/** Commands with what the page says they print; nothing is said of those that write a file. */
const commands = [...page.matchAll(/^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```)?/gms)].flatMap(([, lines, shown]) =>
  (lines as string)
    .trim()
    .split('\n')
    .map((line) => [line, shown] as const),
)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dft-page-'))
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the page has three files and six commands', () => {
  expect(files.map(([path]) => path)).toEqual(['shop/orders.csv', 'shop/dataface.yml', 'shop/boards/sales.yml'])
  expect(commands).toHaveLength(6)
})

test.each(commands)('%s', async (command, shown) => {
  const args = command.replace('npm run -s dft -- ', '').split(' ')
  const { stdout, stderr } = await run(process.execPath, [join(root, 'server/cli/main.ts'), ...args], { cwd: folder })
  expect(stdout + stderr).toBe(shown ?? '')
  const file = /-o (\S+)/.exec(command)?.[1]
  if (file !== undefined) expect((await readFile(join(folder, file))).length).toBeGreaterThan(1000)
})
