/** What a board compiles to, as get_dashboard tells it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BoardProject, boardProject } from '../support/board-project.ts'

const many = Array.from(
  { length: 200 },
  (_, index) => `  c${index}: {type: callout, text: "${'words '.repeat(index % 7 === 0 ? 40 : 2)}${index}"}`,
)

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({
    'boards/meta.yml': 'style: {charts: {bar: {number_format: integer}}}\n',
    'boards/_base.yml': `
source: gone
variables:
  since: { default: 2026-01-31, label: From }
  region: { options: [North, South], required: true }
queries:
  orders: SELECT region, n FROM shop.orders WHERE day >= {{ since }} AND region = {{ region }}
charts:
  orders: { type: bar, query: orders, title: Orders, x: region, y: n, style: { orientation: vertical } }
`,
    'boards/other.yml':
      'source: gone\nqueries: {q: SELECT a FROM t}\ncharts: {copied: {type: table, query: q, title: Copied, notes: Why}}\n',
    'boards/one.yml': `extends: _base
title: One
variables:
  days: { input: range, min: 1, max: 9 }
charts:
  again: { ref: other.yml.charts.copied, title: Again }
rows:
  - orders
  - title: Both
    text: ${'long words '.repeat(20)}
    width: 50%
    cols: [again, { inner: { type: callout, text: "{{ days }}" } }]
  - grid: { items: [{ item: orders, col: 2, row: 0, col_span: 6 }, { item: again }] }
  - tabs: { items: [{ title: First, rows: [orders], visible: "days" }] }
`,
    'boards/large.yml': `title: Large\ncharts:\n${many.join('\n')}\n`,
  })
})
afterAll(() => project?.close())

interface Dashboard {
  readonly files: string[]
  readonly variables: Record<string, unknown>[]
  readonly queries: Record<string, unknown>[]
  readonly charts: { readonly name: string; readonly definition?: object }[]
  readonly layout: Record<string, unknown>[]
}

test('what a board inherits and refers to is in its charts, variables and queries, each with where it stands', async () => {
  const board = await project.data<Dashboard>('get_dashboard', { path: 'boards/one.yml' })
  expect(board.files).toEqual(['boards/_base.yml', 'boards/meta.yml', 'boards/other.yml'])
  expect(board.variables).toEqual([
    { name: 'since', input: 'date', label: 'From', value: '2026-01-31', default: '2026-01-31' },
    { name: 'region', input: 'select', label: 'Region', required: true, options: ['North', 'South'] },
    { name: 'days', input: 'range', label: 'Days' },
  ])
  expect(board.queries).toMatchObject([
    { name: 'orders', tables: ['shop.orders'], file: 'boards/_base.yml', line: 7 },
    { name: 'again.query', tables: ['t'], line: 6 },
  ])
  expect(board.charts).toEqual([
    {
      name: 'orders',
      type: 'bar',
      query: 'orders',
      title: 'Orders',
      columns: ['region', 'n'],
      definition: { x: 'region', y: 'n', style: { number_format: 'integer', orientation: 'vertical' } },
      file: 'boards/_base.yml',
      line: 9,
    },
    { name: 'again', type: 'table', query: 'again.query', title: 'Again', notes: 'Why', columns: [], line: 6 },
    { name: 'inner', type: 'callout', columns: [], definition: { text: '{{ days }}' }, line: 12 },
  ])
})

test('the layout is a list of its parts, each before those in it', async () => {
  const { layout } = await project.data<Dashboard>('get_dashboard', { path: 'boards/one.yml' })
  expect(layout).toEqual([
    { place: '', direction: 'rows', title: 'One' },
    { place: 'rows.0', chart: 'orders' },
    { place: 'rows.1', direction: 'cols', title: 'Both', text: expect.stringMatching(/^long words .{68}…$/), width: '50%' },
    { place: 'rows.1.cols.0', chart: 'again' },
    { place: 'rows.1.cols.1', chart: 'inner' },
    { place: 'rows.2', direction: 'grid' },
    { place: 'rows.2.grid.0', chart: 'orders', column: 2, row: 0, column_span: 6, row_span: 1 },
    { place: 'rows.2.grid.1', chart: 'again', column_span: 24, row_span: 1 },
    { place: 'rows.3', direction: 'tabs' },
    { place: 'rows.3.tabs.0', direction: 'rows', title: 'First', visible: 'days' },
    { place: 'rows.3.tabs.0.rows.0', chart: 'orders' },
  ])
})

test('definitions that have no room are left out, the largest first, and then parts of the layout, which is said', async () => {
  const whole = await project.call('get_dashboard', { path: 'boards/large.yml', max_tokens: 100_000 })
  expect(whole.warnings).toEqual([])
  const get = async (maxTokens: number) => {
    const answer = await project.call('get_dashboard', { path: 'boards/large.yml', max_tokens: maxTokens })
    if (!answer.success) expect.unreachable()
    expect(answer.warnings).toMatchObject([{ code: 'COMPILED_CUT' }])
    const { charts, layout } = answer.data as unknown as Dashboard
    expect(charts).toHaveLength(200)
    return { layout, defined: charts.filter(({ definition }) => definition !== undefined).map(({ name }) => name) }
  }
  const some = await get(3800)
  expect(some.layout).toHaveLength(201)
  expect(some.defined).not.toContain('c0')
  expect(some.defined).toContain('c1')
  const few = await get(500)
  expect(few.layout.length).toBeLessThan(201)
  expect(few.defined).toEqual([])
})
