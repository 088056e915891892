/** A view may call what no caller may; what that leaves in a session is gone before the session is used again. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Door, httpDoors } from '../support/doors.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

let started: Started
let admin: pg.Client
let call: Door
beforeAll(async () => {
  admin = new pg.Client({ connectionString: postgresUrl() })
  await admin.connect()
  await admin.query(`CREATE SCHEMA locking; CREATE VIEW locking.taken AS SELECT pg_advisory_lock(4711)::text AS x; CREATE VIEW locking.above AS SELECT * FROM locking.taken;
    GRANT USAGE ON SCHEMA locking TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA locking TO reader`)
  started = await startDataface(
    `name: x\nsources:\n  shop: {type: postgres, url: "{{ env_var('DB') }}", schemas: [locking], limits: {max_concurrency: 1}}\n`,
    { DB: postgresUrl('fixture', reader) },
  )
  call = httpDoors(started).inside as Door
})
afterAll(async () => {
  await started?.close()
  await admin?.query('DROP SCHEMA locking CASCADE')
  await admin?.end()
})

const locks = async (): Promise<string> =>
  (await admin.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711")).rows[0].count

test.each([
  ['execute_query', { source: 'shop', sql: 'SELECT * FROM taken' }],
  ['execute_query', { source: 'shop', sql: 'SELECT count(*) FROM locking.above' }],
  ['describe_table', { source: 'shop', table: 'taken' }],
])('%s %j leaves no lock', async (tool, input) => {
  expect(await call(tool, input)).toMatchObject({ success: true })
  for (let i = 0; i < 100 && (await locks()) !== '0'; i++) await sleep(20)
  expect(await locks()).toBe('0')
})
