import type { Hono } from 'hono'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import type { Handle } from './router.ts'

/** The tRPC door: every tool is a query at `/trpc`, by GET or POST; the answer of a procedure is the envelope. */
export const serveTrpc = (app: Hono, dispatcher: Dispatcher): void => {
  let loading: Promise<Handle> | undefined
  app.all('/trpc/*', async (context) => {
    loading ??= import('./router.ts').then(({ createTrpcHandler }) => createTrpcHandler(dispatcher))
    const handle = await loading
    return handle(context.req.raw)
  })
}
