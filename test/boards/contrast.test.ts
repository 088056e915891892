/** Texts can be read on whatever a board puts behind them. */

import { describe, expect, test } from 'vitest'
import { resolveOptions } from '../../server/boards/charts/chart-context.ts'
import { chartSpec } from '../../server/boards/charts/chart-spec.ts'
import { contrast } from '../../server/boards/charts/contrast.ts'
import { readableOn, solidOver, themeOn } from '../../server/boards/charts/ground.ts'
import { kpiModel } from '../../server/boards/charts/kpi-model.ts'
import { tableModel } from '../../server/boards/charts/table-model.ts'
import { resolveTheme, themeNames } from '../../server/boards/charts/theme.ts'
import { compileBoard } from '../../server/boards/compile/compile-board.ts'
import { drawBoard } from '../../server/boards/draw/draw-board.ts'
import { boundBoard, group } from './fixtures/bound-board.ts'
import { boundChart } from './fixtures/bound-chart.ts'

const schemes = ['light', 'dark'] as const
const steps = ['00', '33', '66', '99', 'cc', 'ff']
const grounds = steps.flatMap((red) => steps.flatMap((green) => steps.map((blue) => `#${red}${green}${blue}`)))

test.each(themeNames.flatMap((name) => schemes.map((scheme) => [name, scheme] as const)))(
  'the texts of %s in %s can be read on every ground',
  (name, scheme) => {
    const theme = resolveTheme(name, scheme)
    const unread = grounds.flatMap((ground) => {
      const { ink, muted, accent, tones } = themeOn(theme, ground)
      const texts = [ink, muted, accent, ...Object.values(tones).map(({ text }) => text)]
      return texts.filter((text) => contrast(text, ground) < 4.5).map((text) => `${text} on ${ground}`)
    })
    expect(unread).toEqual([])
  },
)

test.each(themeNames.flatMap((name) => schemes.map((scheme) => [name, scheme] as const)))(
  'the marks of %s in %s can be told from every ground',
  (name, scheme) => {
    const theme = resolveTheme(name, scheme)
    const unseen = grounds.flatMap((ground) =>
      themeOn(theme, ground)
        .category.filter((color) => contrast(color, ground) < 3)
        .map((color) => `${color} on ${ground}`),
    )
    expect(unseen).toEqual([])
  },
)

test('a colour that charts share is told from the ground of each, and keeps its place in the palette', () => {
  const columns = 'kind:text, n:integer'
  const data = [
    ['a', 1],
    ['b', 2],
  ]
  const pie = (id: string, background?: string) =>
    boundChart(id, { type: 'pie', theta: 'n', color: 'kind', ...(background !== undefined && { style: { background } }) }, columns, data)
  const [plain, orange] = [pie('plain'), pie('orange', '#e07b39')]
  const options = resolveOptions(boundBoard('Kinds', [plain, orange], group('rows', ['plain', 'orange'])))
  const rangeOf = (bound: typeof plain): unknown => {
    const { spec } = chartSpec(bound, { ...options, width: 300, height: 200 })
    return JSON.parse(/"range":(\["#[^\]]*\])/.exec(JSON.stringify(spec))?.[1] ?? 'null')
  }
  expect(rangeOf(plain)).toEqual(options.theme.category.slice(0, 2))
  expect(rangeOf(orange)).toEqual(themeOn(options.theme, '#e07b39').category.slice(0, 2))
})

test('a colour that can be read stays, and one that cannot keeps its hue as far as it may', () => {
  expect(readableOn('#ffffff', '#3565c2')).toBe('#3565c2')
  const dark = readableOn('#1a1e26', '#b3005e')
  expect(contrast(dark, '#1a1e26')).toBeGreaterThanOrEqual(4.5)
  expect(dark).toMatch(/^#[c-f].[5-b].[7-d].$/)
})

test('a ground that is seen through is as dark as what it is mixed of', () => {
  expect(solidOver('#000000', '#ffffff80')).toBe('#808080')
  expect(solidOver('#ffffff', '#000000', 0.5)).toBe('#808080')
  expect(solidOver('#123456', '#abc')).toBe('#abc')
})

describe('a ground that a value gets', () => {
  const dark = { background: '#1a2a6c' }
  const grounds: [string, object][] = [
    ['of a rule', { conditional_formatting: { n: { when: [{ gte: 0, background: '#fff3e0' }] } } }],
    ['of a dark rule', { conditional_formatting: { n: { when: [{ gte: 0, ...dark }] } } }],
    ['of a scale', {}],
    [
      'of a scale, with the ink of a rule',
      { conditional_formatting: { n: { when: [{ gte: 0, font: { color: '#cc0000' }, glyph: '!' }] } } },
    ],
  ]
  const inks: [string, object][] = [
    ['no ink', {}],
    ['a light ink', { font: { color: '#eeeeee' } }],
    ['a dark ground and its ink', { ...dark, font: { color: '#ffffff' } }],
  ]

  test.each(grounds.flatMap(([where, rule]) => inks.map(([ink, style]) => [where, ink, rule, style] as const)))(
    '%s has a text that can be read, in a column with %s',
    (_, __, rule, style) => {
      const scale = { background: { palette: ['#ffffff', '#0b1f5c'] } }
      const bound = boundChart('t', { type: 'table', ...rule, style: { columns: { n: { ...style, scale } } } }, 'n:integer', [
        [0],
        [5],
        [9],
      ])
      const { model } = tableModel(bound, resolveOptions(boundBoard('T', [bound], group('rows', ['t']))))
      const column = model?.columns[0]
      const found = model?.rows.map(([cell]) =>
        contrast(cell?.color ?? column?.color ?? '#14181f', cell?.background ?? column?.background ?? '#ffffff'),
      )
      expect(found?.length).toBe(3)
      for (const one of found ?? []) expect(one).toBeGreaterThanOrEqual(4.5)
    },
  )

  test.each(grounds)('%s has a figure that can be read, whatever the ink of the KPI', (_, rule) => {
    const background = { column: 'n', scale: { palette: ['#0b1f5c', '#0b1f5c'] } }
    const font = { color: '#333333' }
    const chart = { type: 'kpi', value: 'n', label: 'L', background, ...rule, style: { value: { font }, label: { font } } }
    const bound = boundChart('k', chart, 'n:integer', [[5]])
    const { model } = kpiModel(bound, resolveOptions(boundBoard('K', [bound], group('rows', ['k']))))
    for (const color of [model?.look.color, model?.fonts.label.color])
      expect(contrast(color as string, model?.background as string)).toBeGreaterThanOrEqual(4.5)
  })
})

describe('in the scheme that its colours were not chosen for', () => {
  const style = { font: { color: '#112244' }, muted: '#556677', accent: '#7a0040', title: { font: { color: '#113311' } } }
  const board = boundBoard(
    'Sales',
    [boundChart('k', { type: 'kpi', value: 'n', label: 'Count', style: { value: { font: { color: '#441111' } } } }, 'n:integer', [[1]])],
    group('rows', ['k']),
    { style },
  )
  const fills = async (scheme: 'light' | 'dark') =>
    [...(await drawBoard(board, { scheme })).svg.matchAll(/<text[^>]* fill="(#\w+)"/g)].map(([, fill]) => fill as string)

  test('a board is written in colours that can be read', async () => {
    const [light, dark] = [await fills('light'), await fills('dark')]
    expect(light).toEqual(['#113311', '#556677', '#441111'])
    expect(dark.length).toBe(light.length)
    const { theme } = resolveOptions(board, { scheme: 'dark' })
    // The title stands on the page, the KPI on its card.
    expect(contrast(dark[0] as string, theme.page)).toBeGreaterThanOrEqual(4.5)
    for (const fill of dark.slice(1)) expect(contrast(fill, theme.card)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(theme.accent, theme.card)).toBeGreaterThanOrEqual(4.5)
  })
})

describe('LOW_CONTRAST', () => {
  const found = async (yaml: string) =>
    (await compileBoard(yaml, 'boards/b.yml', { read: async () => undefined, sources: [] } as never)).diagnostics
      .filter(({ code }) => code === 'LOW_CONTRAST')
      .map(({ line, column, message }) => `${line}:${column} ${message}`)
  const queries = 'queries: { q: { columns: [a, b], values: [[1, 2]] } }\n'
  const chart = (written: string) => `${queries}charts: { c: { query: q, ${written} } }\n`

  test.each([
    ['a title', 'title: T\nstyle: { background: "#fff", title: { font: { color: "#eee" } } }\ntext: x\n', 1],
    ['the ink of a board', 'title: T\nstyle: { background: "#222222", font: { color: "#333333" } }\ntext: x\n', 1],
    ['a text in a part', 'rows: [{ text: x, style: { background: "#222222", text: { font: { color: "#333333" } } } }]\n', 1],
    [
      'a text in a part, on the ground of the board',
      'style: { background: "#222222" }\nrows: [{ text: x, style: { text: { font: { color: "#333333" } } } }]\n',
      1,
    ],
    ['a KPI', chart('type: kpi, value: a, background: "#222222", style: { value: { font: { color: "#333333" } } }'), 1],
    ['a column', chart('type: table, style: { columns: { a: { background: "#000000", font: { color: "#111111" } } } }'), 1],
    [
      'a rule',
      chart('type: table, conditional_formatting: { b: { when: [{ gt: 1, background: "#eeeeee", font: { color: "#dddddd" } }] } }'),
      1,
    ],
    ['an axis', chart('type: bar, x: a, y: b, style: { background: "#ffffff", axis_x: { labels: { font: { color: "#eeeeee" } } } }'), 1],
    ['a callout', `charts: { c: { type: callout, text: x, style: { background: "#ffff00", font: { color: "#ffffff" } } } }\n`, 1],
    ['an ink alone', chart('type: kpi, value: a, style: { value: { font: { color: "#eeeeee" } } }'), 0],
    ['a ground alone', chart('type: kpi, value: a, background: "#222222"'), 0],
    ['both, with contrast', chart('type: kpi, value: a, background: "#222222", style: { value: { font: { color: "#ffffff" } } }'), 0],
    [
      'a number on a mark',
      chart('type: bar, x: a, y: b, style: { background: "#ffffff", marks: { bar: { labels: { font: { color: "#ffffff" } } } } }'),
      0,
    ],
    [
      'one that the chart ignores',
      chart(
        'type: kpi, value: a, background: "#222222", warnings_ignore: [LOW_CONTRAST], style: { value: { font: { color: "#333333" } } }',
      ),
      0,
    ],
  ])('is told where a board fixes both, at the colour: %s', async (_, yaml, count) => {
    const all = await found(yaml)
    expect(all).toHaveLength(count)
    for (const one of all)
      expect(yaml.split('\n')[Number(one.split(':')[0]) - 1]?.slice(Number(/:(\d+)/.exec(one)?.[1]) - 1)).toMatch(/^"#|^color/)
  })
})
