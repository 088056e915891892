import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ReleasedModel } from '../../codegen/compat/released-model.ts'
import { root } from '../support/project-files.ts'
import { folderOf, runDft } from './run-dft.ts'

const released = JSON.parse(readFileSync(resolve(root, 'contracts/released/v1.json'), 'utf8')) as ReleasedModel

/** A release in which `execute_query` took one more argument, and its description was another. */
const older = (): string => {
  const tools = released.tools.map((tool) =>
    tool.name === 'execute_query'
      ? {
          ...tool,
          description: 'Runs SQL.',
          input: { ...tool.input, properties: { ...tool.input.properties, database: { type: 'string' } } },
        }
      : tool,
  )
  return folderOf({
    'old.json': JSON.stringify({ ...released, tools }),
    'new.json': JSON.stringify(released),
    'other.json': '{}',
    'text.json': '{',
    'part.json': JSON.stringify({ format: released.format, tools: [{ ...released.tools[0], http: undefined }] }),
  })
}

describe('dft contracts diff', () => {
  test('tells what changed, the gravest first, with a witness, and ends with 1 when a caller breaks', async () => {
    const { code, out, err } = await runDft(['contracts', 'diff', 'old.json'], { cwd: older() })
    expect([code, err]).toEqual([1, ''])
    expect(out).toMatch(
      /^breaking: execute_query input\.database \[field-removed\] was removed; witness \{.*"database":"x"\} \(accepted before only\)\n/,
    )
    expect(out).toContain('visible: execute_query description [description-changed]')
    expect(out).toMatch(/\n2 breaking, 1 visible\n$/)
  })

  test('finds nothing between a release and itself', async () => {
    const folder = older()
    expect(await runDft(['contracts', 'diff', 'new.json', 'released'], { cwd: folder })).toEqual({ code: 0, out: 'no changes\n', err: '' })
  })

  test('prints JSON, SARIF and Markdown', async () => {
    const folder = older()
    const printed = async (...flags: readonly string[]): Promise<string> =>
      (await runDft(['contracts', 'diff', 'old.json', join(folder, 'new.json'), ...flags], { cwd: folder })).out
    expect(JSON.parse(await printed('--json'))).toMatchObject({
      findings: [{ rule: 'field-removed', level: 'breaking', effect: 'narrow' }, {}, {}],
    })
    expect(JSON.parse(await printed('--format', 'sarif'))).toMatchObject({
      version: '2.1.0',
      runs: [{ results: [{ ruleId: 'field-removed', level: 'error' }, {}, { ruleId: 'description-changed', level: 'note' }] }],
    })
    expect(await printed('--format', 'markdown')).toContain(
      '| breaking | `execute_query` | `input.database` | field-removed | was removed |',
    )
  })

  test.each([
    ['other.json', 'is no release'],
    ['text.json', 'is not JSON'],
    ['part.json', 'parts are missing'],
    ['gone.json', 'cannot be read'],
  ])('says what is wrong with %s', async (file, message) => {
    expect(await runDft(['contracts', 'diff', file], { cwd: older() })).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(message),
    })
  })
})

describe('dft contracts explain', () => {
  test('says what a rule is about and how grave it is in each direction', async () => {
    const { code, out } = await runDft(['contracts', 'explain', 'enum-value-added'], { cwd: root })
    expect(code).toBe(0)
    expect(out).toContain('more values are accepted: safe in an input, breaking in an output')
  })

  test('names the nearest rule, and lists them all', async () => {
    expect(await runDft(['contracts', 'explain', 'enum-value-aded'], { cwd: root })).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean "enum-value-added"?'),
    })
    expect((await runDft(['contracts', 'explain'], { cwd: root })).out).toContain('tool-removed: A tool is gone.\n')
    expect(await runDft(['contracts', 'exlpain'], { cwd: root })).toMatchObject({ code: 2 })
  })
})
