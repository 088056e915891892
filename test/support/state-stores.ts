import pg from 'pg'
import { createJsonLog } from '../../server/operations/log.ts'
import { openState } from '../../server/state/open-state.ts'
import type { State } from '../../server/state/state.ts'
import { postgresUrl } from './postgres.ts'
import { startRedis } from './redis.ts'

/** A store that quotas are counted in, for tests that hold for each. */
export interface TestStore {
  /** What DATAFACE_STATE_URL is; undefined for the memory of one process. */
  readonly url: string | undefined
  /** Opens it once more, with a connection of its own; the memory of a process there is only once. */
  open(): State
  stop(): Promise<void>
}

const storeAt = (url: string | undefined, stop: () => Promise<void>): TestStore => {
  const log = createJsonLog(() => {}, 'debug')
  const alone = openState({ url: undefined, log })
  return { url, open: () => (url === undefined ? alone : openState({ url, log })), stop }
}

/** A database of its own in the test cluster. */
export const makeDatabase = async (): Promise<{ readonly url: string; drop(): Promise<void> }> => {
  const name = `state_${Math.random().toString(36).slice(2, 10)}`
  await askPostgres(postgresUrl('postgres'), `CREATE DATABASE ${name}`)
  return { url: postgresUrl(name), drop: () => askPostgres(postgresUrl('postgres'), `DROP DATABASE ${name} WITH (FORCE)`).then(() => {}) }
}

/** The rows of one statement, in a session of its own. */
export const askPostgres = async <Row extends pg.QueryResultRow>(url: string, sql: string): Promise<readonly Row[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

/** How each kind of store is started. */
export const testStores: Readonly<Record<'memory' | 'postgres' | 'redis', () => Promise<TestStore>>> = {
  memory: async () => storeAt(undefined, async () => {}),
  async postgres() {
    const { url, drop } = await makeDatabase()
    return storeAt(url, drop)
  },
  async redis() {
    const { url, stop } = await startRedis()
    return storeAt(url, stop)
  },
}
