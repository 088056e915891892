import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accepts } from '../../codegen/compat/accepts.ts'
import { compareSchemas } from '../../codegen/compat/compare-schemas.ts'
import { normalise } from '../../codegen/compat/normal-form.ts'
import type { JsonSchema } from '../../codegen/json-schema.ts'
import { jsonSchemaCheck } from '../support/json-schema-check.ts'

const bound = fc.integer({ min: 0, max: 3 })
const scalar: fc.Arbitrary<JsonSchema> = fc.oneof(
  fc.record({ type: fc.constantFrom('integer', 'number'), minimum: bound, maximum: bound }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('string'), minLength: bound, maxLength: bound }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('string'), enum: fc.uniqueArray(fc.constantFrom('', 'a', 'b', 'ab'), { minLength: 1 }) }),
  fc.record({ type: fc.constant('string'), pattern: fc.constantFrom('^a', '^b', 'b$') }),
  fc.record({ type: fc.constant('number'), multipleOf: fc.constantFrom(1, 2, 0.5), exclusiveMinimum: bound }, { requiredKeys: ['type'] }),
  fc.record(
    { type: fc.constantFrom('integer', 'number'), minimum: bound, exclusiveMinimum: bound, maximum: bound, exclusiveMaximum: bound },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constant('string'), enum: fc.constant<unknown[]>(['a', 'ab']), pattern: fc.constantFrom('^a$', 'b$') }),
  fc.record(
    { type: fc.constant('string'), format: fc.constantFrom('date', 'email'), pattern: fc.constantFrom('^2', 'org$') },
    { requiredKeys: ['type'] },
  ),
  fc.record({ enum: fc.uniqueArray(fc.constantFrom<unknown>('a', 1, null, true, 0.5), { minLength: 1 }) }),
  fc.constantFrom<JsonSchema>(
    { const: 'a' },
    { const: null },
    { type: 'string', not: { const: 'a' } },
    { allOf: [{ type: 'string' }, { type: 'string', minLength: 1 }] },
  ),
  fc.constantFrom<JsonSchema>({}, { type: 'null' }, { type: 'boolean' }, { type: ['string', 'null'] }, { type: 'integer', multipleOf: 2 }),
)

const { schema } = fc.letrec<Record<'schema' | 'union' | 'one' | 'list' | 'object' | 'map' | 'tuple', JsonSchema>>((tie) => ({
  schema: fc.oneof({ maxDepth: 2 }, scalar, tie('union'), tie('one'), tie('list'), tie('object'), tie('map'), tie('tuple')),
  union: fc.record({ anyOf: fc.array(fc.oneof({ maxDepth: 2 }, scalar, tie('object')), { minLength: 1, maxLength: 3 }) }),
  list: fc.record(
    { type: fc.constant('array'), items: tie('schema'), minItems: bound, maxItems: bound },
    { requiredKeys: ['type', 'items'] },
  ),
  map: fc.record(
    {
      type: fc.constant('object'),
      additionalProperties: tie('schema'),
      propertyNames: fc.constantFrom<JsonSchema>({ pattern: '^[ab]$' }, { enum: ['a', 'b'] }, { maxLength: 1 }),
      minProperties: bound,
    },
    { requiredKeys: ['type', 'additionalProperties'] },
  ),
  tuple: fc.record({
    type: fc.constant('array'),
    prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
    items: fc.constantFrom<JsonSchema>({ not: {} }, { type: 'integer' }),
    minItems: bound,
  }),
  one: fc.record({ oneOf: fc.array(fc.oneof({ maxDepth: 2 }, scalar, tie('object')), { minLength: 1, maxLength: 3 }) }),
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
    fc.constantFrom(null, true, '', 'a', 'b', 'ab', 'abc', '2026-01-31', 'duck@example.org', -1, 0, 0.5, 1, 2, 3, 4),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.record({ a: tie('value'), b: tie('value'), c: fc.constant(1) }, { requiredKeys: [] }),
})).value

/** A second schema that is often close to the first: a part of it is changed, or it is another one. */
const pairs = fc.tuple(schema, schema, fc.nat(6)).map(([one, other, kind]): [JsonSchema, JsonSchema] => {
  if (kind === 0) return [one, { anyOf: [one, other] }]
  if (kind > 3) {
    // The same of both kinds, so that what is inside is compared.
    const held = (part: JsonSchema): JsonSchema => {
      if (kind === 4) return { type: 'object', propertyNames: { pattern: '^[ab]$' }, additionalProperties: part }
      if (kind === 5) return { type: 'array', prefixItems: [{ type: 'string' }, part], items: { not: {} } }
      return { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'string' }, { type: 'array', items: part }] }
    }
    return [held(one), held({ anyOf: [one, other] })]
  }
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
      const changes = compareSchemas(before, after, 'set')
      fc.pre(changes.every(({ effect }) => effect === 'widen' || effect === 'equal'))
      const [took, takes] = [jsonSchemaCheck(before), jsonSchemaCheck(after)]
      for (const value of tried) if (took(value)) expect(takes(value), JSON.stringify({ before, after, value, changes })).toBe(true)
    }),
    { numRuns: 60, maxSkipsPerRun: 1000 },
  )
})

/** Two definitions of one name that differ; what leads to them is the same text on both sides. */
const withBird = (holder: JsonSchema, depth: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { a: holder, b: { $ref: '#/$defs/Bird' } },
  $defs: { Bird: { type: 'object', properties: { depth, inner: { $ref: '#/$defs/Nest' } }, required: ['depth'] }, Nest: nest },
})
const nest: JsonSchema = { type: 'array', items: { $ref: '#/$defs/Bird' } }
const bird: JsonSchema = { $ref: '#/$defs/Bird' }

test.each<[where: string, holder: JsonSchema]>([
  ['in a field', bird],
  ['in what is excluded', { type: 'object', not: bird }],
  ['in what a list must hold', { type: 'array', contains: bird }],
  ['in a condition', { type: 'object', if: bird, else: { type: 'object', properties: { x: {} }, required: ['x'] } }],
  ['in a place of a tuple', { type: 'array', prefixItems: [bird], minItems: 1 }],
  [
    'in one of two lists',
    {
      anyOf: [
        { type: 'array', items: bird, maxItems: 1 },
        { type: 'array', items: nest, minItems: 2 },
      ],
    },
  ],
  ['in arms that overlap', { oneOf: [bird, { type: 'object', minProperties: 3 }] }],
  ['in what another definition leads to', { $ref: '#/$defs/Nest' }],
])('what a definition says counts wherever a reference to it stands: %s', (_where, holder) => {
  const alone = (depth: JsonSchema): JsonSchema => ({ ...withBird(holder, depth), properties: { a: holder } })
  const [before, after] = [alone({ type: 'integer', minimum: 1 }), alone({ type: 'integer', minimum: 2 })]
  expect(compareSchemas(before, before, 'set')).toEqual([])
  expect(compareSchemas(before, after, 'set').filter(({ effect }) => effect !== 'equal')).not.toEqual([])
  const [took, takes] = [jsonSchemaCheck(before), jsonSchemaCheck(after)]
  for (const { witness } of compareSchemas(before, after, 'set'))
    if (witness !== undefined)
      expect([took(witness.value), takes(witness.value)]).toEqual([witness.acceptedBy === 'before', witness.acceptedBy === 'after'])
})

test('an arm that takes more is no other arm, also where definitions differ', () => {
  const option = (name: string, more: Record<string, JsonSchema> = {}): JsonSchema => ({
    ...{ type: 'object', properties: { [name]: { type: 'string' }, ...more }, required: [name], additionalProperties: false },
  })
  const options = (more: Record<string, JsonSchema>): JsonSchema => ({
    ...{ type: 'object', properties: { a: { $ref: '#/$defs/Bird' }, b: { $ref: '#/$defs/Bird' } } },
    $defs: { Bird: { type: 'object', properties: { from: { anyOf: [option('pond', more), option('lake')] } } } },
  })
  const changes = compareSchemas(options({}), options({ depth: { type: 'integer' } }), 'input')
  expect(changes.filter(({ effect }) => effect !== 'widen' && effect !== 'equal')).toEqual([])
  expect(changes).not.toEqual([])
})

test('every witness is one: a validator takes it on the side that is told, and not on the other', () => {
  fc.assert(
    fc.property(pairs, fc.constantFrom('input', 'output', 'set'), ([before, after], purpose) => {
      const [took, takes] = [jsonSchemaCheck(before), jsonSchemaCheck(after)]
      for (const { witness, rule } of compareSchemas(before, after, purpose))
        if (witness !== undefined)
          expect([took(witness.value), takes(witness.value)], JSON.stringify({ before, after, witness, rule })).toEqual([
            witness.acceptedBy === 'before',
            witness.acceptedBy === 'after',
          ])
    }),
    { numRuns: 60 },
  )
})

test('a schema does not differ from itself, and what only widens one way does not widen the other', () => {
  fc.assert(
    fc.property(pairs, ([before, after]) => {
      expect(compareSchemas(before, before, 'set')).toEqual([])
      const [there, back] = [compareSchemas(before, after, 'set'), compareSchemas(after, before, 'set')]
      if (there.every(({ effect }) => effect === 'widen' || effect === 'equal'))
        expect(
          back.filter(({ effect }) => effect === 'widen'),
          JSON.stringify({ before, after, there, back }),
        ).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('the normal form accepts what the schema does, and is its own normal form', () => {
  fc.assert(
    fc.property(schema, fc.array(values, { minLength: 30, maxLength: 60 }), (written, tried) => {
      const normal = normalise(written)
      expect(normalise(normal)).toEqual(normal)
      const [one, other] = [jsonSchemaCheck(written), jsonSchemaCheck(normal)]
      for (const value of tried) expect(other(value), JSON.stringify({ written, normal, value })).toBe(one(value))
    }),
    { numRuns: 60 },
  )
})

test('what the check takes for accepted is what a validator accepts', () => {
  fc.assert(
    fc.property(schema, fc.array(values, { minLength: 30, maxLength: 60 }), (written, tried) => {
      const validate = jsonSchemaCheck(written)
      for (const value of tried) expect(accepts(written, value), JSON.stringify({ written, value })).toBe(validate(value))
    }),
    { numRuns: 60 },
  )
})
