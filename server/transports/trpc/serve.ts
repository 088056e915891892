import type { Dispatcher } from '../../dispatch/dispatch.ts'
import type { Envelope } from '../../envelope/envelope.ts'
import type { CallerApp } from '../http/caller-app.ts'
import { isOpenedByOtherPage, refusedOrigin } from '../http/local-only.ts'
import { encodeResponse } from '../rest/encode.ts'
import type { Handle } from './router.ts'

/**
 * The tRPC door: every tool is a query at `/trpc`, by GET or POST; the answer of a procedure is the envelope. `untold`: an answer as it
 * is for someone who is not known.
 */
export const serveTrpc = (app: CallerApp, dispatcher: Dispatcher, untold: (envelope: Envelope) => Envelope): void => {
  let loading: Promise<Handle> | undefined
  app.all('/trpc/*', async (context) => {
    // A call by GET is an address like any other.
    if (isOpenedByOtherPage(context.req.raw.headers)) return encodeResponse(dispatcher.refuse(undefined, refusedOrigin()))
    loading ??= import('./router.ts').then(({ createTrpcHandler }) => createTrpcHandler(dispatcher, untold))
    const handle = await loading
    return handle(context.req.raw, context.get('refused') ?? context.get('caller'))
  })
}
