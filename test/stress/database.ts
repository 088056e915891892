import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import pg from 'pg'

const password = 'stress-Pa55word'

/** How many processors the database has. */
export const databaseProcessors = Math.max(1, Math.floor(availableParallelism() / 2))

/**
 * Keeps a database to its processors, as on a machine of its own: how processors are shared out between a database that uses all of
 * them and those who ask it says nothing of the server. Gives which they are; undefined where this cannot be done.
 */
export const keepToProcessors = (pid: number): string | undefined => {
  const processors = databaseProcessors === 1 ? '0' : `0-${databaseProcessors - 1}`
  try {
    execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', processors, String(pid)], { stdio: 'ignore' })
    return processors
  } catch {
    return undefined
  }
}

/** Runs statements as the administrator. */
export const runSql = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

export interface StressDatabase {
  /** Of the administrator. */
  readonly admin: string
  /** Of a login that may only read. */
  readonly reader: string
}

/** A database of its own on a cluster, with 100,000 orders. */
export const makeDatabase = async (cluster: string, name: string): Promise<StressDatabase> => {
  const login = `${name}_reader`
  const url = (user?: string): string => {
    const made = new URL(cluster)
    made.pathname = `/${name}`
    if (user !== undefined) Object.assign(made, { username: user, password })
    return made.href
  }
  await runSql(cluster, `CREATE DATABASE ${name}`)
  await runSql(
    url(),
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
    CREATE ROLE ${login} LOGIN PASSWORD '${password}';
    GRANT CONNECT ON DATABASE ${name} TO ${login};
    CREATE TABLE customers AS SELECT g AS id, md5(g::text) AS name FROM generate_series(1, 1000) g;
    ALTER TABLE customers ADD PRIMARY KEY (id);
    CREATE TABLE orders AS SELECT g AS id, g % 1000 + 1 AS customer_id, (g % 97 / 7.0)::numeric(10,2) AS amount,
      timestamptz '2026-01-01' + g * interval '1 minute' AS placed_at FROM generate_series(1, 100000) g;
    ALTER TABLE orders ADD PRIMARY KEY (id), ADD FOREIGN KEY (customer_id) REFERENCES customers;
    GRANT USAGE ON SCHEMA public TO ${login};
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${login};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ${login};
    ANALYZE`,
  )
  return { admin: url(), reader: url(login) }
}
