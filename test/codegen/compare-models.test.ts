import { describe, expect, test } from 'vitest'
import { breaksRelease, compareModels, type Finding, type Level } from '../../codegen/compat/compare-models.ts'
import { type ReleasedModel, type ReleasedTool, releasedModel } from '../../codegen/compat/released-model.ts'
import type { JsonSchema } from '../../codegen/json-schema.ts'
import { compileModel } from '../../codegen/model.ts'
import { contracts } from '../../contracts/catalog.ts'
import { jsonSchemaCheck } from '../support/json-schema-check.ts'

const shared = releasedModel(compileModel(contracts))

const tool = (given: Partial<ReleasedTool> = {}): ReleasedTool => ({
  name: 'count_birds',
  version: '1.0.0',
  description: 'Counts birds.',
  input: { type: 'object', properties: {}, additionalProperties: false },
  output: { type: 'object', properties: {} },
  errors: ['INTERNAL_ERROR'],
  annotations: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  aliases: [],
  ...given,
})

const model = (...tools: readonly ReleasedTool[]): ReleasedModel => ({ ...shared, tools })

const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ tool: name, field, rule, level }) => `${name} ${field} ${rule} ${level}`)

/** Findings between two tools, the second one a minor version further. */
const between = (before: Partial<ReleasedTool>, after: Partial<ReleasedTool>): Finding[] =>
  compareModels(model(tool(before)), model(tool({ version: '1.1.0', ...after })))

const inputOf = (schema: JsonSchema, isRequired = true): JsonSchema => ({
  type: 'object',
  properties: { pond: schema },
  ...(isRequired && { required: ['pond'] }),
  additionalProperties: false,
})
const outputOf = (schema: JsonSchema, isRequired = true): JsonSchema => ({
  type: 'object',
  properties: { pond: schema },
  ...(isRequired && { required: ['pond'] }),
})

interface Pair {
  readonly title: string
  readonly before: JsonSchema
  readonly after: JsonSchema
  readonly rule: string
  readonly input: Level
  readonly output: Level
  /** The change the other way round, when it is one of its own. */
  readonly back?: string
  /** No value at hand proves it: it lies in a pattern, a format, or nothing is refused. */
  readonly unproved?: true
}

const text: JsonSchema = { type: 'string' }
const integer: JsonSchema = { type: 'integer' }
const duck: JsonSchema = { type: 'object', properties: { kind: { type: 'string', const: 'duck' } }, required: ['kind'] }
const swan: JsonSchema = { type: 'object', properties: { kind: { type: 'string', const: 'swan' } }, required: ['kind'] }

/** Each narrows the set of values; turned round it widens it, and the levels change sides. */
const narrowing: readonly Pair[] = [
  {
    title: 'an enum value goes',
    before: { type: 'string', enum: ['a', 'b'] },
    after: { type: 'string', enum: ['a'] },
    rule: 'enum-value-removed',
    back: 'enum-value-added',
  },
  { title: 'a text becomes an enum', before: text, after: { type: 'string', enum: ['a'] }, rule: 'enum-set', back: 'enum-lifted' },
  { title: 'a text becomes a constant', before: text, after: { type: 'string', const: 'a' }, rule: 'enum-set', back: 'enum-lifted' },
  { title: 'null is no longer taken', before: { type: ['string', 'null'] }, after: text, rule: 'nullable-removed', back: 'nullable-added' },
  {
    title: 'null goes from an anyOf',
    before: { anyOf: [text, { type: 'null' }] },
    after: text,
    rule: 'nullable-removed',
    back: 'nullable-added',
  },
  {
    title: 'an arm of a union goes',
    before: { anyOf: [text, integer] },
    after: text,
    rule: 'alternative-removed',
    back: 'alternative-added',
  },
  {
    title: 'an arm of a discriminated union goes',
    before: { oneOf: [duck, swan] },
    after: { oneOf: [duck] },
    rule: 'alternative-removed',
    back: 'alternative-added',
  },
  { title: 'any number becomes an integer', before: { type: 'number' }, after: integer, rule: 'type-narrowed', back: 'type-widened' },
  { title: 'any value becomes a text', before: {}, after: text, rule: 'type-narrowed', back: 'type-widened' },
  {
    title: 'minimum rises',
    before: { type: 'integer', minimum: 1 },
    after: { type: 'integer', minimum: 2 },
    rule: 'bound-tightened',
    back: 'bound-loosened',
  },
  {
    title: 'maximum falls',
    before: { type: 'integer', maximum: 9 },
    after: { type: 'integer', maximum: 8 },
    rule: 'bound-tightened',
    back: 'bound-loosened',
  },
  { title: 'a maximum is set', before: integer, after: { type: 'integer', maximum: 8 }, rule: 'bound-tightened', back: 'bound-loosened' },
  {
    title: 'exclusiveMinimum rises',
    before: { type: 'integer', exclusiveMinimum: 1 },
    after: { type: 'integer', exclusiveMinimum: 2 },
    rule: 'bound-tightened',
    back: 'bound-loosened',
  },
  {
    title: 'exclusiveMaximum falls',
    before: { type: 'integer', exclusiveMaximum: 9 },
    after: { type: 'integer', exclusiveMaximum: 8 },
    rule: 'bound-tightened',
    back: 'bound-loosened',
  },
  { title: 'minLength is set', before: text, after: { type: 'string', minLength: 1 }, rule: 'bound-tightened', back: 'bound-loosened' },
  {
    title: 'maxLength falls',
    before: { type: 'string', maxLength: 9 },
    after: { type: 'string', maxLength: 8 },
    rule: 'bound-tightened',
    back: 'bound-loosened',
  },
  {
    title: 'minItems is set',
    before: { type: 'array', items: text },
    after: { type: 'array', items: text, minItems: 1 },
    rule: 'bound-tightened',
    back: 'bound-loosened',
  },
  {
    title: 'maxItems falls',
    before: { type: 'array', items: text, maxItems: 3 },
    after: { type: 'array', items: text, maxItems: 2 },
    rule: 'bound-tightened',
    back: 'bound-loosened',
  },
  {
    title: 'a pattern is set',
    before: text,
    after: { type: 'string', pattern: '^[0-9]+$' },
    rule: 'pattern-added',
    back: 'pattern-removed',
  },
  {
    title: 'a format is set',
    before: text,
    after: { type: 'string', format: 'uuid' },
    rule: 'format-added',
    back: 'format-removed',
    unproved: true,
  },
  {
    title: 'multipleOf is set',
    before: integer,
    after: { type: 'integer', multipleOf: 5 },
    rule: 'constraint-added',
    back: 'constraint-removed',
    unproved: true,
  },
  {
    title: 'multipleOf grows by a factor',
    before: { type: 'integer', multipleOf: 5 },
    after: { type: 'integer', multipleOf: 10 },
    rule: 'constraint-changed',
    unproved: true,
  },
  {
    title: 'items must differ',
    before: { type: 'array', items: text },
    after: { type: 'array', items: text, uniqueItems: true },
    rule: 'constraint-added',
    back: 'constraint-removed',
    unproved: true,
  },
  {
    title: 'the items of a list narrow',
    before: { type: 'array', items: { type: 'number' } },
    after: { type: 'array', items: integer },
    rule: 'type-narrowed',
    back: 'type-widened',
  },
  {
    title: 'the values of a map narrow',
    before: { type: 'object', additionalProperties: { type: 'number' } },
    after: { type: 'object', additionalProperties: integer },
    rule: 'type-narrowed',
    back: 'type-widened',
  },
  {
    title: 'an open object closes',
    before: { type: 'object', properties: {} },
    after: { type: 'object', properties: {}, additionalProperties: false },
    rule: 'object-closed',
    back: 'object-opened',
    unproved: true,
  },
  {
    title: 'an open object becomes a map',
    before: { type: 'object' },
    after: { type: 'object', additionalProperties: text },
    rule: 'map-narrowed',
    back: 'map-opened',
    unproved: true,
  },
].map((pair) => ({ ...pair, input: 'breaking', output: 'info' }) as Pair)

/** Neither side holds the other: it breaks whichever way it goes. */
const incomparable: readonly Pair[] = [
  { title: 'a text becomes a number', before: text, after: integer, rule: 'type-changed' },
  { title: 'one becomes a list', before: text, after: { type: 'array', items: text }, rule: 'type-changed' },
  {
    title: 'a format changes',
    before: { type: 'string', format: 'date' },
    after: { type: 'string', format: 'date-time' },
    rule: 'format-changed',
    unproved: true as const,
  },
  {
    title: 'multipleOf changes',
    before: { type: 'integer', multipleOf: 2 },
    after: { type: 'integer', multipleOf: 3 },
    rule: 'constraint-changed',
    unproved: true as const,
  },
  {
    title: 'a tuple changes',
    before: { type: 'array', prefixItems: [text] },
    after: { type: 'array', prefixItems: [integer] },
    rule: 'tuple-changed',
    unproved: true as const,
  },
].map((pair) => ({ ...pair, input: 'breaking', output: 'breaking' }))

/** It cannot be told from the schema, or the schema is not what changes. */
const uncertain: readonly Pair[] = [
  {
    title: 'a pattern changes',
    before: { type: 'string', pattern: '^a' },
    after: { type: 'string', pattern: '^b' },
    rule: 'pattern-changed',
    input: 'dangerous',
    output: 'dangerous',
    unproved: true,
  },
  {
    title: 'a keyword without a rule changes',
    before: { not: { type: 'null' } },
    after: { not: { type: 'string' } },
    rule: 'constraint-changed',
    input: 'dangerous',
    output: 'dangerous',
    unproved: true,
  },
  {
    title: 'a default changes',
    before: { type: 'integer', default: 10 },
    after: { type: 'integer', default: 5 },
    rule: 'default-changed',
    input: 'dangerous',
    output: 'info',
    unproved: true,
  },
  {
    title: 'a description changes',
    before: { type: 'integer', description: 'Deep.' },
    after: { type: 'integer', description: 'Shallow.' },
    rule: 'text-changed',
    input: 'info',
    output: 'info',
    unproved: true,
  },
]

const otherSide: Record<string, Level> = { breaking: 'info', info: 'breaking' }
const swapped = (pair: Pair): Pair => ({
  ...pair,
  title: `the reverse of: ${pair.title}`,
  before: pair.after,
  after: pair.before,
  rule: pair.back ?? pair.rule,
  input: otherSide[pair.input] as Level,
  output: otherSide[pair.output] as Level,
})
const both = [...narrowing, ...narrowing.map(swapped), ...incomparable, ...uncertain]

describe('one change of a field', () => {
  test.each(both.map((pair) => [pair.title, pair] as const))('%s', (_title, { before, after, rule, input, output, unproved }) => {
    const asInput = between({ input: inputOf(before) }, { input: inputOf(after) })
    const asOutput = between({ output: outputOf(before) }, { output: outputOf(after) })
    expect(asInput.map((finding) => [finding.rule, finding.level])).toEqual([[rule, input]])
    expect(asOutput.map((finding) => [finding.rule, finding.level])).toEqual([[rule, output]])
    for (const { field } of [...asInput, ...asOutput]) expect(field).toMatch(/^(input|output)\.pond(\[\]|\.\*)?$/)

    const [accepts, refuses] = [jsonSchemaCheck(inputOf(before)), jsonSchemaCheck(inputOf(after))]
    const [{ witness } = { witness: undefined }] = asInput
    if (unproved === true) expect(witness).toBeUndefined()
    else expect([accepts(witness), refuses(witness)].sort(), JSON.stringify(witness)).toEqual([false, true])
  })
})

const fields = (names: Record<string, JsonSchema>, required: readonly string[] = [], isClosed = true): JsonSchema => ({
  type: 'object',
  properties: names,
  required: [...required],
  ...(isClosed && { additionalProperties: false }),
})

describe('a field that comes, goes or becomes required', () => {
  test.each<[string, JsonSchema, JsonSchema, string]>([
    ['a field goes', fields({ pond: text }), fields({}), 'field-removed breaking'],
    ['a field is renamed', fields({ pond: text }), fields({ lake: text }), 'field-renamed breaking'],
    ['a required field comes', fields({}), fields({ pond: text }, ['pond']), 'required-field-added breaking'],
    ['an optional field comes', fields({}), fields({ pond: text }), 'field-added info'],
    ['a field becomes required', fields({ pond: text }), fields({ pond: text }, ['pond']), 'field-required breaking'],
    ['a field becomes optional', fields({ pond: text }, ['pond']), fields({ pond: text }), 'field-optional info'],
  ])('in an input: %s', (_title, before, after, expected) => {
    const [finding, ...others] = between({ input: before }, { input: after })
    expect(others).toEqual([])
    expect(`${finding?.rule} ${finding?.level}`).toBe(expected)
    expect(finding?.field).toBe('input.pond')
    expect(jsonSchemaCheck(before)(finding?.witness)).not.toBe(jsonSchemaCheck(after)(finding?.witness))
  })

  test.each<[string, JsonSchema, JsonSchema, string]>([
    ['a field goes', fields({ pond: text }, [], false), fields({}, [], false), 'field-removed breaking'],
    ['a field is renamed', fields({ pond: text }, [], false), fields({ lake: text }, [], false), 'field-renamed breaking'],
    ['a required field comes', fields({}, [], false), fields({ pond: text }, ['pond'], false), 'required-field-added info'],
    ['an optional field comes', fields({}, [], false), fields({ pond: text }, [], false), 'field-added info'],
    ['a field becomes required', fields({ pond: text }, [], false), fields({ pond: text }, ['pond'], false), 'field-required info'],
    ['a field becomes optional', fields({ pond: text }, ['pond'], false), fields({ pond: text }, [], false), 'field-optional breaking'],
    ['a field comes into a closed object', fields({}), fields({ pond: text }), 'field-added breaking'],
  ])('in an output: %s', (_title, before, after, expected) => {
    expect(between({ output: before }, { output: after }).map(({ field, rule, level }) => `${field} ${rule} ${level}`)).toEqual([
      `output.pond ${expected}`,
    ])
  })

  test('the field is named to its depth', () => {
    const rows = (cell: JsonSchema): JsonSchema => outputOf({ type: 'array', items: { type: 'object', properties: { age: cell } } })
    expect(told(between({ output: rows(integer) }, { output: rows({ type: 'number' }) }))).toEqual([
      'count_birds output.pond[].age type-widened breaking',
    ])
  })
})

describe('what is no change', () => {
  test.each<[string, JsonSchema, JsonSchema]>([
    ['another spelling of null', { anyOf: [text, { type: 'null' }] }, { type: ['string', 'null'] }],
    ['another spelling of a union', { oneOf: [text, integer] }, { anyOf: [integer, text] }],
    ['a constant for an enum of one', { type: 'string', const: 'a' }, { type: 'string', enum: ['a'] }],
    ['no least length for one of nothing', { type: 'string', minLength: 0 }, text],
    ['another order of keys', { type: 'integer', minimum: 1, maximum: 2 }, { maximum: 2, minimum: 1, type: 'integer' }],
    [
      'another expression of the same format',
      { type: 'string', format: 'email', pattern: 'a' },
      { type: 'string', format: 'email', pattern: 'b' },
    ],
    ['an arm that another one covers', { anyOf: [{ type: 'number' }, integer] }, { type: 'number' }],
  ])('%s', (_title, before, after) => {
    expect(between({ input: inputOf(before) }, { input: inputOf(after) })).toEqual([])
    expect(between({ input: inputOf(after) }, { input: inputOf(before) })).toEqual([])
  })

  test('the released contracts against themselves', () => {
    expect(compareModels(shared, shared)).toEqual([])
  })
})

describe('tools', () => {
  const other = tool({ name: 'feed_birds', output: outputOf(text) })

  test('one that goes breaks, and so does one that is renamed', () => {
    expect(told(compareModels(model(tool(), other), model(tool())))).toEqual(['feed_birds name tool-removed breaking'])
    expect(told(compareModels(model(tool()), model(tool({ name: 'tally_birds' }))))).toEqual([
      'count_birds name tool-renamed breaking',
      'tally_birds name tool-added info',
    ])
  })

  test('one that is renamed and keeps its name as an alias is compared with what it was', () => {
    const renamed = tool({ name: 'tally_birds', aliases: ['count_birds'], version: '1.1.0', output: outputOf(text) })
    expect(told(compareModels(model(tool({ output: outputOf(integer) })), model(renamed)))).toEqual([
      'count_birds name tool-renamed info',
      'count_birds output.pond type-changed breaking',
      'tally_birds name tool-added info',
    ])
  })

  test('one that another side executes breaks', () => {
    expect(told(between({}, { executedBy: 'host' }))).toEqual(['count_birds executedBy executor-changed breaking'])
  })

  test('one that comes does not break', () => {
    expect(told(compareModels(model(tool()), model(tool(), other)))).toEqual(['feed_birds name tool-added info'])
  })

  test('an alias that goes breaks, one that comes does not', () => {
    expect(told(between({ aliases: ['birds'] }, { aliases: [] }))).toEqual(['count_birds aliases alias-removed breaking'])
    expect(told(between({ aliases: [] }, { aliases: ['birds'] }))).toEqual(['count_birds aliases alias-added info'])
  })

  test('an error code that comes is dangerous, one that goes is not', () => {
    expect(told(between({}, { errors: ['INTERNAL_ERROR', 'SQL_ERROR'] }))).toEqual(['count_birds errors error-added dangerous'])
    expect(told(between({}, { errors: [] }))).toEqual(['count_birds errors error-removed info'])
  })

  test.each([
    ['readOnly', true],
    ['destructive', false],
    ['idempotent', true],
    ['openWorld', false],
  ] as const)('a weaker %s breaks, a stronger one does not', (hint, strong) => {
    const { annotations } = tool()
    const [stronger, weaker] = [
      { ...annotations, [hint]: strong },
      { ...annotations, [hint]: !strong },
    ]
    expect(told(between({ annotations: stronger }, { annotations: weaker }))).toEqual([
      `count_birds annotations.${hint} annotation-weakened breaking`,
    ])
    expect(told(between({ annotations: weaker }, { annotations: stronger }))).toEqual([
      `count_birds annotations.${hint} annotation-strengthened info`,
    ])
  })

  test('a change without a higher version breaks; words may change without', () => {
    const change = { aliases: ['birds'] }
    for (const version of ['1.0.0', '0.9.0'] as const)
      expect(told(between({}, { ...change, version }))).toContain('count_birds version version-unchanged breaking')
    expect(told(between({}, { ...change, version: '1.0.1' }))).not.toContain('count_birds version version-unchanged breaking')
    expect(told(between({}, { version: '1.0.0', description: 'Counts all birds.' }))).toEqual([
      'count_birds description description-changed info',
    ])
    expect(told(between({}, { version: '0.9.0' }))).toEqual(['count_birds version version-lowered breaking'])
  })

  test('a break is fit for release only under a new major version', () => {
    const [before, minor] = [model(tool({ aliases: ['birds'] })), model(tool({ version: '1.1.0' }))]
    const major = model(tool({ version: '2.0.0' }))
    expect(compareModels(before, minor).map((finding) => breaksRelease(finding, before, minor))).toEqual([true])
    expect(compareModels(before, major).map((finding) => breaksRelease(finding, before, major))).toEqual([false])
    expect(compareModels(before, model()).map((finding) => breaksRelease(finding, before, model()))).toEqual([true])
  })
})

describe('what all tools share', () => {
  test('an error code that goes, or changes its status, breaks; one that comes is dangerous', () => {
    const { CONFLICT: conflict, ...others } = shared.errors
    expect(told(compareModels(shared, { ...shared, errors: others }))).toEqual(['errors CONFLICT code-removed breaking'])
    expect(told(compareModels({ ...shared, errors: others }, shared))).toEqual(['errors CONFLICT code-added dangerous'])
    expect(
      told(
        compareModels(shared, { ...shared, errors: { ...others, CONFLICT: { httpStatus: 410, retryable: conflict?.retryable === true } } }),
      ),
    ).toEqual(['errors CONFLICT.httpStatus code-changed breaking'])
  })

  test('a field that goes from the envelope breaks', () => {
    const { request_id: _id, ...properties } = shared.envelope.meta.properties ?? {}
    const meta = { ...shared.envelope.meta, properties }
    expect(told(compareModels(shared, { ...shared, envelope: { ...shared.envelope, meta } }))).toEqual([
      'envelope meta.request_id field-removed breaking',
    ])
  })

  test('a key that dataface.yml no longer takes breaks', () => {
    const { limits: _limits, ...properties } = shared.project.properties ?? {}
    expect(told(compareModels(shared, { ...shared, project: { ...shared.project, properties } }))).toEqual([
      'dataface.yml limits field-removed breaking',
    ])
  })

  test('a kind of source that dataface.yml no longer takes breaks', () => {
    const sources = shared.project.properties?.sources as JsonSchema
    const kinds = sources.additionalProperties as JsonSchema
    const fewer = { ...sources, additionalProperties: { ...kinds, oneOf: (kinds.oneOf ?? []).slice(1) } }
    expect(
      told(
        compareModels(shared, { ...shared, project: { ...shared.project, properties: { ...shared.project.properties, sources: fewer } } }),
      ),
    ).toEqual(['dataface.yml sources.* alternative-removed breaking'])
  })
})
