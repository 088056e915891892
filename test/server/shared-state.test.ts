/** State that replicas share, in a store that fails, and what of it is more than counts. */
import { createServer, type Server } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Fault } from '../../server/envelope/fault.ts'
import { createJsonLog } from '../../server/operations/log.ts'
import { ProjectError } from '../../server/projects/diagnostic.ts'
import { createQuotas } from '../../server/quotas/quotas.ts'
import { openState } from '../../server/state/open-state.ts'
import { startPostgres, type TestCluster } from '../support/global-postgres.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { askPostgres, makeDatabase } from '../support/state-stores.ts'

const logged: string[] = []
const log = createJsonLog((line) => void logged.push(line), 'debug')
const open = (url: string | undefined) => {
  const state = openState({ url, log })
  onTestFinished(() => state.close())
  return state
}

const codeOf = (error: unknown): string => (error instanceof Fault ? error.code : String(error))

describe.each([
  ['postgres', () => startPostgres()],
  ['redis', () => startRedis()],
] as const)('%s', (kind, startStore) => {
  let store: Awaited<ReturnType<typeof startStore>>
  beforeAll(async () => {
    store = await startStore()
  })
  afterAll(() => store.stop())

  test('that goes away is told at once, and comes back by itself with what was counted meanwhile', async () => {
    const state = open(store.url)
    const quotas = createQuotas({ caller: { concurrent_calls: 9, rows_per_day: 100 } }, { store: state.quotas, name: 'p' })
    const enter = () => quotas.enter({ id: 'a' }, 'x')
    const nothing = { rows: 0, bytes: 0, tokens: 0 }
    const running = await enter()
    // Of counts, a crash of Postgres may lose the last half second.
    await new Promise((done) => setTimeout(done, 1_000))
    await store.crash()
    await expect(enter().catch(codeOf)).resolves.toBe('NOT_READY')
    // The answer of what was let in leaves, with what is left as far as it is known.
    expect(await running.leave({ ...nothing, rows: 30 })).toMatchObject({ rows_left: 70 })
    await store.start()
    await expect
      .poll(() => enter().then((entered) => entered.leave(nothing), codeOf), { timeout: 20_000 })
      .toMatchObject({
        // Redis has begun anew; Postgres is told what it has missed.
        rows_left: kind === 'postgres' ? 70 : 100,
      })
  })

  test('that goes away while an answer leaves in parts has all of them counted, although it is back before the last', async () => {
    const quotas = createQuotas({ caller: { rows_per_day: 100 } }, { store: open(store.url).quotas, name: 'parts' })
    const enter = () => quotas.enter({ id: 'a' }, 'x')
    const rows = (count: number) => ({ rows: count, bytes: 0, tokens: 0 })
    const running = await enter()
    await running.spend(rows(10))
    await new Promise((done) => setTimeout(done, 1_000))
    await store.crash()
    await running.spend(rows(20))
    await running.spend(rows(5))
    await expect(running.spend(rows(70))).rejects.toThrow('70 rows more would pass the 100 a day of this caller, of which 65 are left.')
    await store.start()
    await expect.poll(() => enter().then((entered) => entered.leave(rows(0)), codeOf), { timeout: 20_000 }).not.toBe('NOT_READY')
    // Redis has begun anew, and knows nothing of the call.
    expect(await running.leave(rows(1))).toMatchObject({ rows_left: kind === 'postgres' ? 64 : 100 })
  })

  test('that does not answer in time is not waited for, and is used again when it does', async () => {
    const quotas = createQuotas({ caller: { rows_per_day: 100 } }, { store: open(store.url).quotas, name: 'slow' })
    const call = () => quotas.enter({ id: 'a' }, 'x').then((entered) => entered.leave({ rows: 1, bytes: 1, tokens: 1 }), codeOf)
    expect(await call()).toMatchObject({ rows_left: 99 })
    const release = await hold(store)
    expect(await Promise.all([call(), call()])).toEqual(['NOT_READY', 'NOT_READY'])
    await release()
    await expect.poll(call, { timeout: 20_000 }).toMatchObject({ rows_left: 98 })
  })

  test('that takes no writes is not believed to be well, is logged, and is used again when it takes them', async () => {
    const state = open(store.url)
    const quotas = createQuotas({ caller: { rows_per_day: 100 } }, { store: state.quotas, name: 'unwritable' })
    const call = () => quotas.enter({ id: 'a' }, 'x').then((entered) => entered.leave({ rows: 1, bytes: 1, tokens: 1 }), codeOf)
    expect(await call()).toMatchObject({ rows_left: 99 })
    const release = await refuseWrites(store)
    logged.length = 0
    expect(await call()).toBe('NOT_READY')
    expect(logged.join('')).toMatch(kind === 'postgres' ? /read-only transaction/ : /OOM/)
    await expect(state.examine().catch(codeOf)).resolves.toBe('NOT_READY')
    await release()
    await expect.poll(call, { timeout: 20_000 }).toMatchObject({ rows_left: 98 })
  })

  test('is waited for at the end of a call only where what is held for it does not cover its answer', async () => {
    const quotas = createQuotas({ caller: { rows_per_day: 6_400, concurrent_calls: 4 } }, { store: open(store.url).quotas, name: 'held' })
    const enter = () => quotas.enter({ id: 'a' }, 'x')
    const leave = async (call: Awaited<ReturnType<typeof enter>>, rows: number) => call.leave({ rows, bytes: 10, tokens: 3 })
    const [small, large] = [await enter(), await enter()]
    const release = await hold(store)
    const waited = <Left>(left: Promise<Left>) => Promise.race([left, new Promise((done) => setTimeout(done, 700, 'waited'))])
    expect(await waited(leave(small, 99))).toMatchObject({ rows_left: 6_301 })
    const beyond = leave(large, 101)
    expect(await waited(beyond)).toBe('waited')
    await release()
    expect(await beyond).toMatchObject({ rows_left: 6_200 })
    // Where one may run, another replica that is asked next must find it ended.
    const narrow = createQuotas({ caller: { rows_per_day: 6_400, concurrent_calls: 1 } }, { store: open(store.url).quotas, name: 'narrow' })
    const one = await narrow.enter({ id: 'a' }, 'x')
    const releaseAgain = await hold(store)
    const last = leave(one, 1)
    expect(await waited(last)).toBe('waited')
    await releaseAgain()
    expect(await last).toMatchObject({ rows_left: 6_399 })
  })

  test('gives the same secret of cursors to all, and none before it is known', async () => {
    const [one, other] = [open(store.url), open(store.url)]
    expect(() => one.cursorSecret()).toThrow('starting')
    await Promise.all([one.prepare(), other.prepare()])
    expect(one.cursorSecret()).toEqual(other.cursorSecret())
    expect(one.cursorSecret()).toHaveLength(32)
    expect(await one.examine()).toMatch(kind === 'postgres' ? /^PostgreSQL \d+/ : /^Redis \d+/)
  })
})

/** Keeps a store from answering until what is returned is called. */
const hold = async (store: TestCluster | TestRedis): Promise<() => Promise<void>> => {
  if ('pause' in store) {
    store.pause()
    return async () => store.resume()
  }
  const client = new pg.Client({ connectionString: store.url })
  await client.connect()
  await client.query('BEGIN; LOCK TABLE dataface.quota_accounts')
  return () => client.end()
}

/** Keeps a store from taking writes until what is returned is called; who is connected stays so. */
const refuseWrites = async (store: TestCluster | TestRedis): Promise<() => Promise<void>> => {
  if ('pause' in store) {
    const { createClient } = await import('redis')
    const limit = async (bytes: string) => {
      const client = await createClient({ url: store.url }).connect()
      await client.configSet('maxmemory', bytes)
      client.destroy()
    }
    await limit('1')
    return () => limit('0')
  }
  const set = async (value: string) => {
    await askPostgres(store.url, `ALTER SYSTEM SET default_transaction_read_only = ${value}`)
    await askPostgres(store.url, 'SELECT pg_reload_conf(), pg_sleep(0.5)')
  }
  await set('on')
  return () => set('off')
}

describe('a store that takes connections and says nothing', () => {
  let silent: Server
  beforeAll(async () => {
    silent = createServer(() => {})
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
  })
  afterAll(() => void silent.close())

  test.each(['postgres', 'redis'])('is not waited for: %s', async (scheme) => {
    const { port } = silent.address() as { port: number }
    const state = open(`${scheme}://user:hunter2@127.0.0.1:${port}/0`)
    await state.prepare()
    const quotas = createQuotas({ caller: { calls_per_minute: 1 } }, { store: state.quotas, name: 'p' })
    await expect(quotas.enter({ id: 'a' }, 'x').catch(codeOf)).resolves.toBe('NOT_READY')
    await expect(state.examine().catch(codeOf)).resolves.toBe('NOT_READY')
  })
})

test('an address of nothing that is known stops the start, and is never quoted', () => {
  const addresses = [
    'mysql://u:hunter2@h/d',
    'hunter2',
    'redis://u:hun/ter2@h:1',
    'redis://',
    'rediss://u:hunter2@h/name',
    'postgres://u:hun/ter2@h/d',
    'postgres://u:hunter2@h:99999/d',
  ]
  for (const url of addresses) {
    let failure: unknown
    try {
      openState({ url, log })
    } catch (error) {
      failure = error
    }
    expect([url, failure]).toEqual([url, expect.any(ProjectError)])
    const { diagnostics, message } = failure as ProjectError
    expect(diagnostics).toMatchObject([{ code: 'BAD_VARIABLE', file: 'DATAFACE_STATE_URL' }])
    expect(message).not.toMatch(/hunter2|ter2|hun/)
  }
})

describe('the tables in Postgres', () => {
  const database = async (): Promise<string> => {
    const { url, drop } = await makeDatabase()
    onTestFinished(drop)
    return url
  }

  test('are made once by replicas that start together, with what was counted by all of them', async () => {
    const url = await database()
    const left = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const quotas = createQuotas({ project: { calls_per_minute: 100 } }, { store: open(url).quotas, name: 'p' })
        return (await (await quotas.enter({ id: 'a' }, 'x', 0)).leave({ rows: 0, bytes: 0, tokens: 0 }))?.calls_left
      }),
    )
    expect(left.sort()).toEqual([94, 95, 96, 97, 98, 99])
    const versions = await askPostgres<{ version: number }>(url, 'SELECT version FROM dataface.migrations ORDER BY 1')
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, index) => index + 1))
  })

  test('of a later release stop the start, with what to do', async () => {
    const url = await database()
    await open(url).prepare()
    await askPostgres(url, `INSERT INTO dataface.migrations (version, name) VALUES (999, 'from the future')`)
    await expect(open(url).prepare()).rejects.toThrow(/DATAFACE_STATE_URL error BAD_VARIABLE: .*version 999/)
    await expect(open(url).examine()).rejects.toThrow('version 999')
  })

  test('are made by a login that may do nothing else, in a schema that was given to it', async () => {
    const url = await database()
    const role = `keeper_${new URL(url).pathname.slice(1)}`
    await askPostgres(url, `CREATE ROLE ${role} LOGIN PASSWORD 'keeper-Pa55word'`)
    onTestFinished(() => askPostgres(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`).then(() => {}))
    const own = Object.assign(new URL(url), { username: role, password: 'keeper-Pa55word' }).href
    await expect(open(own).examine()).rejects.toMatchObject({
      code: 'NOT_READY',
      cause: { message: expect.stringContaining('permission denied') as string },
    })
    await askPostgres(url, `CREATE SCHEMA dataface AUTHORIZATION ${role}`)
    expect(await open(own).examine()).toContain('PostgreSQL')
    const quotas = createQuotas({ caller: { calls_per_minute: 9, concurrent_calls: 1 } }, { store: open(own).quotas, name: 'p' })
    expect(await (await quotas.enter({ id: 'a' }, 'x')).leave({ rows: 0, bytes: 0, tokens: 0 })).toMatchObject({ calls_left: 8 })
  })

  test('are made again where they were dropped while calls came', async () => {
    const { url, drop } = await makeDatabase()
    onTestFinished(drop)
    const quotas = createQuotas({ caller: { rows_per_day: 100 } }, { store: open(url).quotas, name: 'p' })
    const call = () => quotas.enter({ id: 'a' }, 'x').then((entered) => entered.leave({ rows: 1, bytes: 1, tokens: 1 }), codeOf)
    expect(await call()).toMatchObject({ rows_left: 99 })
    await askPostgres(url, 'DROP SCHEMA dataface CASCADE')
    expect(await call()).toBe('NOT_READY')
    await expect.poll(call, { timeout: 20_000 }).toMatchObject({ rows_left: 99 })
  })

  test('are kept small: what says nothing any more is forgotten', async () => {
    const url = await database()
    const quotas = createQuotas({ caller: { calls_per_minute: 9, concurrent_calls: 9 } }, { store: open(url).quotas, name: 'p' })
    await quotas.enter({ id: 'old' }, 'x', 1_000_000)
    await quotas.enter({ id: 'new' }, 'x')
    await askPostgres(url, 'SELECT dataface.forget_counts()')
    expect(await askPostgres(url, 'SELECT account FROM dataface.quota_accounts')).toEqual([{ account: 'caller new' }])
    expect(await askPostgres(url, 'SELECT account FROM dataface.quota_leases')).toEqual([{ account: 'caller new' }])
  })
})

test('nothing that was logged holds a password', () => {
  expect(logged.length).toBeGreaterThan(0)
  expect(logged.join('')).not.toMatch(/hunter2|super-Pa55word/)
})
