import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { Dialect } from '../../server/sources/source.ts'
import { createPostgres, withClient, withDuckdb } from '../field/databases.ts'
import { type BoardProject, boardProject } from './board-project.ts'
import { reader } from './postgres.ts'

/** Tables that boards of the field ask for, in SQL that both databases run. Figures follow from the row's number. */
const series = (count: number) => `FROM generate_series(1, ${count}) AS t(i)`
const pick = (values: readonly string[], by = 'i') =>
  `CASE CAST(${by} AS INT) % ${values.length} ${values.map((value, at) => `WHEN ${at} THEN '${value}'`).join(' ')} END`

export const warehouses = {
  /** Orders of a shop with products and customers, in the schema main. */
  shop: [
    'CREATE SCHEMA IF NOT EXISTS main',
    `CREATE TABLE main.orders AS SELECT CAST(i AS INT) AS order_id, DATE '2023-01-01' + CAST(i % 360 AS INT) AS order_date, CAST(1 + i % 7 AS INT) AS quantity,
       CAST(20 + (i * 37) % 400 AS DOUBLE PRECISION) AS revenue, ${pick(['North', 'South', 'East', 'West'])} AS region,
       CAST(1 + i % 4 AS INT) AS product_id, CAST(1 + i % 25 AS INT) AS customer_id ${series(600)}`,
    `CREATE TABLE main.products AS SELECT CAST(i AS INT) AS product_id, ${pick(['Gadget Y', 'Widget A', 'Widget B', 'Gadget X'])} AS product_name,
       ${pick(['Gadgets', 'Widgets', 'Widgets', 'Gadgets'])} AS category, CAST(10 * i AS DOUBLE PRECISION) AS price ${series(4)}`,
    `CREATE TABLE main.customers AS SELECT CAST(i AS INT) AS customer_id, concat('Customer ', CAST(i AS INT)) AS customer_name,
       ${pick(['North', 'South', 'East', 'West'])} AS region ${series(25)}`,
    'CREATE TABLE main.fct_orders AS SELECT order_date + 365 AS order_date, region, 100 * revenue AS revenue, customer_id FROM main.orders',
  ],
  /** Sales day by day, and one row of figures. */
  sales: [
    `CREATE TABLE ecommerce_orders AS SELECT DATE '2024-01-01' + CAST(i % 200 AS INT) AS date, ${pick(['North', 'South', 'East', 'West'])} AS region,
       ${pick(['Toys', 'Books', 'Garden'])} AS category, concat('Product ', CAST(i % 12 AS INT)) AS product,
       CAST(15 + (i * 31) % 300 AS DOUBLE PRECISION) AS revenue, CAST(1 + i % 9 AS INT) AS units_sold ${series(1000)}`,
    'CREATE TABLE quarterly_kpis AS SELECT CAST(1240000 AS DOUBLE PRECISION) AS revenue, CAST(0.083 AS DOUBLE PRECISION) AS delta_pct',
  ],
  /** Opportunities of a sales team, in the schema analytics. */
  pipeline: [
    'CREATE SCHEMA analytics',
    `CREATE TABLE analytics.opportunities AS SELECT ${pick(['Prospecting', 'Qualification', 'Needs Analysis', 'Proposal', 'Negotiation'])} AS stage_name,
       CAST(1000 + (i * 761) % 90000 AS DECIMAL(12, 2)) AS amount, CAST(10 + (i * 7) % 90 AS INT) AS probability,
       i % 3 <> 0 AS is_closed, i % 3 = 1 AS is_won, i % 50 = 0 AS is_deleted, DATE '2025-07-01' + CAST(i % 300 AS INT) AS close_at,
       ${pick(['Website', 'Referral', 'Partner', 'Event'], '(i / 2)')} AS lead_source, ${pick(['Ana', 'Ben', 'Chloe', 'Dan', 'Eve'], '(i / 3)')} AS owner_name
       ${series(400)}`,
  ],
} as const

/** What dbt would write of a project with these models. */
export const manifestOf = (schema: string, models: readonly string[]): string =>
  JSON.stringify({
    metadata: { project_name: 'shop' },
    nodes: Object.fromEntries(
      models.map((name) => [
        `model.shop.${name}`,
        { resource_type: 'model', name, package_name: 'shop', schema, alias: name, config: { materialized: 'table' } },
      ]),
    ),
    sources: { 'source.shop.raw.orders': { source_name: 'raw', name: 'orders', schema, identifier: 'orders' } },
  })

/** A project whose sources, by these names, are all one new database with these tables. */
export const warehouseProject = async (
  dialect: Dialect,
  statements: readonly string[],
  sources: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<BoardProject> => {
  const path = join(tmpdir(), `dft-warehouse-${randomUUID()}.duckdb`)
  const source = dialect === 'duckdb' ? `{type: duckdb, path: ${path}}` : `{type: postgres, url: "${await fillPostgres(statements)}"}`
  if (dialect === 'duckdb')
    await withDuckdb(path, async (connection) => {
      for (const statement of statements) await connection.run(statement)
    })
  const project = await boardProject({
    'dataface.yml': `name: test\nsources:\n${sources.map((name) => `  ${name}: ${source}\n`).join('')}`,
    ...files,
  })
  return {
    ...project,
    async close() {
      await project.close()
      await rm(path, { force: true })
    },
  }
}

/** A new database that the reader may read. */
const fillPostgres = async (statements: readonly string[]): Promise<string> => {
  const url = await createPostgres(inject('postgres'))
  await withClient(url, async (client) => {
    for (const statement of statements) await client.query(statement)
    const { rows } = await client.query("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$'")
    for (const { nspname } of rows as { nspname: string }[])
      await client.query(`GRANT USAGE ON SCHEMA ${nspname} TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA ${nspname} TO reader`)
  })
  const login = new URL(url)
  login.username = reader.user
  login.password = reader.password
  login.searchParams.set('sslmode', 'disable')
  return login.href
}
