import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'

/** A new database of a cluster, a copy of another. `url` is of the superuser, to any database. Returns its address. */
export const createPostgres = async (url: string, template = 'template1'): Promise<string> => {
  const name = `f${randomBytes(6).toString('hex')}`
  await withClient(url, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`))
  const made = new URL(url)
  made.pathname = `/${name}`
  return made.href
}

/** Runs `work` on a session of its own. */
export const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Runs the statements of a set-up. Errors are ignored: some need extensions that are not there. */
export const fill = async (run: (statement: string) => Promise<unknown>, statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await run(statement).catch(() => {})
}

/** Runs `work` on a connection that may write a DuckDB file, once nobody else has it open. */
export const withDuckdb = async <T>(
  path: string,
  work: (connection: DuckDBConnection, instance: DuckDBInstance) => Promise<T>,
): Promise<T> => {
  const instance = await openWhenFree(path)
  const connection = await instance.connect()
  try {
    return await work(connection, instance)
  } finally {
    connection.disconnectSync()
    instance.closeSync()
  }
}

/** Removes a DuckDB file once nobody has it open. */
export const removeDuckdb = async (path: string): Promise<void> => {
  const instance = await openWhenFree(path)
  instance.closeSync()
  for (const file of [path, `${path}.wal`]) rmSync(file, { force: true })
}

const openWhenFree = async (path: string): Promise<DuckDBInstance> => {
  for (let tries = 0; ; tries++) {
    try {
      return await DuckDBInstance.create(path)
    } catch (error) {
      if (tries === 500) throw error
      await sleep(10)
    }
  }
}
