import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareSchemas } from '../../codegen/compat/compare-schemas.ts'
import type { JsonSchema } from '../../codegen/json-schema.ts'
import { jsonSchemaCheck } from '../support/json-schema-check.ts'

const bound = fc.integer({ min: 0, max: 3 })
const scalar: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.record({ type: fc.constantFrom('integer', 'number'), minimum: bound, maximum: bound }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('string'), minLength: bound, maxLength: bound }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('string'), enum: fc.uniqueArray(fc.constantFrom('', 'a', 'b', 'ab'), { minLength: 1 }) }),
  fc.record({ type: fc.constant('string'), pattern: fc.constantFrom('^a', '^b', 'b$') }),
  fc.constantFrom<JsonSchema>({}, { type: 'null' }, { type: 'boolean' }, { type: ['string', 'null'] }, { type: 'integer', multipleOf: 2 }),
)

const { schema } = fc.letrec<{ schema: JsonSchema; union: JsonSchema; list: JsonSchema; object: JsonSchema }>((tie) => ({
  schema: fc.oneof({ maxDepth: 2 }, scalar, tie('union'), tie('list'), tie('object')),
  union: fc.record({ anyOf: fc.array(fc.oneof({ maxDepth: 2 }, scalar, tie('object')), { minLength: 1, maxLength: 3 }) }),
  list: fc.record(
    { type: fc.constant('array'), items: tie('schema'), minItems: bound, maxItems: bound },
    { requiredKeys: ['type', 'items'] },
  ),
  object: fc
    .record({ a: fc.option(tie('schema')), b: fc.option(tie('schema')), required: fc.subarray(['a', 'b']), isClosed: fc.boolean() })
    .map(
      ({ a, b, required, isClosed }): JsonSchema => ({
        type: 'object',
        properties: { ...(a && { a }), ...(b && { b }) },
        required: required.filter((name) => (name === 'a' ? a : b) !== null),
        ...(isClosed && { additionalProperties: false }),
      }),
    ),
}))

const values = fc.letrec<{ value: unknown; list: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, '', 'a', 'b', 'ab', 'abc', -1, 0, 0.5, 1, 2, 3, 4),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.record({ a: tie('value'), b: tie('value'), c: fc.constant(1) }, { requiredKeys: [] }),
})).value

/** A second schema that is often close to the first: a part of it is changed, or it is another one. */
const pairs = fc.tuple(schema, schema, fc.nat(3)).map(([one, other, kind]): [JsonSchema, JsonSchema] => {
  if (kind === 0) return [one, { anyOf: [one, other] }]
  if (kind === 1)
    return [
      { type: 'array', items: one },
      { type: 'array', items: { anyOf: [one, other] } },
    ]
  const tighter = { string: { minLength: 1 }, integer: { minimum: 1 }, number: { exclusiveMinimum: 1 }, array: { minItems: 1 } }
  const keyword = kind === 2 && one.anyOf === undefined ? tighter[String(one.type) as keyof typeof tighter] : undefined
  return [one, keyword === undefined ? other : { ...one, ...keyword }]
})

test('where no change narrows, every value that was taken is taken still', () => {
  fc.assert(
    fc.property(pairs, fc.array(values, { minLength: 30, maxLength: 60 }), ([before, after], tried) => {
      const changes = compareSchemas(before, after)
      // An addition to an open object is sanctioned although a caller could have sent the key before.
      fc.pre(changes.every(({ effect, rule }) => effect === 'widen' || (effect === 'none' && rule !== 'field-added')))
      const [took, takes] = [jsonSchemaCheck(before), jsonSchemaCheck(after)]
      for (const value of tried) if (took(value)) expect(takes(value), JSON.stringify({ before, after, value, changes })).toBe(true)
    }),
    { numRuns: 300, maxSkipsPerRun: 1000 },
  )
})

test('every witness is one: a validator takes it on one side only', () => {
  fc.assert(
    fc.property(pairs, ([before, after]) => {
      const proved = compareSchemas(before, after).filter(({ witness }) => witness !== undefined)
      const [took, takes] = [jsonSchemaCheck(before), jsonSchemaCheck(after)]
      for (const { effect, witness, rule } of proved)
        expect([took(witness), takes(witness)], JSON.stringify({ before, after, witness, rule })).toEqual([
          effect !== 'widen',
          effect === 'widen',
        ])
    }),
    { numRuns: 300 },
  )
})

test('a schema does not differ from itself, and what narrows one way widens the other', () => {
  fc.assert(
    fc.property(pairs, ([before, after]) => {
      expect(compareSchemas(before, before)).toEqual([])
      const [there, back] = [compareSchemas(before, after), compareSchemas(after, before)]
      const opposite = { narrow: 'widen', widen: 'narrow' } as Record<string, string>
      const isEqual = (effect: string): boolean => effect === 'none'
      if (there.every(({ effect }) => isEqual(effect) || effect === 'widen'))
        expect(back.every(({ effect }) => isEqual(effect) || effect === opposite.widen || effect === 'incomparable')).toBe(true)
    }),
    { numRuns: 300 },
  )
})
