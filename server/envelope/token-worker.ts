/** The thread in which tokens are counted, see tokens-aside.ts. */
import { parentPort } from 'node:worker_threads'
import { loadTokenCounter } from './count-tokens.ts'
import { cutAtTokens } from './cut-at-tokens.ts'
import type { TokenReply, TokenRequest } from './tokens-aside.ts'

const answer = async (request: TokenRequest): Promise<TokenReply['value']> => {
  if ('texts' in request) {
    const count = await loadTokenCounter()
    return request.texts.map(count)
  }
  return cutAtTokens(request.text, request.format, request.maxTokens)
}

parentPort?.on('message', async (request: TokenRequest) => {
  parentPort?.postMessage({ id: request.id, value: await answer(request) } satisfies TokenReply)
})
