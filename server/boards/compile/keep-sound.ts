import type { z } from 'zod'
import { valueAt } from '../../yaml/schema-at.ts'
import { checkShape } from './check-shape.ts'
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
  for (let round = 0; round < maxRounds; round++) {
    const faults = checkShape(schema, sound).faults.filter(({ path }) => !isOfChart(sound, path))
    if (faults.length === 0) return { value: isBlock(sound) ? sound : {}, refused, dropped }
    for (const { path, code } of faults) {
      const at = code === 'MISSING_KEY' ? path.slice(0, -1) : path
      const part = { path: at, value: valueAt(sound, at) }
      dropped.push(part)
      if (at.length === 0) return { value: {}, refused, dropped }
      const block = at.slice(0, -1)
      const key = JSON.stringify(block)
      if (namedEntries.has(block.at(-1) ?? '') && part.value !== undefined)
        refused.set(key, (refused.get(key) ?? new Map<string, unknown>()).set(String(at.at(-1)), part.value))
      drop(sound, at)
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
    for (const at of faults) drop(sound, at)
  }
  return {}
}

/** The words of all that was left out: the names that it may have used are not missing for that. */
export const wordsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return value.match(/[A-Za-z_][\w-]*/g) ?? []
  if (Array.isArray(value)) return value.flatMap(wordsOf)
  return isBlock(value) ? Object.entries(value).flatMap(([key, inner]) => [key, ...wordsOf(inner)]) : []
}

const drop = (value: unknown, path: readonly PropertyKey[]): void => {
  const holder = valueAt(value, path.slice(0, -1))
  const key = path.at(-1) as PropertyKey
  if (Array.isArray(holder)) holder[Number(key)] = null
  else if (isBlock(holder)) delete (holder as Record<PropertyKey, unknown>)[key]
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
