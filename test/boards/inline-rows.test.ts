/** Rows that are written in a board: nothing of them is lost without a word. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BoardProject, boardProject } from '../support/board-project.ts'

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({})
})
afterAll(() => project?.close())

const findings = async (query: string): Promise<{ code: string; query?: string; column: number; message: string; fix: string }[]> => {
  const yaml = `notes: x\ncharts: {t: {type: table, title: T, query: q}}\nqueries:\n  q: ${query}\n`
  return (await project.data<{ diagnostics: never[] }>('validate_yaml', { yaml })).diagnostics
}

test.each<[string, string, string]>([
  ['a row that is too long', '{columns: [a, b], values: [[1, 2], ', '[1, 2, 3]]}'],
  ['a row that is too short', '{columns: [a, b], values: [[1, 2], ', '[1]]}'],
  ['an empty row', '{columns: [a, b], values: [[1, 2], ', '[]]}'],
  ['a name that two columns have', '{columns: [a, b, ', 'a], values: []}'],
  ['a key that is mistyped in one row', '{rows: [{region: N, n: 1}, {', 'regoin: S, n: 2}, {region: W, n: 3}]}'],
  ['a number that is none', '{columns: [a], values: [[1], [', '.nan]]}'],
  ['a number that is none, in a block', '{rows: [{', 'a: .nan}]}'],
  ['a number without an end', '{columns: [a], values: [[1], [', '-.inf]]}'],
  ['a number that is too large', '{columns: [a], values: [[1], ', '[9007199254740993]]}'],
  ['a number that is too large, in a block', '{rows: [{a: 1}, ', '{a: 9007199254740993}]}'],
])('%s is told where it stands, and what to do', async (_what, before, wrong) => {
  const found = await findings(before + wrong)
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject({ query: 'q', column: `  q: ${before}`.length + 1, fix: expect.stringMatching(/\S/) })
  expect(found[0]?.message).not.toMatch(/a number, not a number/)
})

test('each mistake of one kind is counted in one finding', async () => {
  const rows = Array.from({ length: 30 }, () => '[1]').join(', ')
  const found = await findings(`{columns: [a, b], values: [${rows}]}`)
  expect(found.map(({ message }) => message)).toEqual([
    'Rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 20 more have 1 values, and there are 2 columns.',
  ])
})

test.each([
  '{columns: [a, b], values: [[1, null], [2, x]]}',
  '{columns: [a], values: []}',
  '{rows: [{a: 1, b: 2}, {a: 3}, {b: 4, c: 5}]}',
  '{rows: [{region: 1}, {regions: 2}]}',
  '{rows: [{region: 1}, {region: 2}, {revenue: 2}]}',
  '{rows: [{a: "9007199254740993"}, {a: 9007199254740991}, {a: 0.1}]}',
])('rows that are whole, or lack what they need not have, are fine: %s', async (query) => {
  expect(await findings(query)).toEqual([])
})

test('two columns of one name in the result of a query are told where the chart names them', async () => {
  const served = await boardProject({
    'dataface.yml': 'name: test\nsources: {shop: {type: duckdb, files: {orders: orders.csv}}}\n',
    'orders.csv': 'n\n1\n',
  })
  try {
    const codes = async (chart: string): Promise<string[]> =>
      (
        await served.data<{ diagnostics: { code: string; column: number }[] }>('render_dashboard', {
          yaml: `notes: x\nqueries: {q: 'SELECT 1 AS a, 2 AS a, 3 AS b'}\ncharts: {t: ${chart}}\n`,
        })
      ).diagnostics.map(({ code }) => code)
    expect(await codes('{type: kpi, label: L, query: q, value: a}')).toEqual(['DUPLICATE_COLUMN'])
    expect(await codes('{type: table, title: L, query: q}')).toEqual(['DUPLICATE_COLUMN'])
    expect(await codes('{type: kpi, label: L, query: q, value: b}')).toEqual([])
  } finally {
    await served.close()
  }
})
