import { countTokens, cutTokens } from '../../envelope/tokens-aside.ts'
import type { Rows } from '../compiled-board.ts'

/** How many rows of each there is room for in `maxTokens` as JSON: what the small ones leave is for the large ones, in equal parts. */
export const fitRows = async (all: readonly Rows[], maxTokens: number): Promise<number[]> => {
  const counts = all.map(({ rows }) => rows.length)
  const texts = all.map(({ rows }) => JSON.stringify(rows))
  // A token is at least a byte.
  if (texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) <= maxTokens) return counts
  const costs = await countTokens(texts)
  const bySize = [...costs.entries()].sort(([, a], [, b]) => a - b)
  let left = maxTokens
  for (const [done, [index, cost]] of bySize.entries()) {
    const share = Math.floor(left / (bySize.length - done))
    const text = texts[index] as string
    if (cost > share) counts[index] = (await cutTokens(text, Buffer.byteLength(text), 'rows', share))?.rowCount ?? (counts[index] as number)
    left -= Math.min(cost, share)
  }
  return counts
}
