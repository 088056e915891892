import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { ErrorItem } from '../../contracts/v1/errors.ts'
import { errorItem, Fault } from '../../server/envelope/fault.ts'
import { checkReadOnly } from '../../server/guards/read-only.ts'
import { defaultLimits } from '../../server/projects/project.ts'
import { CatalogStore } from '../../server/sources/catalog-store.ts'
import { openDuckdb } from '../../server/sources/duckdb/source.ts'
import type { Source } from '../../server/sources/source.ts'
import type { TablePolicy } from '../../server/sources/table-policy.ts'
import { queryOf } from '../support/query.ts'

/** The guard before one database under one policy. */
export interface Guarded {
  /** What a text is refused with; undefined when it passes. */
  refusal(sql: string): Promise<ErrorItem | undefined>
  /** Passes the guard and runs: rows, or the error of either. */
  run(sql: string): Promise<unknown[][] | ErrorItem>
}

export interface Shop {
  /** The database file. */
  readonly path: string
  readonly source: Source
  under(policy: TablePolicy): Guarded
  close(): Promise<void>
}

/** A database file called shop, made by `statements`, behind the guard. */
export const openShop = async (statements: readonly string[]): Promise<Shop> => {
  const folder = mkdtempSync(join(tmpdir(), 'dataface-guard-'))
  const path = join(folder, 'shop.duckdb')
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  connection.disconnectSync()
  instance.closeSync()

  const source = openDuckdb({
    name: 'shop',
    type: 'duckdb',
    config: { path },
    limits: defaultLimits,
    log: () => {},
    releaseAfterMs: 60_000,
  })
  return {
    path,
    source,
    under(policy) {
      const catalog = new CatalogStore(source, policy)
      const check = (sql: string) => checkReadOnly({ source, catalog }, sql, AbortSignal.timeout(30_000))
      return {
        refusal: (sql) => check(sql).then(() => undefined, toItem),
        run: (sql) =>
          check(sql)
            .then(() => source.query(queryOf(sql)))
            .then((result) => JSON.parse(result.rows?.text ?? '[]') as unknown[][], toItem),
      }
    },
    async close() {
      await source.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const toItem = (error: unknown): ErrorItem => {
  if (error instanceof Fault) return errorItem(error)
  throw error
}
