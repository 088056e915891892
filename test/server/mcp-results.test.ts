/** What a result of MCP holds: the typed answer, and beside it what a model reads, with nothing lost between them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import tools from '../../server/generated/mcp-tools.json' with { type: 'json' }
import type { AnyEnvelope, ContentItem } from '../support/doors.ts'
import { jsonSchemaCheck } from '../support/json-schema-check.ts'
import { postgresUrl, reader } from '../support/postgres.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
beforeAll(async () => {
  started = await startDataface(`
name: results
sources:${vegaSource}
  postgres: { type: postgres, url: ${postgresUrl('fixture', reader)} }
`)
})
afterAll(() => started?.close())

interface ToolResult {
  readonly content: readonly ContentItem[]
  readonly structuredContent: AnyEnvelope
  readonly isError: boolean
}

/** Calls over HTTP; `_meta` sends the call through the SDK, without it the codec of our own answers. */
const call = async (name: string, input: unknown, viaSdk = false): Promise<{ result: ToolResult; body: string }> => {
  const params = { name, arguments: input, ...(viaSdk && { _meta: { progressToken: 1 } }) }
  const response = await fetch(`${started.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  })
  const body = await response.text()
  const json = body.startsWith('{') ? body : ([...body.matchAll(/^data: ([^\n]+)$/gm)].at(-1)?.[1] ?? '')
  return { result: (JSON.parse(json) as { result: ToolResult }).result, body }
}

const times = (text: string, part: string): number => text.split(part).length - 1

const odd = {
  postgres: `SELECT * FROM (VALUES
    (1, 'plain', 'a,b', '{"k": [1, "x,y"]}'::jsonb, ARRAY['p', 'q"r'], 12.50::numeric, true),
    (2, '', 'say "hi"', NULL, NULL, 'NaN'::numeric, NULL),
    (3, NULL, E'two\\nlines\\t\\\\', '"text"'::jsonb, '{}', NULL, false),
    (4, 'Žluťoučký 数据 😀', chr(1) || chr(8232), '[]'::jsonb, ARRAY[NULL], 0, true)) v(n, a, b, j, l, d, t) ORDER BY n`,
  vega: `SELECT * FROM (VALUES
    (1, 'plain', 'a,b', {'k': [1, 2]}, ['p', 'q"r'], 12.50::DECIMAL(9,2), true),
    (2, '', 'say "hi"', NULL, NULL, NULL, NULL),
    (3, NULL, 'two' || chr(10) || 'lines' || chr(9) || chr(92), NULL, [], NULL, false),
    (4, 'Žluťoučký 数据 😀', chr(1) || chr(8232), NULL, [NULL], 0, true)) v(n, a, b, j, l, d, t) ORDER BY n`,
}

describe.each([false, true])('rows, through the SDK: %s', (viaSdk) => {
  test.each(Object.entries(odd))('are read as the CSV of %s, and are typed beside it', async (source, sql) => {
    const { result } = await call('execute_query', { source, sql }, viaSdk)
    const { result: csv } = await call('execute_query', { source, sql, format: 'csv' }, viaSdk)
    const facts = '{"row_count":4,"truncated":false}'
    expect(result.content).toEqual([{ type: 'text', text: `${csv.structuredContent.data?.text}\n${facts}` }])
    expect(csv.content).toEqual(result.content)
    expect(result.structuredContent.data?.rows).toHaveLength(4)
  })

  test('as markdown are read so', async () => {
    const { result } = await call('execute_query', { source: 'vega', sql: "SELECT 1 AS a, 'x|y' AS b", format: 'markdown' }, viaSdk)
    expect(result.content).toEqual([{ type: 'text', text: '| a | b |\n| --- | --- |\n| 1 | x\\|y |\n\n{"row_count":1,"truncated":false}' }])
  })

  test('that were cut say by what, how to go on, and what to mind', async () => {
    const { result } = await call('execute_query', { source: 'vega', sql: 'SELECT iata FROM airports', limit: 2 }, viaSdk)
    const text = result.content[0]?.text ?? ''
    expect(text).toMatch(/^iata\n[^\n]+\n[^\n]+\n\n\{/)
    const { data, warnings } = result.structuredContent
    expect(JSON.parse(text.split('\n').at(-1) ?? '')).toEqual({
      row_count: 2,
      truncated: true,
      truncated_by: 'rows',
      next_cursor: data?.next_cursor,
      warnings,
    })
    expect(warnings).toMatchObject([{ code: 'UNORDERED_PAGES' }])
  })

  test('of no columns and of many are read too', async () => {
    const none = await call('execute_query', { source: 'vega', sql: 'SELECT 1 AS a WHERE false' }, viaSdk)
    expect(none.result.content[0]?.text).toBe('a\n\n{"row_count":0,"truncated":false}')
    const many = await call(
      'execute_query',
      { source: 'vega', sql: 'SELECT * FROM movies ORDER BY ALL', limit: 3000, max_tokens: 1_000_000 },
      viaSdk,
    )
    const csv = await call(
      'execute_query',
      { source: 'vega', sql: 'SELECT * FROM movies ORDER BY ALL', limit: 3000, max_tokens: 1_000_000, format: 'csv' },
      viaSdk,
    )
    const withoutFacts = ({ content }: ToolResult) => content[0]?.text?.split('\n').slice(0, -1)
    expect(withoutFacts(many.result)).toEqual(withoutFacts(csv.result))
    expect(many.result.structuredContent.data?.row_count).toBe(3000)
  })
})

describe.each([false, true])('a board, through the SDK: %s', (viaSdk) => {
  const render = (format: string) => call('render_dashboard', { path: 'boards/penguins.yml', format }, viaSdk)
  const outputSchema = tools.find(({ name }) => name === 'render_dashboard')?.outputSchema as Record<string, unknown>

  test('as a picture is an image beside its facts, sent once', async () => {
    const { result, body } = await render('png')
    const [facts, image, ...more] = result.content
    expect(more).toEqual([])
    expect(image).toEqual({ type: 'image', mimeType: 'image/png', data: expect.any(String) })
    expect(
      Buffer.from(image?.data ?? '', 'base64')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
    expect(times(body, image?.data ?? '')).toBe(1)
    expect(JSON.parse(facts?.text ?? '')).toEqual(result.structuredContent)
    expect(result.structuredContent.data).toMatchObject({ format: 'png', content_type: 'image/png', title: 'Penguins' })
    expect(result.structuredContent.data).not.toHaveProperty('content')
    expect(jsonSchemaCheck(outputSchema)(result.structuredContent)).toBe(true)
  })

  test.each([
    ['svg', '<svg'],
    ['html', '<!doctype html>'],
  ])('as %s is a text beside its facts, sent once', async (format, start) => {
    const { result, body } = await render(format)
    const [facts, document, ...more] = result.content
    expect(more).toEqual([])
    expect(document).toMatchObject({ type: 'text', annotations: { audience: ['user'] } })
    expect(document?.text?.toLowerCase().startsWith(start)).toBe(true)
    expect(times(body, JSON.stringify(document?.text))).toBe(1)
    expect(body.length).toBeLessThan(JSON.stringify(document?.text).length + 3 * (facts?.text ?? '').length + 1000)
    expect(JSON.parse(facts?.text ?? '')).toEqual(result.structuredContent)
    expect(result.structuredContent.data).not.toHaveProperty('content')
  })

  test('as text is read as it is, and is in the typed answer for hosts that show nothing else', async () => {
    const { result } = await render('text')
    expect(result.content).toEqual([{ type: 'text', text: expect.stringMatching(/^# Penguins\n/) }])
    expect(result.structuredContent.data?.content).toBe(result.content[0]?.text)
  })

  test('as rows, and any other answer, is read as its JSON', async () => {
    for (const [tool, input] of [
      ['render_dashboard', { path: 'boards/penguins.yml', format: 'json' }],
      ['list_sources', {}],
      ['execute_query', { source: 'vega', sql: 'DROP TABLE x' }],
    ] as const) {
      const { result } = await call(tool, input, viaSdk)
      expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(result.structuredContent) }])
      expect(result.isError).toBe(!result.structuredContent.success)
    }
  })
})
