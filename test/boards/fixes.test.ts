/** The fix of a finding says what to write, so that the board is right after one round. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoardProject, boardProject } from '../support/board-project.ts'

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({
    'dataface.yml': 'name: test\nsources: {shop: {type: duckdb, files: {orders: orders.csv}}}\n',
    'orders.csv': 'region,Body Mass (g)\nNorth,1\n',
    'boards/base.yml':
      'source: shop\nvariables: {r: {default: North}}\nqueries: {q: "SELECT region FROM orders WHERE region = {{ r }}"}\ncharts: {t: {type: table, query: q, title: T}}\n',
  })
})
afterAll(() => project?.close())

interface Finding {
  readonly code: string
  readonly message: string
  readonly fix: string
}

const findings = async (yaml: string, tool = 'validate_yaml'): Promise<Finding[]> =>
  (await project.data<{ diagnostics: Finding[] }>(tool, { yaml: `source: shop\nnotes: x\n${yaml}\n` })).diagnostics

const told = async (yaml: string): Promise<string[]> => (await findings(yaml)).map(({ code, fix }) => `${code}: ${fix}`)

const charts = 'queries: {q: SELECT region FROM orders}\ncharts: {a: {type: table, query: q, title: T}}'

test.each<[string, string, string]>([
  ['a chart in a layout', `${charts}\nrows: [{chart: a}]`, 'UNKNOWN_KEY: Write the name of the chart alone: - a'],
  [
    'a chart in a layout, with more keys',
    `${charts}\nrows: [{chart: a, width: 50%}]`,
    'UNKNOWN_KEY: Write the name of the chart alone: - a',
  ],
  ['a chart in a grid', `${charts}\ngrid: {items: [{item: a}, {item: {text: x}, chart: a}]}`, 'UNKNOWN_KEY: Write item: a.'],
  [
    'a list in a layout',
    `${charts}\nrows: [[a, a]]`,
    'WRONG_TYPE: Write {cols: [...]} for charts side by side, {rows: [...]} for charts below each other.',
  ],
  [
    'a height in style',
    'charts: {a: {type: table, query: SELECT 1 AS n, title: T, style: {height: 300}}}',
    'UNKNOWN_KEY: Write height beside style, not in it.',
  ],
  [
    'a width in the style of a board within',
    `${charts}\nrows: [{cols: [a], style: {visible: true}}]`,
    'UNKNOWN_KEY: Write visible beside style, not in it.',
  ],
  ['tabs as a list of names', `${charts}\ntabs: [a]`, 'WRONG_TYPE: Write tabs: {items: [...]}.'],
  [
    'a key of style by its name in other tools, beside it',
    'charts: {a: {type: bar, query: SELECT 1 AS n, title: T, x: n, y: n, stacked: true}}',
    'UNKNOWN_KEY: Write it in style: {stack: ...}.',
  ],
  [
    'columns beside rows',
    'queries: {q: {columns: [a], rows: [{a: 1}]}}\ncharts: {t: {type: table, query: q, title: T}}',
    'UNKNOWN_KEY: With columns, write the rows as lists under values; or leave columns out, and write each row as a block.',
  ],
  [
    'columns of a table that is no pivot',
    'charts: {t: {type: table, query: SELECT 1 AS n, title: T, columns: [n]}}',
    'MISSING_KEY: Add them; or leave columns out, and select in the query what is to be shown.',
  ],
  [
    'a key of style beside it',
    'charts: {a: {type: bar, query: SELECT 1 AS n, title: T, x: n, y: n, orientation: vertical}}',
    'UNKNOWN_KEY: Write it in style: {orientation: ...}.',
  ],
])('what stands in the wrong place: %s', async (_what, yaml, finding) => {
  expect(await told(yaml)).toContain(finding)
})

describe('a variable without anything to choose from', () => {
  const use = 'queries: {q: "SELECT {{ v }} AS n"}\ncharts: {a: {type: table, query: q, title: T}}'

  test.each([
    '{input: select}',
    '{input: multiselect}',
    '{input: radio, default: x}',
    '{options: []}',
    '{input: select, options: {static: []}}',
  ])('is told: %s', async (variable) => {
    expect((await findings(`variables: {v: ${variable}}\n${use}`)).map(({ code }) => code)).toEqual(['WRONG_VALUE'])
  })

  test.each(['{input: select, column: orders.region}', '{input: select, query: SELECT 1}', '{default: a}', '{input: text}'])(
    'is not one that has it, or needs none: %s',
    async (variable) => {
      expect(await findings(`variables: {v: ${variable}}\n${use}`)).toEqual([])
    },
  )

  test('a default that does not fit is told once by every tool', async () => {
    const yaml = `variables: {v: {options: [1, 2], default: x}}\n${use}`
    for (const tool of ['validate_yaml', 'test_yaml_execution', 'render_dashboard'])
      expect(
        (await findings(yaml, tool)).map(({ code }) => code),
        tool,
      ).toEqual(['BAD_VARIABLE_VALUE'])
  })
})

test.each<[string, string]>([
  [
    '{metrics: [revenue, orders], dimensions: [region, metric_time__month], time_grain: month}',
    "Write it as SQL: SELECT date_trunc('month', ...) AS metric_time__month, region, ... AS revenue, ... AS orders FROM ... GROUP BY 1, 2",
  ],
  ['{type: metricflow, source: shop, metrics: [revenue]}', 'Write it as SQL: SELECT ... AS revenue FROM ...'],
  ['{type: http, url: "https://example.org"}', 'Load the data into a source and write SQL, or write the rows as columns: and values:.'],
  ['{type: schema, table: orders}', 'Call describe_table or get_metadata; write as SQL what the board is to show.'],
])('a query that is not run here says what to write instead: %s', async (query, fix) => {
  const found = await findings(`queries: {q: ${query}}\ncharts: {a: {type: table, query: q, title: T}}`)
  expect(found.filter(({ code }) => code === 'QUERY_UNSUPPORTED').map((one) => one.fix)).toEqual([fix])
})

test('a query of another board says which variable it brings', async () => {
  expect(await findings('queries: {q: {ref: boards/base.queries.q}}\ncharts: {a: {type: table, query: q, title: T}}')).toMatchObject([
    {
      code: 'UNKNOWN_VARIABLE',
      message: 'A query of "boards/base" uses the variable r, which this board has not.',
      fix: 'Add under variables: {r: {ref: boards/base.variables.r}}.',
    },
  ])
  expect(
    await findings(
      'variables: {r: {ref: boards/base.variables.r}}\nqueries: {q: {ref: boards/base.queries.q}}\ncharts: {a: {type: table, query: q, title: T}}',
    ),
  ).toEqual([])
})

test('names that need quotes are given with them', async () => {
  const fixes = async (sql: string) =>
    (await findings(`charts: {a: {type: table, title: T, query: '${sql}'}}`, 'render_dashboard')).map(({ fix }) => fix)
  expect(await fixes('SELECT weight FROM orders')).toEqual(['Columns of orders: region, "Body Mass (g)".'])
  expect(await fixes('SELECT body_mass FROM orders')).toEqual([expect.stringContaining('"Body Mass (g)"')])
})

test('a key of another tool is taken for one that is not there yet', async () => {
  const [fix] = await told('charts: {a: {type: heatmap, query: SELECT 1 AS n, title: T, x: n, y: n, value: n}}')
  expect(fix).toMatch(/^UNKNOWN_KEY: Did you mean "color"\?/)
})

test('a format that is mistyped is told with the nearest', async () => {
  expect(
    await told('charts: {a: {type: kpi, query: SELECT 1 AS n, label: T, value: n, style: {value: {format: currency_wholee}}}}'),
  ).toEqual(['FORMAT_INVALID: Did you mean "currency_whole"?'])
})

test('what stands in no layout is tried on its data too', async () => {
  const yaml =
    'queries: {q: SELECT region FROM orders}\ncharts: {dell: {type: table, query: q, title: T}, del: {type: kpi, query: q, label: L, value: gone}}\nrows: [dell]'
  expect((await findings(yaml, 'test_yaml_execution')).map(({ code }) => code)).toEqual(['UNREFERENCED_CHART', 'UNKNOWN_COLUMN'])
})

test('a layer and a chart without rows are not told to lack columns as well', async () => {
  const layer =
    'queries: {q: "SELECT region, 1 AS n FROM orders", r: SELECT 1 AS m}\ncharts: {a: {type: bar, query: q, title: T, x: region, y: n, layers: [{type: line, query: rr, y: m}]}}'
  expect((await findings(layer, 'test_yaml_execution')).map(({ code }) => code)).toEqual(['UNKNOWN_QUERY'])
  const broken = 'queries: {q: {rows: [[1], [2]]}}\ncharts: {a: {type: kpi, query: q, label: T, value: n}}'
  expect(new Set((await findings(broken, 'test_yaml_execution')).map(({ code }) => code))).toEqual(new Set(['WRONG_TYPE']))
})

test('a text that asks for a figure of a query is told alike by all', async () => {
  const yaml = `${charts}\nrows: [{text: "{{ queries.q.region }} {{ queries.q }}"}, a]`
  for (const tool of ['validate_yaml', 'test_yaml_execution', 'render_dashboard'])
    expect(
      (await findings(yaml, tool)).map(({ message }) => message),
      tool,
    ).toEqual(['A text cannot show a figure of a query.'])
})

test('the ends of a range are told by their places', async () => {
  const yaml =
    'variables: {p: {input: daterange}}\nqueries: {q: "SELECT region FROM orders WHERE {{ p.start }} = 1"}\ncharts: {a: {type: table, query: q, title: T}}'
  expect((await findings(yaml)).map(({ fix }) => fix)).toEqual([expect.stringContaining('write name[0]')])
})

test.each([
  ['of a chart', 'queries: {q: SELECT 1 AS n}\ncharts: {a: {type: kpi, query: q, label: T, valeu: n}}', 'valeu'],
  [
    'of a chart, beside one of a mistyped type',
    'queries: {q: SELECT 1 AS n}\ncharts: {b: {type: tabel, query: q}, a: {type: kpi, query: q, label: T, valeu: n}}',
    'valeu',
  ],
  ['of a tab', 'tabs: {items: [{titel: One, text: x}]}', 'titel'],
  ['of a rule', 'queries: {q: {column: [a], values: [[1]]}}\ncharts: {a: {type: table, query: q, title: T}}', 'column'],
])('a mistyped key is not told to be missing as well: %s', async (_, yaml, key) => {
  const found = (await findings(yaml)).filter(({ code }) => code === 'UNKNOWN_KEY' || code === 'MISSING_KEY')
  expect(found).toMatchObject([{ code: 'UNKNOWN_KEY', message: expect.stringContaining(`"${key}"`) }])
})

test.each([
  [
    'a query',
    'queries: {q: {sql: SELECT region, count(*) AS n FROM orders GROUP BY 1}}\ncharts: {a: {type: bar, query: q, title: T, x: region, y: n}}',
  ],
  ['a chart', 'charts: {a: {type: bar, query: SELECT region, count(*) AS n FROM orders GROUP BY 1, title: T, x: region, y: n}}'],
  ['a title', 'queries: {q: SELECT 1 AS n}\ncharts: {a: {type: bar, query: q, title: Revenue, net of tax, x: n, y: n}}'],
])('a comma that ends a text without quotes is told, and nothing of what it made of it: %s', async (_, yaml) => {
  for (const tool of ['validate_yaml', 'test_yaml_execution'])
    expect(await findings(yaml, tool)).toMatchObject([
      {
        code: 'UNKNOWN_KEY',
        message: expect.stringContaining('a comma ends the text before it'),
        fix: expect.stringContaining('in quotes'),
      },
    ])
})

test('what a chart inherits is told once, where it stands', async () => {
  const yaml =
    'style: {charts: {kpi: {value: {format: zz}}}}\nqueries: {q: SELECT 1 AS n}\ncharts: {a: {type: kpi, query: q, label: T, value: n, support: {tone: good}}}'
  expect((await findings(yaml)).map(({ code }) => code)).toEqual(['FORMAT_INVALID', 'WRONG_VALUE'])
})
