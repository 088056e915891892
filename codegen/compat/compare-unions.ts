import type { JsonSchema } from '../json-schema.ts'
import type { KeywordChange } from './compare-keywords.ts'
import { type Found, isDenied, plainReference, resolved, visit, type Walk, withoutTexts } from './compare-schemas.ts'
import { armsOf, canonical, excludeEachOther } from './normal-form.ts'
import { sampleOf } from './samples.ts'

/** Arms that are plainly the same one are compared; of the rest, those that nothing on the other side covers count. */
export const compareUnions = (before: JsonSchema, after: JsonSchema, field: string, walk: Walk): Found[] => {
  const changes: Found[] = []
  const add = (change: KeywordChange) => changes.push({ ...change, field, schemas: [before, after], wraps: [] })
  const [old, now] = listedArms(before, after, walk)
  if (walk.purpose === 'output') compareOpenness(old, now, add)

  const names = new Set(old.listed.map(({ $ref }) => plainReference($ref)))
  const named = new Set(now.listed.map(({ $ref }) => plainReference($ref)).filter((name) => names.has(name)))
  const [oldByKey, nowByKey] = paired(
    Map.groupBy(old.listed, (arm) => armKey(arm, walk.before, named)),
    Map.groupBy(now.listed, (arm) => armKey(arm, walk.after, named)),
  )
  const isPaired = (key: string): boolean => oldByKey.get(key)?.length === 1 && nowByKey.get(key)?.length === 1
  for (const [key, [arm = {}]] of oldByKey) {
    if (!isPaired(key)) continue
    if (isDenied(changes, walk)) return changes
    const inner = visit(withoutTexts(arm), withoutTexts(nowByKey.get(key)?.[0] ?? {}), field, walk)
    changes.push(...(isOpenFor(arm, old, walk.before) ? inner.map(opened) : inner))
  }
  for (const [arms, others, isRemoved] of [
    [oldByKey, now.all, true],
    [nowByKey, old.all, false],
  ] as const)
    for (const [key, group] of arms)
      for (const arm of isPaired(key) ? [] : group) {
        const side = isRemoved ? walk : turned(walk)
        // An open arm takes whatever may come, and what is listed beside it is what there is today.
        if (others.filter((other) => !isOpen(other, others)).some((other) => isWithin(arm, other, side))) continue
        const change = { keywords: ['anyOf'], hints: () => [sampleOf(arm, side.before)] } as const
        const what = arm.type === 'null' ? 'null' : canonical(arm)
        const isNamedOnly = others.some((other) => isWithin(arm, other, side)) && (old.listed.length === 0 || now.listed.length === 0)
        if (isNamedOnly) add({ ...change, rule: 'text-changed', effect: 'text', message: `lists ${what}, or no longer` })
        else if (isRemoved)
          add({
            ...change,
            rule: arm.type === 'null' ? 'nullable-removed' : 'alternative-removed',
            effect: 'narrow',
            message: `no longer accepts ${what}`,
          })
        else {
          const rule = arm.type === 'null' ? 'nullable-added' : 'alternative-added'
          const isToldOf = isOpenFor(arm, old, walk.after)
          add({ ...change, rule, effect: 'widen', message: `now accepts ${what}`, ...(isToldOf && { guard: 'open' }) })
        }
      }
  return changes
}

interface Arms {
  readonly all: readonly JsonSchema[]
  /** Those that take everything of a type whose known values or forms others list. */
  readonly open: readonly JsonSchema[]
  readonly listed: readonly JsonSchema[]
}

/** The arms of both unions; only callers who receive values learn something from a list beside an open arm. */
const listedArms = (before: JsonSchema, after: JsonSchema, { purpose }: Walk): [Arms, Arms] => {
  const arms = [armsOf(before), armsOf(after)] as const
  const opens = new Set(arms.flatMap((side) => side.filter((arm) => isOpen(arm, side)).map(canonical)))
  const divide = (all: readonly JsonSchema[]): Arms => {
    const open = all.filter((arm) => opens.has(canonical(arm)))
    if (purpose === 'output') return { all, open, listed: all.filter((arm) => !open.includes(arm)) }
    return { all, open: [], listed: all.filter((arm) => open.includes(arm) || !open.some(({ type }) => type === arm.type)) }
  }
  return [divide(arms[0]), divide(arms[1])]
}

const isOpen = (arm: JsonSchema, arms: readonly JsonSchema[]): boolean => {
  const isBare = Object.keys(withoutTexts(arm)).length === 1 && (arm.type === 'string' || arm.type === 'object')
  return isBare && arms.some((other) => other !== arm && other.type === arm.type)
}

/** A list of values or forms that was closed is declared open, or the other way round. */
const compareOpenness = (old: Arms, now: Arms, add: (change: KeywordChange) => void): void => {
  if (old.open.length === now.open.length) return
  if (now.open.length > old.open.length)
    add({
      rule: 'values-opened',
      effect: 'widen',
      message: 'is declared open: more than is listed may come',
      keywords: ['anyOf'],
      guard: 'open',
    })
  // Callers were told to keep a branch for the rest, and are told now that there is none: their types no longer fit.
  else add({ rule: 'values-closed', effect: 'incomparable', message: 'is no longer declared open', keywords: ['anyOf'] })
}

/** Whether callers were told that more of the type of an arm may come than is listed. */
const isOpenFor = (arm: JsonSchema, { open }: Arms, definitions: Walk['before']): boolean => {
  const { type } = resolved(arm, definitions)
  return open.some((other) => other.type === type)
}

type ArmsByKey = Map<string, JsonSchema[]>

/** Where several arms have one key, those that are written alike have one of their own. */
const paired = (old: ArmsByKey, now: ArmsByKey): [ArmsByKey, ArmsByKey] => {
  const textOf = (arm: JsonSchema): string =>
    canonical(JSON.parse(JSON.stringify(arm, (key, value: unknown) => (key === '$ref' ? plainReference(value as string) : value))))
  const divided = (groups: ArmsByKey): ArmsByKey =>
    new Map(
      [...groups].flatMap(([key, arms]): [string, JsonSchema[]][] => {
        if (old.get(key)?.length === 1 && now.get(key)?.length === 1) return [[key, arms]]
        return [...Map.groupBy(arms, textOf)].map(([text, alike]) => [`${key} ${text}`, alike])
      }),
    )
  return [divided(old), divided(now)]
}

const opened = (change: Found): Found => (change.effect === 'widen' ? { ...change, guard: 'open' } : change)

/** The same way down with the sides changed. */
const turned = (walk: Walk): Walk => ({ ...walk, before: walk.after, after: walk.before, isTurned: !walk.isTurned })

/**
 * Whether all that one arm takes the other one takes as well, as far as can be told. Where definitions that hold each
 * other differ, asking each pair of arms would take for ever: only the same arm counts there.
 */
const isWithin = (arm: JsonSchema, other: JsonSchema, walk: Walk): boolean => {
  if (walk.isReferring && [arm, other].some(refers)) return canonical(arm) === canonical(other)
  if (excludeEachOther(resolved(arm, walk.before), resolved(other, walk.after))) return false
  return visit(arm, other, '', { ...walk, purpose: 'set', isAsking: true }).every(({ effect }) => effect === 'widen' || effect === 'equal')
}

const refers = (schema: JsonSchema): boolean => JSON.stringify(schema).includes('"$ref"')

/** What tells an arm from its siblings: its name where both sides have it, else its type, and the constants of a discriminator. */
const armKey = (written: JsonSchema, definitions: Walk['before'], named: ReadonlySet<string | undefined>): string => {
  const name = plainReference(written.$ref)
  if (name !== undefined && named.has(name)) return name
  const arm = resolved(written, definitions)
  const constants = Object.entries(arm.properties ?? {}).flatMap(([name, { enum: values }]) =>
    values?.length === 1 ? [name, values[0]] : [],
  )
  return JSON.stringify([arm.type, ...constants])
}
