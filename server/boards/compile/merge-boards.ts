import { entryOf } from '../../envelope/entry-of.ts'

type Block = Readonly<Record<string, unknown>>

const layouts = ['rows', 'cols', 'grid', 'tabs']

/** Blocks whose entries are things of their own: an entry replaces another of its name, and is not mixed with it. */
const wholeEntries = new Set(['queries', 'variables'])

/** One board over another: blocks merge key by key, all else is replaced. A layout replaces any other. */
export const mergeBoards = (below: Block, above: Block): Block => {
  const kept = layouts.some((key) => key in above) ? omit(below, layouts) : below
  return mergeBlocks(kept, above)
}

export const mergeBlocks = (below: Block, above: Block): Block => {
  const merged: Record<string, unknown> = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const other = entryOf(merged, key)
    if (isBlock(value) && isBlock(other) && !(differ(value, other) || value === other))
      merged[key] = wholeEntries.has(key) ? { ...other, ...value } : mergeBlocks(other, value)
    else if (value !== null || other === undefined) merged[key] = value
  }
  return merged
}

/** Charts of two types share a name and nothing else. */
const differ = (a: Block, b: Block): boolean => typeof a.type === 'string' && typeof b.type === 'string' && a.type !== b.type

export const isBlock = (value: unknown): value is Block => typeof value === 'object' && value !== null && !Array.isArray(value)

const omit = (block: Block, keys: readonly string[]): Block =>
  Object.fromEntries(Object.entries(block).filter(([key]) => !keys.includes(key)))
