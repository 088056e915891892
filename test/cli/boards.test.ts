import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderOf, runDft } from './run-dft.ts'

const board = `title: Orders{% if item %} of {{ item }}{% endif %}
notes: N
variables:
  item: {options: [tea, coffee]}
  sizes: {input: multiselect, options: [1, 2, 3]}
queries:
  q: SELECT item, sum(price) AS total FROM orders WHERE {{ filter('item', item) }} AND {{ filter('id', sizes) }} GROUP BY item ORDER BY item
charts:
  list: {type: table, title: Items, query: q}
`

const project = (text = board): string => {
  const folder = folderOf({
    'dataface.yml': 'name: shop\nsources:\n  files: {type: csv, files: {orders: orders.csv}}\n',
    'orders.csv': 'id,item,price\n1,tea,2.50\n2,coffee,13.00\n3,"a\u001b[31mb",1\n',
  })
  mkdirSync(join(folder, 'boards'))
  writeFileSync(join(folder, 'boards/orders.yml'), text)
  return folder
}

const broken = board.replace('query: q}', 'query: q}\n  gone: {type: kpi, label: Gone, query: q, value: nothing}')

describe('dft boards', () => {
  test('lists path, title, charts and findings, and gives the answer with --json', async () => {
    const folder = project(`${board}extra: 1\n`)
    const { code, out, err } = await runDft(['boards'], { cwd: folder })
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^board +title +charts +findings\n[─ ]+\nboards\/orders\.yml +Orders.* 1 +1 error\n$/)
    const answer = JSON.parse((await runDft(['boards', '--json'], { cwd: folder })).out)
    expect(answer).toMatchObject({ success: true, data: { total: 1, dashboards: [{ path: 'boards/orders.yml', charts: 1 }] } })
    expect((await runDft(['boards', '--tag', 'none'], { cwd: folder })).out).not.toContain('orders')
  })
})

test.each([
  [['render', 'nope'], 'Run `dft boards` for the paths.'],
  [['query', 'files', 'SELECT * FROM pg_class'], '`dft tables SOURCE`'],
  [['query', 'files', 'SELECT * FROM zzzzz'], '`dft tables SOURCE`'],
  [['describe', 'files', 'zzzzz'], 'Run `dft tables SOURCE` to see what there is.'],
  [['render', 'boards/orders.yml', '--format', 'svg', '--max-tokens', '200'], '--max-tokens'],
])('%j: the hint names what can be typed, and no tool', async (args, hint) => {
  const { code, err } = await runDft(args, { cwd: project() })
  expect(code).toBe(1)
  expect(err).toContain(hint)
  expect(err).not.toMatch(/\b(list|describe|render)_[a-z]+|max_tokens|catalog\b/)
})

describe('dft render', () => {
  test('prints text where there is no terminal, with the values of variables, of which one may be a list', async () => {
    const args = ['render', 'boards/orders.yml', '--var', 'item=tea', '--var', 'sizes=1', '--var', 'sizes=2']
    const { code, out, err } = await runDft(args, { cwd: project() })
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('# Orders of tea\nN\nvariable item = "tea"\nvariable sizes = [1,2]\n')
    expect(out).toContain('1 row\n')
  })

  test('finds a board by its path from the folder where it is typed, and reads one from standard input', async () => {
    const folder = project()
    expect(await runDft(['render', 'orders.yml'], { cwd: join(folder, 'boards') })).toMatchObject({ code: 0 })
    const input = 'title: Typed\ntext: Hello'
    expect(await runDft(['render', '-'], { cwd: folder, input })).toMatchObject({ code: 0, out: '# Typed\ntext: Hello\n' })
    expect(await runDft(['render', '-'], { cwd: folder })).toMatchObject({
      code: 2,
      err: expect.stringContaining('no board on standard input'),
    })
  })

  test('draws what can be drawn, tells the rest on standard error, and ends with 1', async () => {
    const folder = project(broken)
    const { code, out, err } = await runDft(['render', 'boards/orders.yml', '--format', 'svg'], { cwd: folder })
    expect(code).toBe(1)
    expect(out).toMatch(/^<svg[\s\S]*<\/svg>\n$/)
    expect(err).toContain('boards/orders.yml:10:3 KPI_MULTIROW: The query returned 3 rows.')
    expect(await runDft(['render', 'boards/orders.yml', '--json'], { cwd: folder })).toMatchObject({ code: 1, err: '' })
  })

  test('gives rows as JSON, and the whole answer with --json', async () => {
    const folder = project()
    const { out } = await runDft(['render', 'boards/orders.yml', '--format', 'json', '--var', 'item=coffee'], { cwd: folder })
    expect(JSON.parse(out)).toMatchObject({ title: 'Orders of coffee', charts: [{ name: 'list', rows: [['coffee', 13]] }] })
    const answer = await runDft(['render', 'boards/orders.yml', '--json'], { cwd: folder })
    expect(JSON.parse(answer.out)).toMatchObject({ success: true, data: { format: 'text' } })
  })

  test('writes a PNG to a file or a pipe, of one chart, in dark colours and at a width', async () => {
    const folder = project()
    const args = ['render', 'boards/orders.yml', '--format', 'png', '--chart', 'list', '--dark', '--width', '300']
    expect(await runDft([...args, '-o', 'list.png'], { cwd: folder })).toMatchObject({ code: 0, out: '' })
    const bytes = readFileSync(join(folder, 'list.png'))
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    expect(bytes.readUInt32BE(16)).toBe(600)
    expect((await runDft(args, { cwd: folder })).out).toContain('PNG')
  })

  test('draws characters as wide as is asked', async () => {
    const { out } = await runDft(['render', 'boards/orders.yml', '--format', 'terminal', '--width', '40'], { cwd: project() })
    expect(out).toContain('Items\n')
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40)
  })

  test.each([
    [['render', 'boards/orders.yml', '--var', 'item'], 'NAME=VALUE'],
    [['render', 'boards/orders.yml', '--format', 'pdf'], 'terminal, text, json, html, svg, png'],
    [['render', 'boards/orders.yml', '-o'], '--output needs a value'],
    [['render', 'boards/orders.yml', '-x'], 'has no flag -x'],
    [['render', 'boards/orders.yml', '-o', 'no/where.txt'], 'cannot be written: ENOENT'],
    [['render'], 'needs BOARD'],
  ])('refuses %j', async (args, message) => {
    expect(await runDft(args, { cwd: project() })).toMatchObject({ code: 2, err: expect.stringContaining(message) })
  })

  test('names the nearest board and chart', async () => {
    const folder = project()
    expect(await runDft(['render', 'boards/order.yml'], { cwd: folder })).toMatchObject({
      code: 1,
      err: expect.stringContaining('Did you mean "boards/orders.yml"?'),
    })
    expect(await runDft(['render', 'boards/orders.yml', '--chart', 'lst'], { cwd: folder })).toMatchObject({
      code: 1,
      err: expect.stringContaining('Did you mean "list"?'),
    })
  })
})

describe('dft review', () => {
  test('says that nothing was found, and ends with 0', async () => {
    expect(await runDft(['review', 'boards/orders.yml'], { cwd: project() })).toMatchObject({ code: 0, out: '**No findings.**\n', err: '' })
  })

  test('ends with 1 for a blocker, says how many more there are, and gives the answer with --json', async () => {
    const folder = project(`${broken}\nextra: 1`)
    const { code, out, err } = await runDft(['review', 'boards/orders.yml', '--max', '1'], { cwd: folder })
    expect(code).toBe(1)
    expect(out.split('\n')[0]).toMatch(/^blocker \[data\] boards\/orders\.yml:10 value names "nothing"; the query gives /)
    expect(err).toMatch(/^\d more with --max 50\.\n$/)
    const answer = JSON.parse((await runDft(['review', 'boards/orders.yml', '--json'], { cwd: folder })).out)
    expect(answer.data.counts.blockers).toBe(3)
  })
})
