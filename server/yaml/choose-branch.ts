import * as z from 'zod'
import { typeOf } from './type-names.ts'

/**
 * The member of a union that a value was meant to be: the one of its kind that knows most of its keys. Undefined when no
 * member takes values of that kind. Lets a fault be told in the words of one member, not of all.
 */
export const chooseBranch = (union: z.ZodUnion, value: unknown): number | undefined => {
  let best: { index: number; score: number } | undefined
  for (const [index, option] of union.options.entries()) {
    const score = scoreOf(option as z.ZodType, value)
    if (score !== undefined && (best === undefined || score > best.score)) best = { index, score }
  }
  return best?.index
}

const scoreOf = (schema: z.ZodType, value: unknown): number | undefined => {
  const kind = typeOf(value)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return scoreOf(schema.unwrap() as z.ZodType, value)
  if (schema instanceof z.ZodLazy) return scoreOf(schema.unwrap() as z.ZodType, value)
  if (schema instanceof z.ZodDiscriminatedUnion) {
    if (kind !== 'object') return undefined
    const given = Object.keys(value as object)
    if (given.includes(schema.def.discriminator)) return tagged
    // Without its tag it is meant where a member knows most of the keys, less one that is required.
    const known = Math.max(...schema.options.map((option) => (option instanceof z.ZodObject ? sharedKeys(option, given) : 0)))
    return known * 2 - given.length - 3
  }
  if (schema instanceof z.ZodUnion) {
    const scores = schema.options.map((option) => scoreOf(option as z.ZodType, value)).filter((score) => score !== undefined)
    return scores.length === 0 ? undefined : Math.max(...scores)
  }
  if (schema instanceof z.ZodObject)
    return kind === 'object' ? scoreOfObject(schema, value as Readonly<Record<string, unknown>>) : undefined
  if (schema instanceof z.ZodRecord) return kind === 'object' ? scoreOfRecord(value as object) : undefined
  if (schema instanceof z.ZodArray || schema instanceof z.ZodTuple) return kind === 'array' ? 0 : undefined
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return kind === 'string' ? 0 : undefined
  if (schema instanceof z.ZodNumber) return kind === 'number' ? 0 : undefined
  if (schema instanceof z.ZodBoolean) return kind === 'boolean' ? 0 : undefined
  if (schema instanceof z.ZodLiteral) return schema.values.has(value as never) ? tagged : undefined
  return undefined
}

/** More than any number of keys. */
const tagged = 1000

const sharedKeys = (schema: z.ZodObject, given: readonly string[]): number => given.filter((key) => Object.hasOwn(schema.shape, key)).length

const scoreOfObject = (schema: z.ZodObject, value: Readonly<Record<string, unknown>>): number => {
  const given = Object.keys(value)
  const required = Object.entries(schema.shape).filter(([, one]) => !(one as z.ZodType).safeParse(undefined).success)
  const present = required.filter(([key]) => Object.hasOwn(value, key)).length
  const mismatched = Object.entries(schema.shape).some(([key, one]) => {
    const literal = one instanceof z.ZodOptional ? one.unwrap() : one
    return Object.hasOwn(value, key) && literal instanceof z.ZodLiteral && !literal.values.has(value[key] as never)
  })
  const known = sharedKeys(schema, given)
  return known * 2 - given.length + present * 3 - (required.length - present) * 3 - (mismatched ? tagged : 0)
}

/** A record takes any keys, so it is meant where each holds a block. */
const scoreOfRecord = (value: object): number => {
  const entries = Object.values(value)
  return entries.length > 0 && entries.every((one) => typeOf(one) === 'object') ? 1 : -tagged
}
