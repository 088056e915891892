import type { JsonSchema } from '../json-schema.ts'
import type { Effect } from './compare-schemas.ts'
import { canonical, valuesOf } from './normal-form.ts'
import { sampleOf } from './witness.ts'

/** Notes one change at the field in hand. */
export type Add = (rule: string, effect: Effect, message: string, witness?: unknown) => void

/** False when the types have so little in common that no other keyword is worth comparing. */
export const compareTypes = (before: JsonSchema, after: JsonSchema, add: Add): boolean => {
  const [old, now] = [before.type as string | undefined, after.type as string | undefined]
  if (old === now) return true
  if (old === 'integer' && now === 'number')
    add('type-widened', 'widen', 'integer became number', (after.minimum ?? after.exclusiveMinimum ?? 0) + 0.5)
  else if (old === 'number' && now === 'integer')
    add('type-narrowed', 'narrow', 'number became integer', (before.minimum ?? before.exclusiveMinimum ?? 0) + 0.5)
  else if (old === undefined) add('type-narrowed', 'narrow', `was any value and is now ${now}`, now === 'string' ? 0 : 'x')
  else if (now === undefined) add('type-widened', 'widen', `was ${old} and is now any value`, old === 'string' ? 0 : 'x')
  else add('type-changed', 'incomparable', `${old} became ${now}`, sampleOf(before))
  return `${old} ${now}` === 'integer number' || `${old} ${now}` === 'number integer'
}

export const compareValues = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  const [old, now] = [valuesOf(before), valuesOf(after)]
  if (old === undefined && now === undefined) return
  if (old === undefined) add('enum-set', 'narrow', `accepts only ${JSON.stringify(now)} now`, sampleOf(before))
  else if (now === undefined) add('enum-lifted', 'widen', 'accepts any value now', sampleOf(after))
  else {
    for (const value of old)
      if (!now.includes(value)) add('enum-value-removed', 'narrow', `no longer has the value ${JSON.stringify(value)}`, value)
    for (const value of now) if (!old.includes(value)) add('enum-value-added', 'widen', `has the new value ${JSON.stringify(value)}`, value)
  }
}

type Bound = 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum' | 'minLength' | 'maxLength' | 'minItems' | 'maxItems'

/** Each bound, which way is tighter, and a value that has exactly this size. */
const bounds: readonly (readonly [keyword: Bound, side: 'lower' | 'upper', sized: (size: number, schema: JsonSchema) => unknown])[] = [
  ['minimum', 'lower', (size) => size],
  ['maximum', 'upper', (size) => size],
  ['exclusiveMinimum', 'lower', (size) => size + 1],
  ['exclusiveMaximum', 'upper', (size) => size - 1],
  ['minLength', 'lower', (size) => (size <= 200 ? 'x'.repeat(size) : undefined)],
  ['maxLength', 'upper', (size) => (size <= 200 ? 'x'.repeat(size) : undefined)],
  ['minItems', 'lower', (size, schema) => arrayOf(size, schema)],
  ['maxItems', 'upper', (size, schema) => arrayOf(size, schema)],
]

const arrayOf = (size: number, { items = {} }: JsonSchema): unknown => {
  const item = sampleOf(items)
  return item === undefined || size > 20 ? undefined : Array.from({ length: size }, () => item)
}

export const compareBounds = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  for (const [keyword, side, sized] of bounds) {
    // No least length says the same as a least length of nothing.
    const none = keyword === 'minLength' || keyword === 'minItems' ? 0 : undefined
    const [old, now] = [before[keyword] ?? none, after[keyword] ?? none]
    if (old === now) continue
    const narrows = old === undefined || (now !== undefined && (side === 'lower' ? now > old : now < old))
    const [looser, tighter] = narrows ? [old, now] : [now, old]
    const size = looser ?? (side === 'lower' ? (tighter ?? 0) - 1 : (tighter ?? 0) + 1)
    add(
      narrows ? 'bound-tightened' : 'bound-loosened',
      narrows ? 'narrow' : 'widen',
      `${keyword} changed from ${old ?? 'none'} to ${now ?? 'none'}`,
      size < 0 && side === 'lower' && keyword.startsWith('min') && keyword !== 'minimum' ? undefined : sized(size, before),
    )
  }
}

export const comparePatterns = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  for (const keyword of ['format', 'pattern'] as const) {
    const [old, now] = [before[keyword], after[keyword]]
    if (old === now) continue
    // A format brings its own expression, which a new version of a library may spell differently.
    if (keyword === 'pattern' && before.format !== undefined && before.format === after.format) continue
    if (old === undefined) add(`${keyword}-added`, 'narrow', `must now match ${keyword} ${now}`, sampleOf(before))
    else if (now === undefined) add(`${keyword}-removed`, 'widen', `need no longer match ${keyword} ${old}`, sampleOf(after))
    else
      add(
        `${keyword}-changed`,
        keyword === 'format' ? 'incomparable' : 'unknown',
        `${keyword} changed from ${old} to ${now}; whether one holds the other is not decided`,
      )
  }
}

/** Keywords that have a place above or in `compareObjects` and its neighbours. */
const compared = new Set([
  ...[
    'type',
    'enum',
    'const',
    'pattern',
    'format',
    'anyOf',
    'oneOf',
    'items',
    'prefixItems',
    'properties',
    'required',
    'additionalProperties',
  ],
  ...bounds.map(([keyword]) => keyword as string),
  ...['title', 'description', 'default', 'examples'],
])

/** The rest: a keyword that came or went narrows or widens; one that changed is compared where that can be decided. */
export const compareOthers = (before: JsonSchema, after: JsonSchema, add: Add): void => {
  for (const keyword of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (compared.has(keyword)) continue
    const [old, now] = [before[keyword as keyof JsonSchema], after[keyword as keyof JsonSchema]]
    if (canonical(old) === canonical(now)) continue
    if (old === undefined || old === false) add('constraint-added', 'narrow', `must now keep ${keyword} ${canonical(now)}`)
    else if (now === undefined || now === false) add('constraint-removed', 'widen', `need no longer keep ${keyword} ${canonical(old)}`)
    else add('constraint-changed', effectOfChange(keyword, old, now), `${keyword} changed from ${canonical(old)} to ${canonical(now)}`)
  }
}

const effectOfChange = (keyword: string, old: unknown, now: unknown): Effect => {
  if (keyword !== 'multipleOf' || typeof old !== 'number' || typeof now !== 'number') return 'unknown'
  if (Number.isInteger(old / now)) return 'widen'
  return Number.isInteger(now / old) ? 'narrow' : 'incomparable'
}
