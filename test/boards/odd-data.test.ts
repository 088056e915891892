/** Data that few boards have, and all boards must draw so that it can be read: looked at once, and held to here. */
import { expect, test } from 'vitest'
import { resolveTheme } from '../../server/boards/charts/theme.ts'
import { drawChart } from '../../server/boards/draw/draw-chart.ts'
import { renderPng } from '../../server/boards/draw/render-png.ts'
import { boundChart } from './fixtures/bound-chart.ts'

const theme = resolveTheme('clarity')
const draw = async (chart: object, columns: string, rows: readonly (readonly unknown[])[], width = 480) => {
  const { svg, findings } = await drawChart(boundChart('subject', chart, columns, rows), { theme, width })
  const texts = [...svg.matchAll(/<text[^>]*>([^<]+)</g)].map(([, text]) => text as string)
  return { svg, texts, codes: findings.map(({ code }) => code) }
}
const times = <Value>(count: number, make: (index: number) => Value): Value[] => Array.from({ length: count }, (_, index) => make(index))

test.each([
  ['a million and a half', 1e6, 0.5],
  ['half a billion', 5e8, 1],
  ['a quadrillion', 1e15, 1e10],
  ['a thousandth', 0.001, 1e-8],
  ['zero', 0, 0.0000004],
])('no two ticks of an axis read the same: %s', async (_, from, step) => {
  const rows = times(6, (index) => [index, from + step * index])
  const { svg } = await draw({ type: 'line', x: 'x', y: 'y' }, 'x:integer, y:float', rows)
  const labels = [...svg.matchAll(/<g[^>]*role-axis-label"[^>]*>(.*?)<\/g>/g)].map(([, inner]) =>
    [...(inner ?? '').matchAll(/>([^<]+)</g)].map(([, text]) => text),
  )
  expect(labels.length).toBeGreaterThan(0)
  for (const axis of labels) {
    expect(axis.length).toBeGreaterThan(1)
    expect(new Set(axis).size).toBe(axis.length)
  }
})

test('within a second the axis of time has ticks', async () => {
  const rows = times(50, (index) => [`2026-03-01T12:00:00.${String(index * 20).padStart(3, '0')}`, index % 7])
  const { texts } = await draw({ type: 'line', x: 't', y: 'y' }, 't:timestamp, y:float', rows)
  expect(texts).toEqual(expect.arrayContaining(['.200', '.400', '.600', '.800']))
})

test('bars of nothing but zero stand at the foot of the plot', async () => {
  const { texts } = await draw({ type: 'bar', x: 'x', y: 'y' }, 'x:text, y:integer', [
    ['a', 0],
    ['b', 0],
  ])
  expect(texts).toEqual(expect.arrayContaining(['0', '1']))
})

test('a legend that is cut says how many it leaves out, and a long name is cut before its share', async () => {
  const many = await draw(
    { type: 'pie', theta: 'y', color: 'x' },
    'x:text, y:integer',
    times(30, (index) => [`slice ${index}`, 30 - index]),
  )
  expect(many.texts).toContain('…19 entries')
  const long = await draw({ type: 'pie', theta: 'y', color: 'x' }, 'x:text, y:integer', [
    ['long '.repeat(40), 3],
    ['short', 1],
  ])
  expect(long.texts).toContainEqual(expect.stringMatching(/^long .*…\s+75%$/))
  expect(long.codes).toContain('TEXT_TRUNCATED')
})

const name = (letter: string) => letter.repeat(300)
test.each([
  ['beside bars', { type: 'bar', x: 'x', y: 'y' }],
  ['below bars', { type: 'bar', x: 'x', y: 'y', style: { orientation: 'vertical' } }],
  ['below a line', { type: 'line', x: 'x', y: 'y' }],
  ['below a heatmap', { type: 'heatmap', x: 'x', y: 'y', color: 'y' }],
  ['beside a heatmap', { type: 'heatmap', x: 'y', y: 'x', color: 'y' }],
  ['in a legend', { type: 'line', x: 'y', y: 'y', color: 'x' }],
])('a name that has no room is told: %s', async (_, chart) => {
  const { codes } = await draw(chart, 'x:text, y:integer', [
    [name('a'), 1],
    [name('b'), 2],
  ])
  expect(codes).toContain('TEXT_TRUNCATED')
})

test('a table says in its card which columns it leaves out', async () => {
  const columns = times(12, (index) => `c${index}:decimal`).join(', ')
  const { svg, codes } = await draw({ type: 'table' }, columns, [times(12, () => '12345678901234567890.12')])
  expect(codes).toContain('CHART_TOO_SMALL')
  const height = Number(/height="([\d.]+)"/.exec(svg)?.[1])
  const y = Number(/<text x="[\d.]+" y="([\d.]+)"[^>]*>\d+ of 12 columns/.exec(svg)?.[1])
  expect(y).toBeLessThan(height - 10)
})

test('numbers below a chart stand level, every second or third of them where all have no room', async () => {
  const rows = times(24, (hour) => [hour, 'a', hour])
  const { svg, texts } = await draw({ type: 'heatmap', x: 'hour', y: 'k', color: 'n' }, 'hour:integer, k:text, n:integer', rows, 420)
  expect(texts).toContain('22')
  expect(texts).not.toContain('23')
  expect(svg).not.toContain('rotate(-40)')
})

test('a KPI in a card that is too low for its padding stands in the middle of it', async () => {
  const bound = boundChart('subject', { type: 'kpi', label: 'Orders', value: 'n' }, 'n:integer', [[600]])
  const { svg } = await drawChart(bound, { theme, width: 300, height: 84 })
  const y = (text: string) => Number(new RegExp(`y="([\\d.]+)"[^>]*>${text}<`).exec(svg)?.[1])
  // The label has about as much room above it as the figure has below.
  expect(Math.abs(y('Orders') - 11 - (84 - y('600')))).toBeLessThan(8)
})

test('what follows code in a text does not stand on its ground', async () => {
  const { svg } = await draw({ type: 'callout', text: 'Run `dft` now.' }, 'n:integer', [])
  const ground = /<rect x="([\d.]+)"[^>]*width="([\d.]+)"[^>]*rx="3"/.exec(svg)
  const after = Number(/<text x="([\d.]+)"[^>]*>now\.</.exec(svg)?.[1])
  expect(after).toBeGreaterThan(Number(ground?.[1]) + Number(ground?.[2]))
})

test('a figure without a row keeps its label, and what is unknown has neither sign nor tone', async () => {
  const kpi = {
    type: 'kpi',
    label: 'Open orders',
    value: 'n',
    support: { value: 'change', label: 'vs last week', glyph: '▲', tone: 'positive' },
  }
  const columns = 'n:integer, change:float'
  const known = await draw(kpi, columns, [[3, 0.5]])
  expect(known.texts).toEqual(['Open orders', '3', '▲ 0.5', 'vs last week'])
  for (const rows of [[], [[null, null]]]) {
    const { texts, svg, codes } = await draw(kpi, columns, rows)
    expect(texts).toEqual(['Open orders', '—', '—', 'vs last week'])
    expect(svg).not.toContain(theme.tones.positive.text)
    expect(codes).toEqual(rows.length === 0 ? ['ZERO_ROWS'] : [])
  }
  expect(known.svg).toContain(theme.tones.positive.text)
})

test.each([
  ['bar', 'normalize'],
  ['area', 'normalize'],
  ['bar', 'center'],
  ['area', 'center'],
])('amounts of both signs are no shares: %s, %s', async (type, stack) => {
  const chart = { type, x: 'm', y: 'v', color: 'c', style: { stack } }
  const columns = 'm:date, v:integer, c:text'
  const rows = (last: number) => [
    ['2026-01-01', 4, 'in'],
    ['2026-01-01', 3, 'out'],
    ['2026-02-01', 4, 'in'],
    ['2026-02-01', last, 'out'],
  ]
  expect((await draw(chart, columns, rows(3))).codes).toEqual([])
  expect((await draw(chart, columns, rows(0))).codes).toEqual([])
  expect((await draw(chart, columns, rows(-3))).codes).toEqual(['STACK_NEGATIVE'])
})

test('a stack from zero goes both ways: bars always, areas where no series changes its sign', async () => {
  const chart = (type: string) => ({ type, x: 'm', y: 'v', color: 'c', style: { stack: 'zero' } })
  const columns = 'm:date, v:integer, c:text'
  const rows = (first: number, last: number) => [
    ['2026-01-01', 4, 'in'],
    ['2026-01-01', first, 'out'],
    ['2026-02-01', 4, 'in'],
    ['2026-02-01', last, 'out'],
  ]
  expect((await draw(chart('bar'), columns, rows(3, -3))).codes).toEqual([])
  expect((await draw(chart('area'), columns, rows(-3, -3))).codes).toEqual([])
  expect((await draw(chart('area'), columns, rows(3, -3))).codes).toEqual(['STACK_NEGATIVE'])
})

test.each(['bar', 'line', 'area', 'scatter'])(
  'marks of a %s beyond the domain of its axis end where it ends, which is told',
  async (type) => {
    const rows = [
      ['2026-01-01', 10],
      ['2026-02-01', 2000],
      ['2026-03-01', -500],
    ]
    const chart = (domain: number[]) => ({ type, x: 'm', y: 'v', style: { axis_y: { scale: { continuous: { domain } } } } })
    const within = await draw(chart([-500, 2000]), 'm:date, v:integer', rows)
    expect(within.codes).toEqual([])
    expect(within.svg).not.toContain('clip-path')
    const cut = await draw(chart([0, 15]), 'm:date, v:integer', rows)
    expect(cut.codes).toEqual(['DOMAIN_CUTS'])
    expect(cut.svg).toContain('clip-path')
    // The plot keeps its room, and the axis its numbers.
    expect(cut.texts).toEqual(expect.arrayContaining(['5', '10', '15']))
  },
)

test.each([
  ['points', { type: 'scatter', x: 'a', y: 'b', style: { axis_x: { scale: { continuous: { domain: [0, 10] } } } } }],
  ['points that rise', { type: 'scatter', x: 'a', y: 'b', style: { axis_y: { scale: { continuous: { domain: [0, 1] } } } } }],
  [
    'lines',
    { type: 'line', x: 'a', y: 'b', style: { axis_y: { scale: { continuous: { domain: [0, 1] } } }, marks: { line: { opacity: 0.5 } } } },
  ],
  [
    'bars',
    {
      type: 'bar',
      x: 'a',
      y: 'b',
      style: { axis_y: { scale: { continuous: { domain: [0, 1] } } }, marks: { bar: { opacity: 0.5, labels: { visible: true } } } },
    },
  ],
  ['areas', { type: 'area', x: 'a', y: 'b', style: { axis_y: { scale: { continuous: { domain: [-9, -8] } } } } }],
  [
    'a layer',
    {
      type: 'bar',
      x: 'a',
      y: 'b',
      style: { axis_y: { scale: { continuous: { domain: [0, 1] } } } },
      layers: [{ type: 'scatter', y: 'c' }],
    },
  ],
])('%s far beyond an axis are painted as PNG, of which the engine would die', async (_, chart) => {
  const { svg } = await draw(chart, 'a:integer, b:integer, c:integer', [
    [1, 1, 5],
    [5_000, 3_000, 90_000],
    [100_000, 70_000, 1_000_000],
  ])
  expect((await renderPng(svg)).byteLength).toBeGreaterThan(1_000)
})

test.each([
  ['a line', { type: 'line', x: 'a', y: 'b', style: { marks: { line: { width: 10_000, opacity: 0.5 } } } }],
  ['bars', { type: 'bar', x: 'a', y: 'b', style: { marks: { bar: { size: 10_000, opacity: 0.5 } } } }],
  ['points', { type: 'scatter', x: 'a', y: 'b', style: { marks: { point: { size: 10_000, opacity: 0.5, stroke_width: 10_000 } } } }],
  ['an axis', { type: 'line', x: 'a', y: 'b', style: { axis_y: { title: { text: 'x', padding: 1000 }, ticks: { length: 1000 } } } }],
  ['labels', { type: 'line', x: 'a', y: 'b', style: { axis_y: { grid: { width: 10_000, opacity: 0.3 }, labels: { padding: 1000 } } } }],
  [
    'slices',
    { type: 'pie', theta: 'b', color: 'a', style: { marks: { slice: { opacity: 0.5, labels: { visible: true, offset: 1000 } } } } },
  ],
])('%s as large as a style may ask for are painted as PNG, or told to have no room', async (_, chart) => {
  const { svg } = await draw(
    chart,
    'a:integer, b:integer',
    [
      [1, 2],
      [5, 3],
      [9, 4],
    ],
    300,
  )
  expect((await renderPng(svg)).byteLength).toBeGreaterThan(1_000)
})

test('lengths on an axis without zero, or of points below nothing, are told', async () => {
  const rows = [
    ['a', 10],
    ['b', 12],
  ]
  const chart = (type: string, continuous: object) => ({ type, x: 'c', y: 'v', style: { axis_y: { scale: { continuous } } } })
  for (const [type, without, log] of [
    ['bar', ['DOMAIN_CUTS'], ['LOG_SCALE_LENGTHS']],
    ['area', ['DOMAIN_CUTS'], ['LOG_SCALE_LENGTHS']],
    ['line', [], []],
    ['scatter', [], []],
  ] as const) {
    expect((await draw(chart(type, { domain: [5, 15] }), 'c:text, v:integer', rows)).codes, type).toEqual(without)
    expect((await draw(chart(type, { type: 'log' }), 'c:text, v:integer', rows)).codes, type).toEqual(log)
  }
  for (const sized of [
    { type: 'scatter', x: 'v', y: 'v', size: 'w' },
    { type: 'bubble_map', latitude: 'v', longitude: 'v', size: 'w' },
  ])
    for (const [least, codes] of [
      [0, []],
      [-1, ['SIZE_NEGATIVE']],
    ] as const)
      expect(
        (
          await draw(sized, 'v:integer, w:integer', [
            [10, least],
            [20, 3],
          ])
        ).codes,
      ).toEqual(codes)
})

test.each([
  ['dates', 'name:text, a:date, b:date', '2026-01-05', '2026-02-01'],
  ['numbers', 'name:text, a:integer, b:integer', 10, 40],
])('a bar from one value to another is left out, and told, where one is not known: %s', async (_, columns, begin, end) => {
  const chart = { type: 'bar', x: 'name', y: 'b', y_start: 'a' }
  const rows = [
    ['Alpha', begin, end],
    ['Beta', begin, null],
    ['Gamma', null, end],
    ['Delta', null, null],
  ]
  const bars = (svg: string): number => (/mark-rect role-mark[^>]*>(.*?)<\/g>/.exec(svg)?.[1] ?? '').split('<path').length - 1
  const whole = await draw(chart, columns, rows.slice(0, 1))
  const { svg, codes } = await draw(chart, columns, rows)
  expect(codes.filter((code) => code !== 'MOSTLY_NULL')).toEqual(['OPEN_BAR'])
  expect(bars(svg)).toBe(bars(whole.svg))
  expect(bars(whole.svg)).toBe(1)
})

test('the format of all columns is that of the columns of its kind', async () => {
  const chart = { type: 'table', style: { column_defaults: { format: 'currency_whole' } } }
  const columns = 'team:text, month:date, order_id:integer, cost:integer'
  const { texts, codes } = await draw(chart, columns, [['Ops', '2026-01-01', 1234, 1234]])
  expect(codes).toEqual([])
  expect(texts).toEqual(expect.arrayContaining(['Ops', '1 Jan 2026', '1234', '$1,234']))
  const pivot = { ...chart, rows: ['team'], columns: ['month'], values: ['cost'] }
  expect((await draw(pivot, columns, [['Ops', '2026-01-01', 1234, 1234]])).texts).toContain('$1,234')
})
