import { describe, expect, test } from 'vitest'
import { compareModels } from '../../codegen/compat/compare-models.ts'
import type { Finding } from '../../codegen/compat/finding.ts'
import { type ReleasedModel, type ReleasedTool, releasedModel } from '../../codegen/compat/released-model.ts'
import type { JsonSchema } from '../../codegen/json-schema.ts'
import { compileModel } from '../../codegen/model.ts'
import { contracts } from '../../contracts/catalog.ts'
import { model, object, tool } from './law/released-pairs.ts'

const shared = releasedModel(compileModel(contracts))
const text: JsonSchema = { type: 'string' }
const integer: JsonSchema = { type: 'integer' }
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
const mapOf = (additionalProperties: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties })
const placesOf = (...prefixItems: JsonSchema[]): JsonSchema => ({ type: 'array', prefixItems })

const judge = (before: ReleasedModel, after: ReleasedModel): Finding[] => compareModels(before, after, { today: '2026-11-21' })
const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ tool: name, field, rule, level }) => `${name} ${field} ${rule} ${level}`)

/** Findings between two tools, the second one a minor version further. */
const between = (before: Partial<ReleasedTool>, after: Partial<ReleasedTool>): Finding[] =>
  judge(model(tool(before)), model(tool({ version: '1.1.0', ...after })))

test('the released contracts do not differ from themselves, and neither from what is read of their file', () => {
  expect(judge(shared, shared)).toEqual([])
  expect(judge(JSON.parse(JSON.stringify(shared)) as ReleasedModel, shared)).toEqual([])
})

test('a field is named to its depth, and its witness is a whole input or output', () => {
  const rows = (cell: JsonSchema): JsonSchema => object({ ponds: { type: 'array', items: object({ age: cell }, ['age']) } }, ['ponds'])
  const [finding] = between({ output: rows(integer) }, { output: rows({ type: 'number' }) })
  expect(finding).toMatchObject({ tool: 'count_birds', field: 'output.ponds[].age', rule: 'type-widened', level: 'breaking' })
  expect(finding?.witness).toEqual({ value: { ponds: [{ age: 1.5 }] }, acceptedBy: 'after' })
})

describe('a fingerprint', () => {
  const change = { input: object({ pond: { ...text, default: 'x' } }) }
  const fingerprintOf = (findings: readonly Finding[], rule: string): string | undefined =>
    findings.find((finding) => finding.rule === rule)?.fingerprint

  test('stays what it is when other things change beside it', () => {
    const alone = between({}, change)
    const beside = between({}, { ...change, errors: ['INTERNAL_ERROR', 'SQL_ERROR'], description: 'Counts all birds.', version: '1.2.0' })
    expect(fingerprintOf(alone, 'default-added')).toMatch(/^[0-9a-f]{12}$/)
    expect(fingerprintOf(beside, 'default-added')).toBe(fingerprintOf(alone, 'default-added'))
  })

  const pond = (more: JsonSchema): Partial<ReleasedTool> => ({ input: object({ pond: { ...text, ...more } }) })
  test.each<[what: string, rule: string, one: Partial<ReleasedTool>, other: Partial<ReleasedTool>]>([
    ['text of a tool', 'description-changed', { description: 'Counts all birds.' }, { description: 'Counts some birds.' }],
    ['text of a field', 'text-changed', pond({ description: 'Its name.' }), pond({ description: 'Its owner.' })],
    ['default', 'default-added', pond({ default: 'x' }), pond({ default: 'y' })],
    ['error', 'error-added', { errors: ['INTERNAL_ERROR', 'SQL_ERROR'] }, { errors: ['INTERNAL_ERROR', 'CONFLICT'] }],
  ])('is another one for another %s, so that a line in the lock stands for what was looked at', (_what, rule, one, other) => {
    const before = { ...pond({ description: 'A pond.' }), errors: ['INTERNAL_ERROR'] }
    const prints = [one, other].map((change) => fingerprintOf(between(before, { ...before, ...change }), rule))
    expect(prints).toEqual([expect.any(String), expect.any(String)])
    expect(prints[0]).not.toBe(prints[1])
  })
})

describe('tools', () => {
  const other = tool({ name: 'feed_birds', output: object({ pond: text }) })

  test('one that is renamed and keeps its name as an alias is compared with what it was', () => {
    const renamed = tool({ name: 'tally_birds', aliases: ['count_birds'], version: '1.1.0', output: object({ pond: text }) })
    expect(told(judge(model(tool({ output: object({ pond: integer }) })), model(renamed)))).toEqual([
      'count_birds name tool-renamed visible',
      'count_birds output.pond type-changed breaking',
      'tally_birds name tool-added visible',
    ])
  })

  test('one that another side executes breaks', () => {
    expect(told(between({}, { executedBy: 'host' }))).toEqual(['count_birds executedBy executor-changed breaking'])
  })

  test('an alias that goes breaks, one that comes does not', () => {
    expect(told(between({ aliases: ['birds'] }, { aliases: [] }))).toEqual(['count_birds aliases alias-removed breaking'])
    expect(told(between({ aliases: [] }, { aliases: ['birds'] }))).toEqual(['count_birds aliases alias-added safe'])
  })

  test('a version that comes beside an older one is judged by itself, and the older one as before', () => {
    const second = tool({ version: '2.0.0', output: object({ pond: text }) })
    expect(told(judge(model(tool()), model(tool(), second)))).toEqual(['count_birds name revision-added visible'])
    const broken = tool({ version: '1.1.0', aliases: [], answers: ['stream'] })
    expect(told(judge(model(tool(), second), model(broken, second)))).toContain('count_birds answers answers-changed breaking')
  })

  test('a change without a higher version breaks; words may change without', () => {
    const change = { aliases: ['birds'] }
    for (const version of ['1.0.0', '1.0.0'] as const)
      expect(told(between({}, { ...change, version }))).toContain('count_birds version version-unchanged breaking')
    expect(told(between({}, { ...change, version: '1.0.1' }))).not.toContain('count_birds version version-unchanged breaking')
    expect(told(between({}, { version: '1.0.0', description: 'Counts all birds.' }))).toEqual([
      'count_birds description description-changed visible',
    ])
    expect(told(between({ version: '1.2.0' }, { version: '1.1.0' }))).toEqual(['count_birds version version-lowered breaking'])
  })

  test('a name that was removed is not used again', () => {
    const removed = [
      { tool: 'feed_birds', field: '' },
      { tool: 'count_birds', field: 'output.ponds[].age' },
      { tool: 'errors', field: 'OLD' },
    ]
    const before = { ...model(tool()), removed }
    const ponds = object({ ponds: { type: 'array', items: object({ age: integer }) } })
    const after = {
      ...model(tool({ version: '1.1.0', output: ponds }), other),
      removed,
      errors: { ...before.errors, OLD: { httpStatus: 400, retryable: false } },
    }
    expect(told(judge(before, after)).filter((line) => line.includes('name-reused'))).toEqual([
      'feed_birds name name-reused breaking',
      'count_birds output.ponds[].age name-reused breaking',
      'errors OLD name-reused breaking',
    ])
    expect(told(judge(after, after))).toEqual([])
  })
})

test.each<[field: string, place: (field: JsonSchema) => Partial<ReleasedModel>, tool: string]>([
  ['output.ponds[][].age', (age) => ({ tools: [tool({ output: object({ ponds: list(list(object({ age }))) }) })] }), 'count_birds'],
  ['output.ponds.*.age', (age) => ({ tools: [tool({ output: object({ ponds: mapOf(object({ age })) }) })] }), 'count_birds'],
  ['output.ponds[1].age', (age) => ({ tools: [tool({ output: object({ ponds: placesOf(text, object({ age })) }) })] }), 'count_birds'],
  ['meta.age', (age) => ({ envelope: { ...shared.envelope, meta: object({ age }) } }), 'envelope'],
  ['sources.*.age', (age) => ({ project: object({ sources: mapOf(object({ age })) }) }), 'dataface.yml'],
  ['rows[].age', (age) => ({ board: { ...object({ rows: list({ $ref: '#/$defs/Row' }) }), $defs: { Row: object({ age }) } } }), 'board'],
])('a field that was removed is not used again, wherever it was: %s', (field, place, name) => {
  const gone = JSON.parse(JSON.stringify(place(integer)).replace('"age"', '"old"')) as Partial<ReleasedModel>
  const removed = [{ tool: name, field }]
  const [before, after] = [gone, place(integer)].map((part) => ({ ...model(tool()), removed, ...part }))
  const reused = judge(before as ReleasedModel, after as ReleasedModel).filter(({ rule }) => rule === 'name-reused')
  expect(told(reused)).toEqual([`${name} ${field} name-reused breaking`])
})

describe('what all tools share', () => {
  test('a field that goes from the envelope breaks', () => {
    const { request_id: _id, ...properties } = shared.envelope.meta.properties ?? {}
    const required = shared.envelope.meta.required?.filter((name) => name !== 'request_id') ?? []
    const meta = { ...shared.envelope.meta, properties, required }
    expect(told(judge(shared, { ...shared, envelope: { ...shared.envelope, meta } }))).toEqual([
      'envelope meta.request_id field-removed breaking',
    ])
  })

  test('a key, and a kind of source, that dataface.yml no longer takes breaks', () => {
    const { limits: _limits, ...properties } = shared.project.properties ?? {}
    expect(told(judge(shared, { ...shared, project: { ...shared.project, properties } }))).toEqual([
      'dataface.yml limits field-removed breaking',
    ])
    const sources = shared.project.properties?.sources as JsonSchema
    const kinds = sources.additionalProperties as JsonSchema
    const fewer = { ...sources, additionalProperties: { ...kinds, anyOf: (kinds.anyOf ?? []).slice(1) } }
    expect(
      told(judge(shared, { ...shared, project: { ...shared.project, properties: { ...shared.project.properties, sources: fewer } } })),
    ).toEqual(['dataface.yml sources.* alternative-removed breaking'])
  })

  test('a key that boards may no longer have breaks, also in blocks that hold each other', () => {
    const { $defs = {} } = shared.board
    const [name, block] = Object.entries($defs).find(([, definition]) => Object.keys(definition.properties ?? {}).length > 1) ?? []
    const [gone = ''] = Object.keys(block?.properties ?? {}).filter((key) => block?.required?.includes(key) !== true)
    const { [gone]: _gone, ...properties } = block?.properties ?? {}
    const findings = judge(shared, {
      ...shared,
      board: { ...shared.board, $defs: { ...$defs, [String(name)]: { ...block, properties } } },
    })
    expect(findings.map(({ tool: part, rule, level }) => `${part} ${rule} ${level}`)).toContain('board field-removed breaking')
  })
})
