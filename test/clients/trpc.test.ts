import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatafaceClient } from '../../clients/trpc/index.js'
import { contracts } from '../../contracts/catalog.ts'
import { root } from '../support/project-files.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

/** A copy of the client's folder, alone but for the two packages it asks for. */
let copy: string
let started: Started

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'trpc-client-'))
  cpSync(resolve(root, 'clients/trpc'), copy, { recursive: true })
  const { peerDependencies } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')) as { peerDependencies: Record<string, string> }
  mkdirSync(join(copy, 'node_modules/@trpc'), { recursive: true })
  for (const name of Object.keys(peerDependencies))
    symlinkSync(resolve(root, 'node_modules', name), join(copy, 'node_modules', name), 'dir')
  started = await startDataface(`name: demo\nsources:${vegaSource}`)
})

afterAll(async () => {
  await started?.close()
  rmSync(copy, { recursive: true, force: true })
})

/** What the compiler says of the copied folder with one more file in it; empty when it is content. */
const compile = (lines: readonly string[]): string => {
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2022', 'dom'], module: 'nodenext', types: [], strict: true, exactOptionalPropertyTypes: true },
    ...{ verbatimModuleSyntax: true, noEmit: true, skipLibCheck: true },
  }
  writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  writeFileSync(join(copy, 'use.ts'), lines.join('\n'))
  try {
    execFileSync(resolve(root, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: copy, encoding: 'utf8', stdio: 'pipe' })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

const client = ["import { createDatafaceClient } from './index.js'", "const client = createDatafaceClient({ url: 'http://127.0.0.1:1' })"]

test('the folder compiles when it is copied out alone, and so does a program that uses it', () => {
  const errors = compile([
    ...client,
    "import type { DescribeTableOutput, Envelope, ToolName } from './index.js'",
    "const answer = await client.execute_query.query({ source: 'vega', sql: 'SELECT 1', params: ['a', 1, true, null], format: 'rows' })",
    'if (answer.success) { const count: number = answer.data.row_count; const types: string[] = answer.data.columns.map((column) => column.type); void [count, types] }',
    'else { const hint: string | undefined = answer.errors[0]?.hint; void hint }',
    'const sources = await client.list_sources.query()',
    "const table: Envelope<DescribeTableOutput> = await client.describe_table.query({ source: 'vega', table: 'movies' })",
    "const name: ToolName = 'catalog'",
    "import type { TRPCClient } from '@trpc/client'",
    "import type { DatafaceClient, DatafaceRouter } from './index.js'",
    // Of values that may be anything tRPC says that they may be missing.
    "type Same = Omit<DatafaceClient, 'render_dashboard'>",
    'const same = (inferred: TRPCClient<DatafaceRouter>): Same => inferred',
    'void [sources, table, name, same]',
    'export {}',
  ])
  expect(errors).toBe('')
})

test.each([
  ['a tool there is not', 'await client.run_query.query({})', "Property 'run_query' does not exist"],
  ['an argument there is not', "await client.list_tables.query({ source: 'a', tables: [] })", "'tables' does not exist"],
  ['a missing argument', "await client.execute_query.query({ source: 'a' })", "Property 'sql' is missing"],
  ['a value outside its list', "await client.get_metadata.query({ source: 'a', detail: 'all' })", `Type '"all"' is not assignable`],
  ['data before success is known', 'const answer = await client.catalog.query(); void answer.data', "Property 'data' does not exist"],
])('the compiler refuses %s', (_title, line, message) => {
  expect(compile([...client, line, 'export {}'])).toContain(message)
})

test('the client names every tool and calls it', async () => {
  const dataface = createDatafaceClient({ url: `${started.url}/` })
  const answer = await dataface.execute_query.query({
    source: 'vega',
    sql: 'SELECT count(*) AS rows FROM penguins WHERE "Island" = $1',
    params: ['Dream'],
  })
  expect(answer).toMatchObject({ success: true, data: { rows: [['124']], columns: [{ name: 'rows', type: 'bigint' }] } })
  const overview = await Promise.all([dataface.list_sources.query(), dataface.catalog.query({ query: 'airports' })])
  expect(overview.map(({ success }) => success)).toEqual([true, true])
  const text = readFileSync(resolve(root, 'clients/trpc/index.d.ts'), 'utf8')
  for (const { name } of contracts) expect(text).toContain(`  ${name}: Query<`)
})

test('a failed call is an answer, not an exception', async () => {
  const dataface = createDatafaceClient({ url: started.url })
  expect(await dataface.list_tables.query({ source: 'vega', limit: 0 })).toMatchObject({
    success: false,
    errors: [{ code: 'VALIDATION_ERROR', path: 'limit' }],
  })
})

test('headers and fetch can be given, and inputs travel in the body of a POST', async () => {
  const seen: { method: string | undefined; authorization: string | null; url: string }[] = []
  const dataface = createDatafaceClient({
    url: started.url,
    headers: { authorization: 'Bearer abc' },
    fetch: (input, init) => {
      seen.push({ method: init?.method, authorization: new Headers(init?.headers).get('authorization'), url: String(input) })
      return fetch(input, init)
    },
  })
  await dataface.list_tables.query({ source: 'vega', search: 'secret words' })
  expect(seen).toEqual([{ method: 'POST', authorization: 'Bearer abc', url: `${started.url}/trpc/list_tables?batch=1` }])
})
