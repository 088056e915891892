/** The board in characters, and how numbers that name things are written wherever a board tells them. */
import { expect, test } from 'vitest'
import { kpiModel } from '../../server/boards/charts/kpi-model.ts'
import { tableModel } from '../../server/boards/charts/table-model.ts'
import { resolveTheme } from '../../server/boards/charts/theme.ts'
import { drawChart } from '../../server/boards/draw/draw-chart.ts'
import { isIdentifier } from '../../server/boards/formats/identifiers.ts'
import { barLines } from '../../server/boards/render/bar-lines.ts'
import { describeChart } from '../../server/boards/render/describe-chart.ts'
import { renderTerminal } from '../../server/boards/render/render-terminal.ts'
import { boundBoard, group, tabs, variable } from './fixtures/bound-board.ts'
import { boundChart } from './fixtures/bound-chart.ts'

const options = { theme: resolveTheme('clarity') }
const columns = 'year:integer, region:text, sold:integer, planned:integer'
const rows = [
  [1970, 'North', 4, 8],
  [1970, '南部', 2, null],
  [1971, 'North', 0, 16],
]
/** The heads and the numbers of the bars, without their blocks. */
const lines = (chart: object) => barLines(boundChart('subject', chart, columns, rows), options, 60)?.map((line) => line.replace(/█+/, '#'))

test('bars name their series: values of a column, several measures, layers', () => {
  const bar = { type: 'bar', x: 'year', y: 'sold' }
  expect(lines({ ...bar, color: 'region' })).toEqual(['1970  North # 4', '1970  南部  # 2', '1971  North  0'])
  expect(lines({ ...bar, y: ['sold', 'planned'] })).toEqual([
    '1970  Sold    # 4',
    '1970  Planned # 8',
    '1970  Sold    # 2',
    '1970  Planned  —',
    '1971  Sold     0',
    '1971  Planned # 16',
  ])
  expect(lines({ ...bar, layers: [{ type: 'line', y: 'planned', label: 'Plan' }] })?.slice(0, 2)).toEqual([
    '1970  Sold # 4',
    '1970  Plan # 8',
  ])
  expect(lines({ type: 'spark_bar', x: 'sold', y: 'region' })).toEqual(['North # 4', '南部  # 2', 'North  0'])
  expect(lines({ type: 'scatter', x: 'sold', y: 'planned' })).toBe(undefined)
})

test('numbers that name things are not grouped, wherever they are told', async () => {
  const chart = (type: object, data = rows) => boundChart('subject', type, columns, data)
  expect(describeChart(chart({ type: 'table' }), options)).toContain('year (integer): 1970 to 1971')
  expect(tableModel(chart({ type: 'table' }), options).model?.rows[0]?.map(({ text }) => text)).toEqual(['1970', 'North', '4', '8'])
  const kpi = { type: 'kpi', value: 'year', support: { value: 'year', label: 'since' } }
  expect(kpiModel(chart(kpi, rows.slice(0, 1)), options).model).toMatchObject({ value: '1970', support: { text: '1970' } })
  for (const plot of [
    { type: 'line', x: 'year', y: 'sold' },
    { type: 'scatter', x: 'sold', y: 'year' },
    { type: 'bar', x: 'region', y: 'year', support_table: [{ aggregate: 'max', source: 'year' }], style: { labels: true } },
    { type: 'histogram', x: 'year' },
  ]) {
    const { svg } = await drawChart(chart(plot), options)
    expect(svg).toMatch(/>19\d\d</)
    expect(svg).not.toMatch(/>1,9\d\d</)
  }
})

test('a column names things by its last word, unless it is an amount of them', () => {
  const [things, amounts] = [
    ['year', 'Fiscal Year', 'order_id', 'orderId', 'zip', 'phone_number', 'birth_year', 'id'],
    ['orders_this_year', 'revenue_per_year', 'total_number', 'paid', 'years', 'sales by year', 'width'],
  ]
  expect([...things, ...amounts].filter(isIdentifier)).toEqual(things)
})

test('a board names its values in force, its parts and tabs, and shows a chart in every place', () => {
  const kpi = boundChart('k', { type: 'kpi', value: 'sold', label: 'Sold' }, columns, rows.slice(0, 1))
  const sparks = boundChart(
    't',
    { type: 'table', title: 'Courses', style: { columns: { course: { spark: 'line' }, sold: { spark: 'bar' } } } },
    'region:text, course:array, sold:integer',
    [['North', [1, null, 8, 4], 7]],
  )
  const inner = group('rows', ['k'], { title: 'Part' })
  const board = boundBoard('Board', [kpi, sparks], group('rows', ['k', inner, tabs([{ title: 'Tab', node: group('rows', ['t']) }])]), {
    variables: [variable('region', 'Region', ['North', 'South'], 'multiselect'), variable('none', 'None', null)],
  })
  const text = renderTerminal(board, 60)
  expect(text.split('\n').filter((line) => line !== '')).toEqual([
    'Board',
    '═════',
    'Region: North, South',
    'Sold: 4',
    '── Part',
    'Sold: 4',
    '── Tab',
    'Courses',
    '  region  course  sold',
    '  ──────  ──────  ────',
    '  North   ▁ █▄       7',
  ])
})
