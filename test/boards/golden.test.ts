import { expect, test } from 'vitest'
import { resolveTheme, themeNames } from '../../server/boards/charts/theme.ts'
import { drawBoard } from '../../server/boards/draw/draw-board.ts'
import { drawChart } from '../../server/boards/draw/draw-chart.ts'
import { boards, salesPipeline } from './fixtures/boards.ts'
import { plots, tables } from './fixtures/charts.ts'

// `vitest --update` writes the pictures anew; whoever does so looks at them.
const theme = resolveTheme('clarity')

test.each([...plots, ...tables].map((bound) => [bound.id, bound] as const))('draws %s as its picture shows', async (id, bound) => {
  const { svg } = await drawChart(bound, { theme, width: 560 })
  await expect(svg).toMatchFileSnapshot(`golden/charts/${id}.svg`)
})

test.each(Object.entries(boards))('draws the board %s as its picture shows', async (name, board) => {
  const { svg } = await drawBoard(board)
  await expect(svg).toMatchFileSnapshot(`golden/boards/${name}.svg`)
})

test.each(themeNames.flatMap((name) => (['light', 'dark'] as const).map((scheme) => [name, scheme] as const)))(
  'draws a chart in the theme %s, %s',
  async (name, scheme) => {
    const bound = plots.find(({ id }) => id === 'bar-stacked') as (typeof plots)[number]
    const { svg } = await drawChart(bound, { theme: resolveTheme(name, scheme), width: 420 })
    await expect(svg).toMatchFileSnapshot(`golden/themes/${name}-${scheme}.svg`)
  },
)

test('a narrow board keeps all its parts', async () => {
  const { svg } = await drawBoard(salesPipeline, { width: 560, theme: 'stark' })
  await expect(svg).toMatchFileSnapshot('golden/boards/sales-pipeline-narrow.svg')
})
