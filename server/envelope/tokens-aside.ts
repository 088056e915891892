import type { RowFormat, TokenCut } from './cut-at-tokens.ts'
import { entryBeside } from './entry-beside.ts'
import { ThreadAside } from './thread-aside.ts'

export type TokenRequest =
  | { readonly texts: readonly string[] }
  | { readonly text: string; readonly format: RowFormat; readonly maxTokens: number }

export type TokenReply = readonly number[] | TokenCut | undefined

/** Loading the tables of the tokenizer takes a quarter of a second, in which nobody else may wait. */
const thread = new ThreadAside<TokenRequest, TokenReply>(entryBeside(import.meta.url, 'token-worker'))

/** The tokens of each text. */
export const countTokens = async (texts: readonly string[]): Promise<readonly number[]> =>
  (await thread.ask({ texts })) as readonly number[]

/** `cutAtTokens`, see there. A text of no more bytes than tokens is not counted, since a token is at least a byte. */
export const cutTokens = async (text: string, bytes: number, format: RowFormat, maxTokens: number): Promise<TokenCut | undefined> =>
  bytes <= maxTokens ? undefined : ((await thread.ask({ text, format, maxTokens })) as TokenCut | undefined)
