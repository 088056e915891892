/** How much a caller may call and be answered; see access.test.ts for who it is, and quota-stores.test.ts for where it is counted. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { makeKey } from '../../server/access/api-key.ts'
import { scopeNames } from '../../server/access/scope.ts'
import { type AnyEnvelope, type Door, httpDoors } from '../support/doors.ts'
import { postForStream, readNdjson } from '../support/read-stream.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
afterEach(() => started?.close())

const start = async (quotas: string, more = ''): Promise<void> => {
  started = await startDataface(`name: q\nquotas: ${quotas}\n${more}sources:${vegaSource}`)
}
const door = (name: string, headers: Record<string, string> = {}): Door => httpDoors(started, undefined, headers)[name] as Door
const one = { source: 'vega', sql: 'SELECT 1 AS one' }
const fault = ({ errors }: AnyEnvelope) =>
  errors?.[0] as { code: string; message: string; hint: string; retryable: boolean; retry_after_ms: number } | undefined

describe('calls a minute', () => {
  test('are the same count through every door, and say what is left', async () => {
    await start('{ caller: { calls_per_minute: 6 } }')
    const doors = Object.entries(httpDoors(started)).filter(([name]) => name !== 'inside')
    const left: unknown[] = []
    for (const [, call] of doors) {
      const answer = await call('execute_query', one)
      left.push(answer.success ? (answer.meta.quota as { calls_left: number }).calls_left : fault(answer)?.code)
    }
    expect(left).toEqual([5, 4, 3, 2, 1, 0, ...doors.slice(6).map(() => 'RATE_LIMITED')])
  })

  test('that are used up are told with the time to wait, also as HTTP says it, and come back', async () => {
    await start('{ caller: { calls_per_minute: 60 } }')
    const ask = () => fetch(`${started.url}/api/v1/list_sources`, { method: 'POST' })
    const answers = await Promise.all(Array.from({ length: 80 }, ask))
    const refused = answers.filter(({ status }) => status === 429)
    const [first] = answers.filter(({ status }) => status === 200)
    expect(first?.headers.get('ratelimit')).toMatch(/^"calls";r=\d+$/)
    // Some may have come back while the others were asked.
    expect(refused.length).toBeGreaterThan(10)
    expect(refused[0]?.headers.get('retry-after')).toBe('1')
    expect(refused[0]?.headers.get('ratelimit')).toBe('"calls";r=0')
    const answer = (await refused[0]?.json()) as AnyEnvelope
    expect(answer.meta.quota).toEqual({ calls_left: 0 })
    const told = fault(answer)
    expect(told).toMatchObject({ code: 'RATE_LIMITED', retryable: true, message: 'The 60 calls a minute of this caller are used up.' })
    await new Promise((done) => setTimeout(done, told?.retry_after_ms))
    expect((await ask()).status).toBe(200)
  })

  test('that are used up are told by the list of boards, which says nothing of boards that it could not ask for', async () => {
    await start('{ caller: { calls_per_minute: 1 } }')
    const paths = ['/boards', '/boards?q=weather', '/boards?tag=nature']
    expect((await fetch(`${started.url}${paths[0]}`)).status).toBe(200)
    for (const path of paths) {
      const refused = await fetch(`${started.url}${path}`)
      expect([path, refused.status, refused.headers.get('retry-after')]).toEqual([path, 429, expect.stringMatching(/^\d+$/)])
      expect(refused.headers.get('content-type')).toContain('text/html')
      const page = await refused.text()
      expect(page).toContain('RATE_LIMITED: ')
      expect(page).not.toMatch(/No boards|No results/)
    }
  })

  test('of a tool, of the project, and of one caller beside another', async () => {
    await start(
      '{ project: { calls_per_minute: 5 }, caller: { calls_per_minute: 3 }, tools: { catalog: { calls_per_minute: 1 } } }',
      'access: { local: true }\n',
    )
    const { text, kept } = makeKey({ name: 'a', scopes: [scopeNames.read] }, new Date())
    await started.dataface.project.access.keys?.change((keys) => [...keys, kept])
    const [local, other] = [door('rest'), door('rest', { authorization: `Bearer ${text}` })]
    expect(fault(await local('catalog', {}))).toBeUndefined()
    expect(fault(await local('catalog', {}))?.message).toContain('catalog for this caller')
    expect(fault(await local('list_sources', {}))).toBeUndefined()
    expect(fault(await local('list_sources', {}))).toBeUndefined()
    expect(fault(await local('list_sources', {}))?.message).toContain('calls a minute of this caller')
    expect(fault(await other('list_sources', {}))).toBeUndefined()
    expect(fault(await other('list_sources', {}))).toBeUndefined()
    expect(fault(await other('list_sources', {}))?.message).toContain('of the project')
  })
})

describe('calls at once', () => {
  test('are counted while they run, and no longer, however they end', async () => {
    await start('{ caller: { concurrent_calls: 1 } }')
    const call = door('rest')
    const slow = { source: 'vega', sql: 'SELECT count(*) FROM range(100000000000)', timeout_ms: 1500 }
    const running = call('execute_query', slow)
    await expect.poll(async () => fault(await call('list_sources', {}))?.code).toBe('RATE_LIMITED')
    expect(fault(await running)?.code).toBe('QUERY_TIMEOUT')
    expect(fault(await call('list_sources', {}))).toBeUndefined()

    const gone = new AbortController()
    const stream = await postForStream(
      started.url,
      { source: 'vega', sql: 'SELECT * FROM range(100000000)' },
      'application/x-ndjson',
      gone.signal,
    )
    const reader = stream.body?.getReader()
    await reader?.read()
    expect(fault(await call('list_sources', {}))?.code).toBe('RATE_LIMITED')
    gone.abort()
    await expect.poll(async () => fault(await call('list_sources', {}))?.code, { timeout: 10_000 }).toBeUndefined()
  })
})

test.each([1, 3])('the queries of pages wait for each other where %s may run at once', async (most) => {
  await start(`{ caller: { concurrent_calls: ${most} } }`)
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const queries = ids.map((id) => `  ${id}: "SELECT count(*) AS n, '${id}' AS k FROM range(30000000)"\n`).join('')
  const charts = ids.map((id) => `  ${id}: { query: ${id}, type: kpi, value: n }\n`).join('')
  await writeFile(join(started.boards, 'many.yml'), `title: Many\nsource: vega\nqueries:\n${queries}charts:\n${charts}`)
  const open = async (board = 'many', signal = new AbortController().signal): Promise<string> => {
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, signal }
    const body = JSON.stringify({ values: {}, scheme: 'light', widths: {} })
    return (await fetch(`${started.url}/boards-data/${board}`, { ...request, body })).text()
  }
  for (const page of await Promise.all([open(), open()])) {
    expect(page.match(/"kind":"chart"/g)).toHaveLength(ids.length)
    expect(page).not.toContain('RATE_LIMITED')
  }
  // Nor are those refused that a page which goes away leaves waiting.
  await writeFile(
    join(started.boards, 'slow.yml'),
    `title: Slow\nsource: vega\nqueries:\n${queries.replaceAll('3', '3000')}charts:\n${charts}`,
  )
  const gone = new AbortController()
  const left = open('slow', gone.signal)
  setTimeout(() => gone.abort(), 300)
  await expect(left).rejects.toThrow('aborted')
  const metrics = async () => (await fetch(`${started.url}/metrics`)).text()
  await expect.poll(metrics).toMatch(/answered_total\{project="q",tool="execute_query",door="page",code="CANCELLED"\} [1-6]/)
  await expect.poll(async () => fault(await door('rest')('list_sources', {}))?.code).toBeUndefined()
  expect(await metrics()).not.toMatch(/tool="execute_query".*RATE_LIMITED/)
})

describe('what is answered in a day', () => {
  test.each([
    ['rows', 30],
    ['bytes', 3000],
    ['tokens', 1000],
  ])('%s: are counted, told, and refused until midnight', async (unit, limit) => {
    await start(`{ caller: { ${unit}_per_day: ${limit} } }`)
    const call = door('rest')
    const rows = { source: 'vega', sql: 'SELECT i, repeat(chr(120), 20) AS x FROM range(10) t(i)' }
    const left: number[] = []
    let answer = await call('execute_query', rows)
    for (; answer.success; answer = await call('execute_query', rows)) {
      const quota = answer.meta.quota as Record<string, number | string>
      left.push(quota[`${unit}_left`] as number)
      expect(quota.resets_at).toMatch(/T00:00:00.000Z$/)
    }
    expect(left.length).toBeGreaterThan(1)
    expect(left).toEqual([...left].sort((a, b) => b - a))
    const given = limit - (left.at(-1) as number)
    expect(given).toBeLessThanOrEqual(limit)
    expect(fault(answer)).toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringMatching(`${limit} (${unit} )?a day of this caller`),
    })
    expect(fault(answer)?.retry_after_ms).toBeLessThanOrEqual(86_400_000)
    if (unit === 'rows') expect(left).toEqual([20, 10, 0])
  })

  test('an answer that would pass it is not given, and a smaller one is', async () => {
    await start('{ caller: { rows_per_day: 12 } }')
    const ask = (rows: number) => door('rest')('execute_query', { source: 'vega', sql: `SELECT i FROM range(${rows}) t(i)` })
    expect((await ask(10)).meta.quota).toMatchObject({ rows_left: 2 })
    const refused = await ask(3)
    expect(fault(refused)).toMatchObject({
      message: '3 rows more would pass the 12 a day of this caller, of which 2 are left.',
      retryable: true,
    })
    expect(refused.data).toBeUndefined()
    expect((await ask(2)).meta.quota).toMatchObject({ rows_left: 0 })
    expect(fault(await ask(1))?.message).toBe('The 12 rows a day of this caller are used up.')
  })

  describe('the rows of a board are counted', () => {
    const yaml =
      'title: Rows\nsource: vega\nqueries: { a: "SELECT i FROM range(7) t(i)", b: "SELECT 1 AS n" }\ncharts: { x: { query: a, type: table }, y: { query: a, type: kpi, value: i }, z: { query: b, type: kpi, value: n } }\n'
    const csv = () => fetch(`${started.url}/boards-files/csv/light/x/rows`)
    const startWithBoard = async (quotas: string): Promise<void> => {
      await start(quotas)
      await writeFile(join(started.boards, 'rows.yml'), yaml)
    }

    test('those of each query once, however they are shown', async () => {
      await startWithBoard('{ caller: { rows_per_day: 1000 } }')
      let left = 1000
      const spent = ({ meta }: AnyEnvelope): number => {
        const now = (meta.quota as { rows_left: number }).rows_left
        const rows = left - now
        left = now
        return rows
      }
      for (const format of ['json', 'text', 'html', 'svg', 'png'])
        expect([format, spent(await door('rest')('render_dashboard', { yaml, format }))]).toEqual([format, 8])
      expect(spent(await door('rest')('render_dashboard', { yaml, format: 'json', chart: 'z' }))).toBe(1)
      expect(spent(await door('rest')('test_yaml_execution', { yaml, limit: 5 }))).toBe(6)
      expect((await csv()).status).toBe(200)
      expect(spent(await door('rest')('list_sources', {}))).toBe(7)
    })

    test('and refused where they would pass the limit, by every way to them', async () => {
      await startWithBoard('{ caller: { rows_per_day: 6 } }')
      for (const format of ['json', 'text'])
        expect(fault(await door('rest')('render_dashboard', { path: 'boards/rows.yml', format }))?.message).toMatch(
          /^8 rows more would pass/,
        )
      // What a tool has asked for is no page's to give.
      const refused = await csv()
      expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
      expect(fault((await refused.json()) as AnyEnvelope)).toMatchObject({ code: 'RATE_LIMITED', retryable: true })
    })
  })

  test('what was saved is told, whatever it comes to', async () => {
    await start('{ caller: { bytes_per_day: 200 } }')
    const yaml = 'title: Kept\nsource: vega\nqueries: { a: "SELECT 1 AS a" }\ncharts: { x: { query: a, type: table } }\n'
    const saved = await door('rest')('save_dashboard', { path: 'boards/kept.yml', yaml })
    expect(saved).toMatchObject({ success: true, meta: { quota: { bytes_left: 0 } } })
    expect(JSON.stringify(saved).length).toBeGreaterThan(200)
  })

  test('a stream ends before it', async () => {
    const limit = 40_000
    await start(`{ caller: { rows_per_day: ${limit} } }`)
    const { rows, trailer } = await readNdjson(
      await postForStream(started.url, { source: 'vega', sql: 'SELECT i FROM range(200000) t(i)' }, 'application/x-ndjson'),
    )
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.length).toBeLessThanOrEqual(limit)
    expect(trailer).toMatchObject({
      success: false,
      errors: [{ code: 'RATE_LIMITED' }],
      meta: { quota: { rows_left: limit - rows.length } },
    })
    expect((await door('rest')('list_sources', {})).meta.quota).toMatchObject({ rows_left: limit - rows.length })
  })
})

test('a board is one call, whatever it asks for', async () => {
  await start('{ caller: { calls_per_minute: 2 } }')
  const yaml =
    'title: T\nsource: vega\nqueries: { a: "SELECT 1 AS a", b: "SELECT 2 AS b", c: "SELECT 3 AS c" }\ncharts: { x: { query: a, type: table }, y: { query: b, type: table }, z: { query: c, type: table } }\n'
  const answer = await door('rest')('render_dashboard', { yaml, format: 'json' })
  expect([answer.success, answer.warnings, (answer.meta.quota as { calls_left: number }).calls_left]).toEqual([true, [], 1])
})

test('a mistyped quota stops the start, with the nearest name', async () => {
  await expect(startDataface('name: q\nquotas: { caller: { call_per_minute: 1 } }\nsources: {}\n')).rejects.toThrow(/call_per_minute/)
})
