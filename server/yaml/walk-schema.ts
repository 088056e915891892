import * as z from 'zod'
import { entryOf } from '../envelope/entry-of.ts'
import { chooseBranch } from './choose-branch.ts'
import { valueAt } from './schema-at.ts'

/** Called with each schema that takes a part of a value, the outer ones first, and with the keys that lead there. */
export type VisitSchema = (schema: z.ZodType, value: unknown, path: readonly PropertyKey[]) => void

/** Visits a value and its parts with the schemas that take them; of a union the member that the value was meant to be. */
export const walkSchema = (schema: z.ZodType, value: unknown, visit: VisitSchema, path: readonly PropertyKey[] = []): void => {
  if (value === undefined) return
  const isWrapper = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodLazy
  if (!isWrapper) visit(schema, value, path)
  const inner = isWrapper ? (schema.unwrap() as z.ZodType) : memberOf(schema, value)
  if (inner !== undefined) walkSchema(inner, value, visit, path)
  else if (Array.isArray(value)) {
    const element = schema instanceof z.ZodArray ? (schema.element as z.ZodType) : undefined
    if (element !== undefined) for (const [index, one] of value.entries()) walkSchema(element, one, visit, [...path, index])
  } else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) {
      const entry =
        schema instanceof z.ZodObject ? entryOf(schema.shape, key) : schema instanceof z.ZodRecord ? schema.valueType : undefined
      if (entry !== undefined) walkSchema(entry as z.ZodType, one, visit, [...path, key])
    }
}

const memberOf = (schema: z.ZodType, value: unknown): z.ZodType | undefined => {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def
    const tag = valueAt(value, [discriminator])
    return schema.options.find(
      (option): option is z.ZodObject => option instanceof z.ZodObject && (option.shape[discriminator] as z.ZodLiteral).value === tag,
    )
  }
  const index = schema instanceof z.ZodUnion ? chooseBranch(schema, value) : undefined
  return index === undefined ? undefined : ((schema as z.ZodUnion).options[index] as z.ZodType)
}
