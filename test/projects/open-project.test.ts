import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ProjectError } from '../../server/projects/diagnostic.ts'
import { openConfig, openProject } from '../../server/projects/open-project.ts'
import { projectFromFiles } from '../../server/projects/project-from-files.ts'
import { folderOf } from '../cli/run-dft.ts'

const log = () => {}
const open = async (yaml: string, env: Readonly<Record<string, string>> = {}, files: Readonly<Record<string, string>> = {}) => {
  const project = await openProject({ dir: folderOf({ 'dataface.yml': yaml, ...files }), env, log })
  onTestFinished(() => project.close())
  return project
}

test('a source that is broken does not stop the others', async () => {
  const project = await open(
    `name: x
sources:
  gone: {type: duckdb, path: gone.duckdb}
  off: {type: postgres, url: "{{ env_var('NOPE') }}"}
  down: {type: postgres, url: "postgres://u@127.0.0.1:1/d"}
  good: {type: csv, files: {t: t.csv}}
`,
    {},
    { 't.csv': 'a,b\n1,2\n' },
  )
  const signal = AbortSignal.timeout(30_000)
  expect((await project.sources.get('good')?.catalog.read(signal))?.tables.map((table) => table.name)).toEqual(['t'])
  await expect(project.sources.get('gone')?.catalog.read(signal)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
  await expect(project.sources.get('down')?.catalog.read(signal)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
  expect(project.disabled.get('off')).toMatchObject({ type: 'postgres', reason: { code: 'SOURCE_UNAVAILABLE' } })
  expect(project.diagnostics).toMatchObject([{ code: 'MISSING_VARIABLE', line: 4, column: 30 }])
})

test('limits of a source come before those of the project, and those before the defaults', async () => {
  const { sources } = await open(`name: x
limits: {max_rows: 100, timeout_ms: 2000}
sources:
  a: {type: csv, files: {t: t.csv}, limits: {max_rows: 7, default_rows: "5"}}
  b: {type: csv, files: {t: t.csv}}
`)
  expect(sources.get('a')?.limits).toEqual({
    defaultRows: 5,
    defaultRowsSet: true,
    maxRows: 7,
    maxBytes: 1_048_576,
    maxCellBytes: 65_536,
    timeoutMs: 2000,
    defaultTokens: 25_000,
    maxTokens: undefined,
    streamRows: 100_000_000,
    streamRowsSet: false,
    streamBytes: 10_737_418_240,
    streamTimeoutMs: 600_000,
    maxConcurrency: 8,
  })
  expect(sources.get('b')?.limits).toMatchObject({ defaultRows: 50, defaultRowsSet: false, maxRows: 100, timeoutMs: 2000 })
})

test('a project file with errors is not opened, and every finding is in the error', async () => {
  const failure = await open('nam: x\nsources: {a: {type: nope}}\n').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ProjectError)
  expect((failure as ProjectError).diagnostics.map(({ code }) => code)).toEqual(['MISSING_KEY', 'UNKNOWN_KEY', 'WRONG_VALUE'])
})

test('a closed source answers that it is closed', async () => {
  const project = await open('name: x\nsources: {a: {type: csv, files: {t: t.csv}}}\n')
  await project.close()
  await expect(project.sources.get('a')?.source.introspect(AbortSignal.timeout(1000))).rejects.toMatchObject({ code: 'NOT_READY' })
})

test('files without a project file become tables named after them', async () => {
  const folder = folderOf({
    'Monthly Sales (2024).csv': 'a\n1\n',
    '2023.csv': 'a\n1\n',
    'people.json': '[{"a":1}]',
    'people.csv': 'a\n1\n',
    'Größe.tsv': 'a\tb\n1\t2\n',
    'notes.txt': 'not data',
    '.hidden.csv': 'a\n1\n',
    'other.db': 'SQLite format 3',
  })
  const { config } = await projectFromFiles([folder])
  const [source] = Object.values(config.sources)
  expect(config.name).toMatch(/^[a-z][a-z0-9_-]*$/)
  expect(Object.keys(config.sources)).toEqual(['files'])
  expect(Object.keys((source as { files: object }).files).sort()).toEqual([
    'größe',
    'monthly_sales_2024',
    'people',
    'people_json',
    't_2023',
  ])

  const project = openConfig({ config, log })
  onTestFinished(() => project.close())
  const catalog = await project.sources.get('files')?.catalog.read(AbortSignal.timeout(30_000))
  expect(catalog?.tables).toHaveLength(5)
})

test('paths that cannot be served are all named', async () => {
  const folder = folderOf({ 'notes.txt': 'x' })
  writeFileSync(join(folder, 'table.xlsx'), 'x')
  const failure = await projectFromFiles([join(folder, 'none.csv'), join(folder, 'table.xlsx')]).catch((error: unknown) => error)
  expect((failure as ProjectError).diagnostics.map(({ code, file }) => [code, file])).toEqual([
    ['FILE_NOT_FOUND', 'none.csv'],
    ['UNKNOWN_FILE_TYPE', 'table.xlsx'],
  ])
  await expect(projectFromFiles([folder])).rejects.toMatchObject({ diagnostics: [{ code: 'NO_SOURCES' }] })
})
