import { expect, test } from 'vitest'
import { chartSpec } from '../../server/boards/charts/chart-spec.ts'
import { assignColorSlots, slotKey } from '../../server/boards/charts/color-slots.ts'
import { binColumn } from '../../server/boards/charts/histogram-spec.ts'
import type { Spec } from '../../server/boards/charts/spec.ts'
import { tableModel } from '../../server/boards/charts/table-model.ts'
import { resolveTheme } from '../../server/boards/charts/theme.ts'
import { timeGrain } from '../../server/boards/charts/time-grain.ts'
import { timeTicks } from '../../server/boards/charts/time-ticks.ts'
import { vegaSvg } from '../../server/boards/draw/vega-svg.ts'
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

test.each([
  [['Mon', 'Tuesday', 'Wed', 'sunday']],
  [['January', 'Feb', 'Sept.', 'May']],
  [['Nov 2025', 'Dec 2025', 'Jan 2026']],
  [['2025-Q3', '2025-Q4', '2026-Q1']],
  [['2025-W52', '2026-W01']],
])('names that follow each other keep the order of the rows: %j', (names) => {
  const values = (given: readonly string[]) => given.map((name, index) => [name, index])
  expect(domain({}, 'x:text, y:integer', values(names))).toEqual(names)
  const ranked = [...names, 'Other'].toReversed()
  expect(domain({}, 'x:text, y:integer', values([...names, 'Other']))).toEqual(ranked)
  expect(domain({ sort: { by: 'y', order: 'desc' } }, 'x:text, y:integer', values(names))).toEqual(names.toReversed())
})

test('the same number looks the same in all columns that a pivot makes of a measure', () => {
  const look = (style: object) => {
    const chart = { type: 'table', rows: ['r'], columns: ['c'], values: ['v'], style: { columns: { v: style } } }
    const cells = [
      ['x', 'a', 5],
      ['x', 'b', 5],
      ['y', 'a', 1],
      ['y', 'b', 10.25],
    ]
    const { model } = tableModel(boundChart('subject', chart, 'r:text, c:text, v:float', cells), { theme })
    return model?.rows[0]?.slice(1)
  }
  for (const style of [{ scale: { background: {} } }, { scale: { color: {} } }, { spark: 'bar' }, {}]) {
    const [first, second] = look(style) ?? []
    expect(first).toEqual(second)
    expect(first?.text).toBe('5.00')
  }
})

test.each([
  [{ type: 'scatter', x: 'a', y: 'b', size: 'people' }, 'Size: People, 1,200 to 2.5M'],
  [{ type: 'scatter', x: 'a', y: 'b', size: 'people', style: { legend: false } }, undefined],
  [{ type: 'scatter', x: 'a', y: 'b' }, undefined],
  [{ type: 'bubble_map', latitude: 'a', longitude: 'b', size: 'people' }, 'Size: People, 1,200 to 2.5M'],
  [
    { type: 'bubble_map', latitude: 'a', longitude: 'b', size: 'people', style: { number_format: 'integer' } },
    'Size: People, 1,200 to 2,500,000',
  ],
  [{ type: 'bubble_map', latitude: 'a', longitude: 'b', collapse: true }, 'Size: Rows, 1 to 2'],
  [{ type: 'point_map', latitude: 'a', longitude: 'b' }, undefined],
])('what sizes of points say is written under the title: %j', (chart, note) => {
  const places = [
    [40, 10, 1200],
    [50, 11, 2_500_000],
    [50, 11, null],
  ]
  const built = chartSpec(boundChart('subject', chart, 'a:float, b:float, people:integer', places), { theme, ...room })
  expect(built.note).toBe(note)
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

test.each(['date', 'timestamp', 'text'])('bars from one %s to another stand on an axis of time, in the order of the rows', async (type) => {
  const tasks = [
    ['Build', '2026-02-01', '2026-04-15'],
    ['Design', '2026-01-01', '2026-02-10'],
    ['Ship', '2026-04-10', null],
  ]
  const gantt = { type: 'bar', x: 'task', y: 'end', y_start: 'start' }
  const columns = `task:text, start:${type}, end:${type}`
  const built = spec(gantt, columns, tasks)
  expect(built.encoding?.x).toMatchObject({
    type: 'temporal',
    scale: { domainMin: Date.UTC(2026, 0, 1), domainMax: Date.UTC(2026, 3, 15) },
  })
  expect(built.encoding?.y?.scale?.domain).toEqual(['Build', 'Design', 'Ship'])
  const { body } = await vegaSvg(built as unknown as Spec)
  expect(/role-mark[^>]*>(.*?)<\/g>/.exec(body)?.[1]?.match(/<path/g)).toHaveLength(2)
  const values = built.data?.values as unknown as readonly unknown[]
  expect(values[0]).toMatchObject({ from: '1 Feb 2026', until: '15 Apr 2026' })
  const mixed = chartSpec(boundChart('subject', { ...gantt, y: 'hours' }, `${columns}, hours:integer`, [[...(tasks[0] as string[]), 5]]), {
    theme,
    ...room,
  })
  expect(mixed.findings).toMatchObject([{ code: 'MEASURE_NOT_NUMERIC', message: expect.stringContaining('y_start names "start"') }])
})

test.each([120, 240, 390, 800])('bars of numbers are named below them in a room of %d pixels, at even steps', (width) => {
  for (const count of [2, 7, 25, 60]) {
    const keys = Array.from({ length: count }, (_, index) => 1951 + index)
    const bound = boundChart(
      'subject',
      { type: 'bar', x: 'x', y: 'y' },
      'x:integer, y:integer',
      keys.map((key) => [key, 1]),
    )
    const { x } = (chartSpec(bound, { theme, width, height: 300 }).spec as unknown as Tree).encoding as Tree
    const drawn = x?.scale?.domain as unknown as number[]
    const named = (x?.axis?.values ?? drawn) as unknown as number[]
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((key) => !drawn.includes(key))).toEqual([])
    const steps = new Set(named.slice(1).map((key, index) => key - (named[index] as number)))
    expect(steps.size).toBeLessThanOrEqual(1)
    if (drawn.length > 9 && named.length > 1 && !steps.has(1)) expect((named[0] as number) % ([...steps][0] as number)).toBe(0)
  }
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
  expect(Object.fromEntries(slots.get(slotKey('kind')) ?? [])).toEqual({
    r: theme.tones.negative.solid,
    p: theme.category[0],
    q: theme.category[1],
  })
  expect(assignColorSlots([first], theme).size).toBe(0)
  // A palette of their own is not lost, and what shares it agrees.
  const style = { color: { categorical: { palette: ['#111111', '#222222', '#333333'] } } }
  const own = [first, second].map((bound) => ({ ...bound, chart: { ...bound.chart, style } as typeof bound.chart }))
  const rangeOf = (bound: typeof first, all: readonly (typeof first)[]): unknown => {
    const built = chartSpec(bound, { theme, ...room, colors: assignColorSlots(all, theme) }).spec as unknown as Tree
    return built.encoding?.color?.scale?.range
  }
  expect(rangeOf(own[1] as typeof first, [...own, first, second])).toEqual(['#333333', '#222222'])
  expect(rangeOf(own[1] as typeof first, [first, second, own[1] as typeof first])).toEqual(['#111111', '#222222'])
  expect(rangeOf(second, [...own, first, second])).toEqual([theme.category[2], theme.category[1]])
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

test('names at the ends of lines stand apart, beside the plot; where they have no room, the legend stays', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const ends = [10, 10.1, 10.2, 0.2, 0.1, 0]
  const months = ['2026-01-01', '2026-02-01']
  const values = months.flatMap((month, at) => names.map((name, index) => [month, name, at * (ends[index] ?? 0)]))
  const drawn = (chart: object, height = 260) =>
    chartSpec(boundChart('subject', { type: 'line', x: 'm', y: 'v', color: 's', ...chart }, 'm:date, s:text, v:float', values), {
      theme,
      width: 500,
      height,
    })
  for (const domain of [undefined, [-5, 40], [40, -5]]) {
    const { spec, findings } = drawn({ style: { endpoint_labels: true, axis_y: { scale: { continuous: { domain } } } } })
    const { body } = await vegaSvg(spec as Spec)
    const texts = [...body.matchAll(/<text[^>]*translate\(([\d.]+),([\d.]+)\)[^>]*font-weight="500"[^>]*>(\w)</g)]
    expect(texts.map(([, , , name]) => name).sort()).toEqual(names)
    const tops = texts.map(([, , top]) => Number(top)).sort((left, right) => left - right)
    for (const [index, top] of tops.entries()) expect(top - (tops[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(13.9)
    expect(tops.at(-1)).toBeLessThan(240)
    expect(findings).toEqual([])
  }
  const legend = (chart: object, height?: number) => {
    const { spec, findings } = drawn({ style: { endpoint_labels: true }, ...chart }, height)
    return [JSON.stringify(spec).includes('"legend":null'), ...findings.map(({ code }) => code)]
  }
  expect(legend({}, 120)).toEqual([false, 'LABELS_COLLIDE'])
  expect(legend({ multiples: { columns: 's' } })).toEqual([false, 'STYLE_NOT_APPLIED'])
  expect(legend({ style: { endpoint_labels: true, axis_y: { mirror: true } } })).toEqual([false, 'STYLE_NOT_APPLIED'])
})

test('the names below a heatmap are level unless neighbours meet, times stand as on other axes, and cells have few digits', () => {
  const heat = (x: readonly string[], value = 42.907787) =>
    spec(
      { type: 'heatmap', x: 'x', y: 'y', color: 'v' },
      'x:text, y:text, v:float',
      x.map((name) => [name, 'a', value]),
    )
  const weekdays = ['Mon', 'Tue', 'Wednesday', 'Thu', 'Fri', 'Sat', 'Sun', 'Mon 2', 'Fri 2']
  expect(heat(weekdays).encoding?.x?.axis?.labelAngle).toBe(0)
  expect(heat(weekdays.map((name) => `${name} again`)).encoding?.x?.axis?.labelAngle).toBe(-40)
  const months = Array.from(
    { length: 24 },
    (_, index) => `${2024 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}-01`,
  )
  const axis = heat(months).encoding?.x?.axis
  expect(axis?.labelAngle).toBe(0)
  expect(axis?.values).toEqual(['Jan 2024', 'Apr 2024', 'Jul 2024', 'Oct 2024', 'Jan 2025', 'Apr 2025', 'Jul 2025', 'Oct 2025'])
  const written = (value: number) => JSON.stringify(heat(['a'], value).layer?.[1]).match(/format\(datum.color, \\"([^"\\]*)/)?.[1]
  expect([0.0123456, 1.23456, 42.907787, 138.446809, 2138.446809].map(written)).toEqual([',.4~f', ',.2~f', ',.1~f', ',.1~f', ',.0~f'])
})

test('bars laid over a line of time stand below it, as wide as their step allows and within the plot; too narrow ones are told', () => {
  const months = ['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01']
  const columns = 'm:date, y:integer, w:integer'
  const layered = (position: string): Tree =>
    spec(
      { type: 'line', x: 'm', y: 'y', layers: [{ type: 'bar', y: 'w', axis_y: { position } }] },
      columns,
      months.map((month, index) => [month, index, 10 * index]),
    )
  for (const position of ['left', 'right']) {
    const marks = [...JSON.stringify(layered(position).layer).matchAll(/"mark":\{"type":"(bar|line)"(?:[^}]*"width":([\d.]+))?/g)]
    expect(marks.map(([, type]) => type)).toEqual(['bar', 'line'])
    expect(Number(marks[0]?.[2])).toBeGreaterThan(40)
    expect(JSON.stringify(layered(position))).toMatch(/"scale":\{"padding":3\d/)
  }
  const many = Array.from({ length: 60 }, (_, place) => ['a', 'b', 'c', 'd', 'e'].map((name) => [place, name, place])).flat()
  const grouped = (style: object) =>
    chartSpec(boundChart('subject', { type: 'bar', x: 'p', y: 'v', color: 's', style }, 'p:integer, s:text, v:integer', many), {
      theme,
      ...room,
    }).findings.map(({ code }) => code)
  expect(grouped({})).toEqual(['CHART_TOO_SMALL'])
  expect(grouped({ stack: 'zero' })).toEqual([])
})

test('rows of small multiples are about as long as each other', () => {
  const panels = (count: number) =>
    spec(
      { type: 'line', x: 'x', y: 'y', multiples: { columns: 'p' } },
      'x:integer, y:integer, p:text',
      Array.from({ length: count }, (_, index) => [
        [1, 1, `p${index}`],
        [2, 2, `p${index}`],
      ]).flat(),
    ).columns
  expect([2, 3, 4, 5, 6].map(panels)).toEqual([2, 2, 2, 2, 2])
  const wide = (count: number) =>
    chartSpec(
      boundChart(
        'subject',
        { type: 'line', x: 'x', y: 'y', multiples: { columns: 'p' } },
        'x:integer, y:integer, p:text',
        Array.from({ length: count }, (_, index) => [[1, 1, `p${index}`]]).flat(),
      ),
      { theme, width: 1100, height: 400 },
    ).spec?.columns
  expect([4, 5, 6, 7, 8, 9].map(wide)).toEqual([4, 5, 3, 4, 4, 5])
})

test('a heatmap of any width names its first place, and months that begin in the midst of a week', async () => {
  const hours = Array.from({ length: 24 }, (_, hour) => [hour, 'a', hour])
  const drawn = async (columns: string, data: readonly (readonly unknown[])[], width: number): Promise<string[]> => {
    const bound = boundChart('subject', { type: 'heatmap', x: 'x', y: 'y', color: 'v' }, columns, data)
    const { body } = await vegaSvg(chartSpec(bound, { theme, width, height: 200 }).spec as Spec)
    return [...body.matchAll(/<t(?:ext|span)[^>]*>([^<]+)</g)].map(([, text]) => text as string)
  }
  for (let width = 520; width < 580; width += 3) expect(await drawn('x:integer, y:text, v:integer', hours, width)).toContain('0')
  const weeks = Array.from({ length: 26 }, (_, week) => [new Date(Date.UTC(2026, 0, 5 + 7 * week)).toISOString().slice(0, 10), 'a', week])
  expect(await drawn('x:date, y:text, v:integer', weeks, 280)).toEqual(expect.arrayContaining(['Apr']))
})

test('a map that nobody chose comes as near as its points are to each other', () => {
  const scaleOf = (places: readonly (readonly [number, number])[], chart: object = {}): unknown =>
    (
      spec({ type: 'point_map', latitude: 'lat', longitude: 'lon', ...chart }, 'lat:float, lon:float', places).projection as unknown as {
        scale?: number
      }
    ).scale
  const [europe, everywhere, spot] = [
    [
      [48.9, 2.4],
      [60, -10],
      [35, 30],
    ],
    [
      [48.9, 2.4],
      [-33.9, 151.2],
      [-12, -77],
    ],
    [
      [-33.9, 151.2],
      [-33.9, 151.2],
    ],
  ] as const
  expect(scaleOf(everywhere)).toBeUndefined()
  expect(scaleOf(europe, { geo_source: 'world' })).toBeUndefined()
  expect(scaleOf(europe, { projection: 'mercator' })).toBeUndefined()
  expect(scaleOf(europe)).toBeGreaterThan(300)
  expect(scaleOf(spot)).toBeGreaterThan(scaleOf(europe) as number)
  expect(scaleOf(spot)).toBeLessThan(2000)
})

test.each<[string, object, string[], string[]]>([
  [
    'the United States',
    { geo_source: 'us-states' },
    ['Seattle'],
    ['1 row has no place on a map.', '2 rows lie outside the projection albersUsa.'],
  ],
  [
    'one side of the globe',
    { projection: 'orthographic' },
    ['Paris'],
    ['1 row has no place on a map.', '2 rows lie outside the projection orthographic.'],
  ],
  ['the earth', { geo_source: 'world' }, ['Paris', 'Seattle', 'Sydney'], ['1 row has no place on a map.']],
])('points that a map of %s does not show are not drawn, and are counted', (_name, map, shown, told) => {
  for (const type of ['point_map', 'bubble_map']) {
    const chart = { type, latitude: 'lat', longitude: 'lon', size: 'n', ...map }
    const places = [
      ['Paris', 48.9, 2.4, 1],
      ['Seattle', 47.6, -122.3, 2],
      ['Sydney', -33.9, 151.2, 3],
      ['nowhere', null, null, 4],
    ]
    const { spec, findings } = chartSpec(boundChart('subject', chart, 'name:text, lat:float, lon:float, n:integer', places), {
      theme,
      ...room,
    })
    expect((spec as unknown as Tree).layer?.[1]?.data?.values).toMatchObject(shown.map((name) => ({ name })))
    expect(findings.filter(({ code }) => code === 'UNKNOWN_PLACE').map(({ message }) => message)).toEqual(told)
  }
})

test('a support table shows one value of each place: the only one, the sum that a stack shows, an aggregate, or that there are several', () => {
  const columns = 'month:text, region:text, revenue:integer, deals:integer, rate:float'
  const data = [
    ['2026-01', 'North', 100, 3, 0.2],
    ['2026-01', 'South', 50, 2, 0.2],
    ['2026-02', 'North', 110, 4, 0.2],
    ['2026-02', 'South', 50, 4, 0.2],
  ]
  const table = (chart: object, entries: readonly unknown[]) => {
    const bound = boundChart('subject', { type: 'bar', x: 'month', y: 'revenue', ...chart, support_table: entries }, columns, data)
    const { spec: built, findings } = chartSpec(bound, { theme, ...room })
    const [, ...lines] = (built as unknown as Tree).layer ?? []
    const words = lines.map(({ layer }) => [
      layer?.[1]?.mark?.text as unknown as string,
      ...((layer?.[0]?.data?.values as unknown as { words: string }[]) ?? []).map((value) => value.words),
    ])
    return [words, findings.filter(({ code }) => code === 'DUPLICATE_ROWS').length]
  }
  const byRegion = { color: 'region' }
  const stacked = { ...byRegion, style: { stack: 'zero' } }
  const each = [
    ['North', '3', '4'],
    ['South', '2', '4'],
  ]
  expect(table(stacked, ['revenue', 'rate', 'deals'])).toEqual([
    [
      ['Revenue', '150', '160'],
      ['Rate', '0.2', '0.2'],
      ['Deals', '…', '4'],
    ],
    1,
  ])
  expect(table(byRegion, ['revenue', { source: 'revenue', aggregate: 'sum' }])).toEqual([
    [
      ['Revenue', '…', '…'],
      ['Revenue', '150', '160'],
    ],
    1,
  ])
  expect(table(byRegion, [{ per_series: true, source: 'deals' }])).toEqual([each, 0])
  expect(table(byRegion, [{ per_series: 'region', source: 'deals' }])).toEqual([each, 0])
  expect(table(byRegion, [{ per_series: 'deals' }])).toEqual([each, 0])
  expect(table(stacked, [{ per_series: true }])).toEqual([
    [
      ['North', '100', '110'],
      ['South', '50', '50'],
    ],
    0,
  ])
  expect(table({ ...byRegion, y: ['deals', 'revenue'] }, [{ per_series: true }])).toEqual([
    [
      ['North, Deals', '3', '4'],
      ['North, Revenue', '100', '110'],
      ['South, Deals', '2', '4'],
      ['South, Revenue', '50', '50'],
    ],
    0,
  ])
})

test('a logarithmic axis numbers powers, or 1, 2 and 5 of them where there are few, and ends at one of them', () => {
  const axis = (type: string, values: readonly number[], height = 300, x: readonly number[] = values.map((_, index) => index)) => {
    const chart = { type: 'line', x: 'x', y: 'y', style: { axis_y: { scale: { continuous: { type } } } } }
    const bound = boundChart(
      'subject',
      chart,
      'x:integer, y:float',
      values.map((value, index) => [x[index], value]),
    )
    const y = (chartSpec(bound, { theme, width: 600, height }).spec as unknown as Tree).encoding?.y
    const labels = JSON.parse(/^(\[.*?\])\[indexof/.exec(y?.axis?.labelExpr as unknown as string)?.[1] ?? '[]') as string[]
    return [y?.scale?.domain, labels.filter((label) => label.trim() !== '')]
  }
  expect(axis('log', [3, 40, 900, 12_000, 500_000])).toEqual([
    [1, 1e6],
    ['1', '10', '100', '1,000', '10,000', '100k', '1M'],
  ])
  expect(axis('log', [3, 40, 900, 12_000, 500_000], 140)).toEqual([
    [1, 1e6],
    ['1', '1,000', '1M'],
  ])
  expect(axis('log', [30, 135])).toEqual([
    [20, 200],
    ['20', '50', '100', '200'],
  ])
  expect(axis('log', [7])).toEqual([
    [5, 10],
    ['5', '10'],
  ])
  expect(axis('log', [0.001, 1000])[0]).toEqual([0.001, 1000])
  expect(axis('symlog', [-90, 0, 1000])).toEqual([
    [-100, 1000],
    ['−100', '−10', '−1', '0', '1', '10', '100', '1,000'],
  ])
  expect(axis('symlog', [-1e7, 1e6], 240)).toEqual([
    [-1e7, 1e6],
    ['−10M', '−10,000', '0', '1,000', '1M'],
  ])
})

test('a legend shows the mark of each layer, and stands above the title of the axis', () => {
  const columns = 'x:text, y:integer, z:integer, kind:text, form:text'
  const data = [
    ['a', 1, 2, 'p', 's'],
    ['b', 3, 4, 'q', 't'],
  ]
  const layers = [
    { type: 'line', y: 'z' },
    { type: 'scatter', y: 'z', label: 'Dots' },
  ]
  const symbols = (chart: object): unknown => {
    const built = spec({ type: 'bar', x: 'x', y: 'y', ...chart }, columns, data)
    const find = (one: Tree | undefined): Tree | undefined =>
      one?.encoding?.color?.legend ?? (one?.layer as Tree[] | undefined)?.map(find).find((legend) => legend !== undefined)
    const legend = find(built)
    return legend?.symbolType ?? legend?.encoding?.symbols?.shape?.value?.signal
  }
  expect(symbols({ layers })).toBe('["square","stroke","circle"][datum.index] || \'circle\'')
  expect(symbols({ layers, style: { legend: { values: ['Dots', 'Z'] } } })).toBe('["circle","stroke"][datum.index] || \'circle\'')
  expect(symbols({ type: 'line', layers: [{ type: 'line', y: 'z' }] })).toBe('stroke')
  const scatter = (chart: object) => spec({ type: 'scatter', x: 'y', y: 'z', ...chart }, columns, data).encoding
  expect(scatter({ shape: 'form' })?.shape?.legend).toMatchObject({ offset: 34 })
  expect(scatter({ shape: 'form', color: 'kind' })?.shape).toMatchObject({ field: 'shape', legend: { offset: 34 } })
  expect(scatter({ shape: 'kind', color: 'kind' })?.shape?.legend).toBe(null)
  expect(symbols({ type: 'scatter', x: 'y', y: 'z', shape: 'kind', color: 'kind' })).toBe('["circle","square"][datum.index] || \'circle\'')
})

test('bars that float keep the order of their rows, lying too', () => {
  const steps = [
    ['Start', 0, 100],
    ['Sales', 100, 160],
    ['Costs', 160, 130],
    ['End', 0, 130],
  ]
  expect(domain({ x: 'step', y: 'to', y_start: 'from' }, 'step:text, from:integer, to:integer', steps)).toEqual([
    'Start',
    'Sales',
    'Costs',
    'End',
  ])
})

test.each([
  ['a date', 'date', ['2026-01-01', null], undefined, ['1 Jan 2026', '—']],
  ['a date with a format', 'date', ['2026-01-01', null], '%b %y', ['Jan 26', '—']],
  ['a number', 'integer', [2026, null], undefined, ['2026', '—']],
  ['a number with a format', 'integer', [1200, null], 'currency_whole', ['$1,200', '—']],
  ['a text', 'text', ['', 'North'], undefined, ['(empty)', 'North']],
])('the heads that a pivot makes of %s are written as its cells', (_, type, heads, format, written) => {
  const rows = heads.map((head, index) => ['a', head, index])
  const style = format === undefined ? {} : { style: { columns: { head: { format } } } }
  const chart = { type: 'table', rows: ['name'], columns: ['head'], values: ['n'], ...style }
  const { model, findings } = tableModel(boundChart('subject', chart, `name:text, head:${type}, n:integer`, rows), { theme })
  expect(findings).toEqual([])
  expect(model?.columns.map(({ label }) => label)).toEqual(['Name', ...written])
})

test.each([
  ['standing with room', 4, { orientation: 'vertical' }, false],
  ['standing close', 40, { orientation: 'vertical' }, true],
  ['standing in groups', 10, { orientation: 'vertical', stack: 'none' }, true],
  ['lying with room', 8, {}, false],
  ['lying in groups', 6, { stack: 'none' }, true],
  ['stacked', 40, { orientation: 'vertical', stack: 'zero' }, false],
])('labels at bars that are %s are told where they lie over each other, and only there', (_, count, style, isTold) => {
  const rows = Array.from({ length: count }, (__, index) => [`n${index}`, 123_456 + index])
  const series = rows.flatMap(([name, value]) => ['a', 'b', 'c', 'd', 'e', 'f'].map((kind) => [name, value, kind]))
  const chart = {
    type: 'bar',
    x: 'x',
    y: 'y',
    ...('stack' in style && { color: 'kind' }),
    style: { labels: true, number_format: 'integer', ...style },
  }
  const bound =
    'stack' in style
      ? boundChart('subject', chart, 'x:text, y:integer, kind:text', series)
      : boundChart('subject', chart, 'x:text, y:integer', rows)
  const { findings } = chartSpec(bound, { theme, ...room })
  expect(findings.some(({ code, message }) => code === 'LABELS_COLLIDE' && message.startsWith('The labels at the bars'))).toBe(isTold)
})

/** The texts of a picture of a chart with how far down each stands. */
async function placedTexts(chart: object, columns: string, data: readonly (readonly unknown[])[]): Promise<[text: string, down: number][]> {
  const { body } = await vegaSvg(spec(chart, columns, data) as unknown as Spec)
  return [...body.matchAll(/<text[^>]*transform="translate\([-\d.]+,([-\d.]+)\)[^>]*>([^<]+)</g)].map(([, down, text]) => [
    text as string,
    Number(down),
  ])
}

test('a number in a stack stands in its own part, also over one too low for a number, and the sum has room above', async () => {
  const data = [
    ['a', 'p', 4],
    ['a', 'q', 307],
    ['b', 'p', 153],
    ['b', 'q', 153],
  ]
  const chart = (position: string): object => ({
    type: 'bar',
    x: 'x',
    y: 'y',
    color: 'kind',
    style: {
      stack: 'zero',
      orientation: 'vertical',
      marks: { bar: { labels: { visible: true, position }, total_label: { visible: true } } },
    },
  })
  const down = async (position: string, word: string) => {
    const texts = await placedTexts(chart(position), 'x:text, kind:text, y:integer', data)
    return texts.filter(([text]) => text === word).map(([, at]) => at)
  }
  expect(await down('middle', '4')).toEqual([])
  const [[upper], [low, high]] = [await down('middle', '311'), await down('middle', '153')] as [number[], number[]]
  expect(upper).toBeGreaterThan(0)
  // The part of 307 reaches from 4 to 311: its middle is as high as the border of 153 and 153, and a little more.
  const [tall] = (await down('middle', '307')) as [number]
  const border = ((low as number) + (high as number)) / 2
  expect(tall).toBeLessThan(border)
  expect(border - tall).toBeLessThan(8)
  const [, top] = (await down('top', '153')).toSorted((left, right) => left - right) as [number, number]
  expect(top).toBeLessThan(Math.max(low as number, high as number))
})

test('a scatter with names on its upright axis is a row of dots for each, in the order that sort asks for', () => {
  const chart = { type: 'scatter', x: 'share', y: 'team', color: 'side', sort: { by: 'rank', order: 'desc' }, x_label: 'Share' }
  const data = [
    ['b', 'home', 0.5, 1],
    ['b', 'away', 0.4, 1],
    ['a', 'home', 0.7, 3],
  ]
  const style = { axis_x: { labels: { format: '.0%' } }, axis_y: { title: { visible: false } } }
  const { encoding } = spec({ ...chart, style }, 'team:text, side:text, share:float, rank:integer', data) as unknown as { encoding: Tree }
  expect([encoding.y?.field, encoding.y?.scale?.domain, encoding.y?.axis?.title]).toEqual(['x', ['a', 'b'], null])
  expect([encoding.x?.field, encoding.x?.type, encoding.x?.axis?.title]).toEqual(['y', 'quantitative', 'Share'])
  expect(encoding.x?.axis?.labelExpr).toContain('%')
})

test('a row that is called a total has no shade, rule or sign of the others, and its column of roles is not shown', () => {
  const data = [
    ['a', 3, 'data'],
    ['b', 9, 'data'],
    ['All', 12, 'total'],
  ]
  const chart = {
    type: 'table',
    conditional_formatting: { v: { when: [{ gt: 8, glyph: '!' }] } },
    style: { row: { role: 'kind' }, symbol_mode: 'anchors', columns: { v: { format: '$,d', scale: { background: { palette: 'blue' } } } } },
  }
  const { model, findings } = tableModel(boundChart('subject', chart, 'x:text, v:integer, kind:text', data), { theme })
  expect(findings).toEqual([])
  expect(model?.columns.map(({ name }) => name)).toEqual(['x', 'v'])
  const [low, high, sum] = (model?.rows ?? []).map((cells) => cells[1])
  expect([low?.background, high?.background]).toEqual([theme.palettes.blue?.[0], theme.palettes.blue?.at(-1)])
  expect(high).toMatchObject({ text: '9', glyph: '!' })
  expect(sum).toEqual({ text: '$12', weight: 600 })
  expect(model?.sums).toEqual(new Set([2]))
})

test('names at the end of a stacked area stand at the middle of their bands', async () => {
  const data = [1, 2, 3].flatMap((month) => [
    [`2026-0${month}-01`, 'low', 100],
    [`2026-0${month}-01`, 'high', 300],
  ])
  const chart = (stack: string): object => ({
    type: 'area',
    x: 'x',
    y: 'y',
    color: 'kind',
    style: { stack, endpoint_labels: { visible: true }, axis_y: { scale: { continuous: { domain: [0, 400] } } } },
  })
  const columns = 'x:date, kind:text, y:integer'
  const down = new Map(await placedTexts(chart('zero'), columns, data))
  const at = (value: number): number =>
    (down.get('0') as number) + (value / 400) * ((down.get('400') as number) - (down.get('0') as number))
  expect([down.get('low'), down.get('high')].map((each) => Math.round(each as number))).toEqual([at(50), at(250)].map(Math.round))
  const told = (stack: string, given: typeof data): string[] =>
    chartSpec(boundChart('subject', chart(stack), columns, given), { theme, ...room }).findings.map(({ message }) => message)
  expect(told('normalize', data)).toEqual(['endpoint_labels are not drawn at stacks that do not stand on zero.'])
  expect(told('zero', data.slice(0, -1))).toEqual(['endpoint_labels are not drawn where a band ends before the others.'])
})
