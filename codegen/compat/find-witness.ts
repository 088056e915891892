import type { JsonSchema } from '../json-schema.ts'
import { accepts } from './accepts.ts'
import type { KeywordChange } from './compare-keywords.ts'
import type { Purpose } from './compare-schemas.ts'
import type { Effect } from './law.ts'
import { candidatesOf } from './samples.ts'

type Side = 'before' | 'after'

/** A value that tells two contracts apart. */
export interface Witness {
  readonly value: unknown
  /** The one that accepts it; the other refuses it. */
  readonly acceptedBy: Side
}

/** Puts a value into a whole one of the outer schema of that side; undefined when there is none to put it into. */
export type Wrap = (side: Side, inner: unknown) => unknown

/** Where in two schemas a change lies. */
export interface Place {
  readonly schemas: readonly [before: JsonSchema, after: JsonSchema]
  /** From the inside out. */
  readonly wraps: readonly Wrap[]
}

/** On which side a value must be accepted to show the effect; where both do, the one that hurts a caller first. */
const sidesOf = (effect: Effect, purpose: Purpose): readonly Side[] => {
  if (effect === 'narrow') return ['before']
  if (effect === 'widen') return ['after']
  return purpose === 'output' ? ['after', 'before'] : ['before', 'after']
}

/** Looks for a whole value that one schema accepts and the other refuses, because of the change in hand where there is one. */
export const findWitness = (
  before: JsonSchema,
  after: JsonSchema,
  change: KeywordChange & Place,
  purpose: Purpose,
): Witness | undefined => {
  const definitions = { before: before.$defs ?? {}, after: after.$defs ?? {} }
  const inner = { before: change.schemas[0], after: change.schemas[1] }
  const candidates = [
    ...(change.hints?.() ?? []),
    ...candidatesOf(inner.before, definitions.before),
    ...candidatesOf(inner.after, definitions.after),
  ].filter((value) => value !== undefined)
  for (const side of sidesOf(change.effect, purpose)) {
    const other = side === 'before' ? 'after' : 'before'
    const cause = onlyKeywords(inner[other], change.keywords)
    for (const refusing of [cause, inner[other]])
      for (const candidate of candidates) {
        if (!accepts(inner[side], candidate, definitions[side]) || accepts(refusing, candidate, definitions[other])) continue
        const value = change.wraps.reduce<unknown>((whole, wrap) => (whole === undefined ? undefined : wrap(side, whole)), candidate)
        const [yes, no] = side === 'before' ? [before, after] : [after, before]
        if (value !== undefined && accepts(yes, value) && !accepts(no, value)) return { value, acceptedBy: side }
      }
  }
  return undefined
}

const onlyKeywords = (schema: JsonSchema, keywords: readonly (keyof JsonSchema)[]): JsonSchema =>
  Object.fromEntries(keywords.filter((keyword) => keyword in schema).map((keyword) => [keyword, schema[keyword]])) as JsonSchema
