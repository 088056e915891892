import { definitionName, type JsonSchema } from '../json-schema.ts'
import { accepts } from './accepts.ts'
import { armsOf } from './normal-form.ts'
import { candidatesOf } from './samples.ts'

type Definitions = Readonly<Record<string, JsonSchema>>

/** Of what has no parts, as many values are tried. */
const maxScalars = 4
/** Below this nothing is varied: a schema may hold itself. */
const maxDepth = 6

/**
 * Values of a schema in normal form that show each of its parts, however deep: all of it at once, and then each key left
 * out, each arm taken, each list empty or longer, one at a time.
 */
export const variationsOf = (schema: JsonSchema, definitions: Definitions = schema.$defs ?? {}, depth = 0): readonly unknown[] => {
  const inner = (part: JsonSchema): readonly unknown[] => variationsOf(part, definitions, depth + 1)
  if (depth > maxDepth)
    return candidatesOf(schema, definitions)
      .filter((value) => accepts(schema, value, definitions))
      .slice(0, 1)
  if (schema.$ref !== undefined) return inner(definitions[definitionName(schema.$ref)] ?? {})
  const arms = armsOf(schema)
  if (arms.length > 1) return arms.flatMap(inner)
  const made = schema.type === 'object' ? objectsOf(schema, inner) : schema.type === 'array' ? listsOf(schema, inner) : []
  const whole = made.filter((value) => accepts(schema, value, definitions))
  const plain = candidatesOf(schema, definitions).filter((value) => accepts(schema, value, definitions))
  return [...whole, ...plain.slice(0, maxScalars)]
}

const objectsOf = (
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  inner: (part: JsonSchema) => readonly unknown[],
) => {
  const parts = Object.entries(properties).flatMap(([name, part]) => {
    const values = inner(part)
    return values.length === 0 ? [] : [[name, values] as const]
  })
  const others = typeof additionalProperties === 'object' ? inner(additionalProperties).map((value) => ({ key: value })) : []
  const full = { ...Object.fromEntries(parts.map(([name, [first]]) => [name, first])), ...others[0] }
  return [
    full,
    ...parts.flatMap(([name, values]) => values.slice(1).map((value) => ({ ...full, [name]: value }))),
    ...parts.flatMap(([name]) =>
      required.includes(name) ? [] : [Object.fromEntries(Object.entries(full).filter(([other]) => other !== name))],
    ),
    ...others.slice(1).map((other) => ({ ...full, ...other })),
  ]
}

const listsOf = ({ items = {}, prefixItems }: JsonSchema, inner: (part: JsonSchema) => readonly unknown[]): unknown[][] => {
  if (prefixItems !== undefined) return [prefixItems.map((place) => inner(place)[0])]
  const values = inner(items)
  return [...values.map((value) => [value]), values.slice(0, 2), []]
}
