import * as z from 'zod'
import { entryOf } from '../envelope/entry-of.ts'
import { chooseBranch } from './choose-branch.ts'

/** What stands at a path of plain values; undefined when nothing does. */
export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  )

/** The schema that rules a path, choosing the variants that `value` has chosen. */
export const schemaAt = (schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): z.ZodType | undefined => {
  let at: z.ZodType | undefined = unwrap(schema)
  let given = value
  for (const key of [...path, undefined]) {
    at = meantBy(at, given)
    if (key === undefined) break
    if (at instanceof z.ZodObject) at = entryOf(at.shape, String(key)) as z.ZodType | undefined
    else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType
    else if (at instanceof z.ZodArray) at = at.element as z.ZodType
    else return undefined
    at = unwrap(at)
    given = valueAt(given, [key])
  }
  return at
}

/** The member that a value was meant to be, of unions within unions. */
const meantBy = (schema: z.ZodType | undefined, given: unknown): z.ZodType | undefined => {
  if (schema instanceof z.ZodLazy) return meantBy(unwrap(schema.unwrap() as z.ZodType), given)
  if (schema instanceof z.ZodDiscriminatedUnion) return chosenOption(schema, given)
  if (!(schema instanceof z.ZodUnion)) return schema
  const index = chooseBranch(schema, given)
  return index === undefined ? schema : meantBy(unwrap(schema.options[index] as z.ZodType), given)
}

const chosenOption = (union: z.ZodDiscriminatedUnion, given: unknown): z.ZodType | undefined => {
  const chosen = valueAt(given, [union.def.discriminator])
  return union.options.find(
    (option): option is z.ZodObject =>
      option instanceof z.ZodObject && (option.shape[union.def.discriminator] as z.ZodLiteral).value === chosen,
  )
}

/** Takes wrappers off, keeping a description that only the wrapper has. */
export const unwrap = (schema: z.ZodType | undefined): z.ZodType | undefined => {
  if (!(schema instanceof z.ZodOptional) && !(schema instanceof z.ZodNullable)) return schema
  const inner = schema.unwrap() as z.ZodType
  const outer = schema.description
  return outer !== undefined && inner.description === undefined ? inner.describe(outer) : inner
}
