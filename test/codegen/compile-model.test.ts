import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { generateFiles } from '../../codegen/generate.ts'
import { ContractFindings, compileModel, modelAt } from '../../codegen/model.ts'
import { typescriptType } from '../../codegen/typescript-types.ts'
import { contracts } from '../../contracts/catalog.ts'
import { type Contract, defineTransform, openEnum, readOnlyAnnotations, type Transform } from '../../contracts/define-contract.ts'
import type { ErrorCode } from '../../contracts/v1/errors.ts'

/** A contract of no consequence, with whatever a test puts in its place. */
const contract = (given: Partial<Contract> = {}): Contract => ({
  name: 'count_birds',
  version: '1.0.0',
  title: 'Count birds',
  description: 'Counts the birds of a pond.',
  input: z.strictObject({ pond: z.string().describe('Name of the pond.') }),
  output: z.object({ birds: z.int() }),
  errors: [],
  annotations: readOnlyAnnotations,
  examples: [],
  ...given,
})

const findingsOf = (...given: readonly Contract[]): string[] => {
  try {
    generateFiles(given, '0.0.0', { python: {}, typescript: {} })
    return []
  } catch (error) {
    if (!(error instanceof ContractFindings)) throw error
    return error.findings.map(({ tool, field, message }) => `${tool} ${field}: ${message}`)
  }
}

const inputWith = (schema: z.ZodType): Contract => contract({ input: z.strictObject({ pond: schema.describe('Which pond.') }) })

test('a contract that keeps the rules has no findings', () => {
  expect(findingsOf(contract())).toEqual([])
})

test.each<[string, z.ZodType, string]>([
  ['a date', z.date(), 'a zod date'],
  ['a bigint', z.bigint(), 'a zod bigint'],
  ['a map', z.map(z.string(), z.string()), 'a zod map'],
  ['a transform without a pipe', z.string().transform(Number), 'a transform without a pipe behind it'],
  ['a preprocess', z.preprocess(String, z.string()), 'a transform before its schema'],
  ['a refinement', z.string().refine((text) => text !== 'mud'), 'a refinement'],
  ['a trim', z.string().trim(), 'a check that rewrites the value'],
  ['a coercion', z.coerce.number(), 'a coercion'],
  ['a value in place of what is refused', z.string().catch('mud'), 'a catch'],
  ['two schemas one after the other', z.string().pipe(z.string().min(2)), 'a pipe of two schemas'],
  ['a check of a property', z.array(z.string()).check(z.property('length', z.number().max(2))), 'the check property'],
  ['a literal that JSON has no value for', z.literal([undefined, 'mud']), 'a literal that JSON has not'],
  ['a big literal', z.literal(5n), 'a literal that JSON has not'],
  ['an expression that knows no case', z.string().regex(/^mud$/i), 'an expression with the flags i'],
  ['a URL of certain protocols', z.url({ protocol: /^https$/ }), 'a URL of certain hosts or protocols'],
  ['a format without an expression', z.jwt(), 'the format jwt'],
  ['a format that code decides', z.stringFormat('pond', (text) => text !== 'mud'), 'the format pond'],
])('an input that JSON Schema cannot express is named with its field: %s', (_title, schema, shape) => {
  expect(findingsOf(inputWith(schema))).toContain(`count_birds input.pond: ${shape} has no JSON Schema`)
})

test('of formats only those of JSON Schema are named; of others the expression is left', () => {
  const schemaOf = (pond: z.ZodType) => compileModel([inputWith(pond)]).tools[0]?.input.properties?.pond
  expect(schemaOf(z.email())).toMatchObject({ format: 'email', pattern: expect.any(String) })
  for (const one of [z.string().startsWith('a'), z.string().includes('b'), z.nanoid(), z.string().lowercase()])
    expect(schemaOf(one)).toEqual({ type: 'string', pattern: expect.any(String), description: 'Which pond.' })
  expect(schemaOf(z.iso.datetime({ local: true }))).not.toHaveProperty('format')
})

test('a transform with a pipe behind it is expressed by what goes in', () => {
  expect(findingsOf(inputWith(z.string().transform(Number).pipe(z.int())))).toEqual([])
})

test('an output that JSON Schema cannot express is named, however deep', () => {
  const output = z.object({ birds: z.array(z.object({ seen: z.date() })) })
  expect(findingsOf(contract({ output }))).toEqual(['count_birds output.birds[].seen: a zod date has no JSON Schema'])
})

test.each<[string, z.ZodType, string]>([
  ['a tuple', z.tuple([z.string()]), 'count_birds input.pond: OpenAI strict mode refuses it: keyword prefixItems is not supported'],
  ['any value', z.unknown(), 'count_birds input.pond: OpenAI strict mode refuses it: it needs a type'],
  [
    'an open object inside',
    z.object({ name: z.string().describe('Name.') }),
    'count_birds input.pond: must be a strict object, so that unknown arguments are errors',
  ],
  [
    'an inner argument without words',
    z.strictObject({ depth: z.int() }),
    'count_birds input.pond.depth: needs a description; models fill arguments from it',
  ],
])('an input that some surface cannot take is named: %s', (_title, schema, finding) => {
  expect(findingsOf(inputWith(schema))).toContain(finding)
})

test('everything that is wrong is said at once, over all contracts', () => {
  const broken = contract({
    name: 'count birds',
    version: '1.0' as '1.0.0',
    description: '',
    input: z.object({ 'pond-name': z.string(), since: z.date().describe('From when.') }) as z.ZodObject,
    errors: ['NO_BIRDS' as ErrorCode],
    examples: [{ title: 'Count', input: { 'pond-name': 1, since: new Date(0) }, output: { birds: 'many', fish: 1 } }],
  })
  const twice = contract({ name: 'feed_birds', aliases: ['count_birds', 'feed birds'] })
  expect(findingsOf(contract(), broken, twice)).toEqual([
    'count birds name: "count birds" does not fit ^[a-zA-Z_][a-zA-Z0-9_]{0,45}$',
    'count birds description: is empty; models choose by it',
    'count birds version: "1.0" is not a semantic version',
    'count birds errors: "NO_BIRDS" is not an error code',
    'count birds input.since: a zod date has no JSON Schema',
    'count birds input: must be a strict object, so that unknown arguments are errors',
    'count birds input.pond-name: does not fit ^[A-Za-z_][A-Za-z0-9_]{0,63}$',
    'count birds input.pond-name: needs a description; models fill arguments from it',
    'count birds examples.0.input.pond-name: fails its own schema: Invalid input: expected string, received number',
    'count birds examples.0.output.birds: fails its own schema: Invalid input: expected number, received string',
    'count birds examples.0.output: fails its own schema: Unrecognized key: "fish"',
    'feed_birds aliases: "count_birds" is already a name of count_birds',
    'feed_birds aliases: "feed birds" does not fit ^[a-zA-Z_][a-zA-Z0-9_]{0,45}$',
    'count birds name: OpenAI strict mode refuses it: does not fit ^[a-zA-Z0-9_-]{1,64}$',
    'count birds input: OpenAI strict mode refuses it: an object needs additionalProperties: false',
    'count birds input.since: OpenAI strict mode refuses it: it needs a type',
    'count birds name: Anthropic refuses it: does not fit ^[a-zA-Z0-9_-]{1,64}$',
    'count birds input.since: Anthropic refuses it: it needs a type',
    'count birds name: Gemini refuses it: does not fit ^[a-zA-Z_][a-zA-Z0-9_]{0,63}$',
    'count birds input.pond-name: Gemini refuses it: does not fit ^[A-Za-z_][A-Za-z0-9_]{0,63}$',
    'count birds input.since: Gemini refuses it: it needs a type',
    'count birds name: VS Code refuses it: does not fit ^(?!copilot_|vscode_)[\\w-]{1,64}$',
    'count birds input.since: VS Code refuses it: it needs a type',
    'count birds toolReferenceName: VS Code refuses it: "count birds" has other letters',
  ])
})

test('two contracts of one name are refused', () => {
  expect(findingsOf(contract(), contract())).toEqual(['count_birds name: "count_birds" is already a name of count_birds'])
})

test('two tools that a client would give one name are refused', () => {
  expect(findingsOf(contract(), contract({ name: 'countBirds' }))).toEqual([
    'countBirds toolReferenceName: VS Code refuses it: "countBirds" is that of count_birds',
    'countBirds name: the TypeScript client has countBirds already, of count_birds',
  ])
  const paged = contract({
    input: z.strictObject({ cursor: z.string().optional().describe('Where to go on.') }),
    output: z.object({ next_cursor: z.string().optional() }),
  })
  expect(findingsOf(paged, contract({ name: 'count_birds_pages' }))).toEqual([
    'count_birds_pages name: the TypeScript client has countBirdsPages already, of count_birds',
  ])
})

test('the model of the real contracts is a value: compiled twice, it is the same', () => {
  expect(JSON.stringify(compileModel(contracts))).toBe(JSON.stringify(compileModel(contracts)))
})

test('every tool of the model lists the errors that any call may meet', () => {
  for (const { name, errors } of compileModel(contracts).tools)
    expect(errors, name).toEqual(expect.arrayContaining(['VALIDATION_ERROR', 'INTERNAL_ERROR']))
})

test('a tool that the host executes is in the files for hosts with an editor and on its page, and no door knows it', () => {
  const { model, files } = generateFiles([contract(), contract({ name: 'show_bird', executedBy: 'host' })], '0.0.0', {
    python: {},
    typescript: {},
  })
  expect(model.tools.map(({ name }) => name)).toEqual(['count_birds'])
  const naming = files.filter(({ content }) => content.includes('show_bird')).map(({ path }) => path)
  expect(naming.filter((path) => !path.startsWith('clients/vscode/'))).toEqual([
    'clients/editor/host-tools.json',
    'docs/tools/README.md',
    'docs/tools/show-bird.md',
  ])
  expect(naming).toContain('clients/vscode/contributes.json')
})

test('an output list that is declared open takes other values, and its type still offers the known ones', () => {
  const output = z.object({ kind: openEnum(['duck', 'swan']) })
  expect(output.safeParse({ kind: 'goose' }).success).toBe(true)
  const [tool] = compileModel([contract({ output })]).tools
  expect(typescriptType(tool?.output ?? {})).toContain('kind: "duck" | "swan" | (string & {})')
})

test('what a deprecated contract says of its end is checked', () => {
  const other = contract({ name: 'tally_birds' })
  expect(findingsOf(contract({ deprecated: { since: '2026-11-21', sunset: '2027-12-31', replacement: 'tally_birds' } }), other)).toEqual([])
  expect(findingsOf(contract({ deprecated: { since: '2026-11-21', sunset: '2027-02-30', replacement: 'gone' } }), other)).toEqual([
    'count_birds deprecated.sunset: "2027-02-30" is no day',
    'count_birds deprecated.replacement: "gone" is no other tool',
  ])
})

describe('a way from an earlier version', () => {
  const before = contract({ version: '1.0.0', deprecated: { since: '2026-11-21', sunset: '2027-12-31' } })
  const after = contract({ version: '2.0.0' })
  const way = defineTransform({ from: before, to: after, input: (input) => input, output: (data) => data })
  const told = (transform: Partial<Transform>, contracts: readonly Contract[] = [after]): readonly string[] => {
    try {
      compileModel(contracts, [{ ...way, ...transform } as Transform])
      return []
    } catch (error) {
      return (error as ContractFindings).findings.map(({ tool, field, message }) => `${tool} ${field}: ${message}`)
    }
  }

  test('is taken when it is total, and both versions are in the model', () => {
    const model = compileModel([after], [way as unknown as Transform])
    expect([...model.tools, ...model.earlier].map(({ path, operationId }) => [path, operationId])).toEqual([
      ['/api/v2/count_birds', 'count_birds_v2'],
      ['/api/v1/count_birds', 'count_birds'],
    ])
    expect(modelAt(model, 1).tools.map(({ version }) => version)).toEqual(['1.0.0'])
  })

  test('is refused when it is not, with the value it fails on', () => {
    const fail = () => {
      throw new Error('no birds')
    }
    expect(told({ input: fail, output: fail })).toEqual([
      expect.stringMatching(/^count_birds transform 1\.0\.0 to 2\.0\.0: input: it fails on \{.*\}: no birds$/),
      expect.stringMatching(/^count_birds transform 1\.0\.0 to 2\.0\.0: output: it fails on \{.*\}: no birds$/),
    ])
    expect(told({ output: (data: object) => ({ ...data, more: 1 }) })).toEqual([
      expect.stringMatching(/it makes what is refused at its root: .*more/),
    ])
  })

  test('is refused when it changes what it is given, gives something else each time, or more than the other version knows', () => {
    const nested = (fields: z.ZodRawShape): z.ZodObject => z.object({ ponds: z.array(z.object({ birds: z.int(), ...fields })) })
    const [from, to] = [
      { ...before, output: nested({}) },
      { ...after, output: nested({ fish: z.int() }) },
    ]
    const nests = (output: (data: { ponds: { birds: number; fish: number }[] }) => object) =>
      told({ from, to, output: output as never }, [to]).map((line) => line.replace(/\{.*\}/, 'X'))
    const at = 'count_birds transform 1.0.0 to 2.0.0: output:'
    expect(nests(({ ponds }) => ({ ponds: ponds.map(({ birds }) => ({ birds })) }))).toEqual([])
    expect(nests((data) => data)).toEqual([`${at} of X it makes what the other version does not know: ponds.0.fish`])
    expect(nests(({ ponds }) => ({ ponds: ponds.map(() => ({ birds: Math.ceil(Math.random() * 1e9) })) }))).toEqual([
      `${at} of X it makes something else each time`,
    ])
    expect(nests(({ ponds }) => ({ ponds: ponds.toSorted().map(() => ({ birds: ponds.splice(0).length })) }))).toEqual([
      expect.stringMatching(/it fails on X: .*(read only|not extensible|object)/),
    ])
  })

  test('is refused when the answer of an example does not come back as it was', () => {
    const example = { title: 'Count', input: { pond: 'a' }, output: { birds: 3 } }
    const [from, to] = [
      { ...before, examples: [example] },
      { ...after, examples: [{ ...example, input: { pond: 'A' } }] },
    ]
    const input = ({ pond }: { pond: string }) => ({ pond: pond.toUpperCase() })
    const lost = ['count_birds transform 1.0.0 to 2.0.0: the example "Count" does not come back as it was']
    expect(told({ from, to, input: input as never }, [to])).toEqual([])
    expect(told({ from, to }, [to])).toEqual(lost)
    expect(told({ from, to, input: input as never, output: () => ({ birds: 0 }) }, [to])).toEqual(lost)
  })

  test('is refused when it leads nowhere, back, or past an error that callers do not know', () => {
    const at = 'count_birds transform'
    expect(told({}, [contract({ version: '2.0.0' })])).toEqual([`${at} 1.0.0 to 2.0.0: 2.0.0 is not served`])
    expect(told({ from: after, to: before }, [before])).toEqual([
      `${at} 2.0.0 to 1.0.0: must lead to a later major version`,
      `${at} 2.0.0 to 1.0.0: 2.0.0 must say since when it is deprecated`,
    ])
    const failing = contract({ version: '2.0.0', errors: ['SQL_ERROR'] })
    expect(told({ to: failing }, [failing])).toEqual([
      `${at} 1.0.0 to 2.0.0: errors: 1.0.0 has no SQL_ERROR; say which of its codes stands for SQL_ERROR`,
    ])
    expect(told({ to: failing, errors: { SQL_ERROR: 'VALIDATION_ERROR' } }, [failing])).toEqual([])
  })
})
