import { definitionName, type JsonSchema, ownPatterns } from '../json-schema.ts'
import { accepts } from './accepts.ts'

/** Keywords that say nothing about which values are accepted. */
export const texts: ReadonlySet<string> = new Set(['description', 'title', 'default', 'examples', 'deprecated'])

/** Keywords that concern values of one type only. */
const keywordsOfType: Readonly<Record<string, readonly (keyof JsonSchema)[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format', 'contentEncoding', 'contentMediaType'],
  number: ['format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  array: ['items', 'prefixItems', 'contains', 'minContains', 'maxContains', 'minItems', 'maxItems', 'uniqueItems'],
  object: [
    ...(['properties', 'required', 'additionalProperties', 'propertyNames', 'patternProperties'] as const),
    ...(['minProperties', 'maxProperties', 'dependentRequired', 'dependentSchemas'] as const),
  ],
}
const typed = new Set<string>(Object.values(keywordsOfType).flat())

/**
 * One spelling for each set of values, so that two schemas that accept the same are mostly the same text: no `const`, no
 * list of types, no `allOf` that can be merged, no reference that can be put in place, no keyword that changes nothing.
 * What is left of `oneOf` has arms that overlap. Texts stay where they are. Normalising twice changes nothing.
 */
export const normalise = (root: JsonSchema): JsonSchema => {
  const { $defs = {}, ...schema } = root
  const counts = countReferences(root)
  // What is used in several places stays a definition, or a schema could grow beyond all bounds.
  const kept = new Set(Object.keys($defs).filter((name) => (counts.get(name) ?? 0) > 1 || holds($defs[name] ?? {}, name, $defs)))
  const normaliseWith = (part: JsonSchema): JsonSchema => normaliseNode(part, { definitions: $defs, kept })
  const normal = normaliseWith(schema)
  return kept.size === 0
    ? normal
    : { ...normal, $defs: Object.fromEntries([...kept].sort().map((name) => [name, normaliseWith($defs[name] ?? {})])) }
}

const countReferences = (schema: JsonSchema): Map<string, number> => {
  const counts = new Map<string, number>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { $ref } = value as JsonSchema
    if (typeof $ref === 'string') counts.set(definitionName($ref), (counts.get(definitionName($ref)) ?? 0) + 1)
    for (const part of Object.values(value)) visit(part)
  }
  visit(schema)
  return counts
}

/** Whether a schema comes to hold the definition of that name. */
const holds = (schema: JsonSchema, name: string, definitions: Readonly<Record<string, JsonSchema>>): boolean => {
  const seen = new Set<string>()
  const visit = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false
    const { $ref } = value as JsonSchema
    if (typeof $ref === 'string') {
      const target = definitionName($ref)
      if (target === name) return true
      if (!seen.has(target)) {
        seen.add(target)
        if (visit(definitions[target])) return true
      }
    }
    return Object.values(value).some(visit)
  }
  return visit(schema)
}

interface Context {
  readonly definitions: Readonly<Record<string, JsonSchema>>
  /** Names of those that are not put in place. */
  readonly kept: ReadonlySet<string>
}

const normaliseNode = (written: JsonSchema | boolean, context: Context): JsonSchema => {
  if (typeof written === 'boolean') return written ? {} : { not: {} }
  const schema = normaliseParts(inlined(written, context), context)
  const { const: value, allOf, ...rest } = schema
  const valued = 'const' in schema ? { ...rest, enum: [value] } : rest
  const merged = mergeAll(valued, allOf ?? [])
  return splitTypes(simplified(withUnion(merged, context.definitions)))
}

/** The schema with what it refers to in place, unless that stays a definition. */
const inlined = (schema: JsonSchema, context: Context): JsonSchema => {
  if (schema.$ref === undefined) return schema
  const name = definitionName(schema.$ref)
  const target = context.definitions[name]
  if (target === undefined || context.kept.has(name)) return schema
  const { $ref: _ref, ...beside } = schema
  const isAnnotated = Object.keys(beside).every((keyword) => texts.has(keyword))
  return inlined(isAnnotated ? { ...target, ...beside } : { ...beside, allOf: [...(beside.allOf ?? []), target] }, context)
}

const normaliseParts = (schema: JsonSchema, context: Context): JsonSchema => {
  const one = (part: JsonSchema | boolean): JsonSchema => normaliseNode(part, context)
  const result: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (['$schema', '$comment', '$id', '$anchor'].includes(keyword) || value === undefined) continue
    if (['items', 'contains', 'not', 'if', 'then', 'else', 'propertyNames', 'additionalProperties'].includes(keyword))
      result[keyword] = keyword === 'additionalProperties' && value === false ? false : one(value as JsonSchema)
    else if (['anyOf', 'oneOf', 'allOf', 'prefixItems'].includes(keyword)) result[keyword] = (value as JsonSchema[]).map(one)
    else if (['properties', 'patternProperties', 'dependentSchemas'].includes(keyword))
      result[keyword] = Object.fromEntries(Object.entries(value as object).map(([name, part]) => [name, one(part as JsonSchema)]))
    else result[keyword] = value
  }
  return result
}

/** Puts the arms of an `allOf` into the schema; those that cannot be said by its own keywords stay. */
const mergeAll = (schema: JsonSchema, arms: readonly JsonSchema[]): JsonSchema => {
  let merged = schema
  const left: JsonSchema[] = []
  for (const arm of arms) {
    const both = merge(merged, arm)
    if (both === undefined) left.push(arm)
    else merged = both
  }
  return left.length === 0 ? merged : { ...merged, allOf: left }
}

const tighter: Partial<Record<keyof JsonSchema, (a: number, b: number) => number>> = {
  minimum: Math.max,
  exclusiveMinimum: Math.max,
  minLength: Math.max,
  minItems: Math.max,
  minProperties: Math.max,
  maximum: Math.min,
  exclusiveMaximum: Math.min,
  maxLength: Math.min,
  maxItems: Math.min,
  maxProperties: Math.min,
}

/** Both schemas as one; undefined when their keywords cannot be put together one by one. */
const merge = (a: JsonSchema, b: JsonSchema): JsonSchema | undefined => {
  // What a closed object, a map or a tuple refuses depends on its neighbours.
  const isLocal = (schema: JsonSchema): boolean =>
    schema.additionalProperties === undefined && schema.prefixItems === undefined && schema.patternProperties === undefined
  const shared = Object.keys(b).filter((keyword) => keyword in a && !texts.has(keyword)) as (keyof JsonSchema)[]
  if (!isLocal(a) && (b.properties ?? b.items) !== undefined) return undefined
  if (!isLocal(b) && (a.properties ?? a.items) !== undefined) return undefined
  const result: Record<string, unknown> = { ...b, ...a }
  for (const keyword of shared) {
    const [left, right] = [a[keyword], b[keyword]]
    const choose = tighter[keyword]
    if (canonical(left) === canonical(right)) continue
    if (choose !== undefined) result[keyword] = choose(left as number, right as number)
    else if (keyword === 'required') result.required = [...new Set([...(a.required ?? []), ...(b.required ?? [])])]
    else if (keyword === 'enum') result.enum = (a.enum ?? []).filter((value) => (b.enum ?? []).some((one) => isSame(one, value)))
    else if (keyword === 'properties') {
      const properties = mergeProperties(a.properties ?? {}, b.properties ?? {})
      if (properties === undefined) return undefined
      result.properties = properties
    } else return undefined
  }
  return result
}

const mergeProperties = (a: Record<string, JsonSchema>, b: Record<string, JsonSchema>): Record<string, JsonSchema> | undefined => {
  const result = { ...a }
  for (const [name, property] of Object.entries(b)) {
    const both = name in a ? merge(a[name] ?? {}, property) : property
    if (both === undefined) return undefined
    result[name] = both
  }
  return result
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** `oneOf` becomes `anyOf` where no value fits two arms; unions in unions become one, and a union of one its arm. */
const withUnion = (schema: JsonSchema, definitions: Context['definitions'] = {}): JsonSchema => {
  const { anyOf, oneOf, ...rest } = schema
  if (oneOf !== undefined && anyOf === undefined && areDisjoint(oneOf.map((arm) => followed(arm, definitions))))
    return withUnion({ ...rest, anyOf: oneOf })
  if (anyOf === undefined) return schema
  const arms = [...new Map(anyOf.flatMap(armsOf).map((arm) => [canonical(arm), arm])).values()]
  const [only] = arms
  if (arms.some(isAny)) return oneOf === undefined ? rest : { ...rest, oneOf }
  if (arms.length === 1 && only !== undefined) {
    const merged = merge(rest, only)
    if (merged !== undefined) return oneOf === undefined ? merged : { ...merged, oneOf }
  }
  return { ...rest, anyOf: arms, ...(oneOf !== undefined && { oneOf }) }
}

/** The arms of a union that is nothing else, or the schema itself. */
export const armsOf = (schema: JsonSchema): JsonSchema[] => (schema.anyOf !== undefined && isBareUnion(schema) ? schema.anyOf : [schema])

/** Whether a schema is a union with at most texts beside it. */
export const isBareUnion = ({ anyOf, ...beside }: JsonSchema): boolean =>
  anyOf !== undefined && Object.keys(beside).every((keyword) => texts.has(keyword))

/** What a reference leads to in the end. */
const followed = (schema: JsonSchema, definitions: Context['definitions']): JsonSchema => {
  const target = schema.$ref === undefined ? undefined : definitions[definitionName(schema.$ref)]
  return target === undefined ? schema : followed(target, definitions)
}

const areDisjoint = (arms: readonly JsonSchema[]): boolean =>
  arms.every((arm, index) => arms.slice(index + 1).every((other) => excludeEachOther(arm, other)))

/** Whether no value fits both, as far as types, listed values and constants of required keys tell. */
export const excludeEachOther = (a: JsonSchema, b: JsonSchema): boolean => {
  if (a.anyOf !== undefined && isBareUnion(a)) return a.anyOf.every((arm) => excludeEachOther(arm, b))
  if (b.anyOf !== undefined && isBareUnion(b)) return b.anyOf.every((arm) => excludeEachOther(a, arm))
  if (a.type !== undefined && b.type !== undefined && a.type !== b.type) return !(isNumeric(a) && isNumeric(b))
  const [left, right] = [valuesOf(a), valuesOf(b)]
  if (left !== undefined && right !== undefined) return !left.some((value) => right.some((other) => isSame(value, other)))
  return (a.required ?? []).some((name) => {
    const [left, right] = [a.properties?.[name], b.properties?.[name]]
    return b.required?.includes(name) === true && left !== undefined && right !== undefined && excludeEachOther(left, right)
  })
}

const valuesOf = (schema: JsonSchema): readonly unknown[] | undefined => schema.enum ?? ('const' in schema ? [schema.const] : undefined)

const isNumeric = ({ type }: JsonSchema): boolean => type === 'integer' || type === 'number'

/** Leaves out what changes nothing. */
const simplified = (schema: JsonSchema): JsonSchema => {
  const result: JsonSchema = { ...schema }
  for (const keyword of ['minLength', 'minItems', 'minProperties'] as const) if (result[keyword] === 0) delete result[keyword]
  if (result.uniqueItems === false) delete result.uniqueItems
  for (const keyword of ['items', 'additionalProperties'] as const) if (isAny(result[keyword])) delete result[keyword]
  if (result.propertyNames !== undefined) {
    result.propertyNames = { type: 'string', ...result.propertyNames }
    if (canonical(result.propertyNames) === '{"type":"string"}') delete result.propertyNames
  }
  for (const keyword of ['properties', 'required', 'patternProperties', 'dependentRequired', 'dependentSchemas'] as const)
    if (result[keyword] !== undefined && Object.keys(result[keyword]).length === 0) delete result[keyword]
  const unnamed = (result.required ?? []).filter((name) => result.properties === undefined || !Object.hasOwn(result.properties, name))
  if (unnamed.length > 0) {
    const others = typeof result.additionalProperties === 'object' ? result.additionalProperties : {}
    result.properties = { ...result.properties, ...Object.fromEntries(unnamed.map((name) => [name, others])) }
  }
  if (result.contains === undefined) {
    delete result.minContains
    delete result.maxContains
  } else if (result.minContains === 1) delete result.minContains
  if (result.format !== undefined && result.pattern === ownPatterns.get(result.format)) delete result.pattern
  if (result.type === 'number' && Number.isInteger(result.multipleOf)) result.type = 'integer'
  if (result.minimum !== undefined && result.exclusiveMinimum !== undefined)
    delete result[result.exclusiveMinimum >= result.minimum ? 'minimum' : 'exclusiveMinimum']
  if (result.maximum !== undefined && result.exclusiveMaximum !== undefined)
    delete result[result.exclusiveMaximum <= result.maximum ? 'maximum' : 'exclusiveMaximum']
  if (result.type === 'integer') {
    if (result.multipleOf === 1) delete result.multipleOf
    if (result.exclusiveMinimum !== undefined) {
      result.minimum = Math.max(result.minimum ?? Number.NEGATIVE_INFINITY, Math.floor(result.exclusiveMinimum) + 1)
      delete result.exclusiveMinimum
    }
    if (result.exclusiveMaximum !== undefined) {
      result.maximum = Math.min(result.maximum ?? Number.POSITIVE_INFINITY, Math.ceil(result.exclusiveMaximum) - 1)
      delete result.exclusiveMaximum
    }
  }
  return result
}

const isAny = (schema: unknown): boolean => typeof schema === 'object' && canonical(schema) === '{}'

/** A list of types is a union, and so are listed values of several types. */
const splitTypes = (schema: JsonSchema): JsonSchema => {
  const types = Array.isArray(schema.type)
    ? schema.type
    : schema.enum === undefined
      ? [schema.type]
      : [...new Set(schema.enum.map(typeOf))].filter((type) => schema.type === undefined || fits(type, schema.type as string))
  if (types.length === 1) return ofType(schema, types[0])
  if (types.length === 0) return { not: {} }
  const kept: Record<string, unknown> = {}
  const moved: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    const target = texts.has(keyword) || !(typed.has(keyword) || keyword === 'type' || keyword === 'enum') ? kept : moved
    target[keyword] = value
  }
  const arms = types.map((type) => ofType({ ...moved, type } as JsonSchema, type))
  return withUnion(
    kept.anyOf === undefined ? { ...kept, anyOf: arms } : { ...kept, allOf: [...((kept.allOf as []) ?? []), { anyOf: arms }] },
  )
}

/** The schema for values of one type, without keywords that concern others. */
const ofType = (schema: JsonSchema, type: string | undefined): JsonSchema => {
  if (type === undefined) return schema
  const own = new Set<string>(keywordsOfType[type === 'integer' ? 'number' : type] ?? [])
  const result: JsonSchema = { type }
  for (const [keyword, value] of Object.entries(schema))
    if (keyword !== 'type' && (!typed.has(keyword) || own.has(keyword))) Object.assign(result, { [keyword]: value })
  if (result.enum !== undefined) {
    const values = result.enum.filter((value) => fits(typeOf(value), type))
    if (type === 'null' || (type === 'boolean' && values.includes(true) && values.includes(false))) delete result.enum
    else {
      result.enum = [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]
      if (type === 'integer' || type === 'number') result.type = values.every(Number.isInteger) ? 'integer' : 'number'
      if (type !== 'array' && type !== 'object') return withValues(result)
    }
  }
  return result
}

/** Of listed values those that the other keywords take; these then say nothing more. */
const withValues = (schema: JsonSchema): JsonSchema => {
  const beside = Object.entries(schema).filter(([keyword]) => !typed.has(keyword) && keyword !== 'enum')
  const rules = Object.entries(schema).filter(([keyword]) => typed.has(keyword))
  const values = (schema.enum ?? []).filter((value) => accepts(Object.fromEntries(rules), value))
  return values.length === 0 ? { not: {} } : { ...Object.fromEntries(beside), enum: values }
}

const typeOf = (value: unknown): string => {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

const fits = (type: string, wanted: string): boolean => type === wanted || (type === 'number' && wanted === 'integer')

/** A schema, or a part of one, without its texts and with its keys and listed values in order: equal text means equal values. */
export const canonical = (schema: unknown): string => JSON.stringify(inOrder(schema, false)) ?? 'undefined'

/** `named`: the keys are names that a contract chose, of which none is a text. */
const inOrder = (value: unknown, named: boolean): unknown => {
  if (Array.isArray(value)) return value.map((item) => inOrder(item, false))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => named || !texts.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => {
        if (named) return [name, inOrder(part, false)]
        if (['enum', 'required', 'anyOf', 'oneOf', 'allOf'].includes(name) && Array.isArray(part))
          return [name, part.map((item) => inOrder(item, name === 'enum')).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))]
        return [name, inOrder(part, ['properties', 'patternProperties', 'dependentSchemas', 'dependentRequired'].includes(name))]
      }),
  )
}
