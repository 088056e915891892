import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'

/** 1,000 rows of 8 columns of usual types. */
export const scanSql = 'SELECT * FROM scan'

/** One row of a large table, by its key. */
export const lookupSql = 'SELECT * FROM lookup WHERE id = 4711'

/** The rows of `scanSql` on DuckDB, without a table. */
export const duckdbScanSql = `SELECT i::INTEGER AS id, i * 1000 AS big, (i / 3.0)::DECIMAL(12,4) AS amount, md5(i::VARCHAR) AS name,
  TIMESTAMPTZ '2026-01-01' + INTERVAL (i) MINUTE AS at, DATE '2026-01-01' + (i % 365)::INTEGER AS day, i % 2 = 0 AS flag, i / 7 AS ratio
  FROM range(1, 1001) numbers(i)`

/** Makes the tables that the benchmark reads; returns a connection string of a login that may only read them. */
export const benchSchema = async (url: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`
    CREATE TABLE lookup AS SELECT g AS id, md5(g::text) AS name, now() AS at FROM generate_series(1, 100000) g;
    ALTER TABLE lookup ADD PRIMARY KEY (id);
    CREATE TABLE scan AS SELECT g AS id, g::bigint * 1000 AS big, (g / 3.0)::numeric(12,4) AS amount, md5(g::text) AS name,
      timestamptz '2026-01-01' + g * interval '1 minute' AS at, date '2026-01-01' + g % 365 AS day, g % 2 = 0 AS flag, g::float8 / 7 AS ratio
      FROM generate_series(1, 1000) g;
    ANALYZE;
    CREATE ROLE bench_reader LOGIN PASSWORD 'bench';
    GRANT SELECT ON lookup, scan TO bench_reader;`)
  await client.end()
  const reader = new URL(url)
  reader.username = 'bench_reader'
  reader.password = 'bench'
  return reader.href
}

export interface Floors {
  readonly pool: pg.Pool
  /** The driver with its own parsing, rows as objects. */
  pg(sql: string): Promise<unknown>
  duckdb(sql: string): Promise<unknown>
  close(): Promise<void>
}

/** The bare drivers in this process. */
export const openFloors = async (url: string): Promise<Floors> => {
  const pool = new pg.Pool({ connectionString: url, max: 16 })
  const instance = await DuckDBInstance.create(':memory:')
  const connections = await Promise.all(Array.from({ length: 16 }, () => instance.connect()))
  let next = 0
  return {
    pool,
    pg: (sql) => pool.query(sql),
    async duckdb(sql) {
      const connection = connections[next++ % connections.length]
      return (await connection?.runAndReadAll(sql))?.getRows()
    },
    async close() {
      await pool.end()
      instance.closeSync()
    },
  }
}
