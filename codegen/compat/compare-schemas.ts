import type { JsonSchema } from '../json-schema.ts'

/** What a change does to the set of accepted values. */
export type Effect = 'narrow' | 'widen' | 'incomparable'

export interface SchemaChange {
  /** Dotted field; `[]` stands for the items of an array. */
  readonly field: string
  readonly rule: string
  readonly effect: Effect
  readonly message: string
  /** A value at the field that one side accepts and the other refuses. */
  readonly witness?: unknown
}

type Numeric = 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum' | 'minLength' | 'maxLength' | 'minItems' | 'maxItems'

const lowerBounds: readonly Numeric[] = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems']
const upperBounds: readonly Numeric[] = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems']

/** Every way in which the set of values that `after` accepts differs from that of `before`. */
export const compareSchemas = (before: JsonSchema, after: JsonSchema, field = ''): SchemaChange[] => {
  const changes: SchemaChange[] = []
  const add = (rule: string, effect: Effect, message: string, witness?: unknown) =>
    changes.push({ field: field || '(root)', rule, effect, message, ...(witness !== undefined && { witness }) })

  const [old, now] = [alternatives(before), alternatives(after)]
  if (old.length > 1 || now.length > 1) {
    const [oldSet, nowSet] = [new Set(old.map(canonical)), new Set(now.map(canonical))]
    for (const one of old)
      if (!nowSet.has(canonical(one))) add('alternative-removed', 'narrow', `no longer accepts ${canonical(one)}`, sampleOf(one))
    for (const one of now)
      if (!oldSet.has(canonical(one))) add('alternative-added', 'widen', `now accepts ${canonical(one)}`, sampleOf(one))
    return changes
  }

  compareTypes(before, after, add)
  if (changes.length > 0) return changes
  compareValues(before, after, add)
  compareBounds(before, after, add)
  for (const keyword of ['pattern', 'format'] as const) {
    if (before[keyword] === after[keyword]) continue
    if (before[keyword] === undefined) add(`${keyword}-added`, 'narrow', `must now match ${keyword} ${after[keyword]}`)
    else if (after[keyword] === undefined) add(`${keyword}-removed`, 'widen', `need no longer match ${keyword} ${before[keyword]}`)
    else add(`${keyword}-changed`, 'incomparable', `${keyword} changed from ${before[keyword]} to ${after[keyword]}`)
  }
  if (before.items !== undefined && after.items !== undefined) changes.push(...compareSchemas(before.items, after.items, `${field}[]`))
  else if (before.items !== after.items)
    add(
      after.items === undefined ? 'items-removed' : 'items-added',
      after.items === undefined ? 'widen' : 'narrow',
      'the schema of the items changed',
    )
  if (before.type === 'object') changes.push(...compareObjects(before, after, field))
  return changes
}

type Add = (rule: string, effect: Effect, message: string, witness?: unknown) => void

/** The arms of a union; a list of types is a union too, so that spelling makes no difference. */
const alternatives = (schema: JsonSchema): JsonSchema[] => {
  const arms = schema.anyOf ?? schema.oneOf
  if (arms !== undefined) return arms.flatMap(alternatives)
  if (Array.isArray(schema.type)) return schema.type.map((type) => ({ ...schema, type }))
  return [schema]
}

/** A schema without its texts, in one spelling. */
const canonical = (schema: JsonSchema): string =>
  JSON.stringify(schema, (key, value: unknown) =>
    ['description', 'title', 'default', 'examples'].includes(key)
      ? undefined
      : typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  )

const compareTypes = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  const [old, now] = [before.type as string | undefined, after.type as string | undefined]
  if (old === now) return
  if (old === undefined) add('type-narrowed', 'narrow', `was any value and is now ${now}`)
  else if (now === undefined) add('type-widened', 'widen', `was ${old} and is now any value`)
  else if (old === 'integer' && now === 'number') add('type-widened', 'widen', 'integer became number', 0.5)
  else if (old === 'number' && now === 'integer') add('type-narrowed', 'narrow', 'number became integer', 0.5)
  else add('type-changed', 'incomparable', `${old} became ${now}`, sampleOf(before))
}

const compareValues = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  const [old, now] = [valuesOf(before), valuesOf(after)]
  if (old === undefined && now === undefined) return
  if (old === undefined) add('enum-set', 'narrow', `accepts only ${JSON.stringify(now)} now`)
  else if (now === undefined) add('enum-lifted', 'widen', 'accepts any value now')
  else {
    for (const value of old)
      if (!now.includes(value)) add('enum-value-removed', 'narrow', `no longer has the value ${JSON.stringify(value)}`, value)
    for (const value of now) if (!old.includes(value)) add('enum-value-added', 'widen', `has the new value ${JSON.stringify(value)}`, value)
  }
}

const valuesOf = (schema: JsonSchema): readonly unknown[] | undefined =>
  schema.enum ?? (schema.const === undefined ? undefined : [schema.const])

const compareBounds = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  for (const [keywords, tighter] of [
    [lowerBounds, (old: number, now: number) => now > old],
    [upperBounds, (old: number, now: number) => now < old],
  ] as const) {
    for (const keyword of keywords) {
      const [old, now] = [before[keyword], after[keyword]]
      if (old === now) continue
      const narrows = old === undefined || (now !== undefined && tighter(old, now))
      add(
        narrows ? 'bound-tightened' : 'bound-loosened',
        narrows ? 'narrow' : 'widen',
        `${keyword} changed from ${old ?? 'none'} to ${now ?? 'none'}`,
        boundWitness(keyword, narrows ? old : now),
      )
    }
  }
}

/** A value at the looser bound, which the tighter one refuses. */
const boundWitness = (keyword: Numeric, bound: number | undefined): unknown => {
  if (bound === undefined) return undefined
  if (keyword === 'minLength' || keyword === 'maxLength') return bound <= 1000 ? 'x'.repeat(bound) : undefined
  if (keyword === 'minItems' || keyword === 'maxItems') return undefined
  return bound
}

const compareObjects = (before: JsonSchema, after: JsonSchema, field: string): SchemaChange[] => {
  const changes: SchemaChange[] = []
  const at = (name: string): string => (field === '' ? name : `${field}.${name}`)
  const [old, now] = [before.properties ?? {}, after.properties ?? {}]
  const closed = after.additionalProperties === false
  for (const [name, property] of Object.entries(old)) {
    const next = now[name]
    if (next === undefined) {
      // In an open object the key may still be sent and means nothing any more, which is worse than a refusal.
      changes.push({
        field: at(name),
        rule: 'field-removed',
        effect: closed ? 'narrow' : 'incomparable',
        message: 'was removed or renamed',
        witness: { [name]: sampleOf(property) },
      })
      continue
    }
    const [was, is] = [before.required?.includes(name) === true, after.required?.includes(name) === true]
    if (!was && is) changes.push({ field: at(name), rule: 'field-required', effect: 'narrow', message: 'became required', witness: {} })
    if (was && !is) changes.push({ field: at(name), rule: 'field-optional', effect: 'widen', message: 'became optional', witness: {} })
    changes.push(...compareSchemas(property, next, at(name)))
  }
  for (const name of Object.keys(now)) {
    if (name in old) continue
    if (after.required?.includes(name) === true)
      changes.push({ field: at(name), rule: 'required-field-added', effect: 'narrow', message: 'is new and required', witness: {} })
    else if (before.additionalProperties === false)
      changes.push({ field: at(name), rule: 'field-added', effect: 'widen', message: 'is new and optional' })
  }
  const wasClosed = before.additionalProperties === false
  if (wasClosed !== closed)
    changes.push({
      field: field || '(root)',
      rule: closed ? 'object-closed' : 'object-opened',
      effect: closed ? 'narrow' : 'widen',
      message: closed ? 'refuses unknown keys now' : 'takes unknown keys now',
    })
  return changes
}

/** Some value that a schema accepts. */
export const sampleOf = (schema: JsonSchema): unknown => {
  const values = valuesOf(schema)
  if (values !== undefined) return values[0]
  const [first = schema] = alternatives(schema)
  switch (first.type) {
    case 'string':
      return 'x'.repeat(Math.max(1, first.minLength ?? 1))
    case 'integer':
    case 'number':
      return first.minimum ?? 0
    case 'boolean':
      return true
    case 'null':
      return null
    case 'array':
      return Array.from({ length: first.minItems ?? 0 }, () => sampleOf(first.items ?? {}))
    case 'object':
      return Object.fromEntries((first.required ?? []).map((name) => [name, sampleOf(first.properties?.[name] ?? {})]))
    default:
      return 'x'
  }
}
