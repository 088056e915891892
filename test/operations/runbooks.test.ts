/** The commands that the pages for operators name, held against what there is. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { loadModule, parseSync } from 'libpg-query'
import { beforeAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import type { Command } from '../../server/cli/command.ts'
import { parseArguments } from '../../server/cli/parse-arguments.ts'
import { startDft } from '../cli/run-dft.ts'
import { projectFiles, root } from '../support/project-files.ts'
import { alertRules } from './alert-rules.ts'
import { operationsFolder, readRunbook, runbookPath, shellBlocks } from './runbook.ts'
import { type ShellCommand, shellCommands } from './shell-commands.ts'

const pages = projectFiles().filter((file) => file.startsWith(`${operationsFolder}/`) && file.endsWith('.md'))
const textOf = (page: string): string => readFileSync(resolve(root, page), 'utf8')

/** Blocks of a page, and what stands in its text as a command. */
const scriptsOf = (page: string): readonly string[] => {
  const text = textOf(page)
  return [...shellBlocks(text), ...[...text.matchAll(/`((?:dft|npm run|promtool) [^`]+)`/g)].map((match) => match[1] as string)]
}

const commandsOf = (name: string): readonly (readonly [string, ShellCommand])[] =>
  pages.flatMap((page) =>
    scriptsOf(page)
      .flatMap(shellCommands)
      .filter(([first]) => first === name)
      .map((command) => [page, command] as const),
  )

/** What is known to be on a host of a replica, and what of it the pages use. */
const programs: Readonly<Record<string, (args: readonly string[]) => boolean>> = {
  '.': () => true,
  cp: () => true,
  curl: () => true,
  date: ([u, format = '']) => u === '-u' && format.startsWith('+'),
  df: () => true,
  dft: () => true,
  // On the machine that builds the image.
  docker: ([verb = '']) => ['build', 'run'].includes(verb),
  echo: () => true,
  git: ([c, , verb = '']) => c === '-C' && ['commit', 'log', 'revert'].includes(verb),
  grep: () => true,
  journalctl: ([u, unit]) => u === '-u' && unit === 'dataface',
  jq: () => true,
  ln: () => true,
  ls: () => true,
  mv: () => true,
  npm: ([verb]) => verb === 'run',
  promtool: ([verb]) => verb === 'check',
  psql: ([url, c]) => url === '$ADMIN_URL' && ['-c', '-Atc'].includes(c ?? ''),
  readlink: () => true,
  sed: () => true,
  set: () => true,
  sleep: () => true,
  systemctl: ([verb = '', unit = 'dataface']) =>
    ['daemon-reload', 'restart', 'status'].includes(verb) && ['dataface', 'postgresql'].includes(unit),
  umask: () => true,
}

/** Of `dft`: the real commands, as they are parsed. */
const parse = async ([, name = '', ...args]: ShellCommand): Promise<void> => {
  const file = resolve(root, `server/cli/${name}.ts`)
  const { command } = (existsSync(file) ? await import(file) : {}) as { command?: Command }
  if (command === undefined) throw new Error(`there is no command dft ${name}`)
  const { positionals } = parseArguments(command, name, args)
  const verbs = command.usage.split('|').map((one) => one.trim().split(' ')[0] as string)
  const takesVerb = verbs.length > 1 && verbs.every((verb) => /^[a-z]+$/.test(verb))
  if (takesVerb && !verbs.includes(positionals[0] ?? '')) throw new Error(`dft ${name} does not take ${positionals[0]}`)
}

const parts = ['What the user sees', 'First look', 'Likely causes', 'Mitigation', 'Rollback', 'To tell the users', 'Follow-up']

describe.each(alertRules().map(({ alert }) => alert))('the runbook of %s', (alert) => {
  test('has every part, with commands in those that need them', () => {
    const runbook = readRunbook(alert)
    expect([...runbook.keys()]).toEqual(['', ...parts])
    expect(parts.filter((part) => runbook.get(part)?.trim() === '')).toEqual([])
    for (const part of ['First look', 'Mitigation']) expect(shellBlocks(runbook.get(part) ?? '').length, part).toBeGreaterThan(0)
    expect(runbook.get('To tell the users')).toMatch(/^> /m)
  })

  test("gives its commands of dft the server's environment first, which settings may name", () => {
    const [first, ...others] = shellBlocks(textOf(runbookPath(alert)))
      .join('')
      .trim()
      .split('\n')
    if (others.some((line) => line.includes('dft '))) expect(first).toBe('set -a; . "$ENVIRONMENT"; set +a')
    else expect(first).not.toContain('dft ')
  })

  test('explains every variable that its commands take', () => {
    const known = new Set([...textOf(`${operationsFolder}/README.md`).matchAll(/`([A-Z_]+)`/g)].map((match) => match[1]))
    const text = textOf(runbookPath(alert))
    const script = shellBlocks(text).join('')
    const taken = [...script.matchAll(/\$\{?([A-Z_]+)/g)].map((match) => match[1] as string)
    const isExplained = (name: string) => known.has(name) || new RegExp(`^${name}=`, 'm').test(script) || text.includes(`\`${name}\``)
    expect([...new Set(taken)].filter((name) => !isExplained(name))).toEqual([])
  })
})

describe('the commands on pages for operators', () => {
  test('are shell', () => {
    for (const page of pages)
      for (const script of scriptsOf(page)) expect(() => execFileSync('bash', ['-n', '-c', script], { stdio: 'pipe' }), page).not.toThrow()
  })

  test('are of programs that are there, used as they are known', () => {
    const unknown = pages.flatMap((page) =>
      scriptsOf(page)
        .flatMap(shellCommands)
        .filter(([name = '', ...args]) => programs[name]?.(args) !== true)
        .map((command) => `${page}: ${command.join(' ')}`),
    )
    expect(unknown).toEqual([])
  })

  test('of dft are taken by its own parser', async () => {
    const found = commandsOf('dft')
    expect(found.length).toBeGreaterThan(20)
    for (const [page, command] of found) await expect(parse(command), `${page}: ${command.join(' ')}`).resolves.toBeUndefined()
    await expect(parse(['dft', 'keys', 'forget', 'x'])).rejects.toThrow('does not take forget')
    await expect(parse(['dft', 'audit', '--cdoe', 'x'])).rejects.toThrow('no flag')
  })

  test('of npm are scripts of this package', () => {
    const names = commandsOf('npm').map(([, words]) => words[2] as string)
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !Object.hasOwn(packageJson.scripts, name))).toEqual([])
  })

  test('of curl ask for what is served', async () => {
    const paths = commandsOf('curl').map(
      ([, words]) => /^\$SERVER(\/\S*)$/.exec(words.find((word) => word.startsWith('$SERVER')) ?? '')?.[1],
    )
    expect(paths.length).toBeGreaterThan(2)
    const { child } = startDft(['serve', '--project', 'docs/examples/demo', '--port', '0', '--json'])
    const [line] = (await once(child.stdout as Readable, 'data')) as [string]
    const { url } = JSON.parse(line) as { url: string }
    for (const path of new Set(paths)) expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 200])
  })

  test('of jq are programs to it', () => {
    const filters = commandsOf('jq').map(([, words]) => words.at(-1) as string)
    expect(filters.length).toBeGreaterThan(3)
    for (const filter of filters)
      expect(() => execFileSync('jq', ['-n', '--arg', 'requests', '', `def filter: ${filter}; 0`], { stdio: 'pipe' }), filter).not.toThrow()
  })

  describe('in SQL', () => {
    beforeAll(loadModule)

    test('parse', () => {
      const statements = commandsOf('psql').map(([, words]) => words[3] as string)
      expect(statements.length).toBeGreaterThan(3)
      for (const sql of statements) expect(() => parseSync(sql.replaceAll(/\$[A-Z_]+/g, 'x')), sql).not.toThrow()
    })
  })
})
