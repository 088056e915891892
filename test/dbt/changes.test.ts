import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { askLab, findingsOf, serveLab } from '../support/dbt-lab.ts'
import { type DbtFolder, dbtFolder, type ServedDbt } from '../support/dbt-project.ts'
import { writeDatabase } from '../support/duckdb.ts'
import { root } from '../support/project-files.ts'

let folder: DbtFolder
afterEach(() => folder?.close())

const serveShop = async (files: Readonly<Record<string, string>> = {}): Promise<ServedDbt> => {
  folder = await dbtFolder('shop', files)
  return folder.serve()
}

const tablesOf = async (shop: ServedDbt) =>
  (await shop.data<{ tables: { name: string; comment?: string }[] }>('list_tables', { source: 'tea_shop' })).tables

/** Waits until a look at the project gives what is expected; the files are looked at once a second. */
const until = async <T>(look: () => Promise<T>, isExpected: (seen: T) => boolean): Promise<T> => {
  for (let tries = 0; ; tries++) {
    const seen = await look()
    if (isExpected(seen) || tries === 50) return seen
    await sleep(100)
  }
}

const commentOf = async (shop: ServedDbt, table: string) =>
  (await shop.data<{ comment?: string }>('describe_table', { source: 'tea_shop', table })).comment

const manifestOf = (description: string, more: object = {}) =>
  JSON.stringify({
    metadata: { dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json', project_name: 'tea_shop' },
    nodes: {
      'model.tea_shop.sales': {
        resource_type: 'model',
        name: 'sales',
        package_name: 'tea_shop',
        schema: 'main',
        alias: 'fct_sales',
        description,
      },
      ...more,
    },
  })

test('YAML that changes is read again, and what breaks leaves what was there, told once', async () => {
  const shop = await serveShop()
  expect(await commentOf(shop, 'teas')).toBe('The teas that are sold.')
  const yaml = (description: string) => `seeds:\n  - {name: teas, description: ${description}}\n`
  await folder.write('seeds/_seeds.yml', yaml('All teas.'))
  expect(
    await until(
      () => commentOf(shop, 'teas'),
      (comment) => comment === 'All teas.',
    ),
  ).toBe('All teas.')
  await folder.write('seeds/_seeds.yml', 'seeds: [{name: "teas')
  const told = () => shop.logged.filter((line) => line.includes('DBT_FILE_UNREADABLE'))
  await until(
    async () => [await commentOf(shop, 'teas'), told().length],
    ([, count]) => count === 1,
  )
  expect(told()).toHaveLength(1)
  expect(told().join()).toMatch(/seeds\/_seeds\.yml:1.*|What it said before holds/)
  expect(await commentOf(shop, 'teas')).toBe('All teas.')
  await folder.write('seeds/_seeds.yml', yaml('Mended.'))
  expect(
    await until(
      () => commentOf(shop, 'teas'),
      (comment) => comment === 'Mended.',
    ),
  ).toBe('Mended.')
  expect(told()).toHaveLength(1)
})

test('a dbt_project.yml that breaks leaves what it said, as does one that goes', async () => {
  const written = (schema: string) => `name: lab\nprofile: lab\nmodels: {lab: {+schema: ${schema}}}\n`
  const lab = await serveLab({ 'dbt_project.yml': written('x'), 'models/orders.sql': 'select 1' }, [
    'dev_x.orders',
    'dev_y.orders',
    'dev.orders',
  ])
  const looked = () =>
    until(
      () => findingsOf(lab),
      (findings) => findings.length > 0,
    )
  expect(await askLab(lab, "ref('orders')")).toBe('dev_x.orders')
  for (const text of ['name: lab\n\tmodels: {', '', null]) {
    await lab.folder.write('dbt_project.yml', text)
    expect(await looked()).toEqual([expect.stringMatching(/^DBT_FILE_UNREADABLE dbt_project\.yml:\d+$/)])
    expect(await askLab(lab, "ref('orders')")).toBe('dev_x.orders')
  }
  await lab.folder.write('dbt_project.yml', written('y'))
  expect(
    await until(
      () => askLab(lab, "ref('orders')"),
      (relation) => relation === 'dev_y.orders',
    ),
  ).toBe('dev_y.orders')
  expect(await findingsOf(lab)).toEqual([])
})

test('settings of a package that change count from the next call on', async () => {
  const lab = await serveLab(
    { 'packages.yml': 'packages: [{local: pack}]', 'pack/dbt_project.yml': 'name: pack\n', 'pack/models/orders.sql': 'select 1' },
    ['dev_z.orders', 'dev.orders'],
  )
  expect(await askLab(lab, "ref('orders')")).toBe('dev.orders')
  await lab.folder.write('pack/dbt_project.yml', 'name: pack\nmodels: {pack: {+schema: z}}\n')
  expect(
    await until(
      () => askLab(lab, "ref('orders')"),
      (relation) => relation === 'dev_z.orders',
    ),
  ).toBe('dev_z.orders')
})

test('a manifest that comes, changes, breaks and goes', async () => {
  const shop = await serveShop()
  const seen = () => commentOf(shop, 'fct_sales')
  expect(await seen()).toContain('One row per receipt')
  await folder.write('target/manifest.json', manifestOf('Compiled.'))
  expect(await seen()).toBe('Compiled.')
  await folder.write('target/manifest.json', manifestOf('Compiled again.'))
  expect(await seen()).toBe('Compiled again.')
  // As dbt leaves it while it writes, and when its disk is full.
  for (const broken of [manifestOf('Half.').slice(0, 60), '', 'null', '{"nodes": 7}']) {
    await folder.write('target/manifest.json', broken)
    expect(await seen()).toBe('Compiled again.')
  }
  expect(shop.logged.join()).toContain('DBT_MANIFEST_UNREADABLE')
  await folder.write('target/manifest.json', null)
  expect(await seen()).toContain('One row per receipt')
})

test('a manifest of another target tells of the tables of this one, where those of its own are not there', async () => {
  const node = (name: string, schema: string, config: object) => ({
    resource_type: 'model',
    name,
    package_name: 'tea_shop',
    schema,
    alias: name,
    config,
    description: `Of ${name}.`,
  })
  const nodes = {
    a: node('guests', 'live', {}),
    b: node('wages', 'live_people', { schema: 'people' }),
    c: node('teas', 'live', { schema: 'nowhere' }),
  }
  const shop = await serveShop({ 'target/manifest.json': manifestOf('Compiled.', nodes) })
  expect(await commentOf(shop, 'guests')).toBe('Of guests.')
  expect(await commentOf(shop, 'wages')).toBe('Of wages.')
  expect(await commentOf(shop, 'teas')).toBeUndefined()
})

test('a manifest that cannot be read from the start leaves the files', async () => {
  const shop = await serveShop({ 'target/manifest.json': '{"nodes": {"a": ' })
  expect(await commentOf(shop, 'fct_sales')).toContain('One row per receipt')
  expect(shop.logged.filter((line) => line.includes('The files of the project are read in its place'))).toHaveLength(1)
})

test('a manifest that is older than the files is told once, and said with the metadata', async () => {
  const shop = await serveShop({ 'target/manifest.json': manifestOf('Compiled.') })
  const read = () => shop.data<{ dbt: object }>('get_metadata', { source: 'tea_shop' })
  await folder.touch('target/manifest.json', 100)
  expect((await read()).dbt).toEqual({ project: 'tea_shop', from: 'manifest' })
  await folder.touch('models/marts/sales.sql', 200)
  expect((await until(read, ({ dbt }) => 'is_stale' in dbt)).dbt).toMatchObject({ is_stale: true })
  await folder.touch('models/marts/sales.sql', 300)
  await sleep(1_100)
  await read()
  expect(shop.logged.filter((line) => line.includes('DBT_MANIFEST_STALE'))).toHaveLength(1)
  await folder.touch('target/manifest.json', 400)
  expect((await until(read, ({ dbt }) => !('is_stale' in dbt))).dbt).toEqual({ project: 'tea_shop', from: 'manifest' })
})

test('tables of a run are seen by every tool right after it, without a restart', async () => {
  const shop = await serveShop()
  expect((await tablesOf(shop)).map(({ name }) => name)).not.toContain('brews')
  await folder.write('models/marts/brews.sql', "select * from {{ ref('teas') }}")
  await folder.write('models/marts/_brews.yml', 'models: [{name: brews, description: What was brewed.}]')
  writeDatabase(join(folder.dir, 'tea.duckdb'), 'CREATE TABLE main.brews AS SELECT 1 AS tea_id', 'DROP TABLE main.report_v1')
  const after = await until(
    () => tablesOf(shop),
    (tables) => tables.some(({ comment }) => comment === 'What was brewed.'),
  )
  expect(after.find(({ name }) => name === 'brews')).toMatchObject({ comment: 'What was brewed.' })
  expect(after.map(({ name }) => name)).not.toContain('report_v1')
  expect(await shop.data('describe_table', { source: 'tea_shop', table: 'brews' })).toMatchObject({
    dbt: { upstream: ['main_lists.teas'] },
  })
  expect(await shop.data('catalog', { query: 'brewed' })).toMatchObject({ results: [{ table: 'brews' }] })
})

/** A program that writes as dbt-duckdb does: it opens the file to write, and makes each model aside and puts it in its place in one transaction. */
const run = (path: string, rounds: number): string => `
const { DuckDBInstance } = await import('@duckdb/node-api')
for (let round = 1; round <= ${rounds}; round++) {
  const instance = await DuckDBInstance.create(${JSON.stringify(path)})
  const connection = await instance.connect()
  for (const model of ['fct_sales', 'guests']) {
    await connection.run('BEGIN')
    await connection.run(\`CREATE TABLE main.\${model}__dbt_tmp AS SELECT *, \${round} AS round FROM (SELECT * EXCLUDE (round) FROM (SELECT *, 0 AS round FROM landing.till_receipts)), range(2000)\`)
    await connection.run(\`DROP TABLE IF EXISTS main.\${model}__dbt_backup CASCADE\`)
    await connection.run(\`ALTER TABLE main.\${model} RENAME TO \${model}__dbt_backup\`)
    await connection.run(\`ALTER TABLE main.\${model}__dbt_tmp RENAME TO \${model}\`)
    await connection.run('COMMIT')
    await connection.run(\`DROP TABLE IF EXISTS main.\${model}__dbt_backup CASCADE\`)
  }
  connection.closeSync()
  instance.closeSync()
}
`

test('a run of dbt that writes the file while it is served disturbs neither', { timeout: 120_000 }, async () => {
  const shop = await serveShop()
  const rounds = 8
  await tablesOf(shop)
  const writer = spawn(process.execPath, ['--input-type=module', '-e', run(join(folder.dir, 'tea.duckdb'), rounds)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  writer.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = once(writer, 'exit')
  let isRunning = true
  ended.then(() => {
    isRunning = false
  })
  const answers: { success: boolean; errors?: readonly { code: string; retryable: boolean }[] }[] = []
  while (isRunning) {
    answers.push(
      await shop.call('execute_query', { source: 'tea_shop', sql: 'SELECT count(*), count(DISTINCT kind) FROM main.fct_sales' }),
      await shop.call('list_tables', { source: 'tea_shop' }),
      await shop.call('describe_table', { source: 'tea_shop', table: 'fct_sales' }),
    )
    await sleep(5)
  }
  expect([(await ended)[0], said]).toEqual([0, ''])
  expect(answers.length).toBeGreaterThan(10)
  expect(answers.filter(({ success }) => !success).flatMap(({ errors = [] }) => errors)).toEqual([])
  // What was locked is looked at again half a second later.
  const sql = 'SELECT max(round) AS round, count(*) AS n FROM fct_sales'
  const read = () => shop.call('execute_query', { source: 'tea_shop', sql })
  expect(await until(read, (answer) => JSON.stringify(answer).includes(`[[${rounds},`))).toMatchObject({
    success: true,
    data: { rows: [[rounds, '24000']] },
  })
  const columns = async () =>
    (await shop.data<{ columns: { name: string }[] }>('describe_table', { source: 'tea_shop', table: 'fct_sales' })).columns.map(
      ({ name }) => name,
    )
  expect(await until(columns, (names) => names.includes('round'))).toContain('round')
})
