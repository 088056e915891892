/** A record of every call, whichever door it came in by, that is there before its answer. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { makeKey } from '../../server/access/api-key.ts'
import { redactSql } from '../../server/audit/redact-sql.ts'
import { type Door, httpDoors } from '../support/doors.ts'
import { expectRecords } from '../support/expect-records.ts'
import { postForStream } from '../support/read-stream.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
afterEach(() => started?.close())

interface Line {
  readonly [name: string]: unknown
  readonly request_id: string
}

const start = async (audit: (file: string) => string, more = ''): Promise<{ file: string; lines: () => readonly Line[] }> => {
  const folder = mkdtempSync(join(tmpdir(), 'dataface-audit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'audit.jsonl')
  started = await startDataface(`name: kept\naudit: ${audit(file)}\n${more}sources:${vegaSource}`)
  const lines = () =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
  return { file, lines }
}

describe('the record of a call', () => {
  test('is there, whole, when its answer is, through every door', async () => {
    const { file, lines } = await start((path) => `{ file: "${path}" }`)
    await expectRecords(started, () => lines().at(-1))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(new Set(lines().map(({ fingerprint }) => fingerprint)).size).toBe(1)
  })

  test('is kept of what is refused and what fails, with the codes', async () => {
    const { lines } = await start((path) => `{ file: "${path}" }`, 'quotas: { tools: { catalog: { calls_per_minute: 1 } } }\n')
    const call = httpDoors(started).rest as Door
    const cases: readonly (readonly [string, unknown, string])[] = [
      ['execute_query', { source: 'vega', sql: 'DROP TABLE airports' }, 'SQL_REJECTED'],
      ['execute_query', { source: 'vega', sql: 'SELECT nothing FROM airports' }, 'SQL_ERROR'],
      ['execute_query', { source: 'nope', sql: 'SELECT 1' }, 'SOURCE_NOT_FOUND'],
      ['execute_query', {}, 'VALIDATION_ERROR'],
      ['no_such_tool', {}, 'UNKNOWN_TOOL'],
      ['catalog', {}, ''],
      ['catalog', {}, 'RATE_LIMITED'],
    ]
    for (const [tool, input, code] of cases) {
      await call(tool, input)
      expect(lines().at(-1)).toMatchObject({
        tool,
        verdict: code === '' ? 'answered' : 'failed',
        ...(code !== '' && { errors: expect.arrayContaining([code]) as string[] }),
      })
    }
  })

  test('is kept of a tool that is not there, at every door', async () => {
    const { lines } = await start((path) => `{ file: "${path}" }`)
    const answers = new Map<unknown, unknown>()
    for (const [name, call] of Object.entries(httpDoors(started)).filter(([name]) => name !== 'inside')) {
      const { errors, meta } = await call(`no_such_${name}`, {})
      expect([name, errors?.[0]?.code]).toEqual([name, 'UNKNOWN_TOOL'])
      answers.set(meta.request_id, `no_such_${name}`)
    }
    // One of each door: those that are alike are counted together.
    expect(lines().map(({ door }) => door)).toEqual(['rest', 'trpc', 'mcp'])
    for (const { request_id, tool, errors } of lines()) expect([tool, errors]).toEqual([answers.get(request_id), ['UNKNOWN_TOOL']])
  })

  test('is kept of a page that is not for its caller', async () => {
    const { lines } = await start((path) => `{ file: "${path}" }`, 'access: {}\n')
    const { text, kept } = makeKey({ name: 'x', scopes: ['dataface:tool:catalog'] }, new Date())
    await started.dataface.project.access.keys?.change((keys) => [...keys, kept])
    const response = await fetch(`${started.url}/boards`, { headers: { authorization: `Bearer ${text}` } })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([403, expect.stringContaining('insufficient_scope')])
    const record = { caller: `key:${kept.id}`, door: 'page', tool: 'render_dashboard', errors: ['PERMISSION_DENIED'] }
    expect(lines()).toMatchObject([record])
  })

  test('of a board is followed to those of its queries', async () => {
    const { lines } = await start((path) => `{ file: "${path}" }`)
    const yaml =
      'title: T\nsource: vega\nqueries: { a: "SELECT 1 AS a", b: "SELECT 2 AS b" }\ncharts: { x: { query: a, type: table }, y: { query: b, type: table } }\n'
    const call = httpDoors(started).rest as Door
    const { meta } = await call('render_dashboard', { yaml, format: 'json' })
    const inside = lines().filter(({ parent }) => parent === meta.request_id)
    expect(inside.map(({ tool, door, sql }) => [tool, door, sql]).sort()).toEqual([
      ['execute_query', 'inside', 'select ? as a'],
      ['execute_query', 'inside', 'select ? as b'],
    ])
    expect(lines().at(-1)).toMatchObject({ tool: 'render_dashboard', request_id: meta.request_id })
  })

  test('of a stream is there before its first row, and comes again with its end, also when its reader goes away', async () => {
    const { lines } = await start((path) => `{ file: "${path}" }`)
    await (await postForStream(started.url, { source: 'vega', sql: 'SELECT i FROM range(2000) t(i)' }, 'application/x-ndjson')).text()
    const [begun, ended] = lines()
    const sql = 'select i from range ( ? ) t ( i )'
    expect(begun).toMatchObject({ tool: 'execute_query', source: 'vega', rows: 0, verdict: 'begun', sql })
    expect(ended).toMatchObject({ request_id: begun?.request_id, tool: 'execute_query', rows: 2000, verdict: 'answered', sql })
    const gone = new AbortController()
    const stream = await postForStream(
      started.url,
      { source: 'vega', sql: 'SELECT i FROM range(100000000) t(i)' },
      'application/x-ndjson',
      gone.signal,
    )
    await stream.body?.getReader().read()
    expect(lines().at(-1)).toMatchObject({ verdict: 'begun' })
    gone.abort()
    await expect.poll(() => lines().length, { timeout: 10_000 }).toBe(4)
    expect(lines().at(-1)).toMatchObject({ verdict: 'failed', errors: ['CANCELLED'], rows: expect.any(Number) as number })
  })

  test.each([
    ['RATE_LIMITED', 'list_sources', 'quotas: { caller: { calls_per_minute: 1 } }\n', 1],
    ['UNKNOWN_TOOL', 'no_such_tool', '', 0],
    ['PERMISSION_DENIED', 'catalog', 'access: {}\n', 0],
  ])('of refusals that are alike is one, then one more with their number: %s', async (code, tool, more, answered) => {
    const { lines } = await start((path) => `{ file: "${path}" }`, more)
    const { text, kept } = makeKey({ name: 'x', scopes: ['dataface:tool:list_sources'] }, new Date())
    await started.dataface.project.access.keys?.change((keys) => [...keys, kept])
    const call = httpDoors(started, undefined, { authorization: `Bearer ${text}` }).rest as Door
    // Names of tools that are not there are made up by their caller, who cannot make more records by it.
    for (let n = 0; n < answered + 40; n++) await call(code === 'UNKNOWN_TOOL' ? `${tool}_${n}` : tool, {})
    const refused = () => lines().filter(({ errors }) => (errors as string[] | undefined)?.includes(code))
    expect([lines().length, refused().length]).toEqual([answered + 1, 1])
    expect(refused()[0]).not.toHaveProperty('repeated')
    await started.dataface.close()
    expect(refused().at(-1)).toMatchObject({ verdict: 'failed', repeated: 39 })
    expect(refused().length).toBe(2)
  })

  test('of a hundred calls at once are a hundred whole lines', async () => {
    const { lines } = await start((path) => `{ file: "${path}" }`)
    const call = httpDoors(started).rest as Door
    const ids = (await Promise.all(Array.from({ length: 100 }, () => call('list_sources', {})))).map(
      ({ meta }) => meta.request_id as string,
    )
    expect(
      lines()
        .map(({ request_id }) => request_id)
        .sort(),
    ).toEqual(ids.sort())
  })
})

describe('a record that cannot be written', () => {
  test('leaves the call without its answer, and says why to the log alone', async () => {
    const { file } = await start(() => '{ file: /dev/full }')
    for (const [, door] of Object.entries(httpDoors(started))) {
      const answer = await door('execute_query', { source: 'vega', sql: 'SELECT 424242 AS x' })
      expect(answer.errors?.[0]).toMatchObject({ code: 'NOT_READY', retryable: true })
      expect(JSON.stringify(answer)).not.toMatch(/424242|\/dev|ENOSPC/)
    }
    for (const accept of ['application/x-ndjson', 'application/vnd.apache.arrow.stream']) {
      const { audit } = started.dataface.project
      const before = audit?.failures ?? 0
      const stream = await postForStream(started.url, { source: 'vega', sql: 'SELECT 424242 AS x' }, accept)
      expect([stream.status, await stream.text()]).toEqual([503, expect.stringContaining('NOT_READY') as string])
      expect(audit?.failures).toBe(before + 1)
    }
    expect(started.logged.join('')).toContain('ENOSPC')
    expect(file).toBeTruthy()
  })

  test('is logged, and no more, where the project says so', async () => {
    await start(() => '{ file: /dev/full, required: false }')
    const call = httpDoors(started).rest as Door
    expect((await call('list_sources', {})).success).toBe(true)
    expect(started.logged.join('')).toContain('could not be written')
  })

  test('to a pipe that nobody reads makes nobody wait', async () => {
    const { file } = await start((path) => `{ file: "${path}" }`)
    execFileSync('mkfifo', [file])
    const answer = await (httpDoors(started).rest as Door)('list_sources', {})
    expect(answer.errors?.[0]).toMatchObject({ code: 'NOT_READY', retryable: true })
    expect((await fetch(`${started.url}/healthz`)).status).toBe(200)
  })

  test('spoils no other: what follows a line that was broken off begins anew', async () => {
    const { file } = await start((path) => `{ file: "${path}" }`)
    writeFileSync(file, '{"time": "broken off')
    const call = httpDoors(started).rest as Door
    const answers = [await call('list_sources', {}), await call('list_sources', {})]
    const [broken, ...whole] = readFileSync(file, 'utf8').trim().split('\n')
    expect(broken).toBe('{"time": "broken off')
    expect(whole.map((line) => (JSON.parse(line) as Line).request_id)).toEqual(answers.map(({ meta }) => meta.request_id))
  })

  test('goes to a new file soon after the old one was moved away', async () => {
    const { file, lines } = await start((path) => `{ file: "${path}" }`)
    const call = httpDoors(started).rest as Door
    await call('list_sources', {})
    renameSync(file, `${file}.1`)
    await new Promise((done) => setTimeout(done, 1_100))
    await call('list_tables', { source: 'vega' })
    expect(lines().map(({ tool }) => tool)).toEqual(['list_tables'])
  })

  test('goes to a new file also while calls come all the time', async () => {
    const { file } = await start((path) => `{ file: "${path}" }`)
    const call = httpDoors(started).rest as Door
    await call('list_sources', {})
    renameSync(file, `${file}.1`)
    while (!existsSync(file)) {
      await call('list_sources', {})
      await new Promise((done) => setTimeout(done, 20))
    }
  })
})

describe('a statement is kept without its values', () => {
  test.each([
    ["SELECT * FROM people WHERE name = 'Ada' AND age > 36 -- Ada", 'select * from people where name = ? and age > ?'],
    ["select  *  from PEOPLE where NAME='Bob''s' and age>.5e3", 'select * from people where name = ? and age > . ?'],
    ["SELECT x FROM t WHERE id IN (1, 2, 'three')", 'select x from t where id in ( ? )'],
    ["SELECT E'a\\'b', $$c$$, $q$d$q$, b'101', x'ff', U&'e'", 'select ? , b ? , x ? , U & ?'.toLowerCase()],
    ['SELECT "Name" FROM "My Table" WHERE "x" = $1', 'select "Name" from "My Table" where "x" = $ ?'],
    ['SELECT * FROM t WHERE mail = "ada@example.com"', 'select * from t where mail = "?"'],
    ['SELECT * FROM t WHERE ssn = "123-45-6789"', 'select * from t where ssn = "?"'],
    ["SELECT E'a'\n'b\\' Ada \\'c', 1", 'select ?'],
    ["SELECT E'a' -- b\n  -- c\r\n 'd\\' Ada --'\n, x", 'select ? , x'],
    ["SELECT E'a' 'b\\' Ada \\'", '(not readable)'],
    ["SELECT 'a\\', x", 'select ? , x'],
    ['SELECT ’Ada’', '(not readable)'],
    ["SELECT 'open", '(not readable)'],
    ['SELECT $$open', '(not readable)'],
    ['SELECT $q$open $$', '(not readable)'],
    ['SELECT "open', '(not readable)'],
    ['SELECT 1 /* open', '(not readable)'],
    ['', ''],
  ])('%s', (sql, kept) => {
    expect(redactSql(sql).sql).toBe(kept)
  })

  test('and told apart by what it asks alone', () => {
    const print = (sql: string): string => redactSql(sql).fingerprint
    expect(print("SELECT a FROM t WHERE b = 'x'")).toBe(print("select a\nfrom T -- c\nwhere b='y'"))
    expect(print('SELECT a FROM t')).not.toBe(print('SELECT b FROM t'))
  })
})
