import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultLimits } from '../../server/projects/project.ts'
import { readerRoleSql } from '../../server/sources/postgres/reader-role.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import { quoteName } from '../../server/sources/quote-name.ts'
import { applyPolicy } from '../../server/sources/table-policy.ts'
import { postgresUrl } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

const password = 'proof-Pa55word'
const database = `proof_${randomBytes(4).toString('hex')}`
const prefix = `p${randomBytes(3).toString('hex')}`
let admin: pg.Client
const started: Started[] = []

beforeAll(async () => {
  const main = new pg.Client({ connectionString: postgresUrl() })
  await main.connect()
  await main.query(`CREATE DATABASE ${database}`)
  await main.end()
  admin = new pg.Client({ connectionString: postgresUrl(database) })
  await admin.connect()
  await admin.query(`
    CREATE SCHEMA shop;
    CREATE TABLE shop.orders (id integer PRIMARY KEY, amount numeric, card text);
    CREATE TABLE shop.wages (id integer, amount numeric);
    CREATE SEQUENCE shop.numbers;
    INSERT INTO shop.orders VALUES (1, 2.50, 'CANARY');
    CREATE ROLE ${prefix}_writers NOLOGIN;
    GRANT INSERT ON shop.orders TO ${prefix}_writers;
    CREATE ROLE ${prefix}_readers NOLOGIN;
    GRANT SELECT ON shop.orders TO ${prefix}_readers`)
})

afterAll(async () => {
  await Promise.all(started.map((one) => one.close()))
  const { rows } = await admin.query<{ role: string }>("SELECT format('%I', rolname) AS role FROM pg_roles WHERE rolname LIKE $1", [
    `${prefix}%`,
  ])
  for (const { role } of rows) await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  await admin.end()
  const main = new pg.Client({ connectionString: postgresUrl() })
  await main.connect()
  await main.query(`DROP DATABASE ${database} WITH (FORCE)`)
  await main.end()
})

let made = 0
/** A login that may read shop.orders, and what `sql` adds, in which `$role` is its name. */
const login = async (sql: string): Promise<string> => {
  const role = `${prefix}_${++made}`
  await admin.query(`
    CREATE ROLE ${role} LOGIN PASSWORD '${password}';
    GRANT USAGE ON SCHEMA shop TO ${role};
    GRANT SELECT ON shop.orders TO ${role};
    ${sql.replaceAll('$role', role)}`)
  return role
}

const serve = async (role: string, settings = ''): Promise<Started> => {
  const one = await startDataface(
    `
name: proof
sources:
  shop:
    type: postgres
    url: "{{ env_var('URL') }}"
    ${settings}
`,
    { URL: postgresUrl(database, { user: role, password }) },
  )
  started.push(one)
  return one
}

const call = async ({ url }: Started, tool: string, input: unknown): Promise<Record<string, never> & { success: boolean }> => {
  const response = await fetch(`${url}/api/v1/${tool}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  return (await response.json()) as never
}

/** The answer to a statement whose rows are streamed. */
const stream = async ({ url }: Started): Promise<string> => {
  const response = await fetch(`${url}/api/v1/execute_query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
    body: JSON.stringify({ source: 'shop', sql: 'SELECT 1' }),
  })
  return response.text()
}

const count = { source: 'shop', sql: 'SELECT count(*) FROM shop.orders' }

const powers: Record<string, string> = {
  'is a superuser': 'ALTER ROLE $role SUPERUSER',
  'may make roles': 'ALTER ROLE $role CREATEROLE',
  'may make databases': 'ALTER ROLE $role CREATEDB',
  'may replicate': 'ALTER ROLE $role REPLICATION',
  'owns a table': 'CREATE TABLE shop.own$role (x integer); ALTER TABLE shop.own$role OWNER TO $role',
  'owns a schema': 'CREATE SCHEMA own$role AUTHORIZATION $role',
  'owns a function': "CREATE FUNCTION shop.f$role() RETURNS integer LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION shop.f$role OWNER TO $role",
  'owns a large object': "DO 'BEGIN EXECUTE format(''ALTER LARGE OBJECT %s OWNER TO $role'', lo_create(0)); END'",
  'may insert': 'GRANT INSERT ON shop.orders TO $role',
  'may update one column': 'GRANT UPDATE (amount) ON shop.orders TO $role',
  'may truncate what it may not read': 'GRANT TRUNCATE ON shop.wages TO $role',
  'may draw from a sequence': 'GRANT USAGE ON SEQUENCE shop.numbers TO $role',
  'may create tables': 'GRANT CREATE ON SCHEMA shop TO $role',
  'may create schemas': `GRANT CREATE ON DATABASE ${database} TO $role`,
  'may read files of the server': 'GRANT pg_read_server_files TO $role',
  'may run programs of the server': 'GRANT pg_execute_server_program TO $role',
  'may write all data': 'GRANT pg_write_all_data TO $role',
  'can take a role that writes': `ALTER ROLE $role NOINHERIT; GRANT ${prefix}_writers TO $role`,
}

describe('a login that may do more than read', () => {
  test.each(Object.keys(powers))('%s: it is not served', async (name) => {
    const one = await serve(await login(powers[name] as string))
    for (const [tool, input] of [
      ['execute_query', count],
      ['execute_query', { source: 'shop', sql: 'SELECT 1' }],
      ['list_tables', { source: 'shop' }],
      ['describe_table', { source: 'shop', table: 'orders' }],
      ['get_metadata', { source: 'shop' }],
      ['catalog', { source: 'shop' }],
    ] as const)
      expect(await call(one, tool, input), tool).toMatchObject({ success: false, errors: [{ code: 'SOURCE_UNPROVEN', retryable: false }] })
    expect(await stream(one)).toContain('SOURCE_UNPROVEN')
    const listed = await call(one, 'list_sources', {})
    expect(listed).toMatchObject({ data: { sources: [{ state: 'unproven', reason: { code: 'SOURCE_UNPROVEN' } }] } })
    expect(JSON.stringify(listed)).not.toContain(prefix)
  })

  test('is left out of a search with its own reason, as a source that is off or does not answer is with its', async () => {
    const role = await login(powers['may insert'] as string)
    const one = await startDataface(
      `name: x
sources:
  gone: { type: postgres, url: "postgres://nobody@127.0.0.1:1/none" }
  off: { type: postgres, url: "{{ env_var('NO_SUCH_VARIABLE') }}" }
  shop: { type: postgres, url: "{{ env_var('URL') }}" }
`,
      { URL: postgresUrl(database, { user: role, password }) },
    )
    started.push(one)
    const { warnings } = await call(one, 'catalog', {})
    expect(warnings).toEqual([
      { code: 'SOURCE_UNAVAILABLE', message: expect.stringMatching(/^The source "gone" was left out: /) },
      { code: 'SOURCE_UNPROVEN', message: expect.stringMatching(/^The source "shop" was left out: .*may do more than read/) },
      { code: 'SOURCE_UNAVAILABLE', message: expect.stringMatching(/^The source "off" was left out: .*switched off/) },
    ])
    expect((await call(one, 'catalog', { kinds: ['dashboard'] })).warnings).toEqual([])
  })

  test('is served where the project allows it, and every answer warns', async () => {
    const one = await serve(await login(powers['may insert'] as string), 'allow_unproven: true')
    const warned = { success: true, warnings: [{ code: 'SOURCE_UNPROVEN' }] }
    expect(await call(one, 'execute_query', count)).toMatchObject(warned)
    expect(await call(one, 'list_tables', { source: 'shop' })).toMatchObject(warned)
    expect(await call(one, 'catalog', {})).toMatchObject(warned)
    expect(await call(one, 'list_sources', {})).toMatchObject({ ...warned, data: { sources: [{ state: 'unproven', table_count: 1 }] } })
  })

  test('is served, without a restart, once it can only read', async () => {
    const role = await login(powers['may insert'] as string)
    const one = await serve(role)
    expect(await call(one, 'execute_query', count)).toMatchObject({ success: false })
    await admin.query(`REVOKE INSERT ON shop.orders FROM ${role}`)
    await expect
      .poll(() => call(one, 'execute_query', count), { timeout: 5_000, interval: 200 })
      .toMatchObject({ success: true, warnings: [] })
  })
})

describe('a login that can only read', () => {
  test.each([
    ['by grants of its own', ''],
    ['by a role it is a member of', `GRANT ${prefix}_readers TO $role`],
    ['everything', 'GRANT pg_read_all_data TO $role'],
  ])('%s: it is served', async (_name, sql) => {
    const one = await serve(await login(sql))
    expect(await call(one, 'execute_query', count)).toMatchObject({ success: true, warnings: [] })
    expect(await call(one, 'list_sources', {})).toMatchObject({ data: { sources: [{ state: 'ready' }] } })
  })

  test('takes the role that the source names', async () => {
    const role = await login(`ALTER ROLE $role NOINHERIT; REVOKE SELECT ON shop.orders FROM $role; GRANT ${prefix}_readers TO $role`)
    await admin.query(`GRANT USAGE ON SCHEMA shop TO ${prefix}_readers`)
    expect(await call(await serve(role), 'execute_query', count)).toMatchObject({ success: false })
    expect(await call(await serve(role, `role: ${prefix}_readers`), 'execute_query', count)).toMatchObject({ success: true })
  })
})

describe('the SQL for a reader', () => {
  test('makes a login that is proven, and reads what the policy serves and nothing else', async () => {
    const source = openPostgres({
      name: 'shop',
      config: { type: 'postgres', url: postgresUrl(database) },
      limits: defaultLimits,
      log: () => {},
    })
    const catalog = await source.introspect(AbortSignal.timeout(20_000))
    await source.close()
    const role = `${prefix} "reader"`
    const sql = readerRoleSql({
      source: 'shop',
      role,
      database,
      host: '127.0.0.1',
      port: 5432,
      catalog: applyPolicy(catalog, { tables: { deny: ['wages', 'own*'] }, columns: { deny: ['card'] } }),
    })
    await admin.query(sql)
    await admin.query(`ALTER ROLE ${quoteName(role)} PASSWORD '${password}'`)

    const one = await serve(role)
    expect(await call(one, 'execute_query', { source: 'shop', sql: 'SELECT id, amount FROM shop.orders' })).toMatchObject({
      success: true,
      warnings: [],
    })
    const direct = new pg.Client({ connectionString: postgresUrl(database, { user: role, password }) })
    await direct.connect()
    for (const denied of ['SELECT card FROM shop.orders', 'SELECT * FROM shop.wages', 'CREATE TABLE shop.t (x integer)'])
      await expect(direct.query(denied), denied).rejects.toMatchObject({ code: expect.stringMatching(/42501|25006/) })
    expect((await direct.query('SHOW temp_file_limit')).rows).toEqual([{ temp_file_limit: '1GB' }])
    await direct.end()
  })
})
