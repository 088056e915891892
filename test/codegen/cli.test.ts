import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/project-files.ts'

const runIn = (folder: string, ...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(resolve(root, 'node_modules/.bin/tsx'), [join(folder, 'codegen/cli.ts'), ...args], { encoding: 'utf8', cwd: folder })
const run = (...args: readonly string[]) => runIn(root, ...args)

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

test.each(['v1/tools/catalog.ts', 'v1/host-tools/write-to-editor.ts', 'v2/from-v1/test-yaml-execution.ts'])(
  'a contract whose file is gone is named by every command that reads it: %s',
  (path) => {
    const folder = mkdtempSync(join(tmpdir(), 'dataface-gone-'))
    try {
      for (const part of ['codegen', 'contracts', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true })
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
      rmSync(join(folder, 'contracts', path))
      const message = `contracts/catalog.ts lists contracts/${path}, which is not there; bring it back, or withdraw the tool and run npm run generate`
      for (const args of [['check'], ['release'], ['acknowledge', 'all', 'because']])
        expect(runIn(folder, ...args)).toMatchObject({ status: 1, stdout: '', stderr: `missing: ${message}\n` })
      expect(JSON.parse(runIn(folder, 'check', '--json').stdout)).toEqual({ problems: [{ kind: 'missing', message }], findings: [] })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  60_000,
)
