import type { JsonSchema } from '../json-schema.ts'

/** Keywords that say nothing about which values are accepted. */
const texts: ReadonlySet<string> = new Set(['description', 'title', 'default', 'examples'])

/** The arms of a union; a list of types is a union too, so that spelling makes no difference. */
export const alternatives = (schema: JsonSchema): JsonSchema[] => {
  const arms = schema.anyOf ?? schema.oneOf
  if (arms !== undefined) return arms.flatMap((arm) => (hasConstraintsBeside(arm) ? [arm] : alternatives(arm)))
  if (Array.isArray(schema.type)) return schema.type.map((type) => ({ ...schema, type }))
  return [schema]
}

const hasConstraintsBeside = ({ anyOf, oneOf, ...beside }: JsonSchema): boolean =>
  (anyOf !== undefined || oneOf !== undefined) && Object.keys(beside).some((keyword) => !texts.has(keyword))

/** The closed list of values of a schema; undefined when it has none. */
export const valuesOf = (schema: JsonSchema): readonly unknown[] | undefined =>
  schema.enum ?? (schema.const === undefined ? undefined : [schema.const])

/** A schema, or a part of one, without its texts and with its keys in order: equal text means equal values. */
export const canonical = (schema: unknown): string =>
  JSON.stringify(schema, (key, value: unknown) => {
    if (key === 'properties') return sorted(value as object, () => true)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? sorted(value, (name) => !texts.has(name)) : value
  })

const sorted = (value: object, keep: (name: string) => boolean): object =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => keep(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
