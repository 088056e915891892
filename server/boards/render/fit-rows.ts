import { countTokens, cutTokens } from '../../envelope/tokens-aside.ts'
import type { Rows } from '../compiled-board.ts'
import { EncodedRows } from '../encoded-rows.ts'

export interface FittedRows {
  /** An array of arrays, as JSON. */
  readonly json: string
  readonly isCut: boolean
}

/** As many rows of each as there is room for in `maxTokens` as JSON: what the small ones leave is for the large ones, in equal parts. */
export const fitRows = async (all: readonly Rows[], maxTokens: number): Promise<FittedRows[]> => {
  const texts = all.map((rows) => (rows instanceof EncodedRows ? rows.json.text : JSON.stringify(rows.rows)))
  const sizes = texts.map((text) => Buffer.byteLength(text))
  const fitted = texts.map((json): FittedRows => ({ json, isCut: false }))
  // A token is at least a byte.
  if (sizes.reduce((sum, size) => sum + size, 0) <= maxTokens) return fitted
  const bySize = [...sizes.entries()].sort(([, a], [, b]) => a - b)
  let left = maxTokens
  for (const [done, [index, size]] of bySize.entries()) {
    const share = Math.floor(left / (bySize.length - done))
    const text = texts[index] as string
    const cut = await cutTokens(text, size, 'rows', share)
    if (cut === undefined) left -= (await countTokens([text]))[0] as number
    else {
      left -= share
      fitted[index] = { json: cut.rowCount === 0 ? '[]' : `${text.slice(0, cut.end)}]`, isCut: true }
    }
  }
  return fitted
}
