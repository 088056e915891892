import { lastBoundary, loadTokenCounter } from './count-tokens.ts'

/** The forms that rows are written in; see sources/row-writer.ts. */
export type RowFormat = 'rows' | 'csv' | 'markdown'

/** The start of a result that keeps a token limit. */
export interface TokenCut {
  /** Rows that fit; 0 when not even the first one does. */
  readonly rowCount: number
  /** Where they end, UTF-16 units; what closes the text comes behind. */
  readonly end: number
}

/** Characters that are counted before other texts get their turn. */
const turn = 32_768

/** Cuts written rows after the last one with which the whole text has at most `maxTokens` tokens; undefined when all fit. */
export const cutAtTokens = async (text: string, format: RowFormat, maxTokens: number): Promise<TokenCut | undefined> => {
  const count = await loadTokenCounter()
  const closing = format === 'rows' ? ']' : ''
  /** Tokens of the text before `counted`, which is a boundary. */
  let tokens = 0
  let counted = 0
  let rowCount = 0
  let fits = 0
  let nextTurn = turn
  for (const end of rowEnds(text, format)) {
    const boundary = lastBoundary(text, counted, end)
    tokens += count(text.slice(counted, boundary))
    counted = boundary
    if (tokens + count(text.slice(counted, end) + closing) > maxTokens) return { rowCount, end: fits }
    rowCount++
    fits = end
    if (counted < nextTurn) continue
    nextTurn = counted + turn
    await new Promise(setImmediate)
  }
  return undefined
}

const [lineFeed, quote, openBracket, backslash, closeBracket, openBrace, closeBrace] = [10, 34, 91, 92, 93, 123, 125]

/** Where each row ends, without the comma between rows and with the line feed after one. */
function* rowEnds(text: string, format: RowFormat): Generator<number> {
  if (format === 'rows') return yield* arrayEnds(text)
  let header = format === 'csv' ? 1 : 2
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote && format === 'csv') isQuoted = !isQuoted
    else if (code === lineFeed && !isQuoted && --header < 0) yield at + 1
  }
}

/** Where each array of a JSON array of arrays ends. */
function* arrayEnds(json: string): Generator<number> {
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === quote) {
      for (at++; json.charCodeAt(at) !== quote; at++) if (json.charCodeAt(at) === backslash) at++
    } else if (code === openBracket || code === openBrace) depth++
    else if (code === closeBracket || code === closeBrace) {
      depth--
      if (depth === 1) yield at + 1
    }
  }
}
