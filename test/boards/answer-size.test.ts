import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { errorItem, Fault, tellWarnings } from '../../server/envelope/fault.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

/** What an answer that only says what is wrong may have, bytes. */
const maxErrorBytes = 100_000
const many = 20_000

let project: BoardProject
beforeAll(async () => {
  project = await boardProject({ 'boards/a.yml': 'text: here\n' })
})
afterAll(() => project.close())

const keys = Object.fromEntries(Array.from({ length: many }, (_, index) => [`key_${index}`, index]))
const values: readonly unknown[] = [
  'x'.repeat(90_000),
  keys,
  Array.from({ length: many }, () => ({ a: {} })),
  Array.from({ length: many }, () => 'x'),
]

describe('whatever is sent, an error is short', () => {
  test.each(contracts.map(({ name, input }) => [name, Object.keys(input.shape)] as const))('%s', async (tool, known) => {
    const inputs = [keys, ...known.flatMap((name) => values.map((value) => ({ [name]: value })))]
    for (const input of inputs) {
      const envelope = await project.call(tool, input)
      if (envelope.success) continue
      expect(JSON.stringify(envelope).length).toBeLessThan(maxErrorBytes)
      expect(envelope.errors.length).toBeLessThanOrEqual(21)
    }
  })

  test('and says how many faults are not told', async () => {
    const envelope = await project.call('execute_query', keys)
    expect(envelope).toMatchObject({ success: false, errors: { length: 21 } })
    // The missing source and statement are faults as well.
    expect(JSON.stringify(envelope)).toContain(`There are ${many + 2 - 20} more errors.`)
  })
})

describe('findings about a board are told up to a number', () => {
  const queries = `queries:\n${Array.from({ length: 1_000 }, (_, index) => `  q${index}: {sq: 1}\n`).join('')}`
  const unnamed = '? [a]\n: 1\n'.repeat(1_000)

  test.each([
    ['queries', queries],
    ['keys', unnamed],
  ])('%s', async (_name, yaml) => {
    for (const tool of ['validate_yaml', 'render_dashboard', 'test_yaml_execution']) {
      const data = await project.data<{ diagnostics: { message: string }[] }>(tool, {
        yaml,
        ...(tool === 'render_dashboard' && { format: 'json' }),
      })
      expect(data.diagnostics).toHaveLength(101)
      expect(data.diagnostics.at(-1)?.message).toMatch(/^There are \d+ more findings/)
    }
    const saved = await project.call('save_dashboard', { path: 'boards/b.yml', yaml })
    expect(JSON.stringify(saved).length).toBeLessThan(maxErrorBytes)
  })

  test('and counted in full', async () => {
    expect(await project.data('validate_yaml', { yaml: unnamed })).toMatchObject({ counts: { errors: 1_000 } })
  })

  test('unknown variables', async () => {
    const { diagnostics } = await project.data<{ diagnostics: { message: string }[] }>('render_dashboard', {
      path: 'boards/a.yml',
      format: 'json',
      variables: keys,
    })
    expect(diagnostics).toHaveLength(21)
    expect(diagnostics.at(-1)?.message).toBe(`${many - 20} more of the variables are unknown.`)
  })
})

test('warnings are told up to a number, each cut', () => {
  const warnings = Array.from({ length: many }, () => ({ code: 'A', message: 'x'.repeat(10_000) }))
  const told = tellWarnings(warnings)
  expect(told).toHaveLength(21)
  expect(told[0]?.message).toBe(`${'x'.repeat(2_000)} [cut]`)
  expect(told.at(-1)).toEqual({ code: 'A', message: `There are ${many - 20} more warnings.` })
  expect(tellWarnings(warnings.slice(0, 20))).toHaveLength(20)
})

test('the texts of a review are cut', async () => {
  const yaml = `charts: {a: {type: ${'x'.repeat(90_000)}}}`
  const { findings, verdict } = await project.data<{ findings: { finding: string }[]; verdict: string }>('review_dashboard', { yaml })
  expect(findings[0]?.finding).toMatch(/ \[cut\]$/)
  expect(verdict.length).toBeLessThan(10_000)
})

test('one message is cut, and marked', async () => {
  expect(errorItem(new Fault('SQL_ERROR', 'a'.repeat(90_000), { hint: 'b'.repeat(90_000) }))).toMatchObject({
    message: `${'a'.repeat(2_000)} [cut]`,
    hint: `${'b'.repeat(2_000)} [cut]`,
  })
  const { diagnostics } = await project.data<{ diagnostics: { message: string }[] }>('validate_yaml', {
    yaml: `charts: {a: {type: ${'x'.repeat(90_000)}}}`,
  })
  expect(diagnostics[0]?.message).toMatch(/ \[cut\]$/)
})
