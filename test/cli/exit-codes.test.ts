import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { exitCodes, exitMeanings } from '../../server/cli/command.ts'
import { root } from '../support/project-files.ts'
import { folderOf, runDft } from './run-dft.ts'

const page = readFileSync(resolve(root, 'docs/commands.md'), 'utf8')

test('the page of commands has every exit code, and no other, with what the help says of it', async () => {
  const rows = [...page.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, code, meaning]) => [Number(code), meaning])
  expect(rows).toEqual(Object.entries(exitCodes).map(([name, code]) => [code, exitMeanings[name as keyof typeof exitCodes]]))
  const { out } = await runDft(['--help'])
  for (const [code, meaning] of rows) expect(out).toContain(`${code}`.padEnd(5) + String(meaning).replaceAll('`', ''))
})

test('the page of commands and the README name every command', async () => {
  const { out } = await runDft(['--help'])
  const commands = [...out.matchAll(/^ {2}([a-z]+) +\S/gm)].map(([, name]) => name as string)
  expect(commands.length).toBeGreaterThan(10)
  expect([...page.matchAll(/^\| `dft (\w+)/gm)].map(([, name]) => name)).toEqual(commands)
  const readme = readFileSync(resolve(root, 'README.md'), 'utf8')
    .split('\n')
    .find((line) => line.includes('docs/commands.md')) as string
  expect([...readme.slice(readme.indexOf('--json')).matchAll(/`(?:dft )?([a-z]+)`/g)].map(([, name]) => name)).toEqual(commands)
})

/** A way to each code; those of signals are tested with the commands that are stopped. */
test('commands end with the codes that are documented', async () => {
  const cwd = folderOf({
    'dataface.yml': 'name: shop\nsources:\n  files: {type: csv, files: {orders: orders.csv}}\nlimits: {stream_rows: 2}\n',
    'orders.csv': 'id\n1\n2\n3\n',
  })
  const broken = folderOf({ 'dataface.yml': 'name: X!\n' })
  const codes = {
    ok: [['query', 'files', 'SELECT 1'], ['doctor'], ['sources']],
    failed: [
      ['query', 'files', 'SELECT nothing'],
      ['tables', 'none'],
    ],
    usage: [
      ['query', 'files'],
      ['query', 'files', 'SELECT 1', '--format', 'xml'],
      ['doctor', 'a.csv', '--project', '.'],
    ],
    cut: [
      ['query', 'files', 'SELECT * FROM orders'],
      ['query', 'files', 'SELECT * FROM orders', '--format', 'csv'],
    ],
  } as const
  for (const [name, commands] of Object.entries(codes))
    for (const command of commands)
      expect({ command, ...(await runDft(command, { cwd })) }).toMatchObject({ command, code: exitCodes[name as keyof typeof codes] })
  const empty = folderOf({})
  for (const named of [empty, `${empty}/nothing`])
    expect(await runDft(['sources', '--project', named], { cwd })).toMatchObject({ code: exitCodes.configuration })
  for (const command of [['doctor'], ['sources'], ['query', 'a', 'SELECT 1'], ['serve']])
    expect({ command, ...(await runDft(command, { cwd: broken })) }).toMatchObject({ command, code: exitCodes.configuration })
})
