import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { postgresUrl, reader } from '../support/postgres.ts'
import { endlessQuery } from '../support/slow-query.ts'
import { folderOf, runDft, startDft, waitFor } from './run-dft.ts'

const csvProject = (extra = '') =>
  folderOf({
    'dataface.yml': `name: shop\nsources:\n  files: {type: csv, files: {orders: orders.csv}}\n${extra}`,
    'corrupt.parquet': 'PAR1',
    'orders.csv': 'id,item,price\n1,tea,2.50\n2,日本茶,13.00\n3,"with ""quotes""",\n',
  })

/** Every command. */
const commands =
  'serve mcp tools sources tables describe query boards validate render review migrate init doctor config audit keys grant contracts'.split(
    ' ',
  )

describe('dft', () => {
  test('without a command shows its help on standard error and ends with 2', async () => {
    const { code, out, err } = await runDft([])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('Usage: dft COMMAND')
  })

  test('shows help and version on standard output', async () => {
    const help = await runDft(['--help'])
    expect(help.code).toBe(0)
    expect([...help.out.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name).filter((name) => !/^\d/.test(name as string))).toEqual(commands)
    expect(await runDft(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  test.each(commands)('shows the help of %s', async (name) => {
    const { code, out, err } = await runDft([name, '--help'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain(`Usage: dft ${name}`)
    expect(out).toContain('Examples:')
  })

  test('suggests the nearest command and flag, and ends with 2', async () => {
    expect(await runDft(['qury'])).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean "query"?') })
    expect(await runDft(['query', 'a', 'b', '--fromat', 'csv'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean --format?'),
    })
    expect(await runDft(['query', 'a', 'b', '--limit', 'many'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--limit takes a whole number'),
    })
    expect(await runDft(['query', 'a', 'b', '--format', 'xml'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('table, csv, markdown, json'),
    })
    expect(await runDft(['query', 'a'])).toMatchObject({ code: 2, err: expect.stringContaining('needs SQL') })
    expect(await runDft(['query', 'a', 'select', '1'])).toMatchObject({ code: 2, err: expect.stringContaining('Put the SQL in quotes') })
  })

  test('names a folder without lines when there is nothing in it to serve', async () => {
    const folder = folderOf({})
    for (const command of ['serve', 'doctor'])
      expect(await runDft([command, folder])).toMatchObject({ code: 3, err: expect.stringMatching(/^dataface-test-\w+ NO_SOURCES: /) })
  })

  test('says what to do where there is no project, and ends with 3', async () => {
    const { code, out, err } = await runDft(['tables', 'x'], { cwd: folderOf({}) })
    expect([code, out]).toEqual([3, ''])
    expect(err).toContain('--project DIR')
    expect(err).toContain('dft serve FILE.parquet')
  })

  test('finds the project in the nearest folder above', async () => {
    const cwd = `${csvProject()}/a/b`
    await import('node:fs/promises').then(({ mkdir }) => mkdir(cwd, { recursive: true }))
    expect(await runDft(['tables', 'files'], { cwd })).toMatchObject({ code: 0, out: expect.stringContaining('orders') })
  })

  test('shows every error of the configuration with its place, and ends with 3', async () => {
    const cwd = folderOf({ 'dataface.yml': 'name: shop\nsources:\n  a: {type: postgress}\nlimit: 3\n' })
    const { code, out, err } = await runDft(['tables', 'a'], { cwd })
    expect([code, out]).toEqual([3, ''])
    expect(err).toContain('dataface.yml:3:7 WRONG_VALUE')
    expect(err).toContain('dataface.yml:4:1 UNKNOWN_KEY')
    const json = await runDft(['tables', 'a', '--json'], { cwd })
    expect(json.code).toBe(3)
    expect(JSON.parse(json.out)).toMatchObject({
      success: false,
      diagnostics: [
        { code: 'WRONG_VALUE', line: 3 },
        { code: 'UNKNOWN_KEY', line: 4 },
      ],
    })
  })
})

describe('dft query', () => {
  test('prints a plain table when its output is no terminal', async () => {
    const { code, out, err } = await runDft(['query', 'files', 'SELECT * FROM orders ORDER BY id'], { cwd: csvProject() })
    expect([code, err]).toEqual([0, ''])
    expect(out).toBe(
      [
        'id  item           price',
        '──  ─────────────  ─────',
        ' 1  tea              2.5',
        ' 2  日本茶            13',
        ' 3  with "quotes"   null',
        '',
      ].join('\n'),
    )
    expect(out).not.toContain('\u001b')
  })

  test('prints csv, markdown, objects and the envelope', async () => {
    const cwd = csvProject()
    const sql = 'SELECT id, item FROM orders ORDER BY id LIMIT 2'
    expect((await runDft(['query', 'files', sql, '--format', 'csv'], { cwd })).out.replaceAll('\r', '')).toBe('id,item\n1,tea\n2,日本茶\n')
    expect((await runDft(['query', 'files', sql, '--format', 'markdown'], { cwd })).out).toContain('| 日本茶')
    const objects = JSON.parse((await runDft(['query', 'files', sql, '--format', 'json'], { cwd })).out) as object[]
    expect(objects.map((row) => Object.keys(row))).toEqual([
      ['id', 'item'],
      ['id', 'item'],
    ])
    expect(JSON.parse((await runDft(['query', 'files', sql, '--json'], { cwd })).out)).toMatchObject({
      success: true,
      data: { row_count: 2, truncated: false },
      meta: { contract: 'execute_query@1.0.0', project: 'shop', source: 'files' },
    })
  })

  test('keeps columns of the same name apart as objects', async () => {
    const { out } = await runDft(['query', 'files', 'SELECT 1 AS a, 2 AS a', '--format', 'json'], { cwd: csvProject() })
    expect(JSON.parse(out)).toEqual([{ a: 1, a_2: 2 }])
  })

  test('reads the SQL from standard input', async () => {
    const result = await runDft(['query', 'files', '-', '--format', 'csv'], {
      cwd: csvProject(),
      input: 'SELECT count(*) AS n\nFROM orders\n',
    })
    expect(result).toMatchObject({ code: 0, err: '' })
    expect(result.out.replaceAll('\r', '')).toBe('n\n3\n')
    expect(await runDft(['query', 'files', '-'], { cwd: csvProject(), input: ' \n' })).toMatchObject({ code: 2 })
  })

  test('says on standard error when the answer was cut', async () => {
    const { code, out, err } = await runDft(['query', 'files', 'SELECT id FROM orders ORDER BY id', '--limit', '1'], { cwd: csvProject() })
    expect(code).toBe(0)
    expect(out.split('\n')).toHaveLength(4)
    expect(err).toContain('there are more: cut at 1 rows (--limit)')
    const long = "SELECT repeat('x', 900) AS t, range FROM range(1000000000) WHERE hash(range) % 3 = 1"
    const bytes = await runDft(['query', 'files', long, '--max-bytes', '2000'], { cwd: csvProject() })
    expect([bytes.code, bytes.err]).toEqual([0, expect.stringContaining('there are more: cut at 2000 bytes (--max-bytes)')])
    const page = await runDft(['query', 'files', long, '--json', '--limit', '1', '--max-cell-bytes', '700'], { cwd: csvProject() })
    expect(page).toMatchObject({ code: 0, out: expect.stringContaining('[cut: 900 bytes]') })
    const endless = 'SELECT count(*) FROM range(1000000000000)'
    expect(await runDft(['query', 'files', endless, '--timeout-ms', '200'], { cwd: csvProject() })).toMatchObject({
      code: 1,
      err: expect.stringContaining('QUERY_TIMEOUT'),
    })
    const unordered = await runDft(['query', 'files', 'SELECT id FROM orders', '--limit', '1'], { cwd: csvProject() })
    expect(unordered.err).not.toContain('page')
  })

  test('shows an error with its code, place and hint on standard error, and ends with 1', async () => {
    const cwd = csvProject()
    const syntax = await runDft(['query', 'files', 'SELECT *\nFORM orders'], { cwd })
    expect([syntax.code, syntax.out]).toEqual([1, ''])
    expect(syntax.err).toMatch(/^SQL_ERROR: .*\(line 2, column \d+\)/)
    expect(await runDft(['query', 'files', 'DROP TABLE orders'], { cwd })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^SQL_REJECTED: /),
    })
    expect(await runDft(['query', 'file', 'SELECT 1'], { cwd })).toMatchObject({
      code: 1,
      err: expect.stringContaining('SOURCE_NOT_FOUND'),
    })
    const json = await runDft(['query', 'files', 'SELECT 1 FROM order_s', '--json'], { cwd })
    expect(json.code).toBe(1)
    expect(JSON.parse(json.out)).toMatchObject({ success: false, errors: [{ code: 'TABLE_NOT_FOUND' }] })
  })

  test('says which variable a source lacks that is switched off', async () => {
    const cwd = folderOf({ 'dataface.yml': `name: x\nsources:\n  db: {type: postgres, url: "{{ env_var('NOPE') }}"}\n` })
    const { code, err } = await runDft(['query', 'db', 'SELECT 1'], { cwd })
    expect(code).toBe(1)
    expect(err).toMatch(/^SOURCE_UNAVAILABLE: The source "db" is switched off by its configuration\.\n/)
    expect(err).toContain('\n  The environment variable NOPE is not set. Set it where the server starts, or give a default.\n')
    expect(err).not.toContain('operator')
  })

  test('is cancelled in the database by Ctrl-C and ends with 130', async () => {
    const cwd = folderOf({ 'dataface.yml': `name: x\nsources:\n  db: {type: postgres, url: "{{ env_var('DB') }}"}\n` })
    const { child, done } = startDft(['query', 'db', endlessQuery('ctrl-c-of-query')], { cwd, env: { DB: postgresUrl('fixture', reader) } })
    const client = new pg.Client({ connectionString: postgresUrl() })
    await client.connect()
    try {
      const running = async () =>
        (
          await client.query(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%ctrl-c-of-query%' AND state = 'active' AND pid <> pg_backend_pid()",
          )
        ).rowCount ?? 0
      await waitFor(async () => ((await running()) > 0 ? true : undefined))
      child.kill('SIGINT')
      expect(await done).toMatchObject({ code: 130, out: '', err: expect.stringContaining('CANCELLED') })
      await waitFor(async () => ((await running()) === 0 ? true : undefined))
    } finally {
      await client.end()
    }
  })
})

describe('dft tables, describe and tools', () => {
  test('list and describe what a source holds', async () => {
    const cwd = csvProject()
    expect((await runDft(['tables', 'files'], { cwd })).out).toMatch(/^table +kind +rows +comment\n[─ ]+\norders +file/)
    expect((await runDft(['tables', 'files', '--search', 'nothing-like-it'], { cwd })).out).not.toContain('orders')
    const described = await runDft(['describe', 'files', 'ORDERS'], { cwd })
    expect(described.code).toBe(0)
    expect(described.out).toContain('main.orders (file')
    expect(described.out).toMatch(/\nitem +text/)
    expect(await runDft(['describe', 'files', 'order'], { cwd })).toMatchObject({
      code: 1,
      err: expect.stringContaining('Did you mean "orders"?'),
    })
  })

  test('name every tool with its version, without a project', async () => {
    const { code, out } = await runDft(['tools', '--json'], { cwd: folderOf({}) })
    expect(code).toBe(0)
    const { tools } = JSON.parse(out) as { tools: { name: string; version: string }[] }
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'catalog',
      'describe_table',
      'execute_query',
      'get_dashboard',
      'get_metadata',
      'get_schema',
      'list_dashboards',
      'list_sources',
      'list_tables',
      'render_dashboard',
      'review_dashboard',
      'save_dashboard',
      'search_dashboards',
      'test_yaml_execution',
      'test_yaml_execution',
      'validate_yaml',
    ])
    expect(tools.filter(({ name }) => name === 'test_yaml_execution')).toMatchObject([
      { version: '2.0.0' },
      { version: '1.0.0', deprecated: { sunset: '2027-12-31' } },
    ])
  })
})

describe('dft grant', () => {
  test('prints the SQL for a login that reads what the policy serves, and changes nothing', async () => {
    const cwd = folderOf({
      'dataface.yml': `name: x\nsources:\n  db: {type: postgres, url: "{{ env_var('DB') }}", tables: {allow: [orders, customers]}, columns: {deny: [email]}}\n`,
    })
    const { code, out, err } = await runDft(['grant', 'db', '--role', 'shop_reader'], { cwd, env: { DB: postgresUrl() } })
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('CREATE ROLE "shop_reader" LOGIN NOSUPERUSER')
    expect(out).toContain('GRANT SELECT ON\n  "public"."orders"\nTO "shop_reader";')
    expect(out).toMatch(/GRANT SELECT \("id", "name", "mood", "balance", "created_at"\) ON "public"."customers" TO "shop_reader";/)
    expect(out).not.toMatch(/email|regions|Pa55word/)
  })

  test('works before the login is there, in the order in which a newcomer meets it', async () => {
    const database = `grant_${randomBytes(4).toString('hex')}`
    const role = `reader_${database}`
    const main = new pg.Client({ connectionString: postgresUrl() })
    await main.connect()
    await main.query(`CREATE DATABASE ${database}`)
    onTestFinished(async () => {
      await main.query(`DROP DATABASE ${database} WITH (FORCE)`)
      await main.query(`DROP ROLE IF EXISTS ${role}`)
      await main.end()
    })
    const admin = new pg.Client({ connectionString: postgresUrl(database) })
    admin.on('error', () => {})
    await admin.connect()
    onTestFinished(() => admin.end())
    await admin.query('CREATE TABLE tea (name text); CREATE TABLE wages (amount integer)')

    const source = `{type: postgres, url: "{{ env_var('SHOP_URL') }}", tables: {deny: [wages]}}`
    const cwd = folderOf({ 'dataface.yml': `name: x\nsources:\n  shop: ${source}\n` })
    const reader = { SHOP_URL: postgresUrl(database, { user: role, password: 'made-Up' }) }
    const administrator = { ADMIN_URL: postgresUrl(database) }

    const lost = await runDft(['grant', 'shop', '--role', role], { cwd, env: reader })
    expect([lost.code, lost.out]).toEqual([1, ''])
    expect(lost.err).toContain('dft grant shop --admin ADMIN_URL')
    const unset = await runDft(['grant', 'shop', '--role', role], { cwd })
    expect(unset.err).toMatch(/SHOP_URL is not set[\s\S]*dft grant shop --admin ADMIN_URL/)

    const args = ['grant', 'shop', '--role', role, '--admin', 'ADMIN_URL']
    const before = await runDft(args, { cwd, env: administrator })
    expect(before).toMatchObject({ code: 0, err: '', out: expect.stringContaining('"public"."tea"') })
    expect(before.out).not.toMatch(/wages|super-Pa55word/)
    expect(before.out).toContain(`postgres://${role}:PASSWORD@127.0.0.1:`)
    expect((await runDft(args, { cwd, env: { ...reader, ...administrator } })).out).toBe(before.out)

    await admin.query(before.out)
    await admin.query(`ALTER ROLE ${role} PASSWORD 'made-Up'`)
    expect(await runDft(['doctor'], { cwd, env: reader })).toMatchObject({ code: 0 })
    expect((await runDft(['tables', 'shop'], { cwd, env: reader })).out).toMatch(/\ntea /)
  })

  test.each([
    ['is not set', { ADMIN: '' }, 'ADMIN', /The environment variable ADMIN is not set/],
    [
      'holds no address',
      { ADMIN: 'jdbc:postgresql://secret' },
      'ADMIN',
      /What the environment variable ADMIN holds is an address for Java/,
    ],
    ['names another database', { ADMIN: 'postgres://a:secret@127.0.0.1:1/other' }, 'ADMIN', /is the database "shop".*names "other"/],
    ['is itself the address', {}, 'postgres://a:secret@h/shop', /takes the name of an environment variable/],
  ])('says so when the variable of --admin %s, and quotes no address', async (_what, env: Record<string, string>, admin, said) => {
    const cwd = folderOf({ 'dataface.yml': 'name: x\nsources:\n  db: {type: postgres, dbname: shop}\n' })
    const { code, out, err } = await runDft(['grant', 'db', '--admin', admin], { cwd, env })
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(said)
    expect(err).not.toContain('secret')
  })

  test('says that it grants nothing where nothing is served', async () => {
    const cwd = folderOf({ 'dataface.yml': 'name: x\nsources:\n  db: {type: postgres, dbname: fixture, tables: {allow: [nothing]}}\n' })
    const { code, err } = await runDft(['grant', 'db', '--admin', 'ADMIN'], { cwd, env: { ADMIN: postgresUrl() } })
    expect(code).toBe(0)
    expect(err).toMatch(/serves none of the \d+ tables/)
  })

  test('says what it is for when the source is made of files', async () => {
    const { code, err } = await runDft(['grant', 'files'], { cwd: csvProject() })
    expect(code).toBe(2)
    expect(err).toContain('needs no login')
  })
})

describe('--json', () => {
  test.each([
    ['a mistake in the command line', ['query', 'files'], 2, { errors: [{ code: 'VALIDATION_ERROR', message: 'dft query needs SQL.' }] }],
    ['an unknown command', ['qury'], 2, { errors: [{ code: 'VALIDATION_ERROR', hint: 'Did you mean "query"?' }] }],
    ['a path that is not there', ['serve', 'nothing.csv'], 3, { diagnostics: [{ code: 'FILE_NOT_FOUND' }] }],
    ['an address that is refused', ['serve', '--host', '0.0.0.0'], 1, { errors: [{ code: 'PERMISSION_DENIED' }] }],
    ['a call that fails', ['tables', 'nothing'], 1, { errors: [{ code: 'SOURCE_NOT_FOUND' }] }],
  ])('puts %s on standard output, as an answer that failed', async (_what, args, code, answer) => {
    const outcome = await runDft([...args, '--json'], { cwd: csvProject() })
    expect(outcome).toMatchObject({ code, err: '' })
    expect(JSON.parse(outcome.out)).toMatchObject({ success: false, ...answer })
  })
})

describe('--project', () => {
  test('is taken by every command that reads a project, and by each in the same way', async () => {
    const cwd = csvProject()
    for (const name of commands.filter((command) => command !== 'contracts')) {
      const given =
        {
          init: ['mcp', 'cursor'],
          config: ['check'],
          keys: ['list'],
          query: ['files', 'SELECT 1'],
          describe: ['files', 'orders'],
          tables: ['files'],
          grant: ['files'],
          render: ['b'],
          review: ['b'],
        }[name] ?? []
      const { code, err } = await runDft([name, ...given, '--project', `${cwd}/nothing`])
      expect([name, code]).toEqual([name, 3])
      expect(err).toContain('There is no folder')
    }
    expect(await runDft(['tools', '--project', cwd])).toMatchObject({ code: 0, out: expect.stringContaining('execute_query') })
    expect(await runDft(['tables', 'files', '--project', `${cwd}/dataface.yml`])).toMatchObject({ code: 0 })
    expect(await runDft(['tables', 'files', '--project', `${cwd}/orders.csv`])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Name the folder that holds dataface.yml'),
    })
  })

  test('is not needed where a file of another name is meant, which is said', async () => {
    const cwd = folderOf({ 'dataface.yaml': 'name: x\nsources: {}\n' })
    for (const args of [['tables', 'x'], ['serve', cwd], ['doctor']])
      expect(await runDft(args, { cwd })).toMatchObject({
        code: 3,
        err: expect.stringMatching(/Rename .*dataface\.yaml to dataface\.yml\./),
      })
  })
})

describe('dft doctor', () => {
  test('ends with 0 when nothing is wrong and shows what keeps each source read-only', async () => {
    const { code, out } = await runDft(['doctor'], { cwd: csvProject() })
    expect(out).toContain('source files: connects and shows 1 table')
    expect(out).toContain('read-only by guard')
    expect(out).toContain('read-only by engine')
    expect(out).toContain('Nothing is wrong.')
    expect(code).toBe(0)
  })

  test('names everything that is wrong with what to do, and ends with 1', async () => {
    const cwd = csvProject(
      `  gone: {type: csv, files: {lost: lost.csv}}
  off: {type: postgres, url: "{{ env_var('NOPE') }}"}
  down: {type: postgres, url: "postgres://u:hunter2@127.0.0.1:1/d"}
  denied: {type: postgres, url: "{{ env_var('DENIED') }}"}
`,
    )
    const { code, out, err } = await runDft(['doctor', '--json'], {
      cwd,
      env: { DENIED: postgresUrl('fixture', { user: 'reader', password: 'hunter2' }) },
    })
    expect(code).toBe(1)
    const { success, checks } = JSON.parse(out) as { success: boolean; checks: { state: string; subject: string; message: string }[] }
    expect(success).toBe(false)
    const problems = checks.filter((check) => check.state === 'problem').map(({ subject, message }) => `${subject}: ${message}`)
    expect(problems).toContainEqual(
      expect.stringMatching(/^dataface\.yml:5:30: MISSING_VARIABLE: The environment variable NOPE is not set\./),
    )
    expect(problems).toContainEqual(expect.stringMatching(/^source gone: the table lost cannot be read: there is no .*lost\.csv$/))
    expect(problems).toContainEqual(expect.stringMatching(/^source down: SOURCE_UNAVAILABLE: .*ECONNREFUSED/))
    expect(problems).toContainEqual(expect.stringMatching(/^source denied: /))
    expect(checks).toContainEqual(expect.objectContaining({ state: 'warning', message: expect.stringMatching(/^LITERAL_PASSWORD/) }))
    expect(out + err).not.toContain('hunter2')
  })

  test('gives one advice for each failure, and the right one', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    const password = 'reader-Pa55word'
    const url = (changed: Partial<Record<'user' | 'host' | 'port' | 'database', string>>) => {
      const { hostname, port } = new URL(postgresUrl())
      return `postgres://${changed.user ?? 'reader'}@${changed.host ?? hostname}:${changed.port ?? port}/${changed.database ?? 'fixture'}`
    }
    const postgres = (address: string, word?: string) =>
      `{type: postgres, url: "${address}"${word === undefined ? '' : `, password: "${word}"`}}`
    const cases: Record<string, readonly [source: string, said: RegExp, advice: RegExp]> = {
      wrong_password: [postgres(url({}), 'wrong'), /password authentication failed/, /^Check user and password/],
      no_password: [postgres(url({})), /empty password/, /wants a password and none is given/],
      no_database: [postgres(url({ database: 'nowhere' }), password), /"nowhere" does not exist/, /^Check dbname/],
      no_host: [postgres(url({ host: 'nowhere.invalid' }), password), /nowhere\.invalid/, /^Check host/],
      no_port: [postgres(url({ port: '1' }), password), /ECONNREFUSED/, /^Check host and port, and that the database runs/],
      no_answer: [postgres(url({ port: String((silent.address() as AddressInfo).port) }), password), /in time/, /firewall/],
      no_tls: [postgres(`${url({})}?sslmode=require`, password), /does not support SSL/, /sslmode: disable/],
      no_socket: ['{type: postgres, host: /nonexistent, dbname: d}', /ENOENT/, /no socket/],
      no_file: ['{type: duckdb, path: gone.duckdb}', /does not exist.*gone\.duckdb/, /^Correct path/],
      no_database_file: ['{type: duckdb, path: orders.csv}', /orders\.csv/, /belongs under files/],
      no_csv: ['{type: csv, files: {t: gone.csv}}', /there is no .*gone\.csv/, /^Correct the path/],
      no_match: ['{type: csv, files: {t: "none_*.csv"}}', /no file matches .*none_\*\.csv/, /^Correct the path/],
      corrupt: ['{type: parquet, files: {t: corrupt.parquet}}', /corrupt\.parquet/, /^Repair or replace/],
      other_format: ['{type: parquet, files: {t: orders.csv}}', /WRONG_FORMAT: .*orders\.csv holds text/, /^Write type: csv/],
    }
    const cwd = csvProject(
      Object.entries(cases)
        .map(([name, [source]]) => `  ${name}: ${source}\n`)
        .join(''),
    )
    const { out, err } = await runDft(['doctor', '--json'], { cwd })
    const { checks } = JSON.parse(out) as { checks: { state: string; subject: string; message: string; hint?: string }[] }
    for (const [name, [, said, advice]] of Object.entries(cases)) {
      const problems = checks.filter((check) => check.subject === `source ${name}` && check.state !== 'ok')
      expect(problems, name).toEqual([
        { state: 'problem', subject: `source ${name}`, message: expect.stringMatching(said), hint: expect.stringMatching(advice) },
      ])
    }
    expect(err).toBe('')
  })

  test.each([
    ['', 1, '✗', 'Until then it is not served', /1 thing is wrong\./],
    [', allow_unproven: true', 0, '!', 'Until then every answer warns.', /Nothing is wrong, 1 warning\./],
  ])(
    'tells of a login that can do more than read, once, and how to make one that cannot%s',
    async (setting, code, mark, meanwhile, end) => {
      const cwd = folderOf({ 'dataface.yml': `name: x\nsources:\n  db: {type: postgres, url: "{{ env_var('DB') }}"${setting}}\n` })
      const outcome = await runDft(['doctor'], { cwd, env: { DB: postgresUrl() } })
      expect(outcome.code).toBe(code)
      expect(outcome.out.match(/superuser/g)).toHaveLength(1)
      expect(outcome.out).toContain(`${mark} source db: read-only by role: The login is a superuser`)
      expect(outcome.out).toContain(`dft grant db prints the SQL for a login that can only read. ${meanwhile}`)
      expect(outcome.out).toMatch(end)
    },
  )

  test('tells of columns that came after the login was granted the others, and of none that the policy hides', async () => {
    const database = `columns_${randomBytes(4).toString('hex')}`
    const role = `reader_${database}`
    const admin = new pg.Client({ connectionString: postgresUrl() })
    await admin.connect()
    await admin.query(`CREATE DATABASE ${database}`)
    const owner = new pg.Client({ connectionString: postgresUrl(database) })
    await owner.connect()
    onTestFinished(async () => {
      await owner.end()
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`)
      await admin.query(`DROP ROLE IF EXISTS ${role}`)
      await admin.end()
    })
    await owner.query('CREATE TABLE tea (name text, cost integer, vendor text); CREATE TABLE cups (size integer)')
    const cwd = folderOf({
      'dataface.yml': `name: x\nsources:\n  shop: {type: postgres, url: "{{ env_var('DB') }}", columns: {deny: [cost], mask: [vendor]}}\n`,
    })
    const administrator = { ADMIN_URL: postgresUrl(database), DB: postgresUrl(database, { user: role, password: 'made-Up' }) }
    const grant = ['grant', 'shop', '--role', role, '--admin', 'ADMIN_URL']
    await owner.query((await runDft(grant, { cwd, env: administrator })).out)
    await owner.query(`ALTER ROLE ${role} PASSWORD 'made-Up'`)
    const env = { DB: administrator.DB }
    expect((await runDft(['doctor'], { cwd, env })).out).not.toContain('may not read')

    await owner.query('ALTER TABLE tea ADD origin text, ADD "picked on" date; ALTER TABLE cups ADD colour text')
    const { code, out } = await runDft(['doctor'], { cwd, env })
    expect(code).toBe(0)
    expect(out).toContain(
      '! source shop: the login may not read origin, picked on of public.tea, so nobody sees them\n    Run what dft grant shop',
    )
    expect(out.match(/may not read/g)).toHaveLength(1)
    const again = (await runDft(grant, { cwd, env: administrator })).out.replace(/^CREATE ROLE.*$/m, '')
    await owner.query(again)
    expect((await runDft(['doctor'], { cwd, env })).out).not.toContain('may not read')
  })

  test('checks files without a project', async () => {
    const folder = folderOf({ 'good.csv': 'a\n1\n', 'bad.parquet': 'PAR1' })
    const { code, out } = await runDft(['doctor', folder])
    expect(code).toBe(1)
    expect(out).toContain('source files: connects and shows 1 table')
    expect(out).toContain(`source files: the table bad cannot be read: Invalid Input Error: File '${folder}/bad.parquet'`)
    expect(await runDft(['doctor', `${folder}/good.csv`])).toMatchObject({ code: 0 })
  })

  test('says when a CSV file came to be one column, and why a file that is no CSV cannot be read, in short', async () => {
    const folder = folderOf({
      'split.csv': '"a,b"\n1\n2\n',
      'noise.csv': Buffer.from([...Array(300).keys()].map((n) => (n * 97 + 131) % 256)),
    })
    const { out } = await runDft(['doctor', folder])
    expect(out).toContain('! source files: the table split is one column, "a,b"')
    expect(out).toContain('✗ source files: the table noise cannot be read')
    for (const line of out.split('\n').filter((one) => one.includes('noise'))) expect(line.length).toBeLessThan(300)
  })

  test('reports a configuration that cannot be read', async () => {
    const { code, out } = await runDft(['doctor'], { cwd: folderOf({ 'dataface.yml': 'name: X!\n' }) })
    expect(code).toBe(3)
    expect(out).toContain('WRONG_VALUE')
    expect(out).toContain('MISSING_KEY')
  })
})
