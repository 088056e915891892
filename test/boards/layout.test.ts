import { expect, test } from 'vitest'
import { resolveTheme } from '../../server/boards/charts/theme.ts'
import { compileBoard } from '../../server/boards/compile/compile-board.ts'
import { type Box, type Place, readSides, shareWidths } from '../../server/boards/draw/box.ts'
import { drawBoard } from '../../server/boards/draw/draw-board.ts'
import { drawChart } from '../../server/boards/draw/draw-chart.ts'
import { drawVariables } from '../../server/boards/draw/draw-variables.ts'
import { colsBox, gridBox, rowsBox } from '../../server/boards/draw/layout-box.ts'
import { boundBoard, grid, group, variable } from './fixtures/bound-board.ts'
import { boundChart, plainChart } from './fixtures/bound-chart.ts'

/** A box of a height that remembers where it was put. */
function box(height: number, places: Place[], width?: number | string): Box {
  return {
    width,
    measure: () => height,
    async draw(place) {
      places.push(place)
      return ''
    },
  }
}

test('widths are what is asked for, and equal shares of the rest', () => {
  expect(shareWidths([{}, {}], 420, 20)).toEqual([200, 200])
  expect(shareWidths([{ width: '25%' }, {}], 420, 20)).toEqual([100, 300])
  expect(shareWidths([{ width: 90 }, { width: '90px' }, {}], 420, 20)).toEqual([90, 90, 200])
  expect(shareWidths([{ width: 800 }, { width: 800 }], 420, 20)).toEqual([200, 200])
})

test('one that asks for all leaves the others room to be seen', () => {
  const [wide, rest] = shareWidths([{ width: '100%' }, {}], 420, 20)
  expect(rest).toBe(80)
  expect(wide).toBe(320)
})

test('rows stand below each other and columns share the height of the highest', async () => {
  const places: Place[] = []
  const rows = rowsBox([box(50, places), colsBox([box(30, places), box(70, places)], 10)], 20)
  expect(rows.measure(210)).toBe(140)
  await rows.draw({ x: 5, y: 5, width: 210, height: 140 })
  expect(places).toEqual([
    { x: 5, y: 5, width: 210, height: 50 },
    { x: 5, y: 75, width: 100, height: 70 },
    { x: 115, y: 75, width: 100, height: 70 },
  ])
})

test('a row that asks for half of the width takes half', async () => {
  const places: Place[] = []
  await rowsBox([box(10, places, '50%'), box(10, places)], 0).draw({ x: 0, y: 0, width: 300, height: 20 })
  expect(places.map(({ width }) => width)).toEqual([150, 300])
})

test('items of a grid without a place take the next free one, around what spans rows', async () => {
  const places: Place[] = []
  const item = (columnSpan: number, rowSpan = 1, at: { column?: number; row?: number } = {}) => ({
    box: box(40, places),
    item: { node: undefined as never, columnSpan, rowSpan, ...at },
  })
  const cells = gridBox([item(12, 2), item(12), item(6), item(6), item(24), item(6, 1, { column: 18, row: 4 })], 24, 0)
  await cells.draw({ x: 0, y: 0, width: 240, height: cells.measure(240) })
  expect(places.map(({ x, y, width }) => [x, y, width])).toEqual([
    [0, 0, 120],
    [120, 0, 120],
    [120, 40, 60],
    [180, 40, 60],
    [0, 80, 240],
    [180, 120, 60],
  ])
})

test('a spanning item that needs more makes its rows higher', () => {
  const places: Place[] = []
  const tall = { box: box(300, places), item: { node: undefined as never, columnSpan: 12, rowSpan: 2 } }
  const low = { box: box(100, places), item: { node: undefined as never, columnSpan: 12, rowSpan: 1 } }
  expect(gridBox([tall, low, low], 24, 20).measure(500)).toBe(300)
})

test('sides are written as CSS writes them', () => {
  expect(readSides('16px', 0)).toEqual({ top: 16, right: 16, bottom: 16, left: 16 })
  expect(readSides('1 2px 3 4', 0)).toEqual({ top: 1, right: 2, bottom: 3, left: 4 })
  expect(readSides('1 2', 0)).toEqual({ top: 1, right: 2, bottom: 1, left: 2 })
  expect(readSides(undefined, 9).left).toBe(9)
})

test('values in force stand under the title; what is hidden or not set is left out', () => {
  const all = [
    variable('a', 'Region', 'North'),
    { ...variable('b', 'Secret', 'x'), isVisible: false },
    variable('c', 'Empty', null),
    variable('d', 'None', [], 'multiselect'),
    { ...variable('e', 'Plan', 2), options: [{ value: 2, label: 'Team' }] },
    variable('f', 'Many', ['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'multiselect'),
    variable('g', 'Since', ['2026-01-01', null], 'daterange'),
  ]
  const svg = drawVariables(all, 1000, resolveTheme('clarity')).draw(0, 0)
  expect([...svg.matchAll(/>([^<]+)<\/text>/g)].map((match) => match[1])).toEqual([
    'Region',
    'North',
    'Plan',
    'Team',
    'Many',
    'a, b, c, d, e and 2 more',
    'Since',
    '2026-01-01 – …',
  ])
})

test('a height that is asked for is kept, and a board within grows with its title', async () => {
  const chart = plainChart('note', { type: 'callout', text: 'x' })
  const height = async (asked: number): Promise<number> => {
    const { svg } = await drawBoard(boundBoard('T', [chart], group('rows', [group('cols', ['note'], { title: 'Part', height: asked })])), {
      width: 600,
    })
    return Number(/height="(\d+)"/.exec(svg)?.[1])
  }
  expect((await height(400)) - (await height(300))).toBe(100)
  expect(await height(1)).toBe(await height(100))
})

test('a layout that names a chart which is not there keeps the rest', async () => {
  const chart = plainChart('note', { type: 'callout', text: 'still here' })
  const { svg } = await drawBoard(
    boundBoard(
      'T',
      [chart],
      grid([
        { item: 'gone', span: 12 },
        { item: 'note', span: 12 },
      ]),
    ),
  )
  expect(svg).toContain('still here')
})

test('a board has the ground that its style asks for, and its values in force unless it hides them', async () => {
  const chart = plainChart('note', { type: 'callout', text: 'x' })
  const draw = (style: object): Promise<{ svg: string }> =>
    drawBoard(boundBoard('T', [chart], group('rows', ['note']), { style, variables: [variable('region', 'Region', 'North')] }))
  expect((await draw({ background: 'card' })).svg).toMatch(/<rect width="1200" height="\d+" fill="#ffffff"\/>/)
  expect((await draw({})).svg).toContain('>North</text>')
  expect((await draw({ variables: { visible: false } })).svg).not.toContain('>North</text>')
})

test('a table without room cuts words and leaves columns out, never a number or a date', async () => {
  const columns = 'name:text, day:date, amount:decimal, total:decimal'
  const rows = [['a name of many words that needs a wide column', '2026-03-28', '123456789.50', '987654321.25']]
  const table = boundChart('wide', { type: 'table' }, columns, rows)
  const draw = async (width: number): Promise<string[]> => {
    const { svg } = await drawChart(table, { theme: resolveTheme('clarity'), width })
    return [...svg.matchAll(/>([^<]+)<\/text>/g)].map((match) => match[1] as string)
  }
  expect(await draw(800)).toEqual(['Name', 'Day', 'Amount', 'Total', rows[0]?.[0], '28 Mar 2026', '123,456,789.50', '987,654,321.25'])
  const narrow = await draw(460)
  expect(narrow.slice(5)).toEqual(['28 Mar 2026', '123,456,789.50', '987,654,321.25'])
  expect(narrow[4]).toMatch(/^a name.*…$/)
  expect(await draw(280)).toEqual(['Name', 'Day', expect.stringMatching(/…$/), '28 Mar 2026', '2 of 4 columns'])
})

test.each(['stacked', 'inline', 'compact'])('a %s KPI stands at the top of its card, however high that is', async (variant) => {
  const chart = { type: 'kpi', value: 'n', label: 'Sales', variant, support: { label: 'in all' } }
  const placeOfValue = async (height: number): Promise<string | undefined> => {
    const { svg } = await drawChart(boundChart('k', chart, 'n:integer', [[7]]), { theme: resolveTheme('clarity'), width: 300, height })
    return /<text x="[\d.]+" y="([\d.]+)"[^>]*>7</.exec(svg)?.[1]
  }
  expect(await placeOfValue(400)).toBe(await placeOfValue(130))
  expect(Number(await placeOfValue(400))).toBeLessThan(90)
})

test('a picture shows what details hold when they are open, else the line that would open it', async () => {
  const drawn = async (details: string): Promise<string[]> => {
    const yaml = `rows: [{ title: Part, text: Words, details: ${details}, rows: [{ type: callout, text: Inside }] }]\n`
    const { root, charts } = await compileBoard(yaml, 'boards/b.yml', { read: async () => undefined, sources: [] } as never)
    const bound = [...charts.values()].map(({ id, chart }) => plainChart(id, chart))
    const { svg } = await drawBoard(boundBoard('Folds', bound, root))
    return [...svg.matchAll(/<text[^>]*>([^<]+)</g)].map(([, text]) => text as string)
  }
  const parts = ['Part', 'Words', 'Inside']
  expect((await drawn('{ summary: More }')).filter((text) => parts.includes(text))).toEqual(['Part'])
  expect(await drawn('More')).toEqual(expect.arrayContaining(['Part', '▶ More']))
  expect(await drawn('{ summary: More, expanded_title: Less, expanded: true }')).toEqual(expect.arrayContaining([...parts, '▼ Less']))
})
