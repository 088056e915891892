import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { compareModels } from '../../codegen/compat/compare-models.ts'
import { type ContractFindings, compileModel } from '../../codegen/model.ts'
import { type Contract, defineContract, readOnlyAnnotations } from '../../contracts/define-contract.ts'

const contract = (input: z.ZodObject, output: z.ZodObject, changed: Partial<Contract> = {}): Contract => ({
  ...defineContract({
    name: 'tool',
    version: '1.0.0',
    title: 'Tool',
    description: 'Does.',
    input,
    output,
    errors: [],
    annotations: readOnlyAnnotations,
    examples: [],
  }),
  ...changed,
})
const text = z.string().describe('x')
const base = {
  input: z.strictObject({ a: text, b: z.enum(['x', 'y']).describe('x').optional(), n: z.int().min(1).max(10).describe('x').optional() }),
  output: z.object({ r: z.string(), k: z.enum(['p', 'q']), o: z.number().optional() }),
}
const before = compileModel([contract(base.input, base.output, { aliases: ['old'], errors: ['SQL_ERROR'] })]).tools

const change = (input: z.ZodObject, output: z.ZodObject, changed: Partial<Contract> = {}) =>
  compareModels(
    before,
    compileModel([contract(input, output, { version: '1.1.0', aliases: ['old'], errors: ['SQL_ERROR'], ...changed })]).tools,
  )

/** Each row: what was changed, the field and level of the finding, and whether a witness is shown. */
const rows: readonly [string, ReturnType<typeof change>, string, 'breaking' | 'dangerous' | 'info'][] = [
  ['an input removed', change(z.strictObject({ b: base.input.shape.b, n: base.input.shape.n }), base.output), 'input.a', 'breaking'],
  ['a required input added', change(base.input.extend({ c: text }), base.output), 'input.c', 'breaking'],
  ['an optional input added', change(base.input.extend({ c: text.optional() }), base.output), 'input.c', 'info'],
  [
    'an input enum value removed',
    change(base.input.extend({ b: z.enum(['x']).describe('x').optional() }), base.output),
    'input.b',
    'breaking',
  ],
  [
    'an input enum value added',
    change(base.input.extend({ b: z.enum(['x', 'y', 'z']).describe('x').optional() }), base.output),
    'input.b',
    'info',
  ],
  [
    'an input bound tightened',
    change(base.input.extend({ n: z.int().min(1).max(9).describe('x').optional() }), base.output),
    'input.n',
    'breaking',
  ],
  [
    'an input bound loosened',
    change(base.input.extend({ n: z.int().min(1).max(11).describe('x').optional() }), base.output),
    'input.n',
    'info',
  ],
  ['an input became required', change(base.input.extend({ n: z.int().min(1).max(10).describe('x') }), base.output), 'input.n', 'breaking'],
  ['an input became optional', change(base.input.extend({ a: text.optional() }), base.output), 'input.a', 'info'],
  ['an input type replaced', change(base.input.extend({ a: z.number().describe('x') }), base.output), 'input.a', 'breaking'],
  ['an output removed', change(base.input, z.object({ k: base.output.shape.k, o: base.output.shape.o })), 'output.r', 'breaking'],
  ['an output enum value added', change(base.input, base.output.extend({ k: z.enum(['p', 'q', 's']) })), 'output.k', 'breaking'],
  ['an output enum value removed', change(base.input, base.output.extend({ k: z.enum(['p']) })), 'output.k', 'info'],
  ['an output became optional', change(base.input, base.output.extend({ r: z.string().optional() })), 'output.r', 'breaking'],
  ['an output became nullable', change(base.input, base.output.extend({ r: z.string().nullable() })), 'output.r', 'breaking'],
  ['an output type replaced', change(base.input, base.output.extend({ r: z.number() })), 'output.r', 'breaking'],
  ['an alias removed', change(base.input, base.output, { aliases: [] }), 'aliases', 'breaking'],
  ['an error code added', change(base.input, base.output, { errors: ['SQL_ERROR', 'CONFLICT'] }), 'errors', 'dangerous'],
  [
    'read-only lost',
    change(base.input, base.output, { annotations: { ...readOnlyAnnotations, readOnly: false } }),
    'annotations.readOnly',
    'breaking',
  ],
]

describe('a change against what was released', () => {
  test.each(rows)('%s is found at its field', (_what, findings, field, level) => {
    expect(findings.map((finding) => ({ field: finding.field, level: finding.level }))).toContainEqual({ field, level })
  })

  test('of nothing finds nothing', () => {
    expect(change(base.input, base.output)).toEqual([])
  })

  test('that removes or renames a tool is breaking', () => {
    expect(compareModels(before, [])).toMatchObject([{ tool: 'tool', rule: 'tool-removed', level: 'breaking' }])
  })

  test('without a new version is breaking', () => {
    expect(change(base.input.extend({ c: text.optional() }), base.output, { version: '1.0.0' })).toContainEqual(
      expect.objectContaining({ rule: 'version-unchanged', level: 'breaking' }),
    )
  })
})

test('everything that is wrong with a set of contracts is found at once', () => {
  const broken = [
    contract(z.strictObject({ when: z.date().describe('x'), 'bad-name': text, silent: z.string() }), z.object({ at: z.date() }), {
      name: 'bad name',
    }),
    contract(z.object({ a: text }), z.object({}), { name: 'open_input' }),
    contract(base.input, base.output, { name: 'twice', examples: [{ title: 'x', input: { a: 1 }, output: { r: 'x', k: 'p' } }] }),
    contract(base.input, base.output, { name: 'twice' }),
  ]
  let findings: ContractFindings | undefined
  try {
    compileModel(broken)
  } catch (error) {
    findings = error as ContractFindings
  }
  expect(findings?.findings.map((finding) => `${finding.tool} ${finding.field}`)).toEqual(
    expect.arrayContaining([
      'bad name name',
      'bad name input.bad-name',
      'bad name input.silent',
      'open_input input',
      'twice examples.0.input.a',
      'twice name',
    ]),
  )
  expect(findings?.findings.filter((finding) => finding.message.includes('zod date'))).toHaveLength(2)
})
