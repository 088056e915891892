import { definitionName, type JsonSchema } from '../json-schema.ts'
import { formats } from './formats.ts'

type Definitions = Readonly<Record<string, JsonSchema>>

/**
 * Whether a schema accepts a value: JSON Schema 2020-12 as far as contracts use it, so that no witness is shown which is
 * none. A format that `formats` does not hold counts as kept.
 */
export const accepts = (schema: JsonSchema | boolean, value: unknown, definitions?: Definitions): boolean => {
  if (typeof schema === 'boolean') return schema
  const known = definitions ?? schema.$defs ?? {}
  const fits = (part: JsonSchema | boolean, one: unknown = value): boolean => accepts(part, one, known)
  if (schema.$ref !== undefined && !fits(known[definitionName(schema.$ref)] ?? {})) return false
  if (schema.allOf?.every((arm) => fits(arm)) === false) return false
  if (schema.anyOf?.some((arm) => fits(arm)) === false) return false
  if (schema.oneOf !== undefined && schema.oneOf.filter((arm) => fits(arm)).length !== 1) return false
  if (schema.not !== undefined && fits(schema.not)) return false
  if (schema.if !== undefined && !fits((fits(schema.if) ? schema.then : schema.else) ?? {})) return false
  if (schema.type !== undefined && ![schema.type].flat().some((type) => isOfType(value, type))) return false
  if (schema.enum?.some((one) => isEqual(one, value)) === false) return false
  if ('const' in schema && !isEqual(schema.const, value)) return false
  if (typeof value === 'string') return acceptsText(schema, value)
  if (typeof value === 'number') return acceptsNumber(schema, value)
  if (Array.isArray(value)) return acceptsArray(schema, value, fits)
  return typeof value !== 'object' || value === null || acceptsObject(schema, value as Record<string, unknown>, fits)
}

type Fits = (schema: JsonSchema | boolean, value: unknown) => boolean

const isOfType = (value: unknown, type: string): boolean => {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  return type === 'object' ? typeof value === 'object' && value !== null && !Array.isArray(value) : typeof value === type
}

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const isWithin = (size: number, least: number | undefined, most: number | undefined): boolean =>
  (least === undefined || size >= least) && (most === undefined || size <= most)

const acceptsText = ({ minLength, maxLength, pattern, format }: JsonSchema, value: string): boolean =>
  isWithin([...value].length, minLength, maxLength) &&
  (pattern === undefined || new RegExp(pattern, 'u').test(value)) &&
  (format === undefined || formats[format]?.pattern.test(value) !== false)

const acceptsNumber = ({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: JsonSchema, value: number): boolean =>
  isWithin(value, minimum, maximum) &&
  (exclusiveMinimum === undefined || value > exclusiveMinimum) &&
  (exclusiveMaximum === undefined || value < exclusiveMaximum) &&
  (multipleOf === undefined || isMultipleOf(value, multipleOf))

/** As people count: 0.3 is three times 0.1. */
export const isMultipleOf = (value: number, factor: number): boolean => Math.abs(value / factor - Math.round(value / factor)) < 1e-9

const acceptsArray = (schema: JsonSchema, value: readonly unknown[], fits: Fits): boolean => {
  const { items = {}, prefixItems = [], contains, minContains = 1, maxContains } = schema
  return (
    isWithin(value.length, schema.minItems, schema.maxItems) &&
    (schema.uniqueItems !== true || new Set(value.map((item) => JSON.stringify(item))).size === value.length) &&
    value.every((item, index) => fits(prefixItems[index] ?? items, item)) &&
    (contains === undefined || isWithin(value.filter((item) => fits(contains, item)).length, minContains, maxContains))
  )
}

const acceptsObject = (schema: JsonSchema, value: Record<string, unknown>, fits: Fits): boolean => {
  const { properties = {}, required = [], additionalProperties = true, patternProperties = {}, propertyNames = {} } = schema
  const names = Object.keys(value)
  const acceptsKey = (name: string, one: unknown): boolean => {
    const matching = Object.entries(patternProperties).filter(([pattern]) => new RegExp(pattern, 'u').test(name))
    const isNamed = Object.hasOwn(properties, name)
    return (
      fits(propertyNames, name) &&
      (!isNamed || fits(properties[name] ?? {}, one)) &&
      matching.every(([, part]) => fits(part, one)) &&
      (isNamed || matching.length > 0 || fits(additionalProperties, one))
    )
  }
  return (
    isWithin(names.length, schema.minProperties, schema.maxProperties) &&
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, one]) => acceptsKey(name, one)) &&
    Object.entries(schema.dependentRequired ?? {}).every(
      ([name, needed]) => !Object.hasOwn(value, name) || needed.every((other) => Object.hasOwn(value, other)),
    ) &&
    Object.entries(schema.dependentSchemas ?? {}).every(([name, part]) => !Object.hasOwn(value, name) || fits(part, value))
  )
}
