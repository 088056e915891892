import { definitionName, type JsonSchema } from '../json-schema.ts'
import { accepts } from './accepts.ts'
import { formats } from './formats.ts'
import { textsOfPattern } from './sample-pattern.ts'

type Definitions = Readonly<Record<string, JsonSchema>>

/** Sizes beyond these are not tried. */
const maxLength = 1_100_000
const maxCount = 2000

const sampled = new WeakMap<JsonSchema, unknown>()

/** Some small value that a schema in normal form accepts; undefined when none was found. */
export const sampleOf = (schema: JsonSchema, definitions: Definitions = schema.$defs ?? {}): unknown => {
  if (!sampled.has(schema))
    sampled.set(
      schema,
      candidatesOf(schema, definitions).find((value) => accepts(schema, value, definitions)),
    )
  return sampled.get(schema)
}

/** One value of each type, for schemas that take some of them. */
const strangers: readonly unknown[] = ['x', 0, true, false, null, [], {}, '', 1, -1, 0.5]

/** One object for all of them, so that it is gone into once. */
const anything: JsonSchema = {}

const tried = new WeakMap<JsonSchema, readonly unknown[]>()
/** Of one schema no more values are tried. */
const maxCandidates = 400

/**
 * Values worth trying on a schema in normal form: plain ones, and those at the edges of what it says. Whether it takes
 * them is for the caller to find out. A schema that holds itself is not gone into again.
 */
export const candidatesOf = (schema: JsonSchema, definitions: Definitions = schema.$defs ?? {}): readonly unknown[] => {
  const known = tried.get(schema)
  if (known !== undefined) return known
  tried.set(schema, strangers)
  const candidates = listCandidates(schema, definitions).slice(0, maxCandidates)
  tried.set(schema, candidates)
  return candidates
}

const listCandidates = (schema: JsonSchema, definitions: Definitions): unknown[] => {
  const inner = (part: JsonSchema): readonly unknown[] => candidatesOf(part, definitions)
  const { $ref, type, not } = schema
  return [
    ...(schema.enum ?? []),
    ...($ref === undefined ? [] : inner(definitions[definitionName($ref)] ?? anything)),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((arm) => inner(arm).slice(0, 40)),
    ...(type === undefined || type === 'string' ? textsFor(schema) : []),
    ...(type === undefined || type === 'integer' || type === 'number' ? numbersFor(schema) : []),
    ...(type === undefined || type === 'array' ? arraysFor(schema, definitions) : []),
    ...(type === undefined || type === 'object' ? objectsFor(schema, definitions) : []),
    ...(not === undefined ? [] : inner(not)),
    ...strangers,
  ]
}

const sized = (sizes: readonly (number | undefined)[], most = maxCount): number[] => [
  ...new Set(sizes.flatMap((size) => (size === undefined ? [] : [size, size - 1, size + 1])).filter((size) => size >= 0 && size <= most)),
]

/** Characters of which a pattern mostly refuses some. */
const unlikely = ['X', '0', ' ', '-']

/** Short texts first, so that what only needs some text gets one that can be read. */
const textsFor = ({ minLength, maxLength: most, pattern, format }: JsonSchema): string[] => {
  const sizes = [...sized([minLength], maxLength), ...sized([most], maxLength)]
  const known = format === undefined ? undefined : formats[format]
  const plain = [
    ...(known === undefined ? [] : [known.sample, ...sizes.flatMap((size) => known.ofLength?.(size) ?? [])]),
    ...(pattern === undefined || known === undefined ? [] : textsOfPattern(pattern).flatMap((text) => [`x${text}`, `${text}x`])),
    ...(pattern === undefined ? [] : [...textsOfPattern(pattern), ...unlikely.map((one) => one.repeat(Math.max(1, minLength ?? 1)))]),
  ]
  const filled = plain.flatMap((text) =>
    text === '' ? [] : sizes.flatMap((size) => [text.padEnd(size, text.at(-1)), text.padEnd(size, 'x')]),
  )
  return [
    ...plain,
    ...sized([minLength], maxLength).map((size) => 'x'.repeat(size)),
    'x',
    ...filled,
    ...sizes.map((size) => 'x'.repeat(size)),
  ]
}

const numbersFor = ({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf = 1 }: JsonSchema): number[] =>
  [minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, multipleOf * 2, multipleOf * 3]
    .filter((bound) => bound !== undefined)
    .flatMap((bound) => [bound, bound + multipleOf, bound - multipleOf, bound + 1, bound - 1, bound + 0.5, bound + multipleOf / 3])

const arraysFor = (schema: JsonSchema, definitions: Definitions): unknown[][] => {
  const { items = anything, prefixItems, contains, minItems, maxItems, minContains, maxContains } = schema
  const item = sampleOf(items, definitions)
  const places = (prefixItems ?? []).map((place) => sampleOf(place, definitions))
  const held = contains === undefined ? undefined : sampleOf(contains, definitions)
  const different = candidatesOf(items, definitions).filter((value) => accepts(items, value, definitions))
  const filled = (size: number, value: unknown): unknown[] => Array.from({ length: size }, (_, index) => places[index] ?? value)
  const unlike = [...new Map(different.map((value) => [JSON.stringify(value), value])).values()]
  const sizes = [...new Set([places.length, 1, 2, ...sized([minItems, maxItems, minContains, maxContains])])]
  return [
    ...sizes.map((size) => filled(size, item)),
    ...(held === undefined ? [] : sizes.map((size) => filled(size, held))),
    ...sizes.filter((size) => size > 1 && size <= unlike.length).map((size) => unlike.slice(0, size)),
    ...strangers.flatMap((stranger) => (places.length === 0 ? [] : [places.map((place, index) => (index === 0 ? stranger : place))])),
  ].filter((list) => !list.includes(undefined))
}

const objectsFor = (schema: JsonSchema, definitions: Definitions): Record<string, unknown>[] => {
  const { properties = {}, required = [], additionalProperties, propertyNames, patternProperties = {}, dependentRequired = {} } = schema
  const optional = Object.keys(properties).filter((name) => !required.includes(name))
  const keyValue = (name: string): unknown => sampleOf(properties[name] ?? anything, definitions)
  const least: Record<string, unknown> = {}
  for (const name of required) least[name] = keyValue(name)
  const filler = typeof additionalProperties === 'object' ? sampleOf(additionalProperties, definitions) : 'x'
  const names = propertyNames === undefined ? [] : candidatesOf(propertyNames, definitions).filter((name) => typeof name === 'string')
  const grown = sized([schema.minProperties, schema.maxProperties]).map((size): Record<string, unknown> => {
    const result = { ...least }
    const keys = [...optional, ...names, ...Array.from({ length: size }, (_, index) => `key${index}`)]
    for (const name of keys) {
      if (Object.keys(result).length >= size) break
      result[name] = name in properties ? keyValue(name) : filler
    }
    return result
  })
  const patterned = Object.entries(patternProperties).flatMap(([pattern, part]) =>
    textsOfPattern(pattern).flatMap((name) =>
      [...candidatesOf(part, definitions).slice(0, 3), 'x', 0].map((value) => ({ ...least, [name]: value })),
    ),
  )
  const dependent = [...Object.keys(dependentRequired), ...Object.keys(schema.dependentSchemas ?? anything)]
  const objects: Record<string, unknown>[] = [
    least,
    ...optional.map((name) => ({ ...least, [name]: keyValue(name) })),
    ...required.map((name) => Object.fromEntries(Object.entries(least).filter(([other]) => other !== name))),
    ...dependent.map((name) => ({ ...least, [name]: keyValue(name) ?? 'x' })),
    ...Object.entries(dependentRequired).map(([name, needed]) => ({
      ...least,
      ...Object.fromEntries([name, ...needed].map((one) => [one, keyValue(one) ?? 'x'])),
    })),
    ...grown,
    ...patterned,
    ...names.slice(0, 4).map((name) => ({ ...least, [name]: filler })),
    { ...least, unknown_key: filler },
    ...strangers.map((value) => ({ ...least, unknown_key: value })),
    ...(schema.if === undefined ? [] : [schema.if, schema.then, schema.else].flatMap((part) => mixed(least, part, definitions))),
  ]
  return objects.filter((value) => Object.values(value).every((one) => one !== undefined))
}

/** The least object with what a part of a condition asks for. */
const mixed = (least: object, part: JsonSchema | undefined, definitions: Definitions): Record<string, unknown>[] =>
  part === undefined
    ? []
    : candidatesOf(part, definitions)
        .filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
        .slice(0, 6)
        .map((value) => ({ ...least, ...(value as object) }))
