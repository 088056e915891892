import type { Client } from 'pg'
import { connectPostgres } from '../state/postgres/connect-postgres.ts'
import { type ChainedRecord, type ChainPlace, type ChainReport, genesisOf, verifyChain } from './verify-chain.ts'

/** Which records are wanted; what is undefined is not asked for. */
export interface RecordFilter {
  readonly caller: string | undefined
  readonly tool: string | undefined
  readonly source: string | undefined
  /** A code, or "any" for every call that failed. */
  readonly code: string | undefined
  /** Milliseconds since 1970. */
  readonly since: number | undefined
}

export interface TableOptions {
  readonly url: string
  readonly project: string
}

/** Records that are read at once. */
const pageSize = 2_000

/** The last records of calls, the last first, as they were written. Throws what the driver throws, and `ProjectError`. */
export const readTable = ({ url, project }: TableOptions, filter: RecordFilter, limit: number): Promise<readonly string[]> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ record: string }>(
      `SELECT record::text AS record FROM dataface.audit
       WHERE project = $1 AND record->>'request_id' IS NOT NULL
         AND ($2::text IS NULL OR record->>'caller' = $2)
         AND ($3::text IS NULL OR record->>'tool' = $3)
         AND ($4::text IS NULL OR record->>'source' = $4)
         AND ($5::text IS NULL OR (record->'errors' IS NOT NULL AND ($5 = 'any' OR (record->'errors')::jsonb ? $5)))
         AND ($6::text IS NULL OR record->>'time' >= $6)
       ORDER BY seq DESC LIMIT $7`,
      [project, filter.caller, filter.tool, filter.source, filter.code, filter.since && new Date(filter.since).toISOString(), limit],
    )
    return rows.map(({ record }) => record)
  })

/** Reads the whole chain of a project as it is at one moment. Throws what the driver throws, and `ProjectError`. */
export const verifyTable = ({ url, project }: TableOptions, noted: ChainPlace | undefined): Promise<ChainReport> =>
  withClient(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    return verifyChain({ project, records: chainOf(client, project), head: await headOf(client, project), noted })
  })

/** Where the chain of a project ends, if a record could be added to it. Throws what the driver throws, and `ProjectError`. */
export const proveHead = ({ url, project }: TableOptions): Promise<ChainPlace> =>
  withClient(url, async (client) => {
    await client.query(`SELECT dataface.audit_append($1, '{}')`, [project])
    return headOf(client, project)
  })

const headOf = async (client: Client, project: string): Promise<ChainPlace> => {
  const { rows } = await client.query<{ seq: string; hash: Buffer }>('SELECT seq, hash FROM dataface.audit_chains WHERE project = $1', [
    project,
  ])
  return { seq: Number(rows[0]?.seq ?? 0), hash: rows[0]?.hash ?? genesisOf(project) }
}

async function* chainOf(client: Client, project: string): AsyncGenerator<ChainedRecord> {
  for (let after = '-9223372036854775808'; ; ) {
    const { rows } = await client.query<{ seq: string; record: string; previous: Buffer; hash: Buffer }>(
      `SELECT seq, record::text AS record, previous, hash FROM dataface.audit WHERE project = $1 AND seq > $2 ORDER BY seq LIMIT ${pageSize}`,
      [project, after],
    )
    for (const row of rows) yield { ...row, seq: Number(row.seq) }
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.seq
  }
}

const withClient = async <Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> => {
  const { client, destroy } = await connectPostgres({ url, place: 'audit.url' }, () => {})
  try {
    await client.query('SET statement_timeout = 0')
    return await use(client)
  } finally {
    destroy()
  }
}
