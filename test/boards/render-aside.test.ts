/** Boards are drawn in threads of their own: nobody waits for a picture but who asked for it. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { renderAside } from '../../server/boards/render/render-aside.ts'
import { renderBoard } from '../../server/boards/render/render-board.ts'
import { EncodedJson } from '../../server/envelope/encoded-json.ts'
import type { Envelope } from '../../server/envelope/envelope.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'
import { boards, salesPipeline } from './fixtures/boards.ts'

const { signal } = new AbortController()
const charts = (count: number) =>
  Array.from({ length: count }, (_, at) => `c${at}: {type: bar, title: Chart ${at}, query: q, x: a, y: b}`).join(', ')
const yaml = (count: number) => `queries: {q: {columns: [a, b], values: [[x, 1], [y, 2]]}}\ncharts: {${charts(count)}}\n`

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({ 'boards/one.yml': 'title: One\ntext: x\n' })
})
afterAll(() => project?.close())

test.each(['svg', 'png', 'html', 'text', 'terminal'] as const)('%s has the bytes that it has where it is asked for', async (format) => {
  for (const board of Object.values(boards)) {
    const options = { format, scheme: 'light' } as const
    const [aside, here] = [await renderAside(board, options, signal), await renderBoard(board, options)]
    expect(aside.contentType).toBe(here.contentType)
    expect(Buffer.from(aside.content as string).equals(Buffer.from(here.content as string))).toBe(true)
    expect(aside.diagnostics).toEqual(here.diagnostics)
  }
})

test('a fault of a drawing is that of the call, and the thread draws on', async () => {
  const rows = Array.from({ length: 20 }, () => ({ type: 'callout', text: 'x', height: 10_000 }))
  for (let round = 0; round < 3; round++)
    expect(await project.call('render_dashboard', { yaml: JSON.stringify({ rows }), format: 'png' })).toMatchObject({
      errors: [{ code: 'RESULT_TOO_LARGE' }],
    })
  expect(await renderAside(salesPipeline, { format: 'svg', scheme: 'light' }, signal)).toMatchObject({ contentType: 'image/svg+xml' })
})

describe('while a board is drawn', () => {
  test('other calls are answered', async () => {
    let isDrawn = false
    const drawing = project.call('render_dashboard', { yaml: yaml(60), format: 'svg', max_tokens: 10_000_000 }).finally(() => {
      isDrawn = true
    })
    for (const [tool, input] of [
      ['list_dashboards', {}],
      ['validate_yaml', { yaml: yaml(1) }],
      ['get_dashboard', { path: 'boards/one.yml' }],
    ] as const) {
      expect(await project.call(tool, input)).toMatchObject({ success: true })
      expect(isDrawn, tool).toBe(false)
    }
    expect(await drawing).toMatchObject({ success: true })
  })

  test('who goes away is let go at once, and the next is served', async () => {
    const gone = new AbortController()
    const call = { tool: 'render_dashboard', door: 'inside', caller: { id: 'test' }, signal: gone.signal } as const
    const drawing: Promise<Envelope> = project.served.dispatcher.dispatch({
      ...call,
      input: { yaml: yaml(300), format: 'svg', max_tokens: 10_000_000 },
    })
    await project.call('list_dashboards', {})
    gone.abort()
    expect(await drawing).toMatchObject({ success: false, errors: [{ code: 'CANCELLED' }] })
    expect(await project.call('render_dashboard', { yaml: yaml(1), format: 'svg' })).toMatchObject({ success: true })
  })
})

test('the rows of a source are decoded where they are drawn, and kept rows are drawn again', async () => {
  const files = {
    'dataface.yml': 'name: test\nsources: {files: {type: duckdb, files: {t: t.csv}}}\n',
    't.csv': `a,b\n${Array.from({ length: 2000 }, (_, at) => `k${at % 7},${at}`).join('\n')}\n`,
    'boards/rows.yml': `source: files
queries: {few: 'SELECT a, sum(b)::int AS b FROM t GROUP BY a ORDER BY a', all: "SELECT a, b FROM t"}
charts:
  bar: {type: bar, title: Bar, query: few, x: a, y: b, layers: [{type: line, query: few, y: b}]}
  same: {type: table, title: Same, query: few}
  all: {type: table, title: All, query: all}
`,
  }
  const other = await boardProject(files)
  const decoded = vi.spyOn(EncodedJson.prototype, 'toJSON')
  const render = (format: string, more = {}) =>
    other.served.dispatcher.dispatch({
      tool: 'render_dashboard',
      input: { path: 'boards/rows.yml', format, ...more },
      door: 'inside',
      caller: { id: 'test' },
      signal,
    })
  try {
    const [first, again] = [await render('svg', { max_tokens: 1_000_000 }), await render('svg', { max_tokens: 1_000_000 })]
    if (!first.success || !again.success) throw new Error(JSON.stringify([first, again]))
    expect(first.data.content).toContain('k6')
    expect(again.data).toEqual(first.data)
    for (const format of ['text', 'html', 'png', 'terminal', 'json'])
      expect(await render(format, { max_tokens: 1_000_000 })).toMatchObject({ success: true })
    expect(decoded).not.toHaveBeenCalled()
    const cut = await other.data<{ charts: { name: string; rows: unknown[][]; truncated: boolean }[] }>('render_dashboard', {
      path: 'boards/rows.yml',
      format: 'json',
      max_tokens: 400,
    })
    expect(cut.charts.map(({ name, rows, truncated }) => [name, rows.length, truncated])).toEqual([
      ['bar', 7, false],
      ['same', 7, false],
      ['all', expect.toSatisfy((count: number) => count > 20 && count < 100), true],
    ])
  } finally {
    decoded.mockRestore()
    await other.close()
  }
})

test('what is not ready in the time of the board says so in its place, and the rest is there', async () => {
  const slow = (name: string) => `{source: files, sql: "SELECT count(*) AS ${name} FROM range(100000000000) a, range(1000) b"}`
  const other = await boardProject({
    'dataface.yml': 'name: test\nlimits: {timeout_ms: 400, max_concurrency: 1}\nsources: {files: {type: duckdb, files: {t: t.csv}}}\n',
    't.csv': 'a\n1\n',
    'boards/slow.yml': `queries: {known: {columns: [n], values: [[7]]}, a: ${slow('a')}, b: ${slow('b')}, c: ${slow('c')}}
charts:
  first: {type: kpi, label: First, query: a, value: a}
  there: {type: kpi, label: There, query: known, value: n}
  second: {type: kpi, label: Second, query: b, value: b}
  third: {type: kpi, label: Third, query: c, value: c}
`,
  })
  try {
    const { content, diagnostics } = await other.data<{ content: string; diagnostics: { query?: string; message: string }[] }>(
      'render_dashboard',
      { path: 'boards/slow.yml' },
    )
    expect(content).toContain('There: 7')
    // The whole board has as long as two of its queries, a part of it for drawing.
    const failed = (query: string, more = {}) => expect.objectContaining({ level: 'error', query, ...more })
    expect(diagnostics).toEqual([failed('a'), failed('b'), failed('c', { code: 'OUT_OF_TIME' })])
  } finally {
    await other.close()
  }
  const { content, diagnostics } = await renderBoard(salesPipeline, { format: 'svg', scheme: 'light', drawMs: -1 })
  const late = diagnostics.filter(({ code }) => code === 'OUT_OF_TIME').map(({ chart }) => chart)
  expect(late).toEqual([...salesPipeline.charts.values()].filter(({ chart }) => chart.type !== 'callout').map(({ id }) => id))
  expect(content).toContain('ran out of time')
})

test('of very many that ask at once those that are not served are told when to come again', async () => {
  const answers = await Promise.all(
    Array.from({ length: 800 }, () => project.call('render_dashboard', { yaml: 'text: x\n', format: 'svg' })),
  )
  const refused = answers.flatMap((one) => (one.success ? [] : one.errors))
  expect(answers.length - refused.length).toBeGreaterThan(0)
  expect(refused.length).toBeGreaterThan(0)
  for (const error of refused) expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true, retry_after_ms: 2_000 })
  expect(await project.call('render_dashboard', { yaml: 'text: x\n', format: 'svg' })).toMatchObject({ success: true })
})
