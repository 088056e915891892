/** Boards as the field writes them, on both databases. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import type { BoardProject } from '../support/board-project.ts'
import { manifestOf, warehouseProject, warehouses } from '../support/warehouse.ts'

const board = (name: string): string => readFileSync(join(import.meta.dirname, `fixtures/boards/${name}.yml`), 'utf8')

interface Rendered {
  readonly title: string
  readonly content: string
  readonly charts: { readonly name: string; readonly rows: unknown[][] }[]
  readonly diagnostics: BoardDiagnostic[]
}

describe.each(['duckdb', 'postgres'] as const)('%s', (dialect) => {
  let project: BoardProject
  beforeAll(async () => {
    project = await warehouseProject(dialect, [...warehouses.shop, ...warehouses.pipeline], ['warehouse'], {
      'boards/pipeline.yml': board('pipeline'),
      'boards/shop.yml': board('shop'),
      'target/manifest.json': manifestOf('main', ['fct_orders']),
    })
  })
  afterAll(() => project.close())

  const render = (input: object) => project.data<Rendered>('render_dashboard', input)

  test('a board of a sales team is drawn without a finding, in every format', async () => {
    for (const format of ['text', 'html', 'svg', 'png', 'terminal'])
      expect((await render({ path: 'boards/pipeline.yml', format })).diagnostics).toEqual([])
    const { content } = await render({ path: 'boards/pipeline.yml' })
    expect(content).toContain('Open: $5,642,363 (131 open deals)')
    expect(content).toContain('Win rate: 50.2%')
  })

  test('a review finds nothing in it', async () => {
    expect(await project.data('review_dashboard', { path: 'boards/pipeline.yml' })).toMatchObject({ verdict: '**No findings.**' })
  })

  test('a model of dbt is filtered, through queries that use each other', async () => {
    const all = await render({ path: 'boards/shop.yml', format: 'json' })
    expect(all.diagnostics).toEqual([])
    const totals = (rendered: Rendered) =>
      rendered.charts
        .find(({ name }) => name === 'rows')
        ?.rows.map(([region]) => region)
        .sort()
    expect(totals(all)).toEqual(['East', 'North', 'South', 'West'])
    const north = await render({ path: 'boards/shop.yml', format: 'json', variables: { region: 'North', period: ['2024-02-01', null] } })
    expect([north.title, totals(north)]).toEqual(['Shop — North', ['North']])
    expect(north.charts.find(({ name }) => name === 'months')?.rows[0]?.[0]).toBe('2024-02-01')
    const { content } = await render({ path: 'boards/shop.yml', variables: { region: "North'; --", least: null } })
    expect(content).toContain('At least 25%')
    // Once at the top of the board, and under each of the three charts that it stops.
    expect(content.match(/BAD_VARIABLE_VALUE boards\/shop.yml:7:3 /g)).toHaveLength(4)
  })
})
