import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BoardProject, boardProject } from '../support/board-project.ts'

const head = 'source: shop\nnotes: x\ncharts:\n  t: {type: callout, text: x, title: T}\nrows: [t]\nqueries:\n  spare:'

/** Boards whose only mistake is in a query that nothing uses, and its code. */
const boards: readonly (readonly [string, string, string])[] = [
  ['syntax', 'SQL_ERROR', ' SELECT FROM WHERE'],
  ['writes', 'SQL_REJECTED', ' DROP TABLE t'],
  ['template', 'TEMPLATE_ERROR', ' "SELECT {{ 1 + }}"'],
  ['variable', 'UNKNOWN_VARIABLE', ' "SELECT {{ gone }}"'],
  ['query', 'UNKNOWN_QUERY', ' "SELECT * FROM {{ queries.gone }}"'],
  ['source', 'UNKNOWN_SOURCE', ' {sql: SELECT 1, source: shob}'],
  ['shape', 'UNKNOWN_KEY', ' {sql: SELECT 1, sq: 1}'],
]

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({
    'dataface.yml': 'name: test\nsources: {shop: {type: duckdb, path: gone.duckdb}}\n',
    ...Object.fromEntries(boards.map(([name, , query]) => [`boards/${name}.yml`, `${head}${query}\n`])),
  })
})
afterAll(() => project?.close())

interface Finding {
  readonly code: string
  readonly level: string
  readonly line: number
}

test.each(boards)('a mistake of %s in a query that nothing uses is told alike by every tool', async (name, code) => {
  const path = `boards/${name}.yml`
  const errorsOf = async (tool: string, input: Record<string, unknown>): Promise<[string, number][]> =>
    (await project.data<{ diagnostics: Finding[] }>(tool, { path, ...input })).diagnostics
      .filter(({ level }) => level === 'error')
      .map((one) => [one.code, one.line])
  const judged = await errorsOf('validate_yaml', {})
  expect(judged).toEqual([[code, 7]])
  expect(await errorsOf('get_dashboard', {})).toEqual(judged)
  for (const format of ['json', 'text', 'svg', 'terminal']) expect(await errorsOf('render_dashboard', { format }), format).toEqual(judged)
  const { dashboards } = await project.data<{ dashboards: { path: string; findings: { errors: number } }[] }>('list_dashboards', {})
  expect(dashboards.find((one) => one.path === path)?.findings.errors).toBe(1)
  const { findings, counts } = await project.data<{ findings: { code: string; severity: string; line: number }[]; counts: unknown }>(
    'review_dashboard',
    { path },
  )
  expect(findings.filter(({ severity }) => severity === 'blocker').map((one) => [one.code, one.line])).toEqual(judged)
  expect(counts).toMatchObject({ blockers: 1 })
})
