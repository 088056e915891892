import { afterEach, expect, test } from 'vitest'
import { askRelation } from '../support/ask-relation.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'
import { manifestOf } from '../support/warehouse.ts'

let project: BoardProject
afterEach(() => project.close())

const open = async (manifest?: string): Promise<void> => {
  project = await boardProject({
    'dataface.yml': 'name: test\nsources: {shop: {type: duckdb, files: {orders: orders.csv, Later: orders.csv}}}\n',
    'orders.csv': 'id\n7\n',
    ...(manifest !== undefined && { 'target/manifest.json': manifest }),
  })
}

/** What a query of a relation answers: its one value, or the finding. */
const read = (relation: string): Promise<unknown> => askRelation(project, 'shop', 'id', relation)

test('ref() and source() name the relations that dbt made', async () => {
  await open(manifestOf('main', ['orders']))
  for (const relation of ["ref('orders')", "ref('shop', 'orders')", "source('raw', 'orders')"]) expect(await read(relation)).toBe('7')
})

test('what is not there is told with the nearest name', async () => {
  await open(manifestOf('main', ['orders']))
  expect(await read("ref('order')")).toBe('REF_UNKNOWN: The dbt project has no model order. Did you mean orders?')
  expect(await read("source('raw', 'order')")).toContain('REF_UNKNOWN: The dbt project has no source raw.order.')
  expect(await read("ref('other', 'orders')")).toContain('REF_UNKNOWN')
})

test('a model that no table holds is told', async () => {
  const manifest = JSON.parse(manifestOf('main', ['orders']))
  manifest.nodes['model.shop.orders'].config.materialized = 'ephemeral'
  await open(JSON.stringify(manifest))
  expect(await read("ref('orders')")).toContain('REF_UNKNOWN: The model orders is ephemeral')
})

test('of two packages the model of the project itself is meant', async () => {
  const manifest = JSON.parse(manifestOf('main', ['orders']))
  const other = { ...manifest.nodes['model.shop.orders'], package_name: 'other', alias: 'nothing' }
  await open(JSON.stringify({ ...manifest, nodes: { 'model.other.orders': other, ...manifest.nodes, 'model.z.orders': other } }))
  expect(await read("ref('orders')")).toBe('7')
})

test('without a manifest, or with one that is none, it is said what to do', async () => {
  await open()
  expect(await read("ref('orders')")).toContain(
    "REF_UNKNOWN: ref() needs a dbt project: there is no target/manifest.json in the project's folder.",
  )
  await project.write('target/manifest.json', '{"nodes": []}')
  expect(await read("ref('orders')")).toContain('is no manifest that can be read')
  await project.write('target/manifest.json', manifestOf('main', ['orders']))
  expect(await read("ref('orders')")).toBe('7')
})
