/** Rows and files that a board does not expect: each is told in its place, and the rest of the board is drawn. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({
    'dataface.yml': 'name: test\nsources: {shop: {type: duckdb, files: {orders: orders.csv}}}\n',
    'orders.csv': 'region,revenue\nNorth,120\nSouth,80\n',
    'boards/a.yml': 'extends: b.yml\ntext: a',
    'boards/b.yml': 'extends: a.yml\ntext: b',
  })
})
afterAll(() => project.close())

interface Rendered {
  readonly content: string
  readonly diagnostics: BoardDiagnostic[]
}

const render = (input: object) => project.data<Rendered>('render_dashboard', { format: 'svg', max_tokens: 10_000_000, ...input })

/** `line:column CODE` of each finding. */
const told = ({ diagnostics }: Rendered): string[] => diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`)

/** The chart that stands beside the one that is wrong. */
const healthy = '{type: kpi, label: Healthy, query: SELECT 42 AS n, value: n}'

describe('data', () => {
  test.each([
    ['no rows', '{type: bar, title: T, query: SELECT region FROM orders WHERE false, x: region, y: region}', ['4:3 ZERO_ROWS']],
    ['no rows in a table', '{type: table, title: T, query: SELECT region FROM orders WHERE false}', ['4:3 ZERO_ROWS']],
    ['no rows in a KPI', '{type: kpi, label: L, query: SELECT 1 AS n WHERE false, value: n}', ['4:3 ZERO_ROWS']],
    ['no rows in a pie', '{type: pie, title: T, query: "SELECT 1 AS n, 2 AS c WHERE false", theta: n, color: c}', ['4:3 ZERO_ROWS']],
    [
      'only nulls',
      '{type: line, title: T, query: "SELECT region, NULL::INT AS n FROM orders", x: region, y: n}',
      ['4:3 MOSTLY_NULL', '4:3 ZERO_ROWS'],
    ],
    [
      'only null slices',
      '{type: pie, title: T, query: "SELECT region AS c, NULL::INT AS n FROM orders", theta: n, color: c}',
      ['4:3 MOSTLY_NULL', '4:3 ZERO_ROWS'],
    ],
    ['one point', '{type: line, title: T, query: "SELECT DATE \'2026-01-01\' AS day, 1 AS n", x: day, y: n}', ['4:3 SINGLE_POINT']],
    [
      'a negative slice',
      '{type: pie, title: T, query: "SELECT range AS c, range - 1 AS n FROM range(3)", theta: n, color: c}',
      ['4:3 PIE_NEGATIVE_SLICE'],
    ],
    [
      'a column that is gone from the result',
      '{type: bar, title: T, query: SELECT region FROM orders, x: region, y: n}',
      ['4:75 UNKNOWN_COLUMN'],
    ],
    ['a column that is gone from the table', '{type: table, title: T, query: SELECT gone FROM orders}', ['4:46 QUERY_FAILED']],
    ['a table that is gone', '{type: table, title: T, query: SELECT 1 FROM gone}', ['4:53 QUERY_FAILED']],
    [
      'text where numbers belong',
      '{type: bar, title: T, query: "SELECT region, region AS n FROM orders", x: region, y: n}',
      ['4:90 MEASURE_NOT_NUMERIC'],
    ],
    ['several rows in a KPI', '{type: kpi, label: L, query: SELECT revenue AS n FROM orders, value: n}', ['4:3 KPI_MULTIROW']],
    ['rows on one mark', '{type: bar, title: T, query: "SELECT 1 AS x, range AS n FROM range(3)", x: x, y: n}', ['4:3 DUPLICATE_ROWS']],
    [
      'figures past all bounds',
      "{type: bar, title: T, query: \"SELECT 'a' AS x, 'Infinity'::DOUBLE AS n UNION ALL SELECT 'b', 1\", x: x, y: n}",
      [],
    ],
  ])('%s', async (_, chart, findings) => {
    const rendered = await render({ yaml: `source: shop\ncharts:\n  ok: ${healthy}\n  bad: ${chart}\n` })
    expect(told(rendered)).toEqual(findings)
    expect(rendered.content).toContain('>Healthy<')
    expect(rendered.content).toContain('>42<')
    expect(rendered.content).not.toMatch(/NaN|undefined/)
  })

  test.each(['bar', 'line', 'pie', 'scatter', 'table', 'heatmap'])('ten thousand categories in a %s', async (type) => {
    const names = type === 'pie' ? 'theta: n, color: c' : type === 'table' ? '' : type === 'heatmap' ? 'x: c, y: c, color: n' : 'x: c, y: n'
    const query = `"SELECT concat('Category ', range) AS c, range + 1 AS n FROM range(10000)"`
    const rendered = await render({
      yaml: `source: shop\ncharts:\n  ok: ${healthy}\n  bad: {type: ${type}, title: T, query: ${query}, ${names}}\n`,
    })
    expect(rendered.content).toContain('>42<')
    expect(told(rendered).filter((one) => /TOO_MANY|TABLE_CUT/.test(one)).length).toBeGreaterThan(0)
    expect(rendered.content.length).toBeLessThan(10_000_000)
  })
})

test('a picture tells which characters its font lacks', async () => {
  const yaml = 'title: 東京 and Zürich\ntext: "🎉"\n'
  const codes = async (format: string) => told(await project.data('render_dashboard', { yaml, format })).join(' ')
  expect(await codes('png')).toContain('CHARACTERS_NOT_BUNDLED')
  expect(await codes('svg')).not.toContain('CHARACTERS_NOT_BUNDLED')
})

describe('files', () => {
  const billion = `a: &a [x, x, x, x, x, x, x, x, x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[at]}`).join(', ')}]`).join('\n')}\n`

  test.each([
    ['one that is empty', '# nothing\n', ['1:1 EMPTY_DOCUMENT']],
    ['tabs', 'title: T\ncharts:\n\tok: 1\n', ['3:1 YAML_ERROR']],
    ['anchors that grow without end', billion, ['YAML_ERROR']],
    ['a null character', 'title: "a"\ntext: \u0000', ['1:1 YAML_ERROR']],
  ])('%s', async (_, yaml, codes) => {
    const rendered = await render({ yaml })
    const found = told(rendered)
    expect(found.filter((one) => codes.some((code) => one.endsWith(code)))).toHaveLength(codes.length)
    expect(rendered.content).toMatch(/^<svg/)
  })

  test('one of five megabytes', async () => {
    await project.write('boards/large.yml', `text: ${'x'.repeat(5 * 1024 * 1024)}`)
    expect(told(await render({ path: 'boards/large.yml' }))).toContain('1:1 FILE_TOO_LARGE')
  })

  test('anchors and merge keys that are used with measure', async () => {
    const yaml = `source: shop\ncharts:\n  ok: &kpi ${healthy}\n  again: {<<: *kpi, label: Again}\n`
    const rendered = await render({ yaml })
    expect(told(rendered)).toEqual([])
    expect(rendered.content).toContain('>Again<')
  })

  test('boards that extend each other', async () => {
    const rendered = await render({ path: 'boards/a.yml', format: 'text' })
    expect(told(rendered)).toContain('1:1 EXTENDS_CYCLE')
    expect(rendered.content).toContain('text: a')
  })

  test('queries that use each other', async () => {
    const yaml = `source: shop\nqueries: {a: "SELECT * FROM {{ queries.b }}", b: "SELECT * FROM {{ queries.a }}"}\ncharts:\n  ok: ${healthy}\n  bad: {type: table, title: T, query: a}\n  worse: {type: table, title: T, query: b}`
    const rendered = await render({ yaml })
    expect(told(rendered).filter((one) => one.endsWith('QUERY_CYCLE')).length).toBeGreaterThan(0)
    expect(rendered.content).toContain('>42<')
  })
})
