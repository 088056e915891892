/** Records in Postgres: a chain that is whole, or tells where it is not. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Audit, type CallRecord, openAudit } from '../../server/audit/audit.ts'
import { AuditTable } from '../../server/audit/audit-table.ts'
import { verifyTable } from '../../server/audit/read-table.ts'
import type { ChainPlace } from '../../server/audit/verify-chain.ts'
import { createJsonLog } from '../../server/operations/log.ts'
import { folderOf, runDft } from '../cli/run-dft.ts'
import { type Door, httpDoors } from '../support/doors.ts'
import { expectRecords } from '../support/expect-records.ts'
import { startPostgres } from '../support/global-postgres.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'
import { askPostgres, makeDatabase } from '../support/state-stores.ts'

const log = createJsonLog(() => {}, 'debug')
let url: string
let drop: () => Promise<void>
beforeAll(async () => {
  const made = await makeDatabase()
  url = made.url
  drop = made.drop
})
afterAll(() => drop())

const opened = (project: string, at = url): Audit => {
  const audit = openAudit({ url: at }, { project, dir: '/', log })
  onTestFinished(() => audit.close())
  return audit
}

const callNamed = (requestId: string, more: Partial<CallRecord> = {}): CallRecord => ({
  requestId,
  caller: 'key:a',
  door: 'rest',
  tool: 'execute_query',
  contract: 'execute_query@1.0.0',
  source: 's',
  sql: "SELECT 'a secret'",
  errors: [],
  isRefused: false,
  rows: 1,
  bytes: 2,
  tokens: 3,
  elapsedMs: 1.5,
  ...more,
})

let made = 0
/** A project with so many records. */
const chainOf = async (records: number): Promise<string> => {
  const project = `p${++made}`
  const audit = opened(project)
  for (let n = 1; n <= records; n++) await audit.record(callNamed(`call ${n}`))
  return project
}

const verify = (project: string, noted?: ChainPlace) => verifyTable({ url, project }, noted)
const faultsOf = async (project: string, noted?: ChainPlace) =>
  (await verify(project, noted)).faults.map(({ kind, seq }) => `${kind} ${seq}`)

/** As one can who may do everything in that database. */
const tamper = (sql: string) => askPostgres(url, `SET session_replication_role = replica; ${sql}`)

describe('a chain', () => {
  test('holds what lines of a file do, when the answer is there', async () => {
    const started: Started = await startDataface(`name: kept\naudit: { url: "${url}" }\nsources:${vegaSource}`)
    onTestFinished(() => started.close())
    const newest = `SELECT record FROM dataface.audit WHERE project = 'kept' ORDER BY seq DESC LIMIT 1`
    await expectRecords(started, async () => (await askPostgres<{ record: object }>(url, newest))[0]?.record)
    expect(await faultsOf('kept')).toEqual([])
  })

  test('is whole when several write it at once, each record once', async () => {
    const project = `p${++made}`
    const writers = Array.from({ length: 4 }, () => opened(project))
    const names = Array.from({ length: 400 }, (_, n) => `call ${n}`)
    await Promise.all(names.map((name, n) => (writers[n % 4] as Audit).record(callNamed(name))))
    expect(await verify(project)).toMatchObject({ records: 400, first: 1, head: { seq: 400 }, faults: [] })
    const rows = await askPostgres<{ id: string }>(
      url,
      `SELECT record->>'request_id' AS id FROM dataface.audit WHERE project = '${project}'`,
    )
    expect(rows.map(({ id }) => id).sort()).toEqual(names.sort())
  })

  test('takes what callers make up, and no record fails for that of another', async () => {
    const project = `p${++made}`
    const audit = opened(project)
    const odd = ['\0', '\ud800', '\\u0000', '\\', '"', '\n', '\u2028', '\u{1F600}', "'; DROP TABLE x; --"]
    await Promise.all([...odd, 'plain'].map((tool) => audit.record(callNamed(`of ${tool}`, { tool, caller: `user:${tool}`, sql: tool }))))
    expect(await verify(project)).toMatchObject({ records: odd.length + 1, faults: [] })
  })

  test('is only ever added to, as far as the database can hold it', async () => {
    const project = await chainOf(1)
    for (const sql of [
      `UPDATE dataface.audit SET record = '{}' WHERE project = '${project}'`,
      `DELETE FROM dataface.audit WHERE project = '${project}'`,
      'TRUNCATE dataface.audit',
    ])
      await expect(askPostgres(url, sql)).rejects.toThrow('only ever added')
  })
})

describe('of a chain that was tampered with it is told', () => {
  const at = (project: string) => `project = '${project}'`
  test.each<readonly [string, (project: string) => string, readonly string[]]>([
    [
      'what was changed',
      (p) => `UPDATE dataface.audit SET record = replace(record::text, '"rows":1', '"rows":2')::json WHERE ${at(p)} AND seq = 5`,
      ['changed 5'],
    ],
    [
      'what was changed together with its hash',
      (p) =>
        `UPDATE dataface.audit SET record = '{}', hash = sha256(previous || convert_to(seq || ' ${p}' || E'\\n' || '{}', 'UTF8')) WHERE ${at(p)} AND seq = 5`,
      ['unlinked 6'],
    ],
    [
      'what was only laid out anew',
      (p) => `UPDATE dataface.audit SET record = record::jsonb::text::json WHERE ${at(p)} AND seq = 5`,
      ['changed 5'],
    ],
    ['one that was removed', (p) => `DELETE FROM dataface.audit WHERE ${at(p)} AND seq = 5`, ['missing 5']],
    ['several that were removed', (p) => `DELETE FROM dataface.audit WHERE ${at(p)} AND seq BETWEEN 3 AND 6`, ['missing 3']],
    ['the first, removed', (p) => `DELETE FROM dataface.audit WHERE ${at(p)} AND seq <= 2`, ['missing 1']],
    ['the last, removed', (p) => `DELETE FROM dataface.audit WHERE ${at(p)} AND seq >= 9`, ['missing 9']],
    ['all, removed', (p) => `DELETE FROM dataface.audit WHERE ${at(p)}`, ['missing 1']],
    [
      'one that was removed, and those after it moved up',
      (p) =>
        `DELETE FROM dataface.audit WHERE ${at(p)} AND seq = 9; UPDATE dataface.audit SET seq = 9 WHERE ${at(p)} AND seq = 10; UPDATE dataface.audit_chains SET seq = 9 WHERE ${at(p)}`,
      ['unlinked 9', 'changed 9'],
    ],
    [
      'one that was put in at the end',
      (p) => `INSERT INTO dataface.audit SELECT project, 11, record, hash, hash FROM dataface.audit WHERE ${at(p)} AND seq = 10`,
      ['changed 11', 'unknown 11'],
    ],
    [
      'one that was put in between',
      (p) =>
        `UPDATE dataface.audit SET seq = 11 WHERE ${at(p)} AND seq = 10; INSERT INTO dataface.audit SELECT project, 10, record, hash, hash FROM dataface.audit WHERE ${at(p)} AND seq = 9; UPDATE dataface.audit_chains SET seq = 11 WHERE ${at(p)}`,
      ['changed 10', 'changed 11'],
    ],
    [
      'two that changed places',
      (p) =>
        `UPDATE dataface.audit SET seq = -seq WHERE ${at(p)} AND seq IN (4, 7); UPDATE dataface.audit SET seq = 11 + seq WHERE ${at(p)} AND seq < 0`,
      ['unlinked 4', 'changed 4', 'unlinked 5', 'unlinked 7', 'changed 7', 'unlinked 8'],
    ],
    [
      'two whose texts changed places',
      (p) =>
        `UPDATE dataface.audit a SET record = b.record FROM dataface.audit b WHERE a.${at(p)} AND b.${at(p)} AND a.seq IN (4, 7) AND b.seq = 11 - a.seq`,
      ['changed 4', 'changed 7'],
    ],
    ['another end', (p) => `UPDATE dataface.audit_chains SET hash = sha256('x') WHERE ${at(p)}`, ['changed 10']],
  ])('%s', async (_what, sqlFor, faults) => {
    const project = await chainOf(10)
    expect(await faultsOf(project)).toEqual([])
    await tamper(sqlFor(project))
    expect(await faultsOf(project)).toEqual(faults)
  })

  test('that its end was cut, or that it was written anew, to who has noted where it was', async () => {
    const project = await chainOf(10)
    const { head } = await verify(project)
    await opened(project).record(callNamed('call 11'))
    expect(await faultsOf(project, head)).toEqual([])
    const longer = (await verify(project)).head
    await tamper(
      `DELETE FROM dataface.audit WHERE project = '${project}' AND seq = 11; UPDATE dataface.audit_chains c SET seq = 10, hash = a.hash FROM dataface.audit a WHERE a.project = c.project AND a.project = '${project}' AND a.seq = 10`,
    )
    expect([await faultsOf(project), await faultsOf(project, longer)]).toEqual([[], ['missing 11']])
    await tamper(`DELETE FROM dataface.audit WHERE project = '${project}'; DELETE FROM dataface.audit_chains WHERE project = '${project}'`)
    const audit = opened(project)
    for (let n = 1; n <= 11; n++) await audit.record(callNamed(`another ${n}`))
    expect(await faultsOf(project)).toEqual([])
    expect(await faultsOf(project, head)).toEqual(['changed 10'])
  })
})

describe('records that are too old', () => {
  const dayMs = 86_400_000
  const tableOf = (project: string, retentionDays = 30) => {
    const table = new AuditTable({ url, project, retentionDays, log })
    onTestFinished(() => table.close())
    return table
  }
  const old = (n: number, days: number) =>
    JSON.stringify({ time: new Date(Date.now() - days * dayMs).toISOString(), request_id: String(n) })

  test('are removed, and a checkpoint in the chain says so', async () => {
    const project = `p${++made}`
    const table = tableOf(project)
    for (const [n, days] of [50, 40, 35, 20, 10, 40, 0].entries()) await table.append(old(n, days))
    // One that stands between later ones stays until they go.
    expect([await table.trim(), await table.trim()]).toEqual([3, 0])
    expect(await verify(project)).toMatchObject({ records: 5, first: 4, head: { seq: 8 }, faults: [] })
    expect(await table.trim(Date.now() + 25 * dayMs)).toBe(3)
    expect(await verify(project)).toMatchObject({ records: 3, first: 7, head: { seq: 9 }, faults: [] })
    await tamper(`DELETE FROM dataface.audit WHERE project = '${project}' AND seq = 7`)
    expect(await faultsOf(project)).toEqual(['missing 1'])
  })

  test('all of them may go, and the chain goes on', async () => {
    const project = `p${++made}`
    const table = tableOf(project, 1)
    for (let n = 0; n < 6; n++) await table.append(old(n, 3))
    expect(await table.trim()).toBe(6)
    expect(await verify(project)).toMatchObject({ records: 1, first: 7, faults: [] })
    await table.append(old(7, 0))
    expect(await verify(project)).toMatchObject({ records: 2, faults: [] })
  })
})

test('a database that is away leaves calls without an answer, and is used again when it is back', async () => {
  const cluster = await startPostgres()
  onTestFinished(() => cluster.stop())
  const started = await startDataface(`name: kept\naudit: { url: "${cluster.url}" }\nsources:${vegaSource}`)
  const lenient = await startDataface(`name: lenient\naudit: { url: "${cluster.url}", required: false }\nsources:${vegaSource}`)
  onTestFinished(async () => {
    await started.close()
    await lenient.close()
  })
  const [call, free] = [started, lenient].map((one) => httpDoors(one).rest as Door) as [Door, Door]
  expect((await call('list_sources', {})).success).toBe(true)
  await cluster.crash()
  const answer = await call('execute_query', { source: 'vega', sql: 'SELECT 424242 AS x' })
  expect(answer.errors?.[0]).toMatchObject({ code: 'NOT_READY', retryable: true })
  expect(JSON.stringify(answer)).not.toMatch(/424242|ECONN|super-Pa55word/)
  expect((await free('list_sources', {})).success).toBe(true)
  await cluster.start()
  await expect.poll(async () => (await call('list_sources', {})).success, { timeout: 20_000 }).toBe(true)
  expect(started.logged.join('')).not.toContain('super-Pa55word')
  expect((await verifyTable({ url: cluster.url, project: 'kept' }, undefined)).faults).toEqual([])
})

/** Whoever is connected has to connect anew. */
const endOthers = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'

test.each([
  [
    'takes no writes',
    `ALTER DATABASE $db SET default_transaction_read_only = on; ${endOthers}`,
    'ALTER DATABASE $db RESET default_transaction_read_only',
  ],
  [
    'has lost its tables',
    'DROP SCHEMA dataface CASCADE; REVOKE CREATE ON DATABASE $db FROM owner_of_$db',
    'GRANT CREATE ON DATABASE $db TO owner_of_$db',
  ],
])('a database that answers, but %s, is not believed to be well, before any call and after, until it is', async (_why, harm, mend) => {
  const made = await makeDatabase()
  const db = new URL(made.url).pathname.slice(1)
  const ask = (sql: string) => askPostgres(made.url, sql.replaceAll('$db', db))
  await ask(`CREATE ROLE owner_of_$db LOGIN PASSWORD 'x'; GRANT CREATE ON DATABASE $db TO owner_of_$db`)
  onTestFinished(async () => {
    await made.drop()
    await askPostgres(url, `DROP ROLE owner_of_${db}`)
  })
  const at = Object.assign(new URL(made.url), { username: `owner_of_${db}`, password: 'x' }).href
  const first = opened('p', at)
  await first.record(callNamed('one'))
  const isWell = async (audit: Audit) =>
    audit.check?.().then(
      () => true,
      () => false,
    )
  expect(await isWell(first)).toBe(true)
  await ask(harm)
  await expect(first.record(callNamed('two'))).rejects.toMatchObject({ code: 'NOT_READY' })
  const second = opened('p', at)
  for (const audit of [first, second]) for (const _twice of [1, 2]) expect(await isWell(audit)).toBe(false)
  const folder = folderOf({ 'dataface.yml': `name: p\naudit: { url: "{{ env_var('AUDIT') }}" }\nsources: {}\n` })
  expect((await runDft(['doctor', '--project', folder], { env: { AUDIT: at } })).code).toBe(1)
  await askPostgres(url, mend.replaceAll('$db', db))
  await expect.poll(() => isWell(first), { timeout: 20_000 }).toBe(true)
  await first.record(callNamed('three'))
  expect((await verifyTable({ url: at, project: 'p' }, undefined)).faults).toEqual([])
})

describe('dft audit', () => {
  test('shows and verifies what is in Postgres', async () => {
    const project = await chainOf(3)
    const audit = opened(project)
    await audit.record(callNamed('failed', { errors: ['SQL_ERROR'], caller: 'user:ada', tool: 'catalog', source: 'other' }))
    const folder = folderOf({ 'dataface.yml': `name: ${project}\naudit: { url: "{{ env_var('AUDIT') }}" }\nsources: {}\n` })
    const dft = (...args: string[]) => runDft(['audit', ...args, '--project', folder], { env: { AUDIT: url } })
    const idsOf = async (...args: string[]) => {
      const { out, err } = await dft(...args, '--json')
      expect(err).toBe('')
      return out
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { request_id: string }).request_id)
    }
    expect(await idsOf('--limit', '2')).toEqual(['failed', 'call 3'])
    expect(await idsOf('--code', 'any')).toEqual(['failed'])
    expect(await idsOf('--code', 'SQL_ERROR', '--caller', 'user:ada', '--tool', 'catalog', '--source', 'other', '--since', '1h')).toEqual([
      'failed',
    ])
    expect(await idsOf('--code', 'CONFLICT')).toEqual([])
    expect((await dft()).out).toContain('SQL_ERROR')

    const whole = await dft('verify', '--json')
    const { head } = JSON.parse(whole.out) as { head: string }
    expect([whole.code, JSON.parse(whole.out)]).toMatchObject([0, { success: true, project, records: 4, first: 1, faults: [] }])
    expect(await dft('verify', '--head', head)).toMatchObject({
      code: 0,
      out: expect.stringContaining('4 records, as they were written') as string,
    })
    await tamper(`DELETE FROM dataface.audit WHERE project = '${project}' AND seq IN (2, 3)`)
    expect(await dft('verify')).toMatchObject({ code: 1, out: expect.stringContaining('Records 2 to 3 are missing.') as string })
  })

  test('says why it cannot', async () => {
    const withFile = folderOf({ 'dataface.yml': 'name: x\naudit: {}\nsources: {}\n', '.dataface/audit.jsonl': '' })
    expect(await runDft(['audit', 'verify', '--project', withFile])).toMatchObject({
      code: 2,
      err: expect.stringContaining('in a file') as string,
    })
    expect(await runDft(['audit', 'verfy', '--project', withFile])).toMatchObject({ code: 2 })
    expect(await runDft(['audit', 'verify', '--caller', 'a', '--project', withFile])).toMatchObject({ code: 2 })
    const away = folderOf({ 'dataface.yml': `name: x\naudit: { url: "postgres://u:{{ env_var('P') }}@127.0.0.1:1/d" }\nsources: {}\n` })
    const told = await runDft(['audit', '--project', away], { env: { P: 'hunter2' } })
    expect(told).toMatchObject({ code: 1, err: expect.stringContaining('ECONNREFUSED') as string })
    expect(told.err).not.toContain('hunter2')
  })
})
