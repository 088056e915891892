import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveTheme, themeNames } from '../../server/boards/charts/theme.ts'
import { drawChart } from '../../server/boards/draw/draw-chart.ts'
import { boundChart } from './fixtures/bound-chart.ts'

const words = fc.oneof(
  fc.constant(null),
  fc.constant(''),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('<script>alert(1)</script>', '"]}) || 1', '東京都', '🎉🎉', '&amp;', '\u0000\u0007', '__proto__', 'NaN'),
)
const numbers = fc.oneof(
  fc.constant(null),
  fc.integer().map(String),
  fc.constantFrom('NaN', '-Infinity', '0', '-0', '1e308', '123456789012345678901234567890.5'),
  fc.double().map((value) => String(value)),
)
const dates = fc.oneof(
  fc.constant(null),
  fc.constantFrom('infinity', '0001-01-01', '9999-12-31'),
  fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
)

const charts: readonly object[] = [
  { type: 'bar', x: 'word', y: 'first' },
  { type: 'bar', x: 'word', y: 'first', color: 'other', style: { labels: true } },
  { type: 'bar', x: 'day', y: ['first', 'second'], style: { stack: 'normalize' } },
  { type: 'bar', x: 'word', y: 'first', y_start: 'second', multiples: { columns: 'other' } },
  { type: 'line', x: 'day', y: 'first', color: 'word', sort: { by: 'second' } },
  { type: 'line', x: 'first', y: 'second', style: { number_format: 'currency' } },
  { type: 'area', x: 'day', y: ['first', 'second'], style: { stack: 'zero' } },
  { type: 'area', x: 'word', y: 'first', color: 'other', layers: [{ type: 'line', y: 'second', axis_y: { position: 'right' } }] },
  { type: 'scatter', x: 'first', y: 'second', color: 'word', size: 'first', shape: 'other' },
  { type: 'heatmap', x: 'day', y: 'word', color: 'first' },
  { type: 'histogram', x: 'first' },
  { type: 'pie', theta: 'first', color: 'word', style: { labels: true } },
  { type: 'donut', theta: 'first', color: 'word' },
  { type: 'spark_bar', x: 'first', y: 'word' },
  { type: 'kpi', value: 'first', label: 'x', support: { value: 'word', label: 'y' } },
  { type: 'table', style: { columns: { first: { scale: { background: {} } }, second: { spark: { type: 'bar' } } } } },
  { type: 'table', rows: ['word'], columns: ['other'], values: ['first', 'second'] },
]

test.each(charts.map((chart, index) => [index, chart] as const))(
  'chart %i draws whatever rows it gets, or says why not',
  async (index, chart) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(words, words, dates, numbers, numbers), { maxLength: 12 }),
        fc.integer({ min: 60, max: 900 }),
        async (rows, width) => {
          const bound = boundChart('subject', chart, 'word:text, other:text, day:date, first:decimal, second:decimal', rows)
          const theme = resolveTheme(themeNames[index % themeNames.length], index % 2 === 0 ? 'dark' : 'light')
          const { svg, findings } = await drawChart(bound, { theme, width })
          expect(svg).not.toMatch(/NaN[",)]|="undefined|<script/)
          // What XML cannot hold would keep a browser from showing the whole picture.
          expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/)
          expect(svg.isWellFormed()).toBe(true)
          expect(svg.includes('cannot be drawn')).toBe(findings.some(({ level }) => level === 'error'))
        },
      ),
      { numRuns: 40, seed: 20261121 },
    )
  },
)

const names = ['constructor', '__proto__', 'toString', 'two\nlines', 'a.b[0]', `"quoted' \\`, '\u0000', ' ']
const named: readonly ((name: string) => object)[] = [
  (name) => ({ type: 'bar', x: name, y: 'n', color: name }),
  (name) => ({ type: 'bar', x: 'n', y: 'm', y_label: name, x_label: name, layers: [{ type: 'line', y: 'n', label: name }] }),
  (name) => ({ type: 'line', x: 'n', y: 'm', color: name, style: { legend: { title: name }, axis_y: { title: name } } }),
  (name) => ({ type: 'scatter', x: 'n', y: 'm', color: name, shape: name }),
  (name) => ({ type: 'pie', theta: 'n', color: name }),
  (name) => ({ type: 'heatmap', x: name, y: name, color: 'n' }),
  (name) => ({ type: 'spark_bar', x: 'n', y: name }),
  (name) => ({ type: 'map', geo_source: 'us-states', lookup: name, value: 'n' }),
  (name) => ({ type: 'point_map', latitude: 'n', longitude: 'm', color: name }),
  (name) => ({ type: 'table', rows: [name], columns: [name], values: ['n'] }),
]
test.each(names)('a column of the name %j is drawn in every type of chart', async (name) => {
  for (const chart of named) {
    const { rows, ...bound } = boundChart('subject', chart(name), 'word:text, n:integer, m:integer', [
      ['CA', 3, 4],
      ['constructor', 5, 9],
    ])
    const columns = rows?.columns.map((column, index) => (index === 0 ? { ...column, name } : column)) ?? []
    const drawn = { ...bound, rows: { columns, rows: rows?.rows ?? [] } }
    const { findings } = await drawChart(drawn, { theme: resolveTheme('clarity'), width: 420 })
    expect(findings.filter(({ level }) => level === 'error')).toEqual([])
  }
})

test.each(['constructor', 'toString', 'two\nlines'])('a measure of the name %j is drawn', async (name) => {
  for (const type of ['bar', 'line', 'area', 'scatter', 'histogram', 'kpi']) {
    const chart = type === 'kpi' ? { type, value: name } : type === 'histogram' ? { type, x: name } : { type, x: 'word', y: name }
    const { rows, ...bound } = boundChart(
      'subject',
      chart,
      'word:text, n:integer',
      type === 'kpi'
        ? [['a', 3]]
        : [
            ['a', 3],
            ['b', 4],
          ],
    )
    const columns = rows?.columns.map((column, index) => (index === 1 ? { ...column, name } : column)) ?? []
    const { findings } = await drawChart(
      { ...bound, rows: { columns, rows: rows?.rows ?? [] } },
      { theme: resolveTheme('clarity'), width: 420 },
    )
    expect(findings.filter(({ level }) => level === 'error')).toEqual([])
  }
})
