import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadTokenCounter } from '../../server/envelope/count-tokens.ts'
import { type AnyEnvelope, type Door, httpDoors } from '../support/doors.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface } from '../support/start-dataface.ts'

let started: Started
let doors: Record<string, Door>
beforeAll(async () => {
  started = await startDataface(`
name: tokens
limits: { max_rows: 5000 }
sources:
  postgres:
    type: postgres
    url: ${postgresUrl('fixture', reader)}
  duckdb: { type: csv, files: { airports: node_modules/vega-datasets/data/airports.csv } }
  narrow: { type: csv, files: { airports: node_modules/vega-datasets/data/airports.csv }, limits: { max_tokens: 500, default_tokens: 200 } }
  many:
    type: duckdb
    datapackage: node_modules/vega-datasets/datapackage.json
    files:
      airports: node_modules/vega-datasets/data/airports.csv
      birdstrikes: node_modules/vega-datasets/data/birdstrikes.csv
      disasters: node_modules/vega-datasets/data/disasters.csv
      github: node_modules/vega-datasets/data/github.csv
      la_riots: node_modules/vega-datasets/data/la-riots.csv
      seattle_weather: node_modules/vega-datasets/data/seattle-weather.csv
      sp500: node_modules/vega-datasets/data/sp500.csv
      stocks: node_modules/vega-datasets/data/stocks.csv
      us_employment: node_modules/vega-datasets/data/us-employment.csv
      weather: node_modules/vega-datasets/data/weather.csv
      windvectors: node_modules/vega-datasets/data/windvectors.csv
      zipcodes: node_modules/vega-datasets/data/zipcodes.csv
    limits: { default_tokens: 400 }
`)
  doors = httpDoors(started)
})
afterAll(() => started?.close())

const sources = ['postgres', 'duckdb'] as const
type SourceName = (typeof sources)[number]

/** Rows whose text needs care: quotes, brackets, line ends, scripts without blanks, a control token. */
const wordy = (rows: number) =>
  `SELECT g AS n, 'it''s "' || g || '"], [' || chr(10) || 'Žluťoučký 数据 😀 <|endoftext|> ' || repeat('=-', CAST(g % 7 AS INT)) AS t FROM generate_series(1, ${rows}) s(g) ORDER BY 1`

interface Result {
  readonly rows?: readonly unknown[][]
  readonly text?: string
  readonly row_count: number
  readonly truncated: boolean
  readonly truncated_by?: string
  readonly bytes: number
  readonly limit_applied: { readonly tokens?: number; readonly rows: number }
  readonly next_cursor?: string
}
const ask = async (door: string, input: Record<string, unknown>): Promise<Result> => {
  const answer = await (doors[door] as Door)('execute_query', input)
  if (!answer.success) throw new Error(JSON.stringify(answer.errors))
  return answer.data as unknown as Result
}
const sent = ({ rows, text }: Result): string => text ?? JSON.stringify(rows)
const tokensOf = (text: string): number => countTokens(text, { disallowedSpecial: new Set() })

describe.each(sources)('on %s', (source: SourceName) => {
  describe.each(['rest', 'mcp 2025-06-18', 'mcp 2026-07-28', 'mcp 2025-11-25, with progress'])('through %s', (door) => {
    test.each(['rows', 'csv', 'markdown'])('as many %s are sent as the tokens hold, and not one fewer', async (format) => {
      const input = { source, sql: wordy(400), limit: 400, format }
      const cut = await ask(door, { ...input, max_tokens: 1000 })
      expect(cut).toMatchObject({ truncated: true, truncated_by: 'tokens', limit_applied: { tokens: 1000, rows: 400 } })
      expect(cut.bytes).toBe(Buffer.byteLength(sent(cut)))
      expect(tokensOf(sent(cut))).toBeLessThanOrEqual(1000)
      const oneMore = await ask(door, { ...input, limit: cut.row_count + 1 })
      expect(oneMore).toMatchObject({ truncated_by: 'rows', row_count: cut.row_count + 1 })
      expect(tokensOf(sent(oneMore))).toBeGreaterThan(1000)
    })
  })

  test('a cursor continues after a cut by tokens and by bytes, without loss or doubling', async () => {
    const seen: unknown[] = []
    const cuts = new Set<string | undefined>()
    let cursor: string | undefined
    do {
      const page = await ask(seen.length % 2 === 0 ? 'rest' : 'mcp 2026-07-28', {
        source,
        sql: wordy(150),
        limit: 40,
        max_tokens: 500 + seen.length * 20,
        ...(cursor !== undefined && { cursor }),
      })
      seen.push(...(page.rows ?? []).map(([n]) => Number(n)))
      cuts.add(page.truncated_by)
      cursor = page.next_cursor
    } while (cursor !== undefined)
    expect(seen).toEqual(Array.from({ length: 150 }, (_, index) => index + 1))
    expect([...cuts]).toEqual(['tokens', 'rows', undefined])
  })

  test.each(['rows', 'csv', 'markdown'])('%s that nobody said how many tokens of go on by cursor, each once', async (format) => {
    const sql = "SELECT g AS n, repeat('some words ', 120) AS t FROM generate_series(1, 1500) s(g) ORDER BY 1"
    const seen: number[] = []
    let pages = 0
    let cursor: string | undefined
    do {
      const page = await ask('mcp 2026-07-28', { source, sql, limit: 1500, format, ...(cursor !== undefined && { cursor }) })
      expect(tokensOf(sent(page))).toBeLessThanOrEqual(100_000)
      const numbers = page.rows?.map(([n]) => Number(n)) ?? [...(page.text ?? '').matchAll(/^(?:\| )?(\d+)/gm)].map(([, n]) => Number(n))
      seen.push(...numbers)
      pages++
      cursor = page.next_cursor
    } while (cursor !== undefined)
    expect(seen).toEqual(Array.from({ length: 1500 }, (_, index) => index + 1))
    expect(pages).toBeGreaterThan(3)
  })

  test('a result that just fits is whole', async () => {
    const whole = await ask('rest', { source, sql: wordy(30), limit: 30, max_tokens: 1_000_000 })
    const tokens = tokensOf(sent(whole))
    expect(await ask('rest', { source, sql: wordy(30), limit: 30, max_tokens: tokens })).toMatchObject({ truncated: false, row_count: 30 })
    expect(await ask('rest', { source, sql: wordy(30), limit: 30, max_tokens: tokens - 1 })).toMatchObject({
      truncated_by: 'tokens',
      row_count: 29,
    })
  })

  test('a row beyond the tokens is refused with what to do', async () => {
    const answer = (await (doors.rest as Door)('execute_query', {
      source,
      sql: "SELECT repeat('ab cd ', 1000) AS t",
      max_tokens: 100,
    })) as AnyEnvelope
    expect(answer).toMatchObject({ errors: [{ code: 'RESULT_TOO_LARGE', hint: expect.stringContaining('max_tokens') }] })
  })

  test('values cut by their own limit are counted only in the rows that are sent', async () => {
    const sql = `SELECT repeat(CAST(g % 10 AS VARCHAR) || ' ', 40000) AS t FROM generate_series(1, 3) s(g) ORDER BY 1`
    const envelope = await (doors.rest as Door)('execute_query', { source, sql, max_tokens: 70_000 })
    expect(envelope.data).toMatchObject({ row_count: 1, truncated_by: 'tokens' })
    expect(envelope.warnings).toContainEqual({ code: 'VALUES_CUT', message: '1 values were longer than 65536 bytes and were cut.' })
  })
})

describe('the limit', () => {
  const wide = "SELECT repeat('some words ', 500) AS t FROM generate_series(1, 50)"
  const wider = "SELECT repeat('some words ', 2500) AS t FROM generate_series(1, 50)"

  test.each(['mcp 2026-07-28', 'mcp 2025-06-18', 'rest', 'trpc by POST', 'inside'])(
    'is 25,000 tokens for a caller who does not say how many, and 100,000 with a number of rows, however large: %s',
    async (door) => {
      for (const rows of [undefined, 50, 5000])
        expect(await ask(door, { source: 'duckdb', sql: wider, limit: rows ?? null })).toMatchObject({
          truncated_by: 'tokens',
          limit_applied: { tokens: rows === undefined ? 25_000 : 100_000, rows: rows ?? 50 },
          next_cursor: expect.any(String),
        })
    },
  )

  test('is what a caller asks for', async () => {
    const byTokens = await ask('rest', { source: 'duckdb', sql: wide, max_tokens: 100_000 })
    expect(byTokens).toMatchObject({ truncated: false, row_count: 50, limit_applied: { tokens: 100_000 } })
  })

  test('is never above what the source allows', async () => {
    const sql = 'FROM range(1000)'
    expect(await ask('rest', { source: 'narrow', sql })).toMatchObject({ limit_applied: { tokens: 200 } })
    expect(await ask('rest', { source: 'narrow', sql, limit: 1000 })).toMatchObject({
      truncated_by: 'tokens',
      limit_applied: { tokens: 500 },
    })
    const answer = await (doors.rest as Door)('execute_query', { source: 'narrow', sql, max_tokens: 5000 })
    expect(answer).toMatchObject({
      data: { limit_applied: { tokens: 500 } },
      warnings: [{ code: 'LIMIT_LOWERED' }, { code: 'UNORDERED_PAGES' }],
    })
  })
})

describe('what is listed is cut at the tokens of its source, and goes on by cursor', () => {
  const listed = async (tool: string, input: Record<string, unknown>, key: string): Promise<{ names: string[]; pages: number }> => {
    const names: string[] = []
    let pages = 0
    let cursor: string | undefined
    do {
      const { data } = await (doors.rest as Door)(tool, { ...input, ...(cursor !== undefined && { cursor }) })
      const items = data?.[key] as { name: string }[]
      expect(items.length === 1 || tokensOf(JSON.stringify(items)) <= 420).toBe(true)
      names.push(...items.map(({ name }) => name))
      pages++
      cursor = data?.next_cursor as string | undefined
    } while (cursor !== undefined)
    return { names, pages }
  }

  test('tables, whatever limit is asked for', async () => {
    const { names, pages } = await listed('list_tables', { source: 'many', limit: 500 }, 'tables')
    expect(pages).toBeGreaterThan(1)
    expect(new Set(names).size).toBe(names.length)
    expect((await (doors.rest as Door)('list_tables', { source: 'many' })).data?.total).toBe(names.length)
  })

  test('columns of a wide table', async () => {
    const { names, pages } = await listed('describe_table', { source: 'many', table: 'us_employment' }, 'columns')
    const whole = await ask('rest', { source: 'many', sql: 'FROM us_employment', limit: 1 })
    expect(names).toEqual((whole as unknown as { columns: { name: string }[] }).columns.map(({ name }) => name))
    expect(pages).toBeGreaterThan(1)
  })
})

describe('the counter', () => {
  test('agrees with the tokenizer on long text', async () => {
    const count = await loadTokenCounter()
    const text = JSON.stringify(Array.from({ length: 500 }, (_, g) => [g, `row ${g} isn't "plain"; 数据 ${g}`, g / 7, null]))
    expect(count(text)).toBe(tokensOf(text))
  })

  test('takes unbroken runs in their stride, at most a little high', async () => {
    const count = await loadTokenCounter()
    for (const run of ['x', '数据', '-=', ' ', '😀', '\n']) {
      const text = run.repeat(2_000)
      const exact = tokensOf(text)
      expect(count(text)).toBeGreaterThanOrEqual(exact)
      expect(count(text)).toBeLessThanOrEqual(exact * 1.3 + 1)
    }
  })
})
