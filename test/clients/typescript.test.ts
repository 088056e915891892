import { RecordBatchReader } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as client from '../../clients/typescript/index.js'
import { Dataface, DatafaceError, isDatafaceError, safe } from '../../clients/typescript/index.js'
import * as earlier from '../../clients/typescript/v1/index.js'
import { contracts } from '../../contracts/catalog.ts'
import { errorDefinitions } from '../../contracts/v1/errors.ts'
import { type FailingServer, type PlannedAnswer, startFailingServer } from '../support/failing-server.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
let dataface: Dataface
beforeAll(async () => {
  // Of two calls at once at most one is a stream.
  const narrow = 'type: csv, limits: { max_concurrency: 2 }, files: { airports: node_modules/vega-datasets/data/airports.csv }'
  started = await startDataface(`name: demo\nsources:${vegaSource}  narrow: { ${narrow} }\n`)
  dataface = new Dataface({ url: `${started.url}/` })
})
afterAll(() => started?.close())

const slowSql = 'SELECT count(*) FROM range(100000000) a, range(100000) b'

/** The error that a call throws. */
const errorOf = async (call: Promise<unknown>): Promise<DatafaceError> => {
  const result = await safe(call)
  if (result.error === undefined) throw new Error('the call worked')
  return result.error
}

describe('against the server', () => {
  test('every tool is a method and a function, and gives its data', async () => {
    for (const { name } of contracts) {
      const method = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
      expect(typeof (dataface as unknown as Record<string, unknown>)[method], method).toBe('function')
      expect(typeof (client as Record<string, unknown>)[method], method).toBe('function')
    }
    expect((await dataface.listSources()).sources.map(({ name }) => name)).toEqual(['narrow', 'vega'])
    expect((await client.listSources(dataface.transport)).sources.map(({ name }) => name)).toEqual(['narrow', 'vega'])
    const { rows, columns } = await dataface.executeQuery({
      source: 'vega',
      sql: 'SELECT $1::INT + 1 AS n, $2 AS t',
      params: [41, "x'; --"],
    })
    expect(rows).toEqual([[42, "x'; --"]])
    expect(columns.map(({ type }) => type)).toEqual(['integer', 'text'])
  })

  test('the whole answer can be had, of tools by name', async () => {
    const answer = await dataface.call('execute_query', { source: 'vega', sql: 'SELECT 1 AS n' })
    expect(answer.data.row_count).toBe(1)
    expect(answer.meta.contract).toMatch(/^execute_query@/)
    expect([answer.response.status, answer.response.headers.get('x-request-id')]).toEqual([200, answer.meta.request_id])
    expect(answer.warnings).toEqual([])
  })

  test('the constructor takes a version, and gives its types', async () => {
    const yaml = 'title: Birds\nsource: vega\nqueries:\n  gone: SELECT * FROM pinguins\n'
    const [old, now] = [new Dataface({ url: started.url, version: 1 }), new Dataface({ url: started.url, version: 2 })]
    const sentence: string | undefined = (await old.testYamlExecution({ yaml })).queries[0]?.error
    const error: { code: string } | undefined = (await now.testYamlExecution({ yaml })).queries[0]?.error
    expect(sentence).toMatch(/^TABLE_NOT_FOUND: /)
    expect(error?.code).toBe('TABLE_NOT_FOUND')
    expect([old instanceof earlier.Dataface, now instanceof Dataface]).toEqual([false, true])

    const answers = [old, now, new earlier.Dataface({ url: started.url })].map((one) => one.transport.call('test_yaml_execution', { yaml }))
    expect((await Promise.all(answers)).map(({ meta }) => meta.contract)).toEqual([
      ...['test_yaml_execution@1.0.0', 'test_yaml_execution@2.0.0', 'test_yaml_execution@1.0.0'],
    ])
    const alone = await earlier.testYamlExecution(earlier.createTransport({ url: started.url }), { yaml })
    expect(alone.queries[0]?.error).toBe(sentence)
    const unserved = new Dataface({ url: started.url, version: 3 as 2 })
    expect((await errorOf(unserved.listSources())).code).toBe('VALIDATION_ERROR')
  })

  test('what fails throws an error that tells its code, place and remedy', async () => {
    const error = await errorOf(dataface.executeQuery({ source: 'vega', sql: 'SELECT 1 +' }))
    expect(error).toBeInstanceOf(DatafaceError)
    expect([error.name, error.code, error.status, error.retryable]).toEqual(['DatafaceError', 'SQL_ERROR', 422, false])
    expect(error.position?.line).toBe(1)
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(error.errors).toMatchObject([{ code: 'SQL_ERROR', message: error.message }])
    expect((await errorOf(dataface.describeTable({ source: 'vega', table: 'moviez' }))).hint).toContain('movies')
    const wrong = await errorOf(dataface.transport.call('execute_query', { source: 'vega', sql: 'SELECT 1', limt: 5 }))
    expect([wrong.code, wrong.hint]).toEqual(['VALIDATION_ERROR', expect.stringContaining('limit')])
  })

  test('an error is told by its brand, also one of another copy of the package', async () => {
    const error = await errorOf(dataface.listTables({ source: 'nowhere' }))
    expect([isDatafaceError(error), isDatafaceError(error, 'SOURCE_NOT_FOUND'), isDatafaceError(error, 'CONFLICT')]).toEqual([
      true,
      true,
      false,
    ])
    const copy = (await import(`${import.meta.resolve('../../clients/typescript/errors.js')}?copy`)) as typeof client
    expect(error instanceof copy.DatafaceError).toBe(false)
    expect(copy.isDatafaceError(error, 'SOURCE_NOT_FOUND')).toBe(true)
    for (const other of [new Error('x'), null, undefined, 'x', { code: 'CONFLICT' }]) expect(isDatafaceError(other)).toBe(false)
  })

  test('safe gives errors as values, and throws what is none of a call', async () => {
    const good = await safe(dataface.listTables({ source: 'vega' }))
    expect(good.ok && good.data.tables.length).toBeGreaterThan(2)
    const bad = await safe(dataface.listTables({ source: 'nowhere' }))
    expect(bad.ok ? undefined : bad.error.code).toBe('SOURCE_NOT_FOUND')
    await expect(safe(Promise.reject(new RangeError('mine')))).rejects.toThrow('mine')
  })

  test('pages follow the cursor to the last, and from one that was kept', async () => {
    const input = { source: 'vega', sql: 'SELECT i FROM range(2500) r(i) ORDER BY i', limit: 1000 }
    const pages = []
    for await (const page of dataface.executeQueryPages(input)) pages.push(page)
    expect(pages.map(({ row_count }) => row_count)).toEqual([1000, 1000, 500])
    const rest = []
    for await (const page of client.executeQueryPages(dataface.transport, { ...input, cursor: pages[0]?.next_cursor })) rest.push(page)
    expect(rest.flatMap(({ rows }) => rows?.map(([i]) => Number(i)))).toEqual(Array.from({ length: 1500 }, (_, index) => index + 1000))
  })

  test('rows are streamed, and the stream tells how it ended', async () => {
    const rows = await dataface.executeQueryRows({ source: 'vega', sql: "SELECT i, repeat('ä', 50) FROM range(100000) r(i)" })
    expect(rows.columns.map(({ type }) => type)).toEqual(['bigint', 'text'])
    let count = 0
    for await (const row of rows) if (row[1] === 'ä'.repeat(50) && row[0] === String(count)) count++
    expect(count).toBe(100_000)
    expect([rows.answer?.data.row_count, rows.answer?.data.truncated]).toEqual([100_000, false])
  })

  test('a stream that fails throws: before its first row and after', async () => {
    expect((await errorOf(dataface.executeQueryRows({ source: 'vega', sql: 'SELECT nothing FROM movies' }))).code).toBe('SQL_ERROR')
    const sql = "SELECT CASE WHEN i < 200000 THEN '1' ELSE 'x' END::INT FROM range(200001) r(i)"
    const read = async (): Promise<void> => {
      for await (const _ of await dataface.executeQueryRows({ source: 'vega', sql }));
    }
    expect((await errorOf(read())).code).toBe('SQL_ERROR')
  })

  test('leaving a stream ends its query, which makes room for the next one', async () => {
    const endless = { source: 'narrow', sql: 'SELECT i FROM range(100000000) r(i)' }
    for await (const row of await dataface.executeQueryRows(endless)) {
      expect(row).toEqual(['0'])
      break
    }
    const unread = await dataface.executeQueryRows(endless)
    await unread.close()
    const rows = await dataface.executeQueryRows({ source: 'narrow', sql: 'SELECT 1 AS n' })
    for await (const row of rows) expect(row).toEqual([1])
    expect(rows.answer?.data.row_count).toBe(1)
  })

  test('Arrow is for a library that reads it', async () => {
    const response = await dataface.executeQueryArrow({ source: 'vega', sql: 'SELECT i FROM range(5000) r(i)' })
    let rows = 0
    for await (const batch of await RecordBatchReader.from(response)) rows += batch.numRows
    expect(rows).toBe(5000)
    expect((await errorOf(dataface.executeQueryArrow({ source: 'vega', sql: 'SELECT' }))).code).toBe('SQL_ERROR')
    const unstreamed = await errorOf(dataface.transport.open('list_sources', {}, 'application/x-ndjson').then(() => undefined))
    expect([unstreamed.code, unstreamed.message]).toEqual(['BAD_RESPONSE', 'This tool has no such stream.'])
  })

  test('a deadline ends the call and its query, and so does a signal, whose reason is thrown', async () => {
    const late = await errorOf(dataface.executeQuery({ source: 'vega', sql: slowSql }, { timeoutMs: 400 }))
    expect([late.code, late.retryable, late.status]).toEqual(['DEADLINE_EXCEEDED', true, undefined])
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('enough')), 300)
    await expect(dataface.executeQuery({ source: 'vega', sql: slowSql }, { signal: controller.signal })).rejects.toThrow('enough')
    await expect(dataface.listSources({}, { signal: AbortSignal.abort() })).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
    expect((await errorOf(dataface.executeQuery({ source: 'vega', sql: slowSql, timeout_ms: 200 }))).code).toBe('QUERY_TIMEOUT')
  })
})

const envelope = (parts: object): string => JSON.stringify({ warnings: [], meta: { request_id: 'r-1' }, ...parts })
const fine: PlannedAnswer = { body: envelope({ success: true, data: { sources: [], later: { key: 1 } } }) }
const refused = (code: string, retryable: boolean, more: object = {}, status = 503): PlannedAnswer => ({
  status,
  body: envelope({ success: false, errors: [{ code, message: 'm', retryable, ...more }] }),
})

describe('against a server that fails', () => {
  let server: FailingServer | undefined
  const failing = async (...answers: PlannedAnswer[]): Promise<FailingServer> => {
    await server?.close()
    server = await startFailingServer(answers)
    return server
  }
  afterAll(() => server?.close())

  const waits: number[] = []
  /** A client that notes how long it waits. */
  const noting = ({ url }: FailingServer, options: Partial<client.DatafaceOptions> = {}): Dataface => {
    waits.length = 0
    return new Dataface({ url, hooks: { onRetry: (_attempt, _error, delayMs) => void waits.push(delayMs) }, ...options })
  }

  test.each<[string, PlannedAnswer]>([
    ['an answer that says so', refused('SOURCE_UNAVAILABLE', true, { retry_after_ms: 5 })],
    ['the status of something between', { status: 502, body: '<html>', headers: { 'retry-after-ms': '5' } }],
    ['a connection that broke before the answer', { breakOff: true }],
    ['a connection that broke within the body', { breakOff: true, body: '{"success":', headers: { 'content-length': '100' } }],
  ])('tries again after %s', async (_title, answer) => {
    const { requests } = await failing(answer, answer, fine)
    expect(await noting(server as FailingServer).listSources()).toEqual({ sources: [], later: { key: 1 } })
    expect([requests.length, waits.length]).toEqual([3, 2])
  })

  test.each<[string, PlannedAnswer, string]>([
    ['will not pass', refused('INTERNAL_ERROR', false, {}, 500), 'INTERNAL_ERROR'],
    ['is no answer of such a server', { status: 404, body: 'no such page' }, 'BAD_RESPONSE'],
    ['is JSON of another', { body: '{"ok":true}' }, 'BAD_RESPONSE'],
    ['says nothing', { body: '' }, 'BAD_RESPONSE'],
    ['has errors of another form', { status: 400, body: envelope({ success: false, errors: ['x'] }) }, 'BAD_RESPONSE'],
    ['has one error and no list', { status: 400, body: '{"success":false,"errors":{},"meta":null}' }, 'BAD_RESPONSE'],
    ['has codes of another service', { status: 400, body: '{"success":false,"errors":[{"code":1000}]}' }, 'BAD_RESPONSE'],
    ['is a success without data', { body: envelope({ success: true }) }, 'BAD_RESPONSE'],
    ['states no error', { status: 500, body: envelope({ success: false, errors: [] }) }, 'BAD_RESPONSE'],
    ['has a code of later', refused('FROM_LATER', false), 'FROM_LATER'],
  ])('tells at once what %s', async (_title, answer, code) => {
    const { url, requests } = await failing(answer)
    const retries = code === 'BAD_RESPONSE' ? 0 : 2
    expect((await errorOf(new Dataface({ url, retries }).listSources())).code).toBe(code)
    expect(requests.length).toBe(1)
  })

  test('waits as long as it is asked to, a little more, and no longer than the call may take', async () => {
    await failing(refused('RATE_LIMITED', true, { retry_after_ms: 400 }), { status: 503, headers: { 'retry-after': '1' } }, fine)
    await noting(server as FailingServer).listSources()
    expect(waits[0]).toSatisfy((wait: number) => wait >= 400 && wait <= 500)
    expect(waits[1]).toSatisfy((wait: number) => wait >= 1000 && wait <= 1250)
    await failing({ status: 503, headers: { 'retry-after': new Date(Date.now() + 2000).toUTCString() } }, fine)
    await noting(server as FailingServer).listSources()
    expect(waits[0]).toSatisfy((wait: number) => wait >= 0 && wait <= 2600)

    const patient = await failing(refused('RATE_LIMITED', true, { retry_after_ms: 3_600_000 }))
    expect((await errorOf(noting(patient).listSources())).retryAfterMs).toBe(3_600_000)
    const short = await failing(refused('RATE_LIMITED', true, { retry_after_ms: 20_000 }))
    expect((await errorOf(noting(short).listSources({}, { timeoutMs: 3000 }))).code).toBe('RATE_LIMITED')
    expect([short.requests.length, waits]).toEqual([1, []])
  })

  test('the deadline holds for attempts, waits and the body', async () => {
    await failing({ body: '{"success":', hang: true })
    expect((await errorOf(noting(server as FailingServer).listSources({}, { timeoutMs: 300 }))).code).toBe('DEADLINE_EXCEEDED')
    const stream = await failing({ body: '{"columns":[]}\n[1]\n', hang: true, headers: { 'content-type': 'application/x-ndjson' } })
    const rows = await noting(stream).executeQueryRows({ source: 'a', sql: 'b' }, { timeoutMs: 500 })
    const read = async (): Promise<void> => {
      for await (const row of rows) expect(row).toEqual([1])
    }
    expect((await errorOf(read())).code).toBe('DEADLINE_EXCEEDED')
  })

  test('a wait can be aborted', async () => {
    await failing(refused('RATE_LIMITED', true, { retry_after_ms: 30_000 }))
    const controller = new AbortController()
    const hooks = { onRetry: () => void setTimeout(() => controller.abort(new Error('enough')), 10) }
    await expect(noting(server as FailingServer, { hooks }).listSources({}, { signal: controller.signal })).rejects.toThrow('enough')
  })

  test('a stream that is cut off is no whole stream', async () => {
    for (const body of ['{"columns":[]}\n[1]\n', '{"columns":[]}\n[1]\n{"succ']) {
      const { url } = await failing({ body, headers: { 'content-type': 'application/x-ndjson' } })
      const rows = await new Dataface({ url }).executeQueryRows({ source: 'a', sql: 'b' })
      const read = async (): Promise<void> => {
        for await (const row of rows) expect(row).toEqual([1])
      }
      expect((await errorOf(read())).code).toBe('CONNECTION_FAILED')
    }
  })

  test.each([
    ['<html>', 'BAD_RESPONSE'],
    ['5', 'BAD_RESPONSE'],
    ['null', 'BAD_RESPONSE'],
    ['{}', 'BAD_RESPONSE'],
    [envelope({ success: false, errors: [{ code: 'INTERNAL_ERROR', message: 'm', retryable: true }] }), 'INTERNAL_ERROR'],
  ])('a line of a stream that is no row ends it with an error of ours: %s', async (line, code) => {
    const { url } = await failing({ body: `{"columns":[]}\n[1]\n${line}\n`, headers: { 'content-type': 'application/x-ndjson' } })
    const rows = await new Dataface({ url }).executeQueryRows({ source: 'a', sql: 'b' })
    const seen: unknown[] = []
    const read = async (): Promise<void> => {
      for await (const row of rows) seen.push(row)
    }
    expect((await errorOf(read())).code).toBe(code)
    expect(seen).toEqual([[1]])
  })

  test('what must not happen twice is not sent twice without an answer, unless it has a key, which stays the same', async () => {
    const { url, requests } = await failing({ breakOff: true }, fine)
    const { transport } = new Dataface({ url, headers: { 'x-all': '1' }, token: async () => 'abc' })
    expect((await errorOf(transport.call('feed_birds', {}))).code).toBe('CONNECTION_FAILED')
    expect(requests.length).toBe(1)
    const keyed = await failing({ breakOff: true }, fine)
    await new Dataface({ url: keyed.url }).transport.call('feed_birds', { pond: 1 }, { idempotencyKey: 'k-1', headers: { 'x-one': '2' } })
    expect(keyed.requests.map(({ headers, body }) => [headers['idempotency-key'], headers['x-one'], body])).toEqual([
      ['k-1', '2', '{"pond":1}'],
      ['k-1', '2', '{"pond":1}'],
    ])
    expect(requests[0]?.headers).toMatchObject({ 'x-all': '1', authorization: 'Bearer abc' })
  })

  test('hooks see every attempt and may change its headers; what they throw ends the call; fetch can be given', async () => {
    const { url, requests } = await failing({ status: 503, headers: { 'retry-after-ms': '1' } }, fine)
    const seen: unknown[] = []
    const dataface = new Dataface({
      url,
      fetch: (input, init) => {
        seen.push('fetch')
        return fetch(input, init)
      },
      hooks: {
        onRequest: ({ headers, attempt, tool }) => {
          seen.push(`${tool} ${attempt}`)
          headers.set('traceparent', `00-${attempt}`)
        },
        onResponse: async (_attempt, response) => void seen.push([response.status, (await response.clone().text()).length > 0]),
        onRetry: (_attempt, { code }) => void seen.push(code),
      },
    })
    await dataface.listSources()
    expect(seen).toEqual(['list_sources 1', 'fetch', [503, false], 'BAD_RESPONSE', 'list_sources 2', 'fetch', [200, true]])
    expect(requests.map(({ headers }) => headers.traceparent)).toEqual(['00-1', '00-2'])
    const stopping = { onRequest: () => Promise.reject(new Error('not now')) }
    await expect(new Dataface({ url, hooks: stopping }).listSources()).rejects.toThrow('not now')
  })

  test('a call leaves neither timers nor listeners behind', async () => {
    const { url } = await failing(fine)
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const controller = new AbortController()
    const counted = { added: 0, removed: 0 }
    const signal = new Proxy(controller.signal, {
      get(target, name) {
        if (name === 'addEventListener') counted.added++
        if (name === 'removeEventListener') counted.removed++
        const value = Reflect.get(target, name, target) as unknown
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    for (let count = 0; count < 5; count++) await new Dataface({ url, timeoutMs: 3_000_000 }).listSources({}, { signal })
    expect(counted).toEqual({ added: 5, removed: 5 })
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThanOrEqual(before + 1)
  })
})

test('every code of the server narrows an error', () => {
  const codes: client.ErrorCode[] = Object.keys(errorDefinitions) as client.ErrorCode[]
  for (const code of codes) {
    const error: unknown = new DatafaceError('m', { code })
    expect(isDatafaceError(error, code) && error.code).toBe(code)
  }
})
