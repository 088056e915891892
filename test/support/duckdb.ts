import { execFileSync } from 'node:child_process'
import { errorItem, Fault } from '../../server/envelope/fault.ts'
import { defaultLimits } from '../../server/projects/project.ts'
import { type DuckdbOptions, openDuckdb } from '../../server/sources/duckdb/source.ts'
import type { Source } from '../../server/sources/source.ts'
import { root } from './project-files.ts'
import { type QueryChange, queryOf } from './query.ts'

const limits = { ...defaultLimits, timeoutMs: 20_000 }

/** A DuckDB source, and no guard before it. */
export const openDuck = (config: DuckdbOptions['config'], changed: Partial<DuckdbOptions> = {}): Source =>
  openDuckdb({ name: 'duck', type: 'duckdb', config, limits, log: () => {}, ...changed })

export const query = (source: Source, sql: string, changed: QueryChange = {}) => source.query(queryOf(sql, changed))

export const rowsOf = async (...args: Parameters<typeof query>) => JSON.parse((await query(...args)).rows?.text ?? 'null') as unknown[][]

/** The error that a call ends with, as a caller sees it. */
export const faultOf = async (promise: Promise<unknown>) => {
  try {
    await promise
  } catch (error) {
    if (error instanceof Fault) return errorItem(error)
    throw error
  }
  throw new Error('expected a fault')
}

/** The text of a module that runs statements on a database file, and then `after`, with the file still open. */
export const writerScript = (path: string, statements: readonly string[], after = ''): string =>
  `const { DuckDBInstance } = await import('@duckdb/node-api'); const i = await DuckDBInstance.create(${JSON.stringify(path)}); const c = await i.connect(); for (const s of ${JSON.stringify(statements)}) await c.run(s); ${after}; c.closeSync(); i.closeSync()`

/** Runs statements on a database file in a process of its own, as a dbt run would. */
export const writeDatabase = (path: string, ...statements: string[]): void => {
  execFileSync(process.execPath, ['--input-type=module', '-e', writerScript(path, statements)], { cwd: root, stdio: 'pipe' })
}

/** Ids of the processes that hold DuckDB for this one. */
export const duckdbProcesses = (): number[] => {
  const out = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'duckdb/duckdb-child'])
    .toString()
    .trim()
  return out.split('\n').map(Number)
}
