import type { z } from 'zod'
import { valueAt } from '../../yaml/schema-at.ts'
import { checkShape } from './check-shape.ts'
import { isBlock } from './merge-boards.ts'

/** Parts that are left out may leave others incomplete; deeper than this nothing is. */
const maxRounds = 8

/**
 * The value without what the schema refuses, so that nothing later meets a value out of its bounds. Charts are kept whole:
 * each is checked again where it is compiled, and drawn as a message when it does not fit. Places in lists stay.
 */
export const keepSound = (schema: z.ZodType, value: unknown): Readonly<Record<string, unknown>> => {
  const sound = structuredClone(value)
  for (let round = 0; round < maxRounds; round++) {
    const faults = checkShape(schema, sound).filter(({ path }) => !isOfChart(sound, path))
    if (faults.length === 0) return isBlock(sound) ? sound : {}
    for (const { path, code } of faults) {
      const at = code === 'MISSING_KEY' ? path.slice(0, -1) : path
      if (at.length === 0) return {}
      drop(sound, at)
    }
  }
  return {}
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
