import type { JsonSchema } from '../json-schema.ts'
import { accepts, isMultipleOf } from './accepts.ts'
import { isFormatWithin } from './formats.ts'
import type { Direction, Effect, Guard } from './law.ts'
import { canonical, texts } from './normal-form.ts'
import type { RuleName } from './rules.ts'

export interface KeywordChange {
  readonly rule: RuleName
  readonly effect: Effect
  readonly message: string
  readonly guard?: Guard
  /** The new text, where that is what changed. */
  readonly text?: string
  /** The keywords that it lies in. */
  readonly keywords: readonly (keyof JsonSchema)[]
  /** Values that may show it. */
  readonly hints?: () => readonly unknown[]
}

export type Add = (change: KeywordChange) => void

const shown = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value))

/** What is read about a field, and what an absent one means: nothing that a value would show. */
export const compareAnnotations = (before: JsonSchema, after: JsonSchema, direction: Direction, add: Add): void => {
  if (shown(before.default) !== shown(after.default)) {
    const rule = before.default === undefined ? 'default-added' : after.default === undefined ? 'default-removed' : 'default-changed'
    // An output is read as it was sent, so that its default is no more than a word about it.
    const effect = direction === 'input' ? 'unknown' : 'equal'
    add({ rule, effect, message: `the default was ${shown(before.default)} and is ${shown(after.default)}`, keywords: ['default'] })
  }
  if (before.title !== after.title)
    add({
      rule: 'title-changed',
      effect: 'unknown',
      message: `its title, which names types, was ${shown(before.title)} and is ${shown(after.title)}`,
      keywords: ['title'],
    })
  if (before.description !== undefined && after.description === undefined)
    add({
      rule: 'text-removed',
      effect: direction === 'input' ? 'unknown' : 'text',
      message: 'its description is gone',
      keywords: ['description'],
    })
  else if (before.description !== after.description)
    add({
      rule: 'text-changed',
      effect: 'text',
      message: 'its description changed; models fill arguments by it',
      ...(after.description !== undefined && { text: after.description }),
      keywords: ['description'],
    })
  if (shown(before.examples) !== shown(after.examples))
    add({ rule: 'text-changed', effect: 'text', message: 'its examples changed', text: shown(after.examples), keywords: ['examples'] })
  if (before.deprecated !== after.deprecated)
    add({
      rule: 'text-changed',
      effect: 'text',
      message: after.deprecated === true ? 'is marked as deprecated' : 'is no longer marked as deprecated',
      keywords: ['deprecated'],
    })
}

/** True when one of them takes nothing at all, so that there is no more to compare. */
export const compareWhole = (before: JsonSchema, after: JsonSchema, add: Add): boolean => {
  const [tookNothing, takesNothing] = [before, after].map(({ not }) => not !== undefined && canonical(not) === '{}')
  if (tookNothing === true && takesNothing !== true)
    add({ rule: 'type-widened', effect: 'widen', message: 'took no value and takes some now', keywords: ['not'] })
  if (takesNothing === true && tookNothing !== true)
    add({ rule: 'type-narrowed', effect: 'narrow', message: 'takes no value any more', keywords: ['not'] })
  return tookNothing === true || takesNothing === true
}

/** False when the types have so little in common that no other keyword is worth comparing. */
export const compareTypes = (before: JsonSchema, after: JsonSchema, add: Add): boolean => {
  const [old, now] = [before.type as string | undefined, after.type as string | undefined]
  if (old === now) return true
  const change = (rule: RuleName, effect: Effect, message: string) => add({ rule, effect, message, keywords: ['type'] })
  if (old === 'integer' && now === 'number') change('type-widened', 'widen', 'integer became number')
  else if (old === 'number' && now === 'integer') change('type-narrowed', 'narrow', 'number became integer')
  else if (old === undefined) change('type-narrowed', 'narrow', `was any value and is now ${now}`)
  else if (now === undefined) change('type-widened', 'widen', `was ${old} and is now any value`)
  else change('type-changed', 'incomparable', `${old} became ${now}`)
  if (old === undefined || now === undefined) return isConstrained(old === undefined ? before : after)
  return `${old} ${now}` === 'integer number' || `${old} ${now}` === 'number integer'
}

/** Whether a schema without a type says something about values all the same. */
const isConstrained = (schema: JsonSchema): boolean => Object.keys(schema).some((keyword) => !texts.has(keyword))

/** True when values are listed on a side: what it takes is known to the last one, and other keywords say no more. */
export const compareValues = (
  before: JsonSchema,
  after: JsonSchema,
  definitions: Readonly<Record<'before' | 'after', Readonly<Record<string, JsonSchema>>>>,
  add: Add,
): boolean => {
  const [old, now] = [before.enum, after.enum]
  if (old === undefined && now === undefined) return false
  if (old === undefined) add({ rule: 'enum-set', effect: 'narrow', message: `accepts only ${shown(now)} now`, keywords: ['enum'] })
  if (now === undefined) add({ rule: 'enum-lifted', effect: 'widen', message: 'accepts more than listed values now', keywords: ['enum'] })
  for (const value of old ?? [])
    if (!accepts(after, value, definitions.after))
      add({
        ...{ rule: 'enum-value-removed', effect: 'narrow', message: `no longer has the value ${shown(value)}` },
        ...{ keywords: allKeywords(after), hints: () => [value] },
      })
  for (const value of now ?? [])
    if (!accepts(before, value, definitions.before))
      add({
        ...{ rule: 'enum-value-added', effect: 'widen', message: `has the new value ${shown(value)}` },
        ...{ keywords: allKeywords(before), hints: () => [value] },
      })
  return true
}

const allKeywords = (schema: JsonSchema): (keyof JsonSchema)[] => Object.keys(schema) as (keyof JsonSchema)[]

/** Each bound of a size, and which way is tighter. */
const bounds = {
  minLength: 'lower',
  maxLength: 'upper',
  minItems: 'lower',
  maxItems: 'upper',
  minProperties: 'lower',
  maxProperties: 'upper',
  minContains: 'lower',
  maxContains: 'upper',
} as const satisfies Partial<Record<keyof JsonSchema, 'lower' | 'upper'>>

export const compareBounds = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  for (const [keyword, side] of Object.entries(bounds) as [keyof typeof bounds, 'lower' | 'upper'][]) {
    // Without a schema to count by, these two come and go with it.
    if (keyword.endsWith('Contains') && (before.contains === undefined || after.contains === undefined)) continue
    const none = keyword === 'minContains' ? 1 : undefined
    const [old, now] = [before[keyword] ?? none, after[keyword] ?? none]
    if (old === now) continue
    const narrows = old === undefined || (now !== undefined && (side === 'lower' ? now > old : now < old))
    add({
      rule: narrows ? 'bound-tightened' : 'bound-loosened',
      effect: narrows ? 'narrow' : 'widen',
      message: `${keyword} changed from ${shown(old)} to ${shown(now)}`,
      keywords: keyword.endsWith('Contains') ? [keyword, 'contains'] : [keyword],
    })
  }
  compareEdges(before, after, ['minimum', 'exclusiveMinimum'], (a, b) => a > b, add)
  compareEdges(before, after, ['maximum', 'exclusiveMaximum'], (a, b) => a < b, add)
}

type Edge = 'minimum' | 'exclusiveMinimum' | 'maximum' | 'exclusiveMaximum'

/** The bound of a number on one side, of which a schema in normal form has one: with its own value, or without. */
const compareEdges = (
  before: JsonSchema,
  after: JsonSchema,
  edges: readonly [closed: Edge, open: Edge],
  isTighter: (a: number, b: number) => boolean,
  add: Add,
): void => {
  const edgeOf = (schema: JsonSchema): Edge => (schema[edges[1]] === undefined ? edges[0] : edges[1])
  const [was, is] = [edgeOf(before), edgeOf(after)]
  const [old, now] = [before[was], after[is]]
  if (old === now && (was === is || old === undefined)) return
  const narrows = old === undefined || (now !== undefined && (isTighter(now, old) || (now === old && is === edges[1])))
  add({
    rule: narrows ? 'bound-tightened' : 'bound-loosened',
    effect: narrows ? 'narrow' : 'widen',
    message:
      was === is || old === undefined || now === undefined
        ? `${old === undefined ? is : was} changed from ${shown(old)} to ${shown(now)}`
        : `${was} ${old} became ${is} ${now}`,
    keywords: edges,
  })
}

export const comparePatterns = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  for (const keyword of ['format', 'pattern'] as const) {
    const [old, now] = [before[keyword], after[keyword]]
    if (old === now) continue
    const change = (rule: RuleName, effect: Effect, message: string) => add({ rule, effect, message, keywords: [keyword] })
    // A format has an expression of its own, which may be wider than one that is written beside it.
    const isOfFormat = keyword === 'pattern' && before.format !== undefined && before.format === after.format
    if (isOfFormat)
      change('pattern-changed', 'unknown', `pattern changed from ${old ?? 'that of the format'} to ${now ?? 'that of the format'}`)
    else if (old === undefined) change(`${keyword}-added`, 'narrow', `must now match ${keyword} ${now}`)
    else if (now === undefined) change(`${keyword}-removed`, 'widen', `need no longer match ${keyword} ${old}`)
    else if (keyword === 'pattern')
      change('pattern-changed', 'unknown', `pattern changed from ${old} to ${now}; whether one holds the other is not decided`)
    else {
      const effect = isFormatWithin(old, now) ? 'widen' : isFormatWithin(now, old) ? 'narrow' : 'incomparable'
      change('format-changed', effect, `format changed from ${old} to ${now}`)
    }
  }
  for (const keyword of ['contentEncoding', 'contentMediaType'] as const)
    if (before[keyword] !== after[keyword])
      add({
        rule: 'encoding-changed',
        effect: 'incomparable',
        message: `${keyword} was ${shown(before[keyword])} and is ${shown(after[keyword])}`,
        keywords: [keyword],
      })
}

/** Keywords that only ever take values away, and what a change from one of them to another does. */
const constraints: readonly (readonly [keywords: readonly (keyof JsonSchema)[], changed: Effect])[] = [
  [['uniqueItems'], 'unknown'],
  [['not'], 'unknown'],
  [['contains'], 'unknown'],
  [['oneOf'], 'unknown'],
  [['dependentRequired'], 'incomparable'],
  [['dependentSchemas'], 'incomparable'],
  [['if', 'then', 'else'], 'incomparable'],
]

export const compareConstraints = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  const partOf = (schema: JsonSchema, keywords: readonly (keyof JsonSchema)[]): object | undefined => {
    const present = keywords.filter((keyword) => schema[keyword] !== undefined)
    return present.length === 0 ? undefined : Object.fromEntries(present.map((keyword) => [keyword, schema[keyword]]))
  }
  for (const [keywords, changed] of constraints) {
    const [old, now] = [partOf(before, keywords), partOf(after, keywords)]
    if (canonical(old) === canonical(now)) continue
    if (old === undefined) add({ rule: 'constraint-added', effect: 'narrow', message: `must now keep ${shown(now)}`, keywords })
    else if (now === undefined) add({ rule: 'constraint-removed', effect: 'widen', message: `need no longer keep ${shown(old)}`, keywords })
    else add({ rule: 'constraint-changed', effect: changed, message: `${shown(old)} became ${shown(now)}`, keywords })
  }
  compareArms(before, after, add)
  compareMultiples(before, after, add)
}

/** Arms of an `allOf` that could not be merged: each takes values away by itself. */
const compareArms = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  const [old, now] = [before.allOf ?? [], after.allOf ?? []]
  const [oldTexts, nowTexts] = [old.map(canonical), now.map(canonical)]
  for (const [index, arm] of old.entries())
    if (!nowTexts.includes(oldTexts[index] ?? ''))
      add({ rule: 'constraint-removed', effect: 'widen', message: `need no longer keep ${shown(arm)}`, keywords: ['allOf'] })
  for (const [index, arm] of now.entries())
    if (!oldTexts.includes(nowTexts[index] ?? ''))
      add({ rule: 'constraint-added', effect: 'narrow', message: `must now keep ${shown(arm)}`, keywords: ['allOf'] })
}

const compareMultiples = ({ multipleOf: old }: JsonSchema, { multipleOf: now }: JsonSchema, add: Add): void => {
  if (old === now) return
  const change = (rule: RuleName, effect: Effect) =>
    add({ rule, effect, message: `multipleOf changed from ${shown(old)} to ${shown(now)}`, keywords: ['multipleOf'] })
  if (old === undefined) change('constraint-added', 'narrow')
  else if (now === undefined) change('constraint-removed', 'widen')
  else change('constraint-changed', isMultipleOf(old, now) ? 'widen' : isMultipleOf(now, old) ? 'narrow' : 'incomparable')
}

/** Keywords that are compared here or in `compareSchemas`; of any other it is only said that it differs. */
const compared = new Set<string>([
  ...(['type', 'enum', 'pattern', 'format', 'anyOf', 'allOf', 'multipleOf', 'items', 'prefixItems'] as const),
  ...(['properties', 'required', 'additionalProperties', 'propertyNames', 'patternProperties'] as const),
  ...(['title', 'description', 'default', 'examples', 'contentEncoding', 'contentMediaType', '$ref', '$defs'] as const),
  ...(['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'] as const),
  ...Object.keys(bounds),
  ...constraints.flatMap(([keywords]) => keywords),
])

export const compareOthers = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  for (const keyword of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof JsonSchema>) {
    if (compared.has(keyword) || canonical(before[keyword]) === canonical(after[keyword])) continue
    add({
      rule: 'constraint-changed',
      effect: 'unknown',
      message: `${keyword} was ${shown(before[keyword])} and is ${shown(after[keyword])}`,
      keywords: [keyword],
    })
  }
}
