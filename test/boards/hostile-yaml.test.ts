import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { boardSchema } from '../../contracts/v1/board/board.ts'
import { checkShape, maxShapeFaults } from '../../server/boards/compile/check-shape.ts'
import { compileBoard } from '../../server/boards/compile/compile-board.ts'
import { readBoard } from '../../server/boards/compile/read-board.ts'
import { readProjectText } from '../../server/projects/read-project.ts'
import { composeDocument } from '../../server/yaml/compose-document.ts'
import { parseYaml } from '../../server/yaml/parse-yaml.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

let project: BoardProject
beforeEach(async () => {
  project = await boardProject({})
})
afterEach(() => project.close())

/** Two levels around what stands before. */
const nestedAlias = (at: number): string => `k${at}: &a${at} [[${at === 0 ? '1' : `*a${at - 1}`}]]`

/** Texts of which a parser makes nodes by calling itself, or looks at all that came before for each part. */
const shapes: readonly (readonly [string, (size: number) => string])[] = [
  ['keys that are blocks', (size) => '? '.repeat(size)],
  ['keys without a name', (size) => ': '.repeat(size)],
  ['lists within lists', (size) => '- '.repeat(size)],
  ['lists within lists that end at once', (size) => `${'- '.repeat(size)}x\n- y\n`],
  ['lists in brackets', (size) => '['.repeat(size)],
  ['blocks in braces', (size) => '{'.repeat(size)],
  ['tags', (size) => '!a '.repeat(size)],
  ['anchors', (size) => '&a '.repeat(size)],
  ['aliases', (size) => `a: &a 1\nb: [${'*a,'.repeat(size)}]`],
  ['an alias within what it names', (size) => `${'#\n'.repeat(size)}a: &a [{b: *a}]`],
  ['aliases that make blocks deep', (size) => Array.from({ length: Math.min(size, 90) }, (_, at) => nestedAlias(at)).join('\n')],
  ['aliases of nothing', (size) => `b: [${'*a,'.repeat(size)}]`],
]

/** Many faults, each of which is cheap. */
const faulty: readonly (readonly [string, (size: number) => string])[] = [
  ['commas', (size) => `[${','.repeat(size)}`],
  ['closing brackets', (size) => ']'.repeat(size)],
  ['documents', (size) => '---\n'.repeat(size)],
]

describe.each([300, 5_000, 300_000])('a YAML text with %i', (size) => {
  test.each([...shapes, ...faulty])('%s is refused at its place, in words of ours', async (_name, textOf) => {
    const text = textOf(size)
    const { valid, diagnostics } = await project.data<{
      valid: boolean
      diagnostics: { code: string; message: string; line: number; fix?: string }[]
    }>('validate_yaml', { yaml: text.slice(0, 1_000_000) })
    expect(valid).toBe(false)
    expect(diagnostics[0]).toMatchObject({ code: 'YAML_ERROR', line: expect.any(Number) })
    expect(JSON.stringify(diagnostics)).not.toMatch(/call stack/i)
  })

  test.each(shapes)('%s is refused by every other tool that takes a text, and in dataface.yml', async (_name, textOf) => {
    const yaml = textOf(size).slice(0, 1_000_000)
    const refused = readProjectText(yaml, '/', {})
    expect(refused.config).toBeUndefined()
    expect(refused.diagnostics).toContainEqual(expect.objectContaining({ code: 'YAML_ERROR' }))
    const saved = await project.call('save_dashboard', { path: 'boards/a.yml', yaml })
    expect(saved).toMatchObject({ success: false, errors: [{ code: 'VALIDATION_ERROR' }] })
    const rendered = await project.data<{ diagnostics: unknown }>('render_dashboard', { yaml, format: 'json' })
    expect(rendered.diagnostics).toContainEqual(expect.objectContaining({ code: 'YAML_ERROR' }))
  })
})

describe('the work for a text of many faults is bounded', () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `  n${index}`)

  test.each([
    ['charts of a mistyped type', 'charts', '{type: bra, query: q}'],
    ['charts with a key that is not known', 'charts', '{type: table, query: q, bad: 1}'],
    ['charts that are numbers', 'charts', '5'],
    ['queries without SQL', 'queries', '{sq: SELECT 1}'],
    ['variables of a wrong type', 'variables', '{input: 5}'],
  ])('20,000 %s are looked into up to a number', (_name, block, written) => {
    const text = `${block}:\n${names.map((name) => `${name}: ${written}`).join('\n')}\n`
    const value = parseYaml(text, 'a.yml').toValue()
    const { faults, more } = checkShape(boardSchema, value)
    expect(faults).toHaveLength(maxShapeFaults)
    expect(more).toBeGreaterThan(names.length - maxShapeFaults - 1)
    const board = readBoard(text, 'boards/a.yml', boardSchema)
    expect(board.value).toEqual({})
    expect(board.diagnostics).toHaveLength(maxShapeFaults + 1)
  })

  test.each(faulty)('of faults of %s the parser keeps no stacks', (_name, textOf) => {
    const { errors } = composeDocument(textOf(1_000), { merge: true, maxMarks: 200 }).document
    expect(errors.length).toBeGreaterThan(0)
    // That there are several documents is found by us, once.
    expect(errors.filter(({ code, stack = '' }) => code !== 'MULTIPLE_DOCS' && /^ {4}at /m.test(stack))).toEqual([])
    expect(new Error('later').stack).toMatch(/^ {4}at /m)
  })

  test('near names are looked for up to a number', async () => {
    const text = `queries: {orders: {rows: [{a: 1}]}}\ncharts:\n${names.map((name) => `${name}: {type: table, query: odrers}`).join('\n')}\n`
    const { diagnostics } = await compileBoard(text, 'boards/a.yml', { read: async () => undefined, sources: [] })
    expect(diagnostics).toHaveLength(names.length)
    expect(diagnostics.filter(({ fix }) => fix?.startsWith('Did you mean'))).toHaveLength(200)
  })
})

test('a key that is a block is refused where it stands, and what to write is said', async () => {
  const { diagnostics } = await project.data<{ diagnostics: unknown[] }>('validate_yaml', { yaml: 'title: A\n? [a, b]\n: 1\n' })
  expect(diagnostics).toEqual([
    expect.objectContaining({
      code: 'YAML_ERROR',
      line: 2,
      column: 3,
      message: 'A key must be a plain name.',
      fix: 'Write it as name: value.',
    }),
  ])
})

test('nesting that people write is read', async () => {
  const nested = (depth: number): string => (depth === 0 ? 'text: here' : `rows: [{${nested(depth - 1)}}]`)
  expect(await project.data('validate_yaml', { yaml: nested(15) })).toMatchObject({ valid: true })
})
