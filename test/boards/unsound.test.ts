/** Boards that the schema refuses, and data that no chart was made for: each is told, and nothing of the server suffers. */
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoardProject, boardProject } from '../support/board-project.ts'

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({
    'boards/good.yml': 'title: Good\ntext: x\n',
    'boards/draft.yml': 'text: a\nvariables:\n  region:\n    options:\n',
    'boards/deep.yml': `text: "{{ ${'1+'.repeat(4_000)}1 }}"\n`,
    '.env': 'SECRET=topsecret',
  })
})
afterAll(() => project?.close())

const sound = 'queries: {q: {columns: [a, b], values: [[x, 1], [y, 2]]}}\ncharts: {t: {type: bar, query: q, x: a, y: b}}\n'

describe('what the schema refuses is told, and the rest is drawn', () => {
  test.each([
    'text: a\nvisible:\n',
    'text: a\nvariables: {v: {enabled: }}\n',
    'text: a\nvariables: {v: {options: }}\n',
    'text: a\nvariables: {v: {options: {static: 5}}}\n',
    'text: a\nvariables: {v: {input: select, column: 5}}\n',
    'text: a\nstyle: {accent: 5}\n',
    'text: a\nstyle: {frame: {width: true}}\n',
    'text: a\nstyle: {title: {level: 0.5}}\n',
    'text: a\nstyle: {title: {font: {size: []}}}\n',
    'text: a\nstyle: {footer: }\n',
    'text: a\nstyle: {footer: {text: 5}}\n',
    'text: a\nstyle: {charts: {category_colors: }}\n',
    'grid: {columns: 12, items: [{item: {type: callout, text: x}, row: 900000000}]}\n',
    'grid: {columns: 12, items: [{item: {type: callout, text: x}, row_span: 90000000}]}\n',
    `${sound}queries2: 1\n`,
    sound.replace('columns: [a, b]', 'columns: [5]'),
    sound.replace('columns: [a, b]', 'columns: 5'),
    'queries: {q: }\ncharts: {t: {type: table, query: q}}\n',
    'theme: constructor\ntext: a\nextends: __proto__\n',
  ])('%j', async (yaml) => {
    for (const tool of ['validate_yaml', 'test_yaml_execution'])
      expect(await project.call(tool, { yaml }), tool).toMatchObject({
        success: true,
        data: { diagnostics: { length: expect.toSatisfy((found: number) => found > 0) } },
      })
    expect(await project.call('render_dashboard', { yaml, format: 'svg' })).toMatchObject({ success: true })
  })

  test('a file of very many faults tells the first of them', async () => {
    const yaml = `text: a\n${Array.from({ length: 3_000 }, (_, index) => `key${index}: 1`).join('\n')}\n`
    const { diagnostics } = await project.data<{ diagnostics: unknown[] }>('validate_yaml', { yaml })
    expect(diagnostics.length).toBeLessThan(210)
  })

  test('a file that cannot be compiled takes no other down', async () => {
    const { dashboards } = await project.data<{ dashboards: { path: string; findings: { errors: number } }[] }>('list_dashboards', {})
    expect(dashboards.map(({ path, findings }) => [path, findings.errors > 0])).toEqual([
      ['boards/deep.yml', true],
      ['boards/draft.yml', true],
      ['boards/good.yml', false],
    ])
    expect(await project.data('search_dashboards', { query: 'good' })).toMatchObject({ total: 1 })
  })
})

describe('data that no chart was made for', () => {
  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'a\nb', "a'b", 'a.b[0]', 'a"b\\c'])(
    'a column named %j',
    async (name) => {
      const yaml = JSON.stringify({
        queries: {
          q: {
            columns: [name, 'b'],
            values: [
              ['x', 1],
              ['y', 2],
            ],
          },
        },
        charts: {
          c: { type: 'bar', query: 'q', x: name, y: 'b' },
          p: { type: 'pie', query: 'q', theta: 'b', color: name },
          t: { type: 'table', query: 'q', conditional_formatting: { b: { when: [{ gt: 1, background: '#eeeeee' }] } } },
        },
      })
      for (const format of ['svg', 'text', 'terminal'])
        expect(await project.call('render_dashboard', { yaml, format }), format).toMatchObject({ success: true })
    },
  )

  test('control characters reach no terminal, text or picture', async () => {
    const evil = 'a\u001b[31mb\u001b]0;pwn\u0007c\u009bd\u202ee'
    const yaml = JSON.stringify({
      title: evil,
      queries: { q: { columns: ['a', 'b'], values: [[evil, 1]] } },
      charts: { t: { type: 'table', query: 'q' }, c: { type: 'bar', query: 'q', x: 'a', y: 'b' } },
    })
    for (const format of ['svg', 'text', 'terminal', 'html']) {
      const { content } = await project.data<{ content: string }>('render_dashboard', { yaml, format })
      expect(content, format).not.toMatch(/[\u0007\u001b\u0080-\u009f\u202e]/)
    }
  })

  test('a picture that is too large to be painted is refused before it is', async () => {
    const rows = Array.from({ length: 20 }, () => ({ type: 'callout', text: 'x', height: 10_000 }))
    expect(await project.call('render_dashboard', { yaml: JSON.stringify({ rows }), format: 'png' })).toMatchObject({
      errors: [{ code: 'RESULT_TOO_LARGE' }],
    })
  })

  test('a format of three hundred million places is no format', async () => {
    const yaml = `${sound.replace('type: bar', 'type: table').replace(', x: a, y: b', ', style: {columns: {b: {format: ">300000000d"}}}')}`
    expect(await project.data('test_yaml_execution', { yaml })).toMatchObject({
      works: false,
      charts: [{ findings: [expect.objectContaining({ code: 'FORMAT_INVALID' })] }],
    })
  })
})

test('what a chart makes of its rows is tested with them', async () => {
  const yaml =
    'queries: {q: {columns: [a, b], values: [[x, 1], [y, z]]}}\ncharts: {bar: {type: bar, query: q, x: gone, y: a}, kpi: {type: kpi, query: q, value: b}}\n'
  expect(await project.data('test_yaml_execution', { yaml })).toMatchObject({
    works: false,
    charts: [
      { name: 'bar', works: false, findings: expect.arrayContaining([expect.objectContaining({ code: 'UNKNOWN_COLUMN' })]) },
      { name: 'kpi', works: false, findings: expect.arrayContaining([expect.objectContaining({ code: 'KPI_MULTIROW' })]) },
    ],
  })
})

test('links lead to nothing outside the board folders, and no folder of another tool is read or written', async () => {
  await symlink('../.env', join(project.dir, 'boards/env.yml'))
  await symlink('../dataface.yml', join(project.dir, 'boards/config.yml'))
  for (const path of ['boards/env.yml', 'boards/config.yml', 'boards/.git/x.yml'])
    expect(await project.call('get_dashboard', { path })).toMatchObject({ errors: [{ code: 'BOARD_NOT_FOUND' }] })
  for (const path of [
    'boards/env.yml',
    'boards/config.yml',
    'boards/.git/x.yml',
    'boards/node_modules/a.yml',
    'boards/a\nb.yml',
    'boards/\u202egnp.yml',
  ])
    expect(await project.call('save_dashboard', { path, yaml: 'text: x' }), path).toMatchObject({ errors: [{ code: 'VALIDATION_ERROR' }] })
})

test('no text takes longer to read than its length', async () => {
  const hostile = [
    `a: "${'{{'.repeat(100_000)}`,
    `source: x\nqueries: {a: "select 1${' '.repeat(90_000)}, 2", q: "select * from {{ queries.a }}"}\ncharts: {t: {type: table, query: q}}\n`,
    `queries: {q: {columns: [a, b], values: [[x, 1], [y, 2]]}}\ncharts: {t: {type: pie, query: q, theta: b, color: a, style: {marks: {slice: {labels: {template: "{{${' '.repeat(990)}"}}}}}}\n`,
  ]
  for (const yaml of hostile) expect(await project.call('render_dashboard', { yaml, format: 'svg' })).toMatchObject({ success: true })
})
