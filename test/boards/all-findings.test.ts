/** A mistake hides no other: boards of every two mistakes, in one chart, one query, one variable or in parts of their own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type BoardProject, boardProject } from '../support/board-project.ts'

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({ 'dataface.yml': 'name: test\nsources: {shop: {type: duckdb, path: gone.duckdb}}\n' })
})
afterAll(() => project?.close())

type Block = Record<string, unknown>
/** A part that is wrong, with its code, and the codes of what truly follows from it. */
type Mistake = readonly [code: string, part: Block, ...followers: string[]]

/** Blocks within blocks, the later over the earlier. */
const merged = (one: unknown, other: unknown): unknown => {
  const isBlock = (value: unknown): value is Block => typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isBlock(one) || !isBlock(other)) return other
  const all: Block = { ...one }
  for (const [key, value] of Object.entries(other)) all[key] = key in one ? merged(one[key], value) : value
  return all
}

const sound: Block = {
  source: 'shop',
  variables: { region: { options: ['North', 'South'], default: 'North' } },
  queries: { orders: { sql: "SELECT d, n FROM t WHERE {{ filter('region', region) }}" } },
  charts: { orders: { type: 'bar', query: 'orders', x: 'd', y: 'n', title: 'Orders' } },
}

const ofChart: readonly Mistake[] = [
  ['UNKNOWN_KEY', { colr: 'x' }],
  ['RAW_VEGA_LITE', { encoding: 'x' }],
  ['WRONG_TYPE', { subtitle: [1] }],
  ['WRONG_VALUE', { style: { orientation: 'sideways' } }],
  ['UNKNOWN_VARIABLE', { title: '{{ regoin }}' }],
  ['UNKNOWN_QUERY', { query: 'odrers' }],
  ['TEMPLATE_ERROR', { x_label: '{{ ' }],
  ['UNSUPPORTED_CHART_TYPE', { type: 'bra' }],
  ['FORMAT_INVALID', { style: { number_format: 'zz!' } }],
  ['FORMAT_NATIVE_IN_AXIS', { style: { axis_y: { labels: { format: 'percent_number' } } } }],
  ['UNKNOWN_COLOR', { style: { color: { static: 'blurple' } } }],
  ['UNKNOWN_VARIABLE', { select: 'gone' }],
  ['MISSING_KEY', { y: undefined }],
]

const ofQuery: readonly Mistake[] = [
  ['UNKNOWN_KEY', { sq: 1 }],
  ['WRONG_TYPE', { notes: [1] }],
  ['UNKNOWN_SOURCE', { source: 'shob' }],
  ['UNKNOWN_VARIABLE', { sql: 'SELECT d, n, {{ regoin }} FROM t' }],
  ['UNKNOWN_QUERY', { sql: 'SELECT d, n FROM {{ queries.gone }}' }, 'UNREFERENCED_VARIABLE'],
  ['SQL_ERROR', { sql: 'SELECT d, n FROM WHERE' }, 'UNREFERENCED_VARIABLE'],
  ['SQL_REJECTED', { sql: 'DROP TABLE t' }, 'UNREFERENCED_VARIABLE'],
]

const ofVariable: readonly Mistake[] = [
  ['UNKNOWN_KEY', { inpt: 'x' }],
  ['WRONG_VALUE', { input: 'dropdown' }],
  ['WRONG_TYPE', { notes: [1] }],
  ['BAD_VARIABLE_VALUE', { default: 'West' }],
  ['UNKNOWN_VARIABLE', { label: '{{ regoin }}' }],
  ['UNKNOWN_QUERY', { enabled: { query: 'gone', column: 'a' } }],
]

const ofBoard: readonly Mistake[] = [
  ['UNKNOWN_KEY', { titel: 'x' }],
  ['WRONG_VALUE', { html_policy: 'raw' }],
  ['WRONG_TYPE', { tags: 'x' }],
  ['UNKNOWN_THEME', { theme: 'clarty' }],
  ['UNKNOWN_VARIABLE', { title: '{{ regoin }}' }],
  ['BAD_NAME', { queries: { 'a b': 'SELECT 1' } }],
  ['EXTENDS_UNRESOLVED', { extends: './gone.yml' }],
  ['UNKNOWN_CHART', { rows: ['orders', 'odrers'] }],
  ['UNKNOWN_SOURCE', { source: 'shob', queries: { other: 'SELECT 1 AS o' }, charts: { other: { type: 'table', query: 'other' } } }],
  ['SQL_ERROR', { queries: { orders: { sql: 'SELECT d, n FROM WHERE, g' } } }, 'UNREFERENCED_VARIABLE'],
  ['QUERY_UNSUPPORTED', { queries: { web: { type: 'http', url: 'https://example.org' } } }, 'UNREFERENCED_QUERY'],
  ['MISSING_KEY', { charts: { total: { type: 'kpi', query: 'orders' } } }],
  ['QUERY_MISSING', { charts: { orders: { query: undefined } } }, 'UNREFERENCED_QUERY'],
  [
    'GRID_OVERLAP',
    {
      grid: {
        items: [
          { item: 'orders', col: 0, row: 0 },
          { item: 'orders', col: 3, row: 0 },
        ],
      },
    },
  ],
  ['UNKNOWN_COLOR', { style: { accent: 'blurple' } }],
  ['FORMAT_PREDEFINED_SHADOW', { style: { formats: { percent: '.2f' } } }],
]

const within = (path: readonly string[], mistakes: readonly Mistake[]): readonly Mistake[] =>
  mistakes.map(([code, part, ...followers]) => [code, path.reduceRight<Block>((inner, key) => ({ [key]: inner }), part), ...followers])

const groups: readonly (readonly [string, readonly Mistake[]])[] = [
  ['chart', within(['charts', 'orders'], ofChart)],
  ['query', within(['queries', 'orders'], ofQuery)],
  ['variable', within(['variables', 'region'], ofVariable)],
  ['board', ofBoard],
]

/** Two mistakes of the same key are one place, and no two mistakes. */
const isOnePlace = (one: Block, other: Block): boolean => {
  const both = merged(one, other)
  return JSON.stringify(one) === JSON.stringify(other) || JSON.stringify(merged(both, one)) !== JSON.stringify(both)
}

const codesOf = async (board: unknown): Promise<string[]> => {
  const { diagnostics } = await project.data<{ diagnostics: { code: string }[] }>('validate_yaml', { yaml: stringify(board) })
  return diagnostics.map(({ code }) => code)
}

test('nothing is found of the sound board', async () => {
  expect(await codesOf(sound)).toEqual([])
})

describe.each(groups)('of a %s', (_name, mistakes) => {
  test.each(mistakes)('%s alone is told, and nothing that does not follow from it', async (code, part, ...followers) => {
    expect([...new Set(await codesOf(merged(sound, part)))].sort()).toEqual([code, ...followers].sort())
  })
})

test.each<[string, unknown, string[]]>([
  ['a chart that lacks a key', { type: 'pie', query: 'orders' }, ['MISSING_KEY']],
  ['a chart that lacks a key and has one too many', { type: 'pie', query: 'orders', foo: 1 }, ['MISSING_KEY', 'UNKNOWN_KEY']],
  ['a chart with a name, and a key that is mistyped', { one: { type: 'kpi', query: 'orders', valu: 'n' } }, ['UNKNOWN_KEY']],
  ['a chart with a name, and a key that is not known', { one: { type: 'kpi', query: 'orders', foo: 'n' } }, ['MISSING_KEY', 'UNKNOWN_KEY']],
  ['a board within, and a key that is not known', { titel: 'x', cols: ['orders'] }, ['UNKNOWN_KEY']],
])('what stands in a layout is told as what it was meant to be: %s', async (_name, item, codes) => {
  for (const layout of [{ rows: ['orders', item] }, { cols: ['orders', item] }, { grid: { items: [{ item: 'orders' }, { item }] } }])
    expect((await codesOf(merged(sound, layout))).sort()).toEqual(codes)
})

test('every two mistakes are both told', async () => {
  const all = groups.flatMap(([, mistakes]) => mistakes)
  const pairs = all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other] as const))
  const wrong: string[] = []
  for (const [[code, part], [otherCode, otherPart]] of pairs) {
    if (isOnePlace(part, otherPart)) continue
    const codes = await codesOf(merged(merged(sound, part), otherPart))
    const wanted = code === otherCode ? codes.filter((one) => one === code).length >= 2 : codes.includes(code) && codes.includes(otherCode)
    if (!wanted) wrong.push(`${JSON.stringify(part)} and ${JSON.stringify(otherPart)}: ${codes.join(', ')}`)
  }
  expect(wrong).toEqual([])
})
