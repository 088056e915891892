/** The thread in which tokens are counted, see tokens-aside.ts. */
import { loadTokenCounter } from './count-tokens.ts'
import { cutAtTokens } from './cut-at-tokens.ts'
import { answerAside } from './thread-aside.ts'
import type { TokenReply, TokenRequest } from './tokens-aside.ts'

answerAside<TokenRequest, TokenReply>(async (request) => {
  if ('texts' in request) {
    const count = await loadTokenCounter()
    return request.texts.map(count)
  }
  return cutAtTokens(request.text, request.format, request.maxTokens)
})
