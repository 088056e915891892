/** Boards that are too long, too deep or refused in part, and calls that are mistaken: each is told once, and the rest is drawn. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nearestName } from '../../server/envelope/nearest-name.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({
    'dataface.yml': 'name: test\nsources: {duck: {type: duckdb, files: {orders: orders.csv}}}\n',
    'orders.csv': 'region,n\nNorth,1\nSouth,2\n',
  })
})
afterAll(() => project?.close())

interface Told {
  content?: string
  diagnostics: { code: string; level: string; line: number; column: number; message: string; fix?: string; chart?: string }[]
}

const render = (yaml: string, input: object = {}) =>
  project.data<Told>('render_dashboard', { yaml, format: 'text', max_tokens: 10_000_000, ...input })
/** Findings as `line:column CODE`. */
const codesOf = ({ diagnostics }: Told) => diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`)

const sound = 'queries: {q: {columns: [a, b], values: [[x, 1], [y, 2]]}}\ncharts: {t: {type: bar, query: q, x: a, y: b}}\n'

test('a mistake that ends the document too soon is told, and not every line after it', async () => {
  const after = 'queries:\n  q: SELECT 1\ncharts:\n  a: {type: table, query: q}\n'
  for (const [mistake, place] of [
    ['style: { charts: { bar: { color: { static: category[1] } } } }', '1:52'],
    ['style: { opacity: 1 } }', '1:23'],
  ])
    expect(codesOf(await render(`${mistake}\n${after}`))).toEqual([`${place} YAML_ERROR`])
})

test('a chart that is refused says why, in its place', async () => {
  const { content, diagnostics } = await render(
    'queries: {q: {columns: [a, b], values: [[x, 1]]}}\ncharts:\n  o: {type: bar, query: q, x: a, y: b, colour: "*{{ a }}*"}\n  p: {type: sankey}\n',
  )
  expect(content).toContain('callout: The chart "o" cannot be read. Unknown key "colour" in charts.o. Did you mean "color"?\n')
  expect(content).toContain('callout: The chart "p" cannot be read. Charts of type "sankey" are not drawn.')
  expect(diagnostics.map(({ code, chart }) => [chart, code])).toEqual([
    ['o', 'UNKNOWN_KEY'],
    ['p', 'UNSUPPORTED_CHART_TYPE'],
  ])
})

test('what is told of one is told in the singular, and an area is an area', async () => {
  const { diagnostics } = await render(
    'queries: {q: {description: x, columns: [d, v], values: [[2024-01-01, 1], [2024-02-01, 2]]}}\ndescription: y\nnotes: z\ncharts:\n  a: {type: area, query: q, x: d, y: v, description: w, style: {overlap: full}}\n  b: {type: table, query: q, style: {pagination: {page_rows: 1}}}',
  )
  const said = diagnostics.map(({ message }) => message)
  expect(said).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/here and in 1 more place\.$/),
      'style.overlap changes nothing on an area chart.',
      '1 of 2 rows is shown.',
    ]),
  )
})

describe('a condition that cannot be told is told, and what it is about is shown', () => {
  test.each([
    ['a query that fails', '{query: bad, column: n}', 'QUERY_FAILED'],
    ['a query of several rows', '{query: two, column: n}', 'CONDITION_NOT_ONE_ROW'],
    ['a query of no row', '{query: none, column: n}', 'CONDITION_NOT_ONE_ROW'],
    ['a column that is not there', '{query: one, column: m}', 'UNKNOWN_COLUMN'],
    ['a query that is not there', '{query: won, column: n}', 'UNKNOWN_QUERY'],
    ['a variable that is not there', 'regoin', 'UNKNOWN_VARIABLE'],
    ['no expression', 'a b', 'TEMPLATE_ERROR'],
  ])('%s', async (_, condition, code) => {
    const queries = `queries: {bad: SELECT nothing FROM orders, two: SELECT n FROM orders, none: SELECT n FROM orders WHERE n > 9, one: SELECT 0 AS n}`
    const board = `source: duck\n${queries}\nvariables: {v: {default: 1, enabled: ENABLED}}\nrows: [{text: Seen, visible: VISIBLE}, {text: "{{ v }}"}]\n`
    for (const [enabled, visible] of [
      ['true', condition],
      [condition, 'true'],
    ] as const) {
      const told = await render(board.replace('ENABLED', enabled).replace('VISIBLE', visible))
      expect(told.content).toContain('Seen')
      expect(told.diagnostics.filter(({ level }) => level === 'error').map((one) => one.code)).toEqual([code])
    }
  })

  test('one that can be told hides what it is about, and says nothing', async () => {
    const told = await render(
      'source: duck\nqueries: {one: SELECT false AS n}\nrows: [{text: Seen, visible: {query: one, column: n}}, {text: b}]\n',
    )
    expect([told.content?.includes('Seen'), told.diagnostics]).toEqual([false, []])
  })
})

describe('what the schema refuses is told once, and not as missing too', () => {
  test.each([
    ['a query', 'queries: {q: {sqll: SELECT 1}}\ncharts: {t: {type: table, query: q}}\n'],
    [
      'a query that others use',
      'source: duck\nqueries: {q: {sql: 5}, r: "SELECT * FROM {{ queries.q }}"}\ncharts: {t: {type: table, query: r}}\n',
    ],
    ['a query that a condition names', 'queries: {q: 5}\nrows: [{text: a, visible: {query: q, column: n}}]\n'],
    ['a query of a board within', 'rows: [{queries: {q: 5}, charts: {t: {type: table, query: q}}}]\n'],
    ['a reference to no file', 'queries: {q: {ref: "gone.yml.queries.q"}}\ncharts: {t: {type: table, query: q}}\n'],
    ['a variable', 'variables: {v: 5}\ntext: "{{ v }}"\n'],
    ['a chart', 'charts: {t: 5}\nrows: [t]\n'],
    ['a text', 'text: 5\n'],
    ['rows', 'rows: 5\n'],
  ])('%s', async (_, yaml) => {
    const told = await render(yaml)
    expect(told.diagnostics.map(({ code }) => code)).not.toContainEqual(
      expect.stringMatching(/^(UNKNOWN_(QUERY|VARIABLE|CHART)|NO_LAYOUT)$/),
    )
    expect(told.diagnostics.filter(({ level }) => level === 'error')).not.toEqual([])
    expect(await project.call('render_dashboard', { yaml, format: 'svg' })).toMatchObject({ success: true })
  })

  test('a chart whose query was refused says so in its place', async () => {
    const { content } = await render('queries: {q: {sqll: SELECT 1}}\ncharts: {t: {type: table, query: q}}\n')
    expect(content).toMatch(/\[t\] table\n {2}no data\n {2}error (MISSING_KEY|UNKNOWN_KEY) board.yml:1:/)
  })
})

describe('what a call gives', () => {
  const board = `source: duck
variables: {region: {default: null}, least: {default: 0, input: number}}
queries: {q: "SELECT * FROM orders WHERE {{ filter('region', region) }} AND n >= {{ least }}"}
charts: {t: {type: table, query: q}, u: {type: bar, query: q, x: region, y: n}}
`
  test.each([
    ['a variable that is misspelt', { regoin: 'North' }, 'UNKNOWN_VARIABLE', 'Did you mean "region"?', 1],
    ['a value that does not fit', { least: 'x' }, 'BAD_VARIABLE_VALUE', '"x" is none', 3],
  ])('%s is told at the top, and under each chart that it stops', async (_, variables, code, words, times) => {
    const { content = '', diagnostics } = await render(board, { variables })
    expect(diagnostics.filter(({ level }) => level === 'error')).toMatchObject([{ code }])
    expect(diagnostics[0]).not.toHaveProperty('chart')
    expect(content.split('\n[t] ')[0]).toContain(words)
    expect(content.split(code)).toHaveLength(times + 1)
    for (const format of ['svg', 'html', 'terminal']) {
      const drawn = (await render(board, { variables, format })).content ?? ''
      expect(drawn.replaceAll('&quot;', '"').replaceAll('&#34;', '"'), format).toContain(words)
    }
    expect(await project.data('test_yaml_execution', { yaml: board, variables })).toMatchObject({ works: false })
  })

  test('a result that was cut is told once of each chart', async () => {
    const cut = `source: duck\ncharts: {t: {type: table, query: SELECT range AS n FROM range(20000)}, u: {type: line, query: "SELECT range AS n, range AS m FROM range(20000)", x: n, y: m}}\n`
    for (const format of ['text', 'svg', 'terminal'])
      expect(
        (await render(cut, { format })).diagnostics.filter(({ code }) => code === 'RESULT_TRUNCATED').map(({ chart }) => chart),
      ).toEqual(['t', 'u'])
  })
})

describe('more than anyone writes', () => {
  test('a board asks hundreds of queries', async () => {
    const charts = Array.from({ length: 400 }, (_, at) => `c${at}: {type: kpi, label: K, value: n, query: "SELECT ${at} AS n"}`)
    const told = await project.data<Told & { charts: { rows: unknown[][] }[] }>('render_dashboard', {
      yaml: `source: duck\ncharts: {${charts.join(', ')}}`,
      format: 'json',
    })
    expect(told.diagnostics).toEqual([])
    expect(told.charts.map(({ rows }) => rows[0]?.[0])).toEqual(charts.map((_, at) => at))
  })

  test.each([
    ['operators', `${'1+'.repeat(2_000)}1`],
    ['filters', `1${'|abs'.repeat(2_000)}`],
    ['members', `a${'.b'.repeat(2_000)}`],
    ['calls', `a${'()'.repeat(2_000)}`],
    ['indexes', `a${'[0]'.repeat(2_000)}`],
    ['conditions', `1${' or 1'.repeat(2_000)}`],
    ['choices', `1${' if 1'.repeat(2_000)}`],
    ['negations', `${'not '.repeat(2_000)}1`],
    ['signs', `${'-'.repeat(2_000)}1`],
  ])('%s in a row are told where they stand, and the rest is drawn', async (_, expression) => {
    const told = await render(`${sound}rows: [t, {text: "{{ ${expression} }}"}]\n`)
    expect(codesOf(told)).toEqual([expect.stringMatching(/^3:\d+ TEMPLATE_ERROR$/)])
    expect(told.content).toContain('2 rows')
  })

  const chain = (count: number, last: string) =>
    `source: duck\nqueries:\n${Array.from({ length: count }, (_, at) => `  q${at}: "SELECT * FROM {{ queries.q${at + 1} }}"\n`).join('')}  q${count}: ${last}\ncharts: {t: {type: table, query: q0}, u: {type: table, query: q${count - 1}}}\n`

  test('a chain of queries is told once, and its end is drawn', async () => {
    const told = await render(chain(8_000, 'SELECT 1 AS n'))
    expect(codesOf(told)).toEqual(['3:3 TEMPLATE_ERROR'])
    expect(told.content).toMatch(/\[u\] table\n {2}1 row\n/)
  })

  test('a circle of very many queries is told once', async () => {
    const { diagnostics } = await project.data<Told>('validate_yaml', { yaml: chain(3_000, '"SELECT * FROM {{ queries.q0 }}"') })
    expect(diagnostics.map(({ code }) => code)).toEqual(['QUERY_CYCLE'])
  })

  test('a chain as long as it may be is run', async () => {
    expect((await render(chain(50, 'SELECT 1 AS n'))).diagnostics).toEqual([])
    expect(codesOf(await render(chain(51, 'SELECT 1 AS n')))).toEqual(['3:3 TEMPLATE_ERROR'])
  })

  test('a small chart of very many values is drawn with its peaks', async () => {
    const list = 'SELECT list(CASE WHEN range = 700 THEN 900 ELSE range % 7 END ORDER BY range) AS s FROM range(5000)'
    const many = `SELECT s FROM (${list}), range(90)`
    for (const type of ['line', 'area', 'bar', 'bar-normalize', 'columns']) {
      const { content = '' } = await render(
        `source: duck\ncharts: {t: {type: table, query: "${many}", style: {columns: {s: {spark: {type: ${type}}}}}}}\n`,
        {
          format: 'svg',
        },
      )
      expect(content.length).toBeLessThan(1_000_000)
      expect(content).toContain('</svg>')
    }
  })

  test('numbers of a hundred thousand digits are written in a time that grows with them', async () => {
    const digits = (digit: number) => String(digit).repeat(100_000)
    const query = `queries: {q: {columns: [a, b], values: [[x, "${digits(9)}"], [y, "${digits(8)}"]]}}\n`
    const yaml = `${query}charts: {t: {type: table, query: q, style: {columns: {b: {format: ",.2f"}}}}, u: {type: table, query: q}, k: {type: bar, query: q, x: b, y: a}}\n`
    for (const format of ['svg', 'text', 'terminal'])
      expect(await project.call('render_dashboard', { yaml, format })).toMatchObject({ success: true })
  })

  test('very many unknown names are told, the first with near ones', async () => {
    const keys = Array.from({ length: 60_000 }, (_, at) => `titl${at}: 1`).join('\n')
    const { diagnostics } = await project.data<Told>('validate_yaml', { yaml: `text: a\n${keys}\n` })
    expect(diagnostics).toHaveLength(101)
    expect(diagnostics[1]?.fix).toContain('Did you mean "title"?')
    const variables = Array.from({ length: 3_000 }, (_, at) => `  v${at}: {}`).join('\n')
    const texts = Array.from(
      { length: 300 },
      (_, at) => `  - {text: "${Array.from({ length: 10 }, (_, one) => `{{ w${at * 10 + one} }}`).join(' ')}"}`,
    )
    const told = await project.data<Told>('validate_yaml', { yaml: `variables:\n${variables}\nrows:\n${texts.join('\n')}\n` })
    expect(told.diagnostics.filter(({ code }) => code === 'UNKNOWN_VARIABLE')).toHaveLength(101)
    expect(told.diagnostics[0]?.fix).toBe('Did you mean "v0"?')
  })

  test('a near name is found among very many', () => {
    const names = Array.from({ length: 20_000 }, (_, at) => `column_of_orders_${at}`)
    expect(nearestName('regoin', [...names, 'region'])).toBe('region')
    expect(nearestName('column_of_ordres_777', names)).toBeDefined()
  })
})

describe('names that every object has', () => {
  test.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf'])('%s', async (name) => {
    const yaml = `${name}: 1
style: {palettes: {${name}: ["#123456"]}, charts: {${name}: 1, category_colors: {${name}: {values: {${name}: "#123456"}}}}}
queries: {${name}: {rows: [{${name}: 1}, {b: 2}]}, r: {ref: "x.queries.${name}"}}
variables: {${name}: {default: a}}
charts:
  ${name}: {type: table, query: ${name}, conditional_formatting: {${name}: {when: [{gt: 0, background: ${name}, font: {weight: ${name}, color: ${name}.1}}]}}, style: {columns: {${name}: {label: L, scale: {background: {palette: ${name}}}}}}}
  k: {type: ${name}, query: ${name}}
  l: {type: bar, query: ${name}, x: ${name}, y: b, sort: {by: ${name}}, style: {number_format: ${name}, color: {categorical: {palette: ${name}}}}}
  p: {type: pie, query: ${name}, theta: b, color: ${name}, style: {marks: {slice: {labels: {template: "{{ ${name} }}"}}}}}
rows: [${name}, l, p, {text: "{{ ${name} | ${name} }}"}, {text: "{{ ${name}.${name} }}"}]
`
    for (const format of ['text', 'svg', 'terminal', 'json']) {
      const told = await render(yaml, { format, variables: { [name]: 'b' } })
      expect(
        told.diagnostics.every(
          ({ message, fix = '' }) => !/native code|\[object|function/.test(`${message} ${fix}`.replace(/no function/g, '')),
        ),
      ).toBe(true)
      expect(told.diagnostics).toContainEqual(expect.objectContaining({ code: 'UNSUPPORTED_CHART_TYPE', line: 7 }))
      expect(told.diagnostics).toContainEqual(expect.objectContaining({ code: 'UNKNOWN_KEY', line: 1 }))
    }
    const { charts } = await project.data<{ charts: { name: string; rows: unknown[] }[] }>('render_dashboard', { yaml, format: 'json' })
    // What a row does not have is null, and not what every object has.
    expect(charts[0]).toMatchObject({
      name,
      rows: [
        [1, null],
        [null, 2],
      ],
    })
  })
})

test('the tables of a query are those that its grammar takes for tables', async () => {
  const sql = `WITH x AS (SELECT 1 AS n) SELECT extract(year FROM d) AS y, 'from words' AS w FROM orders, x JOIN main."Other Table" USING (n) -- from nowhere`
  const yaml = `source: duck\nqueries: {base: SELECT n FROM orders, q: ${JSON.stringify(sql)}, r: "SELECT * FROM {{ queries.base }}"}\ncharts: {t: {type: table, query: q}, u: {type: table, query: r}}\n`
  await project.write('boards/tables.yml', yaml)
  expect(await project.data('get_dashboard', { path: 'boards/tables.yml' })).toMatchObject({
    queries: [
      { name: 'base', tables: ['orders'] },
      { name: 'q', tables: ['main.Other Table', 'orders'] },
      { name: 'r', tables: [], uses: ['base'] },
    ],
    tables: ['main.Other Table', 'orders'],
  })
})

describe('options of variables', () => {
  test('a column without a table is told, and no query is made of it', async () => {
    expect(codesOf(await render('source: duck\nvariables: {v: {input: select, column: region}}\ntext: "{{ v }}"\n'))).toEqual([
      '2:32 WRONG_VALUE',
    ])
  })

  test.each([
    ['options: {query: "SELECT {{ regoin }} AS v"}', '2:66 UNKNOWN_VARIABLE'],
    ['options: {query: "SELECT region FROM orders WHERE {{ filter(1) }} x x"}', 'TEMPLATE_POSITION'],
    ['options: {query: "SELECT region FORM orders x x"}', 'SQL_ERROR'],
    ['query: "DELETE FROM orders"', 'UNKNOWN_QUERY'],
    ['options: {query: nowhere}', 'UNKNOWN_QUERY'],
    ['options: {query: "SELECT 1; SELECT 2"}', 'SQL_REJECTED'],
  ])('%s is seen before it runs', async (options, code) => {
    const yaml = `source: duck\nvariables: {v: {input: select, default: a, ${options}}}\ntext: "{{ v }}"\n`
    const told = await project.data<Told>('validate_yaml', { yaml })
    expect(codesOf(told)).toEqual([expect.stringMatching(code.includes(':') ? /^2:\d+ UNKNOWN_VARIABLE$/ : new RegExp(`^2:\\d+ ${code}$`))])
  })
})
