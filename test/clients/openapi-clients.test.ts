/** Clients that others' generators make from the document that the server gives, by the commands and programs of the recipe. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blocksOf, makeProgramFolder, type ProgramFolder } from '../support/program-folder.ts'
import { root } from '../support/project-files.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

const run = promisify(execFile)
const page = 'recipes/openapi-clients.md'

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

const served = (text: string): string => text.replaceAll('http://127.0.0.1:4321', started.url)

const rows = "[ [ 'ORD', '166341' ], [ 'DFW', '157162' ] ]"

describe.each([
  { generator: 'openapi-typescript', index: 0, lines: [rows, /^TABLE_NOT_FOUND .*flights_3m/, '20002'] },
  { generator: '@hey-api/openapi-ts', index: 1, lines: [rows, /^TABLE_NOT_FOUND .*flights_3m/] },
])('$generator', ({ index, lines }) => {
  beforeAll(async () => {
    const generate = blocksOf(page, 'sh')[index]?.match(/^npx (.*)$/m)?.[1] as string
    const hook = resolve(root, 'test/support/typescript-5.mjs')
    await run('bash', ['-c', served(`../node_modules/.bin/${generate}`)], {
      cwd: folder.path,
      env: { PATH: process.env.PATH, NODE_OPTIONS: `--import ${hook}` },
    })
  })

  test('makes a client that compiles, and calls the server', async () => {
    const program = `with-generator-${index}.ts`
    writeFileSync(join(folder.path, program), served(blocksOf(page, 'ts')[index] as string))
    expect(await folder.compile([program])).toBe('')
    const printed = (await folder.run(program)).trimEnd().split('\n')
    expect(printed).toEqual(lines.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))))
  })

  test.each([
    ['an argument of the wrong type', 'sql } }', 'sql, limit: true } }', "'boolean' is not assignable"],
    ['a missing argument', "source: 'vega', sql } }", 'sql } }', "'source' is missing"],
  ])('the compiler refuses %s', async (_title, right, wrong, message) => {
    const program = blocksOf(page, 'ts')[index] as string
    expect(program).toContain(right)
    writeFileSync(join(folder.path, 'wrong.ts'), program.replace(right, wrong))
    expect(await folder.compile(['wrong.ts'])).toContain(message)
  })
})
