import { mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countTokens } from '../../server/envelope/tokens-aside.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

const hello = 'title: Hello\nnotes: Says hello.\ntags: [a]\ntext: Hello\n'

let project: BoardProject
beforeEach(async () => {
  project = await boardProject({
    'boards/hello.yml': hello,
    'boards/team/sales.yml':
      'title: Sales\nqueries: {total: {columns: [revenue], values: [[1]], notes: All we sold}}\ncharts: {kpi: {type: kpi, query: total, value: revenue, label: Revenue}}\n',
    'boards/_base.yml': 'style: {accent: "#123456"}',
    'boards/meta.yml': 'tags: [shared]',
    'boards/broken.yml': 'title: Broken\ncharts: {a: {type: sankey}}\n',
    'faces/old.yaml': 'description: Old\ntext: x\n',
    'secret.yml': 'text: outside',
  })
})
afterEach(() => project.close())

const codes = async (tool: string, input: unknown): Promise<unknown> => {
  const envelope = await project.call(tool, input)
  return envelope.success ? envelope.data : envelope.errors.map(({ code, path }) => [code, path])
}

describe('list_dashboards', () => {
  test('gives the boards of all folders, broken ones too, and neither templates nor defaults', async () => {
    const { dashboards, total } = await project.data<{ dashboards: { path: string }[]; total: number }>('list_dashboards', {})
    expect(dashboards.map(({ path }) => path)).toEqual(['boards/broken.yml', 'boards/hello.yml', 'boards/team/sales.yml', 'faces/old.yaml'])
    expect(total).toBe(4)
    expect(dashboards[0]).toMatchObject({ findings: { errors: 1 } })
    expect(dashboards[2]).toMatchObject({ title: 'Sales', charts: 1, tags: ['shared'] })
  })

  test('goes on where a page ended, and filters by folder and tag', async () => {
    const first = await project.data<{ next_cursor: string }>('list_dashboards', { limit: 3 })
    expect(await project.data('list_dashboards', { limit: 3, cursor: first.next_cursor })).toMatchObject({
      dashboards: [{ path: 'faces/old.yaml' }],
      total: 4,
    })
    expect(await project.data('list_dashboards', { folder: 'boards/team' })).toMatchObject({ total: 1 })
    expect(await project.data('list_dashboards', { tag: 'a' })).toMatchObject({ dashboards: [{ path: 'boards/hello.yml' }] })
  })

  test('sees a file that changes, also one that boards stand on', async () => {
    await project.data('list_dashboards', {})
    await project.write('boards/meta.yml', 'tags: [other]')
    await project.write('boards/new.yml', 'text: new')
    expect(await project.data('list_dashboards', { tag: 'other' })).toMatchObject({ total: 3 })
  })
})

describe('get_dashboard', () => {
  test('gives the text, its version and what it is made of', async () => {
    expect(await project.data('get_dashboard', { path: 'boards/team/sales' })).toMatchObject({
      path: 'boards/team/sales.yml',
      yaml: expect.stringContaining('title: Sales'),
      version: expect.stringMatching(/^[\w-]{22}$/),
      queries: [{ name: 'total', notes: 'All we sold' }],
      charts: [{ name: 'kpi', type: 'kpi', query: 'total', columns: ['revenue'], line: 3 }],
    })
  })

  test.each(['../secret.yml', 'secret.yml', '/etc/passwd', 'boards/../secret.yml', 'boards/meta.yml', 'boards/\0.yml', 'boards/helo.yml'])(
    'reads nothing that is no board: %s',
    async (path) => {
      expect(await codes('get_dashboard', { path })).toEqual([['BOARD_NOT_FOUND', 'path']])
    },
  )

  test('follows no link out of the project', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'dft-outside-'))
    await writeFile(join(outside, 'x.yml'), 'text: outside')
    await symlink(join(outside, 'x.yml'), join(project.dir, 'boards/link.yml'))
    expect(await codes('get_dashboard', { path: 'boards/link.yml' })).toEqual([['BOARD_NOT_FOUND', 'path']])
  })
})

describe('search_dashboards', () => {
  test('finds boards, charts and queries, with the text that matched', async () => {
    const { results } = await project.data<{ results: unknown[] }>('search_dashboards', { query: 'sold', kinds: ['query'] })
    expect(results).toMatchObject([{ kind: 'query', path: 'boards/team/sales.yml', name: 'total', snippet: 'All we sold' }])
    expect(await project.data('search_dashboards', { query: 'revenu', kinds: ['chart'] })).toMatchObject({
      results: [{ kind: 'chart', name: 'kpi' }],
      total: 1,
    })
    const sales = 'title: "Quarters{% if r %} in {{ r }}{% endif %}"\nvariables: {r: {label: Region}}\ntext: "{{ r }}"\n'
    await project.write('boards/regions.yml', sales)
    expect(await project.data('search_dashboards', { query: 'quarters' })).toMatchObject({ results: [{ title: 'Quarters' }] })
    await project.write('boards/hello.yml', 'title: Goodbye\ntext: x')
    expect(await project.data('search_dashboards', { query: 'goodby' })).toMatchObject({
      results: [{ kind: 'dashboard', title: 'Goodbye' }],
    })
  })
})

test('search_dashboards gives what is called exactly so first, then titles that hold the words, then texts', async () => {
  await project.write('boards/a.yml', 'title: Orders\ntext: x\n')
  await project.write('boards/b.yml', 'title: Open orders by region\nnotes: orders, orders and orders\ntext: orders\n')
  const charts = 'x: {type: callout, text: x, title: Orders}, orders: {type: callout, text: x, title: Late orders, notes: orders}'
  await project.write('boards/c.yml', `title: Misc\nnotes: orders orders orders\ncharts: {${charts}}\n`)
  const { results } = await project.data<{ results: { kind: string; title: string }[] }>('search_dashboards', { query: 'orders' })
  expect(results.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
    'dashboard Orders',
    'chart Orders',
    'chart Late orders',
    'dashboard Open orders by region',
    'dashboard Misc',
  ])
})

describe('catalog', () => {
  type Result = { kind: string; path?: string; table?: string; name?: string }
  const found = async (input: object) => (await project.data<{ results: Result[] }>('catalog', input)).results

  test('finds tables, boards, charts and queries in one ranked list', async () => {
    await project.close()
    project = await boardProject({
      'dataface.yml':
        'name: test\nsources: {shop: {type: duckdb, files: {revenue: r.csv}}, other: {type: duckdb, files: {birds: r.csv}}}\n',
      'r.csv': 'revenue,day\n1,2\n',
      'boards/sales.yml':
        'title: Revenue by day\nnotes: What the shop earns.\nsource: shop\nqueries: {daily: SELECT day FROM revenue}\ncharts: {c: {type: table, query: daily, title: Days of revenue}}\n',
      'boards/birds.yml': 'title: Birds\nsource: other\nqueries: {q: SELECT 1 AS revenue}\ncharts: {c: {type: table, query: q}}\n',
    })
    const results = await found({ query: 'revenue' })
    expect(results.filter(({ path }) => path !== 'boards/birds.yml')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'table', source: 'shop', table: 'revenue' }),
        { kind: 'dashboard', path: 'boards/sales.yml', title: 'Revenue by day', snippet: 'Revenue by day', score: expect.any(Number) },
        expect.objectContaining({
          kind: 'chart',
          source: 'shop',
          path: 'boards/sales.yml',
          name: 'c',
          title: 'Days of revenue',
          type: 'table',
        }),
        expect.objectContaining({ kind: 'query', source: 'shop', name: 'daily', snippet: 'SELECT day FROM revenue' }),
      ]),
    )
    const scores = results.map((result) => (result as { score?: number }).score ?? 0)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect((await found({ query: 'revenue', kinds: ['query'] })).map(({ name }) => name).sort()).toEqual(['daily', 'q'])
    // With a source: what reads it.
    expect((await found({ query: 'revenue', source: 'other', kinds: ['chart', 'query', 'dashboard'] })).map(({ path }) => path)).toEqual([
      'boards/birds.yml',
    ])
    expect((await found({ limit: 6 })).map(({ kind, path, table }) => [kind, path ?? table])).toEqual([
      ['source', undefined],
      ['source', undefined],
      ['dashboard', 'boards/birds.yml'],
      ['dashboard', 'boards/sales.yml'],
      ['table', expect.any(String)],
      ['table', expect.any(String)],
    ])
  })

  test('shows a few boards before the tables in an overview, and counts them all', async () => {
    for (let board = 0; board < 8; board++) await project.write(`boards/many/${board}.yml`, `title: Board ${board}\ntext: x\n`)
    expect(await found({ kinds: ['dashboard'], limit: 1 })).toMatchObject([{ kind: 'dashboard', path: 'boards/broken.yml', score: 0 }])
    expect(await project.data('catalog', {})).toMatchObject({ total: 12 })
  })
})

describe('validate_yaml', () => {
  test('tells every finding of a text, and as SARIF', async () => {
    expect(await project.data('validate_yaml', { yaml: 'titel: x\ntext: y', format: 'sarif' })).toMatchObject({
      valid: false,
      diagnostics: [{ code: 'UNKNOWN_KEY', file: 'board.yml', line: 1, column: 1 }],
      sarif: {
        version: '2.1.0',
        runs: [{ results: [{ ruleId: 'UNKNOWN_KEY', level: 'error', locations: [{ physicalLocation: { region: { startLine: 1 } } }] }] }],
      },
    })
    expect(await project.data('validate_yaml', { path: 'faces/old.yaml' })).toMatchObject({
      valid: true,
      counts: { errors: 0, warnings: 1 },
    })
  })

  test('wants a path or a text, and not both', async () => {
    expect(await codes('validate_yaml', {})).toEqual([['VALIDATION_ERROR', 'path']])
    expect(await codes('validate_yaml', { path: 'boards/hello.yml', yaml: 'text: x' })).toEqual([['VALIDATION_ERROR', 'yaml']])
  })
})

describe('save_dashboard', () => {
  const read = (path: string) => readFile(join(project.dir, path), 'utf8')

  test('writes a new board, overwrites it with the version that was read, and keeps the old text', async () => {
    const created = await project.data<{ version: string }>('save_dashboard', { path: 'boards/new/one.yml', yaml: 'text: One\n' })
    expect(created).toMatchObject({ created: true, diagnostics: [] })
    const second = await project.data('save_dashboard', { path: 'boards/new/one.yml', yaml: 'text: Two\n', version: created.version })
    expect(second).toMatchObject({ created: false, previous_version: created.version })
    expect(await read('boards/new/one.yml')).toBe('text: Two\n')
    expect(await project.data('get_dashboard', { path: 'boards/new/one.yml', version: created.version })).toMatchObject({
      yaml: 'text: One\n',
    })
    expect(await readdir(join(project.dir, 'boards/new'))).toEqual(['one.yml'])
  })

  test('changes nothing when the text is there already, so that a lost answer does no harm', async () => {
    const input = { path: 'boards/hello.yml', yaml: hello }
    expect(await project.data('save_dashboard', input)).toMatchObject({ created: false })
    expect(await project.data('save_dashboard', { ...input, version: 'older' })).not.toHaveProperty('previous_version')
  })

  test('refuses to overwrite what has changed since, or was never read', async () => {
    const { version } = await project.data<{ version: string }>('get_dashboard', { path: 'boards/hello.yml' })
    expect(await codes('save_dashboard', { path: 'boards/hello.yml', yaml: 'text: x' })).toEqual([['CONFLICT', 'version']])
    await project.write('boards/hello.yml', `${hello}# mine\n`)
    expect(await codes('save_dashboard', { path: 'boards/hello.yml', yaml: 'text: x', version })).toEqual([['CONFLICT', 'version']])
    expect(await codes('save_dashboard', { path: 'boards/gone.yml', yaml: 'text: x', version })).toEqual([['CONFLICT', 'version']])
    expect(await read('boards/hello.yml')).toBe(`${hello}# mine\n`)
  })

  test('lets one of many that save at once win', async () => {
    const { version } = await project.data<{ version: string }>('get_dashboard', { path: 'boards/hello.yml' })
    const saves = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        project.call('save_dashboard', { path: 'boards/hello.yml', yaml: `text: Text ${index}`, version }),
      ),
    )
    expect(saves.filter(({ success }) => success)).toHaveLength(1)
    expect(saves.flatMap((one) => (one.success ? [] : one.errors.map(({ code }) => code)))).toEqual(Array(7).fill('CONFLICT'))
  })

  test('refuses a board with errors, each with its place, and writes nothing', async () => {
    const envelope = await project.call('save_dashboard', {
      path: 'boards/bad.yml',
      yaml: 'text: x\ncharts: {a: {type: sankey}}\ntitel: y',
    })
    expect(envelope).toMatchObject({
      success: false,
      errors: [
        { code: 'VALIDATION_ERROR', message: expect.stringContaining('UNSUPPORTED_CHART_TYPE'), position: { line: 2 } },
        { code: 'VALIDATION_ERROR', message: expect.stringContaining('UNKNOWN_KEY'), position: { line: 3, column: 1, offset: 36 } },
      ],
    })
    await expect(read('boards/bad.yml')).rejects.toThrow('ENOENT')
  })

  test.each([
    '../x.yml',
    '/tmp/x.yml',
    'x.yml',
    'boards/x.sh',
    'boards/meta.yml',
    'boards/_x.yml',
    'dataface.yml',
    'boards/../dataface.yml',
    '.dataface/x.yml',
  ])('writes nowhere but into the board folders: %s', async (path) => {
    expect(await codes('save_dashboard', { path, yaml: 'text: x' })).toEqual([['VALIDATION_ERROR', 'path']])
  })

  test('follows no link out of the project', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'dft-outside-'))
    await symlink(outside, join(project.dir, 'boards/out'))
    expect(await codes('save_dashboard', { path: 'boards/out/x.yml', yaml: 'text: x' })).toEqual([['VALIDATION_ERROR', 'path']])
    expect(await readdir(outside)).toEqual([])
  })
})

describe('render_dashboard', () => {
  const rows = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => [`item ${index}`, index]))
  const board = (...counts: number[]) =>
    `title: Long\nqueries:\n${counts.map((count, index) => `  q${index}: {columns: [item, amount], values: ${rows(count)}}`).join('\n')}\ncharts:\n${counts.map((_, index) => `  c${index}: {type: table, query: q${index}}`).join('\n')}\n`
  const tokensOf = async (value: unknown): Promise<number> => (await countTokens([JSON.stringify(value)]))[0] as number

  interface Rendered {
    readonly charts: readonly {
      readonly name: string
      readonly rows: unknown[][]
      readonly row_count: number
      readonly truncated: boolean
    }[]
  }

  test('gives as many rows as 25,000 tokens hold, the small charts whole, and says so', async () => {
    const yaml = board(3, 2000, 2000)
    const answer = await project.call('render_dashboard', { yaml, format: 'json' })
    expect(answer.warnings).toMatchObject([{ code: 'ROWS_CUT' }])
    const { charts } = (answer as unknown as { data: Rendered }).data
    expect(charts.map(({ row_count, truncated }) => [row_count, truncated])).toEqual([
      [3, false],
      [2000, true],
      [2000, true],
    ])
    expect(charts[0]?.rows).toHaveLength(3)
    expect(charts[1]?.rows.length).toBe(charts[2]?.rows.length)
    const tokens = await tokensOf(charts.map((chart) => chart.rows))
    expect(tokens).toBeGreaterThan(24_000)
    expect(tokens).toBeLessThanOrEqual(25_010)
    expect(charts[1]?.rows.at(-1)).toEqual([`item ${(charts[1]?.rows.length ?? 0) - 1}`, (charts[1]?.rows.length ?? 0) - 1])

    const whole = await project.call('render_dashboard', { yaml, format: 'json', max_tokens: 1_000_000 })
    expect(whole).toMatchObject({ warnings: [], data: { charts: [{ truncated: false }, { truncated: false }, { truncated: false }] } })
    expect((whole as unknown as { data: Rendered }).data.charts[1]?.rows).toHaveLength(2000)
  })

  test.each(['json', 'text', 'terminal', 'html', 'svg', 'png'])(
    'refuses %s above max_bytes, and says how many there are',
    async (format) => {
      expect(
        await project.call('render_dashboard', { yaml: board(...Array.from({ length: 12 }, () => 20)), format, max_bytes: 1024 }),
      ).toMatchObject({
        errors: [{ code: 'RESULT_TOO_LARGE', message: expect.stringMatching(/^The rendering has \d+ bytes, more than 1024\.$/) }],
      })
    },
  )

  test.each([
    ['text', 12],
    ['terminal', 12],
    ['html', 3],
    ['svg', 3],
    ['png', 60],
  ])('holds %s to max_tokens, unless it is a picture', async (format, charts) => {
    const yaml = board(...Array.from({ length: charts }, () => 20))
    const hint = format === 'svg' || format === 'html' ? /png, text, one chart, .*max_tokens/ : /one chart, .*max_tokens/
    const few = await project.call('render_dashboard', { yaml, format, max_tokens: 200 })
    if (format === 'png') expect(few).toMatchObject({ success: true })
    else expect(few).toMatchObject({ errors: [{ code: 'RESULT_TOO_LARGE', hint: expect.stringMatching(hint) }] })
    expect(await project.call('render_dashboard', { yaml, format })).toMatchObject({ success: true })
  })

  test.each(['html', 'svg'])('holds %s to 25,000 tokens where the call names none', async (format) => {
    const yaml = board(...Array.from({ length: 60 }, () => 20))
    const { errors } = (await project.call('render_dashboard', { yaml, format })) as { errors?: { code: string; message: string }[] }
    expect(errors).toMatchObject([{ code: 'RESULT_TOO_LARGE', message: expect.stringMatching(/tokens, more than 25000\.$/) }])
    const whole = await project.call('render_dashboard', { yaml, format, max_tokens: 1_000_000 })
    expect(whole).toMatchObject({ success: true })
    const { content } = (whole as unknown as { data: { content: string } }).data
    expect(await tokensOf(content)).toBeGreaterThan(25_000)
  })
})

test('a project that says so saves nothing', async () => {
  const other = await boardProject({ 'dataface.yml': 'name: test\nsources: {}\nboards: {read_only: true}\n' })
  expect(await other.call('save_dashboard', { path: 'boards/x.yml', yaml: 'text: x' })).toMatchObject({
    errors: [{ code: 'UNKNOWN_TOOL' }],
  })
  expect(other.served.dispatcher.toolNames).not.toContain('save_dashboard')
  await other.close()
})
