/** A board looks the same on the page and in a picture: each key of style changes both, or neither. */

import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type ChartType, chartSchema } from '../../contracts/v1/board/charts.ts'
import { type BoardStyle, boardStyleSchema } from '../../contracts/v1/board/style.ts'
import { resolveOptions } from '../../server/boards/charts/chart-context.ts'
import { undrawnBoardKeys } from '../../server/boards/compile/check-style.ts'
import type { BoundBoard, CompiledBoard } from '../../server/boards/compiled-board.ts'
import { drawBoard } from '../../server/boards/draw/draw-board.ts'
import { chartView } from '../../server/transports/boards/chart-view.ts'
import { colorRules } from '../../server/transports/boards/color-rules.ts'
import { layoutHtml } from '../../server/transports/boards/layout-html.ts'
import { boundBoard, grid, group, variable } from './fixtures/bound-board.ts'
import { boundChart } from './fixtures/bound-chart.ts'
import { type StyleLeaf, styleLeaves } from './fixtures/style-leaves.ts'
import { changesPicture } from './fixtures/try-style.ts'

const charts = [
  boundChart('count', { type: 'kpi', value: 'n', label: 'Count', support: { value: 'n', label: 'more', tone: 'positive' } }, 'n:integer', [
    [12],
  ]),
  boundChart('tinted', { type: 'kpi', value: 'n', label: 'Tinted', style: { value: { font: { color: 'own' } } } }, 'n:integer', [[7]]),
  boundChart('written', { type: 'kpi', value: 'n', label: 'Written', style: { value: { format: 'own' } } }, 'n:integer', [[7]]),
  boundChart('table', { type: 'table', style: { columns: { n: { scale: { background: { palette: 'own' } } } } } }, 'a:text, n:integer', [
    ['x', 1],
    ['y', 2],
  ]),
]

/** Where a style is written: on the board itself, or on a part of it that is laid out so. */
type Place = 'board' | 'rows' | 'cols' | 'grid'

const boardWith = (place: Place, style: BoardStyle): BoundBoard => {
  const of = (part: Place) => ({ title: 'Part', text: 'Words **of** the [part](https://example.com).', ...(place === part && { style }) })
  const cells = [
    { item: 'count', span: 12 },
    { item: 'tinted', span: 12 },
  ]
  const parts = [group('rows', ['tinted', 'count'], of('rows')), group('cols', ['count', 'tinted'], of('cols')), grid(cells, of('grid'))]
  const { footer: given, ...own } = place === 'board' ? style : {}
  const footer = { text: 'Source: us' }
  return boundBoard('Sales', charts, group('rows', [...parts, 'table', 'written']), {
    text: 'Words **of** the [board](https://example.com).',
    variables: [variable('v', 'Region', 'North')],
    style: { ...own, footer: typeof given === 'object' ? { ...footer, ...given } : (given ?? footer) },
  })
}

const pictureOf = async (board: BoundBoard): Promise<string> => (await drawBoard(board, { scheme: 'light' })).svg

/** All that the page is sent of a board. */
const pageOf = async (board: BoundBoard): Promise<string> => {
  const compiled = { ...board, variables: new Map(), charts: new Map(charts.map((chart) => [chart.id, chart])) } as unknown as CompiledBoard
  const options = resolveOptions(board, { scheme: 'light' })
  const layout = await layoutHtml(board.root, { ...options, charts: compiled.charts, tabNames: new Map() })
  const views = await Promise.all(charts.map((chart) => chartView(chart, options, { width: 400, height: undefined, values: new Map() })))
  return JSON.stringify([colorRules(compiled), layout, views.map(({ findings: _found, ...view }) => view)])
}

const styleWith = (path: readonly string[], sample: unknown): BoardStyle =>
  path
    .toReversed()
    .reduce<unknown>((inner, key) => (key === 'opacity' ? { background: '#222222', [key]: inner } : { [key]: inner }), sample) as BoardStyle

/** Values besides those that fit the key: such as are more than the board has anyway. */
const more: Readonly<Record<string, readonly unknown[]>> = { level: [3], min_height: [5000] }

/** Names that a board gives are seen where a chart uses them. */
const isUsed = ({ path }: StyleLeaf): boolean =>
  !['formats', 'palettes', 'roles', 'tones'].includes(path[0] as string) || (path[1] === 'positive') === (path[0] === 'tones')

test('every key of the style of a board changes the page where it changes the picture, or is told to change nothing', {
  timeout: 240_000,
}, async () => {
  const { charts: _ofCharts, ...shape } = boardStyleSchema.shape
  const leaves = styleLeaves(z.strictObject(shape), ['positive', 'own']).filter(isUsed)
  expect(leaves.length).toBeGreaterThan(60)
  const known = new Map<string, readonly [string, string]>()
  const shownOf = async (place: Place, style: BoardStyle): Promise<readonly [string, string]> => {
    const key = JSON.stringify([place, style])
    const shown = known.get(key) ?? ([await pictureOf(boardWith(place, style)), await pageOf(boardWith(place, style))] as const)
    known.set(key, shown)
    return shown
  }
  const differ: string[] = []
  const silent: string[] = []
  for (const { path, samples } of leaves) {
    const name = path.join('.')
    const isBlock = path.length > 1
    let isDrawn = false
    for (const place of ['board', 'rows', 'cols', 'grid'] as const) {
      const [picture, page] = await shownOf(place, isBlock ? styleWith(path.slice(0, -1), {}) : styleWith(path, undefined))
      let [onPicture, onPage] = [false, false]
      for (const sample of [...samples, ...(more[path.at(-1) as string] ?? [])]) {
        const after = await shownOf(place, styleWith(path, sample))
        onPicture ||= after[0] !== picture
        onPage ||= after[1] !== page
      }
      isDrawn ||= onPicture
      if (onPicture !== onPage) differ.push(`${place} ${name}: ${onPicture ? 'picture' : 'page'} only`)
    }
    // The first word of `case` leaves texts as they are written, and is told nothing.
    const isTold = undrawnBoardKeys(styleWith(path, samples.at(-1))).length > 0
    if (isDrawn === isTold) silent.push(`${name}: ${isDrawn ? 'drawn, and told to change nothing' : 'changes nothing in silence'}`)
  }
  expect({ differ, silent }).toEqual({ differ: [], silent: [] })
})

describe('the card of a chart', () => {
  const types: readonly ChartType[] = ['kpi', 'table', 'callout', 'bar']
  /** Parts of the style of a plot that are of its card; what is in the plot is one specification for both. */
  const ofCard = /^(background|border|padding|opacity|title|subtitle)(\.|$)/
  /** A picture has no links, and rows that have no pages; a small chart of one value is in its middle, however high it is. */
  const ofThePage = /(^|\.)(link|header_link|pagination|pagination\.enabled|v\.spark\.height)$/

  test.each(
    chartSchema.options
      .map(({ shape }) => shape)
      .filter(({ type }) => types.includes(type.value))
      .map(({ type, style }) => ({ type: type.value, style })),
  )('looks as in a picture: $type', { timeout: 240_000 }, async ({ type, style }) => {
    const leaves = styleLeaves(style, type === 'table' ? ['v', 't'] : ['b']).filter(
      ({ path }) => type !== 'bar' || ofCard.test(path.join('.')),
    )
    expect(leaves.length).toBeGreaterThan(10)
    const differ: string[] = []
    for (const leaf of leaves) {
      const [onPicture, onPage] = [await changesPicture(type, leaf, 'svg'), await changesPicture(type, leaf, 'page')]
      const name = leaf.path.join('.')
      if (onPicture !== onPage && !ofThePage.test(name)) differ.push(`${name}: ${onPicture ? 'picture' : 'page'} only`)
    }
    expect(differ).toEqual([])
  })
})
