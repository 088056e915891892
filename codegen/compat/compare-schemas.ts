import { type JsonSchema, joinFields } from '../json-schema.ts'
import { type Add, compareBounds, compareOthers, comparePatterns, compareTypes, compareValues } from './compare-keywords.ts'
import { alternatives, canonical } from './normal-form.ts'
import { accepts, sampleObject, sampleOf } from './witness.ts'

/**
 * What a change does to the set of accepted values. `unknown`: it cannot be told. `behaviour`: the set is the same and
 * means something else. `none`: a text, or an addition that open objects were left open for.
 */
export type Effect = 'narrow' | 'widen' | 'incomparable' | 'unknown' | 'behaviour' | 'none'

export interface SchemaChange {
  /** Dotted field; `[]` stands for the items of an array, `*` for the values of a map, empty for the root. */
  readonly field: string
  readonly rule: string
  readonly effect: Effect
  readonly message: string
  /** A whole value that one side accepts and the other refuses, proved; absent when none was found. */
  readonly witness?: unknown
}

/** Every way in which the set of values that `after` accepts differs from that of `before`. */
export const compareSchemas = (before: JsonSchema, after: JsonSchema): SchemaChange[] =>
  visit(before, after, '').map((change) => {
    const { witness, ...rest } = change
    const [accepting, refusing] = change.effect === 'widen' ? [after, before] : [before, after]
    return witness !== undefined && accepts(accepting, witness) && !accepts(refusing, witness) ? change : rest
  })

/** As `compareSchemas`, with witnesses that are not proved yet. */
const visit = (before: JsonSchema, after: JsonSchema, field: string): SchemaChange[] => {
  const changes: SchemaChange[] = []
  const add: Add = (rule, effect, message, witness) =>
    changes.push({ field, rule, effect, message, ...(witness !== undefined && { witness }) })

  if (canonical(before.default) !== canonical(after.default))
    add('default-changed', 'behaviour', `the default was ${shown(before.default)} and is ${shown(after.default)}`)
  if (before.description !== after.description || before.title !== after.title)
    add('text-changed', 'none', 'its description changed; models fill arguments by it')

  const [old, now] = [alternatives(before), alternatives(after)]
  const [only, nowOnly] = [old[0] ?? before, now[0] ?? after]
  if (only !== before || nowOnly !== after || old.length > 1 || now.length > 1) {
    const [left, right] = [besideUnion(before), besideUnion(after)]
    if (left !== right) add('constraint-changed', 'unknown', `what holds for every arm of the union was ${left} and is ${right}`)
    const isUnion = old.length > 1 || now.length > 1
    return [...changes, ...(isUnion ? compareUnions(old, now, field) : visit(withoutTexts(only), withoutTexts(nowOnly), field))]
  }

  if (!compareTypes(before, after, add)) return changes
  compareValues(before, after, add)
  compareBounds(before, after, add)
  comparePatterns(before, after, add)
  compareOthers(before, after, add)
  if (before.type === 'array') changes.push(...compareItems(before, after, field))
  if (before.type === 'object') changes.push(...compareObjects(before, after, field))
  return changes
}

const shown = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value))

/** Constraints that stand beside the arms of a union and hold for each. */
const besideUnion = ({ anyOf, oneOf, ...beside }: JsonSchema): string =>
  anyOf === undefined && oneOf === undefined ? '{}' : canonical(beside)

/** Changes of an inner schema, their witnesses put into a whole value of the outer one. */
const within = (
  changes: readonly SchemaChange[],
  before: JsonSchema,
  after: JsonSchema,
  wrap: (outer: JsonSchema, inner: unknown) => unknown,
): SchemaChange[] =>
  changes.map(({ witness, ...change }) => {
    const whole = witness === undefined ? undefined : wrap(change.effect === 'widen' ? after : before, witness)
    return whole === undefined ? change : { ...change, witness: whole }
  })

/** Arms that are plainly the same one are compared; of the rest, those that nothing on the other side covers count. */
const compareUnions = (old: readonly JsonSchema[], now: readonly JsonSchema[], field: string): SchemaChange[] => {
  const changes: SchemaChange[] = []
  const [oldByKey, nowByKey] = [Map.groupBy(old, armKey), Map.groupBy(now, armKey)]
  const isPaired = (arm: JsonSchema): boolean => oldByKey.get(armKey(arm))?.length === 1 && nowByKey.get(armKey(arm))?.length === 1
  for (const arm of old) {
    const [partner] = nowByKey.get(armKey(arm)) ?? []
    if (isPaired(arm) && partner !== undefined) changes.push(...visit(withoutTexts(arm), withoutTexts(partner), field))
  }
  const isCovered = (arm: JsonSchema, others: readonly JsonSchema[]): boolean =>
    others.some((other) => compareSchemas(arm, other).every(({ effect, rule }) => effect === 'widen' || rule === 'text-changed'))
  for (const [arms, others, verb, effect, does] of [
    [old, now, 'removed', 'narrow', 'no longer accepts'],
    [now, old, 'added', 'widen', 'now accepts'],
  ] as const)
    for (const arm of arms) {
      if (isPaired(arm) || isCovered(arm, others)) continue
      const rule = arm.type === 'null' ? `nullable-${verb}` : `alternative-${verb}`
      changes.push({ field, rule, effect, message: `${does} ${arm.type === 'null' ? 'null' : canonical(arm)}`, witness: sampleOf(arm) })
    }
  return changes
}

/** A union spelled as a list of types repeats the texts of the whole in each arm. */
const withoutTexts = ({ description: _description, title: _title, default: _default, ...schema }: JsonSchema): JsonSchema => schema

/** What tells an arm from its siblings: its type, and the constants that a discriminator holds. */
const armKey = (arm: JsonSchema): string =>
  JSON.stringify([
    arm.type,
    ...Object.entries(arm.properties ?? {}).flatMap(([name, { const: value }]) => (value === undefined ? [] : [name, value])),
  ])

const compareItems = (before: JsonSchema, after: JsonSchema, field: string): SchemaChange[] => {
  if (before.prefixItems !== undefined || after.prefixItems !== undefined) {
    const isSame = canonical([before.prefixItems, before.items]) === canonical([after.prefixItems, after.items])
    return isSame ? [] : [{ field, rule: 'tuple-changed', effect: 'incomparable', message: 'the places of the tuple changed' }]
  }
  return within(visit(before.items ?? {}, after.items ?? {}, joinFields(field, '[]')), before, after, ({ minItems = 1 }, item) =>
    Array.from({ length: Math.max(1, minItems) }, () => item),
  )
}

const compareObjects = (before: JsonSchema, after: JsonSchema, field: string): SchemaChange[] => {
  const [old, now] = [before.properties ?? {}, after.properties ?? {}]
  const changes: SchemaChange[] = []
  const add = (name: string, rule: string, effect: Effect, message: string, witness?: unknown) =>
    changes.push({ field: joinFields(field, name), rule, effect, message, ...(witness !== undefined && { witness }) })
  const isRequired = (schema: JsonSchema, name: string): boolean => schema.required?.includes(name) === true
  const without = (schema: JsonSchema, name: string): unknown => {
    const { [name]: _left, ...rest } = sampleObject(schema) ?? { [name]: undefined }
    return sampleObject(schema) === undefined ? undefined : rest
  }
  const withValue = (schema: JsonSchema, name: string, value: unknown): unknown => {
    const rest = sampleObject(schema)
    return rest === undefined || value === undefined ? undefined : { ...rest, [name]: value }
  }
  const isClosed = after.additionalProperties === false

  const added = new Set(Object.keys(now).filter((name) => !(name in old)))
  for (const [name, property] of Object.entries(old)) {
    const next = now[name]
    if (next !== undefined) {
      const [was, is] = [isRequired(before, name), isRequired(after, name)]
      if (!was && is) add(name, 'field-required', 'narrow', 'became required', without(before, name))
      if (was && !is) add(name, 'field-optional', 'widen', 'became optional', without(after, name))
      const inner = visit(property, next, joinFields(field, name))
      changes.push(...within(inner, before, after, (outer, value) => withValue(outer, name, value)))
      continue
    }
    const alike = [...added].filter((other) => canonical(now[other]) === canonical(property))
    const witness = withValue(before, name, sampleOf(property))
    if (alike.length === 1 && alike[0] !== undefined && isRequired(before, name) === isRequired(after, alike[0])) {
      added.delete(alike[0])
      add(name, 'field-renamed', 'incomparable', `is gone, and ${alike[0]} is new and like it: renamed?`, witness)
      // In an open object the key may still be sent and means nothing any more, which is worse than a refusal.
    } else add(name, 'field-removed', isClosed ? 'narrow' : 'incomparable', 'was removed', witness)
  }
  for (const name of added) {
    if (isRequired(after, name)) add(name, 'required-field-added', 'narrow', 'is new and required', sampleObject(before))
    else if (before.additionalProperties === false)
      add(name, 'field-added', 'widen', 'is new and optional', withValue(after, name, sampleOf(now[name] ?? {})))
    else add(name, 'field-added', 'none', 'is new and optional')
  }
  return [...changes, ...compareOpenness(before, after, field)]
}

/** Keys beside the named ones: refused, free, or the values of a map. */
const compareOpenness = (before: JsonSchema, after: JsonSchema, field: string): SchemaChange[] => {
  const [old, now] = [before.additionalProperties ?? true, after.additionalProperties ?? true]
  const change = (rule: string, effect: Effect, message: string): SchemaChange[] => [{ field, rule, effect, message }]
  if (typeof old === 'object' && typeof now === 'object')
    return within(visit(old, now, joinFields(field, '*')), before, after, (outer, value) => {
      const rest = sampleObject(outer)
      return rest && { ...rest, key: value }
    })
  if (old === now) return []
  if (now === false) return change('object-closed', 'narrow', 'refuses unknown keys now')
  if (old === false) return change('object-opened', 'widen', 'takes unknown keys now')
  return now === true
    ? change('map-opened', 'widen', 'takes values of any form now')
    : change('map-narrowed', 'narrow', 'takes values of one form only now')
}
