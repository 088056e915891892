import { countTokens } from './tokens-aside.ts'

/** The first items, as many as have at most `maxTokens` tokens as JSON, and at least one. A caller goes on behind them. */
export const fitItems = async <Item>(items: readonly Item[], maxTokens: number): Promise<readonly Item[]> => {
  const texts = items.map((item) => JSON.stringify(item))
  // A token is at least a byte.
  if (texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0) <= maxTokens) return items
  let spent = 0
  let count = 0
  for (const cost of await countTokens(texts)) {
    spent += cost + 1
    if (spent > maxTokens) break
    count++
  }
  return items.slice(0, Math.max(1, count))
}
