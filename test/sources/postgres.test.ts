import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorItem, Fault } from '../../server/envelope/fault.ts'
import { defaultLimits } from '../../server/projects/project.ts'
import { GuardedQuery } from '../../server/sources/postgres/guarded-query.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { Source } from '../../server/sources/source.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type QueryChange, queryOf } from '../support/query.ts'

const limits = { ...defaultLimits, timeoutMs: 5_000 }
const open = (url: string, changed: Partial<typeof limits> = {}, schemas?: [string, ...string[]]): Source =>
  openPostgres({
    name: 'pg',
    config: { type: 'postgres', url, ...(schemas !== undefined && { schemas }) },
    limits: { ...limits, ...changed },
    log: () => {},
  })

let source: Source
let admin: pg.Client

beforeAll(async () => {
  source = open(postgresUrl('fixture', reader))
  admin = new pg.Client({ connectionString: postgresUrl() })
  await admin.connect()
})
afterAll(async () => {
  await source?.close()
  await admin?.end()
})

const query = (sql: string, changed: QueryChange = {}, on = source) =>
  on.query(
    queryOf(sql, { tag: { tool: 'test', requestId: 'req-1' }, ...changed, limits: { timeoutMs: limits.timeoutMs, ...changed.limits } }),
  )

interface PlanNode {
  readonly 'Relation Name'?: string
  readonly 'CTE Name'?: string
  readonly 'Actual Loops': number
  readonly Plans?: readonly PlanNode[]
}

const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

const rowsOf = async (...args: Parameters<typeof query>) => JSON.parse((await query(...args)).rows?.text ?? 'null') as unknown[][]

const faultOf = async (promise: Promise<unknown>) => {
  try {
    await promise
  } catch (error) {
    if (error instanceof Fault) return errorItem(error)
    throw error
  }
  throw new Error('expected a fault')
}

/** Statements of ours that run in the database now. */
const activeQueries = async (mark: string): Promise<number> =>
  Number(
    (
      await admin.query("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()", [
        `%${mark}%`,
      ])
    ).rows[0].count,
  )

const untilIdle = async (mark: string): Promise<void> => {
  for (let i = 0; i < 100 && (await activeQueries(mark)) > 0; i++) await sleep(20)
}

describe('results', () => {
  test('cut at the row limit say so exactly', async () => {
    expect(await query('SELECT generate_series(1, 100)')).toMatchObject({ rowCount: 100 })
    expect((await query('SELECT generate_series(1, 100)')).truncatedBy).toBeUndefined()
    expect(await query('SELECT generate_series(1, 101)')).toMatchObject({ rowCount: 100, truncatedBy: 'rows' })
  })

  test('cut at the byte limit leave the session usable', async () => {
    const result = await query("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)", {
      limits: { maxRows: 100_000, maxBytes: 50_000 },
    })
    expect(result.truncatedBy).toBe('bytes')
    expect(result.bytes).toBeLessThanOrEqual(50_000)
    expect(await rowsOf('SELECT 1')).toEqual([[1]])
  })

  test('a later page equals the same rows of the whole', async () => {
    const sql = 'SELECT id, quantity FROM orders WHERE quantity > $1 ORDER BY id'
    const whole = await rowsOf(sql, { params: [2], limits: { maxRows: 1000 } })
    expect(await rowsOf(sql, { params: [2], offset: 250, limits: { maxRows: 50 } })).toEqual(whole.slice(250, 300))
    expect(await query(sql, { params: [2], offset: whole.length - 3, limits: { maxRows: 3 } })).not.toHaveProperty('truncatedBy')
  })

  test('have rows that sort alike in one order on all pages', async () => {
    // Sorted when all of it is wanted, read along its index when the first rows are.
    await admin.query(`CREATE TABLE alike AS SELECT g AS id, g % 50 AS kind, repeat('x', 1000) AS filler FROM generate_series(1, 5000) g ORDER BY md5(g::text);
      CREATE INDEX ON alike (kind); ANALYZE alike; GRANT SELECT ON alike TO reader`)
    try {
      const sql = 'SELECT id FROM alike ORDER BY kind'
      const whole = await rowsOf(sql, { limits: { maxRows: 10_000 } })
      for (const offset of [950, 1_975, 4_990])
        expect(await rowsOf(sql, { offset, limits: { maxRows: 50 } })).toEqual(whole.slice(offset, offset + 50))
    } finally {
      await admin.query('DROP TABLE alike')
    }
  })

  test('carry enum, domain, composite, array, json and odd names', async () => {
    const result = await query(
      'SELECT c.mood, o.quantity, o.place, o.tags, o.details, c.balance FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = 1',
    )
    expect(result.columns.map((column) => [column.name, column.type, column.database_type])).toEqual([
      ['mood', 'enum', 'mood'],
      ['quantity', 'integer', 'integer'],
      ['place', 'struct', 'point3'],
      ['tags', 'array', 'text[]'],
      ['details', 'json', 'jsonb'],
      ['balance', 'decimal', 'numeric(38,10)'],
    ])
    expect(JSON.parse(result.rows?.text ?? '')).toEqual([
      ['happy', 2, { x: 1, y: '0.33', label: 'p,"1' }, ['t1'], { n: 1, big: '9007199254740993' }, '2.0000000002'],
    ])
    expect(await rowsOf('TABLE "Odd Name"')).toEqual([[1, '日本', true]])
  })

  test('carry vectors of the server, which are no array literals, as text', async () => {
    const result = await query("SELECT '5'::int2vector, ARRAY['1 2'::int2vector], '3 4'::oidvector")
    expect(JSON.parse(result.rows?.text ?? '')).toEqual([['5', ['1 2'], '3 4']])
  })

  test('keep duplicate column names and rows without columns', async () => {
    expect((await query('SELECT 1 AS a, 2 AS a')).columns.map((column) => column.name)).toEqual(['a', 'a'])
    expect(await rowsOf('SELECT FROM generate_series(1, 2)')).toEqual([[], []])
    expect((await query('SELECT 1 WHERE false')).rowCount).toBe(0)
  })

  test('explain and show are rows too', async () => {
    expect((await rowsOf('EXPLAIN SELECT 1'))[0]?.[0]).toContain('Result')
    expect(await rowsOf('SHOW transaction_read_only')).toEqual([['on']])
  })
})

test('a float travels as JavaScript spells it, of any size', async () => {
  const sql = `SELECT x, x::real FROM (SELECT (random() - 0.5) * 10 ^ floor(random() * 40 - 20) AS x FROM generate_series(1, 5000)
    UNION ALL SELECT (random() * 2 ^ 53)::bigint::float8 / 2 ^ n FROM generate_series(0, 60) n, generate_series(1, 50)) values`
  const { rows } = await query(sql, { limits: { maxRows: 10_000 } })
  const written = rows?.text.match(/[^[\],]+/g) ?? []
  expect(written).toHaveLength(2 * (5_000 + 61 * 50))
  expect(written.filter((text) => text !== String(Number(text)))).toEqual([])
})

describe('parameters', () => {
  test('are bound, whatever they hold', async () => {
    expect(
      await rowsOf('SELECT $1::text, $2::int + 1, $3::boolean, $4::text', { params: ["'; DROP TABLE orders; --", 41, true, null] }),
    ).toEqual([["'; DROP TABLE orders; --", 42, true, null]])
    expect(await rowsOf('SELECT count(*)::int FROM orders WHERE id <= $1 LIMIT $2', { params: [10, 5] })).toEqual([[10]])
  })

  test('are counted however many there are', async () => {
    const many = `SELECT 1 WHERE 1 IN (${'$1,'.repeat(200_000)}$1)`
    expect(await faultOf(query(many))).toMatchObject({
      code: 'SQL_ERROR',
      message: 'The statement has 1 parameter, and params has 0 values.',
    })
  })
})

describe('errors', () => {
  test('carry the position in the text of the caller', async () => {
    const text = "SELECT '🙂é',\n  nope FROM orders"
    expect(await faultOf(query(text))).toMatchObject({ code: 'SQL_ERROR', position: { line: 2, column: 3, offset: text.indexOf('nope') } })
  })

  test('say which table is missing without naming a role or a host', async () => {
    expect(await faultOf(query('SELECT * FROM nowhere'))).toMatchObject({ code: 'TABLE_NOT_FOUND', retryable: false })
    const denied = await faultOf(query('SELECT * FROM hidden.secrets'))
    expect(denied.code).toBe('PERMISSION_DENIED')
    expect(JSON.stringify(denied)).not.toMatch(/reader|127\.0\.0\.1|CANARY/)
  })

  test('do not repeat stored values', async () => {
    const fault = await faultOf(query('SELECT name::int FROM customers'))
    expect(fault.code).toBe('SQL_ERROR')
    expect(fault.message).not.toContain('Customer')
  })

  test('a write is refused by the engine itself', async () => {
    for (const sql of [
      'SELECT slow_write()',
      'SELECT lo_create(0)',
      "INSERT INTO sales.regions VALUES ('yy', 'y')",
      "SELECT nextval('customers_id_seq')",
    ])
      expect(['SQL_REJECTED', 'PERMISSION_DENIED'], sql).toContain((await faultOf(query(sql, {}, source))).code)
    expect((await admin.query('SELECT count(*) FROM sales.regions')).rows[0].count).toBe('1')
  })

  test('several statements are refused by the protocol itself', async () => {
    expect((await faultOf(query('SELECT 1; COMMIT; SELECT 2'))).code).toBe('SQL_ERROR')
  })

  test('what a statement sets does not outlive it', async () => {
    await query("SELECT set_config('search_path', 'hidden', false), set_config('statement_timeout', '1', false)")
    const settings = await Promise.all(
      Array.from({ length: 8 }, () => rowsOf("SELECT current_setting('search_path'), current_setting('statement_timeout')")),
    )
    for (const row of settings) expect(row).toEqual([['"$user", public', '5s']])
  })
})

describe('a login that has backslashes escape in strings', () => {
  const login = { user: 'loose_strings', password: 'loose-Pa55word' }
  // Of one column; where a backslash escapes, of two, the second of which the guard has never seen.
  const sql = "SELECT 'a\\'', pg_sleep(0) -- '"
  beforeAll(async () => {
    await admin.query(`CREATE ROLE ${login.user} LOGIN PASSWORD '${login.password}'`)
    await admin.query(`ALTER ROLE ${login.user} SET standard_conforming_strings = off; ALTER ROLE ${login.user} SET backslash_quote = on`)
  })
  afterAll(() => admin.query(`DROP ROLE ${login.user}`))

  test('has strings end where they end for the guard', async () => {
    const loose = open(postgresUrl('fixture', login))
    expect(await rowsOf(sql, {}, loose)).toEqual([["a\\', pg_sleep(0) -- "]])
    await loose.close()
  })

  test('is not used behind a pooler that drops the settings of a session', async () => {
    const pooler = await startPooler(Number(new URL(postgresUrl()).port))
    const url = new URL(postgresUrl('fixture', login))
    url.port = String(pooler.port)
    const loose = open(`${url.href}?sslmode=disable`)
    const refused = await query(sql, {}, loose).catch((error: unknown) => error as Fault)
    expect(refused).toMatchObject({ code: 'SOURCE_UNAVAILABLE', details: { retryable: false } })
    expect((refused as Fault).details.operatorHint).toContain('standard_conforming_strings')
    await loose.close()
    await pooler.stop()
  })
})

/** Passes sessions on, but for the settings in their first packet. */
const startPooler = async (to: number): Promise<{ readonly port: number; stop(): Promise<void> }> => {
  const server = createServer((client) => {
    const database = connect(to, '127.0.0.1')
    client.once('data', (packet) => {
      const fields = packet.subarray(8).toString('latin1').split('\0').slice(0, -2)
      const at = fields.indexOf('options')
      expect(at % 2).toBe(0)
      fields.splice(at, 2)
      const rest = Buffer.from(`${fields.join('\0')}\0\0`, 'latin1')
      const head = Buffer.from(packet.subarray(0, 8))
      head.writeUInt32BE(8 + rest.length)
      database.write(Buffer.concat([head, rest]))
      client.pipe(database).pipe(client)
    })
    for (const [one, other] of [
      [client, database],
      [database, client],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((done) => void server.close(() => done())),
  }
}

describe('stopping', () => {
  test('a query past its time limit is cancelled in the database', async () => {
    const slow = open(postgresUrl('fixture', reader), { timeoutMs: 300 })
    expect(await faultOf(query("SELECT pg_sleep(60), 'mark-timeout'", { limits: { timeoutMs: 300 } }, slow))).toMatchObject({
      code: 'QUERY_TIMEOUT',
    })
    expect(await activeQueries('mark-timeout')).toBe(0)
    expect(await rowsOf('SELECT 1', {}, slow)).toEqual([[1]])
    await slow.close()
  })

  test('an aborted query is cancelled in the database, and the next call works', async () => {
    const controller = new AbortController()
    const running = faultOf(query("SELECT pg_sleep(60), 'mark-abort'", { signal: controller.signal }))
    while ((await activeQueries('mark-abort')) === 0) await sleep(10)
    controller.abort()
    expect(await running).toMatchObject({ code: 'CANCELLED' })
    await untilIdle('mark-abort')
    expect(await activeQueries('mark-abort')).toBe(0)
    expect(await rowsOf('SELECT 1')).toEqual([[1]])
  })

  test('a query that is closed behind another of its session is never sent', async () => {
    const client = new pg.Client({ connectionString: postgresUrl() })
    await client.connect()
    const before = client.query('SELECT pg_sleep(0.2)')
    const ends: string[] = []
    const waiting = new GuardedQuery({
      text: "SELECT pg_sleep(20), 'mark-unsent'",
      params: [],
      basis: {},
      rowCap: 1,
      offset: 0,
      maxRowBytes: 1_000,
      maxFieldBytes: 1_000,
      onColumns: () => {},
      onRow: () => true,
      tooLong: () => new Error('too long'),
      onEnd: ({ connection }) => ends.push(connection),
    })
    client.query(waiting)
    expect(waiting.isSent).toBe(false)
    waiting.close()
    await before
    const after = client.query('SELECT 1 AS x')
    await sleep(100)
    expect(await activeQueries('mark-unsent')).toBe(0)
    expect((await after).rows).toEqual([{ x: 1 }])
    expect(ends).toEqual(['closed'])
    await client.end()
  })

  test('a session that the database ends is replaced', async () => {
    const running = faultOf(query("SELECT pg_sleep(60), 'mark-kill'"))
    while ((await activeQueries('mark-kill')) === 0) await sleep(10)
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%mark-kill%' AND pid <> pg_backend_pid()")
    expect(await running).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true })
    expect(await rowsOf('SELECT 1')).toEqual([[1]])
  })

  test('queries beyond the limit wait their turn and metadata does not', async () => {
    const narrow = open(postgresUrl('fixture', reader), { maxConcurrency: 1 })
    const slow = query('SELECT pg_sleep(0.5)', {}, narrow)
    const second = rowsOf('SELECT 2', {}, narrow)
    const order: string[] = []
    await Promise.all([
      slow.then(() => order.push('slow')),
      second.then(() => order.push('second')),
      narrow.introspect(AbortSignal.timeout(5_000)).then(() => order.push('metadata')),
    ])
    expect(order).toEqual(['metadata', 'slow', 'second'])
    await narrow.close()
  })
})

describe('a source that cannot be reached', () => {
  test('answers a wrong password without telling it, and no retry helps', async () => {
    const wrong = open(postgresUrl('fixture', { user: 'reader', password: 'wr0ng-Secret' }))
    const fault = await faultOf(query('SELECT 1', {}, wrong))
    expect(fault).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: false })
    expect(JSON.stringify(fault)).not.toMatch(/wr0ng|reader|127\.0\.0\.1/)
    await wrong.close()
  })

  test('answers a dead server as retryable', async () => {
    const dead = open('postgres://u:p@127.0.0.1:1/x')
    expect(await faultOf(query('SELECT 1', {}, dead))).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true })
    await dead.close()
  })
})

describe('metadata', () => {
  test('describes tables, columns, keys and indexes', async () => {
    const catalog = await source.introspect(AbortSignal.timeout(10_000))
    expect(catalog.tables.map((table) => `${table.schema}.${table.name} ${table.kind}`)).toEqual([
      'public.Odd Name table',
      'public.customers table',
      'public.granted_in_part table',
      'public.happy_customers view',
      'public.measurements table',
      'public.order_counts materialized_view',
      'public.orders table',
      'public.rightless view',
      'sales.regions table',
    ])
    const orders = catalog.tables.find((table) => table.name === 'orders')
    expect(orders).toMatchObject({
      rowEstimate: { rows: 1000, exact: false },
      primaryKey: ['id'],
      foreignKeys: [{ columns: ['customer_id'], references: { schema: 'public', table: 'customers', columns: ['id'] } }],
    })
    expect(orders?.indexes.map((index) => [index.name, index.columns, index.unique])).toEqual([
      ['orders_customer', ['customer_id'], false],
      ['orders_lower_tag', ['lower(tags[1])', 'quantity'], false],
      ['orders_pkey', ['id'], true],
    ])
    expect(catalog.tables.find((table) => table.name === 'Odd Name')?.indexes).toMatchObject([
      { name: 'odd_columns', columns: ['a"b', 'select', 'lower("Größe")', 'abs("a""b")'] },
    ])
    const customers = catalog.tables.find((table) => table.name === 'customers')
    expect(customers?.comment).toBe('People who buy from us.')
    expect(customers?.columns.find((column) => column.name === 'mood')).toEqual({
      name: 'mood',
      type: 'enum',
      databaseType: 'mood',
      nullable: false,
      default: "'ok'::mood",
      enumValues: ['sad', 'ok', 'happy'],
    })
    expect(customers?.columns.find((column) => column.name === 'balance')).toMatchObject({
      type: 'decimal',
      databaseType: 'numeric(38,10)',
      comment: 'Owed to the customer, in euro.',
    })
  })

  test('shows only the schemas of the configuration', async () => {
    const narrow = open(postgresUrl('fixture', reader), {}, ['sales'])
    expect((await narrow.introspect(AbortSignal.timeout(10_000))).tables.map((table) => table.name)).toEqual(['regions'])
    expect(await rowsOf('SELECT name FROM regions', {}, narrow)).toEqual([['Germany']])
    await narrow.close()
  })

  test('changes its version only with its content', async () => {
    const first = await source.introspect(AbortSignal.timeout(10_000))
    expect((await source.introspect(AbortSignal.timeout(10_000))).version).toBe(first.version)
  })

  test('of 200 tables takes three queries, which look up what is of a type once for each type, and are not compiled', async () => {
    await admin.query('CREATE SCHEMA many')
    for (let i = 0; i < 200; i++) await admin.query(`CREATE TABLE many.t${i} (id int PRIMARY KEY, ref int)`)
    await admin.query('GRANT USAGE ON SCHEMA many TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA many TO reader')
    const queries: { text: string; values?: unknown[] }[] = []
    const compiled: Promise<unknown>[] = []
    const spied = pg.Client.prototype.query
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
      const query = args[0] as string | { text: string }
      if (typeof query !== 'string' && /^WITH.*visible/.test(query.text)) {
        queries.push(query)
        compiled.push((Reflect.apply(spied, this, ['SHOW jit']) as unknown as Promise<pg.QueryResult>).then(({ rows }) => rows[0].jit))
      }
      return Reflect.apply(spied, this, args) as never
    } as never
    const many = open(postgresUrl('fixture', reader), {}, ['many'])
    const catalog = await many.introspect(AbortSignal.timeout(20_000)).finally(() => {
      pg.Client.prototype.query = spied
    })
    await many.close()
    const lookups: PlanNode[] = []
    for (const { text, values } of queries) {
      const explained = await admin.query({ text: `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, ...(values !== undefined && { values }) })
      lookups.push(...nodesOf(explained.rows[0]['QUERY PLAN'][0].Plan))
    }
    await admin.query('DROP SCHEMA many CASCADE')
    expect(catalog.tables).toHaveLength(200)
    expect(queries).toHaveLength(3)
    expect(await Promise.all(compiled)).toEqual(['off', 'off', 'off'])
    const ofTypes = lookups.filter((node) => node['Relation Name'] === 'pg_cast' || node['CTE Name'] === 'barred')
    expect(ofTypes.length).toBeGreaterThan(2)
    expect(ofTypes.filter((node) => node['Actual Loops'] > 100)).toEqual([])
  })

  test('samples are decoded and short', async () => {
    const catalog = await source.introspect(AbortSignal.timeout(10_000))
    const orders = catalog.tables.find((table) => table.name === 'orders')
    if (orders === undefined) throw new Error('no orders')
    const rows = await source.sample(orders, 2, AbortSignal.timeout(10_000))
    expect(rows[0]?.slice(0, 4)).toEqual(['1', '2', 2, ['t1']])
  })
})

describe('the proof of read-only', () => {
  test('holds for a login that may only read', async () => {
    expect((await source.prove(AbortSignal.timeout(10_000))).map((proof) => [proof.layer, proof.holds])).toEqual([
      ['engine', true],
      ['role', true],
    ])
  })

  test('fails for a superuser, without naming it', async () => {
    const powerful = open(postgresUrl())
    const proof = await powerful.prove(AbortSignal.timeout(10_000))
    expect(proof.find((one) => one.layer === 'role')).toMatchObject({ holds: false, detail: expect.stringContaining('superuser') })
    expect(JSON.stringify(proof)).not.toContain('postgres')
    await powerful.close()
  })
})
