import { cp, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readProject } from '../../server/projects/read-project.ts'
import { type DbtFolder, dbtFolder } from '../support/dbt-project.ts'
import { writeDatabase } from '../support/duckdb.ts'
import { caseFolder } from './cases.ts'

const cases = join(caseFolder, 'dbt')

/** The folders of all projects, those within others too. */
const projects = (await readdir(cases, { recursive: true }))
  .filter((path) => path.endsWith('dbt_project.yml'))
  .map(dirname)
  .sort()

let folder: DbtFolder | undefined
afterEach(async () => {
  await folder?.close()
  folder = undefined
})

interface Node {
  readonly kind: string
  readonly name: string
  readonly package: string
  readonly version?: string
  readonly isTable: boolean
  readonly isLatest: boolean
  readonly schemas: readonly string[]
  readonly alias: string
  readonly columns: readonly { readonly name: string }[]
}

const copy = async (): Promise<DbtFolder> => {
  const made = await dbtFolder('nothing')
  await cp(cases, made.dir, { recursive: true })
  folder = made
  return made
}

test('there are projects', () => {
  expect(projects.length).toBeGreaterThanOrEqual(6)
})

test.each(projects)('%s opens as it is, or says by code why it is off', async (path) => {
  const { dir } = await copy()
  const env = { HOME: join(dir, 'home') }
  const { config, disabled, diagnostics } = await readProject(join(dir, path), env)
  expect(config).toBeDefined()
  for (const { code, message, hint } of diagnostics)
    expect({ code, message, hint }).toEqual({
      code: expect.stringMatching(/^[A-Z_]+$/),
      message: expect.any(String),
      hint: expect.any(String),
    })
  expect(Object.keys(config?.sources ?? {}).length + disabled.length).toBe(1)
  if (disabled.length > 0) expect(diagnostics.map(({ code }) => code)).toContain('DBT_PROFILE_NOT_FOUND')
})

test.each(projects)('%s describes every table that dbt would make, and boards find each', { timeout: 300_000 }, async (path) => {
  const { dir, serve, write } = await copy()
  const profile = 'one: {target: dev, outputs: {dev: {type: duckdb, path: made.duckdb, schema: dev, threads: 4}}}\n'
  await write(`${path}/profiles.yml`, profile)
  await write('here/dataface.yml', `name: x\nsources: {it: {type: dbt, project_dir: ../${path}, profile: one}}\n`)
  await mkdir(join(dir, path), { recursive: true })
  const first = await serve({ dir: join(dir, 'here') })
  const dbt = first.dataface.project.sources.get('it')?.dbt
  const { graph, findings } = (await dbt?.examine()) ?? { graph: { nodes: new Map() }, findings: [] }
  const nodes = [...graph.nodes.values()] as unknown as Node[]
  expect(nodes.length).toBeGreaterThan(0)
  expect(findings.filter(({ code }) => !/^DBT_[A-Z_]+$/.test(code))).toEqual([])
  expect(findings.filter(({ code }) => code === 'DBT_FILE_UNREADABLE')).toEqual([])

  const tables = new Map(
    nodes
      .filter(({ isTable }) => isTable)
      .map(({ schemas: [schema = ''], alias, columns }) => [
        `"${schema}"."${alias}"`,
        { schema, columns: [...new Map(columns.map(({ name }) => [name.toLowerCase(), name])).values()] },
      ]),
  )
  writeDatabase(
    join(dir, path, 'made.duckdb'),
    ...new Set([...tables.values()].map(({ schema }) => `CREATE SCHEMA IF NOT EXISTS "${schema}"`)),
    ...[...tables].map(
      ([name, { columns }]) =>
        `CREATE TABLE ${name} (${(columns.length === 0 ? ['x'] : columns).map((column) => `"${column}" VARCHAR`).join(', ')})`,
    ),
  )
  const served = await serve({ dir: join(dir, 'here') })
  const { tables: shown } = await served.data<{ tables: { name: string; dbt?: object }[] }>('get_metadata', {
    source: 'it',
    detail: 'full',
    max_tokens: 50_000,
  })
  expect(shown.filter((table) => table.dbt === undefined)).toEqual([])
  const relations = await served.dataface.project.sources
    .get('it')
    ?.dbt?.relations(undefined, served.dataface.project.sources.get('it')?.catalog.hidden as never)
  for (const { kind, name, package: of, version, isTable, schemas, alias } of nodes) {
    const found = kind === 'source' ? relations?.('source', name.split('.')) : relations?.('ref', [of, name], version)
    if (isTable) expect(found).toBe(`"${schemas[0]}"."${alias}"`)
  }
  for (const { name, table } of [{ name: shown[0]?.name, table: shown[0] }]) {
    if (table === undefined) continue
    expect(await served.call('describe_table', { source: 'it', table: name })).toMatchObject({ success: true })
  }
  expect(served.logged.filter((line) => line.includes('"stack"'))).toEqual([])
})
