import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { endlessQuery } from '../support/slow-query.ts'
import { type Rehearsal, usualCalls } from './rehearsal.ts'
import type { Site } from './site.ts'
import { callInTurn, callSteadily, type Traffic, type TrafficCall } from './traffic.ts'

const run = promisify(execFile)

const query = (sql: string, source = 'shop'): TrafficCall => ({ tool: 'execute_query', input: { source, sql } })

/** Another caller, who keeps calls under way. */
const caller = async (site: Site, name: string, calls: readonly TrafficCall[], atOnce: number): Promise<Traffic> =>
  callInTurn({ urls: site.replicas.map(({ url }) => url), key: await site.createKey(name), calls }, atOnce)

/** Statements of one who tries what the guard refuses. */
const attacks: readonly string[] = [
  'DROP TABLE orders',
  'SELECT 1; DELETE FROM orders',
  'WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone',
  "SELECT pg_read_file('/etc/passwd')",
  "COPY orders TO PROGRAM 'cat'",
  "SELECT set_config('transaction_read_only', 'off', false)",
  'SELECT * FROM pg_authid',
  "SELECT lo_import('/etc/passwd')",
  'SELECT pg_terminate_backend(pid) FROM pg_stat_activity',
  "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
]

/** Replaces a text in a file of a release. */
const patch = async (file: string, from: string, to: string): Promise<void> => {
  const text = await readFile(file, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no "${from}"`)
  await writeFile(file, text.replace(from, to))
}

/** A statement that takes longer than is promised while an index is missing, for this machine as it is now. */
const indexlessQuery = async ({ adminUrl }: Site): Promise<string> => {
  const sql = (lookups: number): string =>
    `SELECT sum((SELECT max(amount) FROM orders WHERE orders.customer_id = lookup)) FROM generate_series(1, ${lookups}) AS lookup`
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    // The first time is slower than those that follow.
    await client.query(sql(10))
    const started = performance.now()
    await client.query(sql(10))
    return sql(Math.ceil((10 * 8_000) / (performance.now() - started)))
  } finally {
    await client.end()
  }
}

/** Every mitigation of every runbook, each with a fault that it is for. */
export const rehearsals: readonly Rehearsal[] = [
  {
    alert: 'DatafaceSourceDown',
    fault: 'the database is killed',
    async inject({ cluster }) {
      await cluster.crash()
      return {}
    },
  },
  {
    alert: 'DatafaceAvailabilityFastBurn',
    fault: 'the password of the login is changed',
    async inject({ runSql, variables: { ENVIRONMENT = '' } }) {
      await runSql(`ALTER ROLE shop_reader PASSWORD 'another-Pa55word';
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop_reader'`)
      const [, url = ''] = /^SHOP_URL='(.*)'$/m.exec(await readFile(ENVIRONMENT, 'utf8')) ?? []
      return { variables: { VARIABLE: 'SHOP_URL', NEW_URL: url.replace('reader-Pa55word', 'another-Pa55word') } }
    },
  },
  {
    alert: 'DatafaceAvailabilitySlowBurn',
    fault: 'a source is added whose address is wrong, and one call in two hundred is for it',
    usual: {
      calls: Array.from({ length: 200 }, (_one, index) =>
        index === 100 ? query('SELECT 1', 'archive') : (usualCalls[index % usualCalls.length] as TrafficCall),
      ),
      perSecond: 20,
    },
    minutes: { fires: 300, clears: 600 },
    async inject({ changeSettings }) {
      await changeSettings((text) => `${text}  archive: { type: postgres, url: "postgres://reader@127.0.0.1:1/archive" }\n`)
      return {}
    },
  },
  {
    alert: 'DatafaceLatencyFastBurn',
    fault: 'a caller sends statements that run until their time is over',
    site: { settings: 'limits: { timeout_ms: 8000 }\n' },
    usual: { calls: usualCalls, perSecond: 3 },
    async inject(site) {
      return { traffic: [await caller(site, 'heavy', [query(endlessQuery('heavy'))], 3)] }
    },
  },
  {
    alert: 'DatafaceLatencySlowBurn',
    fault: 'a statement is asked for again and again, and its index is missing',
    usual: { calls: usualCalls, perSecond: 5 },
    minutes: { fires: 300, clears: 600 },
    async inject(site) {
      const sql = await indexlessQuery(site)
      const board = { urls: site.replicas.map(({ url }) => url), key: await site.createKey('board'), calls: [query(sql)] }
      return { traffic: [callSteadily(board, 0.1)], variables: { TABLE: 'orders', COLUMN: 'customer_id' } }
    },
  },
  {
    alert: 'DatafacePoolSaturated',
    fault: 'a caller sends more statements than the source can run, and they do not end',
    site: { settings: 'limits: { max_concurrency: 3 }\n' },
    async inject(site) {
      return { traffic: [await caller(site, 'heavy', [query(endlessQuery('heavy'))], 12)], variables: { LOGIN: 'shop_reader' } }
    },
  },
  {
    alert: 'DatafaceReplicaDown',
    fault: 'one of three replicas is killed',
    site: { replicas: 3 },
    async inject({ replicas }) {
      await replicas[1]?.kill()
      return {}
    },
  },
  {
    alert: 'DatafaceContractDrift',
    fault: 'a release with other contracts reaches one of two replicas',
    site: { replicas: 2 },
    async inject({ release, replicas }) {
      const change = async (folder: string): Promise<void> => {
        await patch(join(folder, 'contracts/v1/tools/catalog.ts'), 'Words to look for.', 'Words to look for, the best first.')
        await run(process.execPath, ['codegen/cli.ts', 'generate'], { cwd: folder })
      }
      await release(change, replicas.slice(1))
      return {}
    },
  },
  {
    alert: 'DatafaceConfigRefused',
    fault: 'dataface.yml is changed, and is no YAML any more',
    async inject({ changeSettings }) {
      await changeSettings((text) => `${text}limits: { max_rows: 50\n`)
      return {}
    },
  },
  {
    alert: 'DatafaceAccessDown',
    fault: 'the file of the API keys is cut off',
    async inject({ project, folder }) {
      const [keys, backup] = [join(project, '.dataface/keys.json'), join(folder, 'keys.json')]
      const whole = await readFile(keys)
      await writeFile(backup, whole)
      await writeFile(keys, whole.subarray(0, whole.length / 2))
      return { variables: { KEYS: keys, BACKUP: backup } }
    },
  },
  {
    alert: 'DatafaceAuditFailing',
    mitigation: 'The record is a file',
    fault: 'the disk of the record of calls is full',
    async inject({ folder }) {
      const disk = join(folder, 'audit')
      await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk])
      // Older records, as programs that rotate them leave them, up to the last byte.
      await writeFile(join(disk, 'audit.jsonl.1'), randomBytes(300_000)).catch(() => {})
      return { variables: { AUDIT: disk, ARCHIVE: join(folder, 'archive') }, over: async () => void (await run('umount', ['-l', disk])) }
    },
  },
  {
    alert: 'DatafaceAuditFailing',
    mitigation: 'The record is a table',
    fault: 'the login of the record has expired',
    site: { audit: 'table' },
    async inject({ runSql }) {
      await runSql(`ALTER ROLE record_writer NOLOGIN;
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'record_writer'`)
      return { variables: { LOGIN: 'record_writer' } }
    },
  },
  {
    alert: 'DatafaceGuardViolationSpike',
    fault: 'a caller tries one attack after the other',
    async inject(site) {
      return {
        traffic: [
          await caller(
            site,
            'intruder',
            attacks.map((sql) => query(sql)),
            4,
          ),
        ],
      }
    },
  },
  {
    alert: 'DatafaceBudgetExhausted',
    mitigation: 'A caller floods',
    fault: 'a caller asks for the same in a loop',
    site: { settings: 'quotas: { tools: { get_schema: { calls_per_minute: 60 } } }\n' },
    async inject(site) {
      return { traffic: [await caller(site, 'loop', [{ tool: 'get_schema', input: {} }], 4)] }
    },
  },
  {
    alert: 'DatafaceBudgetExhausted',
    mitigation: 'The limit is too low',
    fault: 'a caller uses up its tokens of the day',
    site: { settings: 'quotas: { caller: { tokens_per_day: 200000 } }\n' },
    usual: { calls: usualCalls, perSecond: 4 },
    async inject(site) {
      const report = query('SELECT * FROM orders LIMIT 5000')
      return { traffic: [await caller(site, 'report', [report], 1)], variables: { LIMIT_KEY: 'tokens_per_day', AMOUNT: '500000000' } }
    },
  },
  {
    alert: 'DatafaceCallsDropped',
    fault: 'a release loses the answers of one tool',
    async inject({ release, replicas, folder }) {
      const change = (installed: string): Promise<void> =>
        patch(
          join(installed, 'server/telemetry/watched-call.ts'),
          'counts.answered++',
          "if (tool === 'catalog') throw new Error('lost')\n    counts.answered++",
        )
      await release(change, replicas)
      return { variables: { EVIDENCE: folder } }
    },
  },
]
