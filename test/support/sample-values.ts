import { normalise } from '../../codegen/compat/normal-form.ts'
import { candidatesOf } from '../../codegen/compat/samples.ts'
import type { JsonSchema } from '../../codegen/json-schema.ts'

type Values = Record<string, unknown>

const perField = 60

const isObject = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Values worth trying on an object schema: those that the law tries, and each of the given values with one field more, less
 * or other, as deep as fields go. Whether they are taken is for the caller to find out. Each comes once.
 */
export const sampleValues = (schema: JsonSchema, given: readonly unknown[] = []): unknown[] => {
  const normal = normalise(schema)
  const law = candidatesOf(normal).filter((value) => value !== undefined)
  const bases = [...given.filter(isObject), ...law.filter(isObject).slice(0, 3)].slice(0, 5)
  const values = [...given, ...law, ...bases.flatMap((base) => variantsOf(normal, base))]
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]
}

const variantsOf = (schema: JsonSchema, base: Values): Values[] => [
  { ...base, unknown_key: 1 },
  ...Object.keys(base).map((name) => Object.fromEntries(Object.entries(base).filter(([other]) => other !== name))),
  ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const inner = base[name]
    return [
      ...candidatesOf(property).slice(0, perField),
      ...(isObject(inner) ? variantsOf(property, inner) : []),
      ...(Array.isArray(inner) && isObject(inner[0]) ? variantsOf(property.items ?? {}, inner[0]).map((item) => [item]) : []),
    ].map((value) => ({ ...base, [name]: value }))
  }),
]
