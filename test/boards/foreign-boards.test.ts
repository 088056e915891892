/** Boards in the words of other products: what is clear opens, and what is not is told with the word that is meant. */
import { expect, test } from 'vitest'
import { compileBoard } from '../../server/boards/compile/compile-board.ts'
import { migrateText } from '../../server/boards/compile/migrate-text.ts'
import { wordColors } from '../../server/boards/draw/group-box.ts'
import { formatValue } from '../../server/boards/formats/format-value.ts'
import { resolveFormat } from '../../server/boards/formats/resolve-format.ts'

const compile = (text: string) => compileBoard(text, 'boards/one.yml', { read: async () => undefined, sources: ['shop'] })
const board = (chart: string, before = ''): string => `
title: One
notes: One.
${before}
queries:
  q: SELECT 1 AS v, 'a' AS c
  goals: SELECT 1 AS goal, 'a' AS c
charts:
  subject:
    query: q
${chart.replace(/^/gm, '    ')}
rows: [subject]
`

const charts = {
  'a bar with layers of another query': `
type: bar
x: c
y: v
style: {overlap: full, orientation: vertical, legend: {values: [Goal]}, marks: {bar: {band_width: 0.1, border: {width: 0, radius: 0}}}}
layers:
- {type: line, query: goals, y: goal, label: Goal, style: {marks: {line: {curve: step, connect: false}}}}
- {type: bar, y: v, y_start: v, axis_y: {position: right, scale: {domain: [0, 5]}, ticks: {count: 3}, grid: {visible: true}}}`,
  'axes that say how often time is named': `
type: line
x: c
y: v
support_table: {entries: [v, {aggregate: sum, source: v, label: All}]}
style:
  padding: {right: 36}
  axis_x: {labels: {time_unit: yearquarter, align: left}, line: {visible: true}}
  axis_y: {labels: {format: ".0%", padding: 4}, mirror: {format: integer}, scale: {continuous: {domain: [6, 1]}}}`,
  'a pie whose labels have two lines': `
type: donut
theta: v
color: c
style:
  marks: {slice: {labels: {template: "{{ c }}\\n{{ v | format(',.0f') }}", where: v > 0, offset: 4, font: {size: 10}}}}
  total: {value: {format: {spec: ",.0f", suffix: " d"}}}`,
  'a table with units, bars and tones': `
type: table
conditional_formatting: {v: {when: [{gt: 0, glyph: "●", tone: warning}]}}
style:
  columns:
    v: {format: {spec: ",.0f", suffix: " d"}, spark: bar, header_overflow: wrap-two}
    c: {font: {weight: "600"}, glyph: "!", glyph_color: warning.solid}
  row_numbers: {visible: true}`,
  'a KPI with a sign': `
type: kpi
value: v
label: L
background: {column: v, scale: {min: 0, max: 10}}
style: {glyph: {character: "▲"}, font: {color: dbt-grays.ink}}`,
  'a map': `
type: map
geo_source: us-states
lookup: c
value: v
projection: {type: albersUsa}`,
} as const

test.each(Object.entries(charts))('%s opens without an error', async (_, chart) => {
  const { diagnostics } = await compile(board(chart.trim()))
  expect(
    diagnostics
      .filter(({ level, code }) => level === 'error' || code.startsWith('UNREFERENCED_QUERY'))
      .filter(({ query }) => query !== 'goals'),
  ).toEqual([])
})

test('a layer uses the query that it names', async () => {
  const { charts: compiled, diagnostics } = await compile(board(charts['a bar with layers of another query'].trim()))
  expect(compiled.get('subject')?.layers).toEqual(['goals', undefined])
  expect(diagnostics.filter(({ code }) => code === 'UNREFERENCED_QUERY')).toEqual([])
})

/** Words of older boards, what they are read as, and where they stand: in a chart of the board, in its layout, or in a query. */
const older: readonly (readonly [written: string, read: object])[] = [
  ['query: {sql: SELECT 1 AS v, limit: 5}', { query: { sql: 'SELECT 1 AS v LIMIT 5' } }],
  ['query: {sql: "SELECT 1 AS v; ", limit: 0}', { query: { sql: 'SELECT 1 AS v LIMIT 0' } }],
  ['query: {sql: "SELECT 1 AS v -- all", limit: 5}', { query: { sql: 'SELECT 1 AS v -- all\nLIMIT 5' } }],
  ['sort: v', { sort: { by: 'v', order: 'asc' } }],
  ['sort: -v', { sort: { by: 'v', order: 'desc' } }],
  ['sort: v DESC', { sort: { by: 'v', order: 'desc' } }],
  ['style: {axis_y: {format: currency}}', { style: { axis_y: { labels: { format: 'currency' } } } }],
  ['style: {axis_x: {format: "%b", labels: {angle: 45}}}', { style: { axis_x: { labels: { angle: 45, format: '%b' } } } }],
  ['layers: [{type: line, y: v, axis_y: {format: percent}}]', { layers: [{ axis_y: { labels: { format: 'percent' } } }] }],
  ['data_table: [v]', { support_table: ['v'] }],
  ['format: currency', { style: { number_format: 'currency' } }],
]
test.each(older)('%s is read in the words of today, wherever the chart stands, and told once', async (written, read) => {
  const chart = `{type: bar, x: c, y: v, ${written.startsWith('query') ? written : `query: q, ${written}`}}`
  const queries = 'queries: {q: "SELECT 1 AS v, 1 AS c"}'
  for (const text of [`${queries}\ncharts: {subject: ${chart}}`, `${queries}\nrows: [{subject: ${chart}}]`]) {
    const { charts: compiled, diagnostics, queries: known } = await compile(text)
    const { query, ...rest } = read as { query?: { sql: string } }
    expect(compiled.get('subject')?.chart).toMatchObject(rest)
    if (query !== undefined) expect(known.get(compiled.get('subject')?.query ?? '')?.definition).toMatchObject(query)
    expect(diagnostics.filter(({ code }) => code !== 'UNREFERENCED_QUERY').map(({ code }) => code)).toEqual(['SCHEMA_MIGRATED'])
    const migrated = migrateText(text)
    expect(migrateText(migrated.text).changes).toEqual([])
    expect((await compile(migrated.text)).charts.get('subject')?.chart).toEqual(compiled.get('subject')?.chart)
  }
})

test.each([
  ['queries: {q: {sql: SELECT 1 AS v LIMIT 3, limit: 5}}', 'UNKNOWN_KEY'],
  ['queries: {q: {sql: SELECT 1 AS v, limit: many}}', 'UNKNOWN_KEY'],
  ['queries: {q: SELECT 1 AS v}\ncharts: {t: {type: bar, query: q, x: v, y: v, sort: descending}}', 'WRONG_TYPE'],
  ['queries: {q: SELECT 1 AS v}\ncharts: {t: {type: bar, query: q, x: v, y: v, sort: "v, w"}}', 'WRONG_TYPE'],
])('what is not clear is refused: %s', async (text, code) => {
  const { diagnostics } = await compile(text)
  expect(diagnostics.filter(({ level }) => level === 'error').map((one) => one.code)).toContain(code)
})

test.each(['limit: 5', 'filters: [v > 1]', 'aggregate: sum', 'top_n: 3'])('what a query does is told to be its work: %s', async (key) => {
  const { diagnostics } = await compile(board(`type: bar\nx: c\ny: v\n${key}`))
  expect(diagnostics.filter(({ code }) => code === 'UNKNOWN_KEY').map(({ fix }) => fix)).toEqual([
    'Write it in the SQL of its query: a chart shows all rows as they come.',
  ])
})

test('a callout in the words of others is read, and the finding says how', async () => {
  const { charts: compiled, diagnostics } = await compile(board('type: callout\nmessage: Mind the gap.\nstyle: {tone: warning}'))
  expect(compiled.get('subject')?.chart).toMatchObject({ type: 'callout', text: 'Mind the gap.', tone: 'warning' })
  expect(diagnostics.filter(({ code }) => code === 'SCHEMA_MIGRATED').map(({ message }) => message)).toEqual([
    expect.stringContaining('message was read as text'),
    expect.stringContaining('style.tone was read as tone'),
  ])
})

test('a key that changes nothing is told where it stands, once, and not where the chart ignores it', async () => {
  const chart = 'type: line\nx: c\ny: v\nstyle:\n  axis_x:\n    labels: {expr: datum.label}'
  const { diagnostics } = await compile(board(chart))
  expect(diagnostics.filter(({ code }) => code === 'STYLE_NOT_APPLIED')).toMatchObject([
    { line: 16, column: 18, chart: 'subject', message: 'style.axis_x.labels.expr changes nothing on a line chart.' },
  ])
  const ignored = await compile(board(`${chart}\nwarnings_ignore: [STYLE_NOT_APPLIED]`))
  expect(ignored.diagnostics.filter(({ code }) => code === 'STYLE_NOT_APPLIED')).toEqual([])
  const root = await compile(board('type: line\nx: c\ny: v', 'style: {timestamp: true, charts: {kpi: {affix: {character: "%"}}}}'))
  expect(root.diagnostics.filter(({ code }) => code === 'STYLE_NOT_APPLIED').map(({ message }) => message)).toEqual([
    'style.timestamp changes nothing.',
    'style.charts.kpi.affix changes nothing.',
  ])
})

test('a format that is none is found without rows', async () => {
  const { diagnostics } = await compile(board('type: bar\nx: c\ny: v\nstyle: {number_format: curency}'))
  expect(diagnostics.filter(({ code }) => code === 'FORMAT_INVALID')).toMatchObject([
    { chart: 'subject', message: expect.stringContaining('"curency"') },
  ])
  const own = await compile(board('type: bar\nx: c\ny: v\nstyle: {number_format: curency}', 'style: {formats: {curency: "$,.0f"}}'))
  expect(own.diagnostics.filter(({ code }) => code === 'FORMAT_INVALID')).toEqual([])
})

test('formats of a board may be blocks, and one that is none is told once, where it stands', async () => {
  const formats = 'style: {formats: {eur: {spec: ",.0f", prefix: "€", suffix: " net"}, bad: "€,.0f"}}'
  const { diagnostics } = await compile(
    board('type: bar\nx: c\ny: v\nstyle: {number_format: eur, axis_y: {labels: {format: bad}}}', formats),
  )
  expect(diagnostics.filter(({ code }) => code !== 'UNREFERENCED_QUERY')).toMatchObject([
    { code: 'FORMAT_INVALID', line: 4, message: expect.stringContaining('"€,.0f"') },
  ])
  expect(formatValue(resolveFormat('eur', { eur: { spec: ',.0f', prefix: '€', suffix: ' net' } }), 'float', 'kpi')(1234.4)).toBe(
    '€1,234 net',
  )
})

test('of what a board inherits, it need not use all', async () => {
  const base = 'queries: {q: SELECT 1 AS v, r: SELECT 2 AS v}\nvariables: {x: {}}\ncharts: {a: {type: table, query: q}}\nrows: [a]'
  const read = async (path: string) => (path === 'boards/base.yml' ? base : undefined)
  const own =
    'title: T\nnotes: N\nsource: shop\nextends: ./base.yml\ncharts: {b: {type: table, query: q}, c: {type: table, query: q}}\nrows: [b]'
  const { diagnostics } = await compileBoard(own, 'boards/one.yml', { read, sources: ['shop'] })
  expect(diagnostics.map(({ code, file, chart }) => [code, file, chart])).toEqual([['UNREFERENCED_CHART', 'boards/one.yml', 'c']])
})

const foreign: readonly [type: string, keys: string, meant: readonly string[]][] = [
  ['pie', 'label: c\nvalue: v', ['color', 'theta']],
  ['donut', 'category: c\nvalues: v', ['color', 'theta']],
  ['bar', 'x_axis: c\ny_axis: v\nseries: c', ['x', 'y', 'color']],
  ['line', 'dimension: c\nmeasure: v', ['x', 'y']],
  ['area', 'xField: c\nmetrics: v', ['x', 'y']],
  ['kpi', 'metric: v', ['value']],
  ['point_map', 'lat: v\nlng: v', ['latitude', 'longitude']],
]
test.each(foreign)('a %s in the words of other tools: %j', async (type, keys, meant) => {
  const { diagnostics } = await compile(board(`type: ${type}\n${keys}`))
  const told = diagnostics.filter(({ code }) => code === 'UNKNOWN_KEY').map(({ fix }) => /^Did you mean "(\w+)"/.exec(fix ?? '')?.[1])
  expect(told).toEqual(meant)
})

const moved: readonly [chart: string, from: string, to: string][] = [
  ['type: donut\ntheta: v\ncolor: c\ntotal: {label: All, format: integer}', 'total.format', 'style.total.value.format'],
  ['type: map\ngeo: {source: us-states}\nlookup: c\nvalue: v', 'geo.source', 'geo_source'],
  ['type: callout\ntext: T\nstyle: {tone: warning}', 'style.tone', 'tone'],
]
test.each(moved)('%s: the older place of a key is read', async (chart, from, to) => {
  const { diagnostics, charts: compiled } = await compile(board(chart))
  expect(diagnostics.filter(({ code }) => code !== 'SCHEMA_MIGRATED' && code !== 'UNREFERENCED_QUERY')).toEqual([])
  expect(diagnostics.map(({ message }) => message)).toContainEqual(`Older grammar: ${from} was read as ${to}.`)
  const value = to.split('.').reduce<unknown>((block, key) => (block as Record<string, unknown>)[key], compiled.get('subject')?.chart)
  expect(value).toMatch(/^(integer|us-states|warning)$/)
})

test('the colour of a part of a board is that of its title and its text', async () => {
  const { diagnostics, root } = await compile(
    'title: T\nnotes: N\nrows:\n- {text: Words, style: {color: "#1565c0", background: "rgba(255, 255, 255, 0.5)"}}',
  )
  expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ['SCHEMA_MIGRATED', 'Older grammar: style.color was read as style.font.color.'],
  ])
  const item = root.layout?.direction === 'rows' ? root.layout.items[0] : undefined
  expect(item?.kind === 'group' ? wordColors(item.style, 1) : undefined).toEqual({ title: '#1565c0', text: '#1565c0' })
})
