import { definitionName, type JsonSchema, joinFields } from '../json-schema.ts'
import {
  type Add,
  compareAnnotations,
  compareBounds,
  compareConstraints,
  compareOthers,
  comparePatterns,
  compareTypes,
  compareValues,
  compareWhole,
  type KeywordChange,
} from './compare-keywords.ts'
import { compareProperties } from './compare-objects.ts'
import { compareUnions } from './compare-unions.ts'
import { findWitness, type Place, type Witness, type Wrap } from './find-witness.ts'
import { type Direction, type Effect, type Guard, levelOf } from './law.ts'
import { canonical, isBareUnion, normalise } from './normal-form.ts'
import type { RuleName } from './rules.ts'
import { sampleOf } from './samples.ts'

/** In which direction values travel; `set` asks for the sets alone, whatever they are used for. */
export type Purpose = Direction | 'set'

export interface SchemaChange {
  /** Dotted field; `[]` stands for the items of an array, `*` for the values of a map, empty for the root. */
  readonly field: string
  readonly rule: RuleName
  readonly effect: Effect
  readonly guard?: Guard
  readonly message: string
  /** The new text, where that is what changed. */
  readonly text?: string
  /** A whole value that one side accepts and the other refuses, proved; absent when none was found, or none is asked for. */
  readonly witness?: Witness
}

/** A change whose witness is still to be found. */
export interface Found extends KeywordChange, Place {
  readonly field: string
}

/** What stays the same on the way down two schemas. */
export interface Walk {
  readonly purpose: Purpose
  readonly before: Readonly<Record<string, JsonSchema>>
  readonly after: Readonly<Record<string, JsonSchema>>
  /** Whether it is only asked if one set lies within the other, so that the first change that denies it ends the walk. */
  readonly isAsking: boolean
  /** Whether references lead to other definitions on one side than on the other. */
  readonly isReferring: boolean
  /** Whether the sides have changed places, as when it is asked what an arm that is new lies within. */
  readonly isTurned: boolean
  /**
   * Pairs of definitions that are compared already. Their changes are told once; where it is asked whether one set lies
   * within another, they count each time.
   */
  readonly compared: Map<string, readonly Found[]>
}

/** Every way in which what `after` accepts differs from what `before` does. Breaking and dangerous ones carry a witness. */
export const compareSchemas = (before: JsonSchema, after: JsonSchema, purpose: Purpose): SchemaChange[] => {
  if (before === after || JSON.stringify(before) === JSON.stringify(after)) return []
  const old = normalise(before)
  const now = withNewNames(normalise(after), old)
  const isReferring = JSON.stringify(old.$defs) !== JSON.stringify(now.$defs)
  const walk: Walk = {
    purpose,
    before: old.$defs ?? {},
    after: now.$defs ?? {},
    isAsking: false,
    isReferring,
    isTurned: false,
    compared: new Map(),
  }
  return visit(old, now, '', walk).map((found) => {
    const { field, rule, effect, guard, message, text } = found
    const isGrave = purpose === 'set' || ['breaking', 'dangerous'].includes(levelOf(purpose, effect, guard))
    const witness = isGrave && !isBehaviour(found) ? findWitness(old, now, found, purpose) : undefined
    return {
      ...{ field, rule, effect, message },
      ...(guard !== undefined && { guard }),
      ...(text !== undefined && { text }),
      ...(witness !== undefined && { witness }),
    }
  })
}

/** Marks the name of a definition that says something else than the one of that name on the other side. */
const newName = '~'

/** The name of a reference without that mark. */
export const plainReference = (ref: string | undefined): string | undefined => (ref?.endsWith(newName) ? ref.slice(0, -1) : ref)

/**
 * Gives definitions that are not what they were another name, and those that lead to them: then equal text means equal
 * values wherever a reference stands.
 */
const withNewNames = (now: JsonSchema, old: JsonSchema): JsonSchema => {
  const [before, after] = [old.$defs ?? {}, now.$defs ?? {}]
  const names = Object.keys(after).filter((name) => Object.hasOwn(before, name))
  const changed = new Set(names.filter((name) => canonical(before[name]) !== canonical(after[name])))
  const refersTo = (name: string, target: string): boolean => JSON.stringify(after[name]).includes(`"#/$defs/${target}"`)
  for (const target of changed) for (const name of names) if (refersTo(name, target)) changed.add(name)
  if (changed.size === 0) return now
  const renamed = JSON.parse(
    JSON.stringify(now, (key, value: unknown) =>
      key === '$ref' && typeof value === 'string' && changed.has(definitionName(value)) ? `${value}${newName}` : value,
    ),
  ) as JsonSchema
  const named = Object.entries(renamed.$defs ?? {}).map(([name, one]) => [changed.has(name) ? `${name}${newName}` : name, one] as const)
  return { ...renamed, $defs: Object.fromEntries(named) }
}

/** Changes of what is read or assumed, which no value shows. */
const isBehaviour = ({ keywords }: Found): boolean =>
  keywords.every((keyword) => ['default', 'title', 'description', 'examples', 'deprecated'].includes(keyword))

/** As `compareSchemas`, below the root and without witnesses. */
export const visit = (before: JsonSchema, after: JsonSchema, field: string, walk: Walk): Found[] => {
  const changes: Found[] = []
  const add: Add = (change) => changes.push({ ...change, field, schemas: [before, after], wraps: [] })
  if (walk.purpose !== 'set') compareAnnotations(before, after, walk.purpose, add)
  if (before.$ref !== undefined || after.$ref !== undefined) return [...changes, ...compareReferences(before, after, field, walk)]
  if (isSame(before, after, walk)) return changes
  if (compareWhole(before, after, add)) return changes

  if (before.anyOf !== undefined || after.anyOf !== undefined) {
    if (isUnionOrPlain(before) && isUnionOrPlain(after)) return [...changes, ...compareUnions(before, after, field, walk)]
    compareBesideUnions(before, after, add)
  }
  if (!compareTypes(before, after, add)) return changes
  if (compareValues(before, after, walk, add)) return changes
  compareBounds(before, after, add)
  comparePatterns(before, after, add)
  compareConstraints(before, after, add)
  compareOthers(before, after, add)
  if (isDenied(changes, walk)) return changes
  if (before.type === 'array') changes.push(...compareItems(before, after, field, walk))
  if (before.type === 'object') changes.push(...compareProperties(before, after, field, walk))
  return changes
}

/** Whether what was found so far ends a walk that only asks. */
export const isDenied = (changes: readonly Found[], { isAsking }: Walk): boolean =>
  isAsking && changes.some(({ effect }) => effect !== 'widen' && effect !== 'equal')

/** Whether both are the same to the letter, and so is what they refer to. */
const isSame = (before: JsonSchema, after: JsonSchema, walk: Walk): boolean => {
  const text = JSON.stringify(before)
  return text === JSON.stringify(after) && (!walk.isReferring || !text.includes('"$ref"'))
}

const isUnionOrPlain = (schema: JsonSchema): boolean => schema.anyOf === undefined || isBareUnion(schema)

/** A union beside other keywords is one more constraint. */
const compareBesideUnions = ({ anyOf: old }: JsonSchema, { anyOf: now }: JsonSchema, add: Add): void => {
  if (canonical(old) === canonical(now)) return
  const [rule, effect] = (
    old === undefined
      ? ['constraint-added', 'narrow']
      : now === undefined
        ? ['constraint-removed', 'widen']
        : ['constraint-changed', 'unknown']
  ) as [RuleName, Effect]
  add({ rule, effect, message: 'what one of several arms must hold, beside the rest, changed', keywords: ['anyOf'] })
}

/** Definitions that hold themselves: each pair is compared once. */
const compareReferences = (before: JsonSchema, after: JsonSchema, field: string, walk: Walk): Found[] => {
  const key = `${walk.isTurned} ${walk.purpose} ${before.$ref ?? canonical(before)} ${after.$ref ?? canonical(after)}`
  const known = walk.compared.get(key)
  if (known !== undefined) return [...known]
  walk.compared.set(key, [])
  const changes = visit(withoutTexts(resolved(before, walk.before)), withoutTexts(resolved(after, walk.after)), field, walk)
  if (walk.purpose !== 'set') return changes
  // One change of each effect answers the question, and lists of all would grow with every reference.
  const telling = [...new Map(changes.map((change) => [change.effect, change])).values()]
  walk.compared.set(key, telling)
  return telling
}

/** What a reference leads to, with what stands beside it. */
export const resolved = ({ $ref, ...beside }: JsonSchema, definitions: Walk['before']): JsonSchema =>
  $ref === undefined ? beside : { ...resolved(definitions[definitionName($ref)] ?? {}, definitions), ...beside }

/** Puts the witnesses of inner changes into a whole value of the outer schema. */
export const within = (changes: readonly Found[], wrap: Wrap): Found[] =>
  changes.map((change) => ({ ...change, wraps: [...change.wraps, wrap] }))

/** The texts of a union are those of the whole. */
export const withoutTexts = ({
  description: _description,
  title: _title,
  default: _default,
  examples: _examples,
  deprecated: _deprecated,
  ...schema
}: JsonSchema): JsonSchema => schema

const compareItems = (before: JsonSchema, after: JsonSchema, field: string, walk: Walk): Found[] => {
  const [old, now] = [before.prefixItems ?? [], after.prefixItems ?? []]
  if (old.length !== now.length)
    return [
      {
        field,
        rule: 'tuple-changed',
        effect: 'incomparable',
        message: `had ${old.length} places and has ${now.length}`,
        keywords: ['prefixItems', 'items'],
        schemas: [before, after],
        wraps: [],
      },
    ]
  const places = old.flatMap((place, index) =>
    within(visit(place, now[index] ?? {}, joinFields(field, `[${index}]`), walk), intoPlaces(index, before, after, walk)),
  )
  const rest = visit(before.items ?? {}, after.items ?? {}, joinFields(field, '[]'), walk)
  return [...places, ...within(rest, intoPlaces(old.length, before, after, walk))]
}

/** Puts a value at a place of a list, with others before it and behind it as they must be. */
const intoPlaces =
  (index: number, before: JsonSchema, after: JsonSchema, { before: old, after: now }: Walk): Wrap =>
  (side, item) => {
    const [{ prefixItems = [], items = {}, minItems = 0 }, definitions] = side === 'before' ? [before, old] : [after, now]
    const list = Array.from({ length: Math.max(index + 1, minItems) }, (_, at) => {
      if (at === index || (index === prefixItems.length && at > index)) return item
      return sampleOf(prefixItems[at] ?? items, definitions)
    })
    return list.includes(undefined) ? undefined : list
  }
