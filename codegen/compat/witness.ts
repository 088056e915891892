import type { JsonSchema } from '../json-schema.ts'
import { alternatives, valuesOf } from './normal-form.ts'

/** Some small value that a schema accepts; undefined when none is at hand, as for a pattern. */
export const sampleOf = (schema: JsonSchema): unknown => {
  const values = valuesOf(schema)
  if (values !== undefined) return values[0]
  const [first = schema] = alternatives(schema)
  if (first !== schema) return sampleOf(first)
  switch (schema.type) {
    case 'string':
      return schema.pattern === undefined && schema.format === undefined ? 'x'.repeat(Math.max(1, schema.minLength ?? 1)) : undefined
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum !== undefined ? schema.exclusiveMinimum + 1 : Math.min(0, schema.maximum ?? 0))
    case 'boolean':
      return true
    case 'null':
      return null
    case 'array':
      return sampleArray(schema)
    case 'object':
      return sampleObject(schema)
    default:
      return 'x'
  }
}

const sampleArray = (schema: JsonSchema): unknown => {
  const length = schema.minItems ?? 0
  const item = length === 0 ? null : sampleOf(schema.items ?? {})
  return item === undefined || schema.prefixItems !== undefined ? undefined : Array.from({ length }, () => item)
}

/** The object with its required keys; undefined when one of them has no sample. */
export const sampleObject = (schema: JsonSchema): Record<string, unknown> | undefined => {
  const entries = (schema.required ?? []).map((name) => [name, sampleOf(schema.properties?.[name] ?? {})] as const)
  return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries)
}

/**
 * Whether a schema accepts a value: enough of JSON Schema to prove a witness, so that none is shown which is not one.
 * Keywords of `compareSchemas` only; a format counts as kept.
 */
export const accepts = (schema: JsonSchema | boolean, value: unknown): boolean => {
  if (typeof schema === 'boolean') return schema
  const arms = schema.anyOf ?? schema.oneOf
  if (arms !== undefined && !arms.some((arm) => accepts(arm, value))) return false
  if (schema.type !== undefined && ![schema.type].flat().some((type) => isOfType(value, type))) return false
  const values = valuesOf(schema)
  if (values !== undefined && !values.some((one) => JSON.stringify(one) === JSON.stringify(value))) return false
  if (typeof value === 'string') return acceptsText(schema, value)
  if (typeof value === 'number') return acceptsNumber(schema, value)
  if (Array.isArray(value)) return acceptsArray(schema, value)
  return typeof value !== 'object' || value === null || acceptsObject(schema, value as Record<string, unknown>)
}

const isOfType = (value: unknown, type: string): boolean => {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  return type === 'object' ? typeof value === 'object' && value !== null && !Array.isArray(value) : typeof value === type
}

const within = (size: number, least: number | undefined, most: number | undefined): boolean =>
  (least === undefined || size >= least) && (most === undefined || size <= most)

const acceptsText = ({ minLength, maxLength, pattern }: JsonSchema, value: string): boolean =>
  within([...value].length, minLength, maxLength) && (pattern === undefined || new RegExp(pattern, 'u').test(value))

const acceptsNumber = ({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: JsonSchema, value: number): boolean =>
  within(value, minimum, maximum) &&
  (exclusiveMinimum === undefined || value > exclusiveMinimum) &&
  (exclusiveMaximum === undefined || value < exclusiveMaximum) &&
  (multipleOf === undefined || Number.isInteger(value / multipleOf))

const acceptsArray = ({ minItems, maxItems, uniqueItems, items = {} }: JsonSchema, value: readonly unknown[]): boolean =>
  within(value.length, minItems, maxItems) &&
  (uniqueItems !== true || new Set(value.map((item) => JSON.stringify(item))).size === value.length) &&
  value.every((item) => accepts(items, item))

const acceptsObject = (
  { properties = {}, required = [], additionalProperties = {} }: JsonSchema,
  value: Record<string, unknown>,
): boolean =>
  required.every((name) => Object.hasOwn(value, name)) &&
  Object.entries(value).every(([name, one]) =>
    accepts(Object.hasOwn(properties, name) ? (properties[name] ?? {}) : additionalProperties, one),
  )
