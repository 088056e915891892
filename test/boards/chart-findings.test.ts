import { expect, test } from 'vitest'
import { resolveTheme } from '../../server/boards/charts/theme.ts'
import type { BoundChart } from '../../server/boards/compiled-board.ts'
import { drawChart } from '../../server/boards/draw/draw-chart.ts'
import { boundChart } from './fixtures/bound-chart.ts'

const draw = (bound: BoundChart) => drawChart(bound, { theme: resolveTheme('clarity'), width: 560 })
const many = (count: number, name: string): unknown[][] => Array.from({ length: count }, (_, index) => [`${name} ${index}`, index + 1])
const log = { axis_y: { scale: { continuous: { type: 'log' } } } }
const pair = 'c:text, v:integer'

/** Chart, columns, rows, and exactly the codes that are found. */
const cases: readonly [string, unknown, string, readonly (readonly unknown[])[], readonly string[]][] = [
  ['an x that is not there', { type: 'bar', x: 'cc', y: 'v' }, pair, [['a', 1]], ['UNKNOWN_COLUMN']],
  ['a color that is not there', { type: 'line', x: 'c', y: 'v', color: 'z' }, pair, [['a', 1]], ['UNKNOWN_COLUMN']],
  ['a support value that is not there', { type: 'kpi', value: 'v', support: { value: 'z' } }, 'v:integer', [[1]], ['UNKNOWN_COLUMN']],
  ['a styled column that is not there', { type: 'table', style: { columns: { z: { label: 'Z' } } } }, pair, [['a', 1]], ['UNKNOWN_COLUMN']],
  ['a bar without y', { type: 'bar', x: 'c' }, pair, [['a', 1]], ['MISSING_KEY']],
  ['a measure of words', { type: 'bar', x: 'v', y: 'c' }, pair, [['a', 1]], ['MEASURE_NOT_NUMERIC']],
  ['a measure of numbers as text', { type: 'bar', x: 'c', y: 'v' }, 'c:text, v:text', [['a', '1.5']], []],
  ['a sort column that is not there', { type: 'bar', x: 'c', y: 'v', sort: { by: 'z' } }, pair, [['a', 1]], ['SORT_COLUMN_MISSING']],
  ['a KPI of two rows', { type: 'kpi', value: 'v' }, 'v:integer', [[1], [2]], ['KPI_MULTIROW']],
  ['no rows', { type: 'bar', x: 'c', y: 'v' }, pair, [], ['ZERO_ROWS']],
  ['a KPI without rows', { type: 'kpi', value: 'v' }, 'v:integer', [], ['ZERO_ROWS']],
  ['a table without rows', { type: 'table' }, pair, [], ['ZERO_ROWS']],
  [
    'only nulls',
    { type: 'line', x: 'c', y: 'v' },
    pair,
    [
      ['a', null],
      ['b', null],
    ],
    ['MOSTLY_NULL', 'ZERO_ROWS'],
  ],
  ['only nulls in a histogram', { type: 'histogram', x: 'v' }, 'v:integer', [[null], [null]], ['MOSTLY_NULL', 'ZERO_ROWS']],
  [
    'only nulls in a heatmap',
    { type: 'heatmap', x: 'c', y: 'd', color: 'v' },
    'c:text, d:text, v:integer',
    [
      ['a', 'b', null],
      ['a', 'c', null],
    ],
    ['MOSTLY_NULL', 'ZERO_ROWS'],
  ],
  [
    'mostly nulls',
    { type: 'line', x: 'c', y: 'v' },
    pair,
    [
      ['a', null],
      ['b', null],
      ['d', 1],
    ],
    ['MOSTLY_NULL'],
  ],
  ['a line of one point', { type: 'line', x: 'c', y: 'v' }, pair, [['a', 1]], ['SINGLE_POINT']],
  [
    'a negative slice',
    { type: 'pie', theta: 'v', color: 'c' },
    pair,
    [
      ['a', 1],
      ['b', -1],
    ],
    ['PIE_NEGATIVE_SLICE'],
  ],
  ['seven slices', { type: 'pie', theta: 'v', color: 'c' }, pair, many(7, 'slice'), ['PIE_TOO_MANY_SLICES']],
  [
    'a slice of 95 %',
    { type: 'donut', theta: 'v', color: 'c' },
    pair,
    [
      ['a', 95],
      ['b', 5],
    ],
    ['PIE_DOMINANT_SLICE'],
  ],
  ['slices of zero', { type: 'pie', theta: 'v', color: 'c' }, pair, [['a', 0]], ['ZERO_ROWS']],
  [
    'a slice twice',
    { type: 'pie', theta: 'v', color: 'c' },
    pair,
    [
      ['a', 2],
      ['b', 3],
      ['a', 1],
    ],
    ['DUPLICATE_ROWS'],
  ],
  [
    'eleven colours',
    { type: 'line', x: 'd', y: 'v', color: 'c' },
    'c:text, v:integer, d:integer',
    many(11, 's').flatMap(([name, value]) => [
      [name, value, 1],
      [name, value, 2],
    ]),
    ['TOO_MANY_COLORS'],
  ],
  ['ten thousand categories', { type: 'bar', x: 'c', y: 'v' }, pair, many(10_000, 'category'), ['TOO_MANY_CATEGORIES']],
  [
    'ten thousand standing categories',
    { type: 'bar', x: 'c', y: 'v', style: { orientation: 'vertical' } },
    pair,
    many(10_000, 'category'),
    ['TOO_MANY_CATEGORIES', 'LABELS_COLLIDE'],
  ],
  [
    'rows on one mark',
    { type: 'bar', x: 'c', y: 'v' },
    pair,
    [
      ['a', 1],
      ['a', 2],
    ],
    ['DUPLICATE_ROWS'],
  ],
  [
    'cells of a pivot twice',
    { type: 'table', rows: ['c'], columns: ['d'], values: ['v'] },
    'c:text, d:text, v:integer',
    [
      ['a', 'b', 1],
      ['a', 'b', 2],
    ],
    ['DUPLICATE_ROWS'],
  ],
  [
    'measures a hundredfold apart',
    { type: 'line', x: 'c', y: ['v', 'w'] },
    'c:text, v:integer, w:integer',
    [
      ['a', 1, 400],
      ['b', 2, 500],
    ],
    ['SCALE_MISMATCH'],
  ],
  [
    'color that repeats x',
    { type: 'bar', x: 'c', y: 'v', color: 'c' },
    pair,
    [
      ['a', 1],
      ['b', 2],
    ],
    ['REDUNDANT_COLOR'],
  ],
  [
    'money without a format',
    { type: 'bar', x: 'c', y: 'total_revenue' },
    'c:text, total_revenue:decimal',
    [['a', '1.0']],
    ['MISSING_FORMAT'],
  ],
  ['a share without a format', { type: 'kpi', value: 'win_rate' }, 'win_rate:float', [[0.5]], ['MISSING_FORMAT']],
  [
    'a log scale with zero',
    { type: 'line', x: 'c', y: 'v', style: log },
    pair,
    [
      ['a', 0],
      ['b', 2],
    ],
    ['LOG_SCALE_NOT_POSITIVE'],
  ],
  [
    'a log scale',
    { type: 'line', x: 'c', y: 'v', style: log },
    pair,
    [
      ['a', 1],
      ['b', 200],
    ],
    [],
  ],
  ['an unknown format', { type: 'kpi', value: 'v', style: { value: { format: 'curency' } } }, 'v:integer', [[1]], ['FORMAT_INVALID']],
  [
    'a date format on numbers',
    { type: 'table', style: { columns: { v: { format: 'date_short' } } } },
    pair,
    [['a', 1]],
    ['FORMAT_KIND_MISMATCH'],
  ],
  [
    'percent of 0 to 100',
    { type: 'bar', x: 'c', y: 'v', style: { number_format: 'percent' } },
    pair,
    [
      ['a', 40],
      ['b', 60],
    ],
    ['PERCENT_RANGE'],
  ],
  [
    'percent of a stack of whole numbers',
    { type: 'bar', x: 'c', y: 'v', color: 'd', style: { stack: 'normalize', number_format: 'percent' } },
    'c:text, v:integer, d:text',
    [
      ['a', 40, 'x'],
      ['a', 60, 'y'],
    ],
    [],
  ],
  [
    'a native format on an axis',
    { type: 'bar', x: 'c', y: 'v', style: { number_format: 'percent_number' } },
    pair,
    [['a', 40]],
    ['FORMAT_NATIVE_IN_AXIS'],
  ],
  [
    'a colour that is not there',
    { type: 'bar', x: 'c', y: 'v', style: { color: { static: 'blurple' } } },
    pair,
    [['a', 40]],
    ['UNKNOWN_COLOR'],
  ],
  ['a support table on points', { type: 'scatter', x: 'v', y: 'v', support_table: ['v'] }, pair, [['a', 1]], ['STYLE_NOT_APPLIED']],
  ['a support table of what is not there', { type: 'bar', x: 'c', y: 'v', support_table: ['z'] }, pair, [['a', 1]], ['UNKNOWN_COLUMN']],
  [
    'a layer of what is not there',
    { type: 'bar', x: 'c', y: 'v', layers: [{ type: 'line', y: 'z' }] },
    pair,
    [['a', 1]],
    ['UNKNOWN_COLUMN'],
  ],
  [
    'a place that the map does not have',
    { type: 'map', geo_source: 'us-states', lookup: 'c', value: 'v' },
    pair,
    [
      ['CA', 1],
      ['Atlantis', 2],
    ],
    ['UNKNOWN_PLACE'],
  ],
  ['no place of the map', { type: 'map', lookup: 'c', value: 'v' }, pair, [['Atlantis', 1]], ['UNKNOWN_PLACE', 'ZERO_ROWS']],
  ['a map without its measure', { type: 'geoshape', lookup: 'c' }, pair, [['CA', 1]], ['MISSING_KEY']],
  ['points off the earth', { type: 'point_map', latitude: 'v', longitude: 'v' }, pair, [['a', 400]], ['ZERO_ROWS']],
  [
    'a label that cannot be written',
    { type: 'pie', theta: 'v', color: 'c', style: { labels: { template: '{{ v | nothing }}' } } },
    pair,
    [['a', 1]],
    ['TEMPLATE_ERROR'],
  ],
  ['long names', { type: 'bar', x: 'c', y: 'v' }, pair, [['name '.repeat(60), 1]], ['TEXT_TRUNCATED']],
  ['a table of 42 rows', { type: 'table' }, pair, many(42, 'row'), ['TABLE_CUT']],
  ['a table of 42 rows without pages', { type: 'table', style: { pagination: { enabled: false } } }, pair, many(42, 'row'), []],
]

test.each(cases)('%s: what is found', async (_, chart, columns, rows, codes) => {
  const { svg, findings } = await draw(boundChart('subject', chart, columns, rows))
  expect(findings.map(({ code }) => code)).toEqual(codes)
  const error = findings.find(({ level }) => level === 'error')
  expect(svg.includes('cannot be drawn')).toBe(error !== undefined)
  for (const finding of findings) expect(finding).toMatchObject({ file: 'boards/sales.yml', line: 7, column: 3, chart: 'subject' })
})

test('an unknown column names the nearest and all that there are', async () => {
  const { findings } = await draw(boundChart('subject', { type: 'bar', x: 'regoin', y: 'v' }, 'region:text, v:integer', [['a', 1]]))
  expect(findings[0]?.message).toBe('x names "regoin"; the query gives region, v. Did you mean "region"?')
})

test('a result that was cut is said', async () => {
  const { findings } = await draw(boundChart('subject', { type: 'bar', x: 'c', y: 'v' }, pair, [['a', 1]], { truncated: 'max_rows 1' }))
  expect(findings.map(({ code }) => code)).toEqual(['RESULT_TRUNCATED'])
})

test('a warning that the chart ignores is not found, an error is', async () => {
  const ignored = { warnings_ignore: ['SINGLE_POINT', 'UNKNOWN_COLUMN'] }
  expect((await draw(boundChart('a', { type: 'line', x: 'c', y: 'v', ...ignored }, pair, [['a', 1]]))).findings).toEqual([])
  expect((await draw(boundChart('b', { type: 'line', x: 'z', y: 'v', ...ignored }, pair, [['a', 1]]))).findings).toHaveLength(1)
})

test('a query that failed shows its message in place of the chart', async () => {
  const failed = boundChart('subject', { type: 'bar', title: 'Orders', x: 'c', y: 'v' }, pair, [])
  const message = 'column "totl" does not exist'
  const { svg } = await draw({
    ...failed,
    rows: undefined,
    diagnostics: [{ level: 'error', code: 'QUERY_FAILED', message, file: 'a.yml', line: 1, column: 1 }],
  })
  expect(svg).toContain('column &quot;totl&quot; does not exist')
})
