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

  test('is another one for another text', () => {
    const [one, other] = ['Counts all birds.', 'Counts some birds.'].map((description) =>
      fingerprintOf(between({}, { description }), 'description-changed'),
    )
    expect(one).not.toBe(other)
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
