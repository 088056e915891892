/**
 * The attacks of the field on Postgres with the guard off: straight to the source, with the login that `dft grant`
 * makes for the policy of each. The database keeps all it had, the session is clean afterwards, the server is well.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Fault } from '../../server/envelope/fault.ts'
import { defaultLimits } from '../../server/projects/project.ts'
import { readerRoleSql } from '../../server/sources/postgres/reader-role.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { Source, SourceCatalog } from '../../server/sources/source.ts'
import { applyPolicy } from '../../server/sources/table-policy.ts'
import { startPostgres } from '../support/global-postgres.ts'
import { queryOf } from '../support/query.ts'
import { createPostgres, fill } from './databases.ts'
import { type Attack, attackScript, canary, policyOf, readAttacks } from './sql-cases.ts'

const timeoutMs = 300
/** One session, so that the next query gets the one that the last has left. */
const limits = { ...defaultLimits, maxConcurrency: 1, timeoutMs }
const signal = (): AbortSignal => AbortSignal.timeout(30_000)
/** A folder that the server could write to, for the attacks that do. */
const scratch = mkdtempSync(join(tmpdir(), 'dataface-scratch-'))
const place = (text: string): string => text.replaceAll('@CANARY@', scratch)

let cluster: Awaited<ReturnType<typeof startPostgres>>
let url: string
let admin: pg.Client
let catalog: SourceCatalog
const readers = new Map<string, Reader>()

/** A login of its own for each policy. */
interface Reader {
  readonly source: Source
  /** Another session of the same login. */
  sibling: pg.Client
  readonly url: string
}

beforeAll(async () => {
  chmodSync(scratch, 0o777)
  cluster = await startPostgres()
  url = await createPostgres(cluster.url)
  admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await fill((statement) => admin.query(statement), attackScript('postgres').map(place))
  const superuser = openPostgres({ name: 'field', config: { type: 'postgres', url }, limits: defaultLimits, log: () => {} })
  catalog = await superuser.introspect(signal())
  await superuser.close()
}, 120_000)

afterAll(async () => {
  for (const { source, sibling } of readers.values()) {
    await source.close()
    await sibling.end()
  }
  await admin?.end()
  await cluster?.stop()
  rmSync(scratch, { recursive: true, force: true })
})

const connect = async (connectionString: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString, application_name: 'victim' })
  client.on('error', () => {})
  await client.connect()
  return client
}

const readerFor = async (one: Attack): Promise<Reader> => {
  const key = JSON.stringify(one.policy)
  const known = readers.get(key)
  if (known !== undefined) return known
  const role = `reader_${readers.size}`
  const database = new URL(url).pathname.slice(1)
  await admin.query(
    readerRoleSql({ source: 'field', role, database, host: 'localhost', port: 5432, catalog: applyPolicy(catalog, policyOf(one)) }),
  )
  await admin.query(`ALTER ROLE ${role} PASSWORD 'reader-Pa55word'`)
  const login = new URL(url)
  login.username = role
  login.password = 'reader-Pa55word'
  const source = openPostgres({ name: role, config: { type: 'postgres', url: login.href }, limits, log: () => {} })
  expect(await source.prove(signal())).toEqual([expect.objectContaining({ holds: true }), expect.objectContaining({ holds: true })])
  const reader = { source, url: login.href, sibling: await connect(login.href) }
  readers.set(key, reader)
  return reader
}

/** All that a statement could have changed, in the database and about it. Any write gives a row another place or version. */
const contents = async (): Promise<Record<string, unknown>> => {
  const { rows: tables } = await admin.query<{ name: string; kind: string }>(`
    SELECT format('%I.%I', nspname, relname) AS name, relkind AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'm', 'S') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1`)
  const dataOf = ({ name, kind }: { name: string; kind: string }): string =>
    kind === 'S' ? `(SELECT last_value::text FROM ${name})` : `(SELECT md5(string_agg(ctid::text || xmin, ',' ORDER BY ctid)) FROM ${name})`
  const { rows } = await admin.query(`SELECT
    ARRAY[${tables.map(dataOf).join(', ')}] AS data,
    (SELECT md5(string_agg(oid::text || xmin, ',' ORDER BY oid)) FROM pg_class WHERE oid >= 16384) AS relations,
    (SELECT md5(string_agg(oid::text || xmin, ',' ORDER BY oid)) FROM pg_proc WHERE oid >= 16384) AS functions,
    (SELECT md5(string_agg(oid::text || xmin, ',' ORDER BY oid)) FROM pg_type WHERE oid >= 16384) AS types,
    (SELECT md5(string_agg(oid::text || xmin, ',' ORDER BY oid)) FROM pg_namespace) AS schemas,
    (SELECT md5(string_agg(oid::text || xmin, ',' ORDER BY oid)) FROM pg_authid) AS roles,
    (SELECT md5(string_agg(oid::text || xmin, ',' ORDER BY oid)) FROM pg_database) AS databases,
    (SELECT array_agg(extname ORDER BY extname) FROM pg_extension) AS extensions,
    (SELECT md5(string_agg(setdatabase || ' ' || setrole || ' ' || setconfig::text, ',')) FROM pg_db_role_setting) AS settings,
    (SELECT array_agg(loid || ' ' || pageno || ' ' || xmin ORDER BY loid, pageno) FROM pg_largeobject) AS large_objects,
    (SELECT count(*) FROM pg_prepared_xacts) AS prepared,
    (SELECT count(*) FROM pg_replication_slots) AS slots,
    (SELECT array_agg(file ORDER BY file) FROM pg_ls_dir('.') file) AS files,
    pg_conf_load_time() AS configured, pg_postmaster_start_time() AS started`)
  return { ...rows[0], tables, scratch: readdirSync(scratch) }
}

/** What a session may hold for a later query to find. */
const session = `SELECT
  (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())),
  (SELECT count(*) FROM pg_prepared_statements WHERE name NOT LIKE 'dft%'),
  (SELECT count(*) FROM pg_cursors WHERE is_holdable),
  (SELECT count(*) FROM pg_listening_channels()),
  pg_my_temp_schema()::bigint::int,
  (SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings WHERE source IN ('session', 'client', 'interactive')),
  current_setting('statement_timeout'), current_setting('transaction_read_only'), current_user = session_user`

/** The answer of the source, an error included, as text. */
const ask = async ({ source }: Reader, sql: string): Promise<string> => {
  try {
    const { rows } = await source.query(queryOf(sql, { limits: { timeoutMs } }))
    return rows?.text ?? ''
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return JSON.stringify([error.code, error.message, error.details.hint])
  }
}

/** Resolves to whether no query of ours runs any more: a database needs a moment to see that a connection was closed. */
/** Building an array of a hundred million cannot be interrupted, and takes seconds on a busy machine. */
const isIdle = async (): Promise<boolean> => {
  for (let tries = 0; tries < 150; tries++) {
    const { rowCount } = await admin.query("SELECT FROM pg_stat_activity WHERE application_name = 'dataface' AND state = 'active'")
    if (rowCount === 0) return true
    await sleep(100)
  }
  return false
}

/** What only the guard stops, see "Not promised" in docs/security.md. */
const known = [
  { effect: 'ends another session of its login', sql: /pg_terminate_backend/, reason: 'Sessions of one login may end each other.' },
  {
    effect: 'tells what the policy denies',
    sql: /get_salaries|order_secret|::public\.secret_ref/,
    reason: "Everyone may execute a function that its owner lets run with the owner's rights.",
  },
]

const changesOf = (before: Record<string, unknown>, after: Record<string, unknown>): string[] =>
  Object.keys(after).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))

test('no attack has an effect with the guard off', { timeout: 600_000 }, async () => {
  const effects: string[] = []
  const seen = new Set<unknown>()
  const attacks = readAttacks('postgres')
  const clean = new Map<Reader, string>()
  for (const one of attacks) {
    const note = (effect: string) => {
      const weakness = known.find((found) => found.effect === effect && found.sql.test(one.sql))
      if (weakness === undefined) effects.push(`${one.id} ${effect} | ${one.sql.slice(0, 100)}`)
      else seen.add(weakness)
    }
    const reader = await readerFor(one)
    if (!clean.has(reader)) clean.set(reader, await ask(reader, session))
    const before = await contents()
    const answer = await ask(reader, place(one.sql))
    if (canary.test(answer)) note('tells what the policy denies')
    if (!(await isIdle())) note('goes on running')
    const left = await ask(reader, session)
    if (left !== clean.get(reader)) {
      note(`leaves ${left}`)
      clean.set(reader, left)
    }
    const changed = changesOf(before, await contents())
    if (changed.length > 0) note(`changes ${changed}`)
    if (
      await reader.sibling.query('SELECT 1').then(
        () => false,
        () => true,
      )
    ) {
      note('ends another session of its login')
      reader.sibling = await connect(reader.url)
    }
  }
  expect(effects).toEqual([])
  expect([...seen]).toHaveLength(known.length)
  expect(attacks.length).toBeGreaterThan(300)
})
