import { type JsonSchema, joinFields } from '../json-schema.ts'
import { accepts } from './accepts.ts'
import type { KeywordChange } from './compare-keywords.ts'
import { type Found, isDenied, visit, type Walk, within } from './compare-schemas.ts'
import type { Wrap } from './find-witness.ts'
import type { Effect, Guard } from './law.ts'
import { canonical } from './normal-form.ts'
import type { RuleName } from './rules.ts'
import { candidatesOf, sampleOf } from './samples.ts'

/** The keys of two objects, and what they take beside the named ones. */
export const compareProperties = (before: JsonSchema, after: JsonSchema, field: string, walk: Walk): Found[] => {
  const [old, now] = [before.properties ?? {}, after.properties ?? {}]
  const changes: Found[] = []
  const add = (name: string, rule: RuleName, effect: Effect, message: string, more: Partial<KeywordChange> = {}) =>
    changes.push({
      ...{ field: joinFields(field, name), rule, effect, message },
      ...{ keywords: ['properties', 'required', 'additionalProperties'], schemas: [before, after], wraps: [], ...more },
    })
  const isRequired = (schema: JsonSchema, name: string): boolean => schema.required?.includes(name) === true
  const withKey = (schema: JsonSchema, name: string, definitions: Walk['before']): unknown => {
    const value = sampleOf(schema.properties?.[name] ?? {}, definitions)
    const rest = sampleOf({ ...schema, required: schema.required ?? [] }, definitions)
    return value === undefined || rest === undefined ? undefined : { ...(rest as object), [name]: value }
  }

  const added = new Set(Object.keys(now).filter((name) => !Object.hasOwn(old, name)))
  for (const [name, property] of Object.entries(old)) {
    const next = Object.hasOwn(now, name) ? now[name] : undefined
    if (next !== undefined) {
      const [was, is] = [isRequired(before, name), isRequired(after, name)]
      if (!was && is) add(name, 'field-required', 'narrow', 'became required')
      if (was && !is) add(name, 'field-optional', 'widen', 'became optional')
      if (isDenied(changes, walk)) return changes
      changes.push(...within(visit(property, next, joinFields(field, name), walk), intoKey(name, before, after, walk)))
      continue
    }
    if (typeof after.additionalProperties === 'object') {
      const inner = visit(property, after.additionalProperties, joinFields(field, name), walk)
      changes.push(...within(inner, intoKey(name, before, after, walk)))
      if (isRequired(before, name)) add(name, 'field-optional', 'widen', 'became optional')
      continue
    }
    const hints = (): unknown[] => {
      const whole = withKey(before, name, walk.before)
      return whole === undefined ? [] : [whole, { ...(whole as object), [name]: 0 }, { ...(whole as object), [name]: 'x' }]
    }
    const alike = [...added].filter((other) => canonical(now[other]) === canonical(property))
    if (alike.length === 1 && alike[0] !== undefined && isRequired(before, name) === isRequired(after, alike[0])) {
      added.delete(alike[0])
      add(name, 'field-renamed', 'incomparable', `is gone, and ${alike[0]} is new and like it: renamed?`, { hints })
    } else add(name, 'field-removed', effectOfRemoval(before, after, isRequired(before, name), walk), 'was removed', { hints })
  }
  for (const name of added) {
    if (typeof before.additionalProperties === 'object') {
      const inner = visit(before.additionalProperties, now[name] ?? {}, joinFields(field, name), walk)
      changes.push(...within(inner, intoKey(name, before, after, walk)))
      if (isRequired(after, name)) add(name, 'field-required', 'narrow', 'became required')
      continue
    }
    const hints = () => [withKey(after, name, walk.after)]
    const isNeeded = isRequired(after, name)
    const isClosed = before.additionalProperties === false
    if (isNeeded) add(name, 'required-field-added', isClosed ? 'incomparable' : 'narrow', 'is new and required', { hints })
    else add(name, 'field-added', isClosed ? 'widen' : walk.purpose === 'set' ? 'narrow' : 'equal', 'is new and optional', { hints })
    if (now[name]?.default !== undefined && walk.purpose === 'input')
      add(name, 'default-added', 'unknown', `those who do not send it get ${JSON.stringify(now[name].default)}`, { keywords: ['default'] })
  }
  const common = (properties: object, other: object): string =>
    Object.keys(properties)
      .filter((name) => Object.hasOwn(other, name))
      .join()
  if (walk.purpose !== 'set' && common(old, now) !== common(now, old)) add('', 'order-changed', 'equal', 'its keys stand in another order')
  return [...changes, ...compareOpenness(before, after, field, walk), ...compareKeys(before, after, field, walk)]
}

/** Puts a value under a key; without a name under one that is not named, as the values of a map are. */
const intoKey =
  (name: string | undefined, before: JsonSchema, after: JsonSchema, walk: Walk): Wrap =>
  (side, inner) => {
    const { properties = {}, required = [], ...schema } = side === 'before' ? before : after
    const definitions = side === 'before' ? walk.before : walk.after
    const key = name ?? freeKey({ ...schema, properties }, definitions)
    const others = required.filter((other) => other !== key)
    const rest = sampleOf({ ...schema, properties, required: others }, definitions)
    return rest === undefined || key === undefined ? undefined : { ...(rest as object), [key]: inner }
  }

/** A key that an object takes and does not name. */
const freeKey = ({ properties = {}, propertyNames }: JsonSchema, definitions: Walk['before']): string | undefined =>
  propertyNames === undefined
    ? 'key'
    : candidatesOf(propertyNames, definitions)
        .filter((name) => typeof name === 'string')
        .find((name) => !Object.hasOwn(properties, name) && accepts(propertyNames, name, definitions))

/**
 * A caller misses what is gone from an output, whether or not it may be absent. What is gone from an open input may
 * still be sent and means nothing any more.
 */
const effectOfRemoval = (before: JsonSchema, after: JsonSchema, wasRequired: boolean, { purpose }: Walk): Effect => {
  if (purpose === 'output') return 'incomparable'
  const isClosed = after.additionalProperties === false
  if (purpose === 'input') return isClosed ? 'narrow' : 'unknown'
  return isClosed
    ? wasRequired
      ? 'incomparable'
      : 'narrow'
    : before.additionalProperties === after.additionalProperties
      ? 'widen'
      : 'unknown'
}

/** Keys beside the named ones: refused, free, or the values of a map. */
const compareOpenness = (before: JsonSchema, after: JsonSchema, field: string, walk: Walk): Found[] => {
  const [old, now] = [before.additionalProperties ?? true, after.additionalProperties ?? true]
  const change = (rule: RuleName, effect: Effect, message: string, guard?: Guard): Found[] => [
    {
      field,
      rule,
      effect,
      message,
      keywords: ['additionalProperties'],
      schemas: [before, after],
      wraps: [],
      ...(guard !== undefined && { guard }),
    },
  ]
  if (typeof old === 'object' && typeof now === 'object')
    return within(visit(old, now, joinFields(field, '*'), walk), intoKey(undefined, before, after, walk))
  if (old === now) return []
  if (now === false) return change('object-closed', 'narrow', 'refuses unknown keys now')
  if (old === false)
    return change('object-opened', 'widen', 'takes unknown keys now', now === true && walk.purpose === 'output' ? 'open' : undefined)
  return now === true
    ? change('map-opened', 'widen', 'takes values of any form now')
    : change('map-narrowed', 'narrow', 'takes values of one form only now')
}

/** What the names of keys must be, and what keys of certain names must hold. */
const compareKeys = (before: JsonSchema, after: JsonSchema, field: string, walk: Walk): Found[] => {
  const change = (rule: RuleName, effect: Effect, message: string, keyword: keyof JsonSchema): Found => ({
    ...{ field, rule, effect, message, keywords: [keyword], schemas: [before, after] as const, wraps: [] },
  })
  const changes: Found[] = []
  if (canonical(before.propertyNames) !== canonical(after.propertyNames)) {
    const [old, now] = [before.propertyNames ?? { type: 'string' }, after.propertyNames ?? { type: 'string' }]
    changes.push(
      ...within(visit(old, now, joinFields(field, '(key)'), walk), (side, name) => {
        const [schema, definitions] = side === 'before' ? [before, walk.before] : [after, walk.after]
        const rest = sampleOf(schema, definitions)
        const value = typeof schema.additionalProperties === 'object' ? sampleOf(schema.additionalProperties, definitions) : 'x'
        return rest === undefined || value === undefined || typeof name !== 'string' ? undefined : { ...(rest as object), [name]: value }
      }),
    )
  }
  const [old, now] = [before.patternProperties ?? {}, after.patternProperties ?? {}]
  // Beside a closed object or a map a pattern also lets keys in.
  const isAlone = before.additionalProperties === undefined && after.additionalProperties === undefined
  for (const [pattern, part] of Object.entries(old)) {
    if (now[pattern] === undefined)
      changes.push(
        change('constraint-removed', isAlone ? 'widen' : 'unknown', `keys that match ${pattern} may hold anything`, 'patternProperties'),
      )
    else changes.push(...visit(part, now[pattern], joinFields(field, `(${pattern})`), walk))
  }
  for (const pattern of Object.keys(now))
    if (old[pattern] === undefined)
      changes.push(
        change(
          'constraint-added',
          isAlone ? 'narrow' : 'unknown',
          `keys that match ${pattern} must hold ${canonical(now[pattern])}`,
          'patternProperties',
        ),
      )
  return changes
}
