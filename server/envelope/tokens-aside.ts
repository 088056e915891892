import { Worker } from 'node:worker_threads'
import type { RowFormat, TokenCut } from './cut-at-tokens.ts'
import { entryBeside } from './entry-beside.ts'

export type TokenRequest = { readonly id: number } & (
  | { readonly texts: readonly string[] }
  | { readonly text: string; readonly format: RowFormat; readonly maxTokens: number }
)

export interface TokenReply {
  readonly id: number
  readonly value: readonly number[] | TokenCut | undefined
}

interface Waiter {
  readonly resolve: (value: TokenReply['value']) => void
  readonly reject: (error: unknown) => void
}

let worker: Worker | undefined
const waiting = new Map<number, Waiter>()
let lastId = 0

/**
 * Tokens are counted in a thread of its own, started on first use: loading the tables of the tokenizer takes a quarter of
 * a second, in which nobody else may wait.
 */
const ask = (request: TokenRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never): Promise<TokenReply['value']> =>
  new Promise((resolve, reject) => {
    worker ??= startWorker()
    worker.ref()
    waiting.set(++lastId, { resolve, reject })
    worker.postMessage({ id: lastId, ...request })
  })

const startWorker = (): Worker => {
  const started = new Worker(entryBeside(import.meta.url, 'token-worker'))
  started.on('message', ({ id, value }: TokenReply) => {
    waiting.get(id)?.resolve(value)
    waiting.delete(id)
    // The server may end while nobody waits.
    if (waiting.size === 0) started.unref()
  })
  started.on('error', (error) => {
    worker = undefined
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  })
  return started
}

/** The tokens of each text. */
export const countTokens = async (texts: readonly string[]): Promise<readonly number[]> => (await ask({ texts })) as readonly number[]

/** `cutAtTokens`, see there. A text of no more bytes than tokens is not counted, since a token is at least a byte. */
export const cutTokens = async (text: string, bytes: number, format: RowFormat, maxTokens: number): Promise<TokenCut | undefined> =>
  bytes <= maxTokens ? undefined : ((await ask({ text, format, maxTokens })) as TokenCut | undefined)
