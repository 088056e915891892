import { expect, test } from 'vitest'
import { chartSpec } from '../../server/boards/charts/chart-spec.ts'
import { assignColorSlots } from '../../server/boards/charts/color-slots.ts'
import { binColumn } from '../../server/boards/charts/histogram-spec.ts'
import { resolveTheme } from '../../server/boards/charts/theme.ts'
import { timeGrain } from '../../server/boards/charts/time-grain.ts'
import { timeTicks } from '../../server/boards/charts/time-ticks.ts'
import { describeChart } from '../../server/boards/render/describe-chart.ts'
import { boundChart } from './fixtures/bound-chart.ts'

const theme = resolveTheme('clarity')
const room = { width: 600, height: 300 }
type Tree = { readonly [key: string]: Tree } & readonly Tree[]
const spec = (chart: object, columns: string, rows: readonly (readonly unknown[])[]): Tree => {
  const built = chartSpec(boundChart('subject', chart, columns, rows), { theme, ...room })
  expect(built.findings.filter(({ level }) => level === 'error')).toEqual([])
  return built.spec as unknown as Tree
}
const rows = [
  ['b', 1],
  ['c', 3],
  ['a', 2],
]
const domain = (chart: object, columns = 'x:text, y:integer', data: readonly (readonly unknown[])[] = rows): unknown => {
  const { encoding } = spec({ type: 'bar', x: 'x', y: 'y', ...chart }, columns, data)
  const channel = (encoding?.y?.field as unknown) === 'x' ? encoding?.y : encoding?.x
  return channel?.scale?.domain
}

test('a categorical bar lies, the largest first; time and numbers stand in their order', () => {
  const lying = spec({ type: 'bar', x: 'x', y: 'y' }, 'x:text, y:integer', rows)
  expect([lying.encoding?.y?.field, lying.encoding?.x?.field]).toEqual(['x', 'y'])
  expect(domain({})).toEqual(['c', 'a', 'b'])
  const standing = spec({ type: 'bar', x: 'x', y: 'y' }, 'x:date, y:integer', [['2026-01-01', 1]])
  expect([standing.encoding?.x?.field, standing.encoding?.y?.field]).toEqual(['x', 'y'])
  expect(
    domain({}, 'x:integer, y:integer', [
      [3, 1],
      [1, 5],
    ]),
  ).toEqual([3, 1])
})

test('row order holds where nothing else is said, and sort goes before it', () => {
  expect(domain({ style: { orientation: 'vertical' } })).toEqual(['b', 'c', 'a'])
  expect(domain({ sort: false })).toEqual(['b', 'c', 'a'])
  expect(domain({ sort: { by: 'x' } })).toEqual(['a', 'b', 'c'])
  expect(domain({ sort: { by: 'y', order: 'asc' } })).toEqual(['b', 'a', 'c'])
  expect(
    domain({ sort: { by: 'rank', order: 'desc' } }, 'x:text, y:integer, rank:bigint', [
      ['b', 1, '2'],
      ['c', 3, '10'],
      ['a', 2, null],
    ]),
  ).toEqual(['c', 'b', 'a'])
})

test('a period without rows keeps its place on a bar chart', () => {
  const times = domain({}, 'x:text, y:integer', [
    ['2026-04', 1],
    ['2026-01', 2],
  ]) as number[]
  expect(times.map((time) => new Date(time).toISOString().slice(0, 7))).toEqual(['2026-01', '2026-02', '2026-03', '2026-04'])
})

test('bars of several colours or measures stand side by side, and stack overrules it', () => {
  const columns = 'x:text, y:integer, z:integer, kind:text'
  const data = [
    ['a', 1, 2, 'p'],
    ['a', 3, 4, 'q'],
  ]
  const stack = (chart: object): unknown => spec({ type: 'bar', x: 'x', y: 'y', ...chart }, columns, data).encoding?.x?.stack
  expect(stack({ color: 'kind' })).toBeNull()
  expect(stack({ color: 'kind', style: { stack: 'zero' } })).toBe('zero')
  expect(stack({ color: 'kind', style: { stack: 'none' } })).toBeNull()
  expect(stack({ y: ['y', 'z'] })).toBeNull()
  expect(stack({ y: ['y', 'z'], style: { stack: 'normalize' } })).toBe('normalize')
})

test('stack_order turns the series of a stack, the colours with them', () => {
  const data = [
    ['a', 1, 'q'],
    ['a', 5, 'p'],
    ['a', 3, 'r'],
  ]
  const series = (stack_order: string): unknown =>
    spec({ type: 'bar', x: 'x', y: 'y', color: 'kind', style: { stack_order } }, 'x:text, y:integer, kind:text', data).encoding?.color
      ?.scale?.domain
  expect(series('data')).toEqual(['q', 'p', 'r'])
  expect(series('alphabetical')).toEqual(['p', 'q', 'r'])
  expect(series('value')).toEqual(['p', 'r', 'q'])
})

test('styles reach the axes: dimension and measure keep their names when the bars lie', () => {
  const style = { axis_x: { labels: { angle: -30 } }, axis_y: { grid: false, scale: { continuous: { domain: [0, 10] } } } }
  const lying = spec({ type: 'bar', x: 'x', y: 'y', x_label: 'Team', y_label: 'Points', style }, 'x:text, y:integer', rows).encoding
  expect(lying?.y?.axis).toMatchObject({ labelAngle: -30, title: 'Team' })
  expect(lying?.x).toMatchObject({ axis: { grid: false, title: 'Points' }, scale: { domainMin: 0, domainMax: 10 } })
  expect(
    spec({ type: 'bar', x: 'x', y: 'y', style: { axis: { visible: false } } }, 'x:text, y:integer', rows).encoding?.x?.axis,
  ).toMatchObject({ labels: false })
})

test('time_format writes the axis and the tooltip of dates', () => {
  const { encoding, data } = spec({ type: 'line', x: 'x', y: 'y', style: { time_format: '%m/%y' } }, 'x:date, y:integer', [
    ['2026-01-01', 1],
    ['2026-02-01', 2],
  ])
  expect(encoding?.x?.axis?.labelExpr).toContain('["01/26","02/26"]')
  expect(data?.values).toMatchObject([{ at: '01/26' }, { at: '02/26' }])
})

test('a line leaves zero out when it is far, a bar and an area never do', () => {
  const zero = (type: string, values: readonly number[]): unknown =>
    spec(
      { type, x: 'x', y: 'y' },
      'x:date, y:integer',
      values.map((value, index) => [`2026-0${index + 1}-01`, value]),
    ).encoding?.y?.scale?.zero
  expect(zero('line', [90, 100])).toBe(false)
  expect(zero('line', [10, 100])).toBe(true)
  expect(zero('area', [90, 100])).toBe(true)
  expect(zero('bar', [90, 100])).toBe(true)
})

test('panels stand in row order', () => {
  const data = [
    ['a', 1, 'South'],
    ['a', 1, 'North'],
    ['a', 1, 'East'],
  ]
  const panels = spec({ type: 'bar', x: 'x', y: 'y', multiples: { columns: 'part' } }, 'x:text, y:integer, part:text', data)
  expect(panels.facet?.sort).toEqual(['South', 'North', 'East'])
})

test('data keep the index of their row, and odd column names do no harm', () => {
  const { data } = spec({ type: 'bar', x: 'a.b[0]', y: "it's", sort: { by: "it's" } }, "a.b[0]:text, it's:integer", [
    ['p', 2],
    ['q', 1],
  ])
  expect(data?.values).toMatchObject([
    { x: 'q', y: 1, row: 1 },
    { x: 'p', y: 2, row: 0 },
  ])
})

test('a value has one colour in all charts that colour by its column', () => {
  const first = boundChart('one', { type: 'bar', x: 'x', y: 'y', color: 'kind' }, 'x:text, y:integer, kind:text', [
    ['a', 1, 'p'],
    ['a', 1, 'q'],
  ])
  const second = boundChart('two', { type: 'pie', theta: 'y', color: 'kind' }, 'y:integer, kind:text', [
    [1, 'r'],
    [1, 'q'],
  ])
  const slots = assignColorSlots([first, second], theme, { kind: { values: { r: 'negative' } } })
  expect(Object.fromEntries(slots.get('kind') ?? [])).toEqual({ r: theme.tones.negative.solid, p: theme.category[0], q: theme.category[1] })
  expect(assignColorSlots([first], theme).size).toBe(0)
  const drawn = chartSpec(second, { theme, ...room, colors: slots }).spec as unknown as Tree
  expect(drawn.encoding?.color?.scale).toMatchObject({ domain: ['r', 'q'], range: [theme.tones.negative.solid, theme.category[1]] })
})

test('ticks of time stand on round dates and name the year where it changes', () => {
  const ticks = (first: string, last: string, width: number): unknown[] => {
    const [from, to] = [Date.parse(first), Date.parse(last)]
    return timeTicks([from, to], { grain: timeGrain([from, to]), room: width }).map(({ label }) =>
      typeof label === 'string' ? label : label.join(' '),
    )
  }
  expect(ticks('2024-11-01', '2025-03-01', 600)).toEqual(['Nov 2024', 'Dec', 'Jan 2025', 'Feb', 'Mar'])
  expect(ticks('2024-11-01', '2026-06-01', 250)).toEqual(['Jan 2025', 'Apr', 'Jul', 'Oct', 'Jan 2026', 'Apr'])
  expect(ticks('1990-01-01', '2020-01-01', 300)).toEqual(['1990', '1995', '2000', '2005', '2010', '2015', '2020'])
  expect(ticks('2026-01-01T00:00:00Z', '2026-01-01T18:00:00Z', 300)).toEqual([
    '00:00 1 Jan',
    '03:00',
    '06:00',
    '09:00',
    '12:00',
    '15:00',
    '18:00',
  ])
})

test('bins are of a round width and hold every value', () => {
  for (const values of [
    [5],
    [1, 2, 3],
    [-0.5, 0.5],
    [0, 1e9],
    [1, 1, 1],
    [0.1, 0.2, 0.30000000000000004],
    Array.from({ length: 500 }, (_, index) => index),
  ]) {
    const { bins, places } = binColumn(values, 20)
    expect(bins.reduce((sum, { y }) => sum + y, 0)).toBe(values.length)
    expect(bins.length).toBeLessThanOrEqual(41)
    expect(places.filter((place) => place === bins[0])).toHaveLength(bins[0]?.y ?? 0)
    expect(bins[0]?.x).toBeLessThanOrEqual(Math.min(...values))
    expect(bins.at(-1)?.x2).toBeGreaterThanOrEqual(Math.max(...values) - 1e-9)
  }
})

test('a chart is described by its fields, and a KPI as it is painted', () => {
  const chart = boundChart(
    'sales',
    { type: 'line', title: 'Sales', x: 'month', y: 'revenue', color: 'region' },
    'month:date, region:text, revenue:decimal',
    [
      ['2026-02-01', 'North', '9007199254740993.50'],
      ['2026-01-01', null, null],
    ],
  )
  expect(describeChart(chart, { theme })).toEqual([
    '2 rows',
    'x = month (date): 1 Jan 2026 to 1 Feb 2026',
    'color = region (text): North, 1 null',
    'y = revenue (decimal): 9,007,199,254,740,993.50, 1 null',
  ])
  const kpi = boundChart(
    'kpi',
    {
      type: 'kpi',
      value: 'v',
      label: 'Savings',
      support: { value: 'd', label: 'vs 2025', format: 'percent_delta', glyph: '▲' },
      style: { value: { format: 'currency' } },
    },
    'v:integer, d:float',
    [[12_400, 0.1]],
  )
  expect(describeChart(kpi, { theme })).toEqual(['Savings: $12.4k (▲ +10.0% vs 2025)'])
})

test('a map of the United States is read flat, with what no projection shows told; another projection takes the globe', () => {
  const map = { type: 'map', geo_source: 'us-counties', lookup: 'id', value: 'n' }
  const counties = [
    ['06037', 1],
    ['72127', 2],
  ]
  const drawn = (chart: object) => chartSpec(boundChart('subject', chart, 'id:text, n:integer', counties), { theme, ...room })
  const flat = drawn(map)
  expect(flat.spec).toMatchObject({ projection: { type: 'identity' } })
  expect(flat.findings).toMatchObject([{ code: 'UNKNOWN_PLACE', message: 'The map has no 72127.' }])
  const globe = drawn({ ...map, projection: 'mercator' })
  expect(globe.spec).toMatchObject({ projection: { type: 'mercator' } })
  expect(globe.findings).toEqual([])
})
