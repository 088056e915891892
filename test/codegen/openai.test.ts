import { expect, test } from 'vitest'
import { strictSchema } from '../../codegen/emitters/openai.ts'
import { functionViolations } from '../../codegen/emitters/openai-strict.ts'
import type { JsonSchema } from '../../codegen/json-schema.ts'
import { compileModel } from '../../codegen/model.ts'
import { contracts } from '../../contracts/catalog.ts'

const closed = (properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

const messagesOf = (parameters: JsonSchema, name = 'count_birds'): string[] =>
  functionViolations({ name, parameters }).map(({ field, message }) => `${field}: ${message}`)

test('an optional argument becomes required and nullable, its default and its length words', () => {
  const schema = closed(
    {
      pond: { type: 'string', minLength: 1, maxLength: 20, description: 'Which pond.' },
      kind: { type: 'string', enum: ['duck', 'swan'], default: 'duck', description: 'Which birds.' },
      least: { anyOf: [{ type: 'integer' }, { type: 'string', format: 'uri' }] },
    },
    ['pond'],
  )
  expect(strictSchema(schema)).toEqual(
    closed({
      pond: { type: 'string', description: 'Which pond. ≤20 chars.' },
      kind: { type: ['string', 'null'], enum: ['duck', 'swan', null], description: 'Which birds. Default "duck".' },
      least: { anyOf: [{ type: 'integer' }, { type: 'string', description: 'Format uri.' }, { type: 'null' }] },
    }),
  )
})

test('an argument that takes null already is not made nullable twice', () => {
  const schema = closed({ pond: { type: ['string', 'null'] }, bird: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, [])
  expect(strictSchema(schema).properties).toEqual(schema.properties)
})

test('the definitions of the real tools keep every rule', () => {
  for (const tool of compileModel(contracts).tools)
    expect(functionViolations({ name: tool.name, parameters: strictSchema(tool.input) })).toEqual([])
})

test.each<[string, JsonSchema, string]>([
  ['a root that is no object', { type: 'string' }, 'input: the root must be an object without anyOf'],
  ['a union at the root', { ...closed({}), anyOf: [] }, 'input: the root must be an object without anyOf'],
  ['an open object', { type: 'object', properties: {} }, 'input: an object needs additionalProperties: false'],
  ['an optional key', closed({ pond: { type: 'string' } }, []), 'input: the key pond must be required'],
  ['an unknown keyword', closed({ pond: { type: 'string', minLength: 1 } }), 'input.pond: keyword minLength is not supported'],
  ['oneOf', closed({ pond: { oneOf: [{ type: 'string' }] } }), 'input.pond: keyword oneOf is not supported'],
  ['an unknown format', closed({ pond: { type: 'string', format: 'uri' } }), 'input.pond: format uri is not supported'],
  ['a list without items', closed({ ponds: { type: ['array', 'null'] } }), 'input.ponds: an array needs items'],
  [
    'an open object in a list',
    closed({ ponds: { type: 'array', items: { type: 'object' } } }),
    'input.ponds[]: an object needs additionalProperties: false',
  ],
  ['a value of no type', closed({ pond: {} }), 'input.pond: it needs a type'],
])('strict mode refuses %s', (_title, schema, message) => {
  expect(messagesOf(schema)).toContain(message)
})

const nested = (depth: number): JsonSchema => (depth === 1 ? closed({}) : closed({ inner: nested(depth - 1) }))
const many = (count: number): Record<string, JsonSchema> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { type: 'integer' }]))
const words = (count: number, length: number): JsonSchema => ({
  type: 'string',
  enum: Array.from({ length: count }, (_, index) => String(index).padStart(length, '0')),
})

test('strict mode takes what is at its limits', () => {
  expect(messagesOf(nested(10))).toEqual([])
  expect(messagesOf(closed(many(5000)))).toEqual([])
  expect(messagesOf(closed({ a: words(250, 100), b: words(750, 20) }))).toEqual([])
  expect(messagesOf(closed({}), 'a'.repeat(64))).toEqual([])
})

test.each<[string, JsonSchema, string]>([
  ['depth', nested(11), `input${'.inner'.repeat(10)}: nested deeper than 10`],
  ['properties', closed(many(5001)), 'input: 5001 properties, at most 5000'],
  ['enum values', closed({ a: words(501, 4), b: words(500, 4) }), 'input: 1001 enum values, at most 1000'],
  ['characters', closed({ a: words(250, 480) }), 'input: 120001 characters of names and values, at most 120000'],
  ['one long list', closed({ a: words(251, 60) }), 'input.a: 251 values of 15060 characters, at most 15000 beyond 250 values'],
])('strict mode refuses what passes its limit of %s', (_title, schema, message) => {
  expect(messagesOf(schema)).toEqual([message])
})

test('a name that is too long or has other letters is refused', () => {
  expect(messagesOf(closed({}), 'a'.repeat(65))).toEqual(['name: does not fit ^[a-zA-Z0-9_-]{1,64}$'])
  expect(messagesOf(closed({}), 'count.birds')).toHaveLength(1)
})

test('an object of free keys is said as a list of its entries', () => {
  const schema = closed({
    birds: { type: 'object', description: 'By name.', propertyNames: { type: 'string' }, additionalProperties: { type: 'number' } },
  })
  const parameters = strictSchema(schema)
  expect(parameters.properties?.birds).toEqual({
    type: 'array',
    description: 'By name.',
    items: closed({ name: { type: 'string' }, value: { type: 'number' } }),
  })
  expect(messagesOf(parameters)).toEqual([])
})
