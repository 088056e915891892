/** Whoever looks at a board is told the same of a mistake in its SQL: by which code, in which place, and what to do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BoardProject } from '../support/board-project.ts'
import { warehouseProject } from '../support/warehouse.ts'

/** Mistakes of one query, as it is written, and their codes. */
const mistakes: readonly (readonly [name: string, code: string, query: string])[] = [
  ['syntax', 'SQL_ERROR', 'SELECT FROM WHERE'],
  ['a word too many', 'SQL_ERROR', 'SELECT 1 AS n\n  FROM (SELECT 1) AS x x x'],
  ['parentheses', 'TEMPLATE_ERROR', 'SELECT (1 AS n'],
  ['writes', 'SQL_REJECTED', 'DROP TABLE t'],
  ['two statements', 'SQL_REJECTED', 'SELECT 1 AS n; SELECT 2 AS n'],
  ['no query', 'SQL_REJECTED', 'SET search_path TO x'],
  ['template', 'TEMPLATE_ERROR', 'SELECT {{ 1 + }} AS n'],
  ['place of a value', 'TEMPLATE_POSITION', 'SELECT 1 AS n FROM {{ region }}'],
  ['variable', 'UNKNOWN_VARIABLE', 'SELECT {{ gone }} AS n'],
  ['query', 'UNKNOWN_QUERY', 'SELECT * FROM {{ queries.gone }}'],
]

const board = (queries: object, charts: object, variables: object = {}) =>
  JSON.stringify({
    notes: 'x',
    variables: { region: { default: 'North', options: ['North'] }, ...variables },
    queries: { other: 'SELECT {{ region }} AS n', ...queries },
    charts: { other: { type: 'table', query: 'other', title: 'T' }, ...charts },
  })

const table = (query: string) => ({ type: 'table', query, title: 'T' })

/** Where the SQL of a board may stand. */
const places: readonly (readonly [string, (sql: string) => string])[] = [
  ['that nothing uses', (sql) => board({ q: sql }, {})],
  ['that a chart shows', (sql) => board({ q: sql }, { t: table('q') })],
  ['that two charts show', (sql) => board({ q: sql }, { t: table('q'), u: table('q') })],
  ['that is written in a chart', (sql) => board({}, { t: table(`-- all\n${sql}`) })],
  ['that another query uses', (sql) => board({ q: sql, user: 'SELECT * FROM {{ queries.q }}' }, { t: table('user') })],
  ['that gives options', (sql) => board({}, {}, { v: { options: { query: `-- all\n${sql}` } } })],
  ['that a drill asks', (sql) => board({}, { t: { ...table('other'), drill: `-- all\n${sql}` } })],
  ['with a mistake of shape', (sql) => board({ q: { sql, sq: 1 } }, { t: table('q') })],
]

interface Finding {
  readonly code: string
  readonly level: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly fix: string
}

describe.each(['duckdb', 'postgres'] as const)('%s', (dialect) => {
  let project: BoardProject
  beforeAll(async () => {
    project = await warehouseProject(dialect, [], ['warehouse'], {})
  })
  afterAll(() => project?.close())

  const errorsOf = async (tool: string, input: object): Promise<string[]> =>
    (await project.data<{ diagnostics: Finding[] }>(tool, input)).diagnostics
      .filter(({ level }) => level === 'error')
      .map(({ code, line, column, message, fix }) => `${code} ${line}:${column} ${message} ${fix}`)
      .sort()

  test.each(places)('a mistake in SQL %s is told alike by every tool', async (place, boardOf) => {
    for (const [name, code, sql] of mistakes) {
      const yaml = boardOf(sql)
      const judged = await errorsOf('validate_yaml', { yaml })
      const about = `${name}, ${place}: ${yaml}`
      expect(
        judged.map((one) => one.split(' ', 1)[0]).filter((one) => one !== 'UNKNOWN_KEY'),
        about,
      ).toEqual([code])
      expect(await errorsOf('test_yaml_execution', { yaml }), about).toEqual(judged)
      for (const format of ['json', 'text', 'terminal']) expect(await errorsOf('render_dashboard', { yaml, format }), about).toEqual(judged)
      const { findings } = await project.data<{
        findings: { code: string; severity: string; line: number; finding: string; fix: string }[]
      }>('review_dashboard', { yaml, max_findings: 50 })
      const blockers = findings.filter(({ severity }) => severity === 'blocker').map((one) => `${one.code} ${one.line}:`)
      expect(blockers.sort(), about).toEqual(judged.map((one) => one.replace(/:.*/s, ':')))
      await project.write('boards/one.yml', yaml)
      expect(await errorsOf('get_dashboard', { path: 'boards/one.yml' }), about).toEqual(judged)
      const { dashboards } = await project.data<{ dashboards: { findings: { errors: number } }[] }>('list_dashboards', {})
      expect(dashboards[0]?.findings.errors, about).toBe(judged.length)
    }
  })
})
