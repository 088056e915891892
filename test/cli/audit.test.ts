import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderOf, runDft } from './run-dft.ts'

const line = (about: object) =>
  `${JSON.stringify({ time: '2026-01-02T03:04:05.000Z', request_id: 'r', project: 'x', caller: 'key:a', door: 'rest', tool: 'execute_query', contract: 'execute_query@1.0.0', source: 's', fingerprint: 'f', sql: 'select ?', verdict: 'answered', rows: 1, bytes: 2, tokens: 1, elapsed_ms: 3.25, ...about })}\n`

const project = (lines: string) => folderOf({ 'dataface.yml': 'name: x\naudit: {}\nsources: {}\n', '.dataface/audit.jsonl': lines })
const three =
  line({ request_id: 'first' }) +
  line({ request_id: 'second', caller: 'local', tool: 'catalog', time: new Date().toISOString() }) +
  line({ request_id: 'third', errors: ['SQL_REJECTED'], verdict: 'failed', sql: 'drop \u001b[31m' })
const idsOf = async (folder: string, ...args: readonly string[]) =>
  [...(await runDft(['audit', '--project', folder, '--json', ...args])).out.matchAll(/"request_id":"(\w+)"/g)].map(([, id]) => id)

test('shows the last calls first, for people and for programs', async () => {
  const folder = project(`${three}{"time": "broken off`)
  const { out, code } = await runDft(['audit', '--project', folder])
  expect(code).toBe(0)
  expect(
    out
      .split('\n')
      .slice(2, 5)
      .map((text) => /execute_query|catalog/.exec(text)?.[0]),
  ).toEqual(['execute_query', 'catalog', 'execute_query'])
  expect(out).toContain('SQL_REJECTED')
  expect(out).not.toContain('\u001b')
  expect(await idsOf(folder)).toEqual(['third', 'second', 'first'])
})

test.each([
  [['--caller', 'local'], ['second']],
  [
    ['--tool', 'execute_query'],
    ['third', 'first'],
  ],
  [['--code', 'any'], ['third']],
  [['--code', 'SQL_ERROR'], []],
  [['--source', 's', '--limit', '1'], ['third']],
  [['--since', '1h'], ['second']],
  [
    ['--since', '2026-01-01T00:00:00Z'],
    ['third', 'second', 'first'],
  ],
])('%j', async (args, ids) => {
  expect(await idsOf(project(three), ...args)).toEqual(ids)
})

test('a name that is not there is told, so that a slip does not read as nothing found', async () => {
  const asked = (...args: readonly string[]) => runDft(['audit', '--project', project(three), ...args])
  expect(await asked('--code', 'SQL_REJECTD')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Did you mean "SQL_REJECTED"?') as string,
  })
  expect(await asked('--tool', 'execute_qery')).toMatchObject({
    code: 0,
    err: expect.stringContaining('Did you mean "execute_query"?') as string,
  })
  expect(await asked('--tool', 'describe_table')).toMatchObject({ code: 0, err: 'No calls.\n' })
})

test('passes over lines that are no records', async () => {
  const folder = project(`null\n5\n"x"\n[]\n{}\n\n{"time":1,"caller":{},"errors":7}\n${three}`)
  for (const args of [[], ['--code', 'any']])
    expect(await runDft(['audit', '--project', folder, ...args])).toMatchObject({ code: 0, err: '' })
  expect(await idsOf(folder)).toEqual(['third', 'second', 'first'])
})

test('says when there is nothing, and why', async () => {
  expect(await runDft(['audit', '--project', folderOf({ 'dataface.yml': 'name: x\nsources: {}\n' })])).toMatchObject({
    code: 2,
    err: expect.stringContaining('audit: {}') as string,
  })
  expect(await runDft(['audit', '--project', folderOf({ 'dataface.yml': 'name: x\naudit: {}\nsources: {}\n' })])).toMatchObject({
    code: 2,
    err: expect.stringContaining('No call was recorded yet') as string,
  })
  const folder = folderOf({ 'dataface.yml': 'name: x\naudit: { file: boards }\nsources: {}\n', 'boards/b.yml': '' })
  expect(await runDft(['audit', '--project', folder])).toMatchObject({ code: 2, err: expect.stringContaining('a folder') as string })
  expect(await runDft(['audit', '--project', project(three), '--since', 'soon'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('30m') as string,
  })
})

test('a file that the system refuses is told to who gives the command, without a stack', async () => {
  const folder = folderOf({
    'dataface.yml': 'name: x\naccess: { keys_file: loop/keys.json }\naudit: { file: loop/audit.jsonl }\nsources: {}\n',
  })
  symlinkSync('loop', join(folder, 'loop'))
  for (const [args, told] of [
    [['audit'], /^NOT_READY: A file cannot be used\. ELOOP.*audit\.jsonl'\.\n {2}Check the path/],
    [
      ['keys', 'list'],
      /^NOT_READY: The API keys of this project cannot be read\.\n {2}Ask the operator of the project, whom `dft doctor` tells why/,
    ],
  ] as const) {
    const { code, out, err } = await runDft([...args, '--project', folder])
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(told)
    expect(err).not.toContain('    at ')
    const json = JSON.parse((await runDft([...args, '--project', folder, '--json'])).out) as { errors: readonly object[] }
    expect(json.errors).toMatchObject([{ code: 'NOT_READY' }])
  }
})
