import type { z } from 'zod'
import { valueAt } from '../../yaml/schema-at.ts'
import { checkShape, isSplitText } from './check-shape.ts'
import { isBlock } from './merge-boards.ts'

/** Parts that are left out may leave others incomplete; deeper than this nothing is. */
const maxRounds = 8

/** Blocks whose entries have names that others use. */
const namedEntries = new Set<PropertyKey>(['queries', 'variables', 'charts'])

export interface SoundValue {
  readonly value: Readonly<Record<string, unknown>>
  /** The queries, variables and charts that were left out as a whole, by the keys of their block as JSON, and what was written of each. */
  readonly refused: ReadonlyMap<string, ReadonlyMap<string, unknown>>
  /** What was left out, wherever it stood. */
  readonly dropped: readonly DroppedPart[]
}

export interface DroppedPart {
  readonly path: readonly PropertyKey[]
  readonly value: unknown
}

/**
 * The value without what the schema refuses, so that nothing later meets a value out of its bounds. Charts are kept whole:
 * each is checked again where it is compiled, and drawn as a message when it does not fit. Places in lists stay.
 */
export const keepSound = (schema: z.ZodType, value: unknown): SoundValue => {
  const refused = new Map<string, Map<string, unknown>>()
  const dropped: DroppedPart[] = []
  const sound = structuredClone(value)
  /** How often something was dropped from each place of a list. */
  const tries = new Map<string, number>()
  for (let round = 0; round < maxRounds; round++) {
    const faults = checkShape(schema, sound).faults.filter(({ path }) => !isOfChart(sound, path))
    if (faults.length === 0) return { value: isBlock(sound) ? sound : {}, refused, dropped }
    for (const { path, code } of faults) {
      const at = code === 'MISSING_KEY' ? path.slice(0, -1) : path
      dropSplit(sound, path)
      const tried = tries.get(JSON.stringify(at)) ?? 0
      tries.set(JSON.stringify(at), tried + 1)
      const part = { path: at, value: valueAt(sound, at) }
      if (tried === 0) dropped.push(part)
      if (at.length === 0) return { value: {}, refused, dropped }
      const block = at.slice(0, -1)
      const key = JSON.stringify(block)
      if (namedEntries.has(block.at(-1) ?? '') && part.value !== undefined)
        refused.set(key, (refused.get(key) ?? new Map<string, unknown>()).set(String(at.at(-1)), part.value))
      drop(sound, at, tried)
    }
  }
  return { value: {}, refused, dropped }
}

/** A value of which so much is refused that nothing is kept. */
export const nothingSound = (value: Readonly<Record<string, unknown>>): SoundValue => ({
  value: {},
  refused: new Map(),
  dropped: Object.entries(value).map(([key, part]) => ({ path: [key], value: part })),
})

/** What is sound of a chart that its schema refuses, keys that it lacks or not. It can be checked further, and not be drawn. */
export const soundParts = (schema: z.ZodType, chart: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const sound = structuredClone(chart) as Record<string, unknown>
  for (let round = 0; round < maxRounds; round++) {
    const faults = checkShape(schema, sound).faults.flatMap(({ path, code }) => {
      const at = code === 'MISSING_KEY' ? path.slice(0, -1) : path
      return at.length === 0 ? [] : [at]
    })
    if (faults.length === 0) return sound
    for (const at of faults) {
      dropSplit(sound, at)
      drop(sound, at, 0)
    }
  }
  return {}
}

/** The words of all that was left out: the names that it may have used are not missing for that. */
export const wordsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return value.match(/[A-Za-z_][\w-]*/g) ?? []
  if (Array.isArray(value)) return value.flatMap(wordsOf)
  return isBlock(value) ? Object.entries(value).flatMap(([key, inner]) => [key, ...wordsOf(inner)]) : []
}

/** What may stand in a list in place of what was refused: nothing, a part that shows nothing, one of a grid, a row without values, a tab. */
const fillers: readonly (() => unknown)[] = [() => null, () => ({}), () => ({ item: {} }), () => [], () => ({ title: '?' })]

/** Takes out what stands at a path; in a list another place holder is put there each time, and at last the list goes. */
const drop = (value: unknown, path: readonly PropertyKey[], tried: number): void => {
  const holder = valueAt(value, path.slice(0, -1))
  const key = path.at(-1) as PropertyKey
  const filler = fillers[tried]
  if (Array.isArray(holder) && filler !== undefined) holder[Number(key)] = filler()
  else if (Array.isArray(holder)) drop(value, path.slice(0, -1), 0)
  else if (isBlock(holder)) delete (holder as Record<PropertyKey, unknown>)[key]
}

/** Takes out the text that a comma has split, of which the key at a path is the rest: what is left of it is another one. */
const dropSplit = (value: unknown, path: readonly PropertyKey[]): void => {
  const holder = valueAt(value, path.slice(0, -1))
  if (!isBlock(holder)) return
  const isRest = (key: string): boolean => isSplitText(key, holder[key])
  const keys = Object.keys(holder)
  const at = keys.indexOf(String(path.at(-1)))
  if (at < 0 || !isRest(keys[at] as string)) return
  const split = keys.slice(0, at).findLast((key) => !isRest(key))
  if (split !== undefined) drop(value, [...path.slice(0, -1), split], 0)
}

/** Whether a path leads into a chart: one by name, or one that is written in a layout. */
const isOfChart = (value: unknown, path: readonly PropertyKey[]): boolean =>
  path.some((key, index) => {
    if (key === 'queries' || key === 'variables' || key === 'style') return false
    const at = path.slice(0, index + 1)
    const block = valueAt(value, at)
    if (!isBlock(block)) return false
    return path[index - 1] === 'charts' ? !at.includes('style') : typeof block.type === 'string' && isLayout(at)
  })

const isLayout = (path: readonly PropertyKey[]): boolean =>
  path.some((key) => key === 'rows' || key === 'cols' || key === 'item' || key === 'items')
