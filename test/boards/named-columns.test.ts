/** Every key of a chart that names a column is checked against those of its query, whatever else is wrong with the chart. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as z from 'zod'
import { chartSchema } from '../../contracts/v1/board/charts.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({})
})
afterAll(() => project?.close())

interface Finding {
  readonly code: string
  readonly message: string
  readonly line: number
  readonly column: number
}

const rows = '{columns: [a, b, c, n], values: [[x, y, z, 1]]}'
const noRows = '{columns: [a, b, c, n], values: []}'

/** What is found of a chart, and the text of its board up to the word `gone`, which stands for a column that is not there. */
const findings = async (chart: string, query = rows): Promise<Finding[]> => {
  const yaml = `notes: x\nvariables: {region: {default: North}}\nqueries: {q: ${query}, other: 'SELECT {{ region }}'}\ncharts:\n  t: ${chart}\n`
  const { diagnostics } = await project.data<{ diagnostics: Finding[] }>('render_dashboard', { yaml, format: 'text' })
  return diagnostics.filter(({ line }) => line === 5)
}

const unknownOf = (found: readonly Finding[]) => found.filter(({ code }) => code === 'UNKNOWN_COLUMN')

/** Charts in which one key names a column that is not there. */
const charts: readonly string[] = [
  '{type: kpi, query: q, label: L, value: gone}',
  '{type: kpi, query: q, label: L, value: n, support: {value: gone}}',
  '{type: kpi, query: q, label: L, value: n, background: {column: gone}}',
  '{type: kpi, query: q, label: L, value: n, conditional_formatting: {gone: {when: [{gt: 1, background: positive}]}}}',
  '{type: kpi, query: q, label: L, value: n, link: "/b?v={{ gone }}"}',
  '{type: table, query: q, title: T, columns: [gone], rows: [b], values: [n]}',
  '{type: table, query: q, title: T, columns: [a], rows: [gone], values: [n]}',
  '{type: table, query: q, title: T, columns: [a], rows: [b], values: [gone]}',
  '{type: table, query: q, title: T, style: {columns: {gone: {label: G}}}}',
  '{type: table, query: q, title: T, conditional_formatting: {gone: {when: [{gt: 1, background: positive}]}}}',
  '{type: table, query: q, title: T, link: "/b?v={{ gone }}"}',
  '{type: table, query: q, title: T, link: "?v={{ a }}&w={{ gone | upper }}"}',
  ...['bar', 'line', 'area', 'scatter'].flatMap((type) => [
    `{type: ${type}, query: q, title: T, x: gone, y: n}`,
    `{type: ${type}, query: q, title: T, x: a, y: gone}`,
    `{type: ${type}, query: q, title: T, x: a, y: [n, gone]}`,
    `{type: ${type}, query: q, title: T, x: a, y: n, color: gone}`,
    `{type: ${type}, query: q, title: T, x: a, y: n, multiples: {rows: gone}}`,
    `{type: ${type}, query: q, title: T, x: a, y: n, multiples: {columns: gone}}`,
    `{type: ${type}, query: q, title: T, x: a, y: n, link: "{{ gone }}"}`,
    `{type: ${type}, query: q, title: T, x: a, y: n, support_table: [n, gone]}`,
    `{type: ${type}, query: q, title: T, x: a, y: n, support_table: {entries: [{source: gone}]}}`,
    `{type: ${type}, query: q, title: T, x: a, y: n, layers: [{type: line, y: gone}]}`,
    `{type: ${type}, query: q, title: T, x: a, y: n, layers: [{type: line, x: gone, y: n}]}`,
  ]),
  '{type: bar, query: q, title: T, x: a, y: n, y_start: gone}',
  '{type: scatter, query: q, title: T, x: a, y: n, size: gone}',
  '{type: scatter, query: q, title: T, x: a, y: n, shape: gone}',
  '{type: heatmap, query: q, title: T, x: gone, y: b, color: n}',
  '{type: heatmap, query: q, title: T, x: a, y: gone, color: n}',
  '{type: heatmap, query: q, title: T, x: a, y: b, color: gone}',
  '{type: histogram, query: q, title: T, x: gone}',
  '{type: spark_bar, query: q, title: T, x: gone, y: a}',
  '{type: spark_bar, query: q, title: T, x: n, y: gone}',
  ...['pie', 'donut'].flatMap((type) => [
    `{type: ${type}, query: q, title: T, theta: gone, color: a}`,
    `{type: ${type}, query: q, title: T, theta: n, color: gone}`,
  ]),
  ...['map', 'geoshape'].flatMap((type) => [
    `{type: ${type}, query: q, title: T, lookup: gone, value: n}`,
    `{type: ${type}, query: q, title: T, lookup: a, value: gone}`,
  ]),
  ...['point_map', 'bubble_map'].flatMap((type) => [
    `{type: ${type}, query: q, title: T, latitude: gone, longitude: n}`,
    `{type: ${type}, query: q, title: T, latitude: n, longitude: gone}`,
    `{type: ${type}, query: q, title: T, latitude: n, longitude: n, size: gone}`,
    `{type: ${type}, query: q, title: T, latitude: n, longitude: n, color: gone}`,
  ]),
]

test.each(charts)('is told where it is named: %s', async (chart) => {
  const found = unknownOf(await findings(chart))
  expect(found, JSON.stringify(found)).toHaveLength(1)
  // The place is that of the key, of the entry of a list, or of the word within a text.
  const before = `  t: ${chart}`.slice(0, (found[0] as Finding).column - 1)
  const rest = `  t: ${chart}`.slice(before.length)
  expect(rest, rest).toMatch(/^(\w+: )?(\[n, )?\{?(source: )?gone/)
  expect(unknownOf(await findings(chart.replaceAll('gone', 'n')))).toEqual([])
})

describe('is told also of a chart', () => {
  test.each<[string, (chart: string) => Promise<Finding[]>]>([
    ['whose query gives no row', (chart) => findings(chart, noRows)],
    ['whose title cannot be rendered', (chart) => findings(chart.replace(/(title|label): \w/, '$1: "{{ nope }}"'))],
    ['with a key that is not known', (chart) => findings(chart.replace('query: q', 'query: q, foo: 1'))],
    ['with a value that is refused', (chart) => findings(chart.replace('query: q', 'query: q, subtitle: [1]'))],
  ])('%s', async (_what, findingsOf) => {
    for (const chart of charts) expect(unknownOf(await findingsOf(chart)), chart).toHaveLength(1)
  })
})

test('what a KPI takes for its value is told together with its rows', async () => {
  const found = await findings('{type: kpi, query: q, label: L, value: gone}', '{columns: [n], values: [[1], [2]]}')
  expect(found.map(({ code }) => code).sort()).toEqual(['KPI_MULTIROW', 'UNKNOWN_COLUMN'])
})

test('an error of a chart does not hide what is wrong with its values', async () => {
  const found = await findings('{type: bar, query: q, title: "{{ nope }}", x: a, y: b, sort: {by: gone}}')
  expect(found.map(({ code }) => code).sort()).toEqual(['MEASURE_NOT_NUMERIC', 'SORT_COLUMN_MISSING', 'UNKNOWN_VARIABLE'])
})

test.each([
  '{type: bar, query: q, title: T, x: a, y: n, color: b, link: "?region={{ x }}&c={{ color }}"}',
  '{type: bar, query: q, title: T, x: a, y: n, link: "?region={{ region }}&c={{ b }}&d={{ maybe | default(1) }}"}',
  '{type: heatmap, query: q, title: T, x: a, y: b, color: n, link: "?region={{ color }}"}',
  '{type: table, query: q, title: T, link: "{% for i in [1] %}{{ i }}{% endfor %}{{ a }}"}',
  '{type: bar, query: q, title: T, x: a, y: n, layers: [{type: line, y: n, color: accent}]}',
])('what a link and a layer may name beside columns is no column that is missing: %s', async (chart) => {
  expect(unknownOf(await findings(chart))).toEqual([])
})

test('no type of chart is forgotten', () => {
  const types = chartSchema.options.map((option) => (option.shape as { type: z.ZodLiteral<string> }).type.value)
  expect(types.filter((type) => !charts.some((chart) => chart.startsWith(`{type: ${type},`)))).toEqual(['callout'])
})

describe('a rule of conditional formatting', () => {
  const told = async (when: string): Promise<string[]> => {
    const found = await findings(`{type: table, query: q, title: T, conditional_formatting: {n: {when: ${when}}}}`)
    return found.map(({ code }) => code)
  }

  test.each([
    ['without a test', '[{background: positive}]'],
    ['with two tests', '[{gt: 5, lt: 3, background: positive}]'],
    ['with a range that ends before it begins', '[{between: [5, 3], background: positive}]'],
    ['with a list of nothing', '[{in: [], background: positive}]'],
  ])('%s is refused', async (_what, when) => {
    expect(await told(when)).toEqual(['WRONG_VALUE'])
  })

  test.each([
    ['after default', '[{default: true, background: positive}, {gt: 1, background: negative}]'],
    ['with a tone and no glyph', '[{gt: 1, tone: positive}]'],
    ['with the colour of a glyph and no glyph', '[{gt: 1, glyph_color: positive}]'],
  ])('%s is said to change nothing', async (_what, when) => {
    expect(await told(when)).toEqual(['STYLE_NOT_APPLIED'])
  })

  test.each([
    '[{gt: 5, background: positive}, {is_null: true, glyph: "-"}, {default: true, background: negative}]',
    '[{between: [3, 5], glyph: "▲", tone: positive}, {in: [1], font: {weight: 700}}, {eq: 2}]',
  ])('is fine as %s', async (when) => {
    expect(await told(when)).toEqual([])
  })

  test('of a KPI stands under its value', async () => {
    const found = await findings(
      '{type: kpi, query: q, label: L, value: n, conditional_formatting: {a: {when: [{eq: x, background: positive}]}}}',
    )
    expect(found.map(({ code }) => code)).toEqual(['STYLE_NOT_APPLIED'])
  })
})
