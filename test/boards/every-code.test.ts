/** Every finding that the reference documents is given: one board for each code. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BoardDiagnosticCode, diagnosticDefinitions } from '../../contracts/v1/board/diagnostics.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

const sources = 'sources: {shop: {type: duckdb, files: {orders: orders.csv}}, lake: {type: duckdb, files: {lakes: orders.csv}}}\n'
const files = { 'orders.csv': 'region,revenue\nNorth,120\nSouth,80\n', 'boards/cycle.yml': 'extends: ./cycle.yml\ntext: x\n' }
let project: BoardProject
/** Its boards have less time than it takes to open a source. */
let hurried: BoardProject
beforeAll(async () => {
  project = await boardProject({ 'dataface.yml': `name: test\n${sources}`, ...files })
  hurried = await boardProject({ 'dataface.yml': `name: test\nlimits: {timeout_ms: 10}\n${sources}`, ...files })
})
afterAll(async () => {
  await project?.close()
  await hurried?.close()
})

/** A chart over rows of `a`, a word, and `b`, a number. */
const chart = (keys: string, ...rows: readonly string[]): string =>
  `queries: {q: {columns: [a, b], values: [${(rows.length === 0 ? ['[x, 1]', '[y, 2]'] : rows).join(', ')}]}}\ncharts: {t: {query: q, ${keys}}}`
const bar = 'type: bar, x: a, y: b'
const sql = (query: string): string => `source: shop\nqueries: {q: "${query}"}\ncharts: {t: {type: table, query: q}}`
const many = (count: number, row: (index: number) => string): string[] => Array.from({ length: count }, (_, index) => row(index))

const boards: Readonly<Record<BoardDiagnosticCode, string>> = {
  FILE_TOO_LARGE: `text: ${'é'.repeat(600_000)}`,
  EMPTY_DOCUMENT: '# nothing',
  YAML_ERROR: 'text: "x',
  DUPLICATE_KEY: 'text: x\ntext: y',
  UNKNOWN_KEY: 'titel: x',
  MISSING_KEY: chart('type: bar, x: a'),
  WRONG_TYPE: 'text: [x]',
  WRONG_VALUE: 'text: x\nhtml_policy: raw',
  BAD_NAME: 'queries: {1a: SELECT 1}',
  UNSUPPORTED_CHART_TYPE: chart('type: sankey'),
  RAW_VEGA_LITE: chart(`${bar}, encoding: {}`),
  NO_LAYOUT: 'title: x',
  SEVERAL_LAYOUTS: 'rows: [{text: x}]\ncols: [{text: x}]',
  UNKNOWN_CHART: 'rows: [gone]',
  UNKNOWN_QUERY: 'charts: {t: {type: table, query: gone}}',
  UNKNOWN_VARIABLE: 'text: "{{ gone }}"',
  UNKNOWN_THEME: 'theme: gone\ntext: x',
  UNKNOWN_SOURCE: 'source: gone\ncharts: {t: {type: table, query: SELECT 1}}',
  NO_SOURCE: 'charts: {t: {type: table, query: SELECT 1}}',
  DUPLICATE_CHART: 'rows: [{t: {type: callout, text: x}}, {t: {type: callout, text: y}}]',
  GRID_OVERLAP: 'grid: {items: [{item: {text: x}, col: 0, row: 0}, {item: {text: y}, col: 0, row: 0}]}',
  GRID_OVERFLOW: 'grid: {items: [{item: {text: x}, col_span: 25}]}',
  QUERY_MISSING: 'charts: {t: {type: table}}',
  QUERY_CYCLE: 'source: shop\nqueries: {a: "SELECT * FROM {{ queries.b }}", b: "SELECT * FROM {{ queries.a }}"}\ntext: x',
  QUERY_UNSUPPORTED: 'queries: {q: {type: http, url: "https://example.org"}}\ncharts: {t: {type: table, query: q}}',
  EXTENDS_UNRESOLVED: 'extends: ./gone.yml\ntext: x',
  EXTENDS_CYCLE: 'extends: boards/cycle.yml\ntext: x',
  TEMPLATE_ERROR: 'text: "{{ "',
  TEMPLATE_POSITION: `variables: {v: {default: orders}}\n${sql('SELECT * FROM {{ v }}')}`,
  BAD_VARIABLE_VALUE: 'variables: {v: {input: number, default: x}}\ntext: x',
  MISSING_VARIABLE_VALUE: `variables: {v: {required: true}}\n${sql('SELECT {{ v }} AS v')}`,
  REF_UNKNOWN: sql("SELECT * FROM {{ ref('gone') }}"),
  SQL_REJECTED: sql('DROP TABLE orders'),
  SQL_ERROR: sql('SELECT FROM WHERE'),
  FORMAT_INVALID: chart(`${bar}, style: {number_format: "zz!"}`),
  FORMAT_PREDEFINED_SHADOW: 'style: {formats: {percent: ".2f"}}\ntext: x',
  FORMAT_KIND_MISMATCH: chart('type: table, style: {columns: {a: {format: integer}}}'),
  FORMAT_NATIVE_IN_AXIS: chart(`${bar}, style: {number_format: percent_number}`),
  PERCENT_RANGE: chart(`${bar}, style: {number_format: percent}`, '[x, 40]', '[y, 60]'),
  STYLE_NOT_APPLIED: chart(`${bar}, style: {max_bars: 5}`),
  SCHEMA_MIGRATED: 'description: x\ntext: x',
  UNREFERENCED_CHART: `${chart(bar)}\nrows: [{text: x}]`,
  UNREFERENCED_QUERY: 'queries: {q: {rows: [{a: 1}]}}\ntext: x',
  UNREFERENCED_VARIABLE: `variables: {v: {}}\n${chart(bar)}`,
  HTML_POLICY_CAPPED: 'html_policy: trusted-raw\ntext: x',

  QUERY_FAILED: sql('SELECT gone FROM orders'),
  OUT_OF_TIME: sql('SELECT count(*) FROM range(1000000000)'),
  UNKNOWN_COLUMN: chart('type: bar, x: a, y: c'),
  DUPLICATE_COLUMN: sql('SELECT 1 AS a, 2 AS a'),
  KPI_MULTIROW: chart('type: kpi, value: b'),
  CONDITION_NOT_ONE_ROW: `${chart(bar)}\nrows: [t, {text: x, visible: {query: q, column: b}}]`,
  MEASURE_NOT_NUMERIC: chart('type: bar, x: b, y: a'),
  PIE_NEGATIVE_SLICE: chart('type: pie, theta: b, color: a', '[x, -1]', '[y, 2]'),
  STACK_NEGATIVE:
    'queries: {q: {columns: [a, b, c], values: [[x, 1, p], [x, -2, r]]}}\ncharts: {t: {query: q, type: bar, x: a, y: b, color: c, style: {stack: normalize}}}',
  OPEN_BAR:
    'queries: {q: {columns: [a, b, c], values: [[x, 1, 2], [y, null, 2]]}}\ncharts: {t: {query: q, type: bar, x: a, y: b, y_start: c}}',
  SIZE_NEGATIVE: chart('type: scatter, x: b, y: b, size: b', '[x, -1]', '[y, 2]'),
  DOMAIN_CUTS: chart(`${bar}, style: {axis_y: {scale: {continuous: {domain: [0, 1]}}}}`),
  LOG_SCALE_LENGTHS: chart(`${bar}, style: {axis_y: {scale: {continuous: {type: log}}}}`),
  LOG_SCALE_NOT_POSITIVE: chart('type: line, x: a, y: b, style: {axis_y: {scale: {continuous: {type: log}}}}', '[x, -1]', '[y, 2]'),
  DUPLICATE_ROWS: chart(bar, '[x, 1]', '[x, 2]'),
  ZERO_ROWS: sql('SELECT * FROM orders WHERE false'),
  MOSTLY_NULL: chart(bar, '[x, 1]', '[y, null]', '[z, null]'),
  SINGLE_POINT: chart('type: line, x: a, y: b', '[x, 1]'),
  RESULT_TRUNCATED: sql('SELECT * FROM range(10001)'),
  SORT_COLUMN_MISSING: chart(`${bar}, sort: {by: c}`),
  UNKNOWN_PLACE: chart('type: map, geo_source: us-states, lookup: a, value: b', '[CA, 1]', '[Atlantis, 2]'),
  UNKNOWN_COLOR: 'style: {accent: blurple}\ntext: x',

  PIE_TOO_MANY_SLICES: chart('type: pie, theta: b, color: a', ...many(9, (index) => `[x${index}, 1]`)),
  PIE_DOMINANT_SLICE: chart('type: pie, theta: b, color: a', '[x, 99]', '[y, 1]'),
  TOO_MANY_COLORS: `queries: {q: {columns: [a, b, c], values: [${many(24, (index) => `[x${index % 2}, 1, s${index >> 1}]`).join(', ')}]}}\ncharts: {t: {query: q, type: line, x: a, y: b, color: c}}`,
  TOO_MANY_CATEGORIES: chart(bar, ...many(80, (index) => `[x${index}, ${index}]`)),
  MISSING_FORMAT: 'queries: {q: {columns: [a, revenue], values: [[x, 1], [y, 2]]}}\ncharts: {t: {query: q, type: bar, x: a, y: revenue}}',
  SCALE_MISMATCH:
    'queries: {q: {columns: [a, b, c], values: [[x, 1, 5000], [y, 2, 6000]]}}\ncharts: {t: {query: q, type: line, x: a, y: [b, c]}}',
  REDUNDANT_COLOR: chart(`${bar}, color: a`),
  MISSING_TITLE: chart(bar),
  MISSING_NOTES: 'text: x',
  DUPLICATE_QUERY: 'source: shop\ncharts: {t: {type: table, query: SELECT 1 AS n}, u: {type: table, query: SELECT 1 AS n}}',
  TOO_MANY_CHARTS: `queries: {q: {rows: [{a: 1}]}}\ncharts: {${many(9, (index) => `t${index}: {type: table, query: q}`).join(', ')}}`,
  PIE_ONE_SLICE: chart('type: pie, theta: b, color: a', '[x, 1]'),
  MIXED_FORMATS:
    'queries: {q: {columns: [a, b], values: [[x, 0.1], [y, 0.2]]}}\ncharts: {t: {query: q, type: bar, x: a, y: b, style: {number_format: percent}}, u: {query: q, type: bar, x: a, y: b, style: {number_format: currency}}}',
  FORMAT_NOT_NAMED: chart(`${bar}, style: {number_format: "$,.0f"}`),
  MISSING_UNIT: 'queries: {q: {columns: [a, delay], values: [[x, 1], [y, 2]]}}\ncharts: {t: {query: q, type: bar, x: a, y: delay}}',
  SELECT_STAR: sql('SELECT * FROM orders'),
  LIMIT_WITHOUT_ORDER: sql('SELECT region FROM orders LIMIT 1'),
  KPI_NOT_FIRST: `${chart(bar, '[x, 1]')}\nrows: [t, {type: kpi, query: q, value: b}]`,
  LOW_CONTRAST: chart('type: table, style: {background: "#ffffff", title: {font: {color: "#eeeeee"}}}'),

  TEXT_TRUNCATED: chart(bar, `[${'name '.repeat(60)}, 1]`),
  LABELS_COLLIDE: chart('type: line, x: a, y: b', ...many(80, (index) => `[a rather long name ${index}, ${index}]`)),
  CHART_TOO_SMALL: chart(`${bar}, height: 30`),
  CHARACTERS_NOT_BUNDLED: 'text: 漢字',
  TABLE_CUT: chart('type: table', ...many(60, (index) => `[x${index}, 1]`)),
}

const codesOf = async (tool: string, input: Record<string, unknown>, key: 'diagnostics' | 'findings'): Promise<string[]> =>
  (await (input.yaml === boards.OUT_OF_TIME ? hurried : project).data<Record<string, { code: string }[]>>(tool, input))[key]?.map(
    ({ code }) => code,
  ) ?? []

test.each(Object.keys(diagnosticDefinitions) as BoardDiagnosticCode[])('%s is given', { timeout: 60_000 }, async (code) => {
  const yaml = boards[code]
  const found = await codesOf('validate_yaml', { yaml }, 'diagnostics')
  if (!found.includes(code)) found.push(...(await codesOf('render_dashboard', { yaml, format: 'png' }, 'diagnostics')))
  if (!found.includes(code)) found.push(...(await codesOf('review_dashboard', { yaml, max_findings: 50 }, 'findings')))
  expect(found).toContain(code)
  // What is found in the text alone is found without a database.
  if (diagnosticDefinitions[code].found === 'compile') expect(await codesOf('validate_yaml', { yaml }, 'diagnostics')).toContain(code)
})
