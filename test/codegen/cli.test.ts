import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/project-files.ts'

const run = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(resolve(root, 'node_modules/.bin/tsx'), [resolve(root, 'codegen/cli.ts'), ...args], { encoding: 'utf8', cwd: root })

test('check says in one line that all is in step', () => {
  const { status, stdout, stderr } = run('check')
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^\d+ contracts, \d+ generated files: all in step$/m)
  expect(status).toBe(0)
})

test('check gives its findings as JSON', () => {
  const { status, stdout } = run('check', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ problems: [] })
  expect(status).toBe(0)
})

test.each([[[]], [['chekc']], [['check', '--force']], [['generate', 'all']], [['acknowledge', 'all']]])(
  'an unknown command or flag gets the usage and exit code 2: %j',
  (args) => {
    const { status, stdout, stderr } = run(...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('usage:')
  },
)

test('a change that nobody made cannot be acknowledged', () => {
  expect(run('acknowledge', '000000000000', 'because')).toMatchObject({ status: 1, stdout: '' })
})
