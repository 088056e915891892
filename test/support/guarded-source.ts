import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import pg from 'pg'
import { Fault } from '../../server/envelope/fault.ts'
import { checkReadOnly } from '../../server/guards/read-only.ts'
import { defaultLimits } from '../../server/projects/project.ts'
import { CatalogStore } from '../../server/sources/catalog-store.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { SourceCatalog } from '../../server/sources/source.ts'
import type { TablePolicy } from '../../server/sources/table-policy.ts'
import { postgresUrl, reader } from './postgres.ts'
import { root } from './project-files.ts'
import { queryOf } from './query.ts'

/** Makes a database of that name from the guard's fixture. */
export const createGuardDatabase = async (name: string): Promise<void> => {
  const run = async (database: string, sql: string) => {
    const client = new pg.Client({ connectionString: postgresUrl(database) })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  await run('postgres', `CREATE DATABASE ${name}`)
  await run(name, readFileSync(resolve(root, 'test/fixtures/guard.postgres.sql'), 'utf8'))
}

export interface GuardedSource {
  /** Undefined when the guard lets a text pass, else the fault. */
  judge(sql: string): Promise<Fault | undefined>
  /** Undefined when the database runs a text, without the guard, else what it says. */
  run(sql: string): Promise<string | undefined>
  catalog(): Promise<SourceCatalog>
  close(): Promise<void>
}

/** The guard before a database, which is asked by a login that can read all of it. */
export const openGuarded = (database: string, policy: TablePolicy = {}): GuardedSource => {
  const source = openPostgres({
    name: 'guarded',
    config: { type: 'postgres', url: postgresUrl(database, reader) },
    limits: { ...defaultLimits, timeoutMs: 10_000 },
    log: () => {},
  })
  const catalog = new CatalogStore(source, policy)
  const faultOf = async (work: Promise<unknown>): Promise<Fault | undefined> => {
    try {
      await work
      return undefined
    } catch (error) {
      if (error instanceof Fault) return error
      throw error
    }
  }
  return {
    judge: (sql) => faultOf(checkReadOnly({ source, catalog }, sql, AbortSignal.timeout(10_000))),
    async run(sql) {
      return (await faultOf(source.query(queryOf(sql, { limits: { maxRows: 20, timeoutMs: 10_000 } }))))?.message
    },
    catalog: () => catalog.read(AbortSignal.timeout(10_000)),
    close: () => source.close(),
  }
}
