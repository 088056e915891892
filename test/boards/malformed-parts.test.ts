/** What is malformed in a list or refers to nothing is told, hides nothing else, and the rest of the board is drawn. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoardProject, boardProject } from '../support/board-project.ts'

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({
    'boards/other.yml': `
variables:
  period: { input: daterange, default: ['2013-01-01', '2014-12-31'], label: Time }
  copied: { ref: other.yml.variables.period }
queries: { q: { columns: [a], values: [[1]] } }
charts: { t: { type: table, query: q } }
`,
    'boards/years.yml': 'variables: { v: { ref: other.yml.variables.period, label: Years } }\ntext: "{{ v }}"\n',
  })
})
afterAll(() => project?.close())

interface Finding {
  readonly code: string
  readonly line: number
  readonly fix?: string
}
const findingsOf = async (yaml: string): Promise<Finding[]> =>
  (await project.data<{ diagnostics: Finding[] }>('validate_yaml', { yaml })).diagnostics

const head = `title: Title
notes: n
queries: { q: { columns: [n], values: [[7]] } }
charts:
  a: { type: kpi, query: q, label: Answer, value: n }
`

describe.each([
  ['an item that is no item', 'rows: [a, 3]'],
  ['an item that is empty', 'rows:\n  - a\n  -'],
  ['a list in a list', 'rows: [a, [a]]'],
  ['an item of a grid without its item', 'grid: { items: [{ item: a }, { itm: a }] }'],
  ['a tab without a title', 'tabs: { items: [{ title: One, rows: [a] }, { rows: [a] }] }'],
  ['an option that is none', 'rows: [a]\nvariables: { v: { options: [1, {}] } }'],
])('%s', (_what, part) => {
  test('is told, and what else is wrong is told too', async () => {
    const alone = (await findingsOf(`${head}${part}\n`)).map(({ code }) => code)
    expect(alone.length).toBeGreaterThan(0)
    const codes = (await findingsOf(`${head.replace('Title', '"{{ nope }}"').replace('value: n', 'valu: n')}${part}\n`)).map(
      ({ code }) => code,
    )
    expect(codes).toEqual(expect.arrayContaining(['UNKNOWN_VARIABLE', 'UNKNOWN_KEY', ...alone]))
  })

  test('leaves the rest of the board drawn, under its title', async () => {
    const { content } = await project.data<{ content: string }>('render_dashboard', { yaml: `${head}${part}\n`, format: 'text' })
    expect(content).toContain('Title')
    expect(content).toContain('7')
  })

  test('lets the review tell nothing that is not so', async () => {
    const { findings } = await project.data<{ findings: Finding[] }>('review_dashboard', { yaml: `${head}${part}\n` })
    expect(findings.map(({ code }) => code)).not.toContain('MISSING_NOTES')
  })
})

test('of a text that is no YAML the review tells nothing of what it lacks', async () => {
  const { findings } = await project.data<{ findings: Finding[] }>('review_dashboard', { yaml: 'title: a: b\nnotes: n\n' })
  expect(findings.map(({ code }) => code)).toEqual(['YAML_ERROR'])
})

test.each([
  'title: Sales: 2024',
  "source: x\nqueries:\n  a: SELECT {'a': 1} AS s",
  'source: x\nqueries:\n  a: SELECT 1 AS n -- note: hi',
  'title: A\n notes: n',
  'title: %x',
  'title: @hi',
  'title: *x',
  'rows:\n  - text: y\n  -text: x',
  'title: !!foo x',
  'title: "\\q"',
  'title: [a',
  '\ttitle: x',
])('what is wrong with YAML is told with what to do: %s', async (yaml) => {
  const findings = (await findingsOf(yaml)).filter(({ code }) => code === 'YAML_ERROR')
  expect(findings.length).toBeGreaterThan(0)
  for (const { fix } of findings) expect(fix).toMatch(/\w/)
})

describe('a variable of another board', () => {
  test('is that of the other, with what is written beside the reference over it', async () => {
    const path = 'boards/years.yml'
    expect((await project.data<{ diagnostics: Finding[] }>('validate_yaml', { path })).diagnostics).toEqual([])
    const { variables } = await project.data<{ variables: Record<string, unknown>[] }>('get_dashboard', { path })
    expect(variables).toMatchObject([{ name: 'v', input: 'daterange', label: 'Years', default: ['2013-01-01', '2014-12-31'] }])
  })

  test.each([
    ['that is not there', 'boards/other.yml.variables.perod', { code: 'EXTENDS_UNRESOLVED', fix: 'Did you mean "period"?' }],
    ['of a board that is not there', 'gone.yml.variables.period', { code: 'EXTENDS_UNRESOLVED' }],
    ['that is itself a reference', 'boards/other.yml.variables.copied', { code: 'WRONG_VALUE' }],
    ['that is written otherwise', 'period', { code: 'EXTENDS_UNRESOLVED' }],
  ])('%s is told', async (_what, ref, finding) => {
    expect(await findingsOf(`variables: { v: { ref: ${ref} } }\ntext: "{{ v }}"\n`)).toMatchObject([finding])
  })
})

test('a chart of another board that is not there is told once, with the nearest', async () => {
  expect(await findingsOf('charts: { r: { ref: boards/other.yml.charts.s }, q: { type: callout, text: x } }\n')).toMatchObject([
    { code: 'EXTENDS_UNRESOLVED', fix: 'Did you mean "t"?' },
  ])
})
