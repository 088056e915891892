import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { Fault } from '../../server/envelope/fault.ts'
import type { Source } from '../../server/sources/source.ts'
import { openDuck, query, rowsOf } from './duckdb.ts'

/** Stands in every file that no project declares, and in the environment. */
const marker = 'FILE-MARKER-5d1c'

/** What a call could have left behind for the next one; reads the same before and after every call. */
const stateSql = `SELECT
  (SELECT md5(string_agg(name || '=' || coalesce(value, ''), ';' ORDER BY name)) FROM duckdb_settings() WHERE value NOT LIKE '%/%'),
  (SELECT count(*) FROM duckdb_variables()), (SELECT count(*) FROM duckdb_prepared_statements()), (SELECT count(*) FROM duckdb_logs()), (SELECT count(*) FROM duckdb_secrets()),
  (SELECT count(*) FROM duckdb_tables() WHERE temporary), (SELECT count(*) FROM duckdb_views() WHERE temporary),
  (SELECT count(*) FROM duckdb_functions() WHERE NOT internal), (SELECT string_agg(database_name, ',' ORDER BY 1) FROM duckdb_databases()),
  current_schema(), lower('A')`

/** A DuckDB source without a guard, and everything around it that a statement might reach. */
export interface Unguarded {
  /** A folder with files beside the database that nobody declared. */
  readonly folder: string
  readonly source: Source
  /** Where a server listens that nobody should call: `127.0.0.1:4711`. */
  readonly address: string
  /** Runs a statement and says what was wrong with that; empty when it was stopped or harmless. */
  attack(sql: string): Promise<string[]>
  close(): Promise<void>
}

/** Serves a database that `statements` made, copied or held open, or with `file` a Parquet file `declared.parquet` that is read in place. */
export const openUnguarded = async (
  statements: readonly string[],
  served: 'database' | 'held database' | 'file' = 'database',
): Promise<Unguarded> => {
  const folder = mkdtempSync(join(tmpdir(), 'dataface-unguarded-'))
  const database = join(folder, 'attackdb.duckdb')
  const visits: string[] = []
  const server: Server = createServer((request, response) => {
    visits.push(String(request.url))
    response.end(`note\n${marker}\n`)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  await plantFiles(folder, database, statements)
  const before = stampOf(folder)
  const source = openDuck(served === 'file' ? { files: { declared: join(folder, 'declared.parquet') } } : { path: database }, {
    memoryBytes: 512 * 1024 * 1024,
    ...(served === 'held database' && { copiedBytes: 0 }),
  })
  const state = await rowsOf(source, stateSql)

  return {
    folder,
    source,
    address,
    async attack(sql) {
      const wrong: string[] = []
      const answer = await query(source, sql, { limits: { timeoutMs: 2_000, maxRows: 50 } }).then(
        ({ rows }) => String(rows?.text),
        (error: unknown) => {
          if (!(error instanceof Fault)) wrong.push(`threw ${String(error)}`)
          const said = `${(error as Error).message} ${(error as Fault).details?.hint ?? ''}`
          if (said.includes('dataface-duckdb-')) wrong.push('told a path of ours')
          return said
        },
      )
      if (answer.includes(marker)) wrong.push('read a file or the environment')
      if (/root:[^:]*:0:0:/.test(answer)) wrong.push('read a file of the system')
      if (visits.length > 0) wrong.push('reached the network')
      if (stampOf(folder) !== before) wrong.push('changed a file')
      const after = await rowsOf(source, stateSql).catch((error: unknown) => String(error))
      if (JSON.stringify(after) !== JSON.stringify(state)) wrong.push(`left something behind: ${JSON.stringify(after)}`)
      return wrong
    },
    async close() {
      await source.close()
      await new Promise((done) => server.close(done))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const plantFiles = async (folder: string, database: string, statements: readonly string[]): Promise<void> => {
  mkdirSync(join(folder, 'imp'))
  writeFileSync(join(folder, 'imp/schema.sql'), 'CREATE TABLE imported AS SELECT 42 AS x;')
  writeFileSync(join(folder, 'secret.csv'), `id,note\n1,${marker}\n`)
  writeFileSync(join(folder, 'secret.ndjson'), `{"id":1,"note":"${marker}"}\n`)
  writeFileSync(join(folder, 'secret.json'), `[{"id":1,"note":"${marker}"}]`)
  const other = await DuckDBInstance.create(join(folder, 'other.duckdb'))
  const writing = await other.connect()
  await writing.run(`CREATE TABLE t AS SELECT '${marker}' AS note`)
  await writing.run(`COPY (SELECT 1 AS id, '${marker}' AS note) TO '${join(folder, 'secret.parquet')}'`)
  await writing.run(`COPY (SELECT 1 AS id) TO '${join(folder, 'declared.parquet')}'`)
  symlinkSync(join(folder, 'secret.csv'), join(folder, 'link.csv'))
  symlinkSync(folder, join(folder, 'declared.parquet.d'))
  writing.disconnectSync()
  other.closeSync()
  const instance = await DuckDBInstance.create(database)
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  connection.disconnectSync()
  instance.closeSync()
}

/** Changes when anything in a folder is written, made or removed: the system sets the time of a change by itself. */
const stampOf = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => {
      const { ino, size, ctimeNs } = lstatSync(path, { bigint: true })
      return `${path} ${ino} ${size} ${ctimeNs}`
    })
    .join('\n')
