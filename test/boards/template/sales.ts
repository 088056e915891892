import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { defaultLimits } from '../../../server/projects/project.ts'
import { openDuckdb } from '../../../server/sources/duckdb/source.ts'
import { openPostgres } from '../../../server/sources/postgres/source.ts'
import type { Dialect, Source } from '../../../server/sources/source.ts'
import { createPostgres, withClient, withDuckdb } from '../../field/databases.ts'
import { type Answer, serveSource } from '../../field/serve-source.ts'
import { bind, type Rendering, type Values } from './render.ts'

/** The same table in both databases. */
const script = [
  'CREATE TABLE sales (id integer, region text, amount decimal(10, 2), units bigint, day date, sold_at timestamp, sold_in timestamptz, is_open boolean)',
  `INSERT INTO sales VALUES
    (1, 'North', 10.50, 1, '2026-01-30', '2026-01-30 08:00:00', '2026-01-30 08:00:00+00', true),
    (2, 'South', 20.00, 2, '2026-01-31', '2026-01-31 23:30:00', '2026-01-31 23:30:00+00', false),
    (3, 'O''Brien', 30.25, 3, '2026-02-01', '2026-02-01 00:00:00', '2026-02-01 00:00:00+00', true),
    (4, NULL, 40.00, 4, '2026-03-15', '2026-03-15 12:00:00', '2026-03-15 12:00:00+00', NULL)`,
]

export interface Sales {
  /** Renders a template for a database and asks it, through dispatch and the guard. */
  ask(dialect: Dialect, template: string, values?: Values, rendering?: Rendering): Promise<Answer>
  close(): Promise<void>
}

export const openSales = async (): Promise<Sales> => {
  const folder = mkdtempSync(join(tmpdir(), 'dataface-sales-'))
  const path = join(folder, 'sales.duckdb')
  await withDuckdb(path, async (connection) => {
    for (const statement of script) await connection.run(statement)
  })
  const url = await createPostgres(inject('postgres'))
  await withClient(url, async (client) => {
    for (const statement of script) await client.query(statement)
  })
  const limits = { ...defaultLimits, timeoutMs: 20_000 }
  const sources: Record<Dialect, Source> = {
    postgres: openPostgres({ name: 'sales', config: { type: 'postgres', url, sslmode: 'disable' }, limits, log: () => {} }),
    duckdb: openDuckdb({ name: 'sales', type: 'duckdb', config: { path }, limits, log: () => {} }),
  }
  const ask = { postgres: serveSource(sources.postgres, limits), duckdb: serveSource(sources.duckdb, limits) }
  return {
    ask(dialect, template, values, rendering) {
      const { sql, params } = bind(template, values, { ...rendering, dialect })
      return ask[dialect](sql, params)
    },
    async close() {
      await Promise.all(Object.values(sources).map((source) => source.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
