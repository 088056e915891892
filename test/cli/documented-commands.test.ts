/** What the pages tell a newcomer to type, typed. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { projectFiles, root } from '../support/project-files.ts'

const run = promisify(execFile)

/** Lines of the shell blocks of a page. */
const shellLines = (page: string): string[] =>
  [...readFileSync(resolve(root, page), 'utf8').matchAll(/^```sh\n(.*?)^```/gms)].flatMap((match) => (match[1] as string).split('\n'))

const pages = projectFiles().filter((file) => file.endsWith('.md') && !file.startsWith('clients/'))

test('no page tells a newcomer with a clone to call npx, which would fetch a stranger', () => {
  expect(pages.flatMap((page) => shellLines(page).filter((line) => /\bnpx dft\b/.test(line)))).toEqual([])
})

describe.each(['docs/quickstart.md', 'docs/examples/demo/README.md'])('%s', (page) => {
  const commands = shellLines(page).filter((line) => line.includes('npm run -s dft --') && line.includes('docs/examples/demo'))

  test.each(commands)('%s', async (command) => {
    const { stdout, stderr } = await run('sh', ['-c', command], { cwd: root })
    expect(stdout.split('\n').length).toBeGreaterThan(2)
    expect(stderr).not.toMatch(/error|[A-Z]+_[A-Z]+:/)
  })

  test('holds commands', () => {
    expect(commands.length).toBeGreaterThan(2)
  })
})
