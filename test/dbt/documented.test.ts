import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type DbtFolder, dbtFolder } from '../support/dbt-project.ts'
import { projectFiles, root } from '../support/project-files.ts'

const page = readFileSync(resolve(root, 'docs/dbt.md'), 'utf8')
const [project = '', board = ''] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml as string)

let folder: DbtFolder
afterEach(() => folder?.close())

test('the project and the board of the page work', async () => {
  folder = await dbtFolder('nothing', { 'dataface.yml': project })
  await folder.write('transform/dbt_project.yml', 'name: shop\nprofile: shop\n')
  await folder.write('transform/profiles.yml', 'shop: {target: prod, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n')
  await folder.write('transform/models/orders.sql', "{{ config(alias='all_orders') }} select 1")
  const { writeDatabase } = await import('../support/duckdb.ts')
  writeDatabase(
    resolve(folder.dir, 'transform/shop.duckdb'),
    "CREATE TABLE all_orders AS SELECT 'open' AS status",
    'CREATE TABLE hr_people AS SELECT 1 AS id',
  )
  const served = await folder.serve()
  const { tables } = await served.data<{ tables: { name: string }[] }>('list_tables', { source: 'shop' })
  expect(tables.map(({ name }) => name)).toEqual(['all_orders'])
  const { charts, diagnostics } = await served.data<{ charts: { rows: unknown }[]; diagnostics: unknown[] }>('render_dashboard', {
    yaml: board,
    format: 'json',
  })
  expect(diagnostics).toEqual([])
  expect(charts[0]?.rows).toEqual([['open', '1']])
})

test('the page lists every code that is about dbt, and no other', () => {
  const sources = projectFiles().filter((file) => /^server\/projects\/.*\.ts$/.test(file))
  const used = new Set(
    sources.flatMap((file) => [...readFileSync(resolve(root, file), 'utf8').matchAll(/'(DBT_[A-Z_]+)'/g)].map(([, code]) => code)),
  )
  const listed = new Set(
    [...page.matchAll(/^\|(.*?)\|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(DBT_[A-Z_]+)`/g)].map(([, code]) => code)),
  )
  expect([...listed].sort()).toEqual([...used].sort())
})
