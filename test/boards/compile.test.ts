import { describe, expect, test } from 'vitest'
import { compileBoard } from '../../server/boards/compile/compile-board.ts'
import type { ReadText } from '../../server/boards/compile/inherit.ts'
import { queryOfText } from '../../server/boards/query-of-text.ts'

const sources = ['shop', 'weather']

/** Compiles files by path, and tells its findings as `line:column CODE`. */
const compile = async (files: Readonly<Record<string, string>>, path = 'boards/one.yml') => {
  const read: ReadText = async (name) => files[name]
  const board = await compileBoard(files[path] as string, path, { read, sources })
  return {
    board,
    findings: board.diagnostics.map(({ file, line, column, code }) => `${file === path ? '' : `${file}:`}${line}:${column} ${code}`),
  }
}

const one = (text: string) => compile({ 'boards/one.yml': text })

describe('a board', () => {
  test('gives its queries, charts, variables and layout by name', async () => {
    const { board, findings } = await one(`
title: Orders
source: shop
variables:
  region: {options: [North, South]}
queries:
  orders: "SELECT 1 AS n WHERE {{ filter('region', region) }}"
charts:
  total: {type: kpi, query: orders, value: n, label: Orders}
rows:
- title: Figures
  cols: [total]
- text: "**Done**"
`)
    expect(findings).toEqual([])
    expect(board.title).toBe('Orders')
    expect([...board.variables.keys()]).toEqual(['region'])
    expect(board.queries.get('orders')).toMatchObject({ source: 'shop', definition: { sql: expect.stringContaining('SELECT 1 AS n') } })
    expect(board.charts.get('total')).toMatchObject({ query: 'orders', chart: { type: 'kpi', value: 'n' } })
    expect(board.root.layout).toMatchObject({
      direction: 'rows',
      items: [
        { kind: 'group', title: 'Figures', layout: { direction: 'cols', items: [{ kind: 'chart', chart: 'total' }] } },
        { kind: 'group', text: '**Done**' },
      ],
    })
  })

  test('with charts and no layout shows them in the order they are written', async () => {
    const { board, findings } = await one('source: shop\ncharts:\n  b: {type: table, query: SELECT 1}\n  a: {type: table, query: SELECT 2}')
    expect(findings).toEqual([])
    expect(board.root.layout).toMatchObject({ direction: 'rows', items: [{ chart: 'b' }, { chart: 'a' }] })
  })

  test('written in Markdown shows its charts between the prose, and keeps the lines of its front matter', async () => {
    const text =
      '---\ntitle: Notes\nsource: shop\ncharts:\n  a: {type: table, query: SELECT 1, nots: x}\n---\nBefore\n\n{{ chart a }}\n\nAfter\n'
    const { board, findings } = await compile({ 'boards/one.md': text }, 'boards/one.md')
    expect(findings).toEqual(['5:37 UNKNOWN_KEY'])
    expect(board.root.layout).toMatchObject({ items: [{ text: 'Before' }, { chart: 'a' }, { text: 'After' }] })
  })

  test.each(['{{ chart a-1 }}', '{{ chart "a-1" }}', "{{ chart('a-1') }}", '{{ charts.a }}', '{{ a }}', '  {{- a -}}'])(
    'written in Markdown shows a chart where a line says %s, and a variable of its name where there is one',
    async (tag) => {
      const name = tag.includes('a-1') ? 'a-1' : 'a'
      const board = (more: string) => ({
        'boards/one.md': `---\ncharts: {${name}: {type: callout, text: x}}\n${more}---\nBefore\n${tag}\nAfter`,
      })
      const shown = await compile(board(''), 'boards/one.md')
      expect(shown.findings).toEqual([])
      expect(shown.board.root.layout).toMatchObject({ items: [{ text: 'Before' }, { chart: name }, { text: 'After' }] })
      const named = await compile(board(`variables: {${name.replace('-', '_')}: {}}\n`), 'boards/one.md')
      const isText = /^[ {-]*a[ }-]*$/.test(tag)
      expect(named.board.root.layout).toMatchObject({ items: isText ? [{ kind: 'group' }] : [{}, { chart: name }, {}] })
    },
  )

  test('tells of a chart that stands within a text, however it is written', async () => {
    const texts = ['{{ chart a }}', "{{ chart('a') }}", '{{ a }}'].map((tag) => `- text: "Look at ${tag} here"\n`)
    const { findings } = await one(`charts: {a: {type: callout, text: x}}\nrows:\n- a\n${texts.join('')}`)
    expect(findings).toEqual(['4:27 TEMPLATE_ERROR', '5:21 TEMPLATE_ERROR', '6:21 TEMPLATE_ERROR'])
  })

  test('nested in another may have queries of its own, which hide those around it', async () => {
    const { board, findings } = await one(`
source: shop
queries: {q: SELECT 1}
charts: {a: {type: table, query: q}}
rows:
- a
- source: weather
  queries: {q: SELECT 2}
  charts: {b: {type: table, query: q}}
  rows: [b, a]
`)
    expect(findings).toEqual([])
    expect(board.charts.get('a')?.query).toBe('q')
    expect(board.queries.get(board.charts.get('b')?.query ?? '')).toMatchObject({ source: 'weather', definition: { sql: 'SELECT 2' } })
  })

  test('places charts in a grid, in tabs and where they are written', async () => {
    const { board, findings } = await one(`
source: shop
charts: {a: {type: table, query: SELECT 1}}
tabs:
  default: Second
  items:
  - title: First
    grid: {columns: 12, items: [{item: a, col_span: 8, row: 1}, {item: {type: kpi, query: SELECT 1 AS n, value: n}, width: 4}]}
  - title: Second
    rows: [{inline: {type: table, query: SELECT 3}}]
`)
    expect(findings).toEqual([])
    expect(board.root.layout).toMatchObject({
      direction: 'tabs',
      open: 1,
      items: [
        {
          title: 'First',
          node: {
            layout: { direction: 'grid', columns: 12, items: [{ columnSpan: 8, row: 1 }, { columnSpan: 4 }] },
          },
        },
        { title: 'Second', node: { layout: { items: [{ chart: 'inline' }] } } },
      ],
    })
  })
})

describe('what a board stands on', () => {
  test('the defaults of its folders lie under it, deeper ones over outer ones, and the board over all', async () => {
    const { board, findings } = await compile(
      {
        'boards/meta.yml': 'source: shop\nstyle: {frame: {margin: 10, card_gap: 4}}',
        'boards/team/meta.yaml': 'style: {frame: {card_gap: 8}}',
        'boards/team/one.yml': 'style: {frame: {width: 900}}\ncharts: {a: {type: table, query: SELECT 1}}',
      },
      'boards/team/one.yml',
    )
    expect(findings).toEqual([])
    expect(board.root.style).toEqual({ frame: { margin: 10, card_gap: 8, width: 900 } })
    expect(board.queries.get('a.query')?.source).toBe('shop')
  })

  test('a folder whose defaults are all commented out has none, and is no error', async () => {
    const { findings } = await compile({ 'boards/meta.yml': '# source: shop\n', 'boards/one.yml': 'text: Hello' })
    expect(findings).toEqual([])
  })

  test('templates are extended, the last one strongest, and a theme by its name', async () => {
    const { board, findings } = await compile({
      'boards/_base.yml': 'source: weather\nstyle: {accent: "#111111"}\nrows: []',
      'boards/_over.yml': 'style: {accent: "#222222"}\ntext: Base',
      'boards/one.yml': 'extends: [vivid, ./_base.yml, _over]\ncharts: {a: {type: table, query: SELECT 1}}\nrows: [a]',
    })
    expect(findings).toEqual([])
    expect(board.theme).toBe('vivid')
    expect(board.root).toMatchObject({ text: 'Base', style: { accent: '#222222' }, layout: { items: [{ chart: 'a' }] } })
  })

  test('boards that extend each other in a circle are told, and drawn without the last step', async () => {
    const { board, findings } = await compile({
      'boards/one.yml': 'extends: ./two.yml\ntext: One',
      'boards/two.yml': 'extends: ./one.yml\nstyle: {muted: "#999999"}\ntext: Two',
    })
    expect(findings).toEqual(['boards/two.yml:1:1 EXTENDS_CYCLE'])
    expect(board.root).toMatchObject({ text: 'One', style: { muted: '#999999' } })
  })

  test('queries and charts of other boards are named by file, and come with what they need', async () => {
    const { board, findings } = await compile({
      'boards/sales.yml':
        'source: weather\nqueries:\n  base: SELECT 1 AS n\n  total: SELECT * FROM {{ queries.base }}\ncharts:\n  sum: {type: kpi, query: total, value: n, label: Sum}\n',
      'boards/one.yml':
        'source: shop\nqueries: {t: {ref: sales.queries.total}}\ncharts:\n  a: {type: table, query: t}\n  b: {ref: sales.charts.sum, label: Mine}\nrows: [a, b]',
    })
    expect(findings).toEqual([])
    const total = board.queries.get('t')
    expect(total?.source).toBe('weather')
    expect(board.queries.get(total?.scope.get('base') ?? '')?.definition).toEqual({ sql: 'SELECT 1 AS n' })
    expect(board.charts.get('b')?.chart).toMatchObject({ type: 'kpi', label: 'Mine' })
    expect(board.queries.get(board.charts.get('b')?.query ?? '')?.source).toBe('weather')
  })

  test('a chart of another board comes with its formats, and with its queries wherever they are written', async () => {
    const { board, findings } = await compile({
      'boards/sales.yml': `source: weather
style: {formats: {eur: {spec: ",.0f", prefix: "€"}, short: "$.2s"}}
queries: {base: SELECT 1 AS n, goal: SELECT 2 AS n}
charts:
  a: {type: bar, query: "SELECT n FROM {{ queries.base }}", x: n, y: n, style: {number_format: eur, axis_y: {labels: {format: {spec: short, suffix: " net"}}}}, layers: [{type: line, query: goal, y: n}]}
  b: {type: table, query: {sql: SELECT 1 AS n}, style: {columns: {n: {format: eur}}}}
`,
      'boards/one.yml':
        'source: shop\nstyle: {formats: {eur: ".1f"}}\nqueries: {goal: SELECT 3 AS n}\ncharts:\n  a: {ref: sales.charts.a}\n  b: {ref: sales.charts.b}\n  c: {type: table, query: goal, style: {columns: {n: {format: eur}}}}\nrows: [a, b, c]',
    })
    expect(findings).toEqual([])
    expect(board.charts.get('a')?.chart.style).toEqual({
      number_format: { spec: ',.0f', prefix: '€' },
      axis_y: { labels: { format: { spec: '$.2s', suffix: ' net' } } },
    })
    expect(board.charts.get('b')?.chart.style).toEqual({ columns: { n: { format: { spec: ',.0f', prefix: '€' } } } })
    expect(board.charts.get('c')?.chart.style).toEqual({ columns: { n: { format: 'eur' } } })
    const query = (id: string | undefined) => board.queries.get(id ?? '')
    const [a, b] = [board.charts.get('a'), board.charts.get('b')]
    expect(query(a?.query)).toMatchObject({ source: 'weather', definition: { sql: 'SELECT n FROM {{ queries.base }}' } })
    expect(query(query(a?.query)?.scope.get('base'))).toMatchObject({ source: 'weather', definition: { sql: 'SELECT 1 AS n' } })
    expect(query(a?.layers?.[0])).toMatchObject({ source: 'weather', definition: { sql: 'SELECT 2 AS n' } })
    expect(query(b?.query)).toMatchObject({ source: 'weather', definition: { sql: 'SELECT 1 AS n' } })
  })

  test('SQL that is no query, such as options, asks the source of the board, whatever its queries ask', async () => {
    const text = 'queries: {q: {sql: SELECT 1 AS n, source: weather}}\nvariables: {v: {options: {query: SELECT 1}}}\ntext: "{{ v }}"'
    const of = async (board: string) => {
      const compiled = (await one(board)).board
      return queryOfText(compiled, 'v', { place: compiled.root.place, locate: compiled.root.locate }).source
    }
    expect(await of(`source: shop\n${text}`)).toBe('shop')
    expect(await of(text)).toBe('weather')
  })

  test('styles of the board are the defaults of its charts, by type', async () => {
    const { board } = await one(`
source: shop
style: {charts: {number_format: integer, bar: {stack: none}, kpi: {align: center}}}
charts:
  a: {type: bar, query: SELECT 1, x: x, y: y, style: {number_format: percent}}
  b: {type: line, query: SELECT 1, x: x, y: y}
  c: {type: kpi, query: SELECT 1, value: y}
`)
    expect(board.charts.get('a')?.chart.style).toEqual({ number_format: 'percent', stack: 'none' })
    expect(board.charts.get('b')?.chart.style).toEqual({ number_format: 'integer' })
    expect(board.charts.get('c')?.chart.style).toEqual({ align: 'center' })
  })
})

describe('older grammars', () => {
  test('are read with a warning that names file and line', async () => {
    const { board, findings } = await one(`
description: Old
source: shop
style: {board: {width: 900}}
charts:
  a: {type: kpi, query: SELECT 1 AS n, value: n, format: currency, description: x}
  b: {type: bar, query: SELECT 1, x: x, y: y, format: percent}
rows:
- cols: [a, 2, b]
`)
    expect(findings).toEqual([
      '2:1 SCHEMA_MIGRATED',
      '4:9 SCHEMA_MIGRATED',
      '6:50 SCHEMA_MIGRATED',
      '7:47 SCHEMA_MIGRATED',
      '9:3 SCHEMA_MIGRATED',
    ])
    expect(board.notes).toBe('Old')
    expect(board.root.style).toEqual({ frame: { width: 900 } })
    expect(board.charts.get('a')?.chart).toMatchObject({ notes: 'x', style: { value: { format: 'currency' } } })
    expect(board.charts.get('b')?.chart).toMatchObject({ style: { number_format: 'percent' } })
    expect(board.root.layout).toMatchObject({
      items: [{ layout: { direction: 'grid', columns: 3, items: [{ columnSpan: 2 }, { columnSpan: 1 }] } }],
    })
  })
})

test.each([
  ['tabs', 'title: One, rows: [a, {tabs: [{title: In, rows: [a], titel: x}]}]', '3:62 UNKNOWN_KEY'],
  ['grid', 'item: a, col_span: 4, colspan: 6', '3:31 UNKNOWN_KEY'],
])('%s as a list are read as its items, and checked where they stand', async (key, item, fault) => {
  const { board, findings } = await one(`source: shop\ncharts: {a: {type: table, query: SELECT 1}}\n${key}: [{${item}}]`)
  expect(findings).toEqual(['3:1 SCHEMA_MIGRATED', fault])
  expect(board.root.layout).toMatchObject({ direction: key, items: [{ node: {} }] })
})

describe('every fault is told at once, where it stands', () => {
  test.each<[string, string, string[]]>([
    ['an empty file', '', ['1:1 EMPTY_DOCUMENT']],
    ['tabs', 'title: x\ncharts:\n\ta: 1\n', ['3:1 YAML_ERROR']],
    ['a key twice', 'text: a\ntext: b', ['2:1 DUPLICATE_KEY']],
    ['no content', 'title: x', ['1:1 NO_LAYOUT']],
    ['two layouts', 'charts: {a: {type: callout, text: x}}\nrows: [a]\ncols: [a]', ['3:1 SEVERAL_LAYOUTS']],
    [
      'unknown keys and values',
      'titel: x\ntext: a\nhtml_policy: raw\nstyle: {frame: {widht: 1}}',
      ['1:1 UNKNOWN_KEY', '3:1 WRONG_VALUE', '4:17 UNKNOWN_KEY'],
    ],
    ['a chart that is not there', 'text: x\ncharts: {abc: {type: callout, text: x}}\nrows: [abd]', ['3:8 UNKNOWN_CHART']],
    ['a query that is not there', 'source: shop\nqueries: {abc: SELECT 1}\ncharts: {a: {type: table, query: abd}}', ['3:27 UNKNOWN_QUERY']],
    ['a source that is not there', 'source: shob\ncharts: {a: {type: table, query: SELECT 1}}', ['1:1 UNKNOWN_SOURCE']],
    ['no source where there are several', 'charts: {a: {type: table, query: SELECT 1}}', ['1:27 NO_SOURCE']],
    [
      'a mistyped chart, and what stands beside it',
      'source: shop\ncharts: {a: {type: bra, query: SELECT 1, x: x, y: y, mark: x}}',
      ['2:14 UNSUPPORTED_CHART_TYPE', '2:54 RAW_VEGA_LITE'],
    ],
    [
      'a chart whose type has a mistyped key',
      'source: shop\ncharts: {a: {tpye: bra, querry: SELECT 1, x: x, y: y}}',
      ['2:14 UNKNOWN_KEY', '2:25 UNKNOWN_KEY'],
    ],
    ['a chart without a type', 'source: shop\ncharts: {a: {query: SELECT 1, x: x, y: y}}', ['2:10 MISSING_KEY']],
    ['a chart that is a text', 'source: shop\ncharts: {a: bar}', ['2:10 WRONG_TYPE']],
    ['a chart of another tool', 'source: shop\ncharts: {a: {type: sankey, query: SELECT 1}}', ['2:14 UNSUPPORTED_CHART_TYPE']],
    ['metrics', 'charts: {a: {type: table, query: {metrics: [m]}}}', ['1:27 QUERY_UNSUPPORTED']],
    ['a theme that is not there', 'theme: clarty\ntext: x', ['1:1 UNKNOWN_THEME']],
    ['a template that is not there', 'extends: ./x.yml\ntext: x', ['1:1 EXTENDS_UNRESOLVED']],
    [
      'aliases that multiply',
      `a: &a [${'x,'.repeat(9)}x]\nb: &b [${'*a,'.repeat(9)}*a]\nc: &c [${'*b,'.repeat(9)}*b]\nd: [${'*c,'.repeat(9)}*c]`,
      ['1:1 YAML_ERROR'],
    ],
    ['a list', '- a\n- b', ['1:1 WRONG_TYPE']],
    ['a template without quotes', 'title: {{ x }}\ntext: a', ['1:8 TEMPLATE_ERROR', '1:12 UNKNOWN_VARIABLE']],
  ])('%s', async (_name, text, expected) => {
    const { findings } = await one(text)
    expect(findings).toEqual(expected)
  })

  test('a source that is the path of a file is told how to be declared', async () => {
    const { board } = await one('source: ./data/daily crawls.csv\ncharts: {a: {type: table, query: SELECT 1}}')
    expect(board.diagnostics.map(({ code, fix }) => [code, fix])).toEqual([
      [
        'UNKNOWN_SOURCE',
        'Declare the file in dataface.yml, sources: {daily_crawls: {type: csv, files: {daily_crawls: data/daily crawls.csv}}}, and write source: daily_crawls.',
      ],
    ])
  })

  test('a file of five megabytes is refused before it is read', async () => {
    const { findings } = await one(`text: ${'x'.repeat(5 * 1024 * 1024)}`)
    expect(findings).toEqual(['1:1 FILE_TOO_LARGE'])
  })

  test('what a fault is not about still compiles', async () => {
    const { board } = await one(
      'source: shop\ncharts:\n  bad: {type: bar, query: SELECT 1, encoding: 1}\n  good: {type: table, query: SELECT 2}\nrows: [bad, good, gone]',
    )
    expect(board.charts.get('good')?.chart.type).toBe('table')
    expect(board.charts.get('bad')?.chart).toMatchObject({ type: 'callout', tone: 'negative' })
    expect(board.root.layout).toMatchObject({ items: [{ chart: 'bad' }, { chart: 'good' }, { chart: 'missing-gone' }] })
  })
})

describe('templates', () => {
  test('name only what there is, and a fault stands where it was written', async () => {
    const { findings } = await one(`
source: shop
title: "Sales {{ regoin }}"
variables:
  region: {}
queries:
  a: |
    SELECT *
      FROM t WHERE x = {{ regon }} AND {{ fliter('x', region) }}
  b: SELECT * FROM {{ queries.c }}
  c: SELECT * FROM {{ queries.b }}, {{ queries.zz }}
  d: "SELECT {{ region }} {% if %}"
charts:
  t: {type: table, query: a}
  u: {type: table, query: "SELECT {{ nope }}", title: "{{ "}
`)
    expect(findings).toEqual([
      '3:18 UNKNOWN_VARIABLE',
      '9:27 UNKNOWN_VARIABLE',
      '9:43 TEMPLATE_ERROR',
      '10:3 QUERY_CYCLE',
      '11:47 UNKNOWN_QUERY',
      '12:3 UNREFERENCED_QUERY',
      '12:33 TEMPLATE_ERROR',
      '15:38 UNKNOWN_VARIABLE',
      '15:56 TEMPLATE_ERROR',
    ])
  })

  test('use variables and queries also where they are conditions, options and links', async () => {
    const { findings } = await one(`
source: shop
variables:
  region: {options: {query: names}}
  shown: {}
  picked: {}
  idle: {}
queries:
  names: SELECT 1
  base: SELECT {{ region }}
  total: SELECT * FROM {{ queries.base }}
  spare: SELECT 2
charts:
  a: {type: table, query: total, link: "?picked={{ x }}"}
rows:
- a
- {visible: shown, text: x}
`)
    expect(findings).toEqual(['7:3 UNREFERENCED_VARIABLE', '12:3 UNREFERENCED_QUERY'])
  })
})
