import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { projectFiles, root } from '../support/project-files.ts'

const sources = projectFiles().filter((file) => /^(contracts|codegen|server)\/.*\.ts$/.test(file))

interface Import {
  readonly file: string
  readonly target: string
}

/** Every relative import, static, dynamic or of a type, as paths from the root; packages are left out. */
const imports: Import[] = sources.flatMap((file) =>
  [...readFileSync(resolve(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => ({
    file,
    target: relative(root, resolve(root, dirname(file), match[1] as string)),
  })),
)

const folder = (path: string): string => path.split('/')[0] as string
const room = (path: string): string => path.split('/')[1] as string

test('contracts import zod and nothing of ours from outside', () => {
  const outward = imports.filter(({ file, target }) => folder(file) === 'contracts' && folder(target) !== 'contracts')
  expect(outward).toEqual([])
  const packages = sources
    .filter((file) => folder(file) === 'contracts')
    .flatMap((file) => [...readFileSync(resolve(root, file), 'utf8').matchAll(/from '([^'.][^']*)'/g)].map((match) => match[1]))
  expect([...new Set(packages)]).toEqual(['zod'])
})

test('codegen imports contracts and itself only', () => {
  expect(imports.filter(({ file, target }) => folder(file) === 'codegen' && !['codegen', 'contracts'].includes(folder(target)))).toEqual([])
})

test('the server imports contracts and itself only; its command about contracts also the law that judges them', () => {
  const allowed = ['server', 'contracts', 'package.json']
  const outward = imports.filter(({ file, target }) => folder(file) === 'server' && !allowed.includes(folder(target)))
  const isLaw = ({ file, target }: Import): boolean => file === 'server/cli/contracts.ts' && target.startsWith('codegen/compat/')
  expect(outward.filter((one) => !isLaw(one))).toEqual([])
})

test('the law imports nothing of codegen but types and the names of fields', () => {
  const allowed = ['codegen/json-schema.ts']
  const outward = imports.filter(
    ({ file, target }) => file.startsWith('codegen/compat/') && !target.startsWith('codegen/compat/') && !allowed.includes(target),
  )
  const loaded = outward.filter(({ file, target }) => {
    const name = target.split('/').at(-1) as string
    return !new RegExp(`^import type [^\\n]*/${name.replaceAll('.', '\\.')}'`, 'm').test(readFileSync(resolve(root, file), 'utf8'))
  })
  expect(loaded).toEqual([])
})

/** What each room of the server may import beside itself and `generated`; the line of a call, never back. */
const mayImport: Record<string, readonly string[]> = {
  envelope: [],
  operations: ['envelope'],
  yaml: ['envelope'],
  access: ['envelope', 'operations'],
  quotas: ['access', 'envelope'],
  state: ['envelope', 'operations', 'quotas', 'projects/check-postgres-url.ts', 'projects/diagnostic.ts', 'sources/postgres/connect.ts'],
  audit: ['envelope', 'operations', 'state/link.ts', 'state/postgres/connect-postgres.ts', 'sources/sql-tokens.ts'],
  boards: ['access/caller.ts', 'envelope', 'operations/take-file.ts', 'yaml', 'sources', 'projects/project.ts'],
  sources: ['envelope', 'operations', 'projects/project.ts'],
  search: ['envelope', 'sources', 'projects/project.ts'],
  guards: ['envelope', 'sources', 'search', 'operations', 'projects/project.ts'],
  // Templates of dbt are evaluated as those of boards are.
  projects: ['access', 'quotas', 'state', 'audit', 'envelope', 'yaml', 'sources', 'operations', 'boards/template'],
  // What a server knows of itself, which it looks up in the parts that know it.
  telemetry: [
    'envelope',
    'operations/log.ts',
    'audit/redact-sql.ts',
    'boards/run/query-cache.ts',
    'projects/project.ts',
    'sources/source.ts',
    'sources/query-watch.ts',
  ],
  dispatch: ['access', 'quotas', 'audit', 'envelope', 'guards', 'sources', 'operations', 'telemetry', 'projects/project.ts'],
  tools: ['envelope', 'guards', 'sources', 'search', 'boards', 'projects/project.ts', 'dispatch/define-handler.ts'],
  generated: ['tools', 'dispatch/define-handler.ts'],
  // Boards are shown as pages by their own transport, which asks dispatch for every row.
  transports: ['access', 'envelope', 'dispatch', 'boards', 'operations', 'telemetry', 'projects/project.ts'],
}

test('inside the server imports follow the line of a call', () => {
  const wrong = imports.filter(({ file, target }) => {
    if (folder(file) !== 'server' || folder(target) !== 'server') return false
    const from = room(file)
    const to = room(target)
    const allowed = mayImport[from]
    // main.ts and the commands wire the parts together and may name any of them.
    if (allowed === undefined || from === to || to === 'generated') return false
    const inside = target.slice('server/'.length)
    return !allowed.some((entry) => inside === entry || inside.startsWith(`${entry}/`))
  })
  expect(wrong).toEqual([])
})

test('of the server only its own thread loads the tokenizer', () => {
  const importers = (target: string) => imports.filter((one) => one.target === target).map(({ file }) => file)
  const typed = importers('server/envelope/cut-at-tokens.ts').filter(
    (file) => !/^import type .*cut-at-tokens/m.test(readFileSync(resolve(root, file), 'utf8')),
  )
  expect(typed).toEqual(['server/envelope/token-worker.ts'])
  expect(importers('server/envelope/count-tokens.ts').sort()).toEqual([
    'server/envelope/cut-at-tokens.ts',
    'server/envelope/token-worker.ts',
  ])
  const loading = sources.filter((file) => folder(file) === 'server' && readFileSync(resolve(root, file), 'utf8').includes('gpt-tokenizer'))
  expect(loading).toEqual(['server/envelope/count-tokens.ts'])
})

test('of the server only its own thread makes the index of a catalog', () => {
  const importing = imports.filter(({ target }) => target === 'server/search/catalog-index.ts').map(({ file }) => file)
  const typed = importing.filter((file) => !/^import type .*catalog-index/m.test(readFileSync(resolve(root, file), 'utf8')))
  expect(typed).toEqual(['server/search/search-worker.ts'])
})

test('the postgres and the duckdb source do not know each other', () => {
  const crossing = imports.filter(
    ({ file, target }) =>
      (file.startsWith('server/sources/postgres/') && target.startsWith('server/sources/duckdb/')) ||
      (file.startsWith('server/sources/duckdb/') && target.startsWith('server/sources/postgres/')),
  )
  expect(crossing).toEqual([])
})

test('only the command line and main read the environment', () => {
  const readers = sources.filter(
    (file) =>
      !file.startsWith('server/cli/') && file !== 'server/main.ts' && /process\.env\b/.test(readFileSync(resolve(root, file), 'utf8')),
  )
  expect(readers).toEqual([])
})

test('of the doors only the page of boards knows how boards are made', () => {
  const others = imports.filter(
    ({ file, target }) =>
      file.startsWith('server/transports/') && !file.startsWith('server/transports/boards/') && target.startsWith('server/boards/'),
  )
  expect(others).toEqual([])
})

test('drivers and protocol packages are imported lazily or as types', () => {
  const heavy = [
    'pg',
    '@duckdb/node-api',
    'libpg-query',
    '@modelcontextprotocol/server',
    '@modelcontextprotocol/server/stdio',
    '@trpc/server',
    'redis',
    'yaml',
    'minisearch',
    'gpt-tokenizer',
    'apache-arrow',
    'vega',
    'vega-lite',
    'markdown-it',
    '@resvg/resvg-js',
    '@opentelemetry/api',
    '@opentelemetry/sdk-metrics',
    '@opentelemetry/sdk-trace-base',
    '@opentelemetry/resources',
    '@opentelemetry/exporter-trace-otlp-proto',
    '@opentelemetry/exporter-metrics-otlp-proto',
  ]
  /** Loaded by a process or a thread of their own, which is started when it is needed. */
  const aside = ['server/sources/duckdb/duckdb-child.ts', 'server/search/catalog-index.ts']
  const eager = sources
    .filter((file) => folder(file) === 'server' && !aside.includes(file))
    .flatMap((file) =>
      [...readFileSync(resolve(root, file), 'utf8').matchAll(/^import (?!type)[^\n]* from '([^']+)'/gm)]
        .filter((match) => heavy.includes(match[1] as string))
        .map((match) => `${file}: ${match[1]}`),
    )
  // These files are themselves loaded on first use by the file that names them.
  const loadedOnFirstUse =
    /^server\/(sources\/(duckdb|postgres)|envelope\/arrow|transports\/(mcp|trpc|boards\/browser)|projects|yaml|boards|telemetry\/otlp)[/.-]/
  expect(eager.filter((line) => !loadedOnFirstUse.test(line))).toEqual([])
})

test('no door makes up a caller; only standard input and output, which belong to whoever started them', () => {
  const naming = sources.filter(
    (file) => file.startsWith('server/transports/') && readFileSync(resolve(root, file), 'utf8').includes('localCaller'),
  )
  expect(naming).toEqual(['server/transports/mcp/create-mcp-door.ts'])
})
